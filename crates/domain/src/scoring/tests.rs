//! What holds for every format.

use super::*;

#[test]
fn formats_are_told_by_their_first_bytes() {
    for (bytes, expected) in [
        (&b"tree\nversion=v4\n"[..], Some(ModelFormat::LightGbm)),
        (b"{\"format\":1}", Some(ModelFormat::Scorecard)),
        (b" \n {", Some(ModelFormat::Scorecard)),
        (b"{\"learner\":{}}", Some(ModelFormat::XgBoost)),
        (b"\n{ \"version\": [3], \"learner\": {}}", Some(ModelFormat::XgBoost)),
        (b"tree", None),
        (b"", None),
        (b"\xff\xfe", None),
    ] {
        assert_eq!(ModelFormat::sniff(bytes), expected, "{bytes:?}");
    }
}

#[test]
fn size_and_encoding_are_checked_before_the_format() {
    let large = vec![b' '; BYTES_MAX + 1];
    for (bytes, expected) in [(large.as_slice(), "67108865 bytes"), (b"tree\n\xff", "byte 5")] {
        let refused = Model::load(ModelFormat::LightGbm, bytes).expect_err("refused").to_string();
        assert!(refused.contains(expected), "{refused}");
    }
}

#[test]
fn reasons_are_sorted_by_size() {
    let scored = Scored { raw: 0.0, score: 0.0, probability: None };
    let reason = |contribution: f64| Reason {
        feature: contribution.to_string(),
        shown: String::new(),
        contribution,
    };
    let sorted = Explanation::new(scored, 0.0, [1.0, -3.0, 2.0, 0.0].map(reason).into());
    let names: Vec<&str> = sorted.reasons.iter().map(|one| one.feature.as_str()).collect();
    assert_eq!(names, ["-3", "2", "1", "0"]);
}
