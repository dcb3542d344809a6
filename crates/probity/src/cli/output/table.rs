//! A table for a person: columns as wide as their widest cell, numbers to the right.

use std::fmt::{self, Display};

/// Rows of text under a header.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new<const N: usize>(header: [&str; N]) -> Self {
        Self { rows: vec![header.map(str::to_uppercase).into()] }
    }

    pub(crate) fn row<const N: usize>(&mut self, cells: [&dyn Display; N]) {
        debug_assert_eq!(self.rows.first().map(Vec::len), Some(N), "as many as the header has");
        self.rows.push(cells.map(|cell| visible(&cell.to_string())).into());
    }

    fn is_numeric(&self, column: usize) -> bool {
        let cells = || self.rows.iter().skip(1).filter_map(|row| row.get(column));
        cells().next().is_some()
            && cells().all(|cell| cell.is_empty() || cell.parse::<f64>().is_ok())
    }
}

impl Display for Table {
    /// Without a line break at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.rows.first().map_or(0, Vec::len);
        let widest = |column: usize| self.rows.iter().map(|row| width(&row[column])).max();
        let widths: Vec<usize> = (0..columns).filter_map(widest).collect();
        let numeric: Vec<bool> = (0..columns).map(|column| self.is_numeric(column)).collect();
        for (at, row) in self.rows.iter().enumerate() {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                let padding = " ".repeat(widths[column] - width(cell));
                let (before, after) =
                    if numeric[column] { (&*padding, "") } else { ("", &*padding) };
                line.extend([before, cell, after, "  "]);
            }
            let end = if at + 1 == self.rows.len() { "" } else { "\n" };
            write!(f, "{}{end}", line.trim_end())?;
        }
        Ok(())
    }
}

/// Control characters would let a stored text write over the terminal.
fn visible(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Columns on a terminal: Chinese, Japanese and Korean characters take two.
fn width(text: &str) -> usize {
    let is_wide = |c| {
        matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}'
            | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}'
            | '\u{ffe0}'..='\u{ffe6}' | '\u{20000}'..='\u{3fffd}')
    };
    text.chars().map(|c| 1 + usize::from(is_wide(c))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other() {
        let mut table = Table::new(["name", "score"]);
        table.row([&"月收入", &7.5]);
        table.row([&"a\u{1b}[2J", &-12]);
        assert_eq!(table.to_string(), "NAME    SCORE\n月收入    7.5\na\u{fffd}[2J     -12");
    }
}
