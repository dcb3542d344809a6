//! The register of unmasked views: who looked at a person's data in the clear, when and why.

use domain::subject::SubjectHash;
use domain::time::Timestamp;

use crate::audit_log::{self, NewNote};
use crate::{StoreError, Tx};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// 32 hexadecimal digits.
    pub id: String,
    pub at: Timestamp,
    /// Who looked: an operator's name, or the system's account.
    pub actor: String,
    pub subject: SubjectHash,
    /// What was shown: `export`, `dataset` …
    pub what: String,
    pub reason: String,
}

/// Registers a view, and notes it in the audit log; without the reason, which may name the person.
pub fn note(tx: &mut Tx<'_>, view: &View) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO unmasked_views (id, at, actor, subject, what, reason)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        &[
            view.id.as_str().into(),
            view.at.0.into(),
            view.actor.as_str().into(),
            (&view.subject.0).into(),
            view.what.as_str().into(),
            view.reason.as_str().into(),
        ],
    )?;
    let detail = serde_json::json!({ "what": view.what }).to_string();
    let note = NewNote {
        actor: &view.actor,
        action: "unmasked.view",
        target: &view.id,
        detail_json: &detail,
        at: view.at,
    };
    audit_log::append(tx, &note)?;
    Ok(())
}

/// The newest views, at most `limit`.
pub fn newest(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<View>, StoreError> {
    let sql = "SELECT id, at, actor, subject, what, reason FROM unmasked_views
               ORDER BY at DESC, id LIMIT ?1";
    let rows = tx.query(sql, &[limit.into()])?;
    let views = rows.iter().map(|row| {
        Ok(View {
            id: row.text(0)?.to_owned(),
            at: Timestamp(row.int(1)?),
            actor: row.text(2)?.to_owned(),
            subject: SubjectHash(row.array(3)?),
            what: row.text(4)?.to_owned(),
            reason: row.text(5)?.to_owned(),
        })
    });
    views.collect()
}
