//! The audit log (审计日志): who did what, as rows that each hash the one before. It is never erased,
//! so no row carries a person's data, nor a look-up hash of one.

use std::fmt;

use crate::ids::LaneId;
use crate::journal::{Canonical, RowHash};
use crate::time::Timestamp;

/// Among the signed heads of a checkpoint this is the audit log's; the journal's lanes begin at 1.
pub const LANE: LaneId = LaneId(0);

/// What is to be noted.
#[derive(Clone, Copy, Debug)]
pub struct NewNote<'a> {
    /// An operator's name, or `command line`, which no operator can be called.
    pub actor: &'a str,
    /// What was done: `policy.sign-off`, `operator.sign-in`.
    pub action: &'a str,
    /// What it was done to: `consumer-credit 3`, an id.
    pub target: &'a str,
    /// A JSON object.
    pub detail_json: &'a str,
    pub at: Timestamp,
}

/// A note at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// 1, 2, 3 … without a gap.
    pub seq: i64,
    pub actor: String,
    pub action: String,
    pub target: String,
    pub detail_json: String,
    pub at: Timestamp,
    pub hash: RowHash,
}

impl Note {
    /// What the first note chains to.
    pub const BEFORE_FIRST: RowHash = RowHash([0; 32]);

    pub fn chain(seq: i64, new: &NewNote<'_>, previous: RowHash) -> Self {
        Self {
            seq,
            actor: new.actor.to_owned(),
            action: new.action.to_owned(),
            target: new.target.to_owned(),
            detail_json: new.detail_json.to_owned(),
            at: new.at,
            hash: hash_of(seq, new, previous),
        }
    }

    /// Whether the hash is the one that content and predecessor give.
    pub fn follows(&self, previous: RowHash) -> bool {
        let new = NewNote {
            actor: &self.actor,
            action: &self.action,
            target: &self.target,
            detail_json: &self.detail_json,
            at: self.at,
        };
        self.hash == hash_of(self.seq, &new, previous)
    }
}

fn hash_of(seq: i64, new: &NewNote<'_>, previous: RowHash) -> RowHash {
    let mut digest = Canonical::new(b"probity audit log 1");
    digest.bytes(&previous.0);
    digest.number(seq);
    digest.number(new.at.0);
    for text in [new.actor, new.action, new.target, new.detail_json] {
        digest.text(text);
    }
    digest.finish()
}

/// What a walk can find wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoteFault {
    /// A row is missing.
    Gap { expected: i64, found: i64 },
    /// A row's hash is not what its content and its predecessor give.
    Chain { seq: i64 },
    /// What a checkpoint signed is not what stands there, or nothing does.
    Head { checkpoint: i64, seq: i64 },
    /// The log says that it was signed further than any checkpoint shows.
    Unsigned { said: i64, signed: i64 },
}

impl fmt::Display for NoteFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gap { expected, found } => {
                write!(f, "row {expected} of the audit log is missing (found {found})")
            }
            Self::Chain { seq } => write!(f, "row {seq} of the audit log: the hash is wrong"),
            Self::Head { checkpoint, seq } => {
                write!(
                    f,
                    "checkpoint {checkpoint}: row {seq} of the audit log is not what was signed"
                )
            }
            Self::Unsigned { said, signed } => {
                write!(f, "the audit log was signed up to row {said}, checkpoints show {signed}")
            }
        }
    }
}

/// A walk along the log; it goes on from each row as it is stored, so that one fault is said once.
#[derive(Clone, Debug)]
pub struct NoteWalk {
    seq: i64,
    hash: RowHash,
}

impl Default for NoteWalk {
    fn default() -> Self {
        Self { seq: 0, hash: Note::BEFORE_FIRST }
    }
}

impl NoteWalk {
    /// The row it stands at.
    pub fn seq(&self) -> i64 {
        self.seq
    }

    /// Takes the next row; says what is wrong with it.
    pub fn step(&mut self, note: &Note) -> Option<NoteFault> {
        let fault = if note.seq == self.seq + 1 {
            (!note.follows(self.hash)).then_some(NoteFault::Chain { seq: note.seq })
        } else {
            Some(NoteFault::Gap { expected: self.seq + 1, found: note.seq })
        };
        (self.seq, self.hash) = (note.seq, note.hash);
        fault
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log() -> Vec<Note> {
        let mut notes: Vec<Note> = Vec::new();
        for seq in 1..=5 {
            let new = NewNote {
                actor: "li",
                action: "policy.add",
                target: "consumer-credit 1",
                detail_json: "{}",
                at: Timestamp(seq),
            };
            let previous = notes.last().map_or(Note::BEFORE_FIRST, |last| last.hash);
            notes.push(Note::chain(seq, &new, previous));
        }
        notes
    }

    fn faults(notes: &[Note]) -> Vec<NoteFault> {
        let mut walk = NoteWalk::default();
        notes.iter().filter_map(|note| walk.step(note)).collect()
    }

    #[test]
    fn every_field_is_in_the_chain_and_every_row_is_missed() {
        assert_eq!(faults(&log()), []);
        let edits: [fn(&mut Note); 6] = [
            |note| note.actor.push('x'),
            |note| note.action.push('x'),
            |note| note.target.clear(),
            |note| note.detail_json = "{ }".to_owned(),
            |note| note.at.0 += 1,
            // A text that moves from one field to the next.
            |note| (note.actor, note.action) = ("lip".to_owned(), "olicy.add".to_owned()),
        ];
        for (at, edit) in edits.iter().enumerate() {
            let mut notes = log();
            edit(&mut notes[2]);
            assert_eq!(faults(&notes), [NoteFault::Chain { seq: 3 }], "edit {at}");
        }
        let mut removed = log();
        removed.remove(1);
        assert_eq!(faults(&removed), [NoteFault::Gap { expected: 2, found: 3 }]);
        let mut closed = removed;
        closed.iter_mut().enumerate().for_each(|(at, note)| note.seq = at as i64 + 1);
        assert_eq!(faults(&closed).len(), 3, "moved up to close the gap");
        let mut swapped = log();
        swapped.swap(1, 2);
        assert!(!faults(&swapped).is_empty());
    }
}
