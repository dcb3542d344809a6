//! Calls that did not end by themselves: those that an operator has to say the outcome of, and
//! those that were held for a session that was never written.

use domain::call::{Resolution, Resolved};
use domain::merchant::Limits;
use domain::time::{Span, Timestamp};
use serde::Serialize;
use store::calls::OrphanedHold;
use store::resolutions::NotedResolution;
use store::sessions::{Mark, StoredSession};

use super::deliver::SYSTEM_ERROR;
use super::{Session, Unsaved};
use crate::{Engine, Error};

/// A session is written within moments of its hold; what is older was left by a node that ended.
const HOLD_FRESH: Span = Span::minutes(2);

/// Holds that one run gives back.
const SWEPT_MAX: i64 = 500;

/// What an operator found out about a call whose outcome could not be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The source did its part: the call is billed as the product's table says.
    Post,
    /// It did nothing: the call costs nothing.
    Void,
}

impl Verdict {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Post => "post",
            Self::Void => "void",
        }
    }
}

/// A session whose outcome nobody can tell, for the operator's list.
#[derive(Clone, Debug, Serialize)]
pub struct UnknownSession {
    pub open_id: String,
    pub merchant: String,
    pub product: &'static str,
    pub opened_at: String,
    /// Who was asked; nothing when the person was erased meanwhile.
    pub provider: Option<String>,
    pub biz_id: Option<String>,
    /// In 1/10,000 分.
    pub price: Option<i64>,
}

impl Engine {
    /// The sessions whose outcome nobody can tell, oldest first.
    pub async fn unknown_sessions(&self, limit: i64) -> Result<Vec<UnknownSession>, Error> {
        let found = self.store().read("unknown", move |tx| store::sessions::unknown(tx, limit));
        let (found, directory) = (found.await?, self.directory());
        let mut listed = Vec::with_capacity(found.len());
        for StoredSession { open_id, merchant, product, opened_at, .. } in found {
            let session = self.session_by_id(&open_id).await.ok();
            let record = session.map(|session| session.record);
            listed.push(UnknownSession {
                merchant: directory
                    .by_id(merchant)
                    .map_or_else(|| merchant.to_string(), |entry| entry.merchant.name.clone()),
                product: product.as_str(),
                opened_at: opened_at.to_string(),
                provider: record.as_ref().map(|record| record.provider.clone()),
                biz_id: record.as_ref().map(|record| record.call.biz.to_string()),
                price: record.map(|record| record.call.price.0),
                open_id,
            });
        }
        Ok(listed)
    }

    /// Says what became of a session's call, for good; the reason is kept. The session itself
    /// stays failed: what was collected of it is not known.
    pub async fn resolve_unknown(
        &self,
        open_id: &str,
        verdict: Verdict,
        (actor, reason): (&str, &str),
    ) -> Result<(), Error> {
        if reason.trim().is_empty() {
            return Err(Error::invalid("reason: say how the outcome was found out"));
        }
        let session = self.session_by_id(open_id).await;
        let mut session =
            session.map_err(|_| Error::absent(format!("there is no session {open_id}")))?;
        if session.row.mark != Mark::Unknown {
            return Err(Error::invalid(format!("the outcome of {open_id} is known")));
        }
        let noted = NotedResolution {
            biz: session.record.call.biz,
            open_id: open_id.to_owned(),
            at: self.now(),
            actor: actor.to_owned(),
            verdict: verdict.as_str().to_owned(),
            reason: reason.to_owned(),
        };
        // Noted first: a command that broke off is finished by the same one, never by another.
        let note = self.store().unit("resolve", move |tx| store::resolutions::note(tx, &noted));
        if note.await? != verdict.as_str() {
            return Err(Error::invalid(format!("{open_id} was resolved otherwise before")));
        }
        let (resolved, mark) = match verdict {
            Verdict::Post => (self.posted(&session), Mark::Posted),
            Verdict::Void => (Resolved::Void { code: SYSTEM_ERROR }, Mark::Voided),
        };
        self.resolve_session(&session, resolved).await.map_err(|_| stuck(&session))?;
        session.row.mark = mark;
        match self.save_session(&mut session, |_| Ok(())).await {
            Ok(()) => Ok(()),
            Err(Unsaved::Moved | Unsaved::Failed(_)) => Err(stuck(&session)),
        }
    }

    /// What operators said of calls, newest first.
    pub async fn resolutions(&self, limit: i64) -> Result<Vec<NotedResolution>, Error> {
        let found =
            self.store().read("resolutions", move |tx| store::resolutions::newest(tx, limit));
        Ok(found.await?)
    }

    /// Gives back the calls that were held for a session that was never written: its node ended
    /// between the two, and no source was asked.
    pub(crate) async fn sweep_holds(&self) -> Result<(), Error> {
        let before = self.now() - HOLD_FRESH;
        let orphans = self
            .store()
            .read("orphaned_holds", move |tx| store::calls::orphaned_holds(tx, before, SWEPT_MAX));
        for orphan in orphans.await? {
            let key = orphan.name.key.as_str().to_owned();
            self.store().resolve(self.given_back(orphan, self.now())).await?;
            tracing::info!(open_id = key, "a call was held for no session; it is given back");
            metrics::counter!("probity_holds_swept_total").increment(1);
        }
        Ok(())
    }

    /// The package of the hold is given back where the application has one now.
    fn given_back(&self, orphan: OrphanedHold, at: Timestamp) -> Resolution {
        let OrphanedHold { name, app, biz } = orphan;
        let directory = self.directory();
        let entry = directory.by_id(name.merchant);
        let terms = entry.and_then(|entry| entry.entitlement(name.product, Some(&app)));
        let limits = terms.map_or_else(Limits::default, |terms| terms.limits);
        let result = Resolved::Void { code: SYSTEM_ERROR };
        Resolution { name, app, biz, at, limits, result }
    }
}

fn stuck(session: &Session) -> Error {
    Error::invalid(format!("{} could not be written; try again", session.row.open_id))
}
