//! Carries a request to a connector and its answer back, both signed (docs/connectors.md).

use domain::entropy::{self, Entropy};
use domain::secret::Secret;
use domain::source::SourceKind;
use domain::source::bank::{self, Bank};
use domain::time::{Clock, Span};
use serde::{Deserialize, Serialize};
use sources::remote::signature::{
    Answered, NONCE_HEADER, SECRET_BYTES_MIN, SIGNATURE_HEADER, Sent, TIMESTAMP_HEADER,
};
use sources::remote::{ANSWER_BYTES_MAX, HEALTH_PATH, PROTOCOL};
use sources::step::{Effect, Fetch, Fetched, Loss, Method};
use thiserror::Error;

use crate::outbound::{Incame, Outbound, Outgoing, SendFault, Target};

/// What a request goes out with.
#[derive(Clone, Copy)]
pub struct Courier<'c> {
    pub outbound: &'c Outbound,
    /// The machine's: signatures are about real time.
    pub clock: &'c dyn Clock,
    pub entropy: &'c dyn Entropy,
}

/// The way to a connector.
#[derive(Debug)]
pub struct Link {
    target: Target,
    secret: Secret<Vec<u8>>,
}

/// Why a connector gave no answer that can be believed.
#[derive(Debug, Error)]
pub enum CourierFault {
    #[error(transparent)]
    Send(#[from] SendFault),
    /// There is an answer, but the connector did not sign it, or not now, or not to this request.
    #[error("the answer (status {status}) is not signed as it must be: {why}")]
    Unsigned { status: u16, why: &'static str },
}

impl CourierFault {
    pub(super) fn into_fetched(self) -> Fetched {
        match self {
            Self::Send(SendFault::Refused(_) | SendFault::NotSent(_)) => Fetched::NotSent,
            Self::Send(SendFault::Lost(loss)) => Fetched::Unknown(loss),
            Self::Unsigned { .. } => Fetched::Unknown(Loss::Unreadable),
        }
    }
}

/// What a connector says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    pub protocol: u64,
    /// What it can fetch.
    pub kinds: Vec<SourceKind>,
    /// The banks that it logs in to, where it fetches bank data.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub banks: Vec<Bank>,
}

/// What a signed request consists of; a test of a connector may change any of it.
pub(super) struct Letter {
    pub(super) method: Method,
    pub(super) target: Target,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Secret<Vec<u8>>,
    pub(super) nonce: String,
}

impl Link {
    /// Errors: what is wrong with address or secret.
    pub fn new(url: &str, secret: Secret<Vec<u8>>) -> Result<Self, String> {
        let target = Target::parse(url).map_err(|refusal| format!("url: {refusal}"))?;
        if target.has_query() {
            return Err("url: must have no query".to_owned());
        }
        if secret.expose().len() < SECRET_BYTES_MIN {
            return Err(format!("secret: must have at least {SECRET_BYTES_MIN} bytes"));
        }
        Ok(Self { target, secret })
    }

    /// Signs, sends once, and takes the answer (status and body) if it is the connector's.
    pub async fn exchange(
        &self,
        courier: &Courier<'_>,
        fetch: Fetch,
        deadline: Span,
    ) -> Result<(u16, Vec<u8>), CourierFault> {
        let letter = self.letter(courier, fetch);
        self.deliver(courier, letter, deadline).await
    }

    pub(super) fn letter(&self, courier: &Courier<'_>, fetch: Fetch) -> Letter {
        let Fetch { method, path, body, .. } = fetch;
        let target = self.target.join(&path);
        let nonce = hex::encode(entropy::bytes::<16>(courier.entropy));
        let stamp_s = courier.clock.now().0.div_euclid(1_000_000);
        let sent = Sent {
            method: method.as_str(),
            path: target.path(),
            stamp_s,
            nonce: &nonce,
            body: body.expose(),
        };
        let signature = sent.sign(self.secret.expose());
        let mut headers = vec![
            (TIMESTAMP_HEADER, stamp_s.to_string()),
            (NONCE_HEADER, nonce.clone()),
            (SIGNATURE_HEADER, signature),
        ];
        if method == Method::Post {
            headers.push(("content-type", "application/json".to_owned()));
        }
        Letter { method, target, headers, body, nonce }
    }

    pub(super) fn sign(&self, sent: &Sent<'_>) -> String {
        sent.sign(self.secret.expose())
    }

    pub(super) async fn deliver(
        &self,
        courier: &Courier<'_>,
        letter: Letter,
        deadline: Span,
    ) -> Result<(u16, Vec<u8>), CourierFault> {
        let Letter { method, target, headers, body, nonce } = letter;
        let answer_bytes_max = ANSWER_BYTES_MAX;
        let outgoing = Outgoing {
            method,
            target: &target,
            headers: &headers,
            body,
            deadline,
            answer_bytes_max,
        };
        let Incame { status, headers, body } = courier.outbound.send(outgoing).await?;
        let unsigned = |why| CourierFault::Unsigned { status, why };
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let signature = header(SIGNATURE_HEADER).ok_or_else(|| unsigned("no signature"))?;
        let stamp = header(TIMESTAMP_HEADER).and_then(|text| text.parse().ok());
        let stamp_s = stamp.ok_or_else(|| unsigned("no timestamp in seconds"))?;
        let answered = Answered { nonce: &nonce, status, stamp_s, body: &body };
        if !answered.holds(self.secret.expose(), signature, courier.clock.now()) {
            return Err(unsigned("the signature is wrong, or more than 5 minutes off"));
        }
        Ok((status, body))
    }

    /// Asks the connector for its health.
    pub async fn health(&self, courier: &Courier<'_>, deadline: Span) -> Result<Health, String> {
        let fetch = Fetch {
            effect: Effect::Read,
            method: Method::Get,
            path: HEALTH_PATH.into(),
            body: Secret::new(Vec::new()),
        };
        let fetched = self.exchange(courier, fetch, deadline).await;
        match fetched.map_err(|fault| fault.to_string())? {
            (200, body) => {
                let health: Health = serde_json::from_slice(&body)
                    .map_err(|_| "its health is not what the protocol says".to_owned())?;
                if health.protocol == PROTOCOL {
                    bank::check(&health.banks)?;
                    return Ok(health);
                }
                Err(format!("it speaks protocol {}, not {PROTOCOL}", health.protocol))
            }
            (status, _) => Err(format!("its health has status {status}")),
        }
    }
}
