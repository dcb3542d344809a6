use domain::fuzz;

use super::TARGETS;

#[test]
fn every_corpus_is_accepted() {
    fuzz::check_corpora(&TARGETS);
}

#[test]
fn no_change_makes_a_target_panic() {
    fuzz::run_briefly(&TARGETS);
}

/// `FUZZ_SECONDS=60 cargo test -p wire --release fuzz -- --ignored --nocapture`
#[test]
#[ignore = "takes FUZZ_SECONDS for each target"]
fn no_change_makes_a_target_panic_for_long() {
    fuzz::run_long(&TARGETS);
}
