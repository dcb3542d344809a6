//! The journal as the command line exports it, to be held against what the clients saw.

use std::ops::Range;

use serde::Deserialize;

use crate::server::Server;

/// One row of `journal statement --json --rows`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Row {
    pub key: String,
    pub biz_id: String,
    pub code: i64,
    pub billed: bool,
    /// In 1/10,000 分.
    pub amount: i64,
    #[serde(default, alias = "app")]
    pub app_id: String,
    pub product: String,
}

/// All rows, and what `journal verify` says of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    pub rows: Vec<Row>,
    /// The exit code of `journal verify`; 0 when chains, checkpoints and sums hold.
    pub verify_exit: i32,
}

impl Journal {
    /// Exports and verifies the journal of a server that runs or not.
    ///
    /// # Panics
    /// When the export fails.
    pub fn export(server: &Server) -> Self {
        let verify = server.cli(&["journal", "verify"]);
        if verify.code != Some(0) {
            eprintln!("journal verify: {verify:#?}");
        }
        let output = server.cli(&["journal", "statement", "--json", "--rows"]).expect_success();
        let rows = parse(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:#?}"));
        Self { rows, verify_exit: verify.code.unwrap_or(-1) }
    }
}

impl Journal {
    /// That it verifies, and that each of these sessions (open_id, whether it has data) has one
    /// bill when it has data and none otherwise.
    ///
    /// # Panics
    /// When it is otherwise.
    pub fn check_sessions(&self, sessions: &[(String, bool)]) {
        assert_eq!(self.verify_exit, 0);
        for (open_id, has_data) in sessions {
            let bills = self.rows.iter().filter(|row| row.billed && row.key == *open_id);
            assert_eq!(bills.count(), usize::from(*has_data), "{open_id}");
        }
    }
}

impl Journal {
    /// That it verifies, and that the application of each of these orders has one bill, and no
    /// other has any.
    ///
    /// # Panics
    /// When it is otherwise.
    pub fn check_orders(&self, orders: Range<u64>) {
        assert_eq!(self.verify_exit, 0);
        let billed = self.rows.iter().filter(|row| row.product == "risk.audit" && row.billed);
        let mut billed: Vec<u64> =
            billed.map(|row| row.key.parse().expect("an order's number")).collect();
        billed.sort_unstable();
        assert_eq!(billed, orders.collect::<Vec<_>>(), "one bill for each application");
    }
}

/// Reads an array of rows, or an object that has it as `rows`.
fn parse(text: &str) -> serde_json::Result<Vec<Row>> {
    #[derive(Deserialize)]
    struct Statement {
        rows: Vec<Row>,
    }
    if text.trim_start().starts_with('[') {
        return serde_json::from_str(text);
    }
    serde_json::from_str::<Statement>(text).map(|statement| statement.rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_shapes() {
        let row = r#"{"key":"a","biz_id":"b","code":0,"billed":true,"amount":1,"app_id":"1",
            "product":"finplus.score","more":1}"#;
        for text in [format!("[{row}]"), format!("{{\"total\":1,\"rows\":[{row}]}}")] {
            assert_eq!(parse(&text).unwrap()[0].amount, 1);
        }
        assert!(parse("{}").is_err());
    }
}
