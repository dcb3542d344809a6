//! Batches: a file of ids handed in, worked off chunk by chunk by every node, each row a call of
//! its own that is billed once, and the whole a bill that agrees with the journal.

mod work;

use aws_lc_rs::digest::{Context, SHA256};
use domain::batch::{Batch, BatchId, BatchLine, BatchRow, BatchState, Codes};
use domain::failure::Failure;
use domain::ids::{AppId, MerchantId};
use domain::keys::Place;
use domain::load::Rejected;
use domain::merchant::Product;
use domain::money::Amount;
use domain::secret::Private;
use store::batches;

use crate::directory::MerchantEntry;
use crate::{Engine, Error};

/// Rows that are scored together, and saved in one row of the database.
pub const CHUNK_ROWS: i64 = 256;

const NAME_SPACE: &str = "batch-name";
const CONTENT_SPACE: &str = "batch-content";

/// A batch to be made.
#[derive(Clone, Debug)]
pub struct NewBatch {
    /// Nothing: the merchant's default application.
    pub app: Option<AppId>,
    /// The merchant's own name for the run: the same rows under the same name are the same run.
    pub name: Option<String>,
}

impl Engine {
    /// Takes the rows of a batch in; it is worked off from then on. A row that cannot be read is
    /// kept as an empty one: it comes to a code like any other.
    ///
    /// Errors: [`Failure::NotEntitled`]; [`Failure::Parameter`] when the table cannot be read or
    /// has no rows; [`Failure::KeyReused`] when the name stands for other rows.
    pub async fn create_batch(
        &self,
        entry: &MerchantEntry,
        new: NewBatch,
        rows: impl Iterator<Item = Result<BatchRow, Rejected>>,
    ) -> Result<Batch, Failure> {
        let entitlement = entry.entitlement(Product::FinplusScore, new.app.as_ref());
        let app = entitlement.ok_or(Failure::NotEntitled)?.app.clone();
        let mut batch = Batch {
            id: BatchId(domain::entropy::bytes(self.entropy())),
            merchant: entry.merchant.id,
            app,
            content: [0; 32],
            state: BatchState::Loading,
            rows: 0,
            rows_done: 0,
            codes: Codes::default(),
            billed: 0,
            amount: Amount(0),
            created_at: self.now(),
            ended_at: None,
        };
        let made = batch.clone();
        let made = self.store().unit("create_batch", move |tx| batches::insert(tx, &made));
        made.await.map_err(|error| self.store_failed(&error))?;
        self.take_rows(&mut batch, rows).await?;
        let name = new.name.map(|name| {
            let name = Private::new(format!("{}:{name}", batch.merchant));
            self.keys().index(NAME_SPACE, &name)
        });
        let whole = batch.clone();
        let start = move |tx: &mut store::Tx<'_>| batches::start(tx, &whole, name.as_ref());
        let other = self.store().unit("start_batch", start).await;
        match other.map_err(|error| self.store_failed(&error))? {
            None => Ok(Batch { state: BatchState::Running, ..batch }),
            Some(other) if other.content == batch.content => Ok(other),
            Some(_) => Err(Failure::KeyReused),
        }
    }

    /// Seals and saves the rows, counts them and hashes them.
    async fn take_rows(
        &self,
        batch: &mut Batch,
        mut rows: impl Iterator<Item = Result<BatchRow, Rejected>>,
    ) -> Result<(), Failure> {
        let mut content = Context::new(&SHA256);
        content.update(batch.app.0.as_bytes());
        loop {
            let mut chunk = Vec::new();
            for row in rows.by_ref().take(CHUNK_ROWS as usize) {
                chunk.push(match row {
                    Ok(row) => row,
                    Err(Rejected::Row(_)) => BatchRow::default(),
                    Err(Rejected::Table(reason)) => return Err(Failure::Parameter { reason }),
                });
            }
            if chunk.is_empty() {
                break;
            }
            let number = batch.rows / CHUNK_ROWS;
            batch.rows += chunk.len() as i64;
            let plain = serde_json::to_vec(&chunk).expect("plain texts");
            content.update(&plain);
            let (id, sealed) = (batch.id, self.seal_chunk(INPUT, (batch.id, number), &plain));
            let put = move |tx: &mut store::Tx<'_>| batches::put_chunk(tx, id, number, &sealed);
            let put = self.store().bulk("put_batch_chunk", put).await;
            put.map_err(|error| self.store_failed(&error))?;
        }
        if batch.rows == 0 {
            return Err(Failure::Parameter { reason: "the table has no rows".to_owned() });
        }
        let content = Private::new(hex::encode(content.finish()));
        batch.content = self.keys().index(CONTENT_SPACE, &content);
        Ok(())
    }

    /// A merchant's batch; another merchant's is as absent.
    pub async fn batch(&self, merchant: MerchantId, id: BatchId) -> Result<Option<Batch>, Error> {
        let found = self.store().read("batch", move |tx| batches::find(tx, id)).await?;
        Ok(found.filter(|batch| batch.merchant == merchant))
    }

    /// What came of a chunk of rows, chunks counted from 0; nothing when it is not done, is not
    /// there, or was forgotten.
    pub async fn batch_lines(
        &self,
        id: BatchId,
        chunk: i64,
    ) -> Result<Option<Vec<BatchLine>>, Error> {
        let sealed =
            self.store().read("batch_lines", move |tx| batches::output(tx, id, chunk)).await?;
        let Some(sealed) = sealed else { return Ok(None) };
        self.open_chunk(OUTPUT, (id, chunk), &sealed).map(Some)
    }

    fn seal_chunk(&self, side: &str, chunk: (BatchId, i64), plain: &[u8]) -> Vec<u8> {
        self.keys().seal(Place { table: side, row: &row(chunk) }, plain, self.entropy())
    }

    fn open_chunk<T: serde::de::DeserializeOwned>(
        &self,
        side: &str,
        chunk: (BatchId, i64),
        sealed: &[u8],
    ) -> Result<Vec<T>, Error> {
        let plain = self.keys().unseal(Place { table: side, row: &row(chunk) }, sealed)?;
        serde_json::from_slice(&plain)
            .map_err(|_| Error::invalid("a batch's rows do not read back"))
    }
}

/// The places that chunks are sealed for.
const INPUT: &str = "batch_chunks.input";
const OUTPUT: &str = "batch_chunks.output";

fn row((batch, chunk): (BatchId, i64)) -> Vec<u8> {
    [&batch.0[..], &chunk.to_be_bytes()].concat()
}
