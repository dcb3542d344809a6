//! `docs/features.md`: the catalogue as a page.

use std::fmt::Write as _;

use super::*;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/features.md");

#[test]
fn the_page_is_the_catalogue() {
    let written = std::fs::read_to_string(PATH).unwrap_or_default();
    assert!(written == document(), "docs/features.md is old: cargo xtask gen");
}

#[test]
#[ignore = "writes docs/features.md anew, for `cargo xtask gen`"]
fn write_the_page() {
    std::fs::write(PATH, document()).expect("the file can be written");
}

const HEAD: &str = "\
What a policy and a model can read of an application. The functions beside these rows are in
`crates/domain/src/assessment/`; each row has a case in `assessment/tests/cases.rs`.

- **Not known is not 0.** A section that is missing, and a list that is empty, give no value: an
  empty list may be one that was not handed in. Inquiries, the blacklist and the registers say
  \"none\" when they were asked and had none.
- **What the application says counts first**; where it has no value, what the platform holds under a
  consent that covers it fills it in. The merchant answers for what it hands in; what is held may be
  older. Three are read otherwise: `identity.name_matches` asks all sources, and one that disagrees
  decides; `loans.overdue_days_now` is not 0 while a credit report shows an overdue account; debts
  are read from the credit report first, since it knows all lenders, then from the bank data.
- **Windows end now**: `now - days < at <= now`. What is dated after now is in none.
- Days and hours are those of Asia/Shanghai; a month in a length of time is 30 days, a bill's month
  one of the calendar. Amounts are yuan, shares have four digits.
- `calls.collection_d90` counts what surely was within 90 days: an application counts calls by
  number, so of a number that called before, only those of the last month are sure, or one. A
  number is known for collection when the applicant's own address book says so (催收, 催款, 催债,
  讨债, 要债, 清收), or when it is of the sandbox; no public directory of such numbers exists.
- `lenders.*` count different lenders. The asking one counts as soon as its own inquiry is written.
- Stars hide what a source does not show; the rest must fit. Stars alone say nothing.

Class (JR/T 0171-2020): all are C2, persons' data, but those marked C1. Lawful basis, a letter for
each source:
";

fn document() -> String {
    let mut text = format!(
        "# Features\n\nMade from the code by `cargo xtask gen`; what is changed here by hand is \
         lost.\nVersion {CATALOGUE_VERSION}, {} features.\n\n{HEAD}\n",
        CATALOGUE.len()
    );
    for basis in Basis::ALL {
        let _ = writeln!(text, "- **{}**: {}; {}", basis.letter(), basis.zh(), basis.en());
    }
    let area = |feature: &Feature| feature.name.split('.').next().unwrap_or_default();
    let mut areas: Vec<&str> = Vec::new();
    for feature in CATALOGUE {
        if !areas.contains(&area(feature)) {
            areas.push(area(feature));
        }
    }
    for name in areas {
        let _ = writeln!(text, "\n## {name}\n\n{TABLE}");
        for feature in CATALOGUE.iter().filter(|feature| area(feature) == name) {
            text.push_str(&row(feature));
        }
    }
    text + &example()
}

/// The example scorecard, bin by bin.
fn example() -> String {
    let model: serde_json::Value = serde_json::from_slice(scorecard::MODEL).expect("JSON");
    let mut text = format!(
        "\n## The example scorecard\n\n`consumer-credit-expert`, which the default policy \
         names, is an EXAMPLE: its points were set by\nhand, not trained on data; replace it by a \
         model of your own. The score is {} and the points of one bin\nof each row; a feature \
         that is not known gives 0 points. A bin begins at the number before it.\n\n\
         | feature | points |\n|---|---|\n",
        model["base"]
    );
    for variable in model["variables"].as_array().expect("a list") {
        let points = variable["points"].as_array().expect("a list");
        let splits = variable["splits"].as_array().expect("a list");
        let rest = splits.iter().zip(&points[1..]);
        let name = variable["name"].as_str().expect("a name");
        let _ = write!(text, "| `{name}` | {}", points[0]);
        for (from, points) in rest {
            let _ = write!(text, "; from {from}: {points}");
        }
        text.push_str(" |\n");
    }
    text
}

const TABLE: &str = "\
| name | type | 中文 | meaning | days | read from | basis |
|---|---|---|---|---|---|---|";

fn row(feature: &Feature) -> String {
    let unit = feature.unit.map(|unit| format!(", {unit}")).unwrap_or_default();
    let days = feature.window_days.map(|days| days.to_string()).unwrap_or_default();
    let class = if feature.class == Class::C1 { " (C1)" } else { "" };
    let letters = feature.section.bases().iter().map(|basis| basis.letter());
    format!(
        "| `{}`{class} | {}{unit} | {} | {} | {days} | {} | {} |\n",
        feature.name,
        feature.kind().as_str(),
        feature.zh,
        feature.en,
        feature.section.source(),
        letters.collect::<String>(),
    )
}
