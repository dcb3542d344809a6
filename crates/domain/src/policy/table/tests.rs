use serde_json::{Value as Json, json};

use super::*;
use crate::policy::fault::Faults;
use crate::policy::scope::{Range, Scope};
use crate::policy::{flow, jdm};

/// A table over `score` (an integer from 300 to 850), `share` (any number), `kind` (any text),
/// `class` (a or b) and `flag`: one text for a row, its cells apart by `|`.
fn faults(columns: &[&str], rows: &[&str], hit_policy: &str, allowed: Allowed) -> Vec<String> {
    let inputs: Vec<Json> = columns
        .iter()
        .enumerate()
        .map(|(at, field)| json!({"id": format!("c{at}"), "name": field, "field": field}))
        .collect();
    let rule = |row: &&str| {
        let cells = row.split('|').enumerate();
        let mut rule: serde_json::Map<String, Json> =
            cells.map(|(at, cell)| (format!("c{at}"), json!(cell))).collect();
        rule.insert("o".to_owned(), json!("1"));
        Json::Object(rule)
    };
    let graph = json!({
        "nodes": [
            {"id": "i", "type": "inputNode", "name": "in"},
            {"id": "t", "type": "decisionTableNode", "name": "T", "content": {
                "hitPolicy": hit_policy, "inputs": inputs,
                "outputs": [{"id": "o", "name": "out", "field": "o"}],
                "outputPath": if hit_policy == "collect" { "list" } else { "" },
                "rules": rows.iter().map(rule).collect::<Vec<_>>(),
            }},
        ],
        "edges": [{"id": "1", "sourceId": "i", "targetId": "t"}],
    });
    let mut scope = Scope::default();
    let number = |text: &str| Some(text.parse().unwrap());
    let points = Range { is_integer: true, min: number("300"), max: number("850"), texts: None };
    let class = Range { texts: Some(vec!["a".into(), "b".into()]), ..Range::default() };
    for (name, of, range) in [
        ("score", Type::Number, points),
        ("share", Type::Number, Range::default()),
        ("kind", Type::Text, Range::default()),
        ("class", Type::Text, class),
        ("flag", Type::Boolean, Range::default()),
        ("from", Type::Date, Range::default()),
        ("loans", Type::List(Box::new(Type::Number)), Range::default()),
    ] {
        scope.add(name, of, range).unwrap();
    }
    let mut faults = Faults::default();
    let graph = jdm::read(&graph, &mut faults).unwrap_or_else(|| panic!("{faults:?}"));
    flow::compile(&graph, &mut scope, &[("T".to_owned(), allowed)].into(), &mut faults);
    faults.0.iter().map(ToString::to_string).collect()
}

fn checked(columns: &[&str], rows: &[&str]) -> String {
    faults(columns, rows, "first", Allowed::default()).join("\n")
}

#[test]
fn whole_tables_pass() {
    for (columns, rows) in [
        (&["score"][..], &["< 600", ">= 600"][..]),
        // Whole numbers leave no gap between 599 and 600, and none below 300.
        (&["score"], &["[300..599]", "[600..699]", "[700..850]"]),
        (&["share"], &["< 0.3", "[0.3..0.5)", ">= 0.5"]),
        (&["class", "flag"], &["'a'|", "'b'|true", "'b'|false"]),
        (&["class"], &["'a'", "not in ['a']"]),
        (&["kind"], &["'x', 'y'", "not in ['x', 'y']"]),
        (&["kind"], &["'x'", ""]),
        (&["score", "flag"], &["> 700|true", "> 800|false", "|"]),
        (&[""], &["score > 700 or flag", "score <= 700 and not flag"]),
        (&["from"], &["< d('2026-01-01')", ">= d('2026-01-01')"]),
        (&["len(loans)"], &["0", "1", ">= 2"]),
        (&["count(loans, # > 30)"], &["0", "[1..3)", ">= 3"]),
        (&["share"], &["null", "< 1", ">= 1"]),
        (&["share ?? 0"], &["< 1", ">= 1"]),
    ] {
        assert_eq!(checked(columns, rows), "", "{columns:?} {rows:?}");
    }
}

#[test]
fn overlapping_and_missing_rows() {
    for (columns, rows, words) in [
        (
            &["score"][..],
            &["<= 600", ">= 600"][..],
            "rows 1 and 2 both apply, for example with score = 600",
        ),
        (&["score"], &["< 600", "> 600"], "no row is for score = 600; add a row"),
        (&["share"], &["[0..599]", "[600..699]", "> 699", "< 0"], "no row is for share = 599.5"),
        (&["score"], &["[400..850]"], "no row is for score = 300"),
        (&["kind"], &["'x'", "'y'"], "no row is for kind = '(any other text)'"),
        (&["class", "flag"], &["'a'|", "'b'|true"], "no row is for class = 'b', flag = false"),
        (
            &["score", "flag"],
            &["> 700|true", "> 800|", "<= 800|"],
            "rows 1 and 2 both apply, for example with flag = true, score = 801",
        ),
        // In ZEN a comma is "or": the usual slip.
        (&["share"], &["< 30", ">= 30, < 50", ">= 50"], "rows 1 and 2 both apply"),
        (
            &["share"],
            &["> 5 and < 3", ""],
            "row 1 never applies: its conditions exclude each other",
        ),
        (&["flag"], &["true", "false", ""], "row 3 never applies: the rows before it take all"),
        (
            &["share"],
            &["!= null", "null", "null"],
            "rows 2 and 3 both apply, for example with share missing",
        ),
        (
            &["share"],
            &["$ % 2 == 0", "$ % 2 != 0 and share > score"],
            "does not compare with constants",
        ),
    ] {
        let said = checked(columns, rows);
        assert!(said.contains(words), "{columns:?} {rows:?}: {said}");
        assert!(said.starts_with("flow, table \"T\": "), "{said}");
    }
}

#[test]
fn what_is_declared_is_allowed() {
    let rows = ["> 700", "> 600"];
    let overlap = Allowed { overlap: true, gaps: false };
    let gaps = Allowed { overlap: false, gaps: true };
    let said = |rows: &[&str], allowed| faults(&["score"], rows, "first", allowed).join("\n");
    assert!(said(&rows, overlap).contains("no row is for score = 300"));
    assert!(said(&rows, gaps).contains("rows 1 and 2 both apply"));
    assert_eq!(said(&rows, Allowed { overlap: true, gaps: true }), "");
    assert_eq!(said(&["> 700", "> 600", ""], overlap), "");
    // Even so, a row behind a wider one is a mistake.
    assert!(said(&["> 600", "> 700", ""], overlap).contains("row 2 never applies"));
    assert_eq!(faults(&["score"], &rows, "collect", Allowed::default()), [""; 0]);
}

/// A large table is checked in time, and a hostile one is given up.
#[test]
fn large_tables() {
    let rows: Vec<String> = (0..ROWS_MAX)
        .map(|at| match at {
            0 => "< 0|".to_owned(),
            999 => ">= 998|".to_owned(),
            at => format!("[{}..{at})|", at - 1),
        })
        .collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    assert_eq!(checked(&["share", "kind"], &rows), "");
    let cells = |at: usize| (0..12).map(move |axis| if (at >> axis) & 1 == 1 { "> 5" } else { "" });
    let rows: Vec<String> =
        (1..200).map(|at| cells(at * 37).collect::<Vec<_>>().join("|")).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let columns: Vec<String> = (0..12).map(|at| format!("share + {at}")).collect();
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let overlap = Allowed { overlap: true, gaps: false };
    assert!(!faults(&columns, &rows, "first", overlap).is_empty());
}
