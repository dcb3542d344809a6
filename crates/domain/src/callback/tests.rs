use super::*;
use crate::keys::RsaDigest;

#[test]
fn ten_attempts_ever_farther_apart_then_dead() {
    for random in [0, 1, u64::MAX / 3, u64::MAX] {
        let mut state = CallbackState::Due { tries: 0, at: Timestamp(0) };
        let (mut now, mut attempts, mut last) = (Timestamp(0), 0, 0);
        while let CallbackState::Due { at, .. } = state {
            assert!((at - now).0 * 10 >= last, "{attempts}: the pauses grow");
            last = (at - now).0;
            now = at;
            attempts += 1;
            state = state.after(Outcome::Status(500), now, random);
        }
        assert_eq!((state, attempts), (CallbackState::Dead(Outcome::Status(500)), 10));
        let hours = now.0 / Span::hours(1).0;
        assert!((14..=18).contains(&hours), "{hours}");
    }
}

#[test]
fn the_jitter_is_a_tenth_either_way() {
    let pauses: Vec<i64> =
        (0..1_000).map(|n| pause_after(0, n * 3_001).expect("the first").0).collect();
    let (least, most) = (pauses.iter().min().expect("some"), pauses.iter().max().expect("some"));
    assert!((9_000_000..9_100_000).contains(least), "{least}");
    assert!((10_900_000..11_000_000).contains(most), "{most}");
}

#[test]
fn only_the_word_itself_with_status_200_acknowledges() {
    for (status, body, wanted) in [
        (200, &b"success"[..], Outcome::Acknowledged),
        (200, b"success\n", Outcome::OtherBody),
        (200, b" success", Outcome::OtherBody),
        (200, b"SUCCESS", Outcome::OtherBody),
        (200, b"\"success\"", Outcome::OtherBody),
        (200, b"ok", Outcome::OtherBody),
        (200, b"", Outcome::OtherBody),
        (201, b"success", Outcome::Status(201)),
        (302, b"success", Outcome::Status(302)),
        (500, b"success", Outcome::Status(500)),
    ] {
        assert_eq!(Outcome::of_answer(status, body), wanted, "{status} {body:?}");
        assert_eq!(Outcome::parse(&wanted.to_string()), Some(wanted));
    }
    assert!(Outcome::PLAIN.iter().all(|one| Outcome::parse(one.kind()) == Some(*one)));
}

#[test]
fn an_end_is_an_end() {
    let due = CallbackState::Due { tries: 3, at: Timestamp(7) };
    for (outcome, wanted) in [
        (Outcome::Acknowledged, CallbackState::Delivered),
        (Outcome::NotRegistered, CallbackState::NotRegistered),
    ] {
        let state = due.after(outcome, Timestamp(9), 0);
        assert_eq!(state, wanted);
        assert_eq!(state.after(Outcome::Late, Timestamp(10), 0), wanted);
    }
}

#[test]
fn the_forms_of_a_letter() {
    let fields = [("status", "2"), ("user_id", "甲 &=1")];
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let letter = Letter::write(&fields, CallbackForm::Form, |_, _| panic!("unsigned"));
    assert_eq!(letter.body, b"status=2&user_id=%E7%94%B2+%26%3D1");
    let json = CallbackForm::Json(RsaDigest::Sha256);
    let letter = Letter::write(&fields, json, |digest, text| {
        assert_eq!(digest, RsaDigest::Sha256);
        [b"signed ", text].concat()
    });
    let body: serde_json::Value = serde_json::from_slice(&letter.body).expect("JSON");
    assert_eq!(body["sign"], "c2lnbmVkIHsic3RhdHVzIjoiMiIsInVzZXJfaWQiOiLnlLIgJj0xIn0=");
    assert_eq!(body["biz_data"], r#"{"status":"2","user_id":"甲 &=1"}"#);
    assert_eq!(CallbackForm::parse(json.as_str()), Some(json));
}
