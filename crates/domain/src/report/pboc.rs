//! The credit bureau's report (征信报告): the 简版 page is read to a
//! [`CreditRecord`](crate::dataset::credit::CreditRecord), sentence by sentence, and the record
//! gives the counts, texts and scores of `viewReport` (`rong360.md`, Rules). Each definition stands
//! in `docs/credit-report.md`.

mod derived;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
mod interpretation;
pub mod page;
mod score;
pub mod sentence;

pub use crate::dataset::credit::*;
pub use derived::{Asked, CreditReport, Formula, derive, valid_until};
pub use interpretation::{Detail, Interpretation};
pub use score::Composition;

#[cfg(test)]
mod tests;
