//! The blacklist from outside: a file of entries of any length, its load watched, and a merchant
//! that searches.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::http::Client;
use crate::process;
use crate::server::{Output, Server};

/// One row in so many of [`write_entries`] names nobody.
pub const BAD_EVERY: usize = 1_000;

const END_LIMIT: Duration = Duration::from_hours(1);

/// Rows by mobile and, each other one, by name and ID card; no telephone and no person is meant.
pub fn write_entries(path: &Path, rows: usize) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "name,id_card,mobile,reason,ended")?;
    for row in 1..=rows {
        let day = row % 28 + 1;
        if row % BAD_EVERY == 0 {
            writeln!(file, "张伟,,,,")?;
        } else if row % 2 == 0 {
            writeln!(file, ",,{},overdue,2024-02-{day:02}", mobile(row))?;
        } else {
            writeln!(file, "张伟,{},,fraud,2024-02-{day:02}", id_card(row))?;
        }
    }
    file.flush()
}

pub fn mobile(row: usize) -> String {
    format!("1{}", 3_000_000_000 + row)
}

/// A number that passes every check: a date and a sequence from `row`, and its check character.
pub fn id_card(row: usize) -> String {
    let (sequence, days) = (row % 1_000, row / 1_000);
    let (day, months) = (days % 28 + 1, days / 28);
    let body = format!("310115{}{:02}{day:02}{sequence:03}", 1950 + months / 12, months % 12 + 1);
    let sum = body.bytes().fold(0, |sum, digit| (sum + usize::from(digit - b'0')) * 2 % 11);
    format!("{body}{}", char::from(b"10X98765432"[sum]))
}

/// Runs a command to its end; gives the most memory that it was seen to have in use, in bytes.
///
/// # Panics
/// When it cannot be started or does not end.
pub fn run_watched(command: &mut Command) -> (Output, u64) {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it can be started");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let ended = process::wait_until(END_LIMIT, || {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib: Option<u64> = line.and_then(|line| line.trim().split(' ').next()?.parse().ok());
        peak = peak.max(kib.unwrap_or(0) * 1024);
        Ok(child.try_wait()?.is_some())
    });
    ended.expect("it ends");
    let output = child.wait_with_output().expect("it has ended");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    (Output { code: output.status.code(), stdout, stderr }, peak)
}

/// A line of `/metrics`; 0 when it is not there.
///
/// # Panics
/// When the server does not answer.
pub fn metric(server: &Server, line: &str) -> f64 {
    let metrics = server.client().get("/metrics", &[]).expect("metrics").text();
    let value = metrics.lines().find_map(|found| found.strip_prefix(line)?.strip_prefix(' '));
    value.map_or(0.0, |value| value.parse().expect("a number"))
}

/// Entries that the server has in memory.
pub fn hashes(server: &Server) -> u64 {
    metric(server, "probity_blacklist_filter_hashes") as u64
}

/// Entries in the database.
///
/// # Panics
/// When the command fails.
pub fn count(server: &Server) -> u64 {
    let list = server.cli(&["blacklist", "list", "--limit", "1", "--json"]);
    list.expect_success().json()["count"].as_u64().expect("a number")
}

/// A merchant's program on face 2.
pub struct Searcher {
    client: Client,
    pub token: String,
}

impl Searcher {
    /// Logs in as the demo merchant.
    ///
    /// # Panics
    /// When that is refused.
    pub fn new(server: &Server) -> Self {
        let (sandbox, mut client) = (server.sandbox(), server.client());
        let login = [("username", &*sandbox.username), ("password", &*sandbox.password)];
        let answer = client.post_form("/client/authorize/token", &[], &login).expect("an answer");
        let token = answer.json()["data"]["token"].as_str().expect("a token").to_owned();
        Self { client, token }
    }

    /// Asks for a name, an ID card and a mobile.
    ///
    /// # Panics
    /// When the call does not succeed.
    pub fn is_in(&mut self, [name, id_card, mobile]: [&str; 3]) -> bool {
        let person = [("name", name), ("id_card", id_card), ("mobile", mobile)];
        let form = [&[("token", &*self.token)], &person[..]].concat();
        let answer = self.client.post_form("/blacklist/search/single", &[], &form);
        let answer: Value = answer.expect("an answer").json();
        assert_eq!(answer["code"], 0, "{answer}");
        answer["data"]["is_in"].as_bool().expect("yes or no")
    }
}
