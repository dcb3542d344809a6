//! Fuzz target of the files that persons hand in ([`domain::fuzz`] says what a target is).

use domain::dataset::{self, ebank::EbankData};
use domain::file::FileKind;
use domain::fuzz::Target;
use domain::report::ebank;
use domain::time::Timestamp;

use super::{Handed, read};

const CORPUS: &[&[u8]] = &[
    include_bytes!("../../fixtures/file/alipay-web.csv"),
    include_bytes!("../../fixtures/file/alipay-receipt.csv"),
    include_bytes!("../../fixtures/file/wechat.csv"),
    include_bytes!("../../fixtures/file/bank-columns.csv"),
    include_bytes!("../../fixtures/file/bank-signed.csv"),
    include_bytes!("../../fixtures/file/bank-sides.csv"),
];

pub const TARGETS: [Target; 1] = [Target { name: "file", run: file, corpus: CORPUS }];

/// A file of any kind: what is taken is a dataset that reads back, and every row is accounted for.
pub fn file(bytes: &[u8]) -> bool {
    let now = Timestamp::parse("2026-11-22T00:00:00Z").expect("a time");
    let handed = Handed { id: "00112233445566778899aabbccddeeff", name: "合成三", now };
    let mut kinds = FileKind::ALL.into_iter();
    let Some((data, summary)) = kinds.find_map(|kind| read(kind, bytes, &handed).ok()) else {
        return false;
    };
    let json = serde_json::to_vec(&data).expect("plain data");
    assert!(dataset::read::<EbankData>(&json).is_ok_and(|again| again == data));
    let aside: u64 = summary.set_aside.iter().map(|aside| aside.count).sum();
    assert_eq!(summary.taken + summary.bad_count + aside, summary.rows);
    let sheets = data.card_list[0].bills.iter().map(|bill| bill.shopping_sheets.len() as u64);
    assert_eq!(sheets.sum::<u64>(), summary.taken);
    drop(ebank::derive(&data, now));
    true
}

#[cfg(test)]
mod tests {
    domain::fuzz_tests!(super::TARGETS);
}
