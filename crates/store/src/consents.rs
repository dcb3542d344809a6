//! Consents: whose, to whom, for what, until when.

use domain::consent::{Consent, ConsentKind, Purpose, Scope};
use domain::ids::MerchantId;
use domain::source::SourceKind;
use domain::subject::SubjectHash;
use domain::time::Timestamp;

use crate::value::{Row, corrupt};
use crate::{StoreError, Tx};

macro_rules! select {
    ($($rest:expr),+) => {
        concat!(
            "SELECT id, merchant, subject, source, purpose, account, kind, text_version,
                 text_sha256, from_at, until_at, withdrawn_at FROM consents ",
            $($rest),+
        )
    };
}

/// The person `?1`, also as a borrower of a merchant where a credit report told who the borrower
/// is: a report's id begins with its borrower's. One list, so that the index on consents serves
/// both; of `subject = ?1 OR subject IN (…)` PostgreSQL makes a look at every consent there is.
macro_rules! persons {
    () => {
        "subject IN (SELECT ?1 UNION ALL
             SELECT s.subject FROM datasets d
             JOIN sessions s ON s.open_id = substr(d.open_id, 1, 32)
             WHERE d.subject = ?1 AND d.source = 'credit')"
    };
}

/// Keeps a consent with its sealed evidence.
pub fn insert(tx: &mut Tx<'_>, consent: &Consent, evidence: &[u8]) -> Result<(), StoreError> {
    let Scope { merchant, subject, source, purpose, account } = &consent.scope;
    tx.execute(
        "INSERT INTO consents (id, merchant, subject, source, purpose, account, kind,
             text_version, text_sha256, from_at, until_at, withdrawn_at, evidence)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        &[
            consent.id.as_str().into(),
            merchant.0.into(),
            (&subject.0).into(),
            source.as_str().into(),
            purpose.as_str().into(),
            account.as_ref().map(<[u8; 32]>::as_slice).into(),
            consent.kind.as_str().into(),
            consent.text_version.as_str().into(),
            consent.text_sha256.as_str().into(),
            consent.from.0.into(),
            consent.until.0.into(),
            consent.withdrawn_at.map(|at| at.0).into(),
            evidence.into(),
        ],
    )?;
    Ok(())
}

/// Keeps a consent that a merchant declares, unless the person withdrew meanwhile.
pub fn declare(tx: &mut Tx<'_>, consent: &Consent, evidence: &[u8]) -> Result<(), StoreError> {
    if is_withdrawn(tx, &consent.scope)? { Ok(()) } else { insert(tx, consent, evidence) }
}

/// Whether the person withdrew such a consent, also as a borrower, and has given none itself since.
pub fn is_withdrawn(tx: &mut Tx<'_>, wanted: &Scope) -> Result<bool, StoreError> {
    // What calls declared and nobody withdrew says nothing here, and there can be much of it.
    let sql = select!(
        "WHERE merchant = ?2 AND source = ?3 AND purpose = ?4
             AND (kind <> 'declared' OR withdrawn_at IS NOT NULL)
             AND ",
        persons!()
    );
    let key = [
        (&wanted.subject.0).into(),
        wanted.merchant.0.into(),
        wanted.source.as_str().into(),
        wanted.purpose.as_str().into(),
    ];
    let mut found: Vec<Consent> =
        tx.query(sql, &key)?.iter().map(read).collect::<Result<_, _>>()?;
    // Whichever name it was given under, it is the same person's.
    for consent in &mut found {
        consent.scope.subject = wanted.subject;
    }
    let same = || found.iter().filter(|consent| consent.covers(wanted));
    let Some(withdrawn) = same().filter_map(|consent| consent.withdrawn_at).max() else {
        return Ok(false);
    };
    let is_newer =
        |consent: &Consent| consent.kind != ConsentKind::Declared && consent.from >= withdrawn;
    Ok(!same().any(is_newer))
}

/// A consent that covers `wanted` and is in force, if there is one.
pub fn covering(
    tx: &mut Tx<'_>,
    wanted: &Scope,
    now: Timestamp,
) -> Result<Option<Consent>, StoreError> {
    let sql = select!("WHERE subject = ?1 AND merchant = ?2 AND source = ?3 ORDER BY from_at DESC");
    let key = [(&wanted.subject.0).into(), wanted.merchant.0.into(), wanted.source.as_str().into()];
    for row in &tx.query(sql, &key)? {
        let consent = read(row)?;
        if consent.covers(wanted) && consent.in_force(now) {
            return Ok(Some(consent));
        }
    }
    Ok(None)
}

