//! Opening a database and handing work to its threads.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use domain::call::{Call, Resolution, Settled};
use domain::subject::IdHash;
use domain::time::Timestamp;
use tokio::sync::oneshot;

use crate::driver::{postgres, sqlite};
use crate::hot::{
    BULK_QUEUE_MAX, FindJob, Found, HOT_QUEUE_MAX, HotJob, HotStats, UNIT_QUEUE_MAX, UnitJob,
    WriterJob,
};
use crate::pause::pause;
use crate::settle::Item;
use crate::tx::Inner;
use crate::{StoreError, Tx, migrations};

/// Which database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file; it is created when it is not there.
    Sqlite(PathBuf),
    /// A URL in libpq's form.
    Postgres { url: String, ca_file: Option<PathBuf> },
}

impl DatabaseUrl {
    pub fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }
}

#[derive(Clone, Debug)]
pub struct OpenOptions {
    pub database: DatabaseUrl,
    /// Names the lanes that this process opens; different in every process start.
    pub node: String,
    /// PostgreSQL connections that settle calls, a lane each.
    pub writers: usize,
    /// Connections for units and reads.
    pub pool: usize,
    pub now: Timestamp,
}

/// An open database. Cheap to clone; the last clone to go ends the threads.
#[derive(Clone)]
pub struct Store {
    queues: Arc<Queues>,
    stats: &'static HotStats,
    threads: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

struct Queues {
    hot: Hot,
    bulk: Sender<UnitJob>,
    reads: Sender<UnitJob>,
    finds: Sender<FindJob>,
}

/// Where calls and units go: one queue into SQLite's writer, two on PostgreSQL.
enum Hot {
    Sqlite(Sender<WriterJob>),
    Postgres { calls: Sender<HotJob>, units: Sender<UnitJob> },
}

struct Threads(Vec<JoinHandle<()>>);

impl Threads {
    fn start(&mut self, name: &str, run: impl FnOnce() + Send + 'static) -> Result<(), StoreError> {
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(run);
        self.0.push(thread.map_err(|error| StoreError::Unusable(error.to_string()))?);
        Ok(())
    }
}

impl Store {
    /// Opens the database, brings its schema up to date and starts its threads. Blocks.
    pub fn open(options: OpenOptions) -> Result<Self, StoreError> {
        match options.database.clone() {
            DatabaseUrl::Sqlite(path) => Self::open_sqlite(&path, options),
            DatabaseUrl::Postgres { url, ca_file } => {
                let connector = postgres::Connector::new(&url, ca_file.as_deref())?;
                Self::open_postgres(&connector, &options)
            }
        }
    }

    fn open_sqlite(path: &Path, options: OpenOptions) -> Result<Self, StoreError> {
        let connection = sqlite::open_writer(path)?;
        migrations::apply_sqlite(&connection, options.now)?;
        let mut threads = Threads(Vec::new());
        let stats: &'static HotStats = Box::leak(Box::default());
        let (hot, jobs) = bounded::<WriterJob>(HOT_QUEUE_MAX);
        let (bulk, bulk_jobs) = bounded::<UnitJob>(BULK_QUEUE_MAX);
        let (reads, read_jobs) = bounded::<UnitJob>(UNIT_QUEUE_MAX);
        let (finds, find_jobs) = bounded::<FindJob>(HOT_QUEUE_MAX);
        let writer = sqlite::Writer { connection, node: options.node, stats };
        threads.start("store-writer", move || sqlite::run_writer(writer, &jobs, &bulk_jobs))?;
        let finder = sqlite::open_reader(path)?;
        threads.start("store-finder", move || sqlite::run_finder(&finder, &find_jobs))?;
        for _ in 0..options.pool.max(1) {
            let (reader, jobs) = (sqlite::open_reader(path)?, read_jobs.clone());
            threads.start("store-reader", move || run_reader(&reader, &jobs))?;
        }
        let queues = Queues { hot: Hot::Sqlite(hot), bulk, reads, finds };
        Ok(Self::new(queues, stats, threads))
    }

