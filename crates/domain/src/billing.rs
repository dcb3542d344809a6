//! Billed or not: one table of (product, code), not code scattered about (I3).

use crate::merchant::Product;
use crate::score::code;

/// Whether an outcome of `product` with the business code `code` is billed. A code that is not in
/// the table is not billed.
pub fn billable(product: Product, code: i32) -> bool {
    BILLABLE.contains(&(product, code))
}

/// Face 1 bills code 0 only (document 000, section 4.1: `success` marks the bill). Face 2 bills a
/// blacklist's answer and, once per session, data that is there; face 3 bills a report when it is
/// read and, by the merchant's price table, when it is shown again (`common.md`, Billing).
/// A file is billed when it was read, once for its person; an application when it was taken in,
/// once under its order's number.
const BILLABLE: [(Product, i32); 10] = [
    (Product::FinplusScore, code::OK),
    (Product::Blacklist, 0),
    (Product::Telecom, 0),
    (Product::Degree, 0),
    (Product::Ebank, 0),
    (Product::EbankV2, 0),
    (Product::CreditReport, 0),
    (Product::CreditCached, 0),
    (Product::File, 0),
    (Product::RiskAudit, 0),
];
