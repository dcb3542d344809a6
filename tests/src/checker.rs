//! The offline checker: holds a recorded history against the journal (invariants I1 to I5).
//!
//! It knows nothing of the server but its answers and its journal, and decides afterwards, so
//! that what the clients did is never bent by checking it.

use std::collections::{BTreeMap, BTreeSet};

use crate::history::{Answer, Attempt, Entry, Event, attempts};
use crate::journal::{Journal, Row};

/// Which codes mean what; each face has its own.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Final outcomes: each takes its key, is stored, replayed, and stands in the journal once.
    pub finals: &'static [i64],
    /// Those that are billed.
    pub billable: &'static [i64],
}

/// Face 1: 0, 108 and 109 are final, 0 is billed (Finplus document, table of return codes).
pub const FINPLUS: Rules = Rules { finals: &[0, 108, 109], billable: &[0] };

/// Something that must not be. Each names the key it is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Violation {
    /// An acknowledged call without a journal row.
    Lost { key: String },
    /// More than one billed row for one key.
    BilledTwice { key: String },
    /// More than one final row for one key.
    FinalTwice { key: String },
    /// The journal has another code or biz_id than the client was given.
    Differs { key: String },
    /// Two answers to the same key that are not the same bytes.
    ReplayDiffers { key: String },
    /// A row, or an answer, billed though its code is not, or the other way round.
    WronglyBilled { key: String },
    /// A row that no client asked for, or asked with another app_id.
    Unasked { key: String },
    /// One biz_id on two rows.
    SharedBizId { key: String },
    /// `journal verify` found the journal broken.
    Unverified { exit: i32 },
}

/// All violations, sorted; none when the history and the journal agree.
pub fn check(entries: &[Entry], journal: &Journal, rules: &Rules) -> Vec<Violation> {
    let attempts = attempts(entries);
    let mut found = BTreeSet::new();
    if journal.verify_exit != 0 {
        found.insert(Violation::Unverified { exit: journal.verify_exit });
    }
    check_answers(&attempts, journal, rules, &mut found);
    check_rows(journal, rules, &mut found);
    check_asked(&attempts, journal, &mut found);
    found.into_iter().collect()
}

/// Whether every acknowledged answer is in the journal as it was given.
fn check_answers(
    attempts: &[Attempt],
    journal: &Journal,
    rules: &Rules,
    found: &mut BTreeSet<Violation>,
) {
    let mut by_key: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in &journal.rows {
        by_key.entry(&row.key).or_default().push(row);
    }
    let mut first_answers: BTreeMap<&str, &Answer> = BTreeMap::new();
    for Attempt { question, end } in attempts {
        let Event::Ok(answer) = end else { continue };
        let key = || question.key.clone();
        let Some(code) = answer.code else { continue };
        if answer.billed != rules.billable.contains(&code) {
            found.insert(Violation::WronglyBilled { key: key() });
        }
        if !rules.finals.contains(&code) {
            continue;
        }
        let same = |row: &&&Row| row.code == code && Some(&row.biz_id) == answer.biz_id.as_ref();
        match by_key.get(question.key.as_str()) {
            None => found.insert(Violation::Lost { key: key() }),
            Some(rows) if rows.iter().find(same).is_none() => {
                found.insert(Violation::Differs { key: key() })
            }
            Some(_) => false,
        };
        let first = first_answers.entry(&question.key).or_insert(answer);
        if first.bytes != answer.bytes || first.status != answer.status {
            found.insert(Violation::ReplayDiffers { key: key() });
        }
    }
}

/// Whether the journal agrees with itself: one final, one bill, the right ones billed.
fn check_rows(journal: &Journal, rules: &Rules, found: &mut BTreeSet<Violation>) {
    let mut finals: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut billed: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut biz_ids: BTreeSet<&str> = BTreeSet::new();
    for row in &journal.rows {
        let key = || row.key.clone();
        let place = (row.product.as_str(), row.key.as_str());
        if rules.finals.contains(&row.code) && !finals.insert(place) {
            found.insert(Violation::FinalTwice { key: key() });
        }
        if row.billed && !billed.insert(place) {
            found.insert(Violation::BilledTwice { key: key() });
        }
        let free = !row.billed && row.amount != 0;
        if row.billed != rules.billable.contains(&row.code) || free {
            found.insert(Violation::WronglyBilled { key: key() });
        }
        if !biz_ids.insert(&row.biz_id) {
            found.insert(Violation::SharedBizId { key: key() });
        }
    }
}

/// Whether somebody asked for each row: an attempt that was not sent asked for nothing.
fn check_asked(attempts: &[Attempt], journal: &Journal, found: &mut BTreeSet<Violation>) {
    let mut asked: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for Attempt { question, end } in attempts {
        if !matches!(end, Event::Fail(_)) {
            asked.entry(&question.key).or_default().insert(&question.app_id);
        }
    }
    for row in &journal.rows {
        // A call without app_id is answered by the merchant's default model.
        let fits = |ids: &BTreeSet<&str>| {
            row.app_id.is_empty() || ids.contains("") || ids.contains(row.app_id.as_str())
        };
        if !asked.get(row.key.as_str()).is_some_and(fits) {
            found.insert(Violation::Unasked { key: row.key.clone() });
        }
    }
}

#[cfg(test)]
mod tests;
