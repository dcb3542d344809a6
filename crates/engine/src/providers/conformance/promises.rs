//! What the protocol promises besides the conversations: identity of steps, signatures, limits.

use domain::secret::Secret;
use domain::source::SourceKind;
use serde_json::{Value, json};
use sources::remote::Remote;
use sources::remote::signature::{SIGNATURE_HEADER, Sent, TIMESTAMP_HEADER};
use sources::step::Fetch;

use super::{Conformance, Fault};
use crate::providers::courier::{CourierFault, Letter};

#[derive(Clone, Copy)]
pub(super) enum Promise {
    SameResult,
    StoredResult,
    UnknownStep,
    OtherSession,
    OtherProtocol,
    CutOff,
    TooLarge,
    Stranger,
    ChangedBody,
    OldStamp,
    UsedNonce,
}

pub(super) const PROMISES: &[(&str, Promise)] = &[
    ("a step_id that comes again has its first result", Promise::SameResult),
    ("a stored result can be fetched", Promise::StoredResult),
    ("a step that was never seen is 404", Promise::UnknownStep),
    ("a step_id of another session is 409", Promise::OtherSession),
    ("a protocol that it does not speak is 400", Promise::OtherProtocol),
    ("JSON that is cut off is 400", Promise::CutOff),
    ("a request of 2 MiB is refused", Promise::TooLarge),
    ("another secret is 401", Promise::Stranger),
    ("a body changed after signing is 401", Promise::ChangedBody),
    ("a timestamp of ten minutes ago is 401", Promise::OldStamp),
    ("a nonce that was used is 401", Promise::UsedNonce),
];

const OLD_S: i64 = 600;

impl Conformance<'_> {
    pub(super) async fn keeps(&self, promise: Promise, kind: SourceKind) -> Result<(), Fault> {
        let session = self.session(kind, ending(kind));
        let id = format!("{}-0", session.id);
        let login = || session.login(self, &id);
        match promise {
            Promise::SameResult | Promise::StoredResult => {
                let first = self.result(login()).await?;
                let is_same = matches!(promise, Promise::SameResult);
                let fetch = if is_same { login() } else { Remote::recover(&id) };
                let again = self.result(fetch).await?;
                same("the result", &again, &first)
            }
            Promise::UnknownStep => self.answers(Remote::recover(&id), 404).await,
            Promise::OtherSession => {
                self.result(login()).await?;
                let other = self.session(kind, ending(kind));
                self.answers(other.login(self, &id), 409).await
            }
            Promise::OtherProtocol => {
                self.answers(changed(login(), |body| body["protocol"] = json!(999)), 400).await
            }
            Promise::CutOff => {
                let mut fetch = login();
                fetch.body = Secret::new(fetch.body.expose()[..40].to_vec());
                self.answers(fetch, 400).await
            }
            Promise::TooLarge => {
                let fetch = changed(login(), |body| body["entry"] = json!("x".repeat(2 << 20)));
                // It may hang up before all is sent.
                match self.send(&self.link, fetch).await {
                    Ok((status, _)) => same("the status", &status, &413),
                    Err(_) => Ok(()),
                }
            }
            Promise::Stranger => {
                let letter = self.stranger.letter(&self.courier, login());
                self.is_turned_away(letter).await
            }
            Promise::ChangedBody => {
                let mut letter = self.link.letter(&self.courier, login());
                letter.body = changed(login(), |body| body["account"] = json!("another")).body;
                self.is_turned_away(letter).await
            }
            Promise::OldStamp => {
                let mut letter = self.link.letter(&self.courier, login());
                self.sign_at(&mut letter, self.courier.clock.now().0 / 1_000_000 - OLD_S);
                self.is_turned_away(letter).await
            }
            Promise::UsedNonce => {
                let first = self.link.letter(&self.courier, login());
                let mut again = self.link.letter(&self.courier, login());
                again.headers.clone_from(&first.headers);
                again.nonce.clone_from(&first.nonce);
                let deadline = self.remote.step_deadline;
                let sent = self.link.deliver(&self.courier, first, deadline).await;
                sent.map_err(|fault| fault.to_string())?;
                self.is_turned_away(again).await
            }
        }
    }

    /// The part of an answer that a repeat must have too.
    async fn result(&self, fetch: Fetch) -> Result<Value, Fault> {
        let (status, body) = self.send(&self.link, fetch).await?;
        same("the status", &status, &200)?;
        let answer: Value = serde_json::from_slice(&body).map_err(|_| "the answer is no JSON")?;
        Ok(json!([answer["session"], answer["step_id"], answer["step"], answer["memory"]]))
    }

    async fn answers(&self, fetch: Fetch, expected: u16) -> Result<(), Fault> {
        let (status, _) = self.send(&self.link, fetch).await?;
        same("the status", &status, &expected)
    }

    /// 401; whom it does not know a connector need not sign for.
    async fn is_turned_away(&self, letter: Letter) -> Result<(), Fault> {
        let sent = self.link.deliver(&self.courier, letter, self.remote.step_deadline).await;
        match sent {
            Ok((401, _)) | Err(CourierFault::Unsigned { status: 401, .. }) => Ok(()),
            Ok((status, _)) | Err(CourierFault::Unsigned { status, .. }) => {
                same("the status", &status, &401)
            }
            Err(fault @ CourierFault::Send(_)) => Err(fault.to_string().into()),
        }
    }

    fn sign_at(&self, letter: &mut Letter, stamp_s: i64) {
        let sent = Sent {
            method: letter.method.as_str(),
            path: letter.target.path(),
            stamp_s,
            nonce: &letter.nonce,
            body: letter.body.expose(),
        };
        let signature = self.link.sign(&sent);
        for (name, value) in &mut letter.headers {
            match *name {
                TIMESTAMP_HEADER => *value = stamp_s.to_string(),
                SIGNATURE_HEADER => value.clone_from(&signature),
                _ => {}
            }
        }
    }
}

/// A person that the test mode asks for a code, or lets straight in: either is a result.
fn ending(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::Telecom => "0001",
        SourceKind::Degree => "@one",
        SourceKind::Ebank => "03",
        // No connector stands for these.
        SourceKind::Credit | SourceKind::File | SourceKind::Inquiries => "",
    }
}

fn changed(fetch: Fetch, change: impl FnOnce(&mut Value)) -> Fetch {
    let mut body = serde_json::from_slice(fetch.body.expose()).expect("our own request");
    change(&mut body);
    Fetch { body: Secret::new(body.to_string().into_bytes()), ..fetch }
}

fn same<T: PartialEq + std::fmt::Display>(what: &str, got: &T, expected: &T) -> Result<(), Fault> {
    if got == expected {
        return Ok(());
    }
    let short = |value: &T| value.to_string().chars().take(200).collect::<String>();
    Err(format!("{what} should be {}, not {}", short(expected), short(got)).into())
}
