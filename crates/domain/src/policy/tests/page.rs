//! `docs/default-policy.md`: the policy that ships as a page.

use std::fmt::Write as _;

use super::*;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/default-policy.md");

#[test]
fn the_page_is_the_policy() {
    let written = std::fs::read_to_string(PATH).unwrap_or_default();
    assert!(written == page(), "docs/default-policy.md is old: cargo xtask gen");
}

#[test]
#[ignore = "writes docs/default-policy.md anew, for `cargo xtask gen`"]
fn write_the_page() {
    std::fs::write(PATH, page()).expect("the file can be written");
}

const HEAD: &str = "\
One policy to start from, rule by rule: `crates/domain/policies/consumer-credit.json`.
[The analyst's guide](policy.md) explains how such a document is written,
[features.md](features.md) what each input is. The outcome is **reject** when a rule surely says so,
else **review** when one says so or cannot be told for want of data, else **approve**.
";

/// What may have any of these in it stands in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn text<'j>(of: &'j Json, name: &str) -> &'j str {
    of[name].as_str().unwrap_or_default()
}

fn page() -> String {
    let policy: Json = serde_json::from_slice(DEFAULT).expect("JSON");
    let list = |name: &str| policy[name].as_array().expect("a list").iter();
    let mut page = format!(
        "# The default policy\n\nMade from the policy by `cargo xtask gen`; what is changed here \
         by hand is lost.\n\n{HEAD}\n"
    );
    for name in ["title", "description", "lawful_basis", "approval"] {
        let (zh, en) = (text(&policy[name], "zh"), text(&policy[name], "en"));
        let _ = writeln!(page, "- {}: {zh} / {en}", name.replace('_', " "));
    }
    page += "\n## Rules\n\n| rule | when | then | 中文 | meaning |\n|---|---|---|---|---|\n";
    for rule in list("rules") {
        let [id, when, then, zh, en] =
            ["id", "when", "then", "zh", "en"].map(|name| cell(text(rule, name)));
        let _ = writeln!(page, "| {id} | `{when}` | {then} | {zh} | {en} |");
    }
    page += "\n## Cut-offs of the score\n\n\
             | rule | when | then | 中文 | meaning |\n|---|---|---|---|---|\n";
    for cutoff in list("cutoffs") {
        let [id, score, when, zh, en] =
            ["id", "score", "when", "zh", "en"].map(|name| cell(text(cutoff, name)));
        for (bound, then) in [("reject_below", "reject"), ("review_below", "review")] {
            let _ = writeln!(
                page,
                "| {id}.{bound} | `{when} and {score} < {}` | {then} | {zh} | {en} |",
                cutoff[bound]
            );
        }
    }
    page += "\n## What is computed first\n";
    for node in policy["flow"]["nodes"].as_array().expect("a list") {
        computed(node, &mut page);
    }
    page += "\n## Inputs\n\n\
             `change`: which way the applicant could change it; only these are searched for what \
             would have\nchanged a decision.\n\n\
             | input | type | change | 中文 | meaning |\n|---|---|---|---|---|\n";
    for input in list("inputs") {
        let [name, of, change, zh, en] =
            ["name", "type", "change", "zh", "en"].map(|name| text(input, name));
        let _ = writeln!(page, "| `{name}` | {of} | {change} | {zh} | {en} |");
    }
    page
}

/// Expressions one a row; a table as the editor shows it.
fn computed(node: &Json, page: &mut String) {
    let content = &node["content"];
    let list = |name: &str| content[name].as_array().cloned().unwrap_or_default();
    let (inputs, outputs, expressions) = (list("inputs"), list("outputs"), list("expressions"));
    if !expressions.is_empty() {
        let _ = writeln!(page, "\n**{}**\n\n| result | is |\n|---|---|", text(node, "name"));
    }
    for expression in &expressions {
        let (key, value) = (text(expression, "key"), cell(text(expression, "value")));
        let _ = writeln!(page, "| `{key}` | `{value}` |");
    }
    if outputs.is_empty() {
        return;
    }
    let columns: Vec<&Json> = inputs.iter().chain(&outputs).collect();
    let fields: Vec<String> =
        columns.iter().map(|column| format!("`{}`", text(column, "field"))).collect();
    let _ = writeln!(
        page,
        "\n**{}** (the first row that applies)\n\n| {} |\n|{}",
        text(node, "name"),
        fields.join(" | "),
        "---|".repeat(fields.len())
    );
    for row in list("rules") {
        let cells: Vec<String> = columns
            .iter()
            .map(|column| match cell(text(&row, text(column, "id"))) {
                empty if empty.is_empty() => "any".to_owned(),
                cell => format!("`{cell}`"),
            })
            .collect();
        let _ = writeln!(page, "| {} |", cells.join(" | "));
    }
}
