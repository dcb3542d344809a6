//! Tables of rows, as CSV: the files that an operator loads and the bodies that a merchant sends.
//! In constant memory, whatever comes: a row that cannot be read is one bad row.

use std::io::Read;
use std::mem;

use csv_core::ReadRecordResult;
use domain::load::{BadRow, Columns, Fault, Rejected};

/// A row that is longer is bad, and what follows is read from its next line on: most often a quote
/// was opened and not closed.
const ROW_BYTES_MAX: usize = 64 * 1024;
const CELLS_MAX: usize = 256;
const BLOCK_BYTES: usize = 64 * 1024;
const UNCLOSED: &str = "has a quote that is not closed";
const UTF_8_MARK: &[u8] = b"\xef\xbb\xbf";
const UTF_16_MARKS: [&[u8]; 2] = [b"\xff\xfe", b"\xfe\xff"];

/// A CSV (RFC 4180, UTF-8 with or without byte order mark, any line ends) whose header was read.
/// Columns may stand in any order, and others between them.
pub struct Csv<R> {
    input: Input<R>,
    core: csv_core::Reader,
    record: Record,
    columns: Columns,
    /// Of each column asked for, its place in the header.
    places: Vec<Option<usize>>,
    header_cells: usize,
}

/// What is read of the input and not parsed yet.
struct Input<R> {
    reader: R,
    block: Vec<u8>,
    from: usize,
    until: usize,
}

struct Record {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    cells: usize,
}

/// What a record turned out to be.
enum Shape {
    Whole,
    TooLong,
    TooManyCells,
    /// The table ends within a quote.
    Unclosed,
    End,
}

impl<R: Read> Csv<R> {
    /// Reads the header.
    ///
    /// Errors: what the table is or lacks, in words for who sent it.
    pub fn open(reader: R, columns: Columns) -> Result<Self, String> {
        let input = Input { reader, block: vec![0; BLOCK_BYTES], from: 0, until: 0 };
        let record = Record { bytes: vec![0; ROW_BYTES_MAX], ends: vec![0; CELLS_MAX], cells: 0 };
        let core = csv_core::Reader::new();
        let mut csv = Self { input, core, record, columns, places: Vec::new(), header_cells: 0 };
        csv.input.fill().map_err(|error| unreadable(&error))?;
        let start = csv.input.rest();
        if UTF_16_MARKS.iter().any(|mark| start.starts_with(mark)) {
            return Err("the table is UTF-16; save it as UTF-8".to_owned());
        }
        csv.input.from += if start.starts_with(UTF_8_MARK) { UTF_8_MARK.len() } else { 0 };
        match csv.record().map_err(|error| unreadable(&error))? {
            (_, Shape::Whole) => {}
            (_, Shape::End) => return Err("the table is empty".to_owned()),
            (_, Shape::Unclosed) => return Err(format!("the header {UNCLOSED}")),
            (_, Shape::TooLong | Shape::TooManyCells) => {
                return Err(format!(
                    "the header is longer than {ROW_BYTES_MAX} bytes or {CELLS_MAX} columns"
                ));
            }
        }
        csv.places = csv.places()?;
        csv.header_cells = csv.record.cells;
        Ok(csv)
    }

    fn places(&self) -> Result<Vec<Option<usize>>, String> {
        let header: Vec<&[u8]> =
            (0..self.record.cells).map(|at| self.record.cell(at).trim_ascii()).collect();
        let required = self.columns.required;
        let place = |(at, name): (usize, &str)| {
            let mut found = header.iter().enumerate().filter(|(_, cell)| **cell == name.as_bytes());
            match (found.next(), found.next()) {
                (Some(_), Some(_)) => Err(format!("the table has the column {name} twice")),
                (None, _) if at < required.len() => Err(format!(
                    "the table has no column {name}; its columns must be {}",
                    required.join(", ")
                )),
                (first, _) => Ok(first.map(|(place, _)| place)),
            }
        };
        self.columns.names().enumerate().map(place).collect()
    }

    /// The rows, checked by `read`, which is given their cells in the order of the columns.
    pub fn rows<T>(
        mut self,
        mut read: impl FnMut(&[&str]) -> Result<T, Fault>,
    ) -> impl Iterator<Item = Result<T, Rejected>> {
        let mut is_over = false;
        std::iter::from_fn(move || {
            if is_over {
                return None;
            }
            let row = self.row(&mut read).transpose();
            is_over = matches!(row, None | Some(Err(Rejected::Table(_))));
            row
        })
    }

