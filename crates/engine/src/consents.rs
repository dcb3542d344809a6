//! Consents: recorded, looked up before every byte to a source, withdrawn.

use domain::consent::{Consent, ConsentKind, LICENSE_FORCE, Purpose, Scope};
use domain::failure::Failure;
use domain::identity::IdCard;
use domain::ids::MerchantId;
use domain::keys::{Place, SubjectKey};
use domain::secret::Private;
use domain::source::SourceKind;
use domain::subject::SubjectHash;
use domain::time::{Span, Timestamp};

use crate::directory::MerchantEntry;
use crate::subjects::subject_hash;
use crate::{Engine, Error};

/// How long a declared consent holds: that of the longest collection and its use after it.
const DECLARED_FORCE: Span = Span::days(90);

/// The name space of the hash of (entry, login name).
const ACCOUNT_SPACE: &str = "ebank-account";

/// The text that a person accepts for each kind of source; its version and hash stand in the
/// consent, so that what was accepted can be shown.
pub(crate) struct ConsentText {
    pub(crate) version: &'static str,
    pub(crate) text: &'static str,
}

/// The text in force for a kind of source.
pub(crate) fn consent_text(source: SourceKind) -> ConsentText {
    let text = match source {
        SourceKind::Telecom => {
            "本人授权该机构为信用评估之目的，通过本平台向运营商查询本人的通信账户信息。"
        }
        SourceKind::Degree => {
            "本人授权该机构为信用评估之目的，通过本平台向学信网查询本人的学籍学历信息。"
        }
        SourceKind::Ebank => {
            "本人授权该机构为信用评估之目的，通过本平台以本人提供的登录信息查询本人的网上银行账户信息。"
        }
        SourceKind::Credit => {
            "本人授权该机构为信用评估之目的，通过本平台以本人提供的登录信息向征信中心查询本人的信用报告。"
        }
        SourceKind::File => {
            "本人授权该机构为信用评估之目的，通过本平台读取并分析本人提交的银行流水及支付账单。"
        }
        SourceKind::Inquiries => {
            "本人授权该机构为信用评估之目的，通过本平台查询本人在各机构申请信贷的次数，以及在本人所用设备上申请信贷的人数。"
        }
    };
    ConsentText { version: "1", text }
}

/// A consent to be recorded.
pub struct NewConsent {
    pub scope: Scope,
    pub kind: ConsentKind,
    pub from: Timestamp,
    pub until: Timestamp,
    /// What shows that it was given: who sent it, from where. C2; it is sealed.
    pub evidence: Private<String>,
}

impl NewConsent {
    /// What a merchant declares with an opening call, where its agreement lets it.
    pub(crate) fn declared(scope: Scope, now: Timestamp) -> Self {
        Self {
            scope,
            kind: ConsentKind::Declared,
            from: now,
            until: now + DECLARED_FORCE,
            evidence: Private::new("declared by the merchant's opening call".to_owned()),
        }
    }

    /// An uploaded licence: 24 hours, for one account.
    fn licensed(scope: Scope, evidence: Private<String>, now: Timestamp) -> Self {
        let (kind, until) = (ConsentKind::License, now + LICENSE_FORCE);
        Self { scope, kind, from: now, until, evidence }
    }
}

impl Engine {
    /// The hash of a person that an ID card names.
    pub fn subject_of(&self, id_card: &IdCard) -> SubjectHash {
        subject_hash(&self.keys(), &id_card.canonical())
    }

    /// The hash of an account at a bank.
    pub fn account_hash(&self, entry: &str, login_name: &str) -> [u8; 32] {
        let text = Private::new(format!("{entry}\n{login_name}"));
        self.keys().index(ACCOUNT_SPACE, &text)
    }

