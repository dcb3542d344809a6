//! A report that its person hands in as a file: through the same parser into the same data, with
//! consent, billed once as a file.

use domain::dataset::credit::CreditRecord;
use domain::failure::Failure;
use domain::identity::{IdCard, PersonName};
use domain::ids::MerchantId;
use domain::merchant::Product;
use domain::report::pboc::{self, Asked, CreditReport, Formula};
use domain::source::SourceKind;
use domain::subject::SubjectHash;
use domain::time::Timestamp;
use store::datasets::StoredDataset;

use crate::Engine;
use crate::consents::NewConsent;
use crate::directory::MerchantEntry;
use crate::files::NotTaken;
use crate::sessions::{dataset_place, scope_of};

/// Digits of an ID card that a page shows when it hides the others.
const TAIL_LENGTH: usize = 4;

/// A page as its person's merchant hands it in.
pub struct NewPage {
    pub name: PersonName,
    pub id_card: IdCard,
    pub bytes: Vec<u8>,
}

/// A page that was read.
pub struct HandedPage {
    /// 32 hexadecimal digits; the same page of the same person has the same.
    pub id: String,
    pub at: Timestamp,
    pub record: CreditRecord,
    pub report: CreditReport,
}

impl Engine {
    /// Reads a page and keeps what it says. The same page of the same person again is answered
    /// alike and not billed again. The data is stored before the bill, and shown after it.
    pub async fn hand_in_page(
        &self,
        entry: &MerchantEntry,
        new: NewPage,
    ) -> Result<HandedPage, NotTaken> {
        let entitlement = entry.entitlement(Product::File, None).ok_or(Failure::NotEntitled)?;
        let merchant = entry.merchant.id;
        let subject = self.subject_of(&new.id_card);
        let scope = scope_of(merchant, subject, Product::CreditReport)?;
        let declares = self.declares(entry, &scope).await?;
        let (id, now) = (self.file_id(merchant, subject, &new.bytes), self.now());
        let was_known = match self.page(merchant, &id).await {
            Ok(_) => true,
            Err(Failure::SessionUnknown) => false,
            Err(failure) => return Err(failure.into()),
        };
        if !was_known {
            let record = read_page(new).await?;
            let consent = declares.then(|| NewConsent::declared(scope, now));
            self.keep_page(&record, (merchant, subject), &id, consent).await?;
        }
        match self.bill_once(entitlement, &id, subject).await {
            Ok(()) => {}
            Err(Failure::AnswerGone) if was_known => {}
            Err(failure) => {
                // Where the bill's fate cannot be told, a repeat finds page and bill.
                if !was_known && !matches!(failure, Failure::Internal | Failure::Overloaded) {
                    self.forget_file(&id).await?;
                }
                return Err(failure.into());
            }
        }
        Ok(self.page(merchant, &id).await?)
    }

    /// A page of this merchant's; another's is as absent.
    ///
    /// Errors: [`Failure::SessionUnknown`] when there is none, or it is kept no longer.
    pub async fn page(&self, merchant: MerchantId, id: &str) -> Result<HandedPage, Failure> {
        let (stored, record) = self.kept_record(id).await?.ok_or(Failure::SessionUnknown)?;
        if stored.merchant != merchant {
            return Err(Failure::SessionUnknown);
        }
        let asked = Asked { updated: stored.at, now: self.now(), formula: Formula::CURRENT };
        let report = pboc::derive(&record, asked);
        Ok(HandedPage { id: id.to_owned(), at: stored.at, record, report })
    }

    async fn keep_page(
        &self,
        record: &CreditRecord,
        (merchant, subject): (MerchantId, SubjectHash),
        id: &str,
        consent: Option<NewConsent>,
    ) -> Result<(), Failure> {
        let key = self.subject_key(subject).await.map_err(|error| self.failed(&error))?;
        let json = serde_json::to_vec(record).expect("plain data");
        let dataset = StoredDataset {
            open_id: id.to_owned(),
            merchant,
            subject,
            source: SourceKind::Credit,
            at: self.now(),
            sealed: key.seal(dataset_place(id), &json, self.entropy()),
        };
        let consent = consent.map(|consent| self.seal_consent(consent, &key));
        let put = self.store().unit("keep_page", move |tx| {
            if let Some((consent, evidence)) = &consent {
                store::consents::declare(tx, consent, evidence)?;
            }
            store::datasets::put(tx, &dataset)
        });
        put.await.map_err(|error| self.store_failed(&error))
    }
}

/// Reads a page beside the tasks that answer others, and holds its head against the person.
async fn read_page(new: NewPage) -> Result<CreditRecord, NotTaken> {
    let reading = tokio::task::spawn_blocking(move || {
        let record =
            pboc::page::read(&new.bytes).map_err(|fault| NotTaken::File(fault.to_string()))?;
        if is_of(&record, &new) {
            Ok(record)
        } else {
            Err(NotTaken::File("the report names another person".to_owned()))
        }
    });
    reading.await.unwrap_or(Err(NotTaken::Failure(Failure::Internal)))
}

/// A page that hides the ID card shows the end of it.
fn is_of(record: &CreditRecord, new: &NewPage) -> bool {
    let (printed, id_card) = (&record.head.id_number, new.id_card.expose());
    let is_same = printed.eq_ignore_ascii_case(id_card);
    let tail = &id_card[id_card.len() - TAIL_LENGTH..];
    let is_hidden =
        printed.contains('*') && printed.to_ascii_uppercase().ends_with(&tail.to_ascii_uppercase());
    record.head.name == new.name.expose() && (is_same || is_hidden)
}
