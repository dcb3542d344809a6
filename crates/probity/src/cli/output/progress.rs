//! A bar on standard error for long work, shown only when a person watches.

use std::io::Read;

use indicatif::{ProgressBar, ProgressStyle};

/// Cleared when it goes, so that only results remain.
pub(crate) struct Progress {
    bar: ProgressBar,
    /// Whether the bar moves with the bytes of a file, and the count stands beside it.
    reads: bool,
}

impl Progress {
    /// Work of known size, counted in `unit`.
    pub(crate) fn of(total: u64, unit: &'static str) -> Self {
        let counts = format!("{{bar:30}} {{human_pos}}/{{human_len}} {unit}");
        Self { bar: styled(ProgressBar::new(total), &counts), reads: false }
    }

    /// Work whose size nobody knows ahead.
    pub(crate) fn counting(unit: &'static str) -> Self {
        let counts = format!("{{spinner}} {{human_pos}} {unit}");
        Self { bar: styled(ProgressBar::new_spinner(), &counts), reads: false }
    }

    /// Rows of a file of that many bytes, which [`Progress::count`] counts.
    pub(crate) fn reading(bytes: u64) -> Self {
        let counts = "{bar:30} {bytes}/{total_bytes}, {msg} rows";
        Self { bar: styled(ProgressBar::new(bytes), counts), reads: true }
    }

    pub(crate) fn at(&self, position: u64) {
        if self.reads {
            self.bar.set_message(position.to_string());
        } else {
            self.bar.set_position(position);
        }
    }

    /// The same bytes, counted as they are read.
    pub(crate) fn count<R: Read + 'static>(&self, file: R) -> impl Read + 'static {
        self.bar.wrap_read(file)
    }
}

fn styled(bar: ProgressBar, counts: &str) -> ProgressBar {
    match ProgressStyle::with_template(&format!("{counts}, {{per_sec}}, {{elapsed}}")) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
