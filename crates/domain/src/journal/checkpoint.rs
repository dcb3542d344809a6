//! A checkpoint: the heads of the lanes that moved, chained and signed.

use serde::{Deserialize, Serialize};

use super::row::{Canonical, RowHash};
use crate::ids::LaneId;
use crate::time::Timestamp;

/// Where a lane stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub lane: LaneId,
    pub seq: i64,
    #[serde(with = "hex_hash")]
    pub hash: RowHash,
}

/// One link of the chain of checkpoints; it lists the lanes that moved since the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// 1, 2, 3 … without a gap.
    pub seq: i64,
    pub at: Timestamp,
    /// In ascending order of lanes.
    pub heads: Vec<Head>,
    pub hash: RowHash,
    /// The version of the signing key.
    pub key_version: i64,
    /// Ed25519 over `hash`.
    pub signature: Vec<u8>,
}

impl Checkpoint {
    /// The hash a checkpoint with this content has behind `previous` (zeros before the first).
    /// It covers the version of the signing key, so that a swapped version does not verify.
    pub fn hash_of(
        seq: i64,
        at: Timestamp,
        heads: &[Head],
        key_version: i64,
        previous: RowHash,
    ) -> RowHash {
        let mut digest = Canonical::new(b"probity checkpoint 1");
        digest.bytes(&previous.0);
        digest.number(seq);
        digest.number(at.0);
        digest.number(key_version);
        digest.number(heads.len() as i64);
        for head in heads {
            digest.number(head.lane.0);
            digest.number(head.seq);
            digest.bytes(&head.hash.0);
        }
        digest.finish()
    }

    pub const BEFORE_FIRST: RowHash = RowHash([0; 32]);

    /// Whether the hash is the one that content and predecessor give.
    pub fn follows(&self, previous: RowHash) -> bool {
        self.hash == Self::hash_of(self.seq, self.at, &self.heads, self.key_version, previous)
    }
}

mod hex_hash {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use super::RowHash;

    pub(super) fn serialize<S: Serializer>(hash: &RowHash, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&hex::encode(hash.0))
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(d: D) -> Result<RowHash, D::Error> {
        let text = String::deserialize(d)?;
        let mut hash = RowHash([0; 32]);
        hex::decode_to_slice(&text, &mut hash.0).map_err(D::Error::custom)?;
        Ok(hash)
    }
}
