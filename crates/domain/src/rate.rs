//! A rate limit as arithmetic: the generic cell rate algorithm, with time as an argument.

use crate::time::{Span, Timestamp};

/// One merchant's rate: `per_second` calls, a second's worth of which may come at once.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// When the allowance would be whole again; before `now` it is whole.
    whole_at: Timestamp,
}

impl Rate {
    pub fn new() -> Self {
        Self { whole_at: Timestamp(i64::MIN) }
    }

    /// Takes one call, or says that it is too many. A zero rate admits nothing.
    pub fn admit(&mut self, now: Timestamp, per_second: f64) -> bool {
        if per_second <= 0.0 {
            return false;
        }
        let step = Span::micros((1e6 / per_second) as i64);
        let base = self.whole_at.max(now);
        // A rate below one a second still lets a single call through when it is whole.
        let burst = Span::micros(step.0.max(1_000_000));
        if (base + step) - now > burst {
            return false;
        }
        self.whole_at = base + step;
        true
    }
}

impl Default for Rate {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(per_second: f64, calls: usize, spacing: Span) -> usize {
        let mut rate = Rate::new();
        let mut now = Timestamp(0);
        let mut admitted = 0;
        for _ in 0..calls {
            admitted += usize::from(rate.admit(now, per_second));
            now = now + spacing;
        }
        admitted
    }

    #[test]
    fn a_burst_is_a_second_worth_and_no_more() {
        assert_eq!(admitted(10.0, 50, Span::micros(0)), 10);
    }

    #[test]
    fn a_steady_stream_at_the_rate_passes_whole() {
        assert_eq!(admitted(10.0, 500, Span::millis(100)), 500);
    }

    #[test]
    fn ten_seconds_of_flood_pass_eleven_seconds_worth() {
        assert_eq!(admitted(100.0, 10_000, Span::millis(1)), 1_100 - 1);
    }

    #[test]
    fn slow_and_zero_rates_are_kept() {
        assert_eq!(admitted(0.5, 10, Span::seconds(1)), 5);
        assert_eq!(admitted(0.0, 10, Span::seconds(1)), 0);
    }
}
