//! A statement is the journal summed; reconciling compares it with the merchant's own file.

use std::collections::BTreeMap;

use super::row::{Entry, Phase};
use crate::ids::AppId;
use crate::merchant::Product;
use crate::money::Amount;

/// Sums per (product, application, code). Every call counts once: a held call when it ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    pub lines: BTreeMap<(Product, AppId, i32), Line>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub calls: i64,
    pub billed: i64,
    pub amount: Amount,
}

impl Statement {
    pub fn add(&mut self, entry: &Entry) {
        if entry.phase == Phase::Hold {
            return;
        }
        let line = self.lines.entry((entry.product, entry.app.clone(), entry.code)).or_default();
        line.calls += 1;
        line.billed += i64::from(entry.bill.is_some());
        line.amount = [line.amount, entry.bill.unwrap_or_default()].into_iter().sum();
    }

    pub fn total(&self) -> Line {
        self.lines.values().fold(Line::default(), |sum, line| Line {
            calls: sum.calls + line.calls,
            billed: sum.billed + line.billed,
            amount: [sum.amount, line.amount].into_iter().sum(),
        })
    }
}

/// One row of the merchant's own file: what it thinks it called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MerchantRow {
    pub key: String,
    /// The `biz_id` it was answered with, when it kept it.
    pub biz: Option<String>,
    /// The code it was answered with, when it kept it.
    pub code: Option<i32>,
}

/// One difference between the merchant's file and the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The merchant has a call that the journal has not (for one, it was never acknowledged).
    NotInJournal { key: String },
    /// The journal has a call that the merchant has not.
    NotInFile { key: String, code: i32, bill: Option<Amount> },
    /// The key is there more than once in the merchant's file.
    Repeated { key: String },
    /// The merchant was answered another code.
    Code { key: String, file: i32, journal: i32 },
    /// The merchant was answered another `biz_id`.
    Biz { key: String, file: String, journal: String },
}

/// Lists each difference, in the order of keys. Refused calls and errors of ours are in the
/// journal beside the final outcome of the same key; a file may name any of them.
pub fn reconcile(file: &[MerchantRow], journal: &[Entry]) -> Vec<Difference> {
    let mut ours: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in journal.iter().filter(|entry| entry.phase != Phase::Hold) {
        ours.entry(entry.key.as_str()).or_default().push(entry);
    }
    let mut theirs: BTreeMap<&str, Vec<&MerchantRow>> = BTreeMap::new();
    for row in file {
        theirs.entry(&row.key).or_default().push(row);
    }
    let keys: std::collections::BTreeSet<&str> =
        ours.keys().chain(theirs.keys()).copied().collect();
    keys.into_iter()
        .flat_map(|key| {
            let ours = ours.get(key).map_or(&[][..], Vec::as_slice);
            let theirs = theirs.get(key).map_or(&[][..], Vec::as_slice);
            compare(key, theirs, ours)
        })
        .collect()
}

fn compare(key: &str, theirs: &[&MerchantRow], ours: &[&Entry]) -> Vec<Difference> {
    let key = || key.to_owned();
    let Some(last) = ours.iter().max_by_key(|entry| (entry.bill.is_some(), entry.at)) else {
        return vec![Difference::NotInJournal { key: key() }];
    };
    let Some(row) = theirs.first() else {
        return vec![Difference::NotInFile { key: key(), code: last.code, bill: last.bill }];
    };
    let mut found = Vec::new();
    if theirs.len() > 1 {
        found.push(Difference::Repeated { key: key() });
    }
    if let Some(code) = row.code
        && !ours.iter().any(|entry| entry.code == code)
    {
        found.push(Difference::Code { key: key(), file: code, journal: last.code });
    }
    if let Some(biz) = &row.biz
        && !ours.iter().any(|entry| entry.biz.to_string().eq_ignore_ascii_case(biz))
    {
        found.push(Difference::Biz {
            key: key(),
            file: biz.clone(),
            journal: last.biz.to_string(),
        });
    }
    found
}
