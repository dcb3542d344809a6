//! Working a batch off: a chunk at a time, under a lease that lets another node take it up.

use std::sync::Arc;

use domain::batch::{Batch, BatchId, BatchLine, BatchRow, Codes};
use domain::call::Answer;
use domain::failure::Failure;
use domain::ids::{BizId, CallKey};
use domain::merchant::{MerchantState, TagKey};
use domain::score::{ScoreOutcome, code};
use domain::secret::Private;
use domain::subject::{IdType, SubjectRef};
use domain::time::Span;
use serde::{Deserialize, Serialize};
use store::batches;
use tokio::sync::watch;

use super::{CHUNK_ROWS, INPUT, OUTPUT};
use crate::directory::MerchantEntry;
use crate::scores::Question;
use crate::{Engine, Error, tasks};

/// A chunk that is not done by then may be taken up by another; each row is billed once all the
/// same.
const CHUNK_LEASE: Span = Span::seconds(10);

/// How often a row is tried that fails by our fault, and how long between.
const ATTEMPTS_MAX: usize = 3;
const ATTEMPT_PAUSE: Span = Span::millis(200);

/// Batches that are looked at for a chunk to do.
const RUNNING_MAX: i64 = 16;

/// How far the clocks of two nodes may be apart, with room.
const CLOCKS_APART: Span = Span::seconds(10);

/// The answer that a row's call is kept with.
#[derive(Serialize, Deserialize)]
struct Kept {
    code: i32,
    tags: Vec<(String, Option<String>)>,
}

impl Engine {
    /// Does one chunk of the oldest batch that has one; gives whether there was any.
    pub(crate) async fn work_batch(&self, stop: &watch::Receiver<bool>) -> Result<bool, Error> {
        let running =
            self.store().read("batches_running", |tx| batches::running(tx, RUNNING_MAX)).await?;
        for batch in running {
            if *stop.borrow() {
                break;
            }
            match self.work_chunk(&batch).await {
                Ok(false) => {}
                Ok(true) => return Ok(true),
                // The batches behind it must not wait for it.
                Err(error) => tracing::warn!(batch = %batch.id, %error, "a batch does not go on"),
            }
        }
        Ok(false)
    }

    /// Works a batch off beside the servers; `watch` is told the rows done. Gives it as it ended.
    pub async fn run_batch(&self, id: BatchId, mut watch: impl FnMut(u64)) -> Result<Batch, Error> {
        loop {
            let batch = self.store().read("batch", move |tx| batches::find(tx, id)).await?;
            let batch = batch.ok_or_else(|| Error::absent("the batch is gone"))?;
            watch(batch.rows_done as u64);
            if batch.ended_at.is_some() {
                return Ok(batch);
            }
            if !self.work_chunk(&batch).await? {
                // The chunks that are left are being worked on by others.
                tasks::pause(ATTEMPT_PAUSE).await;
            }
        }
    }

    /// Does the batch's next chunk, and ends the batch when it was the last; gives whether there
    /// was a chunk to do.
    async fn work_chunk(&self, batch: &Batch) -> Result<bool, Error> {
        let entry = self.directory().by_id(batch.merchant).cloned();
        let entry = entry.filter(|entry| entry.merchant.state == MerchantState::Active);
        let Some(entry) = entry else { return Ok(false) };
        let (id, now) = (batch.id, self.now());
        let claim = move |tx: &mut store::Tx<'_>| batches::claim_chunk(tx, id, now, CHUNK_LEASE);
        let Some(lease) = self.store().unit("claim_batch_chunk", claim).await? else {
            return self.end_batch(batch).await;
        };
        let chunk = lease.chunk;
        let rows: Vec<BatchRow> = self.open_chunk(INPUT, (id, chunk), &lease.input)?;
        let first = chunk * CHUNK_ROWS + 1;
        let lines = self.score_rows(batch, &entry, first, rows).await;
        let Some(lines) = lines else {
            // Too much to do, or a database that is away: nothing of it is lost.
            let release = move |tx: &mut store::Tx<'_>| batches::release_chunk(tx, id, chunk);
            self.store().unit("release_batch_chunk", release).await?;
            return Ok(false);
        };
        let mut codes = Codes::default();
        for line in &lines {
            codes.count(line.code);
        }
        let plain = serde_json::to_vec(&lines).expect("plain texts");
        let sealed = self.seal_chunk(OUTPUT, (id, chunk), &plain);
        let finish =
            move |tx: &mut store::Tx<'_>| batches::finish_chunk(tx, (id, chunk), &sealed, &codes);
        self.store().unit("finish_batch_chunk", finish).await?;
        Ok(true)
    }

