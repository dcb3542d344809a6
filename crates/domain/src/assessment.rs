//! Features of an application: what a policy and a model read of it, computed by pure functions
//! from the application and from what the platform already holds of the person.
//!
//! [`CATALOGUE`] names each feature once, with its unit, window, source, class and lawful basis;
//! `docs/features.md` is made of it. Three rules hold for all:
//!
//! - What is not known is unknown, never 0: an empty list may be a list that was not handed in.
//! - What the application says counts first; where it has no value, what is held fills it in. The
//!   merchant answers for what it hands in, and the decision is about that; what is held may be
//!   older. Whether identities agree is asked of all sources, and one that disagrees decides; what
//!   is owed, and whether it is overdue, the credit report knows of all lenders.
//! - A window ends now: `now - days < at <= now`; what is later than now is in none.

use std::collections::BTreeMap;
use std::sync::LazyLock;

mod alipay;
mod bills;
mod calls;
mod check;
mod contacts;
mod credit;
mod degree;
mod device;
mod feature;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
mod held;
mod identity;
mod income;
mod lenders;
mod loans;
mod numbers;
pub mod scorecard;

pub use calls::CallFigures;
pub use check::{check, policy};
pub use credit::HeldCredit;
pub use degree::HeldDegree;
pub use feature::{Basis, Class, Feature, Kind, Section};
pub use held::{Held, HeldTelecom, Inquiry};
pub use income::{HeldCard, HeldEbank};

use crate::application::Application;
use crate::features::{self, Features};
use crate::identity::Person;
use crate::policy::{Inputs, Value};
use crate::time::{Day, Timestamp};

/// Which catalogue it is: it grows with each change of what a feature gives, be it by its function
/// or by a table that it looks in, so that a decision says by which one it was made.
pub const CATALOGUE_VERSION: u32 = 1;

const AREAS: [&[Feature]; 13] = [
    &identity::FEATURES,
    &contacts::FEATURES,
    &calls::FEATURES,
    &bills::FEATURES,
    &loans::FEATURES,
    &lenders::FEATURES,
    &device::FEATURES,
    &alipay::FEATURES,
    &income::FEATURES,
    &credit::FEATURES,
    &degree::FEATURES,
    &held::FEATURES,
    &[scorecard::SCORE],
];

static ALL: [Feature; count()] = joined();

/// All features, area by area.
pub static CATALOGUE: &[Feature] = &ALL;

const fn count() -> usize {
    let (mut count, mut area) = (0, 0);
    while area < AREAS.len() {
        count += AREAS[area].len();
        area += 1;
    }
    count
}

const fn joined() -> [Feature; count()] {
    let mut all = [scorecard::SCORE; count()];
    let (mut at, mut area) = (0, 0);
    while area < AREAS.len() {
        let mut within = 0;
        while within < AREAS[area].len() {
            all[at] = AREAS[area][within];
            (at, within) = (at + 1, within + 1);
        }
        area += 1;
    }
    all
}

/// What the features of one application are read from: each long list was gone through once.
struct View<'a> {
    person: &'a Person,
    application: &'a Application,
    held: &'a Held,
    now: Timestamp,
    today: Day,
    calls: CallFigures,
    contacts: contacts::Figures,
    bills: bills::Figures,
    loans: loans::Figures,
    device: device::Figures,
    alipay: alipay::Figures,
}

impl<'a> View<'a> {
    fn new(
        person: &'a Person,
        application: &'a Application,
        held: &'a Held,
        now: Timestamp,
    ) -> Self {
        let book = contacts::Book::of(application);
        let peers = calls::peers(&application.telecom.contacts, now);
        let home = person.mobile.segment().map(|segment| segment.province);
        let told = calls::figures(&peers, &|number| book.is_collector(number), home, now);
        let carrier = held.telecom.as_ref();
        Self {
            person,
            application,
            held,
            now,
            today: now.shanghai_day(),
            calls: carrier.map_or(told, |carrier| told.or(&carrier.calls)),
            contacts: contacts::figures(person, application, &book, &peers),
            bills: bills::figures(application, held, now),
            loans: loans::figures(&application.loans, now),
            device: device::figures(application, now),
            alipay: alipay::figures(application, now),
        }
    }
}

/// Every feature of the catalogue, unknown where it is not known. The same arguments give the same
/// values, whatever the order of the application's lists.
pub fn features(person: &Person, application: &Application, held: &Held, now: Timestamp) -> Inputs {
    let view = View::new(person, application, held, now);
    let mut inputs = Inputs::default();
    for feature in CATALOGUE {
        inputs.set(feature.name, feature.value(&view));
    }
    inputs
}

/// The same features as a model reads them: true is 1, false is 0, what is not known is missing.
pub fn numbers(inputs: &Inputs) -> Features {
    let number = |feature: &Feature| (feature.name.to_owned(), number(&inputs.get(feature.name)));
    CATALOGUE.iter().map(number).collect()
}

/// One value as [`numbers`] gives it.
pub(crate) fn number(value: &Value) -> features::Value {
    match value {
        Value::Boolean(truth) => features::Value::Number(f64::from(*truth)),
        Value::Number(number) => features::Value::Number(number.to_f64()),
        _ => features::Value::Missing,
    }
}

/// The feature of this name.
pub fn feature(name: &str) -> Option<&'static Feature> {
    static BY_NAME: LazyLock<BTreeMap<&str, &Feature>> =
        LazyLock::new(|| CATALOGUE.iter().map(|feature| (feature.name, feature)).collect());
    BY_NAME.get(name).copied()
}

#[cfg(test)]
mod tests;
