//! WHAT IS TRUE. Pure: no async, no I/O, no clock and no randomness of its own.
//!
//! Every type here means the same thing in each layer above; the words are those of
//! `ARCHITECTURE.md`. Time and randomness come in as arguments ([`time::Clock`],
//! [`entropy::Entropy`]).

pub mod billing;
pub mod call;
pub mod entropy;
pub mod failure;
pub mod features;
pub mod ids;
pub mod journal;
pub mod keys;
pub mod merchant;
pub mod money;
pub mod rate;
pub mod score;
pub mod scoring;
pub mod secret;
pub mod subject;
pub mod time;
