//! From the drawn graph to a flow: names resolved, types checked, tables checked.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::expression::{Expression, SyntaxError};
use super::super::fault::Faults;
use super::super::is_name;
use super::super::jdm::{
    BRANCHES_MAX, Content, Drawn, ExpressionsContent, Graph, RawColumn, RawHitPolicy,
    SwitchContent, TableContent,
};
use super::super::scope::{Range, Scope};
use super::super::table::{Allowed, COLUMNS_MAX, Column, HitPolicy, ROWS_MAX, Row, Table, check};
use super::super::value::{Type, Value};
use super::{Branch, Flow, Kind, Node};
use serde_json::Value as Json;

/// Checks a flow. Afterwards the scope shows what its outputs give, beside what it showed before.
pub(in super::super) fn compile(
    graph: &Graph,
    scope: &mut Scope,
    allowed: &BTreeMap<String, Allowed>,
    faults: &mut Faults,
) -> Flow {
    let inputs = scope.visible().clone();
    let mut compiler = Compiler {
        graph,
        scope,
        allowed,
        faults,
        inputs: inputs.clone(),
        gives: Vec::new(),
        written: BTreeMap::new(),
    };
    let nodes = graph.nodes.iter().enumerate().map(|(number, drawn)| compiler.node(number, drawn));
    let nodes = nodes.collect();
    for name in allowed.keys() {
        if !graph.nodes.iter().any(|node| node.name == *name) {
            compiler.faults.add(format!("tables \"{name}\""), "the flow has no table of this name");
        }
    }
    let gives = compiler.gives;
    let is_output = |drawn: &Drawn| matches!(drawn.content, Content::Output);
    let has_output = graph.nodes.iter().any(is_output);
    let mut visible = inputs;
    for (drawn, gives) in graph.nodes.iter().zip(gives) {
        if is_output(drawn) || (!has_output && !drawn.has_next) {
            visible.extend(gives);
        }
    }
    scope.show(visible);
    Flow { nodes }
}

struct Compiler<'c> {
    graph: &'c Graph,
    scope: &'c mut Scope,
    allowed: &'c BTreeMap<String, Allowed>,
    faults: &'c mut Faults,
    inputs: BTreeMap<String, usize>,
    /// What each node hands on.
    gives: Vec<BTreeMap<String, usize>>,
    /// The names that are set, their places and the nodes that set them.
    written: BTreeMap<String, (usize, Vec<usize>)>,
}

