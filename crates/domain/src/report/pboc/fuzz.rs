//! Fuzz targets: the page and the sentences of a credit report.

use super::{Group, derive, page, sentence};
use crate::dataset;
use crate::fuzz::Target;
use crate::time::Timestamp;

/// All targets of this module.
pub const TARGETS: [Target; 2] = [
    Target {
        name: "credit-page",
        run: credit_page,
        corpus: &[
            include_bytes!("../../../fixtures/pboc/sample.html"),
            include_bytes!("../../../fixtures/pboc/other.html"),
        ],
    },
    Target {
        name: "credit-sentence",
        run: credit_sentence,
        corpus: &[
            "2007年8月24日合成银行发放的贷记卡（美元账户）。截至2015年5月,信用额度折合人民币23,000，\
             已使用额度0。最近5年内有8个月处于逾期状态，其中1个月逾期超过90天。"
                .as_bytes(),
            "1. 2005年10月20日合成银行发放的500,000元（美元折人民币）个人经营性贷款，2020年10月20日\
             到期。已变成呆账，最近一次还款日期为2010年11月5日，余额为150,000.50元。"
                .as_bytes(),
            "2009年3月2日，为合成某（证件类型：身份证，证件号码：--）在合成银行办理的贷款提供担保，\
             担保金额50,000。截至2010年10月5日，担保贷款本金余额20,000。"
                .as_bytes(),
        ],
    },
];

/// A page; what it gives can be stored, read back and derived from.
pub fn credit_page(bytes: &[u8]) -> bool {
    let Ok(record) = page::read(bytes) else { return false };
    let json = serde_json::to_vec(&record).expect("a record is plain data");
    let again = dataset::read::<super::CreditRecord>(&json);
    assert!(again == Ok(record.clone()), "the record does not come back: {:?}", again.err());
    let (updated, now) = (Timestamp(0), Timestamp(i64::from(u32::MAX)));
    let asked = super::Asked { updated, now, formula: super::Formula::CURRENT };
    let report = derive(&record, asked);
    assert!(report.score <= 1_000, "{}", report.score);
    let _ = record.disagreements();
    true
}

/// A sentence in each list, and as a guarantee.
pub fn credit_sentence(bytes: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(bytes) else { return false };
    let account = Group::ALL.into_iter().any(|group| sentence::account(group, text).is_some());
    account | sentence::guarantee(text).is_some()
}

#[cfg(test)]
mod tests {
    crate::fuzz_tests!(super::TARGETS);
}
