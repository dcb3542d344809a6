//! Settling a group of calls: one algorithm for both databases.
//!
//! Inside the group's transaction only guards decide: who has the key, what the counters allow.
//! Everything costly (scoring, sealing) happened before.

use std::collections::BTreeMap;

use domain::call::{
    Call, CallName, ClaimState, Counters, End, LimitMet, Resolution, Resolved, Settled,
};
use domain::ids::LaneId;
use domain::journal::{Entry, Phase, Row, RowHash, lane_genesis};
use domain::merchant::Limits;
use domain::score::code;

use crate::StoreError;
use crate::driver::{Claim, CounterKind, CounterName, Group, Inquiry, Kept, NewState};
use crate::fail_points::fail_point;

/// The head of the lane that a writer appends to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lane {
    pub(crate) id: LaneId,
    pub(crate) seq: i64,
    pub(crate) hash: RowHash,
}

/// One thing to settle.
pub(crate) enum Item {
    Call(Box<Call>),
    Resolution(Box<Resolution>),
}

impl Item {
    pub(crate) fn name(&self) -> &CallName {
        match self {
            Self::Call(call) => &call.name,
            Self::Resolution(resolution) => &resolution.name,
        }
    }
}

/// What a group came to, to be told once it is durable.
pub(crate) struct GroupEnd {
    /// In the order of the items.
    pub(crate) settled: Vec<Settled>,
    /// The lane's head once the group is committed.
    pub(crate) lane: Option<Lane>,
}

/// Settles `items`, whose names are all different, and which are sorted by name (so that two
/// writers that claim the same keys cannot wait for each other in a circle).
pub(crate) fn settle(
    group: &mut dyn Group,
    lane: Option<Lane>,
    node: &str,
    items: &[Item],
) -> Result<GroupEnd, StoreError> {
    fail_point!("settle.begun");
    let mut plan = Plan::new(items);
    plan.claim(group)?;
    fail_point!("settle.claimed");
    plan.count(group)?;
    fail_point!("settle.counted");
    let lane = plan.journal(group, lane, node)?;
    fail_point!("settle.journalled");
    plan.keep(group)?;
    fail_point!("settle.kept");
    let settled = plan.verdicts.into_iter().map(|v| v.settled.expect("each item is decided"));
    Ok(GroupEnd { settled: settled.collect(), lane })
}

/// What is known of each item so far.
#[derive(Default)]
struct Verdict {
    settled: Option<Settled>,
    /// The key was free and this group took it.
    claimed: bool,
    /// The key is ours from an earlier attempt and was counted then.
    counted_before: bool,
}

struct Plan<'i> {
    items: &'i [Item],
    verdicts: Vec<Verdict>,
}

impl<'i> Plan<'i> {
    fn new(items: &'i [Item]) -> Self {
        Self { items, verdicts: items.iter().map(|_| Verdict::default()).collect() }
    }

    fn calls(&self) -> impl Iterator<Item = (usize, &'i Call)> {
        self.items.iter().enumerate().filter_map(|(at, item)| match item {
            Item::Call(call) => Some((at, call.as_ref())),
            Item::Resolution(_) => None,
        })
    }

    /// Takes the free keys and decides the calls whose key was taken before.
    fn claim(&mut self, group: &mut dyn Group) -> Result<(), StoreError> {
        let (places, calls): (Vec<usize>, Vec<&Call>) = self.calls().unzip();
        let free = if calls.is_empty() { Vec::new() } else { group.claim(&calls)? };
        let mut taken: Vec<usize> = Vec::new();
        for (place, free) in places.into_iter().zip(free) {
            self.verdicts[place].claimed = free;
            if !free {
                taken.push(place);
            }
        }
        let resolutions = self.items.iter().enumerate();
        taken.extend(
            resolutions.filter(|(_, item)| matches!(item, Item::Resolution(_))).map(|(at, _)| at),
        );
        if taken.is_empty() {
            return Ok(());
        }
        taken.sort_unstable();
        let names: Vec<&CallName> = taken.iter().map(|at| self.items[*at].name()).collect();
        let claims = group.claims(&names)?;
        let mut replays = Vec::new();
        for (at, claim) in taken.into_iter().zip(claims) {
            if let Some(biz) = self.meet(at, claim) {
                replays.push((at, biz));
            }
        }
        self.replay(group, &replays)
    }

