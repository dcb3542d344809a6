//! WHAT IS TRUE. Pure: no async, no I/O, no clock and no randomness of its own.
//!
//! Every type here means the same thing in each layer above; the words are those of
//! `ARCHITECTURE.md`. Time and randomness come in as arguments ([`time::Clock`],
//! [`entropy::Entropy`]).

pub mod application;
pub mod assessment;
pub mod batch;
pub mod billing;
pub mod blacklist;
pub mod call;
pub mod callback;
pub mod claims;
pub mod consent;
pub mod coverage;
pub mod dataset;
pub mod entropy;
pub mod failure;
pub mod features;
pub mod file;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
pub mod identity;
pub mod ids;
pub mod journal;
pub mod keys;
pub mod load;
pub mod merchant;
pub mod money;
pub mod policy;
pub mod provider;
pub mod rate;
pub mod report;
pub mod score;
pub mod scoring;
pub mod secret;
pub mod session;
pub mod source;
pub mod subject;
pub mod time;