    fn open_postgres(
        connector: &postgres::Connector,
        options: &OpenOptions,
    ) -> Result<Self, StoreError> {
        let mut connection = connector.connect_first()?;
        migrations::apply_postgres(&mut connection, options.now)?;
        drop(connection);
        let mut threads = Threads(Vec::new());
        let stats: &'static HotStats = Box::leak(Box::default());
        let (calls, call_jobs) = bounded::<HotJob>(HOT_QUEUE_MAX);
        let (units, unit_jobs) = bounded::<UnitJob>(UNIT_QUEUE_MAX);
        let (bulk, bulk_jobs) = bounded::<UnitJob>(BULK_QUEUE_MAX);
        let (reads, read_jobs) = bounded::<UnitJob>(UNIT_QUEUE_MAX);
        let (finds, find_jobs) = bounded::<FindJob>(HOT_QUEUE_MAX);
        for _ in 0..options.writers.max(1) {
            let connector = connector.clone();
            let writer = postgres::Writer { connector, node: options.node.clone(), stats };
            let jobs = call_jobs.clone();
            threads.start("store-writer", move || postgres::run_writer(&writer, &jobs))?;
        }
        let (finder, jobs) = (connector.clone(), find_jobs);
        threads.start("store-finder", move || postgres::run_finder(&finder, &jobs))?;
        for _ in 0..options.pool.max(2) {
            let (connector, units, reads) =
                (connector.clone(), unit_jobs.clone(), read_jobs.clone());
            threads.start("store-pool", move || postgres::run_pool(&connector, &units, &reads))?;
        }
        // Bulk loads have a connection of their own: they never wait for calls, nor calls for them.
        let connector = connector.clone();
        threads.start("store-bulk", move || {
            let (_, no_reads) = bounded(0);
            postgres::run_pool(&connector, &bulk_jobs, &no_reads);
        })?;
        let queues = Queues { hot: Hot::Postgres { calls, units }, bulk, reads, finds };
        Ok(Self::new(queues, stats, threads))
    }

    fn new(queues: Queues, stats: &'static HotStats, threads: Threads) -> Self {
        Self { queues: Arc::new(queues), stats, threads: Arc::new(Mutex::new(threads.0)) }
    }

    /// Settles a call: durable and journalled when this returns [`Settled::Done`].
    pub async fn settle(&self, call: Call) -> Result<Settled, StoreError> {
        self.hot(Item::Call(Box::new(call))).await
    }

    /// Says what became of a held call.
    pub async fn resolve(&self, resolution: Resolution) -> Result<Settled, StoreError> {
        self.hot(Item::Resolution(Box::new(resolution))).await
    }

    async fn hot(&self, item: Item) -> Result<Settled, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job = HotJob { item, reply };
        match &self.queues.hot {
            Hot::Sqlite(jobs) => offer(jobs, WriterJob::Hot(job))?,
            Hot::Postgres { calls, .. } => offer(calls, job)?,
        }
        answer.await.unwrap_or_else(|_| Err(StoreError::Unknown("the writer ended".to_owned())))
    }

    /// What an id leads to, with the behaviours after `since`.
    pub async fn find(&self, id: IdHash, since: Timestamp) -> Result<Found, StoreError> {
        let (reply, answer) = oneshot::channel();
        offer(&self.queues.finds, FindJob { id, since, reply })?;
        answer.await.unwrap_or_else(|_| Err(StoreError::Unavailable("closed".to_owned())))
    }

