//! Reading a report from its page, keeping it, billing it once, showing it again.

use domain::dataset::credit::CreditRecord;
use domain::failure::Failure;
use domain::identity::IdCard;
use domain::keys::SubjectKey;
use domain::merchant::Product;
use domain::report::pboc::{self, Asked, Formula};
use domain::session::credit::{Event, LocalReport, Refusal, Standing};
use domain::source::{SourceFailure, SourceKind};
use domain::subject::SubjectHash;
use domain::time::Timestamp;
use store::datasets::StoredDataset;

use super::borrower::Borrower;
use super::step::Halt;
use super::{CreditReply, CreditShown};
use crate::Engine;
use crate::directory::MerchantEntry;
use crate::sessions::dataset_place;

impl Engine {
    /// Reads a page, keeps what it says as the data of the person whom it names, and shows it.
    pub(crate) async fn read_report(
        &self,
        entry: &MerchantEntry,
        borrower: &mut Borrower,
        html: &[u8],
        updated_at: Timestamp,
    ) -> Result<CreditReply, Halt> {
        let now = self.now();
        let Ok(record) = pboc::page::read(html) else {
            self.save_borrower(borrower, |_| Ok(())).await?;
            return Err(Failure::CollectionFailed(SourceFailure::Garbage).into());
        };
        // By the time, since a borrower that was forgotten after its time begins anew.
        let id = format!("{}-{}", borrower.row.open_id, now.0);
        let dataset = self.seal_credit(borrower, &record, &id, now).await?;
        let local = LocalReport {
            id,
            read_at: now,
            updated_at,
            outdated_at: pboc::valid_until(updated_at),
            is_billed: false,
        };
        borrower.on(Event::Reported(local), now);
        borrower.on(Event::Seen, now);
        self.save_borrower(borrower, move |tx| store::datasets::put(tx, &dataset)).await?;
        self.show_report(entry, borrower).await
    }

    /// The record under the key of the person whom the page names, or of the borrower where the
    /// page hides who it is.
    async fn seal_credit(
        &self,
        borrower: &Borrower,
        record: &CreditRecord,
        id: &str,
        now: Timestamp,
    ) -> Result<StoredDataset, Failure> {
        let id_card = IdCard::parse(&record.head.id_number, now.shanghai_day());
        let subject = id_card.map_or(borrower.row.subject, |id_card| self.subject_of(&id_card));
        let key = self.subject_key(subject).await.map_err(|error| self.failed(&error))?;
        let json = serde_json::to_vec(record).expect("plain data");
        Ok(StoredDataset {
            merchant: borrower.row.merchant,
            subject,
            source: SourceKind::Credit,
            at: now,
            sealed: key.seal(dataset_place(id), &json, self.entropy()),
            open_id: id.to_owned(),
        })
    }

    /// Shows the report that is kept. The first time bills it; later ones by the merchant's price
    /// table for kept reports, where it has one.
    pub(crate) async fn show_report(
        &self,
        entry: &MerchantEntry,
        borrower: &mut Borrower,
    ) -> Result<CreditReply, Halt> {
        self.demand_credit_consent(entry, borrower, None, false).await?;
        let account = borrower.record.flow.account.as_ref();
        let account = account.ok_or(Refusal::OutOfStep)?;
        let Standing::Local(local) = account.standing.clone() else {
            return Err(Refusal::OutOfStep.into());
        };
        let login_name = account.login_name.clone();
        let (subject, record) = self.kept_report(&local.id).await?;
        if local.is_billed {
            if entry.is_entitled(Product::CreditCached) {
                let key = self.new_biz().to_string();
                self.bill_report(entry, Product::CreditCached, &key, subject).await?;
            }
            self.save_borrower(borrower, |_| Ok(())).await?;
        } else {
            self.bill_report(entry, Product::CreditReport, &local.id, subject).await?;
            let billed = LocalReport { is_billed: true, ..local.clone() };
            borrower.on(Event::Reported(billed), self.now());
            // The bill is in the journal under the report's own key: it is not made twice.
            self.save_borrower(borrower, |_| Ok(())).await?;
        }
        let asked = Asked { updated: local.updated_at, now: self.now(), formula: Formula::CURRENT };
        let report = pboc::derive(&record, asked);
        Ok(CreditReply::Report(Box::new(CreditShown { login_name, local, record, report })))
    }

    /// The record of a report; one that was erased is told as the platform's own loss of it.
    async fn kept_report(&self, id: &str) -> Result<(SubjectHash, CreditRecord), Halt> {
        let (stored, record) = self.kept_record(id).await?.ok_or(Refusal::ReportKeyMissing)?;
        Ok((stored.subject, record))
    }

    /// A record that is kept, opened; nothing when there is none, or its person was erased.
    pub(crate) async fn kept_record(
        &self,
        id: &str,
    ) -> Result<Option<(StoredDataset, CreditRecord)>, Failure> {
        let wanted = id.to_owned();
        let found = self.store().read("credit_record", move |tx| {
            let Some(stored) = store::datasets::get(tx, &wanted)? else { return Ok(None) };
            let key = store::subject_keys::get(tx, &stored.subject)?;
            Ok(key.map(|key| (stored, key)))
        });
        let found = found.await.map_err(|error| self.store_failed(&error))?;
        let is_record = |(stored, _): &(StoredDataset, _)| stored.source == SourceKind::Credit;
        let Some((stored, sealed_key)) = found.filter(is_record) else { return Ok(None) };
        let opened = SubjectKey::open(&self.keys(), &stored.subject, &sealed_key)
            .and_then(|key| key.unseal(dataset_place(id), &stored.sealed));
        let record = opened.ok().and_then(|json| serde_json::from_slice(&json).ok());
        let record = record.ok_or_else(|| {
            tracing::error!(id, "a report does not open");
            Failure::Internal
        })?;
        Ok(Some((stored, record)))
    }

    /// Bills a report under its own key.
    async fn bill_report(
        &self,
        entry: &MerchantEntry,
        product: Product,
        key: &str,
        subject: SubjectHash,
    ) -> Result<(), Failure> {
        let entitlement = entry.entitlement(product, None).ok_or(Failure::NotEntitled)?;
        match self.bill_once(entitlement, key, subject).await {
            Ok(()) | Err(Failure::AnswerGone) => Ok(()),
            Err(failure) => Err(failure),
        }
    }
}
