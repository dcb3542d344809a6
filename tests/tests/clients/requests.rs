//! Signed requests that somebody changed on their way, or that no proper client would write.

use tests::http::{Client, Response};
use tests::people::SAMPLE;

use super::driver::{Call, Clients, Signed, Way, owned};
use crate::on_sqlite;

/// Sends a signed request as it is.
pub(super) fn send(client: &mut Client, signed: &Signed) -> Response {
    let headers: Vec<(&str, &str)> =
        signed.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = client.request(&signed.method, &signed.target, &headers, signed.body.as_bytes());
    answer.expect("an answer")
}

impl Signed {
    fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    fn remove(&mut self, name: &str) {
        let before = self.headers.len();
        self.headers.retain(|(key, _)| key != name);
        assert!(self.headers.len() < before, "the client sends {name}");
    }
}

type Change = fn(&mut Signed);

const SIGNATURE: &str = "Invalid Signature, Server StringToSign:";

/// Status and the start of the message; nothing: it is served.
type Wanted = Option<(u16, &'static str)>;

const CHANGES: [(Way, Change, Wanted); 21] = [
    (Way::Get, |_| (), None),
    (Way::Form, |_| (), None),
    (Way::Json, |_| (), None),
    (Way::Get, |one| one.headers.push(("X-Ca-Stage".into(), "RELEASE".into())), None),
    (Way::Get, |one| one.headers.push(("X-Unsigned".into(), "x".into())), None),
    (Way::Get, |one| one.target += "&appId=1000002", Some((400, SIGNATURE))),
    (Way::Get, |one| one.target = one.target.replace("imei", "idfa"), Some((400, SIGNATURE))),
    (Way::Get, |one| one.method = "POST".into(), Some((400, SIGNATURE))),
    (Way::Form, |one| one.body += "&appId=1000002", Some((400, SIGNATURE))),
    (Way::Form, |one| one.target += "?appId=1000002", Some((400, SIGNATURE))),
    (Way::Json, |one| one.target += "?appId=1000002", Some((400, SIGNATURE))),
    (Way::Json, |one| one.body = one.body.replace('}', " }"), Some((400, "Invalid Content-MD5"))),
    (Way::Json, |one| one.set("Content-MD5", "AAAA"), Some((400, SIGNATURE))),
    (Way::Json, |one| one.set("Content-Type", "text/plain"), Some((400, SIGNATURE))),
    (Way::Get, |one| one.set("Accept", "*/*"), Some((400, SIGNATURE))),
    (Way::Get, |one| one.set("X-Trace", "t-2"), Some((400, SIGNATURE))),
    (Way::Get, |one| one.set("X-Ca-Nonce", "another"), Some((400, SIGNATURE))),
    (Way::Get, |one| one.set("X-Ca-Signature-Method", "HmacSHA1"), Some((400, SIGNATURE))),
    (Way::Get, |one| one.set("X-Ca-Signature-Headers", "X-Ca-Key"), Some((400, SIGNATURE))),
    (Way::Get, |one| one.remove("X-Ca-Signature"), Some((404, "Empty Signature"))),
    (Way::Get, |one| one.remove("X-Ca-Key"), Some((400, "Invalid AppKey"))),
];

#[test]
fn what_is_signed_cannot_be_changed() {
    let (server, mut clients) = (on_sqlite(), Clients::start());
    if !clients.has_python() {
        return;
    }
    let mut client = server.client();
    for (number, (way, change, wanted)) in CHANGES.into_iter().enumerate() {
        let mut call = Call::imei(&server, way, SAMPLE, &format!("change {number}"));
        call.signed_headers = owned(&[("X-Trace", "t-1")]);
        let mut signed = clients.sign(&call);
        change(&mut signed);
        let answer = send(&mut client, &signed);
        let message = answer.header("x-ca-error-message");
        let is_right = match wanted {
            None => answer.status == 200 && answer.json()["code"] == 0,
            Some((status, start)) => {
                let is_said = message.is_some_and(|message| message.starts_with(start));
                answer.status == status && is_said && answer.body.is_empty()
            }
        };
        assert!(is_right, "change {number}: {answer:?} to {signed:?}");
        assert!(answer.header("x-ca-request-id").is_some(), "change {number}");
    }
}

type Headers<'h> = &'h [(&'h str, &'h str)];

#[test]
fn nothing_is_believed_without_a_signature() {
    let server = on_sqlite();
    let mut client = server.client();
    let target = format!("/finplus/score?idType=imei&idValue={SAMPLE}&reqId=k");
    let key = server.sandbox().app_key;
    let cases: [(Headers<'_>, u16, &str); 6] = [
        (&[], 404, "Empty Signature"),
        (&[("X-Ca-Key", &key)], 404, "Empty Signature"),
        (&[("X-Ca-Key", &key), ("X-Ca-Signature", "")], 404, "Empty Signature"),
        (&[("X-Ca-Signature", "AAAA")], 400, "Invalid AppKey"),
        (&[("X-Ca-Key", &key), ("X-Ca-Signature", "no base64")], 400, SIGNATURE),
        (&[("Authorization", "Basic AAAA")], 404, "Empty Signature"),
    ];
    for (headers, status, message) in cases {
        let answer = client.get(&target, headers).expect("an answer");
        let found = answer.header("x-ca-error-message").unwrap_or_default();
        assert_eq!(answer.status, status, "{headers:?}: {answer:?}");
        assert!(found.starts_with(message) && answer.body.is_empty(), "{headers:?}: {answer:?}");
        assert!(answer.header("x-ca-request-id").is_some(), "{headers:?}");
    }
}