/// Whether data of the person's that is here may be used as `wanted` says: by a consent in force
/// that the person gave, also as a borrower of the merchant; by what the merchant declared only
/// while the person has not withdrawn.
pub fn allows_use(tx: &mut Tx<'_>, wanted: &Scope, now: Timestamp) -> Result<bool, StoreError> {
    let sql = concat!(
        "SELECT 1 FROM consents
         WHERE merchant = ?2 AND source = ?3 AND purpose = ?4 AND (account IS NULL OR account = ?5)
             AND from_at <= ?6 AND until_at > ?6 AND (withdrawn_at IS NULL OR withdrawn_at > ?6)
             AND kind <> ?7 AND ",
        persons!(),
        " LIMIT 1"
    );
    let is_there = |tx: &mut Tx<'_>, besides: &str| -> Result<bool, StoreError> {
        let key = [
            (&wanted.subject.0).into(),
            wanted.merchant.0.into(),
            wanted.source.as_str().into(),
            wanted.purpose.as_str().into(),
            wanted.account.as_ref().map(<[u8; 32]>::as_slice).into(),
            now.0.into(),
            besides.into(),
        ];
        Ok(tx.first(sql, &key)?.is_some())
    };
    let declared = ConsentKind::Declared.as_str();
    Ok(is_there(tx, "")? && (!is_withdrawn(tx, wanted)? || is_there(tx, declared)?))
}

pub fn get(tx: &mut Tx<'_>, id: &str) -> Result<Option<Consent>, StoreError> {
    let sql = select!("WHERE id = ?1");
    tx.first(sql, &[id.into()])?.as_ref().map(read).transpose()
}

/// A person's consents, newest first; those that it gave as a borrower of a merchant among them,
/// where a credit report told who the borrower is.
pub fn of_subject(tx: &mut Tx<'_>, subject: &SubjectHash) -> Result<Vec<Consent>, StoreError> {
    let sql = select!("WHERE ", persons!(), " ORDER BY from_at DESC, id");
    tx.query(sql, &[(&subject.0).into()])?.iter().map(read).collect()
}

/// Ends a consent now, and with it those that were declared for the same, also of the person as a
/// borrower; says whether it was there and not withdrawn before.
pub fn withdraw(tx: &mut Tx<'_>, id: &str, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE consents SET withdrawn_at = ?2 WHERE id = ?1 AND withdrawn_at IS NULL";
    if tx.execute(sql, &[id.into(), now.0.into()])? == 0 {
        return Ok(false);
    }
    let Some(Consent { scope, .. }) = get(tx, id)? else { return Ok(true) };
    for other in of_subject(tx, &scope.subject)? {
        let is_same = Scope { subject: scope.subject, ..other.scope } == scope;
        let is_declared = other.kind == ConsentKind::Declared && other.withdrawn_at.is_none();
        if is_same && is_declared {
            tx.execute(sql, &[other.id.as_str().into(), now.0.into()])?;
        }
    }
    Ok(true)
}

/// Erases a person's consents; gives how many there were.
pub fn erase(tx: &mut Tx<'_>, subject: &SubjectHash) -> Result<u64, StoreError> {
    tx.execute("DELETE FROM consents WHERE subject = ?1", &[(&subject.0).into()])
}

fn read(row: &Row) -> Result<Consent, StoreError> {
    let account = match row.maybe_bytes(5)? {
        None => None,
        Some(bytes) => Some(bytes.try_into().map_err(|_| corrupt("consents.account"))?),
    };
    Ok(Consent {
        id: row.text(0)?.to_owned(),
        scope: Scope {
            merchant: MerchantId(row.int(1)?),
            subject: SubjectHash(row.array(2)?),
            source: SourceKind::parse(row.text(3)?).ok_or_else(|| corrupt("consents.source"))?,
            purpose: Purpose::parse(row.text(4)?).ok_or_else(|| corrupt("consents.purpose"))?,
            account,
        },
        kind: ConsentKind::parse(row.text(6)?).ok_or_else(|| corrupt("consents.kind"))?,
        text_version: row.text(7)?.to_owned(),
        text_sha256: row.text(8)?.to_owned(),
        from: Timestamp(row.int(9)?),
        until: Timestamp(row.int(10)?),
        withdrawn_at: row.maybe_int(11)?.map(Timestamp),
    })
}
