//! What runs fuzz targets: plain functions from bytes to whether they were accepted, which must not
//! panic whatever the bytes. They run on any toolchain; other harnesses may call them too.
//! Each crate keeps its targets beside what they try.

use std::io::{self, Write as _};
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

mod mutation;

pub use mutation::Mutation;

/// How many accepted texts are kept to change further.
const CORPUS_MAX: usize = 256;
/// How often the clock is asked, in runs.
const RUNS_BETWEEN: u64 = 64;

/// One thing to fuzz, and bytes that it accepts to begin with.
#[derive(Clone, Copy)]
pub struct Target {
    pub name: &'static str,
    /// Whether the bytes were accepted.
    pub run: fn(&[u8]) -> bool,
    pub corpus: &'static [&'static [u8]],
}

/// How often a target ran, and how often it accepted.
#[derive(Clone, Copy, Debug)]
struct Counts {
    runs: u64,
    accepted: u64,
}

impl Target {
    /// Runs on changes of the corpus while `goes_on` says so. What is accepted joins the corpus for
    /// a while, so that changes pile up on the accepting path.
    fn fuzz(&self, mut goes_on: impl FnMut(u64) -> bool) -> Counts {
        let mut mutation = Mutation::new(0x5eed);
        let mut corpus: Vec<Vec<u8>> = self.corpus.iter().map(|bytes| bytes.to_vec()).collect();
        let mut counts = Counts { runs: 0, accepted: 0 };
        while goes_on(counts.runs) {
            let bytes = &corpus[mutation.below(corpus.len())];
            let other = &corpus[mutation.below(corpus.len())];
            let changed = mutation.change(bytes, other);
            counts.runs += 1;
            if !(self.run)(&changed) {
                continue;
            }
            counts.accepted += 1;
            if corpus.len() < CORPUS_MAX.max(2 * self.corpus.len()) {
                corpus.push(changed);
                continue;
            }
            let place = mutation.below(corpus.len());
            // The first ones stay: they reach every way in.
            if place >= self.corpus.len() {
                corpus[place] = changed;
            }
        }
        counts
    }
}

/// Each corpus is accepted as it stands, and noise is not.
///
/// # Panics
/// When a target says otherwise.
pub fn check_corpora(targets: &[Target]) {
    for Target { name, run, corpus } in targets {
        for bytes in *corpus {
            assert!(run(bytes), "{name} {}", bytes.escape_ascii());
        }
        assert!(!run(b"\xff\0"), "{name} accepts noise");
    }
}

/// Runs each target a fixed number of times, which every test run can afford.
///
/// # Panics
/// When a target does, accepts nothing, or refuses nothing.
pub fn run_briefly(targets: &[Target]) {
    const RUNS: u64 = 5_000;
    for target in targets {
        let Counts { runs, accepted } = target.fuzz(|runs| runs < RUNS);
        assert!(accepted > 0 && accepted < runs, "{}: {accepted} of {runs}", target.name);
    }
}

/// Runs each target for `FUZZ_SECONDS` (10 unless told), as many at a time as there are processors,
/// and prints what came of it.
///
/// # Panics
/// When a target does, or accepts nothing.
#[expect(clippy::disallowed_methods, reason = "a fuzzer is bounded by time, told from outside")]
pub fn run_long(targets: &[Target]) {
    let seconds = std::env::var("FUZZ_SECONDS").ok().and_then(|text| text.parse().ok());
    let time = Duration::from_secs(seconds.unwrap_or(10));
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(target) = targets.get(next.fetch_add(1, Ordering::Relaxed)) {
            let begin = Instant::now();
            let goes_on = |runs| runs % RUNS_BETWEEN != 0 || begin.elapsed() < time;
            let Counts { runs, accepted } = target.fuzz(goes_on);
            let rate = runs as f64 / begin.elapsed().as_secs_f64();
            let name = target.name;
            _ = writeln!(io::stdout(), "{name}: {runs} runs ({rate:.0}/s), {accepted} accepted");
            assert!(accepted > 0, "{name}");
        }
    };
    let workers = thread::available_parallelism().map_or(1, NonZero::get).min(targets.len());
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(work);
        }
    });
}

/// The tests of a crate's targets.
#[macro_export]
macro_rules! fuzz_tests {
    ($targets:expr) => {
        #[test]
        fn every_corpus_is_accepted() {
            $crate::fuzz::check_corpora(&$targets);
        }

        #[test]
        fn no_change_makes_a_target_panic() {
            $crate::fuzz::run_briefly(&$targets);
        }

        /// `FUZZ_SECONDS=60 cargo test --package NAME --lib fuzz -- --ignored --nocapture`
        #[test]
        #[ignore = "takes FUZZ_SECONDS for each target"]
        fn no_change_makes_a_target_panic_for_long() {
            $crate::fuzz::run_long(&$targets);
        }
    };
}
