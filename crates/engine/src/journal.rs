//! The journal as an operator uses it: signed, verified, summed, reconciled.

use std::collections::{BTreeMap, HashMap};

use domain::ids::{LaneId, MerchantId};
use domain::journal::{
    Checkpoint, Difference, Entry, Fault, Head, LaneWalk, MerchantRow, Statement, lane_genesis,
    reconcile,
};
use domain::merchant::Merchant;
use domain::money::Amount;
use domain::time::Period;
use store::StoreError;
use store::jobs::Lease;

use crate::{Engine, Error};

/// Rows that one read takes.
const PAGE: i64 = 5_000;

/// Faults that one verification lists at most.
const FAULTS_MAX: usize = 100;

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

/// What `journal verify` found.
#[derive(Clone, Debug, Default)]
pub struct Verification {
    pub rows: i64,
    pub lanes: i64,
    pub checkpoints: i64,
    /// Rows after the last signed head of their lane: at most a second's worth.
    pub unsigned_rows: i64,
    pub billed: i64,
    pub amount: Amount,
    /// Empty when all holds; at most a hundred.
    pub faults: Vec<Fault>,
}

impl Verification {
    pub fn holds(&self) -> bool {
        self.faults.is_empty()
    }

    fn add(&mut self, faults: impl IntoIterator<Item = Fault>) {
        let room = FAULTS_MAX.saturating_sub(self.faults.len());
        self.faults.extend(faults.into_iter().take(room));
    }
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

    /// Whether a lane moved since the last checkpoint.
    pub(crate) async fn has_new_rows(&self) -> Result<bool, Error> {
        Ok(!self.store().read("unsigned_heads", store::journal::unsigned_heads).await?.is_empty())
    }

    /// Signs the heads of the lanes that moved, if any did.
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
        let heads = store::journal::unsigned_heads(tx)?;
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

    /// Walks every lane and every checkpoint, and holds the sums against each other. `progress` is
    /// told how many rows are done. Servers may go on writing: what they add is left to the next
    /// verification.
    pub async fn verify_journal(
        &self,
        mut progress: impl FnMut(i64),
    ) -> Result<Verification, Error> {
        let mut found = Verification::default();
        let signed = self.verify_checkpoints(&mut found).await?;
        let unopened = self.store().read("unopened_lanes", store::journal::unopened_lanes).await?;
        found.add(unopened.into_iter().map(|lane| Fault::LaneUnknown { lane }));
        // One view of both: a walk to where the lanes ended then must come to the sums of then.
        let (ends, stored) = self
            .store()
            .read("journal_ends", |tx| Ok((store::journal::heads(tx)?, store::journal::sums(tx)?)))
            .await?;
        let ends: HashMap<LaneId, i64> = ends.iter().map(|head| (head.lane, head.seq)).collect();
        let mut sums: BTreeMap<MerchantId, (i64, Amount)> = BTreeMap::new();
        for lane in self.store().read("lanes", store::journal::lanes).await? {
            let genesis = lane_genesis(lane.id, &lane.node, lane.opened_at);
            let heads = signed.get(&lane.id).map_or(&[][..], Vec::as_slice);
            let walk = LaneWalk::new(lane.id, genesis);
            let bounds = (heads, ends.get(&lane.id).copied().unwrap_or(0));
            self.verify_lane(walk, bounds, &mut found, &mut sums, &mut progress).await?;
        }
        self.verify_sums(&mut found, stored, &sums).await?;
        Ok(found)
    }

    /// Gives the signed heads of each lane, in order, with the number of their checkpoint.
    async fn verify_checkpoints(
        &self,
        found: &mut Verification,
    ) -> Result<HashMap<LaneId, Vec<(i64, Head)>>, Error> {
        let keys = self.keys();
        let mut signed: HashMap<LaneId, Vec<(i64, Head)>> = HashMap::new();
        let (mut seq, mut previous) = (0, Checkpoint::BEFORE_FIRST);
        loop {
            let page = self
                .store()
                .read("checkpoints", move |tx| store::checkpoints::page(tx, seq, PAGE))
                .await?;
            if page.is_empty() {
                return Ok(signed);
            }
            for checkpoint in page {
                if checkpoint.seq != seq + 1 {
                    found.add([Fault::CheckpointGap { expected: seq + 1, found: checkpoint.seq }]);
                } else if !checkpoint.follows(previous) {
                    found.add([Fault::CheckpointChain { checkpoint: checkpoint.seq }]);
                }
                let key =
                    u32::try_from(checkpoint.key_version).ok().and_then(|v| keys.verifying(v));
                if !key.is_some_and(|key| key.verifies(&checkpoint.hash.0, &checkpoint.signature)) {
                    found.add([Fault::Signature { checkpoint: checkpoint.seq }]);
                }
                found.checkpoints += 1;
                (seq, previous) = (checkpoint.seq, checkpoint.hash);
                for head in checkpoint.heads {
                    signed.entry(head.lane).or_default().push((seq, head));
                }
            }
        }
    }

