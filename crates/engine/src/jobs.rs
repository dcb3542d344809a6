//! Background work: recurring jobs, each run by one node at a time under a lease.

use domain::ids::BizId;
use domain::time::Span;
use store::jobs::Lease;
use tokio::sync::watch;

use crate::applications::{APPLICATIONS_KEPT, ARRIVING_KEPT};
use crate::callbacks::CALLBACKS_KEPT;
use crate::decryption::FAILED_WINDOW;
use crate::sessions::SESSIONS_KEPT;
use crate::{Engine, Error, tasks};

/// Answers are kept for replay this long; the key stays used for good.
pub(crate) const ANSWERS_KEPT: Span = Span::hours(72);

/// How often a node looks for due jobs, a changed configuration, and says that it lives.
const TICK: Span = Span::millis(400);
const BEAT_EVERY: Span = Span::seconds(1);

/// A run that takes longer loses its lease to another node.
const LEASE: Span = Span::seconds(30);

/// How often batches are looked for, and the coverage is measured.
const BATCHES_EVERY: Span = Span::seconds(1);
const COVERAGE_EVERY: Span = Span::seconds(2);

/// The rows of a batch and what came of them are kept this long after its end.
const BATCHES_KEPT: Span = Span::hours(72);

/// Rows that one unit purges: a few milliseconds of the writer.
const PURGE_CHUNK: i64 = 500;

/// Chunks of one run: with a run every ten seconds, 20,000 rows a second.
const PURGE_CHUNKS_MAX: usize = 400;

/// The recurring jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Job {
    /// Signs the heads of the lanes that moved.
    Checkpoint,
    /// Forgets answers that are too old to be replayed.
    PurgeAnswers,
    /// Forgets nonces that are too old to be used again, and texts that did not open long ago.
    PurgeNonces,
    /// Forgets bearer tokens whose time is over.
    PurgeTokens,
    /// Forgets the rows of batches that ended some days ago.
    PurgeBatches,
    /// Deletes entries of the blacklist whose time is over.
    PurgeBlacklist,
    /// Forgets sessions, their data and the resent codes that are kept long enough.
    PurgeSessions,
    /// Forgets callbacks that ended long enough ago.
    PurgeCallbacks,
    /// Forgets applications that are kept long enough.
    PurgeApplications,
    /// Gives back calls that were held for a session that was never written.
    SweepHolds,
}

impl Job {
    pub(crate) const ALL: [Self; 10] = [
        Self::Checkpoint,
        Self::PurgeAnswers,
        Self::PurgeNonces,
        Self::PurgeTokens,
        Self::PurgeBatches,
        Self::PurgeBlacklist,
        Self::PurgeSessions,
        Self::PurgeCallbacks,
        Self::PurgeApplications,
        Self::SweepHolds,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Checkpoint => "journal.checkpoint",
            Self::PurgeAnswers => "answers.purge",
            Self::PurgeNonces => "nonces.purge",
            Self::PurgeTokens => "tokens.purge",
            Self::PurgeBatches => "batches.purge",
            Self::PurgeBlacklist => "blacklist.purge",
            Self::PurgeSessions => "sessions.purge",
            Self::PurgeCallbacks => "callbacks.purge",
            Self::PurgeApplications => "applications.purge",
            Self::SweepHolds => "holds.sweep",
        }
    }

    fn every(self) -> Span {
        match self {
            Self::Checkpoint => Span::seconds(1),
            _ => Span::seconds(10),
        }
    }
}

impl Engine {
    /// Makes sure that the recurring jobs are there.
    pub async fn prepare_jobs(&self) -> Result<(), Error> {
        let now = self.now();
        let ensured = self.store().unit("prepare_jobs", move |tx| {
            Job::ALL.iter().try_for_each(|job| store::jobs::ensure(tx, job.name(), now))
        });
        Ok(ensured.await?)
    }

