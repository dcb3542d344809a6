//! Delivery: each node takes up what is due, so much at once for each receiver, so much in all.
//! A receiver that is slow fills its own places and no others.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use domain::callback::{CallbackForm, CallbackId, CallbackState, Letter, Outcome};
use domain::entropy;
use domain::secret::Secret;
use domain::time::{Span, Timestamp};
use sources::step::{Loss, Method};
use store::callbacks::{self, CallbackLease, DueCallback, Ended, StoredCallback};
use tokio::sync::watch;

use super::registration::is_registered;
use crate::outbound::{Outgoing, SendFault, Target};
use crate::tasks::{self, Id, JoinSet};
use crate::{Engine, Error};

/// How often a node looks for due callbacks, and measures the oldest.
const LOOK_EVERY: Span = Span::millis(100);
const MEASURE_EVERY: Span = Span::seconds(2);

/// Deliveries under way on this node: to one receiver, in all.
const RECEIVER_MAX: usize = 16;
const NODE_MAX: usize = 256;

/// For one attempt, from the look-up of the host to the last byte.
const DEADLINE: Span = Span::seconds(10);

/// An attempt that is not ended by then may be made again, here or elsewhere.
const LEASE: Span = Span::seconds(30);

/// What acknowledges has seven bytes.
const ANSWER_BYTES_MAX: usize = 4_096;

/// The deliveries of this node that are under way.
#[derive(Default)]
struct Flights {
    running: JoinSet<Ended>,
    /// The receiver of each.
    receivers: HashMap<Id, String>,
}

impl Flights {
    fn count(&self, receiver: &str) -> usize {
        self.receivers.values().filter(|one| *one == receiver).count()
    }

    /// Waits for the next one to end, and takes those along that have ended too. One that
    /// panicked is taken up again when its lease is over.
    async fn landed(&mut self) -> Vec<Ended> {
        let mut landed = Vec::new();
        let mut next = self.running.join_next_with_id().await;
        while let Some(result) = next {
            let id = match result {
                Ok((id, ended)) => {
                    landed.push(ended);
                    id
                }
                Err(error) => error.id(),
            };
            self.receivers.remove(&id);
            next = self.running.try_join_next_with_id();
        }
        landed
    }
}

/// A claimed callback with what its merchant has set.
struct Claimed {
    row: StoredCallback,
    merchant: Arc<Wishes>,
}

/// Where and how a merchant may be called back.
struct Wishes {
    registered: Vec<String>,
    form: (CallbackForm, u32),
}

impl Engine {
    /// Delivers until `stop` says so, then lets end what is under way.
    pub(crate) async fn deliver_callbacks(&self, mut stop: watch::Receiver<bool>) {
        let mut flights = Flights::default();
        let mut measured_at = Timestamp(0);
        while !*stop.borrow() {
            let machine_now = self.inner.clock.machine_now();
            if (machine_now - measured_at).0 >= MEASURE_EVERY.0 {
                measured_at = machine_now;
                self.measure_callbacks().await;
            }
            if let Err(error) = self.take_off_callbacks(&mut flights).await {
                tracing::debug!(%error, "due callbacks could not be taken up");
            }
            tokio::select! {
                landed = flights.landed(), if !flights.running.is_empty() => {
                    self.end_callbacks(landed).await;
                }
                () = tasks::pause(LOOK_EVERY) => {}
                _ = stop.changed() => {}
            }
        }
        while !flights.running.is_empty() {
            let landed = flights.landed().await;
            self.end_callbacks(landed).await;
        }
    }

    async fn take_off_callbacks(&self, flights: &mut Flights) -> Result<(), Error> {
        if flights.running.len() >= NODE_MAX {
            return Ok(());
        }
        let (now, machine_now) = (self.now(), self.inner.clock.machine_now());
        let mut due = self
            .store()
            .read("callbacks_due", move |tx| {
                callbacks::due(tx, now, machine_now, RECEIVER_MAX as i64)
            })
            .await?;
        let mut room = HashMap::new();
        due.retain(|one| {
            let room = room
                .entry(one.receiver.clone())
                .or_insert_with(|| RECEIVER_MAX.saturating_sub(flights.count(&one.receiver)));
            let has_room = *room > 0;
            *room = room.saturating_sub(1);
            has_room
        });
        due.truncate(NODE_MAX - flights.running.len());
        if due.is_empty() {
            return Ok(());
        }
        for claimed in self.claim_callbacks(due).await? {
            let (engine, receiver) = (self.clone(), claimed.row.receiver.clone());
            let flight = flights.running.spawn(async move { engine.attempt(claimed).await });
            flights.receivers.insert(flight.id(), receiver);
        }
        Ok(())
    }

