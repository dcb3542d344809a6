//! Bearer tokens, by their digest.

use domain::ids::MerchantId;
use domain::merchant::Scope;
use domain::time::Timestamp;

use crate::value::corrupt;
use crate::{StoreError, Tx};

/// What a token stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub digest: [u8; 32],
    pub merchant: MerchantId,
    pub scope: Scope,
    pub created_at: Timestamp,
    pub ends_at: Timestamp,
}

pub fn insert(tx: &mut Tx<'_>, token: &Token) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO tokens (digest, merchant, scope, created_at, ends_at)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        &[
            (&token.digest).into(),
            token.merchant.0.into(),
            token.scope.as_str().into(),
            token.created_at.0.into(),
            token.ends_at.0.into(),
        ],
    )?;
    Ok(())
}

/// The token of that digest, if its time is not over.
pub fn find(
    tx: &mut Tx<'_>,
    digest: &[u8; 32],
    now: Timestamp,
) -> Result<Option<Token>, StoreError> {
    let sql = "SELECT merchant, scope, created_at, ends_at FROM tokens
               WHERE digest = ?1 AND ends_at > ?2";
    let row = tx.first(sql, &[digest.into(), now.0.into()])?;
    row.map(|row| {
        Ok(Token {
            digest: *digest,
            merchant: MerchantId(row.int(0)?),
            scope: Scope::parse(row.text(1)?).ok_or_else(|| corrupt("tokens.scope"))?,
            created_at: Timestamp(row.int(2)?),
            ends_at: Timestamp(row.int(3)?),
        })
    })
    .transpose()
}

/// Ends all tokens of a merchant; gives how many there were.
pub fn end_all(tx: &mut Tx<'_>, merchant: MerchantId, now: Timestamp) -> Result<u64, StoreError> {
    let sql = "UPDATE tokens SET ends_at = ?2 WHERE merchant = ?1 AND ends_at > ?2";
    tx.execute(sql, &[merchant.0.into(), now.0.into()])
}

/// Forgets tokens whose time is over, at most `limit`; gives how many went.
pub fn purge(tx: &mut Tx<'_>, now: Timestamp, limit: i64) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM tokens WHERE digest IN
             (SELECT digest FROM tokens WHERE ends_at <= ?1 ORDER BY ends_at LIMIT ?2)",
        &[now.0.into(), limit.into()],
    )
}
