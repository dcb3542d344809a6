//! Steps that several tests take with a server: an operator's commands, the sandbox's clock.

use std::thread;
use std::time::Duration;

use super::Server;

/// What the operator changes is in force on every node within this (issue: "within a second").
pub const IN_FORCE: Duration = Duration::from_secs(1);

impl Server {
    /// Makes a merchant with an APPCODE (which it gives) that may ask `app`, answered by the
    /// sandbox's scorecard. `terms` are more arguments of `merchant entitle`. In force when it
    /// returns.
    ///
    /// # Panics
    /// When a command fails.
    pub fn new_merchant(&self, name: &str, app: &str, terms: &[&str]) -> String {
        self.cli(&["merchant", "create", name]).expect_success();
        let entitle = ["merchant", "entitle", name, "--app", app];
        let model = ["--model", "german-scorecard", "--price", "35", "--default"];
        self.cli(&[&entitle[..], &model, terms].concat()).expect_success();
        let code = ["merchant", "credential", name, "add", "app-code", "--json"];
        let code = self.cli(&code).expect_success().json();
        thread::sleep(IN_FORCE);
        code["secret"].as_str().expect("an APPCODE has a secret").to_owned()
    }

    /// What somebody who can write the database does: SQLite, while the server is down.
    ///
    /// # Panics
    /// When the statement fails, or changes nothing.
    pub fn tamper(&mut self, sql: &str, values: &[&dyn rusqlite::ToSql]) {
        if self.is_running() {
            assert!(self.terminate().success());
        }
        let file = self.data_folder().join("probity.db");
        let database = rusqlite::Connection::open(&file).expect("it opens");
        assert!(database.execute(sql, values).expect("it runs") > 0, "{sql}");
        database.close().expect("it closes");
        self.restart();
    }

    /// Moves the sandbox's clock ahead, and returns when every node has it.
    ///
    /// # Panics
    /// When the command fails, as it does without `--sandbox`.
    pub fn advance(&self, span: &str) {
        self.cli(&["sandbox", "clock", "advance", span]).expect_success();
        thread::sleep(IN_FORCE);
    }
}