impl Compiler<'_> {
    fn node(&mut self, number: usize, drawn: &Drawn) -> Node {
        let mut sees = BTreeMap::new();
        for (source, _) in &drawn.from {
            sees.extend(self.gives[*source].clone());
        }
        if matches!(drawn.content, Content::Input) {
            sees = self.inputs.clone();
        }
        self.scope.show(sees.clone());
        let mut node = Node {
            id: drawn.id.clone(),
            name: drawn.name.clone(),
            kind: Kind::Pass,
            from: drawn.from.clone(),
            reads: Vec::new(),
            writes: Vec::new(),
        };
        let mut gives = BTreeMap::new();
        let (kind, passes) = match &drawn.content {
            Content::Input | Content::Output => (Kind::Pass, true),
            Content::Switch(content) => (self.switch(drawn, content), true),
            Content::Table(content) => {
                let table = self.table(number, drawn, content, &mut node.writes);
                (Kind::Table(Box::new(table)), content.pass_through)
            }
            Content::Expressions(content) => {
                let kind = self.expressions((number, drawn), content, &mut node.writes, &mut gives);
                (kind, content.pass_through)
            }
        };
        node.kind = kind;
        node.reads = reads(&node.kind, &node.writes);
        if passes {
            gives.extend(sees);
        }
        gives.extend(node.writes.iter().map(|slot| (self.scope.slot(*slot).name.clone(), *slot)));
        self.gives.push(gives);
        node
    }

    fn read(
        &mut self,
        place: &str,
        read: impl FnOnce(&Scope) -> Result<Expression, SyntaxError>,
        source: &str,
    ) -> Option<Expression> {
        match read(self.scope) {
            Ok(expression) => Some(expression),
            Err(error) => {
                self.faults.add(place, error.within(source));
                None
            }
        }
    }

    fn switch(&mut self, drawn: &Drawn, content: &SwitchContent) -> Kind {
        let place = format!("flow, switch \"{}\"", drawn.name);
        if content.statements.len() > BRANCHES_MAX {
            self.faults.add(&place, format!("more than {BRANCHES_MAX} branches"));
        }
        let mut branches = Vec::new();
        for (number, statement) in content.statements.iter().enumerate().take(BRANCHES_MAX) {
            let place = format!("{place}, branch {}", number + 1);
            let source = statement.condition.trim();
            let is_empty = source.is_empty();
            if statement.is_default && !is_empty {
                self.faults.add(&place, "the default branch has no condition");
            }
            if is_empty && number + 1 < content.statements.len() {
                self.faults.add(&place, "a branch without a condition stands last");
            }
            let condition = if is_empty {
                None
            } else {
                self.read(&place, |scope| Expression::read_cell(source, scope, None), source)
            };
            branches.push(Branch { id: statement.id.clone(), condition });
        }
        Kind::Switch(hit_policy(content.hit_policy), branches)
    }

    fn expressions(
        &mut self,
        (number, drawn): (usize, &Drawn),
        content: &ExpressionsContent,
        writes: &mut Vec<usize>,
        gives: &mut BTreeMap<String, usize>,
    ) -> Kind {
        let place = format!("flow, expressions \"{}\"", drawn.name);
        if content.expressions.len() > BRANCHES_MAX {
            self.faults.add(&place, format!("more than {BRANCHES_MAX} expressions"));
        }
        let mut expressions = Vec::new();
        for raw in content.expressions.iter().take(BRANCHES_MAX) {
            let place = format!("{place}, `{}`", raw.key);
            let source = raw.value.trim();
            let read = self.read(&place, |scope| Expression::read(source, scope), source);
            let Some(expression) = read else { continue };
            let name = prefixed(content.output_path.as_deref(), &raw.key);
            // `x = x` hands a name on.
            if let Some(slot) = expression.name_alone()
                && self.scope.slot(slot).name == name
            {
                gives.insert(name, slot);
                continue;
            }
            let of = expression.type_of().clone();
            if let Some(slot) = self.write(number, &place, &name, of, Range::default()) {
                writes.push(slot);
                expressions.push(expression);
            }
        }
        Kind::Expressions(expressions)
    }

    /// The place of a name that the node sets.
    fn write(
        &mut self,
        node: usize,
        place: &str,
        name: &str,
        of: Type,
        range: Range,
    ) -> Option<usize> {
        if !is_name(name) {
            let message = format!("`{name}` is no name: letters, digits, `_`, parts joined by `.`");
            self.faults.add(place, message);
            return None;
        }
        if self.inputs.contains_key(name) {
            self.faults
                .add(place, format!("`{name}` is an input; results need names of their own"));
            return None;
        }
        let Some((slot, writers)) = self.written.get(name).cloned() else {
            let slot = self.scope.add(name, of, range)?;
            self.written.insert(name.to_owned(), (slot, vec![node]));
            return Some(slot);
        };
        let other = writers.iter().find(|writer| !exclusive(self.graph, **writer, node));
        if let Some(other) = other {
            let other = &self.graph.nodes[*other].name;
            let message = format!(
                "`{name}` is set by node \"{other}\" too; only branches of a `first` switch, of \
                 which one runs, may set the same name"
            );
            self.faults.add(place, message);
            return None;
        }
        if self.scope.slot(slot).of != of {
            let message = format!("`{name}` is {} in another branch", self.scope.slot(slot).of);
            self.faults.add(place, message);
            return None;
        }
        // What one branch gives is no longer all there is.
        self.scope.widen(slot);
        let mut visible = self.scope.visible().clone();
        visible.insert(name.to_owned(), slot);
        self.scope.show(visible);
        self.written.entry(name.to_owned()).and_modify(|(_, writers)| writers.push(node));
        Some(slot)
    }

    fn table(
        &mut self,
        number: usize,
        drawn: &Drawn,
        content: &TableContent,
        writes: &mut Vec<usize>,
    ) -> Table {
        let place = format!("flow, table \"{}\"", drawn.name);
        let hit_policy = hit_policy(content.hit_policy);
        let mut table =
            Table { hit_policy, columns: Vec::new(), results: Vec::new(), rows: Vec::new() };
        if content.rules.len() > ROWS_MAX
            || content.inputs.len() + content.outputs.len() > COLUMNS_MAX
        {
            let message = format!("more than {ROWS_MAX} rows or {COLUMNS_MAX} columns");
            self.faults.add(place, message);
            return table;
        }
        if content.rules.is_empty() || content.outputs.is_empty() {
            self.faults.add(place, "a table needs at least one row and one result");
            return table;
        }
        let before = self.faults.0.len();
        for column in &content.inputs {
            let name = title(column);
            let place = format!("{place}, column \"{name}\"");
            let source = column.field.as_deref().map(str::trim).filter(|field| !field.is_empty());
            let subject = source.and_then(|source| {
                self.read(&place, |scope| Expression::read(source, scope), source)
            });
            table.columns.push(Column { name, subject });
        }
        for rule in content.rules.iter().enumerate() {
            if let Some(row) = self.row(&place, rule, content, &table.columns) {
                table.rows.push(row);
            }
        }
        if self.faults.0.len() > before {
            return table;
        }
        self.results(number, &place, content, (&mut table, writes));
        let allowed = self.allowed.get(&drawn.name).copied().unwrap_or_default();
        for message in check(&table, self.scope, allowed) {
            self.faults.add(&place, message);
        }
        table
    }

    fn row(
        &mut self,
        place: &str,
        (number, rule): (usize, &BTreeMap<String, Json>),
        content: &TableContent,
        columns: &[Column],
    ) -> Option<Row> {
        let before = self.faults.0.len();
        let place = format!("{place}, row {}", number + 1);
        let known = |key: &str| {
            key.starts_with('_')
                || content.inputs.iter().chain(&content.outputs).any(|column| column.id == key)
        };
        for key in rule.keys().filter(|key| !known(key)) {
            self.faults.add(&place, format!("a cell for `{key}`, which is no column"));
        }
        let mut cells = Vec::new();
        for (raw, column) in content.inputs.iter().zip(columns) {
            let place = format!("{place}, column \"{}\"", column.name);
            let Some(source) = self.cell(&place, rule, &raw.id) else {
                cells.push(None);
                continue;
            };
            let subject = column.subject.as_ref();
            let is_broken =
                subject.is_none() && raw.field.as_ref().is_some_and(|f| !f.trim().is_empty());
            if !is_broken {
                let read = |scope: &Scope| Expression::read_cell(source, scope, subject);
                cells.push(self.read(&place, read, source));
            }
        }
        let mut results = Vec::new();
        for raw in &content.outputs {
            let place = format!("{place}, result \"{}\"", title(raw));
            let source = self.cell(&place, rule, &raw.id);
            results.push(source.and_then(|source| {
                self.read(&place, |scope| Expression::read(source, scope), source)
            }));
        }
        let id = rule.get("_id").and_then(Json::as_str).unwrap_or_default().to_owned();
        (self.faults.0.len() == before).then_some(Row { id, cells, results })
    }

    /// The text of a cell; an empty one is none.
    fn cell<'r>(
        &mut self,
        place: &str,
        rule: &'r BTreeMap<String, Json>,
        column: &str,
    ) -> Option<&'r str> {
        match rule.get(column) {
            None | Some(Json::Null) => None,
            Some(Json::String(source)) => Some(source.trim()).filter(|source| !source.is_empty()),
            Some(_) => {
                self.faults.add(place, "a cell is a text");
                None
            }
        }
    }

    /// The names that the table sets, with the types that all rows agree on.
    fn results(
        &mut self,
        number: usize,
        place: &str,
        content: &TableContent,
        (table, writes): (&mut Table, &mut Vec<usize>),
    ) {
        let mut named = Vec::new();
        for (at, raw) in content.outputs.iter().enumerate() {
            let place = format!("{place}, result \"{}\"", title(raw));
            let cells: Vec<&Expression> =
                table.rows.iter().filter_map(|row| row.results[at].as_ref()).collect();
            let Some(first) = cells.first() else {
                self.faults.add(&place, "no row gives it");
                continue;
            };
            let of = first.type_of().clone();
            if let Some(other) = cells.iter().find(|cell| *cell.type_of() != of) {
                let message = format!(
                    "rows give different kinds: `{}` is {of}, `{}` is {}",
                    first.source(),
                    other.source(),
                    other.type_of()
                );
                self.faults.add(&place, message);
                continue;
            }
            let name = raw.field.as_deref().unwrap_or_default().trim().to_owned();
            named.push((place, name, of, texts(&cells)));
        }
        let collects = table.hit_policy == HitPolicy::Collect;
        for (place, name, of, range) in &named {
            if !collects {
                let name = prefixed(content.output_path.as_deref(), name);
                writes.extend(self.write(number, place, &name, of.clone(), range.clone()));
            }
        }
        table.results = named.into_iter().map(|(_, name, of, _)| (name, of)).collect();
        if collects {
            let Some(path) = content.output_path.as_deref().filter(|path| !path.is_empty()) else {
                let message = "a table that collects needs `outputPath`, the name of its list";
                self.faults.add(place, message);
                return;
            };
            let fields: BTreeMap<String, Type> = table.results.iter().cloned().collect();
            let of = Type::List(Box::new(Type::Map(Arc::new(fields))));
            writes.extend(self.write(number, place, path, of, Range::default()));
        }
    }
}

