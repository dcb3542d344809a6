//! The native surface: rows in, coverage, batches, files.

pub(crate) mod applications;
pub(crate) mod files;
pub(crate) mod operators;
pub(crate) mod policies;

use domain::batch::{self, Batch, BatchId, BatchRow};
use domain::call::Answer;
use domain::callback::{CallbackId, CallbackState};
use domain::failure::Failure;
use domain::ids::AppId;
use domain::load::LoadKind;
use domain::merchant::Scope;
use engine::{Bearer, CallbackFilter, Error, NewBatch, Replay};
use wire::Request;
use wire::v1::{self, Refusal};

use super::incoming::Incoming;
use super::server::Shared;

/// Chunks of a batch that one answer gives: 51,200 rows.
const CHUNKS_MAX: i64 = 200;

/// Callbacks that one answer lists.
const CALLBACKS_MAX: usize = 100;

/// Why a request is not served, or where our own fault lies.
pub(super) enum Unserved {
    Refused(Refusal),
    Failed(Error),
}

impl<R: Into<Refusal>> From<R> for Unserved {
    fn from(refusal: R) -> Self {
        Self::Refused(refusal.into())
    }
}

type Served = Result<Answer, Unserved>;

/// Answers a request of a merchant whose token holds.
pub(crate) async fn serve<'i, F>(
    shared: &'i Shared,
    incoming: &'i Incoming,
    handle: impl FnOnce(&'i Shared, Request<'i>, Bearer) -> F,
) -> Answer
where
    F: Future<Output = Served> + Send + 'i,
{
    let request = incoming.request();
    let served = match authenticate(shared, &request).await {
        Ok(bearer) => handle(shared, request, bearer).await,
        Err(failure) => Err(failure.into()),
    };
    answered(served)
}

fn answered(served: Served) -> Answer {
    served.unwrap_or_else(|unserved| match unserved {
        Unserved::Refused(refusal) => v1::refuse(&refusal),
        Unserved::Failed(error) => v1::refuse(&failed(error)),
    })
}

fn failed(error: Error) -> Refusal {
    match error {
        error if error.is_passing() => Failure::Overloaded.into(),
        Error::File(reason) => Refusal::Table(reason),
        error => {
            tracing::error!(%error, "a request of the native surface failed");
            Failure::Internal.into()
        }
    }
}

async fn authenticate(shared: &Shared, request: &Request<'_>) -> Result<Bearer, Failure> {
    if !shared.engine.may_serve() {
        return Err(Failure::Overloaded);
    }
    let bearer = shared.engine.by_token(&v1::token(request)?).await?;
    shared.engine.admit_rate(&bearer.entry)?;
    Ok(bearer)
}

/// `POST /v1/ids`, `POST /v1/behaviours`: the good rows are kept, the bad ones listed.
pub(crate) async fn load(
    kind: LoadKind,
    shared: &Shared,
    request: Request<'_>,
    bearer: Bearer,
) -> Served {
    if bearer.scope != Scope::Ingest {
        return Err(Refusal::Scope(Scope::Ingest).into());
    }
    let read: fn(&[&str]) -> _ = match kind {
        LoadKind::Ids => |cells| LoadKind::Ids.read(cells),
        LoadKind::Behaviours => |cells| LoadKind::Behaviours.read(cells),
    };
    let rows = v1::rows(&request, kind.columns(), read)?;
    let report = shared.engine.load(kind, None, rows, |_, _| Ok(())).await;
    let report = report.map_err(Unserved::Failed)?;
    Ok(v1::loaded(report.rows, report.bad, &report.bad_rows))
}

/// `GET /v1/coverage`.
pub(crate) async fn coverage(shared: &Shared, _: Request<'_>, bearer: Bearer) -> Served {
    let apps = shared.engine.coverage(bearer.entry.merchant.id).await;
    Ok(v1::coverage(&apps.map_err(Unserved::Failed)?))
}

/// `POST /v1/batches`.
pub(crate) async fn create_batch(shared: &Shared, request: Request<'_>, bearer: Bearer) -> Served {
    let name = v1::parameter(&request, "name")?;
    let is_name =
        |name: &String| name.len() <= 64 && name.bytes().all(|b| (b' '..=b'~').contains(&b));
    if !name.as_ref().is_none_or(is_name) {
        let message = "must have at most 64 printable ASCII characters".to_owned();
        return Err(Refusal::Field { field: "name", message }.into());
    }
    let new = NewBatch { app: v1::parameter(&request, "app_id")?.map(AppId), name };
    let rows = v1::rows(&request, batch::COLUMNS, BatchRow::read)?;
    Ok(v1::accepted(&shared.engine.create_batch(&bearer.entry, new, rows).await?))
}