    /// Decides an item by what its key stands for; gives the `biz` whose answer is to be replayed.
    fn meet(&mut self, at: usize, claim: Option<Claim>) -> Option<domain::ids::BizId> {
        let verdict = &mut self.verdicts[at];
        match (&self.items[at], claim) {
            (Item::Call(call), Some(claim)) if claim.fingerprint != call.fingerprint => {
                verdict.settled = Some(Settled::KeyReused);
            }
            (Item::Call(_), Some(claim)) => match claim.state {
                ClaimState::Final => return Some(claim.biz),
                ClaimState::Failed => verdict.counted_before = true,
                ClaimState::Held | ClaimState::Unknown => verdict.settled = Some(Settled::Running),
            },
            (Item::Resolution(resolution), Some(claim))
                if claim.biz == resolution.biz
                    && matches!(claim.state, ClaimState::Held | ClaimState::Unknown) =>
            {
                verdict.counted_before = true;
            }
            (Item::Resolution(_), _) => verdict.settled = Some(Settled::Fenced),
            // The key was released between the claim and the look: the caller tries again.
            (Item::Call(_), None) => verdict.settled = Some(Settled::Running),
        }
        None
    }

    fn replay(
        &mut self,
        group: &mut dyn Group,
        replays: &[(usize, domain::ids::BizId)],
    ) -> Result<(), StoreError> {
        if replays.is_empty() {
            return Ok(());
        }
        let biz: Vec<_> = replays.iter().map(|(_, biz)| *biz).collect();
        for ((at, biz), answer) in replays.iter().zip(group.answers(&biz)?) {
            self.verdicts[*at].settled = Some(match answer {
                Some(answer) => Settled::Replayed { biz: *biz, answer },
                None => Settled::AnswerGone,
            });
        }
        Ok(())
    }

    /// Grants the limits, once per counter for the whole group, and frees what they refuse.
    fn count(&mut self, group: &mut dyn Group) -> Result<(), StoreError> {
        let open: Vec<usize> =
            (0..self.items.len()).filter(|at| self.verdicts[*at].settled.is_none()).collect();
        let mut used: BTreeMap<CounterName, i64> = BTreeMap::new();
        for at in &open {
            used.extend(counter_names(&self.items[*at]).map(|name| (name, 0)));
        }
        if !used.is_empty() {
            let names: Vec<CounterName> = used.keys().cloned().collect();
            let before = group.counters(&names)?;
            used = names.into_iter().zip(before.iter().copied()).collect();
            for at in &open {
                self.admit(*at, &mut used);
            }
            let changed: Vec<(CounterName, i64)> = used
                .into_iter()
                .zip(before)
                .filter(|((_, after), before)| after != before)
                .map(|(counter, _)| counter)
                .collect();
            if !changed.is_empty() {
                group.save_counters(&changed)?;
            }
        }
        for at in open {
            self.verdicts[at].settled.get_or_insert(Settled::Done);
        }
        let refused: Vec<&CallName> = (0..self.items.len())
            .filter(|at| {
                let verdict = &self.verdicts[*at];
                verdict.claimed && matches!(verdict.settled, Some(Settled::Refused(_)))
            })
            .map(|at| self.items[at].name())
            .collect();
        if refused.is_empty() { Ok(()) } else { group.release(&refused) }
    }

