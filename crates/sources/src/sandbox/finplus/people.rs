//! The people of the sandbox: who they are to the operator, their ids, what is known of them.
//! All ids are synthetic: of ranges that no device and no telephone has.

use domain::scoring::card::sha256_hex;
use domain::subject::IdType;
use md5::{Digest, Md5};

use super::faults::{FAILING_IMEI, FAILING_ONCE_IMEI, SLOW_ONCE_IMEI};
use super::german::{self, Row};
use crate::sandbox::persona::numbers::with_check_digit;

/// The kind of every behaviour of the sandbox's people; the name is the column of the data set.
pub const BEHAVIOUR_KIND: &str = "german_credit";
/// A valid id of nobody: code 108.
pub const UNMAPPED_IMEI: &str = "490154203237518";
/// The id of a person without behaviours: code 109.
pub const EMPTY_IMEI: &str = "356938035643809";

/// The ids that the Finplus document prints as samples (section 3.2).
pub const SAMPLE_IDS: [(IdType, &str); 4] = [
    (IdType::Imei, "860529038487085"),
    (IdType::Idfa, "BA05E270-9250-4346-8140-7C0942422FA3"),
    (IdType::MobileMd5, "71f1d9fcb1661cbb1d707521586e7dea"),
    (IdType::MobileSha256, "14f76535aedeb49465a88363042cd6e4803aac7bc5c152105f1cd2d366c6ce7c"),
];

/// A synthetic person, to be loaded as an operator loads id mappings and behaviours.
#[derive(Clone)]
pub struct Person {
    /// The operator's name for the person, such as `german-0002`.
    pub subject: String,
    /// The row of the German Credit data that the behaviours come from.
    pub row: Option<u32>,
    /// Whether the credit of that row went bad: the truth that scores can be held against.
    pub bad: Option<bool>,
    pub ids: Vec<(IdType, String)>,
    /// Kind, name, value.
    pub behaviours: Vec<(String, String, String)>,
}

/// One person for each row, in the order of the rows, and at the end one without behaviours. The
/// first seven have a second device or number: the sample ids, then those that call up faults.
pub fn people() -> Vec<Person> {
    let faults = [FAILING_IMEI, FAILING_ONCE_IMEI, SLOW_ONCE_IMEI];
    let extra = SAMPLE_IDS.into_iter().chain(faults.map(|imei| (IdType::Imei, imei)));
    let mut people: Vec<Person> = german::test_rows().into_iter().map(person).collect();
    for (person, (id_type, value)) in people.iter_mut().zip(extra) {
        person.ids.push((id_type, value.to_owned()));
    }
    people.push(Person {
        subject: "german-empty".to_owned(),
        row: None,
        bad: None,
        ids: vec![(IdType::Imei, EMPTY_IMEI.to_owned())],
        behaviours: Vec::new(),
    });
    people
}

fn person(row: Row) -> Person {
    let behaviour = |(name, value)| (BEHAVIOUR_KIND.to_owned(), name, value);
    Person {
        subject: format!("german-{:04}", row.id),
        row: Some(row.id),
        bad: Some(row.bad),
        ids: ids(row.id),
        behaviours: row.cells.into_iter().map(behaviour).collect(),
    }
}

/// One id of each kind, made of the row's number alone.
fn ids(row: u32) -> Vec<(IdType, String)> {
    // No mobile number of China starts with 12.
    let mobile = format!("120{row:08}");
    vec![
        // Type allocation codes that start with 00 are for test devices (GSMA TS.06).
        (IdType::Imei, with_check_digit(format!("00100100{row:06}"))),
        // Version 8 is free for private use (RFC 9562, section 5.8); a device's is version 4.
        (IdType::Idfa, format!("00000000-0000-8000-8000-{row:012}")),
        (IdType::MobileMd5, hex::encode(Md5::digest(&mobile))),
        (IdType::MobileSha256, sha256_hex(mobile.as_bytes())),
    ]
}
