//! Consent (授权): a person's permission for one merchant to fetch one kind of data for one
//! purpose. Without one in force no byte leaves for a source (I7).

use serde::{Deserialize, Serialize};

use crate::ids::MerchantId;
use crate::source::SourceKind;
use crate::subject::SubjectHash;
use crate::time::{Span, Timestamp};

/// How long an uploaded licence opens a bank's entry (`qiancheng.md`, license-upload).
pub const LICENSE_FORCE: Span = Span::hours(24);

/// How the consent came to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentKind {
    /// The merchant says, by its agreement with the operator, that it has the person's consent.
    Declared,
    /// The merchant uploaded the licence that the person accepted (e-bank).
    License,
    /// The person gave it on our own page or in a document kept as evidence.
    Given,
}

impl ConsentKind {
    pub const ALL: [Self; 3] = [Self::Declared, Self::License, Self::Given];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::License => "license",
            Self::Given => "given",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// What the data may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To judge an application for credit.
    CreditAssessment,
    /// To look after a loan that was granted.
    LoanManagement,
}

impl Purpose {
    pub const ALL: [Self; 2] = [Self::CreditAssessment, Self::LoanManagement];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::CreditAssessment => "credit_assessment",
            Self::LoanManagement => "loan_management",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == text)
    }
}

/// What a consent allows: looked up as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    pub merchant: MerchantId,
    pub subject: SubjectHash,
    pub source: SourceKind,
    pub purpose: Purpose,
    /// Keyed hash of (entry, login name) where the consent is for one account of a bank.
    pub account: Option<[u8; 32]>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// 32 hexadecimal digits.
    pub id: String,
    pub scope: Scope,
    pub kind: ConsentKind,
    /// Which text the person saw, and its SHA-256.
    pub text_version: String,
    pub text_sha256: String,
    pub from: Timestamp,
    pub until: Timestamp,
    pub withdrawn_at: Option<Timestamp>,
}

impl Consent {
    /// From `from` to just before `until`, unless withdrawn.
    pub fn in_force(&self, now: Timestamp) -> bool {
        self.from <= now && now < self.until && self.withdrawn_at.is_none_or(|at| now < at)
    }

    /// Whether this consent allows what `wanted` says: the same person, merchant, source and
    /// purpose, and the same account where the consent is for one.
    pub fn covers(&self, wanted: &Scope) -> bool {
        let Scope { merchant, subject, source, purpose, account } = &self.scope;
        (merchant, subject, source, purpose)
            == (&wanted.merchant, &wanted.subject, &wanted.source, &wanted.purpose)
            && (account.is_none() || *account == wanted.account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn consent() -> Consent {
        Consent {
            id: "00".repeat(16),
            scope: Scope {
                merchant: MerchantId(1),
                subject: SubjectHash([1; 32]),
                source: SourceKind::Ebank,
                purpose: Purpose::CreditAssessment,
                account: Some([7; 32]),
            },
            kind: ConsentKind::License,
            text_version: "1".to_owned(),
            text_sha256: String::new(),
            from: Timestamp(100),
            until: Timestamp(200),
            withdrawn_at: None,
        }
    }

    #[test]
    fn it_is_in_force_from_its_beginning_to_just_before_its_end() {
        let table = [(99, false), (100, true), (199, true), (200, false)];
        for (now, holds) in table {
            assert_eq!(consent().in_force(Timestamp(now)), holds, "{now}");
        }
        let withdrawn = Consent { withdrawn_at: Some(Timestamp(150)), ..consent() };
        assert!(withdrawn.in_force(Timestamp(149)) && !withdrawn.in_force(Timestamp(150)));
    }

    #[test]
    fn it_covers_nothing_but_what_it_says() {
        let given = consent();
        assert!(given.covers(&given.scope));
        let others = [
            Scope { merchant: MerchantId(2), ..given.scope.clone() },
            Scope { subject: SubjectHash([2; 32]), ..given.scope.clone() },
            Scope { source: SourceKind::Telecom, ..given.scope.clone() },
            Scope { purpose: Purpose::LoanManagement, ..given.scope.clone() },
            Scope { account: Some([8; 32]), ..given.scope.clone() },
            Scope { account: None, ..given.scope.clone() },
        ];
        for wanted in others {
            assert!(!given.covers(&wanted), "{wanted:?}");
        }
    }
}