    fn admit(&mut self, at: usize, used: &mut BTreeMap<CounterName, i64>) {
        let item = &self.items[at];
        let get = |kind| used.get(&counter_name(item, kind)).copied().unwrap_or_default();
        let mut counters = Counters {
            package_used: get(CounterKind::Package),
            test_used: get(CounterKind::Test),
            daily_used: get(CounterKind::Daily),
        };
        match item {
            Item::Call(call) => {
                let fresh = !self.verdicts[at].counted_before;
                if let Err(met) = counters.admit(call.limits, fresh, takes_package(&call.end)) {
                    self.verdicts[at].settled = Some(Settled::Refused(met));
                }
            }
            Item::Resolution(resolution) => {
                // The hold took one from the package; what is certainly not billed gives it back.
                if resolution.limits.package.is_some() && gives_back(&resolution.result) {
                    counters.package_used -= 1;
                }
            }
        }
        let mut set = |kind, value| {
            if let Some(counter) = used.get_mut(&counter_name(item, kind)) {
                *counter = value;
            }
        };
        set(CounterKind::Package, counters.package_used);
        set(CounterKind::Test, counters.test_used);
        set(CounterKind::Daily, counters.daily_used);
    }

    /// Chains one row per call that happened; replays and refusals of used keys leave none.
    fn journal(
        &mut self,
        group: &mut dyn Group,
        lane: Option<Lane>,
        node: &str,
    ) -> Result<Option<Lane>, StoreError> {
        let entries: Vec<Entry> = self
            .items
            .iter()
            .zip(&self.verdicts)
            .filter_map(|(item, verdict)| entry(item, verdict.settled.as_ref()))
            .collect();
        let Some(first) = entries.first() else {
            return Ok(lane);
        };
        let mut head = if let Some(lane) = lane {
            lane
        } else {
            let id = group.open_lane(node, first.at)?;
            Lane { id, seq: 0, hash: lane_genesis(id, node, first.at) }
        };
        let rows: Vec<Row> = entries
            .into_iter()
            .map(|entry| {
                let row = Row::chain(head.id, head.seq + 1, entry, head.hash);
                head = Lane { seq: row.seq, hash: row.hash, ..head };
                row
            })
            .collect();
        group.append(&rows)?;
        Ok(Some(head))
    }

    /// Keeps answers and explanations, notes the inquiries and gives the keys their state.
    fn keep(&mut self, group: &mut dyn Group) -> Result<(), StoreError> {
        let (mut kept, mut states, mut inquiries) = (Vec::new(), Vec::new(), Vec::new());
        for (item, verdict) in self.items.iter().zip(&self.verdicts) {
            if verdict.settled != Some(Settled::Done) {
                continue;
            }
            kept.extend(kept_of(item));
            states.extend(restated(item, verdict));
            if let Item::Call(call) = item
                && let Some(subject) = call.subject
            {
                let Call { at, biz, .. } = **call;
                inquiries.push(Inquiry { subject, at, merchant: call.name.merchant, biz });
            }
        }
        if !kept.is_empty() {
            group.keep(&kept)?;
        }
        if !states.is_empty() {
            group.restate(&states)?;
        }
        if !inquiries.is_empty() {
            group.inquire(&inquiries)?;
        }
        Ok(())
    }
}

/// Whether an outcome uses the package; a hold reserves one.
fn takes_package(end: &End) -> bool {
    match end {
        End::Final { bill, .. } => bill.is_some(),
        End::Error { .. } => false,
        End::Hold => true,
    }
}

/// Whether a result frees what its hold reserved; while nobody can tell, it stays reserved.
fn gives_back(result: &Resolved) -> bool {
    match result {
        Resolved::Post { bill, .. } => bill.is_none(),
        Resolved::Void { .. } => true,
        Resolved::Unknown { .. } => false,
    }
}

fn counter_names(item: &Item) -> impl Iterator<Item = CounterName> + '_ {
    let Limits { package, test, daily } = match item {
        Item::Call(call) => call.limits,
        Item::Resolution(resolution) => {
            Limits { package: resolution.limits.package, test: None, daily: None }
        }
    };
    let kinds =
        [(CounterKind::Package, package), (CounterKind::Test, test), (CounterKind::Daily, daily)];
    kinds
        .into_iter()
        .filter(|(_, limit)| limit.is_some())
        .map(move |(kind, _)| counter_name(item, kind))
}

