//! Persons, as the operator names them.

use domain::consent::Consent;
use domain::ids::MerchantId;
use domain::keys::{KeyRing, SubjectKey};
use domain::load;
use domain::secret::Private;
use domain::subject::SubjectHash;
use domain::time::Timestamp;
use serde_json::{Value, json};
use store::datasets::StoredDataset;
use store::sessions::StoredSession;
pub use store::subjects::Erased;
pub use store::views::View;

use crate::credit::Borrower;
use crate::sessions::{Session, dataset_place};
use crate::{Engine, Error};

/// The name space of the hash of the operator's name for a person.
const SUBJECT_SPACE: &str = "subject";

pub(crate) fn subject_hash(keys: &KeyRing, subject: &Private<String>) -> SubjectHash {
    SubjectHash(keys.index(SUBJECT_SPACE, subject))
}

impl Engine {
    /// Erases all that is kept of a person, by the operator's name for it. A repeat of a call that
    /// was answered about the person is told that its answer is gone.
    pub async fn erase_subject(&self, subject: &str) -> Result<Erased, Error> {
        let hash = self.named(subject)?;
        let erased =
            self.store().unit("erase_subject", move |tx| store::subjects::erase(tx, &hash));
        Ok(erased.await?)
    }

    /// The hash of a person as the operator names it: as its own files do, or by the ID card.
    pub fn named(&self, subject: &str) -> Result<SubjectHash, Error> {
        let name = load::read_subject(subject)
            .map_err(|fault| Error::invalid(format!("{}: {}", fault.field, fault.reason)))?;
        Ok(subject_hash(&self.keys(), &name))
    }

    /// All that is kept of a person, in the clear: for the person itself (PIPL, article 45). The
    /// view is registered before anything is shown.
    pub async fn export_subject(
        &self,
        subject: &str,
        actor: &str,
        reason: &str,
    ) -> Result<Value, Error> {
        if reason.trim().is_empty() {
            return Err(Error::invalid("reason: say why the data is looked at in the clear"));
        }
        let hash = self.named(subject)?;
        let view = View {
            id: self.random_hex::<16>(),
            at: self.now(),
            actor: actor.to_owned(),
            subject: hash,
            what: "export".to_owned(),
            reason: reason.to_owned(),
        };
        let kept = self
            .store()
            .unit("export_subject", move |tx| {
                store::views::note(tx, &view)?;
                Ok(Kept {
                    key: store::subject_keys::get(tx, &hash)?,
                    sessions: store::sessions::of_subject(tx, &hash, Timestamp(0))?,
                    borrowers: store::sessions::borrowers_of(tx, &hash)?,
                    datasets: store::datasets::of_subject(tx, &hash)?,
                    consents: store::consents::of_subject(tx, &hash)?,
                    inquiries: store::inquiries::of_subject(tx, &hash, INQUIRIES_MAX)?,
                })
            })
            .await?;
        let mut shown = self.shown(&hash, kept)?;
        shown["applications"] = self.applications_shown(&hash).await?;
        Ok(shown)
    }

    fn shown(&self, hash: &SubjectHash, kept: Kept) -> Result<Value, Error> {
        let directory = self.directory();
        let merchant = |id: MerchantId| directory.by_id(id).map(|entry| &entry.merchant.name);
        let inquiries: Vec<Value> = kept
            .inquiries
            .iter()
            .map(|(id, at)| json!({ "merchant": merchant(*id), "at": at.to_string() }))
            .collect();
        let consents: Vec<Value> = kept
            .consents
            .iter()
            .map(|one| consent_shown(one, merchant(one.scope.merchant)))
            .collect();
        let (mut sessions, mut datasets) = (Vec::new(), Vec::new());
        if let Some(sealed) = &kept.key {
            let key = SubjectKey::open(&self.keys(), hash, sealed)?;
            for dataset in &kept.datasets {
                let json = key.unseal(dataset_place(&dataset.open_id), &dataset.sealed)?;
                let data: Value = serde_json::from_slice(&json).unwrap_or_default();
                datasets.push(json!({
                    "open_id": dataset.open_id,
                    "merchant": merchant(dataset.merchant),
                    "source": dataset.source.as_str(),
                    "at": dataset.at.to_string(),
                    "data": data,
                }));
            }
            for row in kept.sessions {
                let session = Session::open(&self.keys(), row, sealed)?;
                let record = &session.record;
                sessions.push(json!({
                    "open_id": session.row.open_id,
                    "merchant": merchant(session.row.merchant),
                    "product": session.row.product.as_str(),
                    "opened_at": session.row.opened_at.to_string(),
                    "state": record.state.number(),
                    "name": record.name,
                    "id_card": record.id_card,
                    "mobile": record.mobile,
                    "account": record.account,
                }));
            }
        }
        for (row, sealed) in kept.borrowers {
            sessions.push(self.borrower_shown(row, &sealed, merchant)?);
        }
        Ok(json!({
            "consents": consents,
            "sessions": sessions,
            "datasets": datasets,
            "inquiries": inquiries,
        }))
    }

    /// What a merchant has of the person as its borrower (face 3).
    fn borrower_shown<'d>(
        &self,
        row: StoredSession,
        sealed: &[u8],
        merchant: impl Fn(MerchantId) -> Option<&'d String>,
    ) -> Result<Value, Error> {
        let borrower = Borrower::open(&self.keys(), row, sealed)?;
        let account = borrower.record.flow.account.as_ref();
        Ok(json!({
            "open_id": borrower.row.open_id,
            "merchant": merchant(borrower.row.merchant),
            "product": borrower.row.product.as_str(),
            "opened_at": borrower.row.opened_at.to_string(),
            "state": borrower.record.flow.number(),
            "user_id": borrower.record.user_id,
            "account": account.map(|account| &account.login_name),
        }))
    }

    /// The newest entries of the register of unmasked views.
    pub async fn unmasked_views(&self, limit: i64) -> Result<Vec<View>, Error> {
        Ok(self.store().read("unmasked_views", move |tx| store::views::newest(tx, limit)).await?)
    }
}

/// Inquiries that an export shows.
const INQUIRIES_MAX: i64 = 10_000;

/// What the database has of a person.
struct Kept {
    key: Option<Vec<u8>>,
    sessions: Vec<StoredSession>,
    borrowers: Vec<(StoredSession, Vec<u8>)>,
    datasets: Vec<StoredDataset>,
    consents: Vec<Consent>,
    inquiries: Vec<(MerchantId, Timestamp)>,
}

/// A consent for a program: to whom it was given, by the merchant's name, and what for.
pub fn consent_shown(consent: &Consent, merchant: Option<&String>) -> Value {
    json!({
        "id": consent.id,
        "merchant": merchant,
        "source": consent.scope.source.as_str(),
        "purpose": consent.scope.purpose.as_str(),
        "kind": consent.kind.as_str(),
        "text_version": consent.text_version,
        "text_sha256": consent.text_sha256,
        "from": consent.from.to_string(),
        "until": consent.until.to_string(),
        "withdrawn_at": consent.withdrawn_at.map(|at| at.to_string()),
    })
}
