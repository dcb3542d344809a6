//! What features give belongs to the version of the catalogue: who changes it raises the version,
//! so that each decision says by which catalogue it was made.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::*;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/assessment/features.txt");
const REMEDY: &str = "raise CATALOGUE_VERSION when a feature gives something else, then \
                      cargo xtask gen";

#[test]
fn features_give_what_their_version_gave() {
    let kept = std::fs::read_to_string(PATH).unwrap_or_default();
    assert!(changed(&kept).is_empty(), "{:?}: {REMEDY}", changed(&kept));
    assert!(kept == given(), "{PATH} is old: {REMEDY}");
}

#[test]
#[ignore = "writes what features give, for `cargo xtask gen`"]
fn write_what_features_give() {
    let kept = std::fs::read_to_string(PATH).unwrap_or_default();
    let is_raised = kept.lines().next() != given().lines().next();
    assert!(is_raised || changed(&kept).is_empty(), "{:?}: {REMEDY}", changed(&kept));
    std::fs::write(PATH, given()).expect("the file can be written");
}

/// Features that give another value than they gave.
fn changed(kept: &str) -> Vec<&str> {
    let given = given();
    let values: BTreeMap<&str, &str> =
        given.lines().filter_map(|line| line.split_once(' ')).collect();
    let before = kept.lines().skip(1).filter_map(|line| line.split_once(' '));
    before.filter(|(name, value)| values.get(name) != Some(value)).map(|(name, _)| name).collect()
}

/// Each feature of one application that tells everything. It and what is held are read as they were
/// kept, since old decisions are computed again from what was kept of them.
fn given() -> String {
    let application = include_bytes!("../../../fixtures/assessment/application.json");
    let held = include_bytes!("../../../fixtures/assessment/held.json");
    let case = Case {
        application: Application::from_canonical(application).expect("an application"),
        held: serde_json::from_slice(held).expect("what is held"),
        ..Case::least()
    };
    let inputs = case.inputs();
    let mut given = format!("version {CATALOGUE_VERSION}\n");
    for feature in CATALOGUE {
        let _ = writeln!(given, "{} {}", feature.name, inputs.get(feature.name));
    }
    given
}
