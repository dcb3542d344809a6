//! Identifiers. Each is a type of its own, so that none can stand for another.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::entropy::{self, Entropy};
use crate::time::Timestamp;

/// A merchant (商户).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MerchantId(pub i64);

/// A merchant's application of a product: what the documents call `app_id`. Empty where the
/// product has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AppId(pub String);

/// Our own number of one call (`biz_id`): UUID version 7, so that rows keyed by it are written in
/// the order of time and can be purged by range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BizId(pub Uuid);

impl BizId {
    pub fn new(at: Timestamp, entropy: &dyn Entropy) -> Self {
        Self::of_parts((at.0 / 1000).max(0) as u64, &entropy::bytes(entropy))
    }

    /// The id of a time, in milliseconds since 1970, and what tells it from others of that time.
    pub fn of_parts(ms: u64, distinction: &[u8; 10]) -> Self {
        Self(uuid::Builder::from_unix_timestamp_millis(ms, distinction).into_uuid())
    }

    /// The smallest id that a call at `at` can have: the lower end of a purge range.
    pub fn lower_bound(at: Timestamp) -> Self {
        let ms = (at.0 / 1000).max(0) as u64;
        Self(uuid::Builder::from_unix_timestamp_millis(ms, &[0; 10]).into_uuid())
    }

    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        Uuid::from_slice(bytes).ok().map(Self)
    }
}

/// What the merchant calls its call: `req_id` (face 1), `order_id` (face 2). Unique for a merchant
/// and product, for good.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallKey(String);

impl CallKey {
    pub const LENGTH_MAX: usize = 64;

    /// 1 to 64 printable ASCII characters (the document's own samples contain spaces).
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=Self::LENGTH_MAX).contains(&text.len())
            && text.bytes().all(|b| (0x20..=0x7e).contains(&b));
        fits.then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One writer's chain of journal rows: a writer connection of one process start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LaneId(pub i64);

macro_rules! shown_as_inner {
    ($($id:ty),*) => {$(
        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}
shown_as_inner!(MerchantId, AppId, BizId, CallKey, LaneId);
