//! Fuzz targets: features of any application, and of anything that is held.

use super::{Held, features, numbers, scorecard};
use crate::application::Application;
use crate::fuzz::Target;
use crate::identity::{IdCard, Mobile, Person, PersonName};
use crate::time::Timestamp;

const NOW: Timestamp = Timestamp(1_795_219_200_000_000);
const APPLICATION: &[u8] = include_bytes!("../../fixtures/assessment/application.json");
/// A row in each list, short enough to be changed ([`crate::fuzz`] cuts what is long).
const SMALL: &[u8] = include_bytes!("../../fixtures/assessment/small.json");
const HELD: &[u8] = include_bytes!("../../fixtures/assessment/held.json");

/// All targets of this module.
pub const TARGETS: [Target; 2] = [
    Target { name: "application-features", run: application, corpus: &[SMALL] },
    Target { name: "held-features", run: held, corpus: &[HELD] },
];

/// A canonical application.
pub fn application(bytes: &[u8]) -> bool {
    let read = Application::from_canonical(bytes);
    read.as_ref().is_some_and(|application| scored(application, &Held::default()))
}

/// What is held, beside an application that tells everything.
pub fn held(bytes: &[u8]) -> bool {
    let application = Application::from_canonical(APPLICATION).expect("the fixture");
    serde_json::from_slice(bytes).is_ok_and(|held| scored(&application, &held))
}

/// The same twice, and a score on its scale.
fn scored(application: &Application, held: &Held) -> bool {
    let person = Person {
        name: PersonName::parse("合成甲").expect("a name"),
        id_card: IdCard::parse("110101199003070011", NOW.shanghai_day()).expect("a number"),
        mobile: Mobile::parse("13800138000").expect("a mobile"),
    };
    let inputs = features(&person, application, held, NOW);
    assert!(inputs == features(&person, application, held, NOW), "other features");
    let (card, model) = scorecard::example();
    let scored = model.score(&numbers(&inputs)).expect("numbers or missing");
    assert!(card.published(scored.score).is_ok(), "{}", scored.score);
    true
}

#[cfg(test)]
mod tests {
    crate::fuzz_tests!(super::TARGETS);
}
