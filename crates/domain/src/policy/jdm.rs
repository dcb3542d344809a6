//! The JSON Decision Model, the open format of GoRules' editor and engine, as far as it is allowed:
//! input, output, decision table, switch and expression nodes in a graph without cycles.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

use super::fault::Faults;

/// Nodes of a flow.
pub(super) const NODES_MAX: usize = 100;
/// Edges of a flow.
pub(super) const EDGES_MAX: usize = 1_000;
/// Branches of a switch, results of an expression node.
pub(super) const BRANCHES_MAX: usize = 64;

/// Why nodes of the format are not allowed.
const REFUSED: [(&str, &str); 3] = [
    (
        "functionNode",
        "a program cannot be checked, bounded or explained; use tables and expressions",
    ),
    ("decisionNode", "a decision of another file would not be covered by this policy's signature"),
    ("customNode", "this node's meaning is not in the file"),
];

/// A flow as it was drawn, its nodes in an order in which each follows those it depends on.
pub(super) struct Graph {
    pub(super) nodes: Vec<Drawn>,
}

pub(super) struct Drawn {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) content: Content,
    /// The nodes before it (by their place in the order), with the branch of a switch.
    pub(super) from: Vec<(usize, Option<usize>)>,
    pub(super) has_next: bool,
}

pub(super) enum Content {
    Input,
    Output,
    Table(TableContent),
    Switch(SwitchContent),
    Expressions(ExpressionsContent),
}

#[derive(Deserialize)]
struct RawGraph {
    nodes: Vec<RawNode>,
    edges: Vec<RawEdge>,
}

