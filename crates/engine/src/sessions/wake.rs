//! Taking up what is due: waits that are over, deadlines, ends that are not settled, and sessions
//! whose node ended in the middle of a step.

use domain::session::{Event, Phase};
use domain::time::Span;
use sources::step::Effect;
use tokio::sync::watch;

use super::drive::Push;
use super::{Session, Unsaved};
use crate::{Engine, Error, tasks};

/// How often a node looks for due sessions, and how many it takes at once.
const LOOK_EVERY: Span = Span::millis(100);
const TAKEN_MAX: i64 = 64;

impl Engine {
    /// Takes up due sessions until `stop` says so.
    pub(crate) async fn wake_sessions(&self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let taken = match self.take_due().await {
                Ok(taken) => taken,
                Err(error) => {
                    tracing::debug!(%error, "due sessions could not be taken up");
                    0
                }
            };
            if taken < TAKEN_MAX as usize {
                tokio::select! {
                    () = tasks::pause(LOOK_EVERY) => {}
                    _ = stop.changed() => {}
                }
            }
        }
    }

    async fn take_due(&self) -> Result<usize, Error> {
        let (now, machine_now) = (self.now(), self.inner.clock.machine_now());
        let any = self
            .store()
            .read("sessions_due", move |tx| store::sessions::is_any_due(tx, now, machine_now));
        if !any.await? {
            return Ok(0);
        }
        let lease = self.session_lease();
        let claimed = self
            .store()
            .unit("claim_sessions", move |tx| {
                store::sessions::claim_due(tx, now, machine_now, &lease, TAKEN_MAX)
            })
            .await?;
        let taken = claimed.len();
        for claim in claimed {
            let engine = self.clone();
            tasks::spawn(async move {
                // On the heap: a step holds what it fetched.
                if let Ok(session) = engine.session_by_id(&claim.open_id).await {
                    Box::pin(engine.take_up(session, claim.was_leased)).await;
                } else if let Ok(Some(borrower)) = engine.borrower_by_id(&claim.open_id).await {
                    Box::pin(engine.wake_borrower(borrower, claim.was_leased)).await;
                }
            });
        }
        Ok(taken)
    }

    /// Does what is due of a session that was leased to this node just now.
    async fn take_up(&self, mut session: Session, was_leased: bool) {
        let now = self.now();
        session.advance(now);
        if was_leased && let Some(flight) = session.record.flight.take() {
            match flight.effect {
                // Nothing was changed by it: it is simply done again.
                Effect::Read => session.record.wake_at = Some(now),
                Effect::Submit => {
                    if let Some(turn) = self.recover(&session, &flight).await {
                        session.record.flight = Some(flight);
                        self.take_turn(session, turn).await;
                        return;
                    }
                    // The source never had it, and what the borrower gave is gone.
                    session.on(Event::SecretLost, now).ok();
                }
            }
        }
        if session.is_to_be_settled() {
            self.deliver(session).await;
            return;
        }
        let is_open = matches!(session.record.state.phase(), Phase::Collecting | Phase::Fetching);
        if is_open && session.record.wake_at.is_some_and(|at| at <= now) {
            self.take_off(&mut session, Effect::Read);
            if let Ok(()) = self.save_session(&mut session, |_| Ok(())).await {
                self.run_step(session, Push::Wake).await;
            }
            return;
        }
        session.row.lease = None;
        match self.save_session(&mut session, |_| Ok(())).await {
            Ok(()) | Err(Unsaved::Moved) => self.deliver(session).await,
            Err(Unsaved::Failed(_)) => {}
        }
    }
}
