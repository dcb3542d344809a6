//! How many of an application's answers were scores, and how many the codes that say that nothing
//! could be said (document 000, sections 4.1 and 5).

use crate::ids::{AppId, MerchantId};
use crate::score::code;

/// Fewer answers say nothing about a share.
pub const ANSWERS_NEEDED: i64 = 100;

/// The codes that are watched, and the share in percent up to which the document calls them usual.
pub const WATCHED: [(i32, i64); 2] = [(code::UNCONVERTED, 10), (code::EMPTY_CONTENT, 20)];

/// The answers of one application in a window of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    pub merchant: MerchantId,
    pub app: AppId,
    /// Final outcomes: codes 0, 108 and 109.
    pub answers: i64,
    /// Of these, code 108.
    pub unconverted: i64,
    /// Of these, code 109.
    pub empty: i64,
}

impl Coverage {
    pub fn new(merchant: MerchantId, app: AppId) -> Self {
        Self { merchant, app, answers: 0, unconverted: 0, empty: 0 }
    }

    /// Counts `calls` answers of `code`; any but a final outcome is none.
    pub fn count(&mut self, code: i32, calls: i64) {
        match code {
            code::OK => {}
            code::UNCONVERTED => self.unconverted += calls,
            code::EMPTY_CONTENT => self.empty += calls,
            _ => return,
        }
        self.answers += calls;
    }

    /// How many answers had that code.
    pub fn of(&self, code: i32) -> i64 {
        match code {
            code::UNCONVERTED => self.unconverted,
            code::EMPTY_CONTENT => self.empty,
            _ => self.answers - self.unconverted - self.empty,
        }
    }

    /// 0 to 1; 0 without answers.
    pub fn share(&self, code: i32) -> f64 {
        if self.answers == 0 { 0.0 } else { self.of(code) as f64 / self.answers as f64 }
    }

    /// Whether a watched code came more often than the document calls usual.
    pub fn alarms(&self, (code, percent_max): (i32, i64)) -> bool {
        self.answers >= ANSWERS_NEEDED && self.of(code) * 100 > self.answers * percent_max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_needs_enough_answers_and_more_than_the_share() {
        let [many_108, many_109] = WATCHED;
        for (ok, unconverted, empty, wanted) in [
            (90, 10, 0, (false, false)),
            (89, 11, 0, (true, false)),
            (80, 0, 20, (false, false)),
            (79, 0, 21, (false, true)),
            (0, 50, 49, (false, false)),
            (0, 50, 50, (true, true)),
        ] {
            let mut coverage = Coverage::new(MerchantId(1), AppId::default());
            for (code, calls) in [(0, ok), (108, unconverted), (109, empty), (1, 999), (19, 999)] {
                coverage.count(code, calls);
            }
            assert_eq!(
                (coverage.alarms(many_108), coverage.alarms(many_109)),
                wanted,
                "{coverage:?}"
            );
        }
    }
}
