//! 公共记录: what courts, authorities and carriers reported.

use serde::{Deserialize, Serialize};

use super::super::{field, opaque};
use super::CELL_MAX;

/// The five kinds, in the order of the answer of `viewReport`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PublicKind {
    /// 民事判决记录
    CivilJudgment,
    /// 强制执行记录
    CompulsoryExecution,
    /// 行政处罚记录
    Penalty,
    /// 欠税记录
    Taxes,
    /// 电信欠费记录
    TelecomArrears,
}

impl PublicKind {
    pub const ALL: [Self; 5] = [
        Self::CivilJudgment,
        Self::CompulsoryExecution,
        Self::Penalty,
        Self::Taxes,
        Self::TelecomArrears,
    ];

    pub fn heading(self) -> &'static str {
        match self {
            Self::CivilJudgment => "民事判决记录",
            Self::CompulsoryExecution => "强制执行记录",
            Self::Penalty => "行政处罚记录",
            Self::Taxes => "欠税记录",
            Self::TelecomArrears => "电信欠费记录",
        }
    }

    /// The labels of a record; the first one begins it.
    pub fn labels(self) -> &'static [&'static str] {
        match self {
            Self::CivilJudgment => &[
                "立案法院",
                "案号",
                "案由",
                "结案方式",
                "立案时间",
                "判决/调解结果",
                "诉讼标的",
                "判决/调解生效时间",
                "诉讼标的金额",
            ],
            Self::CompulsoryExecution => &[
                "执行法院",
                "案号",
                "执行案由",
                "结案方式",
                "立案时间",
                "案件状态",
                "申请执行标的",
                "已执行标的",
                "申请执行标的金额",
                "已执行标的金额",
                "结案时间",
            ],
            Self::Penalty => &[
                "处罚机构",
                "文书编号",
                "处罚内容",
                "是否行政复议",
                "处罚金额",
                "行政复议结果",
                "处罚生效时间",
                "处罚截止时间",
            ],
            Self::Taxes => &["主管税务机关", "欠税统计时间", "欠税总额", "纳税人识别号"],
            Self::TelecomArrears => {
                &["电信运营商", "业务类型", "记账年月", "业务开通时间", "欠费金额"]
            }
        }
    }
}

/// Labels of one record at most; more begin no other record.
pub const FIELDS_MAX: usize = 24;

/// One record, as the page prints it: labels and values.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicRecord {
    pub kind: PublicKind,
    #[serde(deserialize_with = "field::rows::<_, _, FIELDS_MAX>")]
    pub fields: Vec<PublicField>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicField {
    #[serde(deserialize_with = "field::text::<_, CELL_MAX>")]
    pub label: String,
    /// Empty where the page prints `--`.
    #[serde(deserialize_with = "field::text::<_, CELL_MAX>")]
    pub value: String,
}

impl PublicRecord {
    /// The value behind a label; empty when it is not there.
    pub fn value(&self, label: &str) -> &str {
        let field = self.fields.iter().find(|field| field.label == label);
        field.map_or("", |field| &field.value)
    }

    /// The record in one line, without what is empty: `强制执行记录：执行法院某，案号某`.
    pub fn line(&self) -> String {
        let told = self.fields.iter().filter(|field| !field.value.is_empty());
        let told: Vec<String> =
            told.map(|field| format!("{}{}", field.label, field.value)).collect();
        format!("{}：{}", self.kind.heading(), told.join("，"))
    }
}

opaque!(PublicRecord, PublicField);