fn counter_name(item: &Item, kind: CounterKind) -> CounterName {
    let (app, at) = match item {
        Item::Call(call) => (&call.app, call.at),
        Item::Resolution(resolution) => (&resolution.app, resolution.at),
    };
    let day = if kind == CounterKind::Daily { i64::from(at.shanghai_day().0) } else { 0 };
    let name = item.name();
    CounterName { merchant: name.merchant, product: name.product, app: app.clone(), kind, day }
}

/// The journal row of an item, if it leaves one.
fn entry(item: &Item, settled: Option<&Settled>) -> Option<Entry> {
    let (phase, code, bill) = match (item, settled?) {
        (Item::Call(call), Settled::Done) => match &call.end {
            End::Final { code, bill, .. } => (Phase::Single, *code, *bill),
            End::Error { code } => (Phase::Single, *code, None),
            End::Hold => (Phase::Hold, 0, None),
        },
        (Item::Call(_), Settled::Refused(met)) => (Phase::Refused, refusal_code(*met), None),
        (Item::Resolution(resolution), Settled::Done) => match &resolution.result {
            Resolved::Post { code, bill, .. } => (Phase::Post, *code, *bill),
            Resolved::Void { code } => (Phase::Void, *code, None),
            Resolved::Unknown { code } => (Phase::Unknown, *code, None),
        },
        _ => return None,
    };
    let (app, biz, at) = match item {
        Item::Call(call) => (&call.app, call.biz, call.at),
        Item::Resolution(resolution) => (&resolution.app, resolution.biz, resolution.at),
    };
    let CallName { merchant, product, key } = item.name().clone();
    Some(Entry { at, phase, merchant, product, app: app.clone(), key, biz, code, bill })
}

fn refusal_code(met: LimitMet) -> i32 {
    match met {
        LimitMet::Package => code::PACKAGE_EXHAUSTED,
        LimitMet::Test => code::TEST_LIMIT,
        LimitMet::Daily => code::INSUFFICIENT_QUOTA,
    }
}

fn kept_of(item: &Item) -> Option<Kept<'_>> {
    match item {
        Item::Call(call) => match &call.end {
            End::Final { answer, explanation, .. } => {
                Some(Kept { biz: call.biz, answer, explanation })
            }
            End::Error { .. } | End::Hold => None,
        },
        Item::Resolution(resolution) => match &resolution.result {
            Resolved::Post { answer, explanation, .. } => {
                Some(Kept { biz: resolution.biz, answer, explanation })
            }
            Resolved::Void { .. } | Resolved::Unknown { .. } => None,
        },
    }
}

/// The new state of a key that was there before this group; a fresh claim has its state already.
fn restated<'i>(item: &'i Item, verdict: &Verdict) -> Option<NewState<'i>> {
    let (state, code, biz) = match item {
        Item::Call(call) if !verdict.claimed => {
            (state_after(&call.end), code_after(&call.end), call.biz)
        }
        Item::Call(_) => return None,
        Item::Resolution(resolution) => {
            let (state, code) = match &resolution.result {
                Resolved::Post { code, .. } => (ClaimState::Final, *code),
                Resolved::Void { code } => (ClaimState::Failed, *code),
                Resolved::Unknown { code } => (ClaimState::Unknown, *code),
            };
            (state, code, resolution.biz)
        }
    };
    let at = match item {
        Item::Call(call) => call.at,
        Item::Resolution(resolution) => resolution.at,
    };
    Some(NewState { name: item.name(), biz, state, code, at })
}

/// The state that a key has once its call ended so.
pub(crate) fn state_after(end: &End) -> ClaimState {
    match end {
        End::Final { .. } => ClaimState::Final,
        End::Error { .. } => ClaimState::Failed,
        End::Hold => ClaimState::Held,
    }
}

/// The code that is kept with the key.
pub(crate) fn code_after(end: &End) -> i32 {
    match end {
        End::Final { code, .. } | End::Error { code } => *code,
        End::Hold => 0,
    }
}
