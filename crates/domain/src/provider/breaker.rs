//! A breaker: a provider that failed several times in a short time is left alone for a while, then
//! tried with one step; as long as that fails, the pauses grow.

use std::collections::VecDeque;

use crate::time::{Span, Timestamp};

/// So many failures within so long open the breaker.
const FAILURES: usize = 5;
const WINDOW: Span = Span::seconds(30);

/// The first pause, and the longest.
const PAUSE: Span = Span::seconds(10);
const PAUSE_MAX: Span = Span::minutes(5);

#[derive(Clone, Debug)]
pub struct Breaker(State);

#[derive(Clone, Debug)]
enum State {
    /// Steps pass; the latest failures.
    Closed(VecDeque<Timestamp>),
    /// None pass before `until`.
    Open { until: Timestamp, pause: Span },
    /// One step is on trial; when nothing is heard of it, the next may be from `until`.
    HalfOpen { until: Timestamp, pause: Span },
}

impl Breaker {
    pub fn new() -> Self {
        Self(State::Closed(VecDeque::new()))
    }

    /// Whether a step could pass now.
    pub fn admits(&self, now: Timestamp) -> bool {
        match self.0 {
            State::Closed(_) => true,
            State::Open { until, .. } | State::HalfOpen { until, .. } => now >= until,
        }
    }

    /// Lets a step pass, or not. What comes of it must be told within `trial`.
    pub fn take(&mut self, now: Timestamp, trial: Span) -> bool {
        let admits = self.admits(now);
        if let State::Open { pause, .. } | State::HalfOpen { pause, .. } = self.0
            && admits
        {
            self.0 = State::HalfOpen { until: now + trial, pause };
        }
        admits
    }

    pub fn succeeded(&mut self) {
        // While it is open, what succeeds was begun before.
        if let State::HalfOpen { .. } = self.0 {
            *self = Self::new();
        }
    }

    pub fn failed(&mut self, now: Timestamp) {
        match &mut self.0 {
            State::Closed(failures) => {
                failures.retain(|at| now - *at < WINDOW);
                failures.push_back(now);
                if failures.len() >= FAILURES {
                    self.0 = State::Open { until: now + PAUSE, pause: PAUSE };
                }
            }
            State::HalfOpen { pause, .. } => {
                let pause = PAUSE_MAX.min(Span(pause.0 * 2));
                self.0 = State::Open { until: now + pause, pause };
            }
            State::Open { .. } => {}
        }
    }
}

impl Default for Breaker {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRIAL: Span = Span::seconds(3);

    fn at(ms: i64) -> Timestamp {
        Timestamp(ms * 1_000)
    }

    fn opened(last_ms: i64) -> Breaker {
        let mut breaker = Breaker::new();
        for _ in 0..FAILURES {
            assert!(breaker.take(at(last_ms), TRIAL));
            breaker.failed(at(last_ms));
        }
        breaker
    }

    #[test]
    fn failures_count_within_the_window_only() {
        for (apart_ms, stays_closed) in [(7_500, true), (7_499, false)] {
            let mut breaker = Breaker::new();
            for failure in 0..FAILURES as i64 {
                breaker.failed(at(failure * apart_ms));
            }
            assert_eq!(breaker.admits(at(4 * apart_ms)), stays_closed, "{apart_ms}");
        }
    }

    #[test]
    fn it_opens_tries_one_and_closes() {
        let mut breaker = opened(0);
        assert!(!breaker.take(at(9_999), TRIAL));
        breaker.succeeded();
        assert!(!breaker.admits(at(9_999)), "a late success does not close it");
        assert!(breaker.take(at(10_000), TRIAL) && !breaker.take(at(10_000), TRIAL), "one only");
        breaker.succeeded();
        assert!(breaker.take(at(10_001), TRIAL) && breaker.take(at(10_001), TRIAL));
    }

    #[test]
    fn its_pauses_grow_to_a_limit_and_a_lost_trial_is_tried_again() {
        let mut breaker = opened(0);
        let mut now = 10_000;
        for pause_s in [20, 40, 80, 160, 300, 300] {
            assert!(breaker.take(at(now), TRIAL));
            breaker.failed(at(now));
            now += pause_s * 1_000;
            assert!(!breaker.admits(at(now - 1)), "{pause_s}");
        }
        assert!(breaker.take(at(now), TRIAL) && !breaker.take(at(now + 2_999), TRIAL));
        assert!(breaker.take(at(now + 3_000), TRIAL), "nothing was heard of the trial");
    }
}
