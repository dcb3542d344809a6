use std::time::{Duration, Instant};

use super::{Mutation, TARGETS, Target};

/// Runs `target` on changes of its corpus while `goes_on` says so, and gives (runs, accepted).
/// What is accepted joins the corpus for a while, so that changes pile up on the accepting path.
fn fuzz(target: &Target, mut goes_on: impl FnMut(u64) -> bool) -> (u64, u64) {
    let mut mutation = Mutation::new(0x5eed);
    let mut corpus: Vec<Vec<u8>> = target.corpus.iter().map(|bytes| bytes.to_vec()).collect();
    let (mut runs, mut accepted) = (0, 0);
    while goes_on(runs) {
        let bytes = &corpus[mutation.below(corpus.len())];
        let other = &corpus[mutation.below(corpus.len())];
        let changed = mutation.change(bytes, other);
        runs += 1;
        if (target.run)(&changed) {
            accepted += 1;
            if corpus.len() < 256 {
                corpus.push(changed);
            } else {
                let place = mutation.below(corpus.len());
                // The first ones stay: they reach every way in.
                if place >= target.corpus.len() {
                    corpus[place] = changed;
                }
            }
        }
    }
    (runs, accepted)
}

#[test]
fn every_corpus_is_accepted() {
    for target in TARGETS {
        for bytes in target.corpus {
            assert!((target.run)(bytes), "{} {}", target.name, bytes.escape_ascii());
        }
        assert!(!(target.run)(b"\xff\0"), "{} accepts noise", target.name);
    }
}

#[test]
fn no_change_makes_a_target_panic() {
    for target in TARGETS {
        let (runs, accepted) = fuzz(&target, |runs| runs < 5_000);
        assert!(accepted > 0 && accepted < runs, "{}: {accepted} of {runs}", target.name);
    }
}

/// `FUZZ_SECONDS=60 cargo test -p wire --release fuzz -- --ignored --nocapture`
#[test]
#[ignore = "takes FUZZ_SECONDS (10 unless told) for each target"]
#[expect(clippy::disallowed_methods, reason = "a fuzzer is bounded by time, told from outside")]
fn no_change_makes_a_target_panic_for_long() {
    let seconds = std::env::var("FUZZ_SECONDS").ok().and_then(|text| text.parse().ok());
    let time = Duration::from_secs(seconds.unwrap_or(10));
    for target in TARGETS {
        let begin = Instant::now();
        let (runs, accepted) = fuzz(&target, |runs| runs % 64 != 0 || begin.elapsed() < time);
        println!("{}: {runs} runs, {accepted} accepted", target.name);
        assert!(accepted > 0, "{}", target.name);
    }
}
