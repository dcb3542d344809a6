//! The gateway's refusals, as the clients meet them: whose secret, whose key, when.

use std::thread;

use tests::people::SAMPLE;
use tests::server::{IN_FORCE, Server};

use super::driver::{Call, Clients, Reply, Sender, WAYS, Way, now_ms};
use crate::on_sqlite;

const MINUTE_MS: i64 = 60_000;

/// A gateway's answer: a status, a message, nothing of the product.
#[track_caller]
pub(super) fn assert_refused(reply: &Reply, status: u16, message: &str, place: &str) {
    assert_eq!((reply.status, reply.message()), (status, message), "{place}: {reply:?}");
    assert_eq!((reply.body.as_str(), reply.code()), ("", None), "{place}");
    assert!(reply.header("x-ca-request-id").is_some_and(|id| !id.is_empty()), "{place}");
}

/// The developer of a sandbox key sees the text that the server read beside the one it signed.
#[test]
fn a_wrong_secret_is_shown_what_was_signed() {
    let (server, mut clients) = (on_sqlite(), Clients::start());
    for sender in clients.senders().into_iter().filter(|sender| *sender != Sender::NodeSimple) {
        for way in WAYS {
            let mut call = Call::imei(&server, way, SAMPLE, "a b+c&d=e%41");
            call.secret = "wrong".to_owned();
            if sender == Sender::PythonSigned {
                call = call.aged(0).nonce(&format!("wrong {way:?}"));
            }
            let reply = clients.send(sender, &call);
            let message = reply.message().to_owned();
            let place = format!("{sender:?} {way:?}");
            assert_refused(&reply, 400, &message, &place);
            let shown = message.strip_prefix("Invalid Signature, Server StringToSign:");
            let shown = shown.and_then(|text| text.strip_prefix('`')?.strip_suffix('`'));
            let shown = shown.unwrap_or_else(|| panic!("{place}: {message}"));
            match sender {
                Sender::NodeSigned => {
                    assert_eq!(reply.shown.client.as_deref(), Some(shown), "{place}");
                    assert_eq!(reply.shown.server, Some(format!("`{shown}`")), "{place}");
                }
                Sender::PythonSigned => {
                    let signed = clients.sign(&call).string_to_sign;
                    assert_eq!(signed.replace('\n', "#"), shown, "{place}");
                }
                _ => assert!(shown.ends_with(what_is_signed(way)), "{place}: {shown}"),
            }
        }
    }
    let (log, secret) = (server.log_text(), server.sandbox().app_secret);
    assert!(!log.contains(SAMPLE) && !log.contains(&secret), "shown to its developer alone");
}

fn what_is_signed(way: Way) -> &'static str {
    match way {
        Way::Json => "/finplus/score",
        _ => "/finplus/score?idType=imei&idValue=860529038487085&reqId=a b+c&d=e%41",
    }
}

/// The text may hold a person's id: a merchant that is not the sandbox's is told less.
#[test]
fn a_real_merchant_is_not_shown_what_was_signed() {
    let (server, mut clients) = (on_sqlite(), Clients::start());
    server.new_merchant("lender", "7000001", &[]);
    let (id, key, secret) = new_key(&server, "lender");
    let call = |way, key: &str, secret: &str| {
        let mut call = Call::imei(&server, way, SAMPLE, "lent");
        (call.key, call.secret) = (key.to_owned(), secret.to_owned());
        call
    };
    let mut expect = |key: &str, secret: &str, wanted: Option<&str>| {
        for sender in clients.senders().into_iter().filter(|one| *one != Sender::NodeSimple) {
            for way in WAYS {
                let reply = clients.send(sender, &call(way, key, secret));
                let place = format!("{sender:?} {way:?} {key} {wanted:?}");
                match wanted {
                    None => assert_eq!(reply.code(), Some(0), "{place}: {reply:?}"),
                    Some(message) => assert_refused(&reply, 400, message, &place),
                }
            }
        }
    };
    expect(&key, &secret, None);
    expect(&key, "wrong", Some("Invalid Signature"));
    expect("1234567", &secret, Some("Invalid AppKey"));
    expect(&server.sandbox().app_code, &secret, Some("Invalid AppKey"));
    server.cli(&["merchant", "credential", "lender", "revoke", &id]).expect_success();
    thread::sleep(IN_FORCE);
    expect(&key, &secret, Some("Invalid AppKey"));
}

