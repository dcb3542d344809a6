//! Broken applications made of the table of fields: each way in which each field can be wrong.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::*;
use super::full;

/// A place in the fixture, as the path of an error names it and as JSON pointers do.
struct Place {
    path: String,
    pointer: String,
}

/// Values that a field of this sort must not have, each with what is said of it.
fn wrong(sort: Sort) -> Vec<(Value, Fault)> {
    let too_long = |max: usize| (json!("字".repeat(max + 1)), Fault::TooLong);
    let mut wrong = match sort {
        Sort::Text(max) => vec![too_long(max), (json!("a\u{1}b"), Fault::Form)],
        Sort::Digits(max) => vec![
            (json!("1".repeat(max + 1)), Fault::TooLong),
            (json!("A1"), Fault::Form),
            (json!(-1), Fault::Form),
        ],
        Sort::Whole(min, max) => {
            let mut wrong = vec![(json!("x"), Fault::Range), (json!(1.5), Fault::Range)];
            wrong.extend(min.checked_sub(1).map(|less| (json!(less), Fault::Range)));
            wrong.extend(max.checked_add(1).map(|more| (json!(more), Fault::Range)));
            wrong
        }
        Sort::Yuan => vec![
            (json!("1.001"), Fault::Amount),
            (json!("1,000.00"), Fault::Amount),
            (json!("9e12"), Fault::Range),
        ],
        Sort::Moment => vec![
            (json!("2018-02-30 00:00:00"), Fault::Moment),
            (json!("2018-01-31 25:00:00"), Fault::Moment),
            (json!("昨天"), Fault::Moment),
        ],
        Sort::Month => vec![(json!("2018-13"), Fault::Month), (json!("一月"), Fault::Month)],
        Sort::Telephone => vec![
            (json!("a@b"), Fault::Form),
            (json!("12"), Fault::Form),
            (json!("1".repeat(33)), Fault::TooLong),
        ],
        Sort::Url => vec![
            (json!("ftp://x"), Fault::Form),
            (json!("https://a b"), Fault::Form),
            (json!(format!("https://{}", "a".repeat(3_000))), Fault::TooLong),
        ],
        Sort::Choice(first, count) => vec![
            (json!(first - 1), Fault::Choice),
            (json!(first + count as i64), Fault::Choice),
            (json!("父亲"), Fault::Choice),
        ],
        Sort::CardNumber => {
            vec![(json!("卡"), Fault::Form), (json!("6".repeat(40)), Fault::TooLong)]
        }
        Sort::Json => vec![
            (json!("[1,"), Fault::Form),
            (json!(["x".repeat(60_000), "x".repeat(60_000)]), Fault::TooLong),
        ],
        Sort::One(_) => vec![
            (json!(1), Fault::NotMap),
            (json!("x"), Fault::NotMap),
            (json!("{\"a\":"), Fault::Form),
        ],
        Sort::Rows(_, min, _) => {
            let mut wrong = vec![(json!(1), Fault::NotList), (json!("[{"), Fault::Form)];
            wrong.extend((min > 0).then(|| (json!([]), Fault::MISSING)));
            wrong
        }
    };
    if !matches!(sort, Sort::One(_) | Sort::Rows(..) | Sort::Json) {
        let values = [json!([1]), json!({"a": 1}), json!(true)];
        wrong.extend(values.map(|value| (value, Fault::NotText)));
    }
    wrong
}

/// Each (path, text, fault) below a record that stands at `place` of the fixture.
fn broken(place: &Place, fields: &[Field], found: &mut Vec<(String, String, Fault)>) {
    for field in fields {
        let names = [field.name].into_iter().chain(field.aliases.iter().copied());
        let record = full().pointer(&place.pointer).cloned().expect("the fixture has it");
        let name = names.clone().find(|name| record.get(name).is_some());
        let name = name.unwrap_or_else(|| panic!("{} lacks {}", place.path, field.name));
        let at = |name: &str| Place {
            path: format!("{}.{name}", place.path),
            pointer: format!("{}/{name}", place.pointer),
        };
        let mut add = |name: &str, fault, change: &dyn Fn(&mut Value)| {
            let mut whole = full();
            change(whole.pointer_mut(&place.pointer).expect("the fixture has it"));
            found.push((at(name).path, whole.to_string(), fault));
        };
        if field.need == Need::Required {
            // The right name is asked for.
            add(field.name, Fault::MISSING, &|record| {
                record.as_object_mut().expect("an object").remove(name);
            });
            add(field.name, Fault::MISSING, &|record| record[name] = json!(""));
        }
        for (value, fault) in wrong(field.sort) {
            let told = if fault == Fault::MISSING { field.name } else { name };
            add(told, fault, &|record| record[name] = value.clone());
        }
        match field.sort {
            Sort::One(inner) => {
                add(name, Fault::TooMany, &|record| {
                    record[name] = json!([record[name], record[name]]);
                });
                broken(&at(name), inner, found);
            }
            Sort::Rows(inner, ..) => {
                add(&format!("{name}[x]"), Fault::Form, &|record| {
                    record[name] = json!({ "0": record[name][0], "x": record[name][0] });
                });
                // A bound card may be a text.
                let fault = if name == "bank_cards" { Fault::NotText } else { Fault::NotMap };
                add(&format!("{name}[0]"), fault, &|record| record[name][0] = json!([1]));
                let row = record[name].as_array().and_then(|rows| {
                    rows.iter().position(|row| {
                        inner.iter().all(|field| {
                            let mut names =
                                [field.name].into_iter().chain(field.aliases.iter().copied());
                            names.any(|name| row.get(name).is_some())
                        })
                    })
                });
                let row = row.expect("the fixture has a whole row");
                let Place { path, pointer } = at(name);
                let place =
                    Place { path: format!("{path}[{row}]"), pointer: format!("{pointer}/{row}") };
                broken(&place, inner, found);
            }
            _ => {}
        }
    }
}

#[test]
fn three_hundred_broken_applications_are_refused_by_path_and_fault() {
    let mut all = Vec::new();
    broken(&Place { path: "data".to_owned(), pointer: String::new() }, FIELDS, &mut all);
    let mut distinct = BTreeSet::new();
    for (path, text, fault) in all {
        let expected = Unread::Field { path: path.clone(), fault };
        let found = read(text.as_bytes()).err();
        assert_eq!(found, Some(expected), "{path}");
        distinct.insert((path, format!("{fault:?}")));
    }
    assert!(distinct.len() >= 300, "only {} distinct", distinct.len());
}