    /// A consent as it is kept, with its evidence sealed under the person's key.
    pub(crate) fn seal_consent(&self, new: NewConsent, key: &SubjectKey) -> (Consent, Vec<u8>) {
        let text = consent_text(new.scope.source);
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.text.as_bytes());
        let consent = Consent {
            id: self.random_hex::<16>(),
            scope: new.scope,
            kind: new.kind,
            text_version: text.version.to_owned(),
            text_sha256: hex::encode(digest),
            from: new.from,
            until: new.until,
            withdrawn_at: None,
        };
        let place = Place { table: "consents", row: consent.id.as_bytes() };
        let evidence = key.seal(place, new.evidence.expose().as_bytes(), self.entropy());
        (consent, evidence)
    }

    /// Records a consent for good.
    pub async fn record_consent(&self, new: NewConsent) -> Result<Consent, Error> {
        if new.until.0 <= new.from.0 {
            return Err(Error::invalid("until: must be after the beginning"));
        }
        let key = self.subject_key(new.scope.subject).await?;
        let (consent, evidence) = self.seal_consent(new, &key);
        let kept = consent.clone();
        self.store()
            .unit("record_consent", move |tx| store::consents::insert(tx, &consent, &evidence))
            .await?;
        Ok(kept)
    }

    /// Whether a call that begins something declares the person's consent itself. Where the
    /// merchant's agreement does not let it, or the person withdrew (PIPL, article 15: what was
    /// withdrawn is given anew by the person, not by the next call), a consent must be in force.
    pub(crate) async fn declares(
        &self,
        entry: &MerchantEntry,
        scope: &Scope,
    ) -> Result<bool, Failure> {
        if entry.merchant.declares_consent && !self.is_withdrawn(scope.clone()).await? {
            return Ok(true);
        }
        self.demand_consent(scope.clone()).await?;
        Ok(false)
    }

    async fn is_withdrawn(&self, scope: Scope) -> Result<bool, Failure> {
        let found =
            self.store().read("withdrawal", move |tx| store::consents::is_withdrawn(tx, &scope));
        found.await.map_err(|error| self.store_failed(&error))
    }

    /// Refuses unless a consent covers `scope` and is in force.
    pub(crate) async fn demand_consent(&self, scope: Scope) -> Result<(), Failure> {
        if self.has_consent(scope).await? { Ok(()) } else { Err(Failure::ConsentMissing) }
    }

    /// Whether a consent covers `scope` and is in force now, as the database has it.
    pub(crate) async fn has_consent(&self, scope: Scope) -> Result<bool, Failure> {
        let now = self.now();
        let found = self
            .store()
            .read("consent", move |tx| store::consents::covering(tx, &scope, now))
            .await;
        found.map(|consent| consent.is_some()).map_err(|error| self.store_failed(&error))
    }

    /// Records the licence that a person accepted for one account of a bank.
    pub async fn upload_license(
        &self,
        merchant: MerchantId,
        subject: SubjectHash,
        (entry, login_name): (&str, &str),
        evidence: Private<String>,
    ) -> Result<(), Failure> {
        self.usable_entry(entry)?;
        let scope = Scope {
            merchant,
            subject,
            source: SourceKind::Ebank,
            purpose: Purpose::CreditAssessment,
            account: Some(self.account_hash(entry, login_name)),
        };
        let recorded = self.record_consent(NewConsent::licensed(scope, evidence, self.now()));
        recorded.await.map(drop).map_err(|error| self.failed(&error))
    }

    /// A person's consents, by its ID card.
    pub async fn consents_of(&self, subject: SubjectHash) -> Result<Vec<Consent>, Error> {
        let found = self
            .store()
            .read("consents_of", move |tx| store::consents::of_subject(tx, &subject))
            .await?;
        Ok(found)
    }

    /// Ends a consent now, on every node: each step to a source looks it up first. With it end
    /// those that the merchant declared for the same.
    pub async fn withdraw_consent(&self, id: &str) -> Result<Consent, Error> {
        let (wanted, now) = (id.to_owned(), self.now());
        let ended = self.store().unit("withdraw_consent", move |tx| {
            let withdrawn = store::consents::withdraw(tx, &wanted, now)?;
            Ok((withdrawn, store::consents::get(tx, &wanted)?))
        });
        match ended.await? {
            (_, None) => Err(Error::absent(format!("id: there is no consent {id}"))),
            (false, Some(_)) => {
                Err(Error::invalid(format!("id: consent {id} was withdrawn before")))
            }
            (true, Some(consent)) => Ok(consent),
        }
    }
}
