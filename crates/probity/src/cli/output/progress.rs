//! A bar on standard error for long work, shown only when a person watches.

use indicatif::{ProgressBar, ProgressStyle};

/// Cleared when it goes, so that only results remain.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Work of known size, counted in `unit`.
    pub(crate) fn of(total: u64, unit: &'static str) -> Self {
        Self::new(ProgressBar::new(total), "{bar:30} {human_pos}/{human_len}", unit)
    }

    /// Work whose size nobody knows ahead.
    pub(crate) fn counting(unit: &'static str) -> Self {
        Self::new(ProgressBar::new_spinner(), "{spinner} {human_pos}", unit)
    }

    fn new(bar: ProgressBar, counts: &str, unit: &str) -> Self {
        let template = format!("{counts} {unit}, {{per_sec}}, {{elapsed}}");
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style);
        }
        Self(bar)
    }

    pub(crate) fn at(&self, position: u64) {
        self.0.set_position(position);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
