use crate::dataset::{
    credit::CreditRecord, degree::DegreeData, ebank::EbankData, telecom::TelecomData,
};
use crate::{
    application::Application, features::Features, identity::Person, policy::Inputs, time::Timestamp,
};
use serde::{Deserialize, Serialize};
pub const CATALOGUE_VERSION: u32 = 1;
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    pub is_listed: Option<bool>,
    pub inquiries: Option<Vec<Inquiry>>,
    pub device_persons: Option<u32>,
    pub ebank: Option<u32>,
}
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Inquiry {
    pub lender: u32,
    pub at: Timestamp,
}
impl Held {
    pub fn take_telecom(&mut self, _: &TelecomData, _: Timestamp) {}
    pub fn take_ebank(&mut self, _: &EbankData, _: Timestamp) {}
    pub fn take_degree(&mut self, _: &DegreeData, _: Timestamp) {}
    pub fn take_credit(&mut self, _: &CreditRecord, _: Timestamp) {}
}
pub fn features(_: &Person, _: &Application, _: &Held, _: Timestamp) -> Inputs {
    Inputs::default()
}
pub fn numbers(_: &Inputs) -> Features {
    Features::default()
}
