domain::fuzz_tests!(super::TARGETS);
