//! Persons, as keyed hashes: their ids and their behaviours.

use domain::features::Behaviour;
use domain::subject::{IdHash, SubjectHash};

use crate::{StoreError, Tx};

/// Maps an id to a subject, in place of what it mapped to before.
pub fn put_mapping(tx: &mut Tx<'_>, id: &IdHash, subject: &SubjectHash) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO id_mappings (id_hash, subject) VALUES (?1, ?2)
         ON CONFLICT (id_hash) DO UPDATE SET subject = excluded.subject",
        &[(&id.0).into(), (&subject.0).into()],
    )?;
    Ok(())
}

/// Records a behaviour; the same one (subject, kind, name, time) again takes the new value.
pub fn put_behaviour(
    tx: &mut Tx<'_>,
    subject: &SubjectHash,
    behaviour: &Behaviour,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO behaviours (subject, kind, name, at, value) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (subject, kind, name, at) DO UPDATE SET value = excluded.value",
        &[
            (&subject.0).into(),
            behaviour.kind.as_str().into(),
            behaviour.name.as_str().into(),
            behaviour.at.0.into(),
            behaviour.value.as_str().into(),
        ],
    )?;
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
    Ok(Erased {
        inquiries: crate::inquiries::erase(tx, subject)?,
        behaviours: tx.execute("DELETE FROM behaviours WHERE subject = ?1", &of())?,
        ids: tx.execute("DELETE FROM id_mappings WHERE subject = ?1", &of())?,
        explanations,
    })
}
