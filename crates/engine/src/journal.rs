//! The journal as an operator uses it: signed, verified, summed, reconciled.

use domain::ids::MerchantId;
use domain::journal::{Checkpoint, Difference, Entry, Head, MerchantRow, Statement, reconcile};
use domain::merchant::Merchant;
use domain::time::Period;
use store::StoreError;
use store::jobs::Lease;

use crate::{Engine, Error};

mod verification;

pub use verification::Verification;

/// Rows that one read takes.
const PAGE: i64 = 5_000;

/// A statement and what it is of.
#[derive(Clone, Debug)]
pub struct StatementOf {
    pub merchant: Merchant,
    pub period: Period,
    pub statement: Statement,
}

/// What `journal reconcile` found.
#[derive(Clone, Debug)]
pub struct Reconciliation {
    pub in_file: usize,
    pub in_journal: usize,
    pub differences: Vec<Difference>,
}

impl Engine {
    pub(crate) async fn journal_page(
        &self,
        merchant: MerchantId,
        period: Period,
        after: Option<Entry>,
    ) -> Result<Vec<Entry>, Error> {
        let period = (period.from.shanghai_start(), period.until.shanghai_start());
        let page = self.store().read("journal_page", move |tx| {
            store::journal::of_merchant(tx, merchant, period, after.as_ref(), PAGE)
        });
        Ok(page.await?)
    }

    async fn journal_of(&self, merchant: MerchantId, period: Period) -> Result<Vec<Entry>, Error> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let page = self.journal_page(merchant, period, entries.last().cloned()).await?;
            if page.is_empty() {
                return Ok(entries);
            }
            entries.extend(page);
        }
    }

    /// The statement of a merchant: the sum of its rows in the journal (I4).
    pub async fn statement(&self, merchant: &str, period: Period) -> Result<StatementOf, Error> {
        let merchant = self.merchant(merchant).await?;
        let mut statement = Statement::default();
        let mut last: Option<Entry> = None;
        loop {
            let page = self.journal_page(merchant.id, period, last.take()).await?;
            for entry in &page {
                statement.add(entry);
            }
            match page.into_iter().next_back() {
                Some(entry) => last = Some(entry),
                None => return Ok(StatementOf { merchant, period, statement }),
            }
        }
    }

    /// Compares a merchant's own file with the journal of a period.
    pub async fn reconcile(
        &self,
        merchant: &str,
        period: Period,
        file: &[MerchantRow],
    ) -> Result<Reconciliation, Error> {
        let merchant = self.merchant(merchant).await?;
        let entries = self.journal_of(merchant.id, period).await?;
        let differences = reconcile(file, &entries);
        Ok(Reconciliation { in_file: file.len(), in_journal: entries.len(), differences })
    }

    /// Whether a lane or the audit log moved since the last checkpoint.
    pub(crate) async fn has_new_rows(&self) -> Result<bool, Error> {
        Ok(!self.store().read("unsigned_heads", unsigned_heads).await?.is_empty())
    }

    /// Signs the heads of the lanes and the audit log that moved, if any did.
    pub async fn checkpoint(&self) -> Result<(), Error> {
        let engine = self.clone();
        Ok(self.store().unit("checkpoint", move |tx| engine.append_checkpoint(tx)).await?)
    }

    pub(crate) async fn checkpoint_leased(&self, lease: &Lease) -> Result<(), Error> {
        let (engine, lease) = (self.clone(), lease.clone());
        let unit = self.store().unit("checkpoint", move |tx| {
            if store::jobs::holds(tx, &lease)? { engine.append_checkpoint(tx) } else { Ok(()) }
        });
        Ok(unit.await?)
    }

    fn append_checkpoint(&self, tx: &mut store::Tx<'_>) -> Result<(), StoreError> {
        let heads = unsigned_heads(tx)?;
        if heads.is_empty() {
            return Ok(());
        }
        let last = store::checkpoints::last(tx)?;
        let previous = last.as_ref().map_or(Checkpoint::BEFORE_FIRST, |last| last.hash);
        let (seq, at) = (last.map_or(1, |last| last.seq + 1), self.now());
        let keys = self.keys();
        let (version, key) = keys.signing();
        let hash = Checkpoint::hash_of(seq, at, &heads, i64::from(version), previous);
        let signature = key.sign(&hash.0);
        let key_version = i64::from(version);
        let checkpoint = Checkpoint { seq, at, heads, hash, key_version, signature };
        store::checkpoints::insert(tx, &checkpoint)
    }
}

/// The heads that moved since the last checkpoint; the audit log's, of the lowest lane, is first.
fn unsigned_heads(tx: &mut store::Tx<'_>) -> Result<Vec<Head>, StoreError> {
    let of_log = store::audit_log::unsigned_head(tx)?;
    Ok(of_log.into_iter().chain(store::journal::unsigned_heads(tx)?).collect())
}
