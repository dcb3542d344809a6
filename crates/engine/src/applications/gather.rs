//! What the platform holds of an applicant besides the application, as far as consents in force
//! cover it: collected for the same merchant, or counted over all of them.

use std::collections::HashMap;

use domain::application::Application;
use domain::assessment::{Held, Inquiry};
use domain::consent::{Purpose, Scope};
use domain::dataset::credit::CreditRecord;
use domain::dataset::degree::DegreeData;
use domain::dataset::ebank::EbankData;
use domain::dataset::telecom::TelecomData;
use domain::failure::Failure;
use domain::identity::Person;
use domain::ids::MerchantId;
use domain::source::SourceKind;
use domain::time::{Span, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use store::StoreError;
use store::datasets::StoredDataset;

use super::Open;
use crate::Engine;
use crate::sessions::{Session, dataset_place};

/// How far back other lenders' inquiries are counted, and how many at most.
const INQUIRIES_SINCE: Span = Span::days(180);
const INQUIRIES_MAX: i64 = 10_000;

/// How far back others at the same device count.
const DEVICE_SINCE: Span = Span::days(90);

/// What the database has, and a consent covers.
struct Found {
    /// The newest of each source.
    datasets: Vec<StoredDataset>,
    inquiries: Option<Vec<(MerchantId, Timestamp)>>,
    device_persons: Option<i64>,
}

/// A file's place in a dataset.
#[derive(Deserialize)]
struct FileKept {
    data: EbankData,
}

impl Engine {
    /// Gathers what is held as of `now`.
    pub(super) async fn gather(
        &self,
        open: &Open,
        person: &Person,
        application: &Application,
        now: Timestamp,
    ) -> Result<Held, Failure> {
        let listed = self.is_blacklisted(&person.name, &person.id_card, &person.mobile).await;
        let is_listed = listed.map_err(|error| self.failed(&error))?;
        let Found { datasets, inquiries, device_persons } =
            self.find_held(open, self.devices_of(application), now).await?;
        let mut held = Held {
            is_listed: Some(is_listed),
            inquiries: inquiries.map(numbered),
            device_persons: device_persons.and_then(|persons| persons.try_into().ok()),
            ..Held::default()
        };
        for dataset in &datasets {
            take_dataset(&mut held, open, dataset, now)?;
        }
        Ok(held)
    }

    async fn find_held(
        &self,
        open: &Open,
        devices: Vec<[u8; 32]>,
        now: Timestamp,
    ) -> Result<Found, Failure> {
        let (engine, merchant, subject) = (self.clone(), open.row.merchant, open.row.subject);
        let found = self.store().read("gather", move |tx| {
            let allows = |tx: &mut store::Tx<'_>, source: SourceKind, account| {
                let purpose = Purpose::CreditAssessment;
                let scope = Scope { merchant, subject, source, purpose, account };
                store::consents::allows_use(tx, &scope, now)
            };
            let mut datasets: Vec<StoredDataset> = Vec::new();
            // Newest first; another merchant's are its own (I8).
            for dataset in store::datasets::of_subject(tx, &subject)? {
                let is_newest = datasets.iter().all(|other| other.source != dataset.source);
                if dataset.merchant == merchant && is_newest {
                    let account = engine.account_of(tx, &dataset)?;
                    if allows(tx, dataset.source, account)? {
                        datasets.push(dataset);
                    }
                }
            }
            let (mut inquiries, mut device_persons) = (None, None);
            // What is counted over all merchants, persons at a device too (docs/features.md, M).
            if allows(tx, SourceKind::Inquiries, None)? {
                let mut all = store::inquiries::of_subject(tx, &subject, INQUIRIES_MAX)?;
                all.retain(|(_, at)| now - INQUIRIES_SINCE < *at && *at <= now);
                inquiries = Some(all);
                for device in &devices {
                    let persons = store::applications::persons_at(tx, device, now - DEVICE_SINCE)?;
                    device_persons = device_persons.max(Some(persons));
                }
            }
            Ok(Found { datasets, inquiries, device_persons })
        });
        found.await.map_err(|error| self.store_failed(&error))
    }

    /// The account that a bank's data is of: a licence is for one account. It stands in the
    /// session; where that is gone, nobody can tell, and only a consent to every account covers it.
    fn account_of(
        &self,
        tx: &mut store::Tx<'_>,
        dataset: &StoredDataset,
    ) -> Result<Option<[u8; 32]>, StoreError> {
        if dataset.source != SourceKind::Ebank {
            return Ok(None);
        }
        let Some((row, sealed_key)) = store::sessions::get(tx, &dataset.open_id)? else {
            return Ok(None);
        };
        let session = Session::open(&self.keys(), row, &sealed_key).inspect_err(|error| {
            tracing::error!(open_id = dataset.open_id, %error, "a session does not open");
        });
        let record = session.ok().map(|session| session.record);
        let account = record.and_then(|record| record.entry.zip(record.account));
        Ok(account.map(|(entry, login_name)| self.account_hash(&entry, &login_name)))
    }
}

fn take_dataset(
    held: &mut Held,
    open: &Open,
    dataset: &StoredDataset,
    now: Timestamp,
) -> Result<(), Failure> {
    let plain = open.key.unseal(dataset_place(&dataset.open_id), &dataset.sealed);
    let plain = plain.map_err(|error| {
        tracing::error!(open_id = dataset.open_id, %error, "a dataset does not open");
        Failure::Internal
    })?;
    match dataset.source {
        SourceKind::Telecom => held.take_telecom(&read::<TelecomData>(&plain)?, now),
        SourceKind::Degree => held.take_degree(&read::<DegreeData>(&plain)?, now),
        SourceKind::Ebank => held.take_ebank(&read::<EbankData>(&plain)?, now),
        SourceKind::Credit => held.take_credit(&read::<CreditRecord>(&plain)?, now),
        // A bank's own data stands before what the person handed in.
        SourceKind::File if held.ebank.is_none() => {
            held.take_ebank(&read::<FileKept>(&plain)?.data, now);
        }
        SourceKind::File | SourceKind::Inquiries => {}
    }
    Ok(())
}

fn read<T: DeserializeOwned>(plain: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(plain).map_err(|_| Failure::Internal)
}

/// Lenders by the order of their first inquiry: who they are is nobody's business.
fn numbered(mut found: Vec<(MerchantId, Timestamp)>) -> Vec<Inquiry> {
    found.sort_by_key(|(merchant, at)| (*at, *merchant));
    let mut numbers: HashMap<MerchantId, u32> = HashMap::new();
    let inquiry = |(merchant, at): (MerchantId, Timestamp)| {
        let next = numbers.len() as u32;
        Inquiry { lender: *numbers.entry(merchant).or_insert(next), at }
    };
    found.into_iter().map(inquiry).collect()
}