/// Gives the merchant one more AppKey, in force on return: id, key and secret.
pub(super) fn new_key(server: &Server, merchant: &str) -> (String, String, String) {
    let add = ["merchant", "credential", merchant, "add", "app-key", "--json"];
    let made = server.cli(&add).expect_success().json();
    thread::sleep(IN_FORCE);
    let text = |name: &str| made[name].as_str().expect("a new key has it").to_owned();
    (made["id"].to_string(), text("public"), text("secret"))
}

#[test]
fn a_wrong_app_code_is_not_an_unknown_key() {
    let (server, mut clients) = (on_sqlite(), Clients::start());
    if !clients.senders().contains(&Sender::NodeSimple) {
        return;
    }
    for way in WAYS {
        let mut call = Call::imei(&server, way, SAMPLE, "k");
        call.code = "0123456789abcdef0123456789abcdef".to_owned();
        let reply = clients.send(Sender::NodeSimple, &call);
        assert_refused(&reply, 400, "Invalid AppCode `not exists`", &format!("{way:?}"));
    }
}

/// A quarter of an hour either way, told apart from a wrong signature. The call takes a moment:
/// two seconds are left for it.
#[test]
fn old_and_early_stamps_expire() {
    let (server, mut clients) = (on_sqlite(), Clients::start());
    let limit_ms = 15 * MINUTE_MS;
    let ages = [
        (limit_ms - 2_000, true),
        (limit_ms + 1_000, false),
        (-limit_ms + 1_000, true),
        (-limit_ms - 5_000, false),
        // Signed in 1970.
        (now_ms(), false),
    ];
    for sender in clients.signers() {
        for (way, (age_ms, holds)) in WAYS.iter().flat_map(|way| ages.map(|age| (*way, age))) {
            let key = format!("{sender:?} {way:?} {age_ms}");
            let reply = clients.send(sender, &Call::imei(&server, way, SAMPLE, &key).aged(age_ms));
            if holds {
                assert_eq!(reply.code(), Some(0), "{key}: {reply:?}");
            } else {
                assert_refused(&reply, 400, "Timestamp Expired", &key);
            }
        }
    }
}

/// The client's clock is 16 minutes behind the server's.
#[test]
fn a_client_of_the_past_is_told_so() {
    let (server, mut clients) = (on_sqlite(), Clients::start());
    server.advance("16m");
    for sender in clients.senders() {
        let call = Call::imei(&server, Way::Form, SAMPLE, &format!("{sender:?}"));
        let reply = clients.send(sender, &call);
        if sender == Sender::NodeSimple {
            assert_eq!(reply.code(), Some(0), "an APPCODE has no time: {reply:?}");
            continue;
        }
        assert_refused(&reply, 400, "Timestamp Expired", &format!("{sender:?}"));
        if sender != Sender::PythonLegacy {
            let reply = clients.send(sender, &call.aged(-16 * MINUTE_MS));
            assert_eq!(reply.code(), Some(0), "{sender:?}: {reply:?}");
        }
    }
}

#[test]
fn a_stamp_that_is_none_is_told_so() {
    let (server, mut clients) = (on_sqlite(), Clients::start());
    if !clients.senders().contains(&Sender::NodeSigned) {
        return;
    }
    for stamp in ["yesterday", "-1", "1e12", "99999999999999999999"] {
        let mut call = Call::imei(&server, Way::Get, SAMPLE, stamp);
        call.stamp = Some(stamp.to_owned());
        let reply = clients.send(Sender::NodeSigned, &call);
        assert_refused(&reply, 400, "Invalid Timestamp", stamp);
    }
}