/// What a node looks like in the editor (its place, its size) is ignored.
#[derive(Deserialize)]
struct RawNode {
    id: String,
    #[serde(default)]
    name: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    content: Json,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawEdge {
    source_id: String,
    target_id: String,
    #[serde(default)]
    source_handle: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TableContent {
    pub(super) hit_policy: RawHitPolicy,
    pub(super) inputs: Vec<RawColumn>,
    pub(super) outputs: Vec<RawColumn>,
    pub(super) rules: Vec<BTreeMap<String, Json>>,
    #[serde(default)]
    pub(super) pass_through: bool,
    /// A misspelling in files of the editor, which reads it no more than we do.
    #[serde(default, rename = "passThorough")]
    _misspelt: Json,
    #[serde(default)]
    pub(super) output_path: Option<String>,
    #[serde(default)]
    input_field: Option<String>,
    #[serde(default)]
    execution_mode: Option<String>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub(super) enum RawHitPolicy {
    First,
    Collect,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RawColumn {
    pub(super) id: String,
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) field: Option<String>,
    #[serde(default)]
    default_value: Option<String>,
    /// What the editor shows with a column.
    #[serde(default, rename = "type")]
    _type: Json,
    #[serde(default, rename = "fieldType")]
    _field_type: Json,
    #[serde(default, rename = "outputFieldType")]
    _output_field_type: Json,
    #[serde(default, rename = "description")]
    _description: Json,
    #[serde(default, rename = "meta")]
    _meta: Json,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SwitchContent {
    #[serde(default = "first")]
    pub(super) hit_policy: RawHitPolicy,
    pub(super) statements: Vec<RawStatement>,
}

fn first() -> RawHitPolicy {
    RawHitPolicy::First
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RawStatement {
    pub(super) id: String,
    #[serde(default)]
    pub(super) condition: String,
    #[serde(default)]
    pub(super) is_default: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ExpressionsContent {
    pub(super) expressions: Vec<RawExpression>,
    #[serde(default)]
    pub(super) pass_through: bool,
    #[serde(default)]
    pub(super) output_path: Option<String>,
    #[serde(default)]
    input_field: Option<String>,
    #[serde(default)]
    execution_mode: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawExpression {
    #[serde(default, rename = "id")]
    _id: Json,
    pub(super) key: String,
    pub(super) value: String,
}

/// Reads a flow. What is wrong goes to the faults; then there is nothing to go on with.
pub(super) fn read(json: &Json, faults: &mut Faults) -> Option<Graph> {
    let raw = match RawGraph::deserialize(json) {
        Ok(raw) => raw,
        Err(error) => {
            faults.add("flow", format!("not a JSON Decision Model: {error}"));
            return None;
        }
    };
    if raw.nodes.len() > NODES_MAX || raw.edges.len() > EDGES_MAX {
        faults.add("flow", format!("more than {NODES_MAX} nodes or {EDGES_MAX} edges"));
        return None;
    }
    let before = faults.0.len();
    let contents: Vec<Option<Content>> =
        raw.nodes.iter().map(|node| content(node, faults)).collect();
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    for (number, node) in raw.nodes.iter().enumerate() {
        if numbers.insert(&node.id, number).is_some() {
            faults.add(place(node), "another node has the same id");
        }
    }
    let edges = edges(&raw, &contents, &numbers, faults);
    let order = order(&raw, &contents, &edges, faults);
    if faults.0.len() > before {
        return None;
    }
    Some(Graph { nodes: sorted(raw.nodes, contents, &edges, &order) })
}

fn place(node: &RawNode) -> String {
    let name = if node.name.is_empty() { &node.id } else { &node.name };
    format!("flow, node \"{name}\"")
}

fn content(node: &RawNode, faults: &mut Faults) -> Option<Content> {
    let read = match node.kind.as_str() {
        "inputNode" => return Some(Content::Input),
        "outputNode" => return Some(Content::Output),
        "decisionTableNode" => TableContent::deserialize(&node.content).map(Content::Table),
        "switchNode" => SwitchContent::deserialize(&node.content).map(Content::Switch),
        "expressionNode" => {
            ExpressionsContent::deserialize(&node.content).map(Content::Expressions)
        }
        other => {
            let why = REFUSED.iter().find(|(kind, _)| *kind == other).map_or(
                "there are inputNode, outputNode, decisionTableNode, switchNode, expressionNode",
                |(_, why)| *why,
            );
            faults.add(place(node), format!("`{other}` is not allowed: {why}"));
            return None;
        }
    };
    let content = match read {
        Ok(content) => content,
        Err(error) => {
            faults.add(place(node), error.to_string());
            return None;
        }
    };
    for complaint in complaints(&content) {
        faults.add(place(node), complaint);
    }
    Some(content)
}

/// Parts of the format that would change what a node means.
fn complaints(content: &Content) -> Vec<String> {
    let set = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
    let (input_field, mode) = match content {
        Content::Table(table) => (&table.input_field, &table.execution_mode),
        Content::Expressions(expressions) => {
            (&expressions.input_field, &expressions.execution_mode)
        }
        _ => (&None, &None),
    };
    let mut complaints = Vec::new();
    if set(input_field) {
        complaints.push("`inputField` is not allowed: name the fields in full".to_owned());
    }
    if mode.as_deref().is_some_and(|mode| mode != "single") {
        complaints.push("`executionMode` may only be `single`: no loops over lists".to_owned());
    }
    if let Content::Table(table) = content {
        let columns = table.inputs.iter().chain(&table.outputs);
        for column in columns.filter(|column| set(&column.default_value)) {
            let name = column.name.as_deref().unwrap_or(&column.id);
            complaints.push(format!("column \"{name}\": `defaultValue` is not allowed: add a row"));
        }
    }
    complaints
}

/// Source, target, branch.
type Edge = (usize, usize, Option<usize>);

fn edges(
    raw: &RawGraph,
    contents: &[Option<Content>],
    numbers: &BTreeMap<&str, usize>,
    faults: &mut Faults,
) -> Vec<Edge> {
    let mut edges = Vec::new();
    for edge in &raw.edges {
        let ends = [&edge.source_id, &edge.target_id].map(|id| numbers.get(id.as_str()).copied());
        let [Some(source), Some(target)] = ends else {
            let message = format!("from {} to {}: no such node", edge.source_id, edge.target_id);
            faults.add("flow, edge", message);
            continue;
        };
        let handle = edge.source_handle.as_deref().filter(|handle| !handle.is_empty());
        let branch = match (&contents[source], handle) {
            (Some(Content::Switch(switch)), handle) => {
                let found = handle.and_then(|handle| {
                    switch.statements.iter().position(|statement| statement.id == handle)
                });
                if found.is_none() {
                    let message = "an edge leaves it without one of its branches (`sourceHandle`)";
                    faults.add(place(&raw.nodes[source]), message);
                }
                found
            }
            _ => None,
        };
        edges.push((source, target, branch));
    }
    edges
}

/// Each node after those before it; equal ones as they stand in the file.
fn order(
    raw: &RawGraph,
    contents: &[Option<Content>],
    edges: &[Edge],
    faults: &mut Faults,
) -> Vec<usize> {
    let inputs: Vec<usize> = (0..contents.len())
        .filter(|number| matches!(contents[*number], Some(Content::Input)))
        .collect();
    if inputs.len() != 1 {
        faults.add("flow", format!("one input node is needed, found {}", inputs.len()));
    }
    let mut waiting: Vec<usize> = vec![0; raw.nodes.len()];
    for (_, target, _) in edges {
        waiting[*target] += 1;
    }
    let mut order = Vec::new();
    let mut done = vec![false; raw.nodes.len()];
    while let Some(next) = (0..done.len()).find(|number| !done[*number] && waiting[*number] == 0) {
        done[next] = true;
        order.push(next);
        for (_, target, _) in edges.iter().filter(|(source, ..)| *source == next) {
            waiting[*target] -= 1;
        }
    }
    let names = |numbers: Vec<usize>| {
        numbers.iter().map(|number| format!("\"{}\"", raw.nodes[*number].name)).collect::<Vec<_>>()
    };
    let cycle: Vec<usize> = (0..done.len()).filter(|number| !done[*number]).collect();
    if !cycle.is_empty() {
        let message = format!("goes in a circle, through or before {}", names(cycle).join(", "));
        faults.add("flow", message);
        return order;
    }
    let mut reached = vec![false; raw.nodes.len()];
    for number in &order {
        let mut before = edges.iter().filter(|(_, target, _)| target == number);
        reached[*number] = inputs.contains(number) || before.any(|(source, ..)| reached[*source]);
    }
    for number in (0..reached.len()).filter(|number| !reached[*number]) {
        faults.add(place(&raw.nodes[number]), "cannot be reached from the input");
    }
    order
}

fn sorted(
    nodes: Vec<RawNode>,
    contents: Vec<Option<Content>>,
    edges: &[Edge],
    order: &[usize],
) -> Vec<Drawn> {
    let place_of = |number: usize| {
        order.iter().position(|other| *other == number).expect("every node is in the order")
    };
    let mut drawn: Vec<Drawn> = nodes
        .into_iter()
        .zip(contents)
        .enumerate()
        .map(|(number, (node, content))| Drawn {
            name: if node.name.is_empty() { node.id.clone() } else { node.name },
            id: node.id,
            content: content.expect("without faults every node was read"),
            from: edges
                .iter()
                .filter(|(_, target, _)| *target == number)
                .map(|(source, _, branch)| (place_of(*source), *branch))
                .collect(),
            has_next: edges.iter().any(|(source, ..)| *source == number),
        })
        .collect();
    let mut places: Vec<usize> = (0..drawn.len()).map(place_of).collect();
    // Brings each node to its place by exchanges.
    for number in 0..drawn.len() {
        while places[number] != number {
            let to = places[number];
            drawn.swap(number, to);
            places.swap(number, to);
        }
    }
    drawn
}
