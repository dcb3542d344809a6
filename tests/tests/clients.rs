//! The public clients of the Aliyun API gateway, unmodified, call a real server (`finplus.md`,
//! Authentication: Proof). What no proper client would send is signed by one and sent by the test.

use serde_json::Value;
use tests::database::Database;
use tests::journal::Journal;
use tests::people::{EMPTY, SAMPLE, UNMAPPED};
use tests::server::{Options, Server};

use clients::driver::{Call, Clients, Sender, WAYS, Way, owned};

mod clients {
    pub(crate) mod driver;
    mod own_signature;
    mod refusals;
    mod replays;
    mod requests;
}

/// All that ASCII can print and a `reqId` may hold: what encoders and signers trip over.
const REQ_ID: &str = r##"a b+c&d=e/%41 !"#$'()*,-.:;<>?@[\]^_`{|}~"##;

fn on_sqlite() -> Server {
    Server::start(Options::on(Database::Sqlite))
}

/// Every client by every way gets every kind of answer, whatever is in the values.
#[test]
fn every_client_is_understood() {
    let (server, mut clients) = (on_sqlite(), Clients::start());
    let chinese = "张三 a+b&c=d%41";
    let cases: [(&[(&str, &str)], i64); 7] = [
        (&[("idType", "imei"), ("idValue", SAMPLE), ("reqId", REQ_ID)], 0),
        (&[("idType", "imei"), ("idValue", SAMPLE), ("reqId", "0"), ("appId", "")], 0),
        (&[("id_type", "imei"), ("id_value", UNMAPPED), ("req_id", "108")], 108),
        (&[("idType", "imei"), ("idValue", EMPTY), ("reqId", "109")], 109),
        (&[("idType", "imei"), ("idValue", SAMPLE), ("reqId", "1"), ("备注", chinese)], 10),
        (&[("idType", "imei"), ("idValue", chinese), ("reqId", "2")], 10),
        (&[("idType", chinese), ("idValue", SAMPLE), ("reqId", "3")], 22),
    ];
    for sender in clients.senders() {
        for (way, (parameters, code)) in WAYS.iter().flat_map(|way| cases.map(|case| (*way, case)))
        {
            let place = format!("{sender:?} {way:?} {parameters:?}");
            let reply = clients.send(sender, &Call::new(&server, way, parameters));
            assert_eq!(reply.code(), Some(code), "{place}: {reply:?}");
            assert_eq!(reply.status, if code == 0 { 200 } else { 520 }, "{place}");
            let body: Value = serde_json::from_str(&reply.body).unwrap_or_default();
            if !sender.is_node() || code == 0 {
                assert_eq!(body["response"]["req_id"], parameters[2].1, "{place}: {reply:?}");
            }
            if code != 0 {
                assert_eq!(body["message"].as_str().unwrap_or(reply.message()), reply.message());
            }
        }
    }
}

/// All that the Node client tells its program about a 520 is its message and the headers.
#[test]
fn an_unbilled_answer_is_legible_without_its_body() {
    let (server, mut clients) = (on_sqlite(), Clients::start());
    let words =
        [(UNMAPPED, "108", "credit.id_unconverted"), (EMPTY, "109", "credit.empty_content")];
    for sender in clients.senders().into_iter().filter(|sender| sender.is_node()) {
        for (way, (imei, code, message)) in
            WAYS.iter().flat_map(|way| words.map(|word| (way, word)))
        {
            let reply = clients.send(sender, &Call::imei(&server, *way, imei, code));
            assert_eq!((reply.header("x-biz-code"), reply.message()), (Some(code), message));
            assert!(reply.error.contains("failed width code(520)"), "{}", reply.error);
            let ending = format!("error message: {message}");
            assert!(reply.error.ends_with(&ending), "{sender:?} {way:?}: {}", reply.error);
            let id = reply.header("x-ca-request-id").expect("on every answer");
            assert!(!id.is_empty() && reply.error.contains(id), "{}", reply.error);
        }
    }
}