    async fn claim_callbacks(&self, due: Vec<DueCallback>) -> Result<Vec<Claimed>, Error> {
        let now = self.now();
        let until = self.inner.clock.machine_now() + LEASE;
        let lease = CallbackLease { node: self.inner.node.clone(), until };
        let claimed = self.store().unit("claim_callbacks", move |tx| {
            let (mut claimed, mut merchants) = (Vec::with_capacity(due.len()), HashMap::new());
            for one in &due {
                let Some(row) = callbacks::claim(tx, one, &lease, now)? else { continue };
                let merchant = match merchants.entry(row.merchant) {
                    Entry::Occupied(known) => Arc::clone(known.get()),
                    Entry::Vacant(place) => {
                        let registered = callbacks::addresses(tx, row.merchant)?;
                        let form = callbacks::form(tx, row.merchant)?;
                        Arc::clone(place.insert(Arc::new(Wishes { registered, form })))
                    }
                };
                claimed.push(Claimed { row, merchant });
            }
            Ok(claimed)
        });
        Ok(claimed.await?)
    }

    /// Makes one attempt and says what comes of it.
    async fn attempt(&self, claimed: Claimed) -> Ended {
        let begun_at = self.inner.clock.machine_now();
        let outcome = self.try_callback(&claimed).await;
        let took = self.inner.clock.machine_now() - begun_at;
        let at = self.now();
        let random = u64::from_be_bytes(entropy::bytes(self.entropy()));
        let state = claimed.row.state.after(outcome, at, random);
        metrics::counter!("probity_callback_attempts_total", "outcome" => outcome.kind())
            .increment(1);
        let (id, attempt) = (claimed.row.id, claimed.row.attempts);
        let is_first = matches!(claimed.row.state, CallbackState::Due { tries: 0, .. });
        let holds_up = !(is_first && state == CallbackState::Delivered);
        Ended { id, attempt, state, outcome, took_us: took.0.max(0), at, holds_up }
    }

    async fn try_callback(&self, claimed: &Claimed) -> Outcome {
        let row = &claimed.row;
        let Wishes { registered, form: (form, version) } = claimed.merchant.as_ref();
        let content = match self.open_callback(row) {
            Ok(content) => content,
            Err(error) => return failed(row.id, &error),
        };
        let target = Target::parse(&content.url).ok();
        let Some(target) = target.filter(|target| is_registered(registered, target)) else {
            return Outcome::NotRegistered;
        };
        let Some(letter) = self.letter(&content.fields, (*form, *version)).await else {
            return failed(row.id, &format!("the platform has no key of version {version}"));
        };
        let mut headers = vec![
            ("content-type", letter.content_type.to_owned()),
            ("x-callback-id", row.id.to_string()),
        ];
        if row.is_test {
            headers.push(("x-callback-test", "true".to_owned()));
        }
        let outgoing = Outgoing {
            method: Method::Post,
            target: &target,
            headers: &headers,
            body: Secret::new(letter.body),
            deadline: DEADLINE,
            answer_bytes_max: ANSWER_BYTES_MAX,
        };
        match self.inner.outbound.send(outgoing).await {
            Ok(answer) => Outcome::of_answer(answer.status, &answer.body),
            Err(SendFault::Refused(_)) => Outcome::AddressRefused,
            Err(SendFault::NotSent(_)) => Outcome::NoConnection,
            Err(SendFault::Lost(Loss::Late)) => Outcome::Late,
            Err(SendFault::Lost(Loss::BrokenOff)) => Outcome::BrokenOff,
            Err(SendFault::Lost(Loss::Unreadable)) => Outcome::Unreadable,
        }
    }

    /// Nothing when the key that is to sign cannot be had.
    async fn letter(
        &self,
        fields: &[(String, String)],
        (form, version): (CallbackForm, u32),
    ) -> Option<Letter> {
        let mut keys = self.keys();
        if form != CallbackForm::Form && keys.platform(Some(version)).is_none() {
            // It was made since this node read the keys.
            self.reopen_keys().await.ok()?;
            keys = self.keys();
            keys.platform(Some(version))?;
        }
        Some(Letter::write(fields, form, |digest, text| {
            let key = keys.platform(Some(version)).expect("looked at above");
            key.1.sign(digest, text)
        }))
    }

    /// Keeps how attempts ended. What cannot be kept is tried again when its lease is over.
    async fn end_callbacks(&self, landed: Vec<Ended>) {
        let ended = landed.clone();
        let kept = self.store().unit("end_callbacks", move |tx| {
            ended.iter().try_for_each(|one| callbacks::end(tx, one))
        });
        if let Err(error) = kept.await {
            tracing::warn!(%error, "how callbacks ended could not be kept");
            return;
        }
        for one in landed.iter().filter(|one| one.state.is_ended()) {
            metrics::counter!("probity_callbacks_ended_total", "state" => one.state.as_str())
                .increment(1);
            if one.state.is_dead() {
                tracing::warn!(callback = %one.id, outcome = %one.outcome, "a callback is dead");
            }
        }
    }

    async fn measure_callbacks(&self) {
        let Ok(oldest) = self.store().read("oldest_callback", callbacks::oldest_due).await else {
            return;
        };
        let age = oldest.map_or(0, |at| (self.now() - at).0.max(0));
        metrics::gauge!("probity_callbacks_oldest_due_seconds").set(age as f64 / 1e6);
    }
}

fn failed(id: CallbackId, error: &dyn std::fmt::Display) -> Outcome {
    tracing::error!(callback = %id, %error, "a callback cannot be made ready");
    Outcome::Internal
}
