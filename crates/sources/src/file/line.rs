//! The lines of a text in either encoding, and their cells.

use domain::file::{Encoding, LINES_MAX};
use encoding_rs::GB18030;

const UTF_8_MARK: &[u8] = b"\xef\xbb\xbf";
const UTF_16_MARKS: [&[u8]; 2] = [b"\xff\xfe", b"\xfe\xff"];

/// A line of the file: its number from 1, and its cells without the blanks around them.
pub(super) struct Line {
    pub(super) number: u64,
    pub(super) cells: Result<Vec<String>, &'static str>,
}

impl Line {
    /// The cells; none when the line cannot be read.
    pub(super) fn readable(&self) -> &[String] {
        self.cells.as_deref().unwrap_or_default()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.cells.as_ref().is_ok_and(|cells| cells.iter().all(String::is_empty))
    }

    /// The line as one text: the tables' headings and footers are sentences.
    pub(super) fn text(&self) -> String {
        self.readable().join(",")
    }
}

/// The lines of `bytes`. A line feed is no part of another character in either encoding, so each
/// line is decoded by itself, and a broken one costs no other.
///
/// Errors: it is UTF-16, or has too many lines.
pub(super) fn lines(bytes: &[u8]) -> Result<(Encoding, Vec<Line>), String> {
    if UTF_16_MARKS.iter().any(|mark| bytes.starts_with(mark)) {
        return Err("the file is UTF-16; save it as UTF-8 or GBK".to_owned());
    }
    let (marked, bytes) = match bytes.strip_prefix(UTF_8_MARK) {
        Some(rest) => (true, rest),
        None => (false, bytes),
    };
    let encoding =
        if marked || str::from_utf8(bytes).is_ok() { Encoding::Utf8 } else { Encoding::Gbk };
    let lines = bytes.split(|byte| *byte == b'\n').zip(1..).map(|(line, number)| Line {
        number,
        cells: decoded(line, encoding).and_then(|text| cells(text.trim_end_matches('\r'))),
    });
    let lines: Vec<Line> = lines.take(LINES_MAX + 1).collect();
    if lines.len() > LINES_MAX {
        return Err(format!("the file has more than {LINES_MAX} lines"));
    }
    Ok((encoding, lines))
}

fn decoded(line: &[u8], encoding: Encoding) -> Result<String, &'static str> {
    match encoding {
        Encoding::Utf8 => {
            str::from_utf8(line).map(str::to_owned).map_err(|_| "is not UTF-8 like the rest")
        }
        Encoding::Gbk => GB18030
            .decode_without_bom_handling_and_without_replacement(line)
            .map(std::borrow::Cow::into_owned)
            .ok_or("is neither UTF-8 nor GBK"),
    }
}

/// The cells of a line. A quote counts at the beginning of a cell alone: the bills of the payment
/// apps leave those within a text as they are. No layout has a line break inside a cell.
fn cells(line: &str) -> Result<Vec<String>, &'static str> {
    let (mut cells, mut rest) = (Vec::new(), line);
    loop {
        let start = rest.trim_start_matches([' ', '\t']);
        let (cell, after) = if let Some(quoted) = start.strip_prefix('"') {
            unquoted(quoted)?
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            (rest[..end].to_owned(), &rest[end..])
        };
        cells.push(cell.trim().to_owned());
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None => return Ok(cells),
        }
    }
}

/// What stands in quotes, and what follows them.
fn unquoted(mut rest: &str) -> Result<(String, &str), &'static str> {
    let mut cell = String::new();
    loop {
        let end = rest.find('"').ok_or("has a quote that is not closed")?;
        cell.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(after) => {
                cell.push('"');
                rest = after;
            }
            None => break,
        }
    }
    let after = rest.trim_start_matches([' ', '\t']);
    let is_at_end = after.is_empty() || after.starts_with(',');
    if is_at_end { Ok((cell, after)) } else { Err("has text behind a closed quote") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_cut_as_the_layouts_write_them() {
        let table: [(&str, Result<&[&str], &str>); 8] = [
            ("a,b", Ok(&["a", "b"])),
            (" a \t,\t,", Ok(&["a", "", ""])),
            (r#""1,234.00","say ""no""" ,x"#, Ok(&["1,234.00", r#"say "no""#, "x"])),
            (r#"点击底部"多多视频","/""#, Ok(&[r#"点击底部"多多视频""#, "/"])),
            ("", Ok(&[""])),
            (r#""open,b"#, Err("has a quote that is not closed")),
            (r#""a"b,c"#, Err("has text behind a closed quote")),
            ("\u{3000}全角\u{3000},b", Ok(&["全角", "b"])),
        ];
        for (line, wanted) in table {
            let wanted = wanted.map(|cells| cells.iter().map(ToString::to_string).collect());
            assert_eq!(cells(line), wanted, "{line}");
        }
    }

    #[test]
    fn the_encoding_is_told_by_the_bytes() {
        let (gbk, _, _) = encoding_rs::GBK.encode("账号,余额");
        let table: [(&[u8], Encoding); 3] = [
            ("账号,余额".as_bytes(), Encoding::Utf8),
            ("\u{feff}账号,余额".as_bytes(), Encoding::Utf8),
            (&gbk, Encoding::Gbk),
        ];
        for (bytes, wanted) in table {
            let (encoding, lines) = lines(bytes).expect("a text");
            assert_eq!(
                (encoding, lines[0].readable()),
                (wanted, &["账号".into(), "余额".into()][..])
            );
        }
        let broken = [&gbk[..], b"\n\xff\xff,1\n"].concat();
        let (_, lines) = lines(&broken).expect("a text");
        assert_eq!(lines[1].cells, Err("is neither UTF-8 nor GBK"));
        assert!(super::lines(b"\xff\xfea\0").is_err());
    }
}
