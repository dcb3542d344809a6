//! The blacklist: look-ups that touch no disk for who is not listed, and what an operator does
//! to the entries.

mod filter;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::blacklist::{ListedHash, ListedKey, ListedRow, Listing, Standing};
use domain::identity::{IdCard, Mobile, PersonName};
use domain::load::{BadRow, LoadRow, Rejected};
use domain::time::{Span, Timestamp};
use store::StoreError;
use store::blacklist::{self as table, Mark};
use tokio::sync::watch;

use self::filter::Filter;
use crate::{Engine, Error, tasks};

/// How often a node looks for new entries, and how long it trusts what it saw. An addition is
/// known to all nodes when that is over; a node that cannot look asks the database every time.
const FOLLOW_EVERY: Span = Span::millis(250);
const TRUSTED: Span = Span::seconds(1);

/// Hashes of one read while a node catches up.
const PAGE: i64 = 8192;

/// What tells loads of entries from other loads of one file, see [`Engine::load_as`].
pub const LOAD: &str = "blacklist";

/// What a node has in memory of the blacklist.
#[derive(Default)]
pub(crate) struct Followed {
    /// Made by the first look into the table, as large as it needs to be.
    filter: OnceLock<Filter>,
    /// The newest entry in the filter.
    last: AtomicI64,
    /// When the filter was last known to be whole, by the machine's clock; 0: never.
    whole_at: AtomicI64,
}

impl Followed {
    fn is_absent(&self, hash: &ListedHash, now: Timestamp) -> bool {
        let whole_at = Timestamp(self.whole_at.load(Ordering::Acquire));
        let is_trusted = whole_at <= now && now < whole_at + TRUSTED;
        is_trusted && self.filter.get().is_some_and(|filter| !filter.may_have(hash))
    }
}

impl Engine {
    /// Whether the person is on the blacklist now: under the ID card, the mobile, or name and ID
    /// card together, in an entry that is in force, not removed and not disputed.
    ///
    /// Errors: the database cannot be asked.
    pub async fn is_blacklisted(
        &self,
        name: &PersonName,
        id_card: &IdCard,
        mobile: &Mobile,
    ) -> Result<bool, Error> {
        if self.inner.sandbox && sources::sandbox::blacklist::is_listed(mobile) {
            return Ok(true);
        }
        let keys = ListedKey::of_person(name, id_card, mobile);
        let (ring, now) = (self.keys(), self.inner.clock.machine_now());
        let hashes = keys.map(|key| key.hash(&ring));
        let is_absent = |hash| self.inner.blacklist.is_absent(hash, now);
        if hashes.iter().all(is_absent) {
            metrics::counter!("probity_blacklist_lookups_total", "decided" => "in_memory")
                .increment(1);
            return Ok(false);
        }
        metrics::counter!("probity_blacklist_lookups_total", "decided" => "in_database")
            .increment(1);
        let now = self.now();
        let found = self.listings_under(hashes).await?;
        Ok(found.iter().any(|listing| listing.standing(now) == Standing::Listed))
    }

    async fn listings_under(&self, hashes: [ListedHash; 3]) -> Result<Vec<Listing>, StoreError> {
        self.store().read("blacklist_find", move |tx| table::find(tx, &hashes)).await
    }

    /// All entries under these keys (one to three), whatever they count for now.
    pub async fn listings(&self, keys: &[ListedKey]) -> Result<Vec<Listing>, Error> {
        let ring = self.keys();
        let hashes: Vec<ListedHash> = keys.iter().map(|key| key.hash(&ring)).collect();
        let first = hashes.first().ok_or_else(|| Error::invalid("nobody is named"))?;
        let hash = |at: usize| *hashes.get(at).unwrap_or(first);
        Ok(self.listings_under([hash(0), hash(1), hash(2)]).await?)
    }

    /// The newest entries, the newest first, and how many there are in all.
    pub async fn newest_listings(&self, limit: usize) -> Result<(Vec<Listing>, u64), Error> {
        let read = self.store().read("blacklist_newest", move |tx| {
            Ok((table::newest(tx, limit as i64)?, table::count(tx)? as u64))
        });
        Ok(read.await?)
    }