    /// Runs until `stop` says so: refreshes the configuration and beats; beside that, so that
    /// none waits for another, signs the journal and purges.
    pub async fn run_background(self, stop: watch::Receiver<bool>) {
        tokio::join!(
            self.keep_current(stop.clone()),
            self.run_jobs(&[Job::Checkpoint], stop.clone()),
            self.run_jobs(
                &[
                    Job::PurgeAnswers,
                    Job::PurgeNonces,
                    Job::PurgeTokens,
                    Job::PurgeBatches,
                    Job::PurgeBlacklist,
                    Job::PurgeSessions,
                    Job::PurgeCallbacks,
                    Job::PurgeApplications,
                    Job::SweepHolds,
                ],
                stop.clone()
            ),
            self.work_batches(stop.clone()),
            self.watch_coverage(stop.clone()),
            self.wake_sessions(stop.clone()),
            self.decide_applications(stop.clone()),
            self.deliver_callbacks(stop.clone()),
            self.follow_blacklist(stop),
        );
    }

    async fn keep_current(&self, mut stop: watch::Receiver<bool>) {
        let mut beaten_at = self.inner.clock.machine_now() - BEAT_EVERY;
        while !*stop.borrow() {
            if let Err(error) = self.refresh().await {
                tracing::warn!(%error, "the configuration could not be read");
            }
            let machine_now = self.inner.clock.machine_now();
            if (machine_now - beaten_at).0 >= BEAT_EVERY.0 {
                beaten_at = machine_now;
                if let Err(error) = self.beat().await {
                    tracing::debug!(%error, "no heartbeat");
                }
                self.measure_applications().await;
            }
            tokio::select! {
                () = tasks::pause(TICK) => {}
                _ = stop.changed() => {}
            }
        }
    }

    async fn run_jobs(&self, jobs: &[Job], mut stop: watch::Receiver<bool>) {
        let mut due: Vec<_> = jobs.iter().map(|job| (*job, self.now())).collect();
        while !*stop.borrow() {
            for (job, due_at) in &mut due {
                let now = self.now();
                if *due_at <= now {
                    *due_at = now + job.every();
                    self.run_reported(*job).await;
                }
            }
            tokio::select! {
                () = tasks::pause(TICK) => {}
                _ = stop.changed() => {}
            }
        }
    }

    async fn run_reported(&self, job: Job) {
        let started = self.inner.clock.machine_now();
        let result = self.run_job(job).await;
        let seconds = (self.inner.clock.machine_now() - started).0 as f64 / 1e6;
        let outcome = match &result {
            Ok(Run::Done) => "done",
            Ok(Run::NotDue) => return,
            Err(error) => {
                tracing::warn!(job = job.name(), %error, "a job failed and is tried again");
                "failed"
            }
        };
        metrics::counter!("probity_jobs_total", "job" => job.name(), "outcome" => outcome)
            .increment(1);
        metrics::histogram!("probity_job_seconds", "job" => job.name()).record(seconds);
    }

    /// Runs a job if it is due and no other node runs it.
    async fn run_job(&self, job: Job) -> Result<Run, Error> {
        if job == Job::Checkpoint && !self.has_new_rows().await? {
            return Ok(Run::NotDue);
        }
        let now = self.now();
        let lease = self
            .store()
            .unit("claim_job", move |tx| store::jobs::claim(tx, job.name(), now, LEASE))
            .await?;
        let Some(lease) = lease else { return Ok(Run::NotDue) };
        let result = match job {
            Job::Checkpoint => self.checkpoint_leased(&lease).await,
            Job::PurgeAnswers => self.purge_answers(&lease).await,
            Job::PurgeNonces => self.purge_nonces(&lease).await,
            Job::PurgeTokens => self.purge_tokens(&lease).await,
            Job::PurgeBatches => self.purge_batches(&lease).await,
            Job::PurgeBlacklist => self.purge_blacklist(&lease).await,
            Job::PurgeSessions => self.purge_sessions(&lease).await,
            Job::PurgeCallbacks => self.purge_callbacks(&lease).await,
            Job::PurgeApplications => self.purge_applications(&lease).await,
            Job::SweepHolds => self.sweep_holds().await,
        };
        let due_at = self.now() + job.every();
        let error = result.as_ref().err().map(ToString::to_string);
        self.store()
            .unit("finish_job", move |tx| match &error {
                None => store::jobs::finish(tx, &lease, due_at),
                Some(error) => store::jobs::fail(tx, &lease, due_at, error),
            })
            .await?;
        result.map(|()| Run::Done)
    }

    async fn purge_answers(&self, lease: &Lease) -> Result<(), Error> {
        let bound = BizId::lower_bound(self.now() - ANSWERS_KEPT);
        self.purge(lease, "purge_answers", move |tx| store::answers::purge(tx, bound, PURGE_CHUNK))
            .await
    }

