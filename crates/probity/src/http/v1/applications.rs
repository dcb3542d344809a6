//! Applications: why one came out so, objections to it, and the two operators who resolve what the
//! policy left to people.

use domain::application::course::Unmoved;
use domain::failure::Failure;
use domain::operator::{Operator, Permission};
use engine::{Bearer, Looking, NotMoved};
use wire::Request;
use wire::v1::{self, Refusal, Told};

use super::super::server::Shared;
use super::operators::demand;
use super::{Served, Unserved};

/// Applications that one answer lists.
const REVIEWS_MAX: i64 = 500;

/// `GET /v1/applications/{open_id}`.
pub(crate) async fn show(shared: &Shared, request: Request<'_>, bearer: Bearer) -> Served {
    let merchant = bearer.entry.merchant.id;
    let account = shared.engine.application_account(Some(merchant), open_id(&request)?).await?;
    let told = Told {
        open_id: &account.summary.open_id,
        order_id: &account.summary.order_id,
        at: &account.summary.at,
        course: &account.course,
        record: account.decisions.first().map(|decision| &decision.record),
        after_override: account.after_override.as_deref(),
        nearest: account.nearest.as_ref(),
    };
    Ok(v1::application(&told))
}

/// `POST /v1/applications/{open_id}/appeals`.
pub(crate) async fn appeal(shared: &Shared, request: Request<'_>, bearer: Bearer) -> Served {
    let (open_id, words) = (open_id(&request)?, v1::objection(&request)?);
    shared
        .engine
        .appeal(&bearer.entry, open_id, &words)
        .await
        .map_err(|why| refused(why, "words"))?;
    Ok(v1::appealed(open_id))
}

/// `GET /v1/reviews`: what waits for people, oldest first.
pub(crate) async fn reviews(shared: &Shared, _: Request<'_>, operator: Operator) -> Served {
    demand(&operator, Permission::SeeDecisions)?;
    let found = shared.engine.applications(None, None, true, REVIEWS_MAX).await;
    let found = found.map_err(Unserved::Failed)?;
    Ok(v1::json(serde_json::json!({ "reviews": found }).to_string()))
}

/// `GET /v1/reviews/{open_id}`: masked; with a `reason` all of it, which is noted.
pub(crate) async fn review(shared: &Shared, request: Request<'_>, operator: Operator) -> Served {
    demand(&operator, Permission::SeeDecisions)?;
    let (open_id, reason) = (open_id(&request)?, v1::parameter(&request, "reason")?);
    if reason.is_some() {
        demand(&operator, Permission::SeeUnmasked)?;
    }
    let looking = reason.as_deref().map(|reason| Looking { actor: &operator.name, reason });
    let account = shared.engine.application_shown(open_id, looking).await;
    let account = account.map_err(|why| refused(why, "reason"))?;
    Ok(v1::json(serde_json::to_string(&account).expect("plain data")))
}

/// `POST /v1/reviews/{open_id}/proposal`.
pub(crate) async fn propose(shared: &Shared, request: Request<'_>, operator: Operator) -> Served {
    let (open_id, proposed) = (open_id(&request)?, v1::proposal(&request)?);
    let v1::Proposed { verdict, reason } = proposed;
    let moved = shared.engine.propose_verdict(&operator, open_id, verdict, &reason).await;
    moved.map_err(|why| refused(why, "reason"))?;
    Ok(v1::moved(open_id))
}

/// `POST /v1/reviews/{open_id}/answer`.
pub(crate) async fn answer(shared: &Shared, request: Request<'_>, operator: Operator) -> Served {
    let (open_id, agrees) = (open_id(&request)?, v1::agreement(&request)?);
    let moved = shared.engine.answer_proposal(&operator, open_id, agrees).await;
    moved.map_err(|why| refused(why, "reason"))?;
    Ok(v1::moved(open_id))
}

fn open_id<'r>(request: &Request<'r>) -> Result<&'r str, Refusal> {
    let found = request.path.split('/').nth(3);
    found
        .filter(|id| id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()))
        .ok_or(Refusal::Absent)
}

fn refused(why: NotMoved, field: &'static str) -> Unserved {
    let text = match why {
        NotMoved::Forbidden => return Refusal::NotPermitted.into(),
        NotMoved::Failure(Failure::SessionUnknown) => return Refusal::Absent.into(),
        NotMoved::Failure(failure) => return failure.into(),
        NotMoved::Words => {
            let message = "must be 1 to 2,000 characters".to_owned();
            return Refusal::Field { field, message }.into();
        }
        NotMoved::Changed => "somebody else changed it just now: look again",
        NotMoved::Unmoved(Unmoved::NotDecided) => "it is not decided yet",
        NotMoved::Unmoved(Unmoved::Final) => "it is final, or appealed already",
        NotMoved::Unmoved(Unmoved::NothingProposed) => "nothing is proposed yet",
        NotMoved::Unmoved(Unmoved::Proposed) => "a proposal waits already: answer it",
        NotMoved::Unmoved(Unmoved::SamePerson) => "you proposed it: somebody else must answer",
        NotMoved::Unmoved(Unmoved::NotRefused) => "it was approved: there is nothing to appeal",
    };
    Refusal::NotPossible(text.to_owned()).into()
}
