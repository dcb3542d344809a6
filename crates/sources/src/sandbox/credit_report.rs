//! What the simulated credit bureau prints: sentences and the 简版 page.

pub mod sentence;

pub use sentence::{of_account, of_guarantee};
