//! WHAT HAPPENS. Use cases: load, decide (by `domain`), save and enqueue.
//!
//! Each surface (a face, the command line, later the console) calls these and nothing below.

mod authentication;
pub mod backup;
mod calls;
mod clock;
mod directory;
mod engine;
mod error;
mod explanation;
mod health;
mod jobs;
mod journal;
mod keys;
mod merchants;
mod models;
mod nodes;
mod sandbox;
mod sandbox_people;
mod scores;
mod subjects;
pub mod tasks;

pub use calls::{CallRecord, Outcome};
pub use clock::EngineClock;
pub use directory::{Directory, KeyHolder, LiveModel, MerchantEntry};
pub use engine::{Engine, Settings};
pub use error::Error;
pub use explanation::{Explained, ScoreExplained};
pub use health::Health;
pub use journal::{Reconciliation, StatementOf, Verification};
pub use keys::{KeyReport, are_there as has_keys, init as init_keys, rotate_root};
pub use merchants::{Issued, NewCredential, NewMerchant};
pub use models::ModelSummary;
pub use sandbox::SandboxAccess;
pub use sandbox_people::{MagicId, SandboxIds, SandboxPerson, sandbox_ids};
pub use scores::{Question, Render};
pub use subjects::{BadRow, Erased, LoadReport};
