//! What the platform holds of the applicant besides the application, reduced to what the features
//! read. It is small, and it is kept with the decision, so that the decision can be computed again
//! after the data it came from is gone.

use serde::{Deserialize, Serialize};

use super::calls::{self, CallFigures};
use super::feature::{Feature, Section};
use super::{HeldCredit, HeldDegree, HeldEbank};
use crate::application::Bill;
use crate::dataset::credit::CreditRecord;
use crate::dataset::degree::DegreeData;
use crate::dataset::ebank::EbankData;
use crate::dataset::telecom::TelecomData;
use crate::dataset::{Month, opaque};
use crate::identity::Mobile;
use crate::time::Timestamp;

pub(super) const FEATURES: [Feature; 1] = [Feature::truth(
    Section::Blacklist,
    "blacklist.is_listed",
    ("命中黑名单", "On the blacklist"),
    |view| view.held.is_listed,
)];

/// What is held, as far as a consent covers its use for this application; nothing is not known.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Held {
    /// What the blacklist says.
    pub is_listed: Option<bool>,
    /// Which lenders asked about the person; only under a consent to that count.
    pub inquiries: Option<Vec<Inquiry>>,
    /// Persons who applied from one of the application's devices within 90 days, the applicant
    /// included.
    pub device_persons: Option<u32>,
    pub telecom: Option<HeldTelecom>,
    pub ebank: Option<HeldEbank>,
    pub degree: Option<HeldDegree>,
    pub credit: Option<HeldCredit>,
}

/// One inquiry about the person.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inquiry {
    /// A number of the lender that holds within this list alone: who it is, nobody needs to know.
    /// The asking lender has one too.
    pub lender: u32,
    pub at: Timestamp,
}

/// What a carrier's data comes to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldTelecom {
    /// Whose number it is, as the carrier shows it.
    pub name: String,
    pub id_card: String,
    pub in_use_since: Timestamp,
    pub bills: Vec<Bill>,
    pub calls: CallFigures,
}

impl Held {
    /// Takes a carrier's data.
    pub fn take_telecom(&mut self, data: &TelecomData, now: Timestamp) {
        let line = data.line();
        let home = Mobile::parse(&line.basic.cell_phone).ok().and_then(|mobile| mobile.segment());
        let bill = |bill: &crate::dataset::telecom::Bill| Bill {
            month: Month::of(bill.bill_cycle.shanghai_day()),
            amount: bill.total_amt,
        };
        self.telecom = Some(HeldTelecom {
            name: line.basic.real_name.clone(),
            id_card: line.basic.idcard.clone(),
            in_use_since: line.basic.reg_time,
            bills: line.transactions.iter().map(bill).collect(),
            calls: calls::of_line(line, home.map(|segment| segment.province), now),
        });
    }

    /// Takes a bank's data.
    pub fn take_ebank(&mut self, data: &EbankData, now: Timestamp) {
        self.ebank = Some(HeldEbank::of(data, now));
    }

    /// Takes the register's degrees; an empty list is a person without one.
    pub fn take_degree(&mut self, data: &DegreeData, now: Timestamp) {
        self.degree = Some(HeldDegree::of(data, now));
    }

    /// Takes a credit report.
    pub fn take_credit(&mut self, record: &CreditRecord, now: Timestamp) {
        self.credit = Some(HeldCredit::of(record, now));
    }
}

opaque!(Held, Inquiry, HeldTelecom);
