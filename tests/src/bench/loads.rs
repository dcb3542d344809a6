//! Rows per second that ids and behaviours are loaded with, and that a file of ids is scored with,
//! by the commands, beside a server that is idle.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use tempfile::TempDir;

use super::report::{Fact, Report};
use crate::cli::text;
use crate::database::Database;
use crate::people;
use crate::server::{Options, Server};

/// Behaviours of one subject, as a month's feed may have them.
const BEHAVIOURS_EACH: usize = 10;

type Write = fn(&Path, usize) -> io::Result<()>;

pub(super) fn measure(database: Database, rows: usize, report: &mut Report) -> io::Result<()> {
    let server = Server::start(Options::on(database));
    let folder = TempDir::new()?;
    let name = format!("{database:?}").to_lowercase();
    for (what, write) in [("ids", ids as Write), ("behaviours", behaviours)] {
        let file = folder.path().join(format!("{what}.csv"));
        write(&file, rows)?;
        for time in ["first", "again"] {
            let load = ["subject", &format!("load-{what}"), text(&file), "--json"];
            let loaded = server.cli(&load).expect_success().json();
            let rate = loaded["rows_per_second"].as_f64().unwrap_or_default();
            let kilo = rows / 1_000;
            report.fact(Fact::new(
                format!("{name} load {what}, {kilo} k, {time}"),
                rate,
                "rows/s",
            ))?;
        }
    }
    let (input, output) = (folder.path().join("known.csv"), folder.path().join("scores.csv"));
    known(&server, &input, rows / 10)?;
    let files = ["--input", text(&input), "--output", text(&output)];
    let start = std::time::Instant::now();
    let run = ["score", "batch", "--merchant", "sandbox", "--app", "1000001"];
    server.cli(&[&run[..], &files].concat()).expect_success();
    let rate = (rows / 10) as f64 / start.elapsed().as_secs_f64();
    report.fact(Fact::new(format!("{name} score batch, {} k", rows / 10_000), rate, "rows/s"))
}

/// Synthetic ids, a subject for every two.
fn ids(path: &Path, rows: usize) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "id_type,id_value,subject")?;
    for row in 0..rows {
        // Spread as hashes are.
        let id = (row as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        writeln!(file, "mobile_md5,{id:032x},bench-{}", row / 2)?;
    }
    file.flush()
}

fn behaviours(path: &Path, rows: usize) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "subject,kind,name,at,value")?;
    for row in 0..rows {
        let (subject, each) = (row / BEHAVIOURS_EACH, row % BEHAVIOURS_EACH);
        writeln!(file, "bench-{subject},loan,days_past_due_{each},2026-11-01T00:00:00Z,{each}")?;
    }
    file.flush()
}

fn known(server: &Server, path: &Path, rows: usize) -> io::Result<()> {
    let people = people::all(server);
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "id_value")?;
    for row in 0..rows {
        writeln!(file, "{}", people[row % people.len()].id(row).1)?;
    }
    file.flush()
}
