//! The sandbox's synthetic people, as a merchant's developer needs them: by id.

use domain::subject::IdType;
use serde::Serialize;
use sources::sandbox::finplus;

/// One synthetic person that can be scored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SandboxPerson {
    /// The row of the German Credit data behind the person.
    pub row: u32,
    /// The operator's name for the person, as in the loaded files.
    pub subject: String,
    pub imei: String,
    pub idfa: String,
    pub mobile_md5: String,
    pub mobile_sha256: String,
}

/// An id that calls up one outcome on purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MagicId {
    /// `sample` (printed in the document, scored), `unmapped`, `empty`, `error`, `error_once`,
    /// `slow_once`.
    pub kind: &'static str,
    pub id_type: &'static str,
    pub id_value: String,
    /// What a call with it comes to.
    pub outcome: &'static str,
}

/// All ids of the sandbox of face 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SandboxIds {
    pub people: Vec<SandboxPerson>,
    pub magic: Vec<MagicId>,
}

/// Lists the ids; they are the same in every sandbox.
pub fn sandbox_ids() -> SandboxIds {
    let people = finplus::people().into_iter().filter_map(|person| {
        // Of several ids of one type the person's own comes first; the magic ones follow it.
        let id = |wanted: IdType| {
            let found = person.ids.iter().find(|(id_type, _)| *id_type == wanted);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        Some(SandboxPerson {
            row: person.row?,
            imei: id(IdType::Imei),
            idfa: id(IdType::Idfa),
            mobile_md5: id(IdType::MobileMd5),
            mobile_sha256: id(IdType::MobileSha256),
            subject: person.subject,
        })
    });
    SandboxIds { people: people.collect(), magic: magic() }
}

fn magic() -> Vec<MagicId> {
    let samples = finplus::SAMPLE_IDS.into_iter().map(|(id_type, value)| MagicId {
        kind: "sample",
        id_type: id_type.as_str(),
        id_value: value.to_owned(),
        outcome: "code 0: a score",
    });
    let imei = |kind, value: &str, outcome| MagicId {
        kind,
        id_type: IdType::Imei.as_str(),
        id_value: value.to_owned(),
        outcome,
    };
    let outcomes = [
        imei("unmapped", finplus::UNMAPPED_IMEI, "code 108: the id maps to nobody"),
        imei("empty", finplus::EMPTY_IMEI, "code 109: no behaviours in 180 days"),
        imei("error", finplus::FAILING_IMEI, "code 1, always"),
        imei("error_once", finplus::FAILING_ONCE_IMEI, "code 1 once for each reqId, then a score"),
        imei("slow_once", finplus::SLOW_ONCE_IMEI, "5 s at the first attempt, then a score"),
    ];
    samples.chain(outcomes).collect()
}

#[cfg(test)]
mod tests {
    use domain::subject::SubjectRef;

    use super::*;

    #[test]
    fn every_id_is_valid_and_no_person_has_a_magic_one() {
        let SandboxIds { people, magic } = sandbox_ids();
        assert_eq!((people.len(), magic.len()), (300, 9));
        for person in &people {
            let ids = [&person.imei, &person.idfa, &person.mobile_md5, &person.mobile_sha256];
            for (id_type, value) in IdType::ALL.into_iter().zip(ids) {
                assert!(SubjectRef::parse(id_type, value).is_some(), "{person:?}");
                assert!(magic.iter().all(|one| one.id_value != *value), "{person:?}");
            }
        }
    }
}
