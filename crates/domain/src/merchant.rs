//! Who asks (商户): merchants, what they prove themselves with and what they may ask.

mod rong360;

use serde::{Deserialize, Serialize};

use crate::failure::CredentialKind;
use crate::ids::{AppId, MerchantId};
use crate::money::Amount;
use crate::secret::Secret;
use crate::time::Timestamp;

pub use rong360::{FieldTypes, Rong360, SuccessCode};

/// What is sold. The name is what a statement and a price list show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Product {
    /// A credit score by face 1.
    FinplusScore,
    /// Whether a person is on the blacklist.
    Blacklist,
    /// A carrier's data of a person, with the report made of it.
    Telecom,
    /// What the degree register holds of a person.
    Degree,
    /// A bank's data of a person, by the first version of its interface.
    Ebank,
    /// The same by the second version.
    EbankV2,
    /// A report of the credit bureau, read for the first time.
    CreditReport,
    /// One that was read before and is still kept.
    CreditCached,
    /// A bill or statement that the person hands in, read and summed up.
    File,
    /// A decision on an application for a loan.
    RiskAudit,
}

impl Product {
    pub const ALL: [Self; 10] = [
        Self::FinplusScore,
        Self::Blacklist,
        Self::Telecom,
        Self::Degree,
        Self::Ebank,
        Self::EbankV2,
        Self::CreditReport,
        Self::CreditCached,
        Self::File,
        Self::RiskAudit,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::FinplusScore => "finplus.score",
            Self::Blacklist => "blacklist.search",
            Self::Telecom => "telecom.report",
            Self::Degree => "degree.record",
            Self::Ebank => "ebank.data",
            Self::EbankV2 => "ebank.data.v2",
            Self::CreditReport => "credit.report",
            Self::CreditCached => "credit.cached",
            Self::File => "file.statement",
            Self::RiskAudit => "risk.audit",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|product| product.as_str() == text)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merchant {
    pub id: MerchantId,
    /// Unique, chosen by the operator: `[a-z0-9_-]{3,32}`.
    pub name: String,
    pub state: MerchantState,
    /// Calls per second over all nodes; nothing is no limit.
    pub rate_per_second: Option<u32>,
    /// Whether error texts may show how a signature was checked (sandbox keys only).
    pub sandbox: bool,
    /// Whether its agreement lets it declare that it has a person's consent, where the face has
    /// no step for it.
    pub declares_consent: bool,
    /// Whether it may encrypt applications in RSA blocks (PKCS#1 v1.5), as legacy clients do.
    pub takes_blocks: bool,
    pub created_at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MerchantState {
    Active,
    /// Every call is refused as if the merchant were unknown.
    Suspended,
}

/// One credential of a merchant. Several of a kind may be in force while one replaces another.
#[derive(Debug)]
pub struct Credential {
    pub id: i64,
    pub merchant: MerchantId,
    pub kind: CredentialKind,
    pub material: Material,
    pub created_at: Timestamp,
    /// From then on it no longer proves anything; set by revoking, or ahead by rotating.
    pub ends_at: Option<Timestamp>,
}

impl Credential {
    pub fn in_force(&self, now: Timestamp) -> bool {
        self.ends_at.is_none_or(|end| now < end)
    }
}

/// What a credential is made of, unsealed.
#[derive(Debug)]
pub enum Material {
    /// The argon2id hash (PHC string) of a password; the user name is the merchant's name.
    Password {
        phc: Secret<String>,
    },
    AppCode {
        code: Secret<String>,
    },
    AppKey {
        key: String,
        secret: Secret<String>,
    },
    RsaPublicKey {
        pem: String,
    },
}

/// What a bearer token opens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// What is the merchant's own.
    #[default]
    Own,
    /// Besides that, writing what is known of persons, which all merchants' scores are made of:
    /// for the operator's own feeds.
    Ingest,
    /// Besides the merchant's own, handing in persons' files and reading what became of them.
    Files,
}

impl Scope {
    pub const ALL: [Self; 3] = [Self::Own, Self::Ingest, Self::Files];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Ingest => "ingest",
            Self::Files => "files",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }
}

/// What a merchant may ask, at which price and up to which limits: one row per application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entitlement {
    pub merchant: MerchantId,
    pub product: Product,
    pub app: AppId,
    /// The application used when a call names none.
    pub is_default: bool,
    /// The model that answers; the live version of it is taken.
    pub model: String,
    pub price: Amount,
    pub limits: Limits,
    pub tag_key: TagKey,
}

/// Limits of one application; nothing is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Billed calls bought ahead.
    pub package: Option<i64>,
    /// Calls of an application in test stage.
    pub test: Option<i64>,
    /// Calls of a day (Asia/Shanghai).
    pub daily: Option<i64>,
}

/// Tags are keyed by name or by id, as agreed with the merchant (document 000, section 4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TagKey {
    #[default]
    Name,
    Id,
}

impl TagKey {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Id => "id",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Name, Self::Id].into_iter().find(|key| key.as_str() == text)
    }
}
