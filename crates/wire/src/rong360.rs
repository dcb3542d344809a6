//! Face 3: Rong360's unified credit interface (document 002): a borrower's PBoC credit report,
//! form by form.

pub mod report;