    /// Walks a lane up to `end`, past its signed heads.
    async fn verify_lane(
        &self,
        mut walk: LaneWalk,
        (heads, end): (&[(i64, Head)], i64),
        found: &mut Verification,
        sums: &mut BTreeMap<MerchantId, (i64, Amount)>,
        progress: &mut impl FnMut(i64),
    ) -> Result<(), Error> {
        let lane = walk.lane();
        let signed_end = heads.last().map_or(0, |(_, head)| head.seq);
        let mut heads = heads.iter().peekable();
        found.lanes += 1;
        while walk.seq() < end {
            let seq = walk.seq();
            let page = self
                .store()
                .read("journal_lane", move |tx| store::journal::page(tx, lane, seq, PAGE))
                .await?;
            if page.is_empty() {
                break;
            }
            for row in page.into_iter().take_while(|row| row.seq <= end) {
                found.add(walk.step(&row));
                while let Some((checkpoint, head)) = heads.next_if(|(_, head)| head.seq <= row.seq)
                {
                    if head.seq != row.seq || head.hash != row.hash {
                        let checkpoint = *checkpoint;
                        found.add([Fault::Head { checkpoint, lane, seq: head.seq }]);
                    }
                }
                if let Some(amount) = row.entry.bill {
                    let sum = sums.entry(row.entry.merchant).or_default();
                    *sum = (sum.0 + 1, [sum.1, amount].into_iter().sum());
                }
                found.rows += 1;
            }
            progress(found.rows);
        }
        // A head that was signed and that the lane does not reach: rows were cut off.
        let missing = heads.map(|(checkpoint, head)| Fault::Head {
            checkpoint: *checkpoint,
            lane,
            seq: head.seq,
        });
        found.add(missing);
        found.unsigned_rows += (walk.seq() - signed_end).max(0);
        Ok(())
    }

    async fn verify_sums(
        &self,
        found: &mut Verification,
        stored: Vec<(MerchantId, i64, Amount)>,
        walked: &BTreeMap<MerchantId, (i64, Amount)>,
    ) -> Result<(), Error> {
        let (twice, unmatched) = self
            .store()
            .read("journal_sums", |tx| {
                let limit = FAULTS_MAX as i64;
                let twice = store::journal::billed_twice(tx, limit)?;
                Ok((twice, store::calls::unmatched(tx, limit)?))
            })
            .await?;
        found.add(twice.into_iter().map(|(merchant, product, key)| Fault::BilledTwice {
            merchant,
            product,
            key,
        }));
        found.add(unmatched.into_iter().map(|(merchant, product, key)| Fault::Unmatched {
            what: format!(
                "merchant {merchant}, {product}, key {key}: answered, but not in the journal"
            ),
        }));
        for (merchant, billed, amount) in stored {
            let (count, sum) = walked.get(&merchant).copied().unwrap_or_default();
            found.billed += billed;
            found.amount = [found.amount, amount].into_iter().sum();
            let compare = |what: &str, stored: i64, journal: i64| {
                (stored != journal).then(|| Fault::Sum {
                    what: format!("merchant {merchant}, {what}"),
                    stored,
                    journal,
                })
            };
            found.add(compare("billed calls", billed, count));
            found.add(compare("amount", amount.0, sum.0));
        }
        self.verify_counters(found).await
    }

    /// No limit has counted more than the journal shows. It may have counted less: a limit counts
    /// from the day on which it was agreed.
    async fn verify_counters(&self, found: &mut Verification) -> Result<(), Error> {
        let (counters, usage) = self
            .store()
            .read("counters", |tx| Ok((store::calls::counters(tx)?, store::journal::usage(tx)?)))
            .await?;
        for counter in counters {
            let of_app = usage.iter().filter(|usage| {
                usage.merchant == counter.merchant
                    && usage.product == counter.product
                    && usage.app == counter.app
            });
            let journal: i64 = match counter.kind.as_str() {
                "package" => of_app.map(|usage| usage.billed).sum(),
                "daily" => of_app.filter(|u| u.day == counter.day).map(|u| u.keys).sum(),
                _ => of_app.map(|usage| usage.keys).sum(),
            };
            let what =
                format!("merchant {}, app {}, {}", counter.merchant, counter.app, counter.kind);
            let stored = counter.used;
            found.add((stored > journal).then_some(Fault::Sum { what, stored, journal }));
        }
        Ok(())
    }
}
