//! Public records under the keys that readers of `viewReport` take; those of 强制执行记录 are known,
//! the others are named after their manner.

use domain::dataset::credit::{CreditRecord, PublicKind, PublicRecord};
use serde_json::{Map, Value};

use super::public_key;

/// The label of the page and the key of the answer.
const KEYS: [(PublicKind, &[(&str, &str)]); 5] = [
    (
        PublicKind::CivilJudgment,
        &[
            ("立案法院", "filingCourt"),
            ("案号", "caseNo"),
            ("案由", "caseReason"),
            ("结案方式", "closedWay"),
            ("立案时间", "formatedFilingTime"),
            ("判决/调解结果", "judgmentResult"),
            ("诉讼标的", "litigationObject"),
            ("判决/调解生效时间", "formatedEffectiveTime"),
            ("诉讼标的金额", "litigationAmount"),
        ],
    ),
    (
        PublicKind::CompulsoryExecution,
        &[
            ("执行法院", "executiveCourt"),
            ("案号", "caseNo"),
            ("执行案由", "exe_reason"),
            ("结案方式", "closedWay"),
            ("立案时间", "formatedFilingTime"),
            ("案件状态", "caseStatus"),
            ("申请执行标的", "applicationExecution"),
            ("已执行标的", "executed"),
            ("申请执行标的金额", "applicationExecutionAmount"),
            ("已执行标的金额", "executed_amt"),
            ("结案时间", "formatedClosedTime"),
        ],
    ),
    (
        PublicKind::Penalty,
        &[
            ("处罚机构", "penaltyAgency"),
            ("文书编号", "documentNo"),
            ("处罚内容", "penaltyContent"),
            ("是否行政复议", "isReviewed"),
            ("处罚金额", "penaltyAmount"),
            ("行政复议结果", "reviewResult"),
            ("处罚生效时间", "formatedEffectiveTime"),
            ("处罚截止时间", "formatedEndTime"),
        ],
    ),
    (
        PublicKind::Taxes,
        &[
            ("主管税务机关", "taxAuthority"),
            ("欠税统计时间", "formatedStatisticsTime"),
            ("欠税总额", "taxArrearsAmount"),
            ("纳税人识别号", "taxpayerNo"),
        ],
    ),
    (
        PublicKind::TelecomArrears,
        &[
            ("电信运营商", "operator"),
            ("业务类型", "businessType"),
            ("记账年月", "accountingMonth"),
            ("业务开通时间", "formatedOpenTime"),
            ("欠费金额", "arrearsAmount"),
        ],
    ),
];

/// All kinds, each a list.
pub(super) fn records(record: &CreditRecord) -> Value {
    let of_kind = |(kind, keys): (PublicKind, &[(&str, &str)])| {
        let list = record.public(kind).map(|one| object(one, keys)).collect();
        (public_key(kind).to_owned(), Value::Array(list))
    };
    Value::Object(KEYS.into_iter().map(of_kind).collect())
}

/// All keys of the kind, and what stands under a label that is not known under the label itself.
fn object(record: &PublicRecord, keys: &[(&str, &str)]) -> Value {
    let known = keys.iter().map(|(label, key)| ((*key).to_owned(), record.value(label).into()));
    let mut object: Map<String, Value> = known.collect();
    for field in &record.fields {
        if keys.iter().all(|(label, _)| *label != field.label) {
            object.insert(field.label.clone(), field.value.as_str().into());
        }
    }
    Value::Object(object)
}
