//! The product `file.statement`: a bill or statement that the person hands in through its
//! merchant, read to the dataset that a bank's session gives, billed once.

use aws_lc_rs::digest::{SHA256, digest};
use domain::dataset::ebank::EbankData;
use domain::failure::Failure;
use domain::file::{FileKind, FileSummary};
use domain::identity::{IdCard, PersonName};
use domain::ids::MerchantId;
use domain::keys::SubjectKey;
use domain::merchant::Product;
use domain::report::ebank::{EbankReport, derive};
use domain::secret::Private;
use domain::source::SourceKind;
use domain::subject::SubjectHash;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use sources::file::{Handed, read};
use store::datasets::StoredDataset;

use crate::Engine;
use crate::consents::NewConsent;
use crate::directory::MerchantEntry;
use crate::sessions::{dataset_place, scope_of};

/// The name space of the hash that a file goes by.
const FILE_SPACE: &str = "file";

/// A file as its person's merchant hands it in.
pub struct NewFile {
    pub name: PersonName,
    pub id_card: IdCard,
    pub kind: FileKind,
    pub bytes: Vec<u8>,
}

/// A file that was read.
pub struct HandedFile {
    /// 32 hexadecimal digits; the same file of the same person has the same.
    pub id: String,
    pub at: Timestamp,
    pub summary: FileSummary,
    pub data: EbankData,
}

/// Why a file was not taken.
#[derive(Debug)]
pub enum NotTaken {
    Failure(Failure),
    /// It cannot be read; the text says why and repeats nothing of it.
    File(String),
}

impl From<Failure> for NotTaken {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// What stands sealed of a file, in the place of a session's dataset.
#[derive(Serialize, Deserialize)]
struct Kept {
    summary: FileSummary,
    data: EbankData,
}

impl HandedFile {
    pub fn report(&self) -> EbankReport {
        derive(&self.data, self.at)
    }
}

impl Engine {
    /// Reads a file and keeps what was read. The same file of the same person again is answered
    /// alike and not billed again. The data is stored before the bill, and shown after it.
    pub async fn hand_in_file(
        &self,
        entry: &MerchantEntry,
        new: NewFile,
    ) -> Result<HandedFile, NotTaken> {
        let entitlement = entry.entitlement(Product::File, None).ok_or(Failure::NotEntitled)?;
        let merchant = entry.merchant.id;
        let subject = self.subject_of(&new.id_card);
        let scope = scope_of(merchant, subject, Product::File)?;
        let declares = self.declares(entry, &scope).await?;
        let (id, at) = (self.file_id(merchant, subject, &new.bytes), self.now());
        let known = match self.file(merchant, &id).await {
            Ok(known) => Some(known),
            Err(Failure::SessionUnknown) => None,
            Err(failure) => return Err(failure.into()),
        };
        let was_known = known.is_some();
        let file = if let Some(known) = known {
            known
        } else {
            let file = read_file(new, id, at).await?;
            let consent = declares.then(|| NewConsent::declared(scope, at));
            self.keep_file(&file, merchant, subject, consent).await?;
            file
        };
        match self.bill_once(entitlement, &file.id, subject).await {
            Ok(()) => Ok(file),
            // Billed so long ago that its answer is not kept any more; the file is.
            Err(Failure::AnswerGone) if was_known => Ok(file),
            Err(failure) => {
                // Where the bill's fate cannot be told, a repeat finds file and bill.
                if !was_known && !matches!(failure, Failure::Internal | Failure::Overloaded) {
                    self.forget_file(&file.id).await?;
                }
                Err(failure.into())
            }
        }
    }

    /// A file of this merchant's; another's is as absent.
    ///
    /// Errors: [`Failure::SessionUnknown`] when there is none, or it is kept no longer.
    pub async fn file(&self, merchant: MerchantId, id: &str) -> Result<HandedFile, Failure> {
        let wanted = id.to_owned();
        let found = self.store().read("file", move |tx| {
            let Some(stored) = store::datasets::get(tx, &wanted)? else { return Ok(None) };
            let key = store::subject_keys::get(tx, &stored.subject)?;
            Ok(key.map(|key| (stored, key)))
        });
        let found = found.await.map_err(|error| self.store_failed(&error))?;
        let is_own = |(stored, _): &(StoredDataset, Vec<u8>)| {
            stored.merchant == merchant && stored.source == SourceKind::File
        };
        let (stored, key) = found.filter(is_own).ok_or(Failure::SessionUnknown)?;
        let opened = SubjectKey::open(&self.keys(), &stored.subject, &key)
            .and_then(|key| key.unseal(dataset_place(id), &stored.sealed));
        let kept = opened.ok().and_then(|json| serde_json::from_slice::<Kept>(&json).ok());
        let Kept { summary, data } = kept.ok_or_else(|| {
            tracing::error!(file_id = id, "a file does not open");
            Failure::Internal
        })?;
        Ok(HandedFile { id: id.to_owned(), at: stored.at, summary, data })
    }

    /// The name of a file: of its merchant, its person and its bytes.
    pub(crate) fn file_id(
        &self,
        merchant: MerchantId,
        subject: SubjectHash,
        bytes: &[u8],
    ) -> String {
        let (person, content) = (hex::encode(subject.0), hex::encode(digest(&SHA256, bytes)));
        let name = Private::new(format!("{merchant}\n{person}\n{content}"));
        hex::encode(&self.keys().index(FILE_SPACE, &name)[..16])
    }

    async fn keep_file(
        &self,
        file: &HandedFile,
        merchant: MerchantId,
        subject: SubjectHash,
        consent: Option<NewConsent>,
    ) -> Result<(), Failure> {
        let key = self.subject_key(subject).await.map_err(|error| self.failed(&error))?;
        let kept = Kept { summary: file.summary.clone(), data: file.data.clone() };
        let json = serde_json::to_vec(&kept).expect("plain data");
        let dataset = StoredDataset {
            open_id: file.id.clone(),
            merchant,
            subject,
            source: SourceKind::File,
            at: file.at,
            sealed: key.seal(dataset_place(&file.id), &json, self.entropy()),
        };
        let consent = consent.map(|consent| self.seal_consent(consent, &key));
        let put = self.store().unit("keep_file", move |tx| {
            if let Some((consent, evidence)) = &consent {
                store::consents::declare(tx, consent, evidence)?;
            }
            store::datasets::put(tx, &dataset)
        });
        put.await.map_err(|error| self.store_failed(&error))
    }

    pub(crate) async fn forget_file(&self, id: &str) -> Result<(), Failure> {
        let id = id.to_owned();
        let removed = self.store().unit("forget_file", move |tx| store::datasets::remove(tx, &id));
        removed.await.map(drop).map_err(|error| self.store_failed(&error))
    }
}

/// Reads a file beside the tasks that answer others: a large one takes a while.
async fn read_file(new: NewFile, id: String, at: Timestamp) -> Result<HandedFile, NotTaken> {
    let reading = tokio::task::spawn_blocking(move || {
        let handed = Handed { id: &id, name: new.name.expose(), now: at };
        let (data, summary) = read(new.kind, &new.bytes, &handed).map_err(NotTaken::File)?;
        Ok(HandedFile { id, at, summary, data })
    });
    reading.await.unwrap_or(Err(NotTaken::Failure(Failure::Internal)))
}
