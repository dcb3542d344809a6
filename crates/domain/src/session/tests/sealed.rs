//! Sessions outlive a binary: how their states are written must not change.

use std::fmt::Write as _;

use super::*;

/// The first state of each name, as it stands in a sealed record; what is indented goes on.
const SEALED: &str = r#"
telecom 0 "init"
telecom 1 {"restart":{"until":null,"tries":{"wrong":0,"resends":0}}}
telecom 11 "password_submitted"
telecom 1p {"restart":{"until":1800000001000000,"tries":{"wrong":0,"resends":0}}}
telecom 21 {"captcha_required":{"wrong":0,"resends":0}}
telecom 22 {"captcha_submitted":{"wrong":0,"resends":0}}
telecom 23 {"captcha_wrong":{"wrong":1,"resends":0}}
telecom 24 {"captcha_resent":{"wrong":0,"resends":0}}
telecom 31 {"query_password_required":{"wrong":0,"resends":0}}
telecom 32 {"query_password_submitted":{"wrong":0,"resends":0}}
telecom 33 {"query_password_wrong":{"wrong":1,"resends":0}}
telecom 41 "finished"
telecom 42 {"failed":"down"}
telecom 43 "ready"
degree 0 "init"
degree 11 {"submitted":{"collected":false}}
degree 11c {"submitted":{"collected":true}}
degree 21 "finished"
degree 22 {"failed":"down"}
ebank 0 "init"
ebank 1 "account_submitted"
ebank 10 "finished"
ebank 11 {"failed":"down"}
ebank 1c {"collected":null}
ebank 2 {"required":["dynamic_password",{"wrong":0,"resends":0}]}
ebank 3 {"submitted":["dynamic_password",{"wrong":0,"resends":0}]}
ebank 3c {"collected":"dynamic_password"}
ebank 4 {"required":[{"picture":"AQ=="},{"wrong":0,"resends":0}]}
ebank 5 {"submitted":["picture",{"wrong":0,"resends":0}]}
ebank 5c {"collected":"picture"}
ebank 6 {"required":["sms",{"wrong":0,"resends":0}]}
ebank 7 {"submitted":["sms",{"wrong":0,"resends":0}]}
ebank 7c {"collected":"sms"}
ebank 8p {"wrong_picture":{"next":{"picture":"AQ=="},"until":1800000001000000,
    "tries":{"wrong":1,"resends":0}}}
ebank 8s {"wrong":["sms",{"wrong":1,"resends":0}]}
ebank 8t {"wrong":["dynamic_password",{"wrong":1,"resends":0}]}
ebank 9s {"resent":["sms",{"wrong":0,"resends":0}]}
ebank 9t {"resent":["dynamic_password",{"wrong":0,"resends":0}]}
"#;

#[test]
fn states_are_written_as_they_always_were() {
    let mut written = "\n".to_owned();
    for (machine, _) in MACHINES {
        let mut first = BTreeMap::new();
        for state in reachable(machine) {
            let text = sealed(&state);
            assert_eq!(serde_json::from_str::<State>(&text).ok(), Some(state.clone()), "{text}");
            first.entry(name(&state)).or_insert(text);
        }
        for (name, text) in first {
            // {"telecom":…} is the outermost.
            let (kind, rest) = text[2..].split_once("\":").expect("an object");
            let _ = writeln!(written, "{kind} {name} {}", &rest[..rest.len() - 1]);
        }
    }
    assert_eq!(written, SEALED.replace("\n    ", ""), "{written}");
}

#[test]
fn failures_and_pictures_too() {
    let names = [
        "wrong_credentials",
        "locked",
        "needs_action",
        "blocked",
        "down",
        "garbage",
        "timed_out",
        "not_covered",
        "too_many_wrong",
        "secret_lost",
        "unknown",
        "consent_ended",
    ];
    for (failure, name) in SourceFailure::ALL.into_iter().zip(names) {
        let state = State::Degree(degree::State::Failed(failure));
        assert_eq!(sealed(&state), format!(r#"{{"degree":{{"failed":"{name}"}}}}"#));
        assert_eq!(serde_json::from_str::<State>(&sealed(&state)).ok(), Some(state));
    }
    let bytes: Vec<u8> = (0..=255).collect();
    let text = serde_json::to_string(&Prompt::Picture(bytes.clone())).expect("plain data");
    assert_eq!(serde_json::from_str::<Prompt>(&text).ok(), Some(Prompt::Picture(bytes)));
    for wrong in [r#"{"picture":"?"}"#, r#"{"picture":[1]}"#, r#""picture""#, r#""telegram""#] {
        assert!(serde_json::from_str::<Prompt>(wrong).is_err(), "{wrong}");
    }
}
