//! The end of a session: its call is posted once when the data is there, given back when it is
//! not. The data is stored before the bill, and shown after it.

use domain::billing::billable;
use domain::call::{Answer, Resolution, Resolved, Settled};
use domain::failure::Failure;
use domain::session::{Event, Phase};
use domain::source::SourceFailure;
use store::sessions::Mark;

use super::{Session, Unsaved};
use crate::Engine;
use crate::explanation::Explained;
use crate::fail_points::fail_point;

/// The code of a collection that came to nothing (document 001: 1000 系统错误).
pub(crate) const SYSTEM_ERROR: i32 = 1000;

impl Engine {
    /// Settles a session that is at its end; a session that is not stays as it is. Safe to run
    /// again: a call that was resolved before is not resolved twice.
    pub(crate) async fn deliver(&self, mut session: Session) {
        if !session.is_to_be_settled() {
            return;
        }
        fail_point!("session.collected");
        let (resolved, mark) = match session.record.state.phase() {
            Phase::Failed(SourceFailure::Unknown) => {
                (Resolved::Unknown { code: SYSTEM_ERROR }, Mark::Unknown)
            }
            Phase::Failed(_) => (Resolved::Void { code: SYSTEM_ERROR }, Mark::Voided),
            Phase::Collecting | Phase::Fetching | Phase::Ready => {
                (self.posted(&session), Mark::Posted)
            }
        };
        if self.resolve_session(&session, resolved).await.is_err() {
            // The session stays due, and is delivered when the store takes it.
            return;
        }
        fail_point!("session.billed");
        if mark == Mark::Posted
            && let Err(refused) = session.on(Event::Ready, self.now())
        {
            tracing::error!(open_id = session.row.open_id, ?refused, "data that was billed");
            return;
        }
        session.row.mark = mark;
        session.row.lease = None;
        let ended = session.record.state.phase();
        self.inner.sessions.forget_answer(&session.row.open_id);
        match self.save_session(&mut session, |_| Ok(())).await {
            Ok(()) => count_end(&session, ended),
            // Somebody else delivers it too.
            Err(Unsaved::Moved) => {}
            Err(Unsaved::Failed(failure)) => {
                tracing::warn!(open_id = session.row.open_id, ?failure, "delivered later");
            }
        }
    }

    /// Says what became of the session's call; one that was resolved before stays so.
    pub(crate) async fn resolve_session(
        &self,
        session: &Session,
        result: Resolved,
    ) -> Result<(), Failure> {
        let call = &session.record.call;
        let resolution = Resolution {
            name: session.call_name(),
            app: call.app.clone(),
            biz: call.biz,
            at: self.now(),
            limits: call.limits,
            result,
        };
        match self.store().resolve(resolution).await {
            Ok(Settled::Done | Settled::Fenced) => Ok(()),
            Ok(other) => {
                tracing::error!(open_id = session.row.open_id, ?other, "a session's call");
                Err(Failure::Internal)
            }
            Err(error) => Err(self.store_failed(&error)),
        }
    }

    pub(super) fn posted(&self, session: &Session) -> Resolved {
        let call = &session.record.call;
        let explained = Explained {
            merchant: session.row.merchant,
            app: call.app.0.clone(),
            key: session.row.open_id.clone(),
            code: 0,
            score: None,
        };
        // What the merchant is answered is read from the data itself, as often as it asks.
        let answer = Answer { status: 200, headers: Vec::new(), body: Vec::new() };
        Resolved::Post {
            code: 0,
            bill: billable(session.row.product, 0).then_some(call.price),
            answer: self.seal_answer(call.biz, &answer),
            explanation: self.seal_explanation(call.biz, &explained),
        }
    }
}

fn count_end(session: &Session, ended: Phase) {
    let outcome = match ended {
        Phase::Ready => "ready",
        Phase::Failed(SourceFailure::Unknown) => "unknown",
        Phase::Failed(_) => "failed",
        Phase::Collecting | Phase::Fetching => return,
    };
    metrics::counter!(
        "probity_sessions_ended_total",
        "product" => session.row.product.as_str(),
        "outcome" => outcome,
    )
    .increment(1);
}