    /// Ends a batch whose rows are all done, with the bill that the journal says.
    async fn end_batch(&self, batch: &Batch) -> Result<bool, Error> {
        let id = batch.id;
        let found = self.store().read("batch", move |tx| batches::find(tx, id)).await?;
        let Some(found) = found.filter(|batch| batch.rows_done == batch.rows) else {
            return Ok(false);
        };
        let now = self.now();
        let time = (found.created_at - CLOCKS_APART, now + CLOCKS_APART);
        let scored = found.codes.0.get(&code::OK).copied().unwrap_or_default();
        let bill =
            self.store().read("batch_bill", move |tx| batches::bill(tx, &found, time)).await?;
        if bill.0 != scored {
            tracing::error!(batch = %id, billed = bill.0, scored, "a batch and its bill differ");
        }
        self.store().unit("end_batch", move |tx| batches::finish(tx, id, bill, now)).await?;
        Ok(false)
    }

    /// Scores rows side by side; nothing when one could not even be begun.
    async fn score_rows(
        &self,
        batch: &Batch,
        entry: &Arc<MerchantEntry>,
        first: i64,
        rows: Vec<BatchRow>,
    ) -> Option<Vec<BatchLine>> {
        let tasks = rows.into_iter().zip(first..).map(|(sent, row)| {
            let (engine, batch, entry) = (self.clone(), batch.clone(), Arc::clone(entry));
            async move {
                let Kept { code, tags } = engine.score_row(&batch, &entry, row, &sent).await?;
                Some(BatchLine { row, sent, code, tags })
            }
        });
        tasks::all(tasks).await.into_iter().map(Option::flatten).collect()
    }

    async fn score_row(
        &self,
        batch: &Batch,
        entry: &MerchantEntry,
        row: i64,
        sent: &BatchRow,
    ) -> Option<Kept> {
        let refused = |code| Some(Kept { code, tags: Vec::new() });
        let id = match subject(sent) {
            Ok(id) => id,
            Err(code) => return refused(code),
        };
        let question = Question {
            app: Some(batch.app.clone()),
            content: Private::new(format!("{} {}", batch.app, id.canonical().expose())),
            id,
            key: batch.id.key(row),
        };
        for attempt in 1..=ATTEMPTS_MAX {
            let asked = self.ask_score(entry, question.clone(), self.new_biz(), render).await;
            match asked.result {
                Ok(answer) => return serde_json::from_slice(&answer.body).ok(),
                Err(Failure::Internal | Failure::Overloaded) if attempt < ATTEMPTS_MAX => {
                    tasks::pause(ATTEMPT_PAUSE).await;
                }
                Err(Failure::Overloaded) => return None,
                Err(failure) => return refused(code_of(&failure)),
            }
        }
        refused(code::ERROR)
    }
}

/// The id that a row names, or the code of face 1 that says what is wrong with it.
fn subject(sent: &BatchRow) -> Result<SubjectRef, i32> {
    let kind = if sent.id_type.is_empty() {
        IdType::infer(&sent.id_value).ok_or(code::INVALID_PARAMETERS)
    } else {
        IdType::parse(&sent.id_type.to_ascii_lowercase()).ok_or(code::INVALID_ID_TYPE)
    };
    SubjectRef::parse(kind?, &sent.id_value).ok_or(code::INVALID_PARAMETERS)
}

/// The code of face 1 for a row that was refused.
fn code_of(failure: &Failure) -> i32 {
    match failure {
        Failure::PackageExhausted | Failure::NotEntitled => code::PACKAGE_EXHAUSTED,
        Failure::TestLimitReached => code::TEST_LIMIT,
        Failure::DailyQuotaReached => code::INSUFFICIENT_QUOTA,
        Failure::KeyReused => code::INVALID_PARAMETERS,
        _ => code::ERROR,
    }
}

fn render(outcome: &ScoreOutcome, _: BizId, _: &CallKey, tag_key: TagKey) -> Answer {
    let tags = match outcome {
        ScoreOutcome::Scored { tags } => tags
            .iter()
            .map(|tag| {
                let name = if tag_key == TagKey::Name { &tag.name } else { &tag.id };
                (name.clone(), tag.value.plain())
            })
            .collect(),
        ScoreOutcome::Unconverted | ScoreOutcome::EmptyContent => Vec::new(),
    };
    let body = serde_json::to_vec(&Kept { code: outcome.code(), tags }).expect("plain texts");
    Answer { status: 200, headers: Vec::new(), body }
}
