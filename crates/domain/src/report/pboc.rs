//! The credit bureau's report (征信报告): the 简版 page is read to a
//! [`CreditRecord`](crate::dataset::credit::CreditRecord), sentence by sentence, and the record
//! gives the counts, texts and scores of `viewReport` (`rong360.md`, Rules). Each definition stands
//! in `docs/credit-report.md`.

pub mod page;
pub mod sentence;

pub use crate::dataset::credit::*;

#[cfg(test)]
mod tests;
