//! Signing in with name, password and one-time code; the token that stands for an operator then.

use std::net::{IpAddr, Ipv4Addr};

use domain::failure::Failure;
use domain::operator::{Operator, Totp, TotpStep};
use domain::secret::{Private, Secret};
use domain::time::{Span, Timestamp};
use serde_json::json;
use store::operators::{self, OperatorToken, StoredOperator};

use super::{PASSWORD, TOTP, note, operator};
use crate::{Engine, Error};

/// The name space of the digest of a token.
const TOKEN_SPACE: &str = "operator-token";
/// Hexadecimal digits of a token.
const TOKEN_LENGTH: usize = 64;
/// A working day and a little.
const TOKEN_FORCE: Span = Span::hours(12);

/// Wrong codes with the right password are counted here, wherever they come from: six digits could
/// be guessed from many addresses. Only somebody who knows the password can lock the account so.
const ANYWHERE: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// An operator who signed in.
#[derive(Debug)]
pub struct SignedIn {
    pub operator: Operator,
    pub token: Secret<String>,
    pub ends_at: Timestamp,
}

impl Engine {
    /// Signs an operator in. An unknown name, a disabled operator, a wrong password, a wrong or
    /// used code and too many attempts are [`Failure::PasswordWrong`] all the same.
    pub async fn sign_in(
        &self,
        name: &str,
        password: &Secret<String>,
        code: &Secret<String>,
        address: IpAddr,
    ) -> Result<SignedIn, Failure> {
        let signed_in = self.try_sign_in(name, (password, code), address).await;
        let outcome = match &signed_in {
            Ok(_) => "ok",
            Err(Failure::PasswordWrong) => "wrong",
            Err(_) => "failed",
        };
        metrics::counter!("probity_operator_logins_total", "outcome" => outcome).increment(1);
        signed_in
    }

    async fn try_sign_in(
        &self,
        name: &str,
        (password, code): (&Secret<String>, &Secret<String>),
        address: IpAddr,
    ) -> Result<SignedIn, Failure> {
        let wanted = name.to_owned();
        let found = self.store().read("operator", move |tx| operators::by_name(tx, &wanted)).await;
        let found = found.map_err(|error| self.store_failed(&error))?;
        let found = found.filter(|stored| stored.disabled_at.is_none());
        let opened = found.as_ref().map(|stored| self.open_credentials(stored)).transpose();
        let (hashes, totp) = match opened.map_err(|error| self.failed(&error))? {
            Some((hash, totp)) => (vec![hash], totp),
            // As much work as for a name that is there.
            None => (Vec::new(), Totp::open(vec![0; 20])),
        };
        let is_password = self.password_holds(password, hashes).await?;
        let used = found.as_ref().map_or(TotpStep(0), |stored| stored.totp_step);
        // People's telephones show the machine's time, whatever the sandbox's clock says.
        let step = totp.step_of(code.expose(), self.inner.clock.machine_now(), used);
        let (attempts, now) = (&self.inner.attempts, self.now());
        // No merchant's account has a space in it.
        let account = format!("operator {name}");
        let is_locked = attempts.is_locked(address, &account, now)
            || attempts.is_locked(ANYWHERE, &account, now);
        if is_locked {
            return Err(Failure::PasswordWrong);
        }
        let (Some(stored), true, Some(step)) = (found, is_password, step) else {
            attempts.failed(address, &account, now);
            if is_password {
                attempts.failed(ANYWHERE, &account, now);
            }
            return Err(Failure::PasswordWrong);
        };
        let signed_in = self.issue_operator_token(operator(stored), step).await?;
        attempts.succeeded(address, &account);
        Ok(signed_in)
    }

    fn open_credentials(&self, stored: &StoredOperator) -> Result<(String, Totp), Error> {
        let hash = self.unseal_for(PASSWORD, stored.id, &stored.password)?;
        let totp = self.unseal_for(TOTP, stored.id, &stored.totp)?;
        Ok((String::from_utf8_lossy(&hash).into_owned(), Totp::open(totp)))
    }

    /// Takes the code's step and gives a token, both or neither.
    async fn issue_operator_token(
        &self,
        operator: Operator,
        step: TotpStep,
    ) -> Result<SignedIn, Failure> {
        let (id, name) = (operator.id, operator.name.clone());
        let token = Secret::new(self.random_hex::<{ TOKEN_LENGTH / 2 }>());
        let now = self.now();
        let (digest, ends_at) = (self.operator_digest(&token), now + TOKEN_FORCE);
        let kept = OperatorToken { digest, operator: id, created_at: now, ends_at };
        let signed_in = self.store().unit("sign_in", move |tx| {
            let is_new = operators::take_step(tx, id, step)?;
            if is_new {
                operators::insert_token(tx, &kept)?;
                note(tx, (&name, "sign-in"), &name, &json!({}), now)?;
            }
            Ok(is_new)
        });
        match signed_in.await {
            Ok(true) => Ok(SignedIn { operator, token, ends_at }),
            // Another request was quicker with the same code.
            Ok(false) => Err(Failure::PasswordWrong),
            Err(error) => Err(self.store_failed(&error)),
        }
    }

    /// Whom an operator's token stands for. One that is over, was ended, is of a disabled operator
    /// or never was is [`Failure::TokenUnknown`] all the same.
    pub async fn operator_by_token(&self, token: &Secret<String>) -> Result<Operator, Failure> {
        let digest = self.known_form(token)?;
        let now = self.now();
        let find = move |tx: &mut store::Tx<'_>| operators::by_token(tx, &digest, now);
        let found = self.store().read("operator_by_token", find).await;
        let found = found.map_err(|error| self.store_failed(&error))?;
        found.map(operator).ok_or(Failure::TokenUnknown)
    }

    /// Ends a token now, on every node.
    pub async fn sign_out(&self, token: &Secret<String>) -> Result<(), Failure> {
        let operator = self.operator_by_token(token).await?;
        let (digest, now) = (self.operator_digest(token), self.now());
        let ended = self.store().unit("sign_out", move |tx| {
            if operators::end_token(tx, &digest, now)? {
                note(tx, (&operator.name, "sign-out"), &operator.name, &json!({}), now)?;
            }
            Ok(())
        });
        ended.await.map_err(|error| self.store_failed(&error))
    }

    fn known_form(&self, token: &Secret<String>) -> Result<[u8; 32], Failure> {
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let text = token.expose();
        let fits = text.len() == TOKEN_LENGTH && text.bytes().all(is_hex);
        if fits { Ok(self.operator_digest(token)) } else { Err(Failure::TokenUnknown) }
    }

    fn operator_digest(&self, token: &Secret<String>) -> [u8; 32] {
        self.keys().index(TOKEN_SPACE, &Private::new(token.expose().clone()))
    }
}
