//! What the simulated credit bureau prints: sentences and the 简版 page.

pub mod page;
pub mod sentence;

pub use page::{Charset, page};
pub use sentence::{of_account, of_guarantee};

#[cfg(test)]
mod tests;
