//! An application for a loan (进件) as a merchant hands it in for the risk audit: document 001,
//! section 7.1, section for section.
//!
//! Everything in it is class C2: no part prints more than its type's name. Amounts are exact,
//! times are instants (the document's are local to Shanghai), and what the document numbers is an
//! enumeration whose `ALL` stands in the order of the numbers.

mod alipay;
pub mod course;
mod history;
mod telecom;

use serde::{Deserialize, Serialize};

use crate::dataset::{Fen, opaque};
use crate::time::Timestamp;

pub use alipay::{Account, Alipay, BoundCard, CreditLine, Deal};
pub use history::{App, Card, CardType, Loan, LoanState, Login, WatchList, Zhima};
pub use telecom::{Bill, CallContact, RealName, Telecom};

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    pub order: Order,
    pub basic: Basic,
    pub proofs: Vec<Proof>,
    /// The telephone's address book.
    pub contacts: Vec<AddressBookEntry>,
    pub telecom: Telecom,
    pub zhima: Option<Zhima>,
    pub loans: Vec<Loan>,
    pub alipay: Option<Alipay>,
    pub logins: Vec<Login>,
    pub cards: Vec<Card>,
    pub apps: Vec<App>,
}

impl Application {
    /// Bytes of JSON that an application may have, decrypted and unpacked.
    pub const BYTES_MAX: usize = 48 << 20;
    pub const EMERGENCY_CONTACTS_MAX: usize = 50;
    pub const PROOFS_MAX: usize = 50;
    pub const CONTACTS_MAX: usize = 20_000;
    pub const BILLS_MAX: usize = 240;
    pub const CALL_CONTACTS_MAX: usize = 100_000;
    pub const LOANS_MAX: usize = 10_000;
    /// Of friends and of those traded with, each.
    pub const ACCOUNTS_MAX: usize = 20_000;
    pub const DEALS_MAX: usize = 50_000;
    pub const CARDS_MAX: usize = 200;
    pub const LOGINS_MAX: usize = 20_000;
    pub const APPS_MAX: usize = 5_000;

    /// The one text of this content: applications that say the same have the same bytes, however
    /// each was written. It is what an `order_id` is compared by, and what is sealed and read back.
    pub fn canonical(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts, numbers and lists have a JSON form")
    }

    /// Reads what [`Self::canonical`] wrote.
    pub fn from_canonical(json: &[u8]) -> Option<Self> {
        serde_json::from_slice(json).ok()
    }
}

/// The loan that is asked for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// The merchant's own number, decimal digits; it names the application.
    pub id: String,
    pub amount: Fen,
    pub term_days: u32,
    pub at: Timestamp,
}

/// What the borrower says of itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basic {
    pub current_address: Option<String>,
    pub permanent_address: Option<String>,
    pub company_name: Option<String>,
    pub company_telephone: Option<String>,
    pub company_address: Option<String>,
    pub emergency_contacts: Vec<EmergencyContact>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmergencyContact {
    /// As it was written: digits, and what people put between them.
    pub telephone: String,
    pub name: String,
    pub relation: Option<Relation>,
}

/// What an emergency contact is to the borrower.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    Father,
    Mother,
    Spouse,
    Friend,
    Other,
}

impl Relation {
    pub const ALL: [Self; 5] =
        [Self::Father, Self::Mother, Self::Spouse, Self::Friend, Self::Other];
}

/// A picture of the borrower or the ID card; only where it is, it is never fetched.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    pub url: String,
    pub kind: ProofKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProofKind {
    /// 活体照片
    Live,
    /// 身份证正面
    CardFront,
    /// 身份证反面
    CardBack,
}

impl ProofKind {
    pub const ALL: [Self; 3] = [Self::Live, Self::CardFront, Self::CardBack];
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddressBookEntry {
    /// As the telephone has it, which may be anything that people save.
    pub telephone: String,
    pub name: String,
}

opaque!(Application, Order, Basic, EmergencyContact, Proof, AddressBookEntry);
