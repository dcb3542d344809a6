//! The contract of the store: one suite, run against SQLite and against PostgreSQL.
//!
//! `PROBITY_TEST_POSTGRES` names a PostgreSQL superuser's database; each test makes a database of
//! its own beside it. Without it the PostgreSQL half is skipped, but not where `CI` is set.

mod contract {
    mod applications;
    mod blacklist;
    mod callbacks;
    mod checkpoints;
    mod consents;
    mod coverage;
    mod database;
    mod decryptions;
    mod holds;
    mod jobs;
    mod journal;
    mod limits;
    mod login_locks;
    mod migrations;
    mod native;
    mod operators;
    mod parties;
    mod persons;
    mod postgres_only;
    mod providers;
    mod races;
    mod records;
    mod rong360;
    mod samples;
    mod sessions;
    mod settle;
    mod sqlite_only;
    mod units;
    mod upgrade;
}
