//! Billed or not: one table of (product, code), not code scattered about (I3).

use crate::merchant::Product;
use crate::score::code;

/// Whether an outcome of `product` with the business code `code` is billed. A code that is not in
/// the table is not billed.
pub fn billable(product: Product, code: i32) -> bool {
    BILLABLE.contains(&(product, code))
}

/// Face 1 bills code 0 only (document 000, section 4.1: `success` marks the bill).
const BILLABLE: [(Product, i32); 1] = [(Product::FinplusScore, code::OK)];
