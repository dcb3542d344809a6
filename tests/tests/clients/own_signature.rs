//! Finplus' own signature (document 000, section 5.1: codes 10 and 18), summed by a program that
//! shares nothing with the server, over an APPCODE and over a request that the gateway's client
//! signs.

use serde_json::{Map, Value};
use tests::finplus::Answer;
use tests::people::SAMPLE;
use tests::server::{Sandbox, Server};

use super::driver::{Call, Clients, Sender, WAYS, Way, now_ms};
use super::refusals::new_key;
use crate::on_sqlite;

type Pairs = Vec<(String, String)>;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Order {
    Ascending,
    Descending,
    Neither,
}

/// One call: what of it is not as it should be.
#[derive(Clone, Copy, Debug)]
struct Case {
    order: Order,
    /// When it was signed, in seconds before now.
    age_s: i64,
    in_ms: bool,
    /// Which key signs: the demo merchant's, its second one, another merchant's, nobody's.
    signer: usize,
    change: fn(&mut String),
    /// A parameter that is left out.
    without: &'static str,
    code: i64,
}

const GOOD: Case = Case {
    order: Order::Ascending,
    age_s: 0,
    in_ms: false,
    signer: 0,
    change: |_| (),
    without: "",
    code: 0,
};
const LIMIT_S: i64 = 15 * 60;

const CASES: [Case; 15] = [
    GOOD,
    Case { in_ms: true, ..GOOD },
    Case { order: Order::Descending, ..GOOD },
    Case { order: Order::Neither, code: 10, ..GOOD },
    Case { signer: 1, ..GOOD },
    Case { signer: 2, code: 18, ..GOOD },
    Case { signer: 3, code: 18, ..GOOD },
    Case { change: |sign| *sign = "0".repeat(64), code: 18, ..GOOD },
    Case { change: |sign| sign.make_ascii_uppercase(), code: 18, ..GOOD },
    Case { change: |sign| sign.truncate(62), code: 18, ..GOOD },
    Case { age_s: LIMIT_S - 3, in_ms: true, ..GOOD },
    Case { age_s: LIMIT_S + 1, code: 18, ..GOOD },
    Case { age_s: -LIMIT_S - 5, in_ms: true, code: 18, ..GOOD },
    Case { without: "timestamp", code: 10, ..GOOD },
    Case { without: "appKey", code: 10, ..GOOD },
];

/// Who may sign: key and secret.
fn signers(server: &Server) -> [(String, String); 4] {
    let Sandbox { app_key, app_secret, .. } = server.sandbox();
    server.cli(&["merchant", "create", "lender"]).expect_success();
    let (_, second, second_secret) = new_key(server, "sandbox");
    let (_, other, other_secret) = new_key(server, "lender");
    let nobody = ("1234567".to_owned(), app_secret.clone());
    [(app_key, app_secret), (second, second_secret), (other, other_secret), nobody]
}

/// The parameters in their order, without `sign`.
fn parameters(case: &Case, key: &str, req_id: &str) -> Pairs {
    let at_ms = now_ms() - case.age_s * 1000;
    let stamp = if case.in_ms { at_ms } else { at_ms / 1000 }.to_string();
    let mut pairs = vec![
        ("appKey".to_owned(), key.to_owned()),
        ("idType".to_owned(), "imei".to_owned()),
        ("idValue".to_owned(), SAMPLE.to_owned()),
        ("reqId".to_owned(), req_id.to_owned()),
        ("timestamp".to_owned(), stamp),
    ];
    match case.order {
        Order::Ascending => (),
        Order::Descending => pairs.reverse(),
        Order::Neither => pairs.swap(1, 3),
    }
    pairs.retain(|(name, _)| name != case.without);
    pairs
}

