//! What the server keeps of the scores that it gave, and the training libraries' own predictions
//! to hold it against.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::cli;
use crate::server::Server;

/// What `call list --explained --json` tells of a call, as far as it is looked at.
#[derive(Clone, Debug, Deserialize)]
pub struct Call {
    pub app: String,
    pub key: String,
    pub code: i64,
    pub billed: bool,
    pub explanation: Option<Explanation>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Explanation {
    pub score: Option<Score>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Score {
    /// What the model gives: raw score, margin or points.
    pub raw: f64,
    /// On the card's scale, before it is rounded.
    pub exact: f64,
    pub bias: f64,
    /// Feature, value, contribution.
    pub reasons: Vec<(String, String, f64)>,
}

impl Call {
    pub fn score(&self) -> Option<&Score> {
        self.explanation.as_ref()?.score.as_ref()
    }
}

impl Score {
    /// # Panics
    /// When bias and contributions are not the raw score, or are not in the order of their size.
    pub fn assert_adds_up(&self, place: &str) {
        let parts: Vec<f64> = self.reasons.iter().map(|(_, _, part)| *part).collect();
        let sum = self.bias + parts.iter().sum::<f64>();
        assert!((sum - self.raw).abs() <= 1e-9, "{place}: {sum} is not {}", self.raw);
        assert!(!parts.is_empty(), "{place}: a score without reasons");
        let sorted = parts.iter().is_sorted_by(|a, b| a.abs() >= b.abs());
        assert!(sorted, "{place}: the largest comes first: {:?}", self.reasons);
    }
}

/// Today's calls of a merchant, by their key.
///
/// # Panics
/// When the command fails.
pub fn calls(server: &Server, merchant: &str) -> BTreeMap<String, Call> {
    let listed = server.cli(&["call", "list", "--merchant", merchant, "--explained", "--json"]);
    let calls: Vec<Call> =
        serde_json::from_str(&listed.expect_success().stdout).expect("the calls as JSON");
    calls.into_iter().map(|call| (call.key.clone(), call)).collect()
}

/// A column of a reference file by the row's id.
///
/// # Panics
/// When there is no such file or column.
pub fn reference(file: &str, column: &str) -> BTreeMap<u32, f64> {
    let text = cli::scoring_text(&format!("{file}.csv"));
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().expect("a header");
    let at = header.iter().position(|name| name == column).expect(column);
    let row = |record: csv::StringRecord| {
        Some((record.get(0)?.parse().ok()?, record.get(at)?.parse().ok()?))
    };
    let rows = reader.records().map(|record| row(record.expect("a row")).expect("numbers"));
    rows.collect()
}
