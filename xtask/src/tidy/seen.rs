//! Every answer that a route is documented to give was seen by a test, and no other was.
//!
//! Documented: `x-codes` of each route and `x-other-paths` in `docs/openapi.json`. Seen: the lines
//! "path status code" that the test client notes (`tests/src/seen.rs`).

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::source;

const DOCUMENT: &str = "docs/openapi.json";
/// What stands for every path that no route has.
const OTHER: &str = "(any other path)";

/// The document, and the lines of all files in `folder`.
pub(crate) fn load(folder: &Path) -> Result<(Value, BTreeSet<String>)> {
    let folder = std::path::absolute(folder)?;
    source::enter_root()?;
    let document = serde_json::from_str(&std::fs::read_to_string(DOCUMENT).context(DOCUMENT)?)?;
    let mut lines = BTreeSet::new();
    for entry in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let text = std::fs::read_to_string(entry?.path())?;
        lines.extend(text.lines().map(str::to_owned));
    }
    ensure!(!lines.is_empty(), "{}: nothing was noted", folder.display());
    Ok((document, lines))
}

pub(crate) fn check(document: &Value, lines: &BTreeSet<String>) -> Vec<String> {
    let documented = documented(document);
    let paths: Vec<&String> =
        document["paths"].as_object().into_iter().flatten().map(|(path, _)| path).collect();
    let seen: BTreeSet<String> = lines.iter().map(|line| of_route(line, &paths)).collect();
    let unseen = documented.difference(&seen).map(|pair| format!("{pair}: no test saw it"));
    let unknown = seen.difference(&documented).map(|pair| format!("{pair}: is not documented"));
    unseen.chain(unknown).collect()
}

/// "path status code" of each answer in the document.
fn documented(document: &Value) -> BTreeSet<String> {
    let mut pairs = BTreeSet::new();
    for (path, operations) in members(&document["paths"]) {
        for (_, operation) in members(operations) {
            for (status, response) in members(&operation["responses"]) {
                let codes = response["x-codes"].as_array().into_iter().flatten();
                pairs.extend(codes.map(|code| format!("{path} {status} {}", text(&code["code"]))));
            }
        }
    }
    let others = document["x-other-paths"].as_array().into_iter().flatten();
    pairs.extend(
        others.map(|other| format!("{OTHER} {} {}", other["status"], text(&other["code"]))),
    );
    pairs
}

/// The line with the route's path, as the document writes it, in the place of the one asked for.
fn of_route(line: &str, paths: &[&String]) -> String {
    let (path, rest) = line.split_once(' ').unwrap_or((line, ""));
    let route = paths.iter().find(|route| is_of(path, route));
    format!("{} {rest}", route.map_or(OTHER, |route| route.as_str()))
}

/// Whether `path` is one of `route`, in which `{name}` stands for a segment.
fn is_of(path: &str, route: &str) -> bool {
    let (mut asked, mut known) = (path.split('/'), route.split('/'));
    loop {
        match (asked.next(), known.next()) {
            (None, None) => return true,
            (Some(asked), Some(known)) if asked == known => {}
            (Some(asked), Some(known)) if known.starts_with('{') && !asked.is_empty() => {}
            _ => return false,
        }
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_sides_are_named() {
        let codes = |codes: &[&str]| -> Value {
            let codes: Vec<_> = codes.iter().map(|code| json!({"code": code})).collect();
            json!({"x-codes": codes})
        };
        let get = json!({"responses": {"200": codes(&["0"]), "520": codes(&["10", "1"])}});
        let document = json!({
            "paths": {
                "/a": {"get": get, "post": get},
                "/b/{id}": {"get": {"responses": {"404": codes(&["not_found"])}}},
            },
            "x-other-paths": [{"status": 404, "code": "API Not Found"}],
        });
        let whole =
            ["/a 200 0", "/a 520 10", "/a 520 1", "/b/17 404 not_found", "/x/y 404 API Not Found"];
        let table: [(&[&str], &[&str], &[&str]); 4] = [
            (&[], &[], &[]),
            (&["/a 520 1"], &[], &["/a 520 1: no test saw it"]),
            (&[], &["/a 520 22"], &["/a 520 22: is not documented"]),
            (
                &["/b/17 404 not_found"],
                &["/b/17/c 404 not_found", "/b/ 200 0"],
                &[
                    "/b/{id} 404 not_found: no test saw it",
                    "(any other path) 200 0: is not documented",
                    "(any other path) 404 not_found: is not documented",
                ],
            ),
        ];
        for (less, more, expected) in table {
            let lines = whole.iter().filter(|line| !less.contains(*line)).chain(more);
            let lines = lines.map(|line| (*line).to_owned()).collect();
            assert_eq!(check(&document, &lines), expected);
        }
    }
}
