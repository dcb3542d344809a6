//! Verifying the journal: every lane and every checkpoint is walked, and the sums, the claims and
//! the counters are held against what the rows say.

use std::collections::{BTreeMap, HashMap};

use domain::audit_log::LANE;
use domain::ids::{LaneId, MerchantId};
use domain::journal::{Checkpoint, Fault, Head, LaneWalk, lane_genesis};
use domain::money::Amount;
use store::journal::OpenedLane;

use super::PAGE;
use crate::{Engine, Error};

/// Faults that one verification lists at most.
const FAULTS_MAX: usize = 100;

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
    /// Walks every lane and every checkpoint, and holds the sums against each other. `progress` is
    /// told how many rows are done. Servers may go on writing: what they add is left to the next
    /// verification.
    pub async fn verify_journal(
        &self,
        mut progress: impl FnMut(i64),
    ) -> Result<Verification, Error> {
        let mut found = Verification::default();
        // Read before the checkpoints: whatever a lane says is signed must be found there.
        let lanes = self.store().read("lanes", store::journal::lanes).await?;
        let mut signed = self.verify_checkpoints(&mut found).await?;
        // The audit log's has a verification of its own.
        signed.remove(&LANE);
        found.add(lanes.iter().filter_map(|lane| overstated(lane, signed.get(&lane.id))));
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
            let heads = signed.remove(&lane.id).unwrap_or_default();
            let walk = LaneWalk::new(lane.id, genesis);
            let bounds = (heads.as_slice(), ends.get(&lane.id).copied().unwrap_or(0));
            self.verify_lane(walk, bounds, &mut found, &mut sums, &mut progress).await?;
        }
        // What is left was signed, and its whole lane is gone.
        for (lane, heads) in signed {
            found.add(heads.iter().map(|head| cut_off(lane, head)));
        }
        self.verify_sums(&mut found, stored, &sums).await?;
        Ok(found)
    }

    /// Gives the signed heads of each lane, in order, with the number of their checkpoint.
    pub(crate) async fn verify_checkpoints(
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
        found.add(heads.map(|head| cut_off(lane, head)));
        found.unsigned_rows += (walk.seq() - signed_end).max(0);
        Ok(())
    }

    async fn verify_sums(
        &self,
        found: &mut Verification,
        stored: Vec<(MerchantId, i64, Amount)>,
        walked: &BTreeMap<MerchantId, (i64, Amount)>,
    ) -> Result<(), Error> {
        let (twice, unmatched, unclaimed) = self
            .store()
            .read("journal_sums", |tx| {
                let limit = FAULTS_MAX as i64;
                let twice = store::journal::billed_twice(tx, limit)?;
                let unmatched = store::calls::unmatched(tx, limit)?;
                Ok((twice, unmatched, store::calls::unclaimed_bills(tx, limit)?))
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
        found.add(unclaimed.into_iter().map(|(merchant, product, key)| Fault::Unmatched {
            what: format!("merchant {merchant}, {product}, key {key}: billed, but never claimed"),
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

/// A signed head that its lane does not reach.
fn cut_off(lane: LaneId, (checkpoint, head): &(i64, Head)) -> Fault {
    Fault::Head { checkpoint: *checkpoint, lane, seq: head.seq }
}

/// A lane that says it was signed further than any checkpoint shows: a checkpoint is gone, or the
/// hint was changed to keep the lane from being signed.
fn overstated(lane: &OpenedLane, heads: Option<&Vec<(i64, Head)>>) -> Option<Fault> {
    let signed = heads.and_then(|heads| heads.last()).map_or(0, |(_, head)| head.seq);
    (lane.signed_seq > signed).then(|| Fault::Sum {
        what: format!("lane {}, signed rows", lane.id),
        stored: lane.signed_seq,
        journal: signed,
    })
}
