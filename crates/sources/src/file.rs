//! Bills and statements that the person hands in: bytes of a file to the dataset that a bank's
//! session gives. The layouts are those that Alipay, WeChat Pay and the banks' sites export.
//!
//! Every line of the table is taken, set aside with a reason, or listed as bad with its number and
//! what is wrong; a bad one costs no other. What the file states of itself is held against its
//! rows. Amounts are exact.

mod build;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
mod layout;
mod line;
mod row;
mod totals;
mod value;

use domain::dataset::ebank::EbankData;
use domain::file::{
    Aside, AsideReason, BYTES_MAX, BadLine, Disagreement, Disputed, FileKind, FileSummary,
    LISTED_MAX, Layout,
};
use domain::load::Fault;
use domain::time::Timestamp;

use layout::Header;
use line::Line;
use row::{Entry, Row};
use totals::{Found, Stated};

/// Lines that may stand before the table.
const HEADING_LINES_MAX: usize = 100;

/// Whose file it is, and under which number it is kept.
#[derive(Clone, Copy)]
pub struct Handed<'s> {
    pub id: &'s str,
    pub name: &'s str,
    pub now: Timestamp,
}

/// Reads a file.
///
/// Errors: what it is or lacks as a whole, in words for who sent it; nothing of its content.
pub fn read(
    kind: FileKind,
    bytes: &[u8],
    handed: &Handed<'_>,
) -> Result<(EbankData, FileSummary), String> {
    if bytes.len() > BYTES_MAX {
        return Err(format!("the file is larger than {BYTES_MAX} bytes"));
    }
    let (encoding, lines) = line::lines(bytes)?;
    let (header, at) = find_header(&lines)?;
    let layout = header.layout;
    if layout.kind() != kind {
        let (is, said) = (layout.kind().as_str(), kind.as_str());
        return Err(format!("the file is of the kind {is}, not {said}"));
    }
    let mut table = Table::default();
    lines[..at].iter().for_each(|line| table.stated.learn(line, None));
    table.take(&header, &lines[at + 1..], handed);
    let Table { stated, found, mut entries, bad_count, bad, set_aside, .. } = table;
    if entries.is_empty() {
        let first =
            bad.first().map(|bad| format!("; line {}: {} {}", bad.line, bad.field, bad.message));
        let first = first.unwrap_or_default();
        return Err(format!("the table has no transaction that can be read{first}"));
    }
    // The apps list the newest first.
    if entries.first().map(|entry| entry.at) > entries.last().map(|entry| entry.at) {
        entries.reverse();
    }
    entries.sort_by_key(|entry| entry.at);
    let mut disagreements = stated.against(&found);
    disagreements.extend(wrong_holder(&stated, handed.name));
    if layout == Layout::Bank {
        disagreements.extend(totals::broken_balance(&entries));
    }
    let data = build::dataset(&header, &stated, &entries, handed)?;
    let day = |entry: Option<&Entry>| entry.map(|entry| entry.at.shanghai_day());
    let summary = FileSummary {
        kind,
        layout,
        encoding,
        rows: found.rows,
        taken: entries.len() as u64,
        bad_count,
        bad,
        set_aside,
        disagreements,
        days: day(entries.first()).zip(day(entries.last())),
    };
    Ok((data, summary))
}

fn find_header(lines: &[Line]) -> Result<(Header, usize), String> {
    let heading = lines.iter().take(HEADING_LINES_MAX).enumerate();
    let mut headers = heading.filter_map(|(at, line)| Header::of(line).map(|header| (header, at)));
    headers.next().ok_or_else(|| {
        "no line names the columns of a known layout; export the file again and send it as it is"
            .to_owned()
    })
}

fn wrong_holder(stated: &Stated, name: &str) -> Option<Disagreement> {
    let holder = stated.holder.as_ref().filter(|holder| !totals::is_name(holder, name))?;
    Some(Disagreement {
        what: Disputed::Holder,
        line: None,
        stated: holder.clone(),
        found: name.to_owned(),
    })
}

/// What the lines of the table came to.
#[derive(Default)]
struct Table {
    stated: Stated,
    found: Found,
    entries: Vec<Entry>,
    bad_count: u64,
    bad: Vec<BadLine>,
    set_aside: Vec<Aside>,
}

impl Table {
    fn take(&mut self, header: &Header, lines: &[Line], handed: &Handed<'_>) {
        let today = handed.now.shanghai_day();
        let mut is_over = false;
        for line in lines {
            if line.is_empty() {
                continue;
            }
            is_over |= totals::is_rule(line);
            if is_over || totals::is_footer(line) {
                self.stated.learn(line, Some(header));
                continue;
            }
            self.found.rows += 1;
            let read = match &line.cells {
                Ok(cells) => row::read(header, cells, line.number, today),
                Err(reason) => Err(Fault::new("", *reason)),
            };
            match read {
                Ok((row, counted)) => {
                    self.found.count(counted);
                    match row {
                        Row::Taken(entry) => self.entries.push(*entry),
                        Row::Aside(reason) => self.put_aside(reason, line.number),
                    }
                }
                Err(fault) => self.refuse(line.number, &fault),
            }
        }
    }

    fn put_aside(&mut self, reason: AsideReason, line: u64) {
        let at = self.set_aside.iter().position(|aside| aside.reason == reason);
        let at = at.unwrap_or_else(|| {
            self.set_aside.push(Aside { reason, count: 0, lines: Vec::new() });
            self.set_aside.len() - 1
        });
        let aside = &mut self.set_aside[at];
        aside.count += 1;
        if aside.lines.len() < LISTED_MAX {
            aside.lines.push(line);
        }
    }

    fn refuse(&mut self, line: u64, fault: &Fault) {
        self.bad_count += 1;
        if self.bad.len() < LISTED_MAX {
            let (field, message) = (fault.field.to_owned(), fault.reason.clone());
            self.bad.push(BadLine { line, field, message });
        }
    }
}

#[cfg(test)]
mod tests;
