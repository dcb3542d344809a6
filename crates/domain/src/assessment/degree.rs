//! Higher education, as the register lists it.

use serde::{Deserialize, Serialize};

use super::View;
use super::feature::{Feature, Section};
use crate::dataset::degree::{DegreeData, Record};
use crate::dataset::opaque;
use crate::time::{Day, Timestamp};

const LEVELS: [(&str, u8); 5] = [("博士", 4), ("硕士", 3), ("本科", 2), ("专科", 1), ("高职", 1)];

const S: Section = Section::Degree;

pub(super) const FEATURES: [Feature; 3] = [
    Feature::count(
        S,
        "degree.level",
        ("最高学历", "Highest level: 0 none, 1 专科, 2 本科, 3 硕士, 4 博士"),
        |view| of(view)?.level.map(i64::from),
    ),
    Feature::truth(
        S,
        "degree.is_graduated",
        ("已毕业", "The course of the highest level is finished"),
        |view| of(view)?.is_graduated,
    ),
    Feature::count(S, "degree.records", ("学历条数", "Courses of study"), |view| {
        Some(of(view)?.records.into())
    })
    .unit("条"),
];

fn of<'a>(view: &View<'a>) -> Option<&'a HeldDegree> {
    view.held.degree.as_ref()
}

/// What the register's records come to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldDegree {
    /// As the record of the highest level has them; empty without one.
    pub name: String,
    pub id_card: String,
    pub birth: Option<Day>,
    /// See `degree.level`; nothing when the record's words are not known.
    pub level: Option<u8>,
    pub is_graduated: Option<bool>,
    pub records: u32,
}

opaque!(HeldDegree);

impl HeldDegree {
    pub(super) fn of(data: &DegreeData, now: Timestamp) -> Self {
        let order = |record: &Record| {
            let identity = (record.real_name.clone(), record.id_card.clone());
            (level(record), record.date_graduation, identity)
        };
        let highest = data.education.iter().max_by_key(|record| order(record));
        let text = |of: fn(&Record) -> &String| highest.map(of).cloned().unwrap_or_default();
        Self {
            name: text(|record| &record.real_name),
            id_card: text(|record| &record.id_card),
            birth: highest.and_then(|record| record.date_birth),
            level: highest.map_or(Some(0), level),
            is_graduated: highest
                .and_then(|record| record.date_graduation)
                .map(|day| day <= now.shanghai_day()),
            records: data.education.len() as u32,
        }
    }
}

/// 专升本 leads to a 本科.
fn level(record: &Record) -> Option<u8> {
    let words = record.academic_level.replace("专升本", "本科");
    LEVELS.iter().find(|(word, _)| words.contains(word)).map(|(_, level)| *level)
}
