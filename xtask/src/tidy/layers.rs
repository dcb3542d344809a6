//! The walls between the crates, compared with what cargo says.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::source::output;

/// Each crate of the workspace and those of ours that it may depend on (ARCHITECTURE.md).
const ALLOWED: [(&str, &[&str]); 8] = [
    ("domain", &[]),
    ("wire", &["domain"]),
    ("sources", &["domain"]),
    ("store", &["domain"]),
    ("engine", &["domain", "store", "sources"]),
    ("probity", &["domain", "wire", "engine", "store", "sources"]),
    ("tests", &[]),
    ("xtask", &[]),
];

/// Crates without I/O, and what would bring it in, however deep below them.
const PURE: [&str; 3] = ["domain", "wire", "sources"];
const IMPURE: [&str; 8] =
    ["tokio", "mio", "axum", "hyper", "reqwest", "rusqlite", "postgres", "tokio-postgres"];

pub(crate) fn is_ours(name: &str) -> bool {
    ALLOWED.iter().any(|(ours, _)| *ours == name)
}

/// What cargo knows of the workspace, the whole dependency graph included.
pub(crate) fn metadata() -> Result<Value> {
    let text = output("cargo", &["metadata", "--format-version", "1", "--all-features"])?;
    serde_json::from_str(&text).context("cargo metadata")
}

/// The edges between our crates, development dependencies included, against the table.
pub(crate) fn check_edges(metadata: &Value) -> Vec<String> {
    let members: BTreeSet<&str> =
        array(metadata, "workspace_members").filter_map(Value::as_str).collect();
    let is_member = |package: &&Value| text(package, "id").is_some_and(|id| members.contains(id));
    let mut violations = Vec::new();
    for package in array(metadata, "packages").filter(is_member) {
        let name = text(package, "name").unwrap_or_default();
        let Some((_, allowed)) = ALLOWED.iter().find(|(ours, _)| *ours == name) else {
            violations.push(format!("crate `{name}` is not in the table of layers"));
            continue;
        };
        let ours = array(package, "dependencies")
            .filter_map(|dependency| text(dependency, "path").and(text(dependency, "name")));
        for dependency in ours.filter(|dependency| !allowed.contains(dependency)) {
            violations.push(format!("crate `{name}` must not depend on `{dependency}`"));
        }
    }
    violations
}

/// No pure crate reaches, through any chain of dependencies, a crate that does I/O.
pub(crate) fn check_pure_trees(metadata: &Value) -> Vec<String> {
    let names: BTreeMap<&str, &str> = array(metadata, "packages")
        .filter_map(|package| Some((text(package, "id")?, text(package, "name")?)))
        .collect();
    let nodes = metadata.get("resolve").map(|resolve| array(resolve, "nodes"));
    let graph: BTreeMap<&str, Vec<&str>> = nodes
        .into_iter()
        .flatten()
        .filter_map(|node| Some((text(node, "id")?, needed(node))))
        .collect();
    let mut violations = Vec::new();
    for (id, name) in names.iter().filter(|(_, name)| PURE.contains(name)) {
        let reached = reach(id, &graph);
        let impure = reached.iter().filter_map(|id| names.get(id));
        for other in impure.filter(|other| IMPURE.contains(other)) {
            violations.push(format!("pure crate `{name}` reaches `{other}`"));
        }
    }
    violations
}

/// The ids that a node needs to run or to build: not those of its own tests.
fn needed(node: &Value) -> Vec<&str> {
    let is_needed = |dependency: &&Value| {
        array(dependency, "dep_kinds").any(|kind| text(kind, "kind") != Some("dev"))
    };
    array(node, "deps").filter(is_needed).filter_map(|dependency| text(dependency, "pkg")).collect()
}

fn reach<'a>(start: &'a str, graph: &BTreeMap<&'a str, Vec<&'a str>>) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![start];
    while let Some(id) = waiting.pop() {
        if reached.insert(id) {
            waiting.extend(graph.get(id).into_iter().flatten());
        }
    }
    reached
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str()
}

fn array<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn package(name: &str, dependencies: &[&str]) -> Value {
        let list: Vec<Value> =
            dependencies.iter().map(|name| json!({"name": name, "path": "/p"})).collect();
        json!({"id": name, "name": name, "dependencies": list})
    }

    #[test]
    fn edges() {
        let count = |name: &str, dependencies: &[&str]| {
            let packages = [package(name, dependencies)];
            check_edges(&json!({"workspace_members": [name], "packages": packages})).len()
        };
        assert_eq!(count("engine", &["domain", "store", "sources"]), 0);
        assert_eq!(count("engine", &["wire"]), 1);
        assert_eq!(count("wire", &["engine", "store"]), 2);
        assert_eq!(count("tests", &["domain"]), 1);
        assert_eq!(count("newcomer", &[]), 1);
    }

    fn graph(kind: Option<&str>) -> Value {
        let names = ["domain", "middle", "tokio"];
        let deps = |id: &str, kind| json!([{"pkg": id, "dep_kinds": [{"kind": kind}]}]);
        json!({
            "packages": names.map(|name| package(name, &[])),
            "resolve": {"nodes": [
                {"id": "domain", "deps": deps("middle", kind)},
                {"id": "middle", "deps": deps("tokio", None)},
                {"id": "tokio", "deps": []},
            ]},
        })
    }

    #[test]
    fn pure_trees() {
        assert_eq!(check_pure_trees(&graph(None)), ["pure crate `domain` reaches `tokio`"]);
        assert_eq!(check_pure_trees(&graph(Some("build"))).len(), 1);
        assert!(check_pure_trees(&graph(Some("dev"))).is_empty());
    }

    #[test]
    fn members_without_a_graph_are_an_error_of_cargo_not_a_pass() {
        assert!(metadata().expect("cargo metadata works here")["resolve"]["nodes"].is_array());
    }
}
