//! Whether two kinds of requests can be told apart by how long they take: Welch's t over tries
//! that come in a mixed order, so that what else the machine does meets both kinds.

use std::time::{Duration, Instant};

/// Beyond this the two differ (as in TVLA and `dudect`: Reparaz, Balasch, Verbauwhede, "Dude, is
/// my code constant time?", 2017).
pub const T_MAX: f64 = 4.5;

/// The slowest tenth of both together is left out: it is the machine's, and hides the rest.
const KEPT: f64 = 0.9;
const KEPT_FASTEST: f64 = 0.5;

/// What was found.
#[derive(Clone, Copy, Debug)]
pub struct Comparison {
    pub t: f64,
    pub means_us: [f64; 2],
}

impl Comparison {
    pub fn differ(&self) -> bool {
        self.t.abs() >= T_MAX
    }
}

/// Takes each kind (0 and 1) `tries` times; `take` is given the kind and the number of the try.
pub fn compare(tries: usize, take: impl FnMut(usize, usize) -> Duration) -> Comparison {
    judge(&taken(tries, take), KEPT)
}

/// The same by the faster half alone, for what takes long enough to be interrupted often: the
/// smaller difference is found there.
pub fn compare_fastest(tries: usize, take: impl FnMut(usize, usize) -> Duration) -> Comparison {
    judge(&taken(tries, take), KEPT_FASTEST)
}

fn taken(tries: usize, mut take: impl FnMut(usize, usize) -> Duration) -> [Vec<f64>; 2] {
    let mut taken = [const { Vec::new() }; 2];
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    while taken.iter().any(|one| one.len() < tries) {
        // xorshift64 (Marsaglia 2003).
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let wanted = (random >> 33) as usize % 2;
        let kind = if taken[wanted].len() < tries { wanted } else { 1 - wanted };
        let took = take(kind, taken[kind].len());
        taken[kind].push(took.as_secs_f64() * 1e6);
    }
    taken
}

/// The time that `work` takes.
pub fn time(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

fn judge(taken: &[Vec<f64>; 2], kept: f64) -> Comparison {
    let mut all: Vec<f64> = taken.concat();
    all.sort_by(f64::total_cmp);
    let limit = all[((all.len() - 1) as f64 * kept) as usize];
    let [first, second] = [0, 1].map(|kind: usize| {
        let kept: Vec<f64> = taken[kind].iter().copied().filter(|us| *us <= limit).collect();
        let count = kept.len().max(2) as f64;
        let mean = kept.iter().sum::<f64>() / count;
        let variance = kept.iter().map(|us| (us - mean).powi(2)).sum::<f64>() / (count - 1.0);
        (mean, variance / count)
    });
    let t = (first.0 - second.0) / (first.1 + second.1).sqrt().max(f64::MIN_POSITIVE);
    Comparison { t, means_us: [first.0, second.0] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alike_and_different() {
        let around = |middle: f64| (0..1_000).map(|at| middle + f64::from(at % 21)).collect();
        assert!(!judge(&[around(100.0), around(100.0)], KEPT).differ());
        let found = judge(&[around(100.0), around(104.0)], KEPT);
        assert!(found.differ() && found.t < 0.0, "{found:?}");
        // scipy.stats.ttest_ind([1, 2, 3, 4], [2, 4, 6, 8], equal_var=False), nothing left out
        let ends = [vec![1.0, 2.0, 3.0, 4.0, 99.0], vec![2.0, 4.0, 6.0, 8.0]];
        assert!((judge(&ends, KEPT).t + 1.732).abs() < 0.001, "{:?}", judge(&ends, KEPT));
    }

    #[test]
    fn each_kind_is_taken_as_often() {
        let mut counts = [0, 0];
        let _ = compare(50, |kind, at| {
            assert_eq!(counts[kind], at);
            counts[kind] += 1;
            Duration::from_micros(at as u64)
        });
        assert_eq!(counts, [50, 50]);
    }
}