fn hit_policy(raw: RawHitPolicy) -> HitPolicy {
    match raw {
        RawHitPolicy::First => HitPolicy::First,
        RawHitPolicy::Collect => HitPolicy::Collect,
    }
}

fn title(column: &RawColumn) -> String {
    let name = column.name.as_deref().or(column.field.as_deref()).filter(|name| !name.is_empty());
    name.unwrap_or(&column.id).to_owned()
}

fn prefixed(path: Option<&str>, name: &str) -> String {
    match path.filter(|path| !path.is_empty()) {
        Some(path) => format!("{path}.{}", name.trim()),
        None => name.trim().to_owned(),
    }
}

/// All texts that the cells can give, when each is written out.
fn texts(cells: &[&Expression]) -> Range {
    let text = |cell: &&Expression| match cell.constant() {
        Some(Value::Text(text)) => Some(text.to_string()),
        _ => None,
    };
    let mut texts: Option<Vec<String>> = cells.iter().map(text).collect();
    if let Some(texts) = &mut texts {
        texts.sort_unstable();
        texts.dedup();
    }
    Range { texts, ..Range::default() }
}

/// The places that a node reads, without those it sets itself.
fn reads(kind: &Kind, writes: &[usize]) -> Vec<usize> {
    let expressions: Vec<&Expression> = match kind {
        Kind::Pass => Vec::new(),
        Kind::Table(table) => table.expressions().collect(),
        Kind::Switch(_, branches) => {
            branches.iter().filter_map(|branch| branch.condition.as_ref()).collect()
        }
        Kind::Expressions(expressions) => expressions.iter().collect(),
    };
    let mut reads: Vec<usize> =
        expressions.iter().flat_map(|expression| expression.reads()).copied().collect();
    reads.sort_unstable();
    reads.dedup();
    reads.retain(|slot| !writes.contains(slot));
    reads
}

/// Whether of two nodes at most one runs: some `first` switch leads to them by different branches
/// alone.
fn exclusive(graph: &Graph, one: usize, other: usize) -> bool {
    graph.nodes.iter().enumerate().any(|(number, node)| match &node.content {
        Content::Switch(switch) if switch.hit_policy == RawHitPolicy::First => {
            let sole = |target: usize| {
                (0..switch.statements.len())
                    .find(|branch| !reached(graph, target, (number, *branch)))
            };
            matches!((sole(one), sole(other)), (Some(a), Some(b)) if a != b)
        }
        _ => false,
    })
}

/// Whether a node can be reached without one branch of a switch.
fn reached(graph: &Graph, target: usize, (switch, branch): (usize, usize)) -> bool {
    let mut reached: Vec<bool> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let by = |(source, by): &(usize, Option<usize>)| {
            reached[*source] && !(*source == switch && *by == Some(branch))
        };
        let is_reached = matches!(node.content, Content::Input) || node.from.iter().any(by);
        reached.push(is_reached);
    }
    reached[target]
}