    async fn purge_nonces(&self, lease: &Lease) -> Result<(), Error> {
        let now = self.now();
        self.purge(lease, "purge_nonces", move |tx| {
            Ok(store::nonces::purge(tx, now, PURGE_CHUNK)?
                + store::decryptions::purge(tx, now - FAILED_WINDOW, PURGE_CHUNK)?)
        })
        .await
    }

    async fn purge_sessions(&self, lease: &Lease) -> Result<(), Error> {
        let before = self.now() - SESSIONS_KEPT;
        self.purge(lease, "purge_sessions", move |tx| {
            Ok(store::sessions::purge(tx, before, PURGE_CHUNK)?
                + store::datasets::purge(tx, before, PURGE_CHUNK)?
                + store::resends::purge(tx, before, PURGE_CHUNK)?
                + store::login_locks::purge(tx, before, PURGE_CHUNK)?)
        })
        .await
    }

    async fn purge_applications(&self, lease: &Lease) -> Result<(), Error> {
        let now = self.now();
        let (before, arriving) = (now - APPLICATIONS_KEPT, now - ARRIVING_KEPT);
        self.purge(lease, "purge_applications", move |tx| {
            Ok(store::applications::purge(tx, before, arriving, PURGE_CHUNK)?
                + store::overrides::purge(tx, now, PURGE_CHUNK)?)
        })
        .await
    }

    async fn purge_callbacks(&self, lease: &Lease) -> Result<(), Error> {
        let before = self.now() - CALLBACKS_KEPT;
        let chunk = move |tx: &mut store::Tx<'_>| store::callbacks::purge(tx, before, PURGE_CHUNK);
        self.purge(lease, "purge_callbacks", chunk).await
    }

    async fn purge_blacklist(&self, lease: &Lease) -> Result<(), Error> {
        let now = self.now();
        let chunk = move |tx: &mut store::Tx<'_>| store::blacklist::purge(tx, now, PURGE_CHUNK);
        self.purge(lease, "purge_blacklist", chunk).await
    }

    async fn purge_tokens(&self, lease: &Lease) -> Result<(), Error> {
        let now = self.now();
        self.purge(lease, "purge_tokens", move |tx| {
            Ok(store::tokens::purge(tx, now, PURGE_CHUNK)?
                + store::operators::purge_tokens(tx, now, PURGE_CHUNK)?)
        })
        .await
    }

    async fn purge_batches(&self, lease: &Lease) -> Result<(), Error> {
        let until = self.now() - BATCHES_KEPT;
        let chunk = move |tx: &mut store::Tx<'_>| store::batches::purge(tx, until, PURGE_CHUNK);
        self.purge(lease, "purge_batches", chunk).await
    }

    /// Measures the coverage of all applications, now and then and at the end.
    async fn watch_coverage(&self, mut stop: watch::Receiver<bool>) {
        let mut is_last = false;
        while !is_last {
            is_last = *stop.borrow();
            if let Err(error) = self.measure_coverage().await {
                tracing::debug!(%error, "the coverage could not be measured");
            }
            tokio::select! {
                () = tasks::pause(COVERAGE_EVERY) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Works batches off; every node takes chunks of them.
    async fn work_batches(&self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let worked = self.work_batch(&stop).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "a batch could not be worked on");
                false
            });
            let pause = if worked { Span::millis(0) } else { BATCHES_EVERY };
            tokio::select! {
                () = tasks::pause(pause) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Purges chunk by chunk, each only while the lease holds, and leaves the rest to the next run.
    async fn purge<F>(&self, lease: &Lease, name: &'static str, chunk: F) -> Result<(), Error>
    where
        F: Fn(&mut store::Tx<'_>) -> Result<u64, store::StoreError> + Clone + Send + 'static,
    {
        for _ in 0..PURGE_CHUNKS_MAX {
            let (chunk, lease) = (chunk.clone(), lease.clone());
            let purged = self.store().bulk(name, move |tx| {
                if store::jobs::holds(tx, &lease)? { chunk(tx) } else { Ok(0) }
            });
            if purged.await? < PURGE_CHUNK as u64 {
                break;
            }
        }
        Ok(())
    }
}

enum Run {
    Done,
    NotDue,
}