    /// Lists a person; what was removed or disputed under the same keys by the same source counts
    /// again.
    pub async fn list_person(&self, row: &ListedRow) -> Result<(), Error> {
        let listings: Vec<Listing> = row.listings(&self.keys(), self.now()).collect();
        let listed = self.store().unit("blacklist_add", move |tx| {
            table::put(tx, listings.clone())?;
            for Listing { hash, source, .. } in &listings {
                table::set_mark(tx, Mark::Removed, hash, source, None)?;
                table::set_mark(tx, Mark::Disputed, hash, source, None)?;
            }
            Ok(())
        });
        Ok(listed.await?)
    }

    /// Takes back the entries under these keys, of one source or of all. Gives how many there are.
    pub async fn remove_listings(
        &self,
        keys: &[ListedKey],
        source: Option<&str>,
    ) -> Result<u64, Error> {
        self.mark(keys, source, Mark::Removed, Some(self.now())).await
    }

    /// Marks the entries under these keys as disputed, or says that the dispute is over and they
    /// count again. Gives how many there are.
    pub async fn dispute_listings(
        &self,
        keys: &[ListedKey],
        source: Option<&str>,
        is_over: bool,
    ) -> Result<u64, Error> {
        let at = (!is_over).then(|| self.now());
        self.mark(keys, source, Mark::Disputed, at).await
    }

    async fn mark(
        &self,
        keys: &[ListedKey],
        source: Option<&str>,
        mark: Mark,
        at: Option<Timestamp>,
    ) -> Result<u64, Error> {
        let ring = self.keys();
        let hashes: Vec<ListedHash> = keys.iter().map(|key| key.hash(&ring)).collect();
        let source = source.unwrap_or_default().to_owned();
        let marked = self.store().unit("blacklist_mark", move |tx| {
            hashes
                .iter()
                .try_fold(0, |sum, hash| Ok(sum + table::set_mark(tx, mark, hash, &source, at)?))
        });
        Ok(marked.await?)
    }

    /// Lists the sandbox's sample, as if reported now.
    pub(crate) async fn load_sample_blacklist(&self) -> Result<(), Error> {
        let now = self.now();
        let rows = sources::sandbox::blacklist::sample().map(|(name, id_card)| {
            let cells = [name, id_card, "", "", "", "", "", ""];
            let bad = |fault| Rejected::Row(BadRow { row: 0, fault });
            domain::blacklist::read(&cells, "sandbox", now).map(LoadRow::Listed).map_err(bad)
        });
        let report = self.load_as(LOAD, None, rows, |_, _| Ok(())).await?;
        match report.bad_rows.first() {
            None => Ok(()),
            Some(bad) => Err(Error::File(format!("the sandbox's blacklist: {bad:?}"))),
        }
    }

    /// Keeps the filter whole until `stop` says so.
    pub(crate) async fn follow_blacklist(&self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            if let Err(error) = self.read_blacklist().await {
                tracing::warn!(%error, "the blacklist cannot be followed; the database is asked");
            }
            tokio::select! {
                () = tasks::pause(FOLLOW_EVERY) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Reads the entries that were added since the last time; the first time, all of them.
    pub async fn read_blacklist(&self) -> Result<(), Error> {
        let followed = &self.inner.blacklist;
        loop {
            let asked_at = self.inner.clock.machine_now();
            let last = followed.last.load(Ordering::Relaxed);
            let read = self.store().read("blacklist_since", move |tx| {
                let count = if last == 0 { table::count(tx)? } else { 0 };
                Ok((table::since(tx, last, PAGE)?, count))
            });
            let (page, count) = read.await?;
            let filter = followed.filter.get_or_init(|| Filter::new(count as usize));
            filter.insert(page.iter().map(|(_, hash)| *hash));
            if let Some((last, _)) = page.last() {
                followed.last.store(*last, Ordering::Relaxed);
            }
            if page.len() < PAGE as usize {
                followed.whole_at.store(asked_at.0, Ordering::Release);
                metrics::gauge!("probity_blacklist_filter_hashes").set(filter.len() as f64);
                metrics::gauge!("probity_blacklist_filter_bytes").set(filter.bytes() as f64);
                return Ok(());
            }
        }
    }
}
