//! Face 1: the Finplus score as sold on the Aliyun marketplace (document 000).
//!
//! [`read`] turns a request into a [`Letter`]; its credential is checked first, then Finplus' own
//! signature where there is one, and only then is it opened to a [`Question`]. [`answer`] and
//! [`refuse`] write what the merchant receives.

pub mod codes;
mod message;
mod signature;
mod translate;

pub use message::{answer, refuse};
pub use signature::aliyun::Nonce;
pub use translate::{Apps, Opened, Question};

use domain::failure::{CredentialKind, Failure};
use domain::secret::Secret;
use domain::time::Timestamp;

use crate::body::{Body, Kind, Limits, Pairs};
use crate::request::Request;
use signature::aliyun::Signed;
use signature::own::OwnSignature;

/// A request that is not believed yet: only the credential can be seen.
#[derive(Debug)]
pub struct Letter {
    authorization: Option<Secret<String>>,
    signed: Option<Signed>,
    own: Result<Option<OwnSignature>, Failure>,
    pairs: Pairs,
}

/// What the sender proves itself with.
#[derive(Debug)]
pub enum Presented {
    /// The marketplace's bearer code.
    AppCode(Secret<String>),
    /// The gateway's signature; it proves something once [`Letter::verify`] says so.
    Signed(SignedRequest),
}

/// Who says to have signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedRequest {
    /// The AppKey; its secret is what [`Letter::verify`] takes.
    pub key: String,
}

/// Reads `request`. What is wrong with its parameters comes out of [`Letter::open`], so that a
/// stranger learns nothing but that its credential is not known.
pub fn read(request: &Request<'_>) -> Letter {
    let body = Body::of(request, &Limits::FLAT);
    let pairs = Pairs::of(request, &body, Limits::FLAT);
    let body = body.unwrap_or(Body::EMPTY);
    let form = (body.kind == Kind::Form).then_some(&*body.bytes);
    Letter {
        authorization: request.headers.get("authorization").map(|text| Secret::new(text.into())),
        signed: Signed::of(request, form),
        own: OwnSignature::of(&pairs, request.query, &body),
        pairs,
    }
}

impl Letter {
    /// The credential of `Authorization: APPCODE <code>` (the scheme in any case, one or more
    /// spaces), else that of the gateway's signature.
    ///
    /// Errors: [`Failure::CredentialMissing`] without either; [`Failure::CredentialUnknown`] when
    /// the scheme comes without a code, or the signature without a key.
    pub fn credential(&self) -> Result<Presented, Failure> {
        let text = self.authorization.as_ref().map_or("", |text| text.expose().trim_matches(' '));
        let (scheme, code) = text.split_once(' ').unwrap_or((text, ""));
        if !scheme.eq_ignore_ascii_case("APPCODE") {
            let signed = self.signed.as_ref().ok_or(Failure::CredentialMissing)?;
            return Ok(Presented::Signed(SignedRequest { key: signed.key()?.to_owned() }));
        }
        match code.trim_start_matches(' ') {
            "" => Err(Failure::CredentialUnknown(CredentialKind::AppCode)),
            code => Ok(Presented::AppCode(Secret::new(code.to_owned()))),
        }
    }

    /// Verifies the gateway's signature with the `secret` of the key in [`Presented::Signed`]. The
    /// caller claims the nonce that comes back; one that was used before is
    /// [`Failure::NonceUsed`]. `is_sandbox`: the key is the sandbox's, whose developer is shown
    /// what the server signed.
    ///
    /// Errors: [`Failure::SignatureWrong`], [`Failure::TimestampInvalid`],
    /// [`Failure::TimestampExpired`], [`Failure::ContentMd5Wrong`], in this order;
    /// [`Failure::CredentialMissing`] when the letter is not signed.
    pub fn verify(
        &self,
        secret: &Secret<String>,
        now: Timestamp,
        is_sandbox: bool,
    ) -> Result<Option<Nonce>, Failure> {
        let signed = self.signed.as_ref().ok_or(Failure::CredentialMissing)?;
        signed.verify(secret, now, is_sandbox)
    }

    /// The AppKey of Finplus' own signature, which is checked after the gateway's credential;
    /// nothing when the letter bears none. A key that is not the merchant's is
    /// [`Failure::VerificationFailed`].
    ///
    /// Errors: [`Failure::Parameter`] when the signature is not whole or its parameters are not in
    /// order.
    pub fn own_key(&self) -> Result<Option<&str>, Failure> {
        let own = self.own.as_ref().map_err(Clone::clone)?;
        Ok(own.as_ref().map(OwnSignature::app_key))
    }

    /// Verifies Finplus' own signature with the `secret` of [`Letter::own_key`]; a letter without
    /// one passes.
    ///
    /// Errors: those of [`Letter::own_key`]; [`Failure::VerificationFailed`] when the signature is
    /// wrong or was not made now.
    pub fn verify_own(&self, secret: &Secret<String>, now: Timestamp) -> Result<(), Failure> {
        let own = self.own.as_ref().map_err(Clone::clone)?;
        own.as_ref().map_or(Ok(()), |own| own.verify(secret, now))
    }

    /// What a refusal of the product echoes as `req_id`, as far as it is legible.
    pub fn echo(&self) -> Option<String> {
        translate::echo(&self.pairs)
    }

    /// The question inside, for a sender whose credential held; `apps` are its applications.
    pub fn open(&self, apps: &dyn Apps) -> Opened {
        translate::open(&self.pairs, apps)
    }
}

#[cfg(test)]
mod tests;
