mod derived;
mod hostile;
mod pages;
mod sentences;

use super::*;
use crate::time::Timestamp;

const SAMPLE: &str = include_str!("../../../fixtures/pboc/sample.html");
const OTHER: &str = include_str!("../../../fixtures/pboc/other.html");

fn sample() -> CreditRecord {
    page::read(SAMPLE.as_bytes()).expect("the sample")
}

fn other() -> CreditRecord {
    page::read(OTHER.as_bytes()).expect("the other page")
}

fn report(record: &CreditRecord, now: &str) -> CreditReport {
    let updated = Timestamp::parse("2015-11-10 12:00:00+08:00").expect("a time");
    let now = Timestamp::parse(now).expect("a time");
    derive(record, Asked { updated, now, formula: Formula::V1 })
}