    fn row<T>(
        &mut self,
        read: impl FnOnce(&[&str]) -> Result<T, Fault>,
    ) -> Result<Option<T>, Rejected> {
        let (line, shape) = self.record().map_err(|error| Rejected::Table(unreadable(&error)))?;
        let read = match shape {
            Shape::End => return Ok(None),
            Shape::TooLong => Err(Fault::new(
                "",
                format!("is longer than {ROW_BYTES_MAX} bytes; a quote may not be closed"),
            )),
            Shape::TooManyCells => Err(self.wrong_count("more")),
            Shape::Unclosed => Err(Fault::new("", UNCLOSED)),
            Shape::Whole => self.cells().and_then(|cells| read(&cells)),
        };
        read.map(Some).map_err(|fault| Rejected::Row(BadRow { row: line, fault }))
    }

    fn cells(&self) -> Result<Vec<&str>, Fault> {
        if self.record.cells != self.header_cells {
            let fewer = self.record.cells < self.header_cells;
            return Err(self.wrong_count(if fewer { "fewer" } else { "more" }));
        }
        let cell = |(name, place): (&'static str, &Option<usize>)| {
            let cell = place.map_or(&b""[..], |at| self.record.cell(at));
            let text = str::from_utf8(cell).map_err(|_| Fault::new(name, "is not UTF-8"))?;
            Ok(text.trim())
        };
        self.columns.names().zip(&self.places).map(cell).collect()
    }

    fn wrong_count(&self, than: &str) -> Fault {
        Fault::new("", format!("has {than} cells than the header, which has {}", self.header_cells))
    }

    /// Reads the next record; gives the line that it begins on.
    fn record(&mut self) -> std::io::Result<(u64, Shape)> {
        let line = self.skip_empty_lines()?;
        self.core.set_line(line);
        let (mut bytes, mut cells, mut is_begun) = (0, 0, false);
        loop {
            self.input.fill()?;
            // A last line without its end is given one: only an open quote goes on behind it.
            let is_last = is_begun && self.input.rest().is_empty();
            let (result, read, written, ended) = self.core.read_record(
                if is_last { b"\n" } else { self.input.rest() },
                &mut self.record.bytes[bytes..],
                &mut self.record.ends[cells..],
            );
            is_begun |= read > 0;
            self.input.from += if is_last { 0 } else { read };
            (bytes, cells) = (bytes + written, cells + ended);
            let shape = match result {
                ReadRecordResult::InputEmpty if is_last => {
                    self.core.reset();
                    Shape::Unclosed
                }
                ReadRecordResult::InputEmpty => continue,
                ReadRecordResult::Record => Shape::Whole,
                ReadRecordResult::End => Shape::End,
                ReadRecordResult::OutputFull => Shape::TooLong,
                ReadRecordResult::OutputEndsFull => Shape::TooManyCells,
            };
            if matches!(shape, Shape::TooLong | Shape::TooManyCells) {
                self.give_up_line()?;
            }
            self.record.cells = cells;
            return Ok((line, shape));
        }
    }

    /// Goes to the start of a record; gives its line.
    fn skip_empty_lines(&mut self) -> std::io::Result<u64> {
        let mut line = self.core.line();
        loop {
            self.input.fill()?;
            let rest = self.input.rest();
            let end = rest.iter().position(|byte| !b"\r\n".contains(byte)).unwrap_or(rest.len());
            line += rest[..end].iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
            let is_over = end < rest.len() || rest.is_empty();
            self.input.from += end;
            if is_over {
                return Ok(line);
            }
        }
    }

    /// Leaves a record that cannot be read at the end of the line it was left on.
    fn give_up_line(&mut self) -> std::io::Result<()> {
        let line = self.core.line();
        self.core.reset();
        self.core.set_line(line);
        loop {
            self.input.fill()?;
            let rest = self.input.rest();
            let end = rest.iter().position(|byte| *byte == b'\n');
            self.input.from += end.unwrap_or(rest.len());
            if end.is_some() || self.input.rest().is_empty() {
                return Ok(());
            }
        }
    }
}

impl<R: Read> Input<R> {
    fn rest(&self) -> &[u8] {
        &self.block[self.from..self.until]
    }

    /// Has at least three bytes (a byte order mark) in the block, unless the input ends before.
    fn fill(&mut self) -> std::io::Result<()> {
        if self.until - self.from >= UTF_8_MARK.len() {
            return Ok(());
        }
        self.block.copy_within(self.from..self.until, 0);
        self.until -= mem::take(&mut self.from);
        while self.until < UTF_8_MARK.len() {
            match self.reader.read(&mut self.block[self.until..]) {
                Ok(0) => return Ok(()),
                Ok(count) => self.until += count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl Record {
    fn cell(&self, at: usize) -> &[u8] {
        let from = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.bytes[from..self.ends[at]]
    }
}

fn unreadable(error: &std::io::Error) -> String {
    format!("the table cannot be read further: {error}")
}

#[cfg(test)]
mod tests;
