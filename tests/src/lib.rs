//! The black-box harness: starts the real binary on SQLite and on PostgreSQL, speaks its wire
//! protocols with clients that share no code with it, and checks afterwards what it did.
//!
//! Set by `./test`: `PROBITY_BIN` (the binary), `PROBITY_TEST_POSTGRES` (a superuser's URL),
//! `PROBITY_TEST_POSTGRES_BIN` (where `initdb` is), `PROBITY_TEST_LONG` (full figures),
//! `PROBITY_TEST_SEEN` (where to list the answers that were seen). Set by hand:
//! `PROBITY_TEST_WRITE`
//! (documents that a test makes are written, not compared).

pub mod bench;
pub mod blacklist;
pub mod canary;
pub mod checker;
pub mod cli;
pub mod clients;
pub mod cluster;
pub mod connector;
pub mod database;
pub mod explained;
pub mod finplus;
pub mod history;
pub mod http;
pub mod journal;
pub mod load;
pub mod operators;
pub mod people;
pub mod process;
pub mod qiancheng;
pub mod receiver;
pub mod reviews;
pub mod rong360;
pub mod scan;
pub mod seen;
pub mod server;
pub mod stored;
pub mod v1;
pub mod welch;

/// Which figures a test uses: those that every run can afford, or the full ones (`--long`).
pub fn figure<T>(short: T, long: T) -> T {
    if std::env::var_os("PROBITY_TEST_LONG").is_some() { long } else { short }
}
