//! Bearer tokens: 128 random bits, of which only a keyed digest is kept.

use std::sync::Arc;

use domain::failure::Failure;
use domain::ids::MerchantId;
use domain::merchant::{Merchant, MerchantState, Scope};
use domain::secret::{Private, Secret};
use domain::time::Span;
use store::tokens::{self, Token};

use crate::directory::MerchantEntry;
use crate::{Engine, Error};

/// The name space of the digest of a token.
const TOKEN_SPACE: &str = "token";
/// Hexadecimal digits of a token.
const TOKEN_LENGTH: usize = 32;
/// The longest that a token may hold (`qiancheng.md`, Authentication).
pub const TOKEN_HOURS_MAX: u32 = 720;

/// Whom a token stands for, and what it opens.
#[derive(Clone, Debug)]
pub struct Bearer {
    pub entry: Arc<MerchantEntry>,
    pub scope: Scope,
}

impl Engine {
    /// Makes a token that holds for `hours` (1 to [`TOKEN_HOURS_MAX`]) beside those that there are.
    pub async fn issue_token(
        &self,
        merchant: MerchantId,
        hours: u32,
        scope: Scope,
    ) -> Result<Secret<String>, Error> {
        if !(1..=TOKEN_HOURS_MAX).contains(&hours) {
            return Err(Error::invalid(format!("hours: must be 1 to {TOKEN_HOURS_MAX}")));
        }
        let token = Secret::new(self.random_hex::<{ TOKEN_LENGTH / 2 }>());
        let now = self.now();
        let kept = Token {
            digest: self.digest(&token),
            merchant,
            scope,
            created_at: now,
            ends_at: now + Span::hours(i64::from(hours)),
        };
        self.store().unit("issue_token", move |tx| tokens::insert(tx, &kept)).await?;
        Ok(token)
    }

    /// Whom a token stands for. One that is over, was ended, is of a suspended merchant or never
    /// was is [`Failure::TokenUnknown`] all the same.
    pub async fn by_token(&self, token: &Secret<String>) -> Result<Bearer, Failure> {
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let text = token.expose();
        if text.len() != TOKEN_LENGTH || !text.bytes().all(is_hex) {
            return Err(Failure::TokenUnknown);
        }
        let (digest, now) = (self.digest(token), self.now());
        let found = self.store().read("by_token", move |tx| tokens::find(tx, &digest, now)).await;
        let token = found.map_err(|error| self.store_failed(&error))?;
        let token = token.ok_or(Failure::TokenUnknown)?;
        let entry = self.directory().by_id(token.merchant).cloned();
        let entry = entry.filter(|entry| entry.merchant.state == MerchantState::Active);
        Ok(Bearer { entry: entry.ok_or(Failure::TokenUnknown)?, scope: token.scope })
    }

    /// Ends all tokens of a merchant now, on every node; gives how many there were.
    pub async fn revoke_tokens(&self, merchant: &Merchant) -> Result<u64, Error> {
        let (merchant, now) = (merchant.id, self.now());
        Ok(self.store().unit("end_tokens", move |tx| tokens::end_all(tx, merchant, now)).await?)
    }

    fn digest(&self, token: &Secret<String>) -> [u8; 32] {
        self.keys().index(TOKEN_SPACE, &Private::new(token.expose().clone()))
    }
}
