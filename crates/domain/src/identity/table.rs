//! The look-up tables in the binary: unpacked once, searched by binary search.

use std::io::Read as _;

use flate2::read::GzDecoder;

pub(super) fn unpack(packed: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let unpacked = GzDecoder::new(packed).read_to_end(&mut bytes);
    unpacked.expect("the table was packed with this source");
    bytes
}

/// A table of lines sorted by their first column.
pub(super) struct Lines {
    text: String,
    /// Where each line begins.
    starts: Vec<u32>,
}

impl Lines {
    pub(super) fn unpack(packed: &[u8]) -> Self {
        let text = String::from_utf8(unpack(packed)).expect("the tables are UTF-8");
        let starts = text.lines().scan(0, |at, line| {
            let start = *at;
            *at += line.len() as u32 + 1;
            Some(start)
        });
        Self { starts: starts.collect(), text }
    }

    /// Each line's first column and the rest of it.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.text.lines().filter_map(|line| line.split_once('\t'))
    }

    /// The columns after the first of the line whose first column is `key`.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        let line = |start: u32| {
            let line = self.text[start as usize..].lines().next().unwrap_or_default();
            line.split_once('\t').expect("each line has two columns")
        };
        let found = self.starts.binary_search_by(|start| line(*start).0.cmp(key)).ok()?;
        Some(line(self.starts[found]).1)
    }
}