    /// Runs `work` in a transaction of its own, again after a collision: it must have no effect
    /// but on `tx`. When it fails, nothing of it is kept.
    pub async fn unit<T, F>(&self, name: &'static str, work: F) -> Result<T, StoreError>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        match &self.queues.hot {
            Hot::Sqlite(jobs) => {
                run_unit(name, work, |job| offer(jobs, WriterJob::Unit(job))).await
            }
            Hot::Postgres { units, .. } => run_unit(name, work, |job| offer(units, job)).await,
        }
    }

    /// Like [`Store::unit`], for chunks of bulk work (at most 5 ms each): calls go first.
    pub async fn bulk<T, F>(&self, name: &'static str, work: F) -> Result<T, StoreError>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        run_unit(name, work, |job| offer(&self.queues.bulk, job)).await
    }

    /// Runs `work` on a consistent view; it cannot write.
    pub async fn read<T, F>(&self, name: &'static str, work: F) -> Result<T, StoreError>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        run_unit(name, work, |job| offer(&self.queues.reads, job)).await
    }

    pub fn stats(&self) -> &'static HotStats {
        self.stats
    }

    /// Has SQLite's log folded into the file when the store closes, so that the file is whole by
    /// itself. For the server; a command beside a server would make its calls wait.
    pub fn fold_log_on_close(&self) {
        self.stats.folds_log.store(true, Ordering::Relaxed);
    }

    /// Ends the threads once their queues are empty. Blocks until all is written, or until
    /// [`CLOSE_WAIT_MAX`] is over: somebody still holds the store then, and whatever was
    /// acknowledged is durable all the same.
    pub fn close(self) {
        let Self { queues, threads, .. } = self;
        drop(queues);
        let threads = std::mem::take(&mut *threads.lock().expect("no thread panics with it"));
        let mut waited = Duration::ZERO;
        for thread in threads {
            while !thread.is_finished() && waited < CLOSE_WAIT_MAX {
                pause(CLOSE_PAUSE);
                waited += CLOSE_PAUSE;
            }
            if !thread.is_finished() {
                tracing::warn!("the database threads still have work; leaving all the same");
                return;
            }
            if thread.join().is_err() {
                tracing::error!("a database thread panicked");
            }
        }
    }
}

/// How long a close waits for the threads, and how often it looks.
const CLOSE_WAIT_MAX: Duration = Duration::from_secs(5);
const CLOSE_PAUSE: Duration = Duration::from_millis(2);

async fn run_unit<T, F>(
    name: &'static str,
    mut work: F,
    send: impl FnOnce(UnitJob) -> Result<(), StoreError>,
) -> Result<T, StoreError>
where
    F: FnMut(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    T: Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    let slot: Arc<Mutex<Option<T>>> = Arc::default();
    let result = Arc::clone(&slot);
    let run = Box::new(move |tx: &mut Tx<'_>| {
        // A panic undoes this unit and must not take the thread with it.
        let worked = catch_unwind(AssertUnwindSafe(|| work(tx)));
        let value =
            worked.unwrap_or_else(|_| Err(StoreError::Corrupt("a unit panicked".into())))?;
        *slot.lock().expect("nobody panics with it") = Some(value);
        Ok(())
    });
    let done = Box::new(move |end| drop(reply.send(end)));
    send(UnitJob { name, run, done })?;
    answer.await.unwrap_or_else(|_| Err(StoreError::Unknown("the writer ended".to_owned())))?;
    let value = result.lock().expect("nobody panics with it").take();
    value.ok_or_else(|| StoreError::Unavailable(format!("unit {name} gave nothing")))
}

fn offer<T>(queue: &Sender<T>, job: T) -> Result<(), StoreError> {
    queue.try_send(job).map_err(|error| match error {
        TrySendError::Full(_) => StoreError::Overloaded,
        TrySendError::Disconnected(_) => StoreError::Unavailable("closed".to_owned()),
    })
}

fn run_reader(connection: &rusqlite::Connection, jobs: &Receiver<UnitJob>) {
    while let Ok(mut job) = jobs.recv() {
        let result = read(connection, &mut job);
        (job.done)(result);
    }
}

fn read(connection: &rusqlite::Connection, job: &mut UnitJob) -> Result<(), StoreError> {
    connection.execute_batch("BEGIN")?;
    let result = (job.run)(&mut Tx(Inner::Sqlite(connection)));
    connection.execute_batch("COMMIT")?;
    result
}
