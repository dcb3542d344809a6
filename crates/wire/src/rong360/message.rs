//! The envelope: the signed form of the open platform's clients, or the document's own JSON.

use domain::keys::{RsaPublicKey, SignType};
use domain::merchant::Rong360;
use domain::secret::Secret;
use domain::time::{Day, Timestamp};

use super::codes::Code;
use super::fields::Method;
use super::json::{self, Wiped};
use super::refusal::Refusal;
use super::signature::{self, Signature};
use super::translate::{self, Asked};
use crate::body::{Body, Kind, Limits, Pairs, Value};
use crate::request::Request;

/// `biz_data` is the largest field, and what a borrower types is short.
pub(super) const LIMITS: Limits = Limits {
    parameters_max: 64,
    name_max_bytes: 128,
    value_max_bytes: 32 * 1024,
    depth_max: 8,
    items_max: 64,
    body_max_bytes: 128 * 1024,
};

/// A request that is not believed yet: nothing of it can be seen but who is said to have sent it.
pub struct Letter {
    envelope: Result<Envelope, Refusal>,
}

enum Envelope {
    Form(Pairs),
    Json { token: Option<Secret<String>>, value: Wiped },
}

/// What the sender proves itself with.
#[derive(Debug)]
pub enum Presented<'l> {
    /// A signature, said to be this merchant's; [`Letter::verify`] tells.
    Signed { app_id: &'l str },
    /// A bearer token; if it holds, [`Letter::vouched`] follows.
    Token(&'l Secret<String>),
}

/// A request of a merchant that has proved itself.
pub struct Believed {
    envelope: Envelope,
}

/// What was found in a request that is believed.
#[derive(Debug)]
pub struct Opened {
    /// As far as it is one; the answer is named after it.
    pub method: Option<Method>,
    pub asked: Result<Asked, Refusal>,
}

/// Reads a `request`, its body alone: clients put `logid`, `orgid` and `func` into the query,
/// unsigned.
pub fn read(request: &Request<'_>) -> Letter {
    Letter { envelope: envelope(&Request { query: "", ..*request }) }
}

fn envelope(request: &Request<'_>) -> Result<Envelope, Refusal> {
    let body = Body::take(request, &LIMITS)
        .map_err(|untaken| Refusal::unread(untaken.status, untaken.reason))?;
    // Clients that call JSON a form are known.
    let is_json = body.kind == Kind::Json || body.bytes.trim_ascii_start().starts_with(b"{");
    if is_json {
        let token = request.headers.get("authorization").and_then(bearer);
        return Ok(Envelope::Json { token, value: json::body(&body.bytes)? });
    }
    match body.kind {
        Kind::Unknown => Err(Refusal::unread(415, "Content-Type")),
        _ => Ok(Envelope::Form(Pairs::of(request, &Ok(body), LIMITS))),
    }
}

fn bearer(header: &str) -> Option<Secret<String>> {
    let (scheme, token) = header.trim().split_once(' ')?;
    let is_bearer = scheme.eq_ignore_ascii_case("Bearer");
    is_bearer.then(|| Secret::new(token.trim().to_owned()))
}

impl Letter {
    /// Who says to have sent it.
    ///
    /// Errors: nothing can be read, or it bears no credential.
    pub fn presented(&self) -> Result<Presented<'_>, Refusal> {
        match self.envelope.as_ref().map_err(Clone::clone)? {
            Envelope::Json { token, .. } => {
                Ok(Presented::Token(token.as_ref().ok_or(Code::SIGNATURE)?))
            }
            Envelope::Form(pairs) => {
                let app_id = pairs.agreed(&["app_id"])?.filter(|text| !text.is_empty());
                // Of what is not legible, the app id is not missing.
                if app_id.is_none() {
                    pairs.sound()?;
                }
                let app_id = app_id.ok_or_else(|| Refusal::envelope("app_id 缺失"))?;
                Ok(Presented::Signed { app_id })
            }
        }
    }

    /// Verifies the signature by any of the `keys` of the merchant that was
    /// [`Presented::Signed`], which may sign as `allowed` says.
    ///
    /// Errors: 100006 for the sign type, 100002, 100003, in this order.
    pub fn verify(
        self,
        keys: &[RsaPublicKey],
        allowed: &[SignType],
        now: Timestamp,
    ) -> Result<(Believed, Signature), Refusal> {
        match self.envelope? {
            Envelope::Json { .. } => Err(Code::SIGNATURE.into()),
            Envelope::Form(pairs) => {
                let signature = signature::verify(&pairs, keys, allowed, now)?;
                Ok((Believed { envelope: Envelope::Form(pairs) }, signature))
            }
        }
    }

    /// For the caller that has found the [`Presented::Token`] to hold, of a merchant that is served
    /// the document's own JSON.
    ///
    /// Errors: 100002 for any other letter.
    pub fn vouched(self) -> Result<Believed, Refusal> {
        match self.envelope? {
            Envelope::Form(_) => Err(Code::SIGNATURE.into()),
            envelope @ Envelope::Json { .. } => Ok(Believed { envelope }),
        }
    }
}

impl Believed {
    /// What is asked, by the merchant whose `terms` these are. `today` is Shanghai's day.
    pub fn open(self, terms: &Rong360, today: Day) -> Opened {
        let mut opened = Opened { method: None, asked: Err(Code::METHOD.into()) };
        opened.asked = self.asked(terms, today, &mut opened.method);
        opened
    }

    fn asked(
        &self,
        terms: &Rong360,
        today: Day,
        known: &mut Option<Method>,
    ) -> Result<Asked, Refusal> {
        let quoted;
        let (method, biz_data) = match &self.envelope {
            Envelope::Form(pairs) => {
                let method = method(envelope_field(pairs, "method")?)?;
                *known = Some(method);
                check_form(pairs)?;
                let text = envelope_field(pairs, "biz_data")?;
                quoted = json::object("biz_data", text.as_bytes())?;
                (method, &quoted.0)
            }
            Envelope::Json { value, .. } => {
                let name = value.0.get("method").filter(|name| !name.is_absent());
                let name = name.and_then(Value::text);
                let method = method(name.ok_or_else(|| Refusal::envelope("method 缺失"))?)?;
                *known = Some(method);
                match value.0.get("biz_data") {
                    Some(Value::Text(text)) => {
                        quoted = json::object("biz_data", text.as_bytes())?;
                        (method, &quoted.0)
                    }
                    Some(biz_data @ Value::Map(_)) => (method, biz_data),
                    _ => return Err(Refusal::envelope("biz_data 缺失")),
                }
            }
        };
        translate::ask(method, biz_data, terms, today)
    }
}

fn method(text: &str) -> Result<Method, Refusal> {
    Method::parse(text).ok_or_else(|| Code::METHOD.into())
}

fn envelope_field<'p>(pairs: &'p Pairs, name: &str) -> Result<&'p str, Refusal> {
    let value = pairs.agreed(&[name])?.filter(|value| !value.trim().is_empty());
    value.ok_or_else(|| Refusal::envelope(format!("{name} 缺失")))
}

/// Whether all was legible, nothing was repeated with another value, and version and format are
/// those there are.
fn check_form(pairs: &Pairs) -> Result<(), Refusal> {
    pairs.sound()?;
    for (name, _) in pairs.iter() {
        pairs.agreed(&[name])?;
    }
    for (name, spellings) in [("version", ["1.0", "1.0.0"]), ("format", ["json", "JSON"])] {
        if !spellings.contains(&envelope_field(pairs, name)?) {
            return Err(Refusal::envelope(format!("{name} 取值无效")));
        }
    }
    Ok(())
}
