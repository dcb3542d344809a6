//! The sandbox's registered people of the credit bureau, as those who try it out need them: who
//! they are, the bureau's page of each, and the application for a loan that each hands in.

use domain::time::Timestamp;
use serde::Serialize;
use sources::sandbox::credit_report::{self, Charset};
use sources::sandbox::persona::{application, credit};

pub use sources::sandbox::persona::application::{PERSONS as APPLICANTS, Size as ApplicationSize};

/// One registered person. Nobody has these numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BureauListing {
    pub login_name: String,
    pub name: String,
    pub id_card: String,
    pub mobile: String,
    pub bank: &'static str,
    pub debit_card: String,
    pub credit_card: String,
    /// Always: it stands beside each person who is shown.
    pub synthetic: bool,
}

/// Everybody registered; they are the same in every sandbox.
pub fn bureau_people() -> Vec<BureauListing> {
    let listing = |one: credit::BureauPerson| BureauListing {
        bank: one.bank_name(),
        name: one.person.name.expose().to_owned(),
        id_card: one.person.id_card.expose().to_owned(),
        mobile: one.person.mobile.expose().to_owned(),
        debit_card: one.debit_card.expose().to_owned(),
        credit_card: one.credit_card.expose().to_owned(),
        login_name: one.login_name,
        synthetic: true,
    };
    credit::people().map(listing).collect()
}

/// The page that the bureau shows of somebody, in GBK as the platform writes it; nothing for a
/// login name that is not registered.
pub fn bureau_page(login_name: &str, now: Timestamp) -> Option<Vec<u8>> {
    let record = credit::person(login_name)?.record(now);
    Some(credit_report::page(&record, Charset::Gbk))
}

/// Somebody who applies for a loan, and what a merchant hands in for it. Nobody has these numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Applicant {
    pub name: String,
    pub id_card: String,
    pub phone: String,
    /// The JSON that goes into `data` of `/risk-model/audit/open-id`.
    pub application: serde_json::Value,
}

/// The applicant of a number below [`APPLICANTS`], the same person as the bureau's `sandboxNN`,
/// with its application as of `now`.
pub fn sandbox_applicant(
    number: u32,
    order_id: u64,
    size: ApplicationSize,
    now: Timestamp,
) -> Option<Applicant> {
    let (person, application) = application::application(number, order_id, size, now)?;
    Some(Applicant {
        name: person.name.expose().to_owned(),
        id_card: person.id_card.expose().to_owned(),
        phone: person.mobile.expose().to_owned(),
        application,
    })
}
