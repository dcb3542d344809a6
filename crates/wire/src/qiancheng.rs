//! Face 2: Qiancheng (document 001): blacklist, telecom, degree and e-bank collection, and the risk
//! audit.
//!
//! [`read`] turns the request of an [`Endpoint`] into a [`Letter`]; its credential is checked
//! first, and only then is it opened to what is [`Asked`]. [`message`] and [`refuse`] write what
//! the merchant receives.
//!
//! Only the body is read, as the services behind these clients did: what stands in a URL stands in
//! logs too, and passwords travel here. The one GET, for an audit's result, has its id in the
//! query. Fields that the endpoint does not know are ignored: real
//! clients send one array to several endpoints.

pub mod audit;
pub mod codes;
mod endpoint;
mod fields;
pub mod message;
mod refusal;
mod translate;

pub use endpoint::{Check, ClaimKeys, Endpoint, Field, Need, Proof};
pub use message::{refuse, unreached};
pub use refusal::{Fault, Refusal};
pub use translate::{Asked, BankAccount, BankLogin, Client, ClientType};

use std::borrow::Cow;

use domain::application::Application;
use domain::secret::Secret;
use domain::time::Day;

use crate::body::{Body, Kind, Limits, Value};
use crate::request::Request;
use fields::Fields;

/// The largest request is a person with its contacts.
const LIMITS: Limits = Limits {
    parameters_max: 256,
    name_max_bytes: 128,
    value_max_bytes: 4 * 1024,
    depth_max: 8,
    items_max: 128,
    body_max_bytes: 256 * 1024,
};

/// An application, encrypted and in Base64: four thirds of it, and what a form makes of that.
const APPLICATION_LIMITS: Limits = Limits {
    value_max_bytes: Application::BYTES_MAX / 3 * 4 + 64 * 1024,
    body_max_bytes: APPLICATION_BODY_BYTES_MAX,
    ..LIMITS
};

/// The largest body of [`Endpoint::AuditOpen`].
pub const APPLICATION_BODY_BYTES_MAX: usize = Application::BYTES_MAX / 3 * 4 + 256 * 1024;

/// A request that is not believed yet: only the credential can be seen. What it holds is wiped in
/// the end.
pub struct Letter {
    endpoint: Endpoint,
    sent: Result<Value, Refusal>,
}

/// What the sender proves itself with.
#[derive(Debug)]
pub enum Presented {
    /// The merchant's account; `hours` is how long the token is to live.
    Password {
        username: String,
        password: Secret<String>,
        hours: u16,
    },
    Token(Secret<String>),
    /// The merchant's account and a session that must be its own.
    Owner {
        username: String,
        open_id: String,
    },
    /// A session; the account, where it is sent, must be the session's owner.
    OpenId {
        open_id: String,
        username: Option<String>,
    },
    /// Anyone may ask.
    Nobody,
}

/// Reads the `request` for `endpoint`.
pub fn read(endpoint: Endpoint, request: &Request<'_>) -> Letter {
    Letter { endpoint, sent: sent(endpoint, request) }
}

fn sent(endpoint: Endpoint, request: &Request<'_>) -> Result<Value, Refusal> {
    if endpoint.is_get() {
        let query = Body { kind: Kind::Form, bytes: Cow::Borrowed(request.query.as_bytes()) };
        return Value::of_body(&query, &LIMITS).map_err(|fault| Refusal::unreadable(400, fault));
    }
    let limits = match endpoint {
        Endpoint::AuditOpen => &APPLICATION_LIMITS,
        _ => &LIMITS,
    };
    let body = Body::take(request, limits).map_err(|untaken| Refusal::Unreadable {
        status: untaken.status,
        reason: untaken.reason,
    })?;
    let status = if body.kind == Kind::Unknown { 415 } else { 400 };
    Value::of_body(&body, limits).map_err(|failure| Refusal::unreadable(status, failure))
}

impl Letter {
    pub fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// What is presented, as [`Endpoint::proof`] wants it.
    ///
    /// Errors: [`Refusal::Unreadable`] when nothing can be read; [`Refusal::Field`] when a part of
    /// it is missing or malformed.
    pub fn credential(&self) -> Result<Presented, Refusal> {
        if self.endpoint.proof() == Proof::Nobody {
            return Ok(Presented::Nobody);
        }
        let fields = Fields::of(self.sent.as_ref().map_err(Clone::clone)?);
        Ok(match self.endpoint.proof() {
            Proof::Password => Presented::Password {
                username: fields.required("username", fields::text)?,
                password: fields.required("password", fields::secret)?,
                hours: fields.optional("hours", fields::hours)?.unwrap_or(fields::HOURS_DEFAULT),
            },
            Proof::Token => Presented::Token(fields.required("token", fields::secret)?),
            Proof::Owner { open_id } => Presented::Owner {
                username: fields.required("username", fields::text)?,
                open_id: fields.open_id(open_id)?,
            },
            Proof::OpenId => Presented::OpenId {
                open_id: fields.open_id(&["open_id"])?,
                username: fields.optional("username", fields::text)?,
            },
            Proof::Nobody => Presented::Nobody,
        })
    }

    /// The question inside, for a sender whose credential held. `today` is Shanghai's day.
    ///
    /// Errors: [`Refusal::Field`] at the first field that is missing or malformed.
    pub fn open(self, today: Day) -> Result<Asked, Refusal> {
        if self.endpoint.proof() == Proof::Nobody {
            // Whatever was sent, nothing of it is asked for.
            return Ok(Asked::Banks);
        }
        let sent = self.sent.as_ref().map_err(Clone::clone)?;
        translate::open(self.endpoint, &Fields::of(sent), today)
    }
}

impl Drop for Letter {
    fn drop(&mut self) {
        if let Ok(sent) = &mut self.sent {
            sent.wipe();
        }
    }
}

#[cfg(test)]
mod tests;