/// `GET /v1/batches/{batch_id}`.
pub(crate) async fn batch(shared: &Shared, request: Request<'_>, bearer: Bearer) -> Served {
    Ok(v1::batch(&find(shared, &request, &bearer).await?))
}

/// `GET /v1/batches/{batch_id}/rows`: what came of the rows, from `from` on.
pub(crate) async fn batch_rows(shared: &Shared, request: Request<'_>, bearer: Bearer) -> Served {
    let batch = find(shared, &request, &bearer).await?;
    if batch.ended_at.is_none() {
        return Err(Refusal::NotDone.into());
    }
    let from = v1::parameter(&request, "from")?.map_or(Some(1), |text| text.parse().ok());
    let from = from.filter(|from| (1..=batch.rows).contains(from)).ok_or_else(|| {
        Refusal::Field { field: "from", message: format!("must be 1 to {}", batch.rows) }
    })?;
    let first = (from - 1) / engine::BATCH_CHUNK_ROWS;
    let mut table = String::new();
    let mut next = from;
    for chunk in first..first + CHUNKS_MAX {
        let lines = shared.engine.batch_lines(batch.id, chunk).await.map_err(Unserved::Failed)?;
        let Some(mut lines) = lines else { break };
        lines.retain(|line| line.row >= from);
        next = lines.last().map_or(next, |line| line.row + 1);
        table.push_str(&v1::batch_lines(&lines, table.is_empty()));
    }
    if next == from {
        // The rows of a batch are forgotten some days after its end.
        return Err(Refusal::Absent.into());
    }
    let mut headers = vec![("content-type", "text/csv"), ("x-biz-code", "ok")];
    let next_text = next.to_string();
    if next <= batch.rows {
        headers.push(("x-next-row", &next_text));
    }
    let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    Ok(Answer { status: 200, headers: headers.collect(), body: table.into_bytes() })
}

/// `GET /v1/callbacks`: the merchant's own, newest first, those before `before`.
pub(crate) async fn callbacks(shared: &Shared, request: Request<'_>, bearer: Bearer) -> Served {
    let state = v1::parameter(&request, "state")?;
    let state = state.map(|text| {
        let found = CallbackState::WORDS.into_iter().find(|word| *word == text);
        let message = || format!("must be one of {}", CallbackState::WORDS.join(", "));
        found.ok_or_else(|| Refusal::Field { field: "state", message: message() })
    });
    let before = v1::parameter(&request, "before")?.map(|text| {
        let message = || "must be a callback_id".to_owned();
        let id = CallbackId::parse(&text);
        id.ok_or_else(|| Refusal::Field { field: "before", message: message() })
    });
    let (state, before) = (state.transpose()?, before.transpose()?);
    let filter = CallbackFilter { merchant: Some(bearer.entry.merchant.id), state, before };
    let page = shared.engine.callbacks(filter, CALLBACKS_MAX as i64).await;
    let page = page.map_err(Unserved::Failed)?;
    let next = page.last().map(|last| last.id).filter(|_| page.len() == CALLBACKS_MAX);
    Ok(v1::callbacks(&page, next))
}

/// `POST /v1/callbacks/{callback_id}/replay`.
pub(crate) async fn replay(shared: &Shared, request: Request<'_>, bearer: Bearer) -> Served {
    let id = request.path.split('/').nth(3).and_then(CallbackId::parse).ok_or(Refusal::Absent)?;
    let replayed = shared.engine.replay_callback(Some(bearer.entry.merchant.id), id).await;
    match replayed.map_err(Unserved::Failed)? {
        Replay::Due => Ok(v1::replayed(id)),
        Replay::NotEnded => Err(Refusal::NotEnded.into()),
        Replay::Absent => Err(Refusal::Absent.into()),
    }
}

async fn find(shared: &Shared, request: &Request<'_>, bearer: &Bearer) -> Result<Batch, Unserved> {
    let id = request.path.split('/').nth(3).and_then(BatchId::parse).ok_or(Refusal::Absent)?;
    let found = shared.engine.batch(bearer.entry.merchant.id, id).await;
    Ok(found.map_err(Unserved::Failed)?.ok_or(Refusal::Absent)?)
}
