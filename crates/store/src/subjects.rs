//! Persons, as keyed hashes: their ids and their behaviours.

use std::sync::LazyLock;

use domain::features::Behaviour;
use domain::subject::{IdHash, SubjectHash};
use domain::time::Timestamp;

use crate::{StoreError, Tx, Value};

/// Rows of one statement. Rows one by one cost PostgreSQL a round trip each.
const BLOCK: usize = 64;

/// Maps ids to subjects, in place of what they mapped to before; of an id that comes twice the last
/// one counts.
pub fn put_mappings(
    tx: &mut Tx<'_>,
    mut mappings: Vec<(IdHash, SubjectHash)>,
) -> Result<(), StoreError> {
    static SQL: LazyLock<[String; 2]> = LazyLock::new(|| {
        upserts(
            "INSERT INTO id_mappings (id_hash, subject) VALUES",
            2,
            "ON CONFLICT (id_hash) DO UPDATE SET subject = excluded.subject
             WHERE id_mappings.subject <> excluded.subject",
        )
    });
    mappings.sort_by_key(|(id, _)| *id);
    let last = last_of_each(&mappings, |a, b| a.0 == b.0);
    put(tx, &SQL, &last, |(id, subject)| vec![(&id.0).into(), (&subject.0).into()])
}

/// Records behaviours; the same one (subject, kind, name, time) again takes the new value.
pub fn put_behaviours(
    tx: &mut Tx<'_>,
    mut behaviours: Vec<(SubjectHash, Behaviour)>,
) -> Result<(), StoreError> {
    static SQL: LazyLock<[String; 2]> = LazyLock::new(|| {
        upserts(
            "INSERT INTO behaviours (subject, kind, name, at, value) VALUES",
            5,
            "ON CONFLICT (subject, kind, name, at) DO UPDATE SET value = excluded.value
             WHERE behaviours.value <> excluded.value",
        )
    });
    behaviours.sort_by(|a, b| place(a).cmp(&place(b)));
    let last = last_of_each(&behaviours, |a, b| place(a) == place(b));
    put(tx, &SQL, &last, |(subject, behaviour)| {
        vec![
            (&subject.0).into(),
            behaviour.kind.as_str().into(),
            behaviour.name.as_str().into(),
            behaviour.at.0.into(),
            behaviour.value.as_str().into(),
        ]
    })
}

/// What is unique of a behaviour.
fn place((subject, behaviour): &(SubjectHash, Behaviour)) -> (&SubjectHash, &str, &str, Timestamp) {
    (subject, &behaviour.kind, &behaviour.name, behaviour.at)
}

/// The statements for a block of rows and for one.
pub(crate) fn upserts(insert: &str, columns: usize, conflict: &str) -> [String; 2] {
    [BLOCK, 1].map(|rows| {
        let row = |row: usize| {
            let cells: Vec<String> =
                (1..=columns).map(|cell| format!("?{}", row * columns + cell)).collect();
            format!("({})", cells.join(", "))
        };
        let rows: Vec<String> = (0..rows).map(row).collect();
        format!("{insert} {} {conflict}", rows.join(", "))
    })
}

/// The last of those that are the `same`, of sorted rows: PostgreSQL refuses to change a row twice
/// in one statement.
pub(crate) fn last_of_each<T>(sorted: &[T], same: impl Fn(&T, &T) -> bool) -> Vec<&T> {
    let is_last = |at: &usize| sorted.get(at + 1).is_none_or(|next| !same(&sorted[*at], next));
    (0..sorted.len()).filter(is_last).map(|at| &sorted[at]).collect()
}

pub(crate) fn put<T>(
    tx: &mut Tx<'_>,
    [block_sql, row_sql]: &'static [String; 2],
    rows: &[&T],
    values: impl Fn(&T) -> Vec<Value>,
) -> Result<(), StoreError> {
    let (blocks, rest) = rows.as_chunks::<BLOCK>();
    for block in blocks {
        let values: Vec<Value> = block.iter().flat_map(|row| values(row)).collect();
        tx.execute(block_sql, &values)?;
    }
    for row in rest {
        tx.execute(row_sql, &values(row))?;
    }
    Ok(())
}

/// What was erased of a person, in rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    pub ids: u64,
    pub behaviours: u64,
    /// Who asked about the person.
    pub inquiries: u64,
    /// The scores that were given, with their reasons.
    pub explanations: u64,
    /// What was collected, and how.
    pub sessions: u64,
    pub datasets: u64,
    pub consents: u64,
    /// What merchants were told of the person, or were to be.
    pub callbacks: u64,
    /// Applications for a loan, with what was decided on them.
    pub applications: u64,
}

/// Erases all that is kept of a person. The journal stays: its rows lead to nobody.
pub fn erase(tx: &mut Tx<'_>, subject: &SubjectHash) -> Result<Erased, StoreError> {
    let of = || [(&subject.0).into()];
    let explanations = tx.execute(
        "DELETE FROM explanations WHERE biz IN (SELECT biz FROM inquiries WHERE subject = ?1)",
        &of(),
    )?;
    tx.execute(
        "DELETE FROM answers WHERE biz IN (SELECT biz FROM inquiries WHERE subject = ?1)",
        &of(),
    )?;
    // What merchants have of the person as their borrower goes with the reports that name it.
    let borrowers = crate::sessions::borrowers_of(tx, subject)?;
    let (mut sessions, mut consents, mut callbacks) = (0, 0, 0);
    for (borrower, _) in &borrowers {
        crate::subject_keys::erase(tx, &borrower.subject)?;
        sessions += crate::sessions::erase(tx, &borrower.subject)?;
        consents += crate::consents::erase(tx, &borrower.subject)?;
        callbacks += crate::callbacks::erase(tx, &borrower.subject)?;
    }
    // With the key goes whatever a backup or a page of the file still holds of the person.
    crate::subject_keys::erase(tx, subject)?;
    crate::overrides::erase(tx, subject)?;
    Ok(Erased {
        inquiries: crate::inquiries::erase(tx, subject)?,
        behaviours: tx.execute("DELETE FROM behaviours WHERE subject = ?1", &of())?,
        ids: tx.execute("DELETE FROM id_mappings WHERE subject = ?1", &of())?,
        explanations,
        sessions: sessions + crate::sessions::erase(tx, subject)?,
        datasets: crate::datasets::erase(tx, subject)?,
        consents: consents + crate::consents::erase(tx, subject)?,
        callbacks: callbacks + crate::callbacks::erase(tx, subject)?,
        applications: crate::applications::erase(tx, subject)?,
    })
}
