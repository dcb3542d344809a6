//! Following applications: the bureau is asked until the report is there, or the time is over.
//! Also finds the steps whose node ended.

use domain::secret::Private;
use domain::session::credit::{Event, UserStatus};
use domain::time::Span;
use sources::bureau::{Outcome, Request};

use super::CreditAsk;
use super::borrower::{Borrower, InFlight};
use super::bureau::Announcement;
use crate::Engine;
use crate::callbacks::NewCallback;
use crate::sessions::Unsaved;

/// When the bureau did not answer, it is asked again after this time.
const AGAIN_AFTER: Span = Span::minutes(1);

impl Engine {
    /// Does what is due of a borrower that was leased to this node just now.
    pub(crate) async fn wake_borrower(&self, mut borrower: Borrower, was_leased: bool) {
        let now = self.now();
        if was_leased && let Some(flight) = borrower.record.flight.take() {
            match flight {
                InFlight::Secret => borrower.on(Event::SecretLost, now),
                InFlight::Message => {}
            }
        }
        borrower.row.lease = None;
        let announcement = self.look_after(&mut borrower).await;
        if let Err(Unsaved::Failed(failure)) =
            self.save_announced(&mut borrower, announcement).await
        {
            tracing::warn!(open_id = borrower.row.open_id, ?failure, "looked after later");
        }
    }

    /// What became of the application, as far as it can be told now.
    async fn look_after(&self, borrower: &mut Borrower) -> Option<Announcement> {
        let now = self.now();
        let account = borrower.record.flow.account.as_ref()?;
        let gives_up_at = account.gives_up_at()?;
        if now >= gives_up_at {
            borrower.on(Event::Polled(UserStatus::NotMade), now);
            borrower.record.look_at = None;
            return Some(Announcement(UserStatus::NotMade));
        }
        if borrower.record.look_at.is_none_or(|look_at| now < look_at) {
            return None;
        }
        // Without a consent nothing is asked any more, and no report will come.
        match self.has_consent(borrower.scope()).await {
            Ok(true) => {}
            Ok(false) => {
                borrower.record.look_at = None;
                return None;
            }
            Err(_) => {
                borrower.record.look_at = Some(now + AGAIN_AFTER);
                return None;
            }
        }
        match self.ask_platform(borrower, Request::Poll) {
            Outcome::Said { reply, memory } => {
                borrower.record.memory = Some(memory);
                borrower.take_in(&CreditAsk::Picture, reply, now).1
            }
            Outcome::Refused { .. } | Outcome::Failed(_) => {
                borrower.record.look_at = Some(now + AGAIN_AFTER);
                None
            }
        }
    }

    /// Writes a borrower, and with it what its merchant is to be told.
    pub(crate) async fn save_announced(
        &self,
        borrower: &mut Borrower,
        announcement: Option<Announcement>,
    ) -> Result<(), Unsaved> {
        let Some(Announcement(status)) = announcement else {
            return self.save_borrower(borrower, |_| Ok(())).await;
        };
        let user = Private::new(borrower.record.user_id.clone());
        let url = borrower.record.notice_url.clone();
        let callback = self.callback(NewCallback {
            subject: Some(borrower.row.subject),
            reference: Some(borrower.row.open_id.clone()),
            ..NewCallback::of_status(borrower.row.merchant, user, status.number(), url)
        });
        self.save_borrower(borrower, move |tx| callback.enqueue(tx)).await
    }
}
