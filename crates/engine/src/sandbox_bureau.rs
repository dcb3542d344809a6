//! The sandbox's registered people of the credit bureau, as those who try it out need them.

use domain::time::Timestamp;
use serde::Serialize;
use sources::sandbox::credit_report::{self, Charset};
use sources::sandbox::persona::credit;

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
