//! `probity report`: a credit report's page, read and interpreted. It needs no database: whoever
//! runs it has the file.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use domain::dataset::credit::{Column, CreditRecord, Guarantee, Row, Unread};
use domain::identity::PersonName;
use domain::report::pboc::{Asked, CreditReport, Formula, derive, page};
use domain::time::Clock;
use serde_json::json;

use super::output::{self, Table};
use crate::seams::SystemClock;

#[derive(Debug, Args)]
#[command(after_help = "A page is the 简版 report of the PBoC's internet platform, as a browser \
    saves it: HTML in GBK or UTF-8. What could not be read is listed, and so is where the page's \
    own table of counts disagrees with its sentences. docs/credit-report.md defines each \
    figure.\n\nExamples:\n  probity report parse page.html\n  \
    probity report parse page.html --json --unmask\n  \
    probity sandbox page sandbox07 > page.html")]
pub(crate) struct Report {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Read a page: what it says, and what follows from it
    Parse(Parse),
}

#[derive(Debug, Args)]
struct Parse {
    /// The page (`-`: standard input)
    file: PathBuf,
    /// Show names and numbers of persons in the clear
    #[arg(long)]
    unmask: bool,
    /// The record and the answer of `viewReport`
    #[arg(long)]
    json: bool,
}

impl Report {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let Action::Parse(parse) = self.action;
        parse.run()
    }
}

impl Parse {
    fn run(&self) -> anyhow::Result<()> {
        let bytes = read(&self.file)?;
        let name = self.file.display();
        let mut record = page::read(&bytes).with_context(|| format!("{name}"))?;
        if !self.unmask {
            mask(&mut record);
        }
        let now = SystemClock.now();
        let report = derive(&record, Asked { updated: now, now, formula: Formula::CURRENT });
        if self.json {
            return output::json(&json!({
                "record": record,
                "disagreements": disagreements(&record),
                "report": wire::rong360::report::report(&report, &record, ""),
            }));
        }
        show(&record, &report)
    }
}

/// The file, no more of it than tells that it is too large.
fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let limit = page::BYTES_MAX as u64 + 1;
    let mut bytes = Vec::new();
    let read = if file == Path::new("-") {
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes)
    } else {
        File::open(file).and_then(|file| file.take(limit).read_to_end(&mut bytes))
    };
    read.with_context(|| format!("{}", file.display()))?;
    Ok(bytes)
}

fn show(record: &CreditRecord, report: &CreditReport) -> anyhow::Result<()> {
    let head = &record.head;
    let mut counts = Table::new(["", "信用卡", "购房贷款", "其他贷款"]);
    for row in Row::ALL {
        let [cards, houses, loans] = Column::ALL.map(|column| report.counts.of(column).of(row));
        counts.row([&row.heading(), &cards, &houses, &loans]);
    }
    output::line(format_args!(
        "{} {} {} {}\nreport {}\n{counts}\npublic records {}, queries in 365 days {}\n\
         score {} (grade {}, formula {})",
        head.name,
        head.id_type,
        head.id_number,
        head.marriage,
        head.report_number,
        record.public_records.len(),
        report.query_365,
        report.score,
        report.grade,
        report.formula.number(),
    ))?;
    if !report.interpretation.overdue.is_empty() {
        output::line(&report.interpretation.overdue)?;
    }
    for account in &record.accounts {
        let flag = if account.unread.is_empty() { "" } else { " [not all of it was read]" };
        output::line(format_args!("- {}{flag}", account.text))?;
    }
    for Unread { place, text } in &record.unread {
        output::note(format_args!("not read, under {place} {text}"));
    }
    for said in disagreements(record) {
        output::note(said);
    }
    Ok(())
}

fn disagreements(record: &CreditRecord) -> Vec<String> {
    let said = |found: &domain::dataset::credit::Disagreement| {
        format!(
            "信息概要 says {} {} {}, the sentences come to {}",
            found.column.heading(),
            found.row.heading(),
            found.printed,
            found.counted
        )
    };
    record.disagreements().iter().map(said).collect()
}

/// Hides who the report is about, and for whom the person answers. Of what was not read nobody
/// knows what it is: numbers in it that may be a person's are hidden.
fn mask(record: &mut CreditRecord) {
    let head = &mut record.head;
    head.name = masked_name(&head.name);
    head.id_number = last_four(&head.id_number);
    for guarantee in &mut record.guarantees {
        let Guarantee { name, id_number, text, .. } = guarantee;
        let (hidden_name, hidden_number) = (masked_name(name), last_four(id_number));
        *text =
            text.replace(name.as_str(), &hidden_name).replace(id_number.as_str(), &hidden_number);
        (*name, *id_number) = (hidden_name, hidden_number);
    }
    for Unread { text, .. } in &mut record.unread {
        *text = without_numbers(text);
    }
}

fn masked_name(name: &str) -> String {
    PersonName::parse(name).map_or_else(|_| "*".to_owned(), |name| name.masked())
}

fn last_four(number: &str) -> String {
    let count = number.chars().count();
    let last: String = number.chars().skip(count.saturating_sub(4).max(count / 2)).collect();
    format!("*****{last}")
}

/// Runs of six digits and more become stars.
fn without_numbers(text: &str) -> String {
    let mut shown = String::new();
    let mut digits = String::new();
    let end = |digits: &mut String, shown: &mut String| {
        let is_long = digits.len() >= 6;
        shown.push_str(if is_long { "******" } else { digits });
        digits.clear();
    };
    for c in text.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        end(&mut digits, &mut shown);
        shown.push(c);
    }
    end(&mut digits, &mut shown);
    shown
}
