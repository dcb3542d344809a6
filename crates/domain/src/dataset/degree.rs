//! A person's higher education as CHSI (学信网) lists it (document 001, section 4.2; the document
//! lost the list's key, `qiancheng.md` gives it). What is not known is an empty text.

use serde::{Deserialize, Serialize};

use super::{field, opaque};
use crate::time::Day;

pub const RECORDS_MAX: usize = 20;

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DegreeData {
    #[serde(deserialize_with = "field::rows::<_, _, RECORDS_MAX>")]
    pub education: Vec<Record>,
}

/// One course of study.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    #[serde(deserialize_with = "field::text::<_, 64>")]
    pub real_name: String,
    #[serde(deserialize_with = "field::text::<_, 8>")]
    pub sex: String,
    #[serde(with = "field::date")]
    pub date_birth: Option<Day>,
    /// 民族.
    #[serde(deserialize_with = "field::text::<_, 32>")]
    pub nation: String,
    #[serde(deserialize_with = "field::text::<_, 32>")]
    pub id_card: String,
    #[serde(deserialize_with = "field::text::<_, 128>")]
    pub academy_name: String,
    /// 层次: 专科, 本科, 硕士研究生, 博士研究生.
    #[serde(deserialize_with = "field::text::<_, 32>")]
    pub academic_level: String,
    #[serde(deserialize_with = "field::text::<_, 128>")]
    pub major_name: String,
    /// 学制, in years.
    #[serde(deserialize_with = "field::text::<_, 16>")]
    pub length_school: String,
    #[serde(deserialize_with = "field::text::<_, 32>")]
    pub education_background: String,
    #[serde(deserialize_with = "field::text::<_, 32>")]
    pub learning_form: String,
    /// 系所.
    #[serde(deserialize_with = "field::text::<_, 128>")]
    pub series: String,
    #[serde(deserialize_with = "field::text::<_, 64>")]
    pub class: String,
    #[serde(deserialize_with = "field::text::<_, 64>")]
    pub student_number: String,
    #[serde(with = "field::date")]
    pub date_enrollment: Option<Day>,
    #[serde(with = "field::date")]
    pub date_graduation: Option<Day>,
    #[serde(deserialize_with = "field::text::<_, 64>")]
    pub school_status: String,
    #[serde(deserialize_with = "field::text::<_, 64>")]
    pub exam_number: String,
    /// 分院.
    #[serde(deserialize_with = "field::text::<_, 128>")]
    pub branch_courts: String,
    #[serde(deserialize_with = "field::text::<_, 32>")]
    pub education_type: String,
}

opaque!(DegreeData, Record);
