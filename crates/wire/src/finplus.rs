//! Face 1: the Finplus score as sold on the Aliyun marketplace (document 000).
//!
//! [`read`] turns a request into a [`Letter`]; its credential is checked first, and only then is
//! it opened to a [`Question`]. [`answer`] and [`refuse`] write what the merchant receives.

pub mod codes;
mod message;
mod translate;

pub use message::{answer, refuse};
pub use translate::{Apps, Opened, Question};

use domain::failure::{CredentialKind, Failure};
use domain::secret::Secret;

use crate::body::Pairs;
use crate::request::Request;

/// A request that is not believed yet: only the credential can be seen.
#[derive(Debug)]
pub struct Letter {
    authorization: Option<Secret<String>>,
    pairs: Pairs,
}

/// What the sender proves itself with.
#[derive(Debug)]
pub enum Presented {
    /// The marketplace's bearer code.
    AppCode(Secret<String>),
}

/// Reads `request`. What is wrong with its parameters comes out of [`Letter::open`], so that a
/// stranger learns nothing but that its credential is not known.
pub fn read(request: &Request<'_>) -> Letter {
    Letter {
        authorization: request.headers.get("authorization").map(|text| Secret::new(text.into())),
        pairs: Pairs::read(request),
    }
}

impl Letter {
    /// The credential of `Authorization: APPCODE <code>` (the scheme in any case, one or more
    /// spaces).
    ///
    /// Errors: [`Failure::CredentialMissing`] without the header or with another scheme;
    /// [`Failure::CredentialUnknown`] when the scheme comes without a code.
    pub fn credential(&self) -> Result<Presented, Failure> {
        let authorization = self.authorization.as_ref().ok_or(Failure::CredentialMissing)?;
        let text = authorization.expose().trim_matches(' ');
        let (scheme, code) = text.split_once(' ').unwrap_or((text, ""));
        if !scheme.eq_ignore_ascii_case("APPCODE") {
            return Err(Failure::CredentialMissing);
        }
        match code.trim_start_matches(' ') {
            "" => Err(Failure::CredentialUnknown(CredentialKind::AppCode)),
            code => Ok(Presented::AppCode(Secret::new(code.to_owned()))),
        }
    }

    /// The question inside, for a sender whose credential held; `apps` are its applications.
    pub fn open(&self, apps: &dyn Apps) -> Opened {
        translate::open(&self.pairs, apps)
    }
}

#[cfg(test)]
mod tests;
