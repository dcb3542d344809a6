//! WHAT IS REMEMBERED. The only SQL in the product, written once, one file per noun.
//!
//! Two write paths: [`Store::unit`] runs a unit of work in a transaction of its own (cold), and
//! [`Store::settle`] journals calls in groups (hot). The differences between SQLite and
//! PostgreSQL are in `driver/` and `migrations/`, nowhere else.

mod driver;
mod error;
pub mod fail_points;
mod hot;
mod pause;
mod settle;
mod tx;
mod value;

pub mod answers;
pub mod applications;
pub mod audit_log;
pub mod batches;
pub mod blacklist;
pub mod callbacks;
pub mod calls;
pub mod checkpoints;
pub mod consents;
pub mod coverage;
pub mod credentials;
pub mod datasets;
pub mod decryptions;
pub mod entitlements;
pub mod inquiries;
pub mod jobs;
pub mod journal;
pub mod keys;
pub mod lease;
pub mod loads;
pub mod login_locks;
pub mod merchants;
pub mod migrations;
pub mod models;
pub mod nodes;
pub mod nonces;
pub mod operators;
pub mod overrides;
pub mod policies;
pub mod providers;
pub mod resends;
pub mod resolutions;
pub mod rong360;
pub mod sessions;
pub mod settings;
mod store;
pub mod subject_keys;
pub mod subjects;
pub mod tokens;
pub mod views;

pub use driver::sqlite::backup;
pub use error::StoreError;
pub use hot::{Found, HotStats};
pub use store::{DatabaseUrl, OpenOptions, Store};
pub use tx::Tx;
pub use value::{Row, Value};
