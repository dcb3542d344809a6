//! The document's own JSON: read where it leaves no doubt.

use super::*;

/// A call whose members are written as `members`.
fn read_as(members: &str) -> i32 {
    let call = format!(r#"{{"method":"{PREFIX}submitApplyMessageCode","biz_data":{members}}}"#);
    code(open(&call))
}

#[test]
fn faults_of_the_printed_examples_are_read_and_doubt_is_refused() {
    let with = |rest: &str| format!("{{{COMMON}{rest}}}");
    for (rest, expected) in [
        (r#","message_code":"a1b2c3""#, 0),
        (r#","message_code":"a1b2c3","#, 0),
        (r#" "message_code":"a1b2c3""#, 0),
        (r#"," message_code ":" A1B2C3 ""#, 0),
        (r#","message_code":"x","message_code":"x""#, 0),
        (r#","message_code":"x"," message_code":"x""#, 0),
        (r#","message_code":123456"#, 0),
        (r#","message_code":"x","message_code":"y""#, 100_006),
        (r#","message_code":"x"," message_code":"y""#, 100_006),
        (r#","message_code":"x",,"a":1"#, 100_006),
        (r#","message_code" "x""#, 100_006),
        (r#","message_code":["x"]"#, 211_101),
        (r#","message_code":true"#, 211_101),
        (r#","message_code":"  ""#, 100_006),
        (r#","message_code":null"#, 100_006),
        ("", 100_006),
    ] {
        assert_eq!(read_as(&with(rest)), expected, "{rest}");
    }
    let text = serde_json::to_string(&with(r#","message_code":"x""#)).expect("a text");
    assert_eq!(read_as(&text), 0, "a JSON text inside JSON");
    assert_eq!(["1", "null", "[]", r#""""#].map(read_as), [100_006; 4]);
}

#[test]
fn a_text_that_was_cut_off_is_refused() {
    let name = format!("{PREFIX}submitApplyMessageCode");
    let whole = format!(r#"{{"method":"{name}","biz_data":{{{COMMON},"message_code":"x"}}}}"#);
    assert_eq!(code(open(&whole)), 0);
    // Without its last brace nothing is missing; the document prints one so.
    assert_eq!(code(open(&whole[..whole.len() - 1])), 0);
    for end in (0..whole.len() - 1).filter(|end| whole.is_char_boundary(*end)) {
        assert_ne!(code(open(&whole[..end])), 0, "{}", &whole[..end]);
    }
}