/// Sends the text that was signed, with `sign` at its end, under the demo merchant's APPCODE.
fn over_app_code(server: &Server, way: Way, text: &str, pairs: &Pairs) -> Answer {
    let mut finplus = server.finplus();
    let answer = match way {
        Way::Get => finplus.request("GET", text, &[], &[]),
        Way::Form => {
            let form = [("Content-Type", "application/x-www-form-urlencoded")];
            finplus.request("POST", "", &form, text.as_bytes())
        }
        Way::Json => {
            let members = pairs.iter().map(|(name, value)| (name.clone(), value.clone().into()));
            let body = Value::Object(members.collect::<Map<_, _>>()).to_string();
            finplus.request("POST", "", &[("Content-Type", "application/json")], body.as_bytes())
        }
    };
    answer.expect("an answer")
}

#[test]
fn the_table_holds_whichever_way_it_is_sent() {
    let (server, mut clients) = (on_sqlite(), Clients::start());
    if !clients.has_python() {
        return;
    }
    let signers = signers(&server);
    for (way, (number, case)) in
        WAYS.iter().flat_map(|way| CASES.iter().enumerate().map(|case| (*way, case)))
    {
        // The members of a JSON object have no order of their own.
        let is_json = way == Way::Json;
        let case = match case.order {
            Order::Ascending => case,
            _ if is_json => &GOOD,
            _ => case,
        };
        let (key, secret) = &signers[case.signer];
        let signed = |req_id: &str, clients: &mut Clients| {
            let mut pairs = parameters(case, key, req_id);
            let mut sum = clients.own_sum(&pairs, secret, is_json);
            (case.change)(&mut sum.sign);
            pairs.push(("sign".to_owned(), sum.sign.clone()));
            (pairs, format!("{}&sign={}", sum.text, sum.sign))
        };
        let req_id = format!("bare {way:?} {number} +&=%41");
        let (pairs, text) = signed(&req_id, &mut clients);
        let answer = over_app_code(&server, way, &text, &pairs);
        assert_eq!(answer.code, Some(case.code), "{way:?} {case:?}: {answer:?}");
        assert_eq!(answer.req_id.as_ref(), Some(&req_id), "{way:?} {case:?}");
        let (pairs, _) = signed(&format!("signed {req_id}"), &mut clients);
        let mut call = Call::new(&server, way, &[]);
        call.parameters = pairs;
        let reply = clients.send(Sender::PythonSigned, &call);
        assert_eq!(reply.code(), Some(case.code), "{way:?} {case:?}: {reply:?}");
        if case.code == 18 {
            assert_eq!((reply.status, reply.message()), (520, "cplus.verification_failed"));
        }
    }
}

/// The signature stands beside the parameters, not among them: it has no place in the order. The
/// gateway is asked first, and nothing that is not signed may be added.
#[test]
fn the_place_of_the_signature() {
    let (server, mut clients) = (on_sqlite(), Clients::start());
    if !clients.has_python() {
        return;
    }
    let (key, secret) = (server.sandbox().app_key, server.sandbox().app_secret);
    let pairs = parameters(&GOOD, &key, "place");
    let sum = clients.own_sum(&pairs, &secret, false);
    let (text, sign) = (sum.text, format!("sign={}", sum.sign));
    let (head, tail) = text.split_once('&').expect("five parameters");
    let mut finplus = server.finplus();
    let mut ask = |query: &str| finplus.request("GET", query, &[], &[]).expect("an answer").code;
    assert_eq!(ask(&format!("{sign}&{text}")), Some(0));
    assert_eq!(ask(&format!("{head}&{sign}&{tail}")), Some(0));
    assert_eq!(ask(&format!("{text}&{sign}")), Some(0));
    assert_eq!(ask(&format!("{text}&{sign}&zzz=1")), Some(18), "not signed");
    assert_eq!(ask(&text), Some(10), "without a sign");
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let split = finplus.request("POST", head, &form, format!("{tail}&{sign}").as_bytes());
    assert_eq!(split.expect("an answer").code, Some(10), "in two places");
    let mut call = Call::new(&server, Way::Get, &[]);
    call.parameters = pairs;
    call.parameters.push(("sign".to_owned(), "0".repeat(64)));
    call.secret = "wrong".to_owned();
    let reply = clients.send(Sender::PythonSigned, &call);
    assert!(reply.message().starts_with("Invalid Signature"), "the gateway is first: {reply:?}");
}
