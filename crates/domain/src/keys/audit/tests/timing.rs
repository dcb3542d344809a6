//! Whether a wrong padding shows in the time that a block takes: interleaved tries, Welch's t-test
//! (|t| < 4.5, the threshold of Goodwill et al., 2011, on leakage assessment), and the same harness
//! must find a leak that was put in. `PROBITY_TEST_LONG=1` runs 20,000 tries of each kind.

use std::hint::black_box;
use std::time::{Duration, Instant};

use super::{KEY, LENGTH, encrypt};

const SIGNIFICANT: f64 = 4.5;
const LEAK: Duration = Duration::from_micros(20);
/// The slowest tries are the machine's: both kinds lose those above this share of all.
const KEPT_SHARE: f64 = 0.9;
const BLOCKS: usize = 64;

#[expect(clippy::disallowed_methods, reason = "a test asks how long it may run")]
fn tries() -> usize {
    if std::env::var_os("PROBITY_TEST_LONG").is_some() { 20_000 } else { 1_000 }
}

/// Nanoseconds that `work` takes.
#[expect(clippy::disallowed_methods, reason = "what is tested is the time that passes")]
fn measured(work: impl FnOnce()) -> f64 {
    let begun = Instant::now();
    work();
    begun.elapsed().as_nanos() as f64
}

/// What a branch on the padding would cost.
#[expect(clippy::disallowed_methods, reason = "what is tested is the time that passes")]
fn leak() {
    let begun = Instant::now();
    while begun.elapsed() < LEAK {
        black_box(0);
    }
}

/// Welch's t of good paddings against bad ones, tried in turn.
fn t_value(is_leaking: bool) -> f64 {
    let good: Vec<Vec<u8>> = (0..BLOCKS).map(|_| encrypt(&[b'{'; 200])).collect();
    let mut bad = good.clone();
    for (at, block) in bad.iter_mut().enumerate() {
        block[LENGTH - 1 - at] ^= 0x55;
    }
    let mut times = [Vec::new(), Vec::new()];
    for at in 0..2 * tries() {
        // An order that neither the caches nor the clock's period know.
        let kind = (at ^ at >> 3 ^ at >> 7) & 1;
        let block = [&good, &bad][kind][at / 2 % BLOCKS].as_slice();
        times[kind].push(measured(|| {
            black_box(KEY.0.open_blocks(black_box(block)));
            if is_leaking && kind == 1 {
                leak();
            }
        }));
    }
    let mut all = times.concat();
    all.sort_by(f64::total_cmp);
    let limit = all[(all.len() as f64 * KEPT_SHARE) as usize];
    let [good, bad] = times.map(|times| moments(times.into_iter().filter(|time| *time < limit)));
    (good.0 - bad.0) / (good.1 / good.2 + bad.1 / bad.2).sqrt()
}

/// Mean, variance and count.
fn moments(times: impl Iterator<Item = f64>) -> (f64, f64, f64) {
    let times: Vec<f64> = times.collect();
    let count = times.len() as f64;
    let mean = times.iter().sum::<f64>() / count;
    let variance = times.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / (count - 1.0);
    (mean, variance, count)
}

/// A leak shows each time; what shows once in a while is noise.
fn is_significant(is_leaking: bool) -> bool {
    (0..3).all(|_| {
        let t = t_value(is_leaking);
        println!("leaking {is_leaking}: t = {t:.2} over {} tries each", tries());
        t.abs() >= SIGNIFICANT
    })
}

#[test]
fn a_wrong_padding_takes_no_other_time() {
    assert!(!is_significant(false));
}

#[test]
fn the_harness_finds_a_leak_of_twenty_microseconds() {
    assert!(is_significant(true));
}
