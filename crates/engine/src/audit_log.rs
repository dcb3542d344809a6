//! The audit log as auditors use it: listed, and verified against its chain and its signed heads.

use domain::audit_log::{LANE, Note, NoteFault, NoteWalk};

use crate::journal::Verification;
use crate::{Engine, Error};

/// Rows that one read takes.
const PAGE: i64 = 5_000;

/// Faults that one verification lists at most.
const FAULTS_MAX: usize = 100;

/// What a verification of the audit log found.
#[derive(Clone, Debug, Default)]
pub struct LogVerification {
    pub rows: i64,
    /// Rows after the last signed head: at most a second's worth.
    pub unsigned_rows: i64,
    /// Empty when all holds; at most a hundred.
    pub faults: Vec<String>,
}

impl LogVerification {
    pub fn holds(&self) -> bool {
        self.faults.is_empty()
    }

    fn add(&mut self, faults: impl IntoIterator<Item = NoteFault>) {
        let room = FAULTS_MAX.saturating_sub(self.faults.len());
        self.faults.extend(faults.into_iter().map(|fault| fault.to_string()).take(room));
    }
}

impl Engine {
    /// Walks the log and holds it against the heads that checkpoints signed.
    pub async fn verify_audit_log(&self) -> Result<LogVerification, Error> {
        let mut found = LogVerification::default();
        // Read before the checkpoints: what is said to be signed must be found there.
        let said = self.store().read("audit_log_signed", store::audit_log::signed_seq).await?;
        let mut checkpoints = Verification::default();
        let heads = self.verify_checkpoints(&mut checkpoints).await?.remove(&LANE);
        let heads = heads.unwrap_or_default();
        found.faults = checkpoints.faults.iter().map(ToString::to_string).collect();
        let signed = heads.last().map_or(0, |(_, head)| head.seq);
        found.add((said > signed).then_some(NoteFault::Unsigned { said, signed }));
        let (mut walk, mut heads) = (NoteWalk::default(), heads.into_iter().peekable());
        loop {
            let seq = walk.seq();
            let page = self
                .store()
                .read("audit_log_page", move |tx| store::audit_log::page(tx, seq, PAGE))
                .await?;
            if page.is_empty() {
                break;
            }
            for note in page {
                found.add(walk.step(&note));
                while let Some((checkpoint, head)) = heads.next_if(|(_, head)| head.seq <= note.seq)
                {
                    let is_signed = head.seq == note.seq && head.hash == note.hash;
                    let fault = NoteFault::Head { checkpoint, seq: head.seq };
                    found.add((!is_signed).then_some(fault));
                }
                found.rows += 1;
            }
        }
        // What was signed and is not there: rows were cut off.
        found.add(heads.map(|(checkpoint, head)| NoteFault::Head { checkpoint, seq: head.seq }));
        found.unsigned_rows = (walk.seq() - signed).max(0);
        Ok(found)
    }

    /// Notes before `before`, the newest first, at most `limit`; with a target, those about it.
    pub async fn audit_log(
        &self,
        target: Option<&str>,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<Note>, Error> {
        let (target, before) = (target.map(str::to_owned), before.unwrap_or(i64::MAX));
        let page = self.store().read("audit_log", move |tx| {
            store::audit_log::newest(tx, target.as_deref(), before, limit)
        });
        Ok(page.await?)
    }
}
