//! Providers: the ways to sources, and the sealed secrets of connectors.

use domain::provider::{Place, Provider, ProviderLimits};
use domain::source::SourceKind;
use domain::time::{Span, Timestamp};

use crate::value::{Row, corrupt};
use crate::{StoreError, Tx, Value};

/// A provider, and what it signs with: sealed, and there where it is a connector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredProvider {
    pub provider: Provider,
    pub secret: Option<Vec<u8>>,
    /// The banks that it listed when it was checked last, as JSON.
    pub banks: Option<String>,
}

/// Makes a provider, or takes the place of the one of its name.
pub fn put(tx: &mut Tx<'_>, stored: &StoredProvider) -> Result<(), StoreError> {
    let StoredProvider { provider, secret, banks } = stored;
    let url = match &provider.place {
        Place::Sandbox => None,
        Place::Connector { url } => Some(url.as_str()),
    };
    let values: [Value; 14] = [
        provider.name.as_str().into(),
        provider.kind.as_str().into(),
        url.into(),
        secret.as_deref().into(),
        provider.number.into(),
        i64::from(provider.weight).into(),
        provider.is_enabled.into(),
        provider.licence.as_deref().into(),
        provider.authorisation.as_deref().into(),
        i64::from(provider.limits.in_flight_max).into(),
        i64::from(provider.limits.rate_per_second).into(),
        provider.limits.step_deadline.0.into(),
        provider.created_at.0.into(),
        banks.as_deref().into(),
    ];
    tx.execute(
        "INSERT INTO providers (name, kind, url, secret, number, weight, is_enabled, licence,
             authorisation, in_flight_max, rate_per_second, step_deadline_us, created_at, banks)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
         ON CONFLICT (name) DO UPDATE SET
             kind = excluded.kind, url = excluded.url, secret = excluded.secret,
             number = excluded.number, weight = excluded.weight,
             is_enabled = excluded.is_enabled, licence = excluded.licence,
             authorisation = excluded.authorisation, in_flight_max = excluded.in_flight_max,
             rate_per_second = excluded.rate_per_second,
             step_deadline_us = excluded.step_deadline_us, banks = excluded.banks",
        &values,
    )?;
    Ok(())
}

/// Takes one out.
pub fn remove(tx: &mut Tx<'_>, name: &str) -> Result<(), StoreError> {
    tx.execute("DELETE FROM providers WHERE name = ?1", &[name.into()]).map(drop)
}

/// By name.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<StoredProvider>, StoreError> {
    let sql = "SELECT name, kind, url, secret, number, weight, is_enabled, licence, authorisation,
                   in_flight_max, rate_per_second, step_deadline_us, created_at, banks
               FROM providers ORDER BY name";
    tx.query(sql, &[])?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<StoredProvider, StoreError> {
    let url = row.maybe_text(2)?.map(str::to_owned);
    let secret = url.is_some().then(|| row.bytes(3).map(<[u8]>::to_vec)).transpose()?;
    let whole = |column| u32::try_from(row.int(column)?).map_err(|_| corrupt("providers: a limit"));
    let provider = Provider {
        name: row.text(0)?.to_owned(),
        kind: SourceKind::parse(row.text(1)?).ok_or_else(|| corrupt("providers.kind"))?,
        place: url.map_or(Place::Sandbox, |url| Place::Connector { url }),
        number: row.int(4)?,
        weight: whole(5)?,
        is_enabled: row.int(6)? != 0,
        licence: row.maybe_text(7)?.map(str::to_owned),
        authorisation: row.maybe_text(8)?.map(str::to_owned),
        limits: ProviderLimits {
            in_flight_max: whole(9)?,
            rate_per_second: whole(10)?,
            step_deadline: Span(row.int(11)?),
        },
        created_at: Timestamp(row.int(12)?),
    };
    let banks = row.maybe_text(13)?.map(str::to_owned);
    Ok(StoredProvider { provider, secret, banks })
}