/// Parameters in the query of a POST are signed among those of its form.
#[test]
fn query_and_body_are_read_together() {
    let (server, mut clients) = (on_sqlite(), Clients::start());
    for sender in clients.senders() {
        for way in [Way::Form, Way::Json] {
            let mut call = Call::imei(&server, way, SAMPLE, &format!("{sender:?}{way:?}"));
            call.query = owned(&[("appId", "1000002")]);
            let reply = clients.send(sender, &call);
            // Only that application's scores are between 0 and 1.
            let score = |reply: &str| -> Option<f64> {
                serde_json::from_str::<Value>(reply).ok()?["response"]["tags"]["credit_score"]
                    .as_f64()
            };
            let found = score(&reply.body);
            assert!(found.is_some_and(|score| score < 1.0), "{sender:?} {way:?}: {reply:?}");
            call.query = owned(&[("备注 a+b&c", "张三=%41")]);
            let reply = clients.send(sender, &call);
            assert_eq!(reply.code(), Some(10), "{sender:?} {way:?}: {reply:?}");
        }
    }
}

/// The stored answer comes back byte for byte, whoever asks again in whichever way.
#[test]
fn a_repeat_is_the_same_from_every_client() {
    let (server, mut clients) = (on_sqlite(), Clients::start());
    for (imei, code) in [(SAMPLE, 0), (UNMAPPED, 108), (EMPTY, 109)] {
        let key = format!("{REQ_ID} {code}");
        let first = server.finplus().ask("", imei, &key);
        assert_eq!(first.code, Some(code));
        for sender in clients.senders() {
            for way in WAYS {
                let again = clients.send(sender, &Call::imei(&server, way, imei, &key));
                let place = format!("{sender:?} {way:?} {again:?}");
                assert_eq!((again.status, again.code()), (first.status, Some(code)), "{place}");
                if again.status == 200 || !sender.is_node() {
                    assert_eq!(again.body, first.text(), "{place}");
                }
            }
        }
        let journal = Journal::export(&server);
        assert_eq!(journal.verify_exit, 0);
        assert_eq!(journal.rows.iter().filter(|row| row.key == key).count(), 1);
    }
}

/// Either signature method, and headers of the program's own.
#[test]
fn methods_and_own_headers_are_signed() {
    let (server, mut clients) = (on_sqlite(), Clients::start());
    // The Node client has one method.
    let methods = [None, Some("HmacSHA256"), Some("HmacSHA1")];
    for sender in clients.signers() {
        let methods = if sender.is_node() { &methods[..1] } else { &methods };
        for (method, way) in methods.iter().flat_map(|method| WAYS.map(|way| (*method, way))) {
            let key = format!("{sender:?} {method:?} {way:?}");
            let mut call = Call::imei(&server, way, SAMPLE, &key);
            call.method = method;
            call.signed_headers = owned(&[("X-Trace", "t-1, t 2"), ("X-Ca-Own", "")]);
            let reply = clients.send(sender, &call);
            assert_eq!(reply.code(), Some(0), "{key}: {reply:?}");
        }
    }
}

/// The first value of a repeated name is signed: one that differs from it is not believed.
#[test]
fn repeated_names_must_agree() {
    let (server, mut clients) = (on_sqlite(), Clients::start());
    if !clients.has_python() {
        return;
    }
    for way in [Way::Get, Way::Form] {
        for (second, code) in [("1000001", 0), ("1000002", 10), ("", 10)] {
            let mut call = Call::imei(&server, way, SAMPLE, &format!("{way:?} {second}"));
            call.query = owned(&[("appId", "1000001")]);
            call.parameters.extend(owned(&[("appId", second)]));
            let reply = clients.send(Sender::PythonSigned, &call);
            assert_eq!(reply.code(), Some(code), "{way:?} {second}: {reply:?}");
        }
    }
}
