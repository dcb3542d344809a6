//! A flow: tables, switches and expressions that compute results from the inputs. Each name is set
//! once, so what a rule reads has one origin.

use std::collections::BTreeMap;

use super::expression::{Expression, Frame};
use super::scope::Scope;
use super::table::{HitPolicy, Table};
use super::trace::{RowHit, TraceNode};
use super::value::Value;

mod compile;

pub(super) use compile::compile;

/// A checked flow, its nodes in the order in which they run.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    nodes: Vec<Node>,
}

#[derive(Clone, Debug)]
struct Node {
    id: String,
    name: String,
    kind: Kind,
    from: Vec<(usize, Option<usize>)>,
    /// The places it reads and those it sets.
    reads: Vec<usize>,
    writes: Vec<usize>,
}

#[derive(Clone, Debug)]
enum Kind {
    /// An input or an output: nothing happens.
    Pass,
    Table(Box<Table>),
    Switch(HitPolicy, Vec<Branch>),
    Expressions(Vec<Expression>),
}

#[derive(Clone, Debug)]
struct Branch {
    id: String,
    /// Nothing is taken when nothing else was.
    condition: Option<Expression>,
}

impl Flow {
    /// Runs it over the values, which it adds to. A node runs when the one before it did, and that
    /// took the branch to it. With a trace each node that ran is told.
    pub(super) fn run(
        &self,
        frame: &mut Run,
        scope: &Scope,
        mut trace: Option<&mut Vec<TraceNode>>,
    ) {
        let mut taken: Vec<Option<Vec<usize>>> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let runs = node.from.is_empty()
                || node.from.iter().any(|(source, branch)| match (&taken[*source], branch) {
                    (None, _) => false,
                    (Some(branches), Some(branch)) => branches.contains(branch),
                    (Some(_), None) => true,
                });
            if !runs {
                taken.push(None);
                continue;
            }
            let begin = frame.steps;
            let (branches, told) = frame.node(node);
            taken.push(Some(branches));
            if let Some(trace) = trace.as_deref_mut()
                && !matches!(node.kind, Kind::Pass)
            {
                let named = |slots: &[usize]| {
                    let pair = |slot: &usize| {
                        (scope.slot(*slot).name.clone(), frame.values[*slot].clone())
                    };
                    slots.iter().map(pair).collect::<BTreeMap<_, _>>()
                };
                trace.push(TraceNode {
                    id: node.id.clone(),
                    name: node.name.clone(),
                    reads: named(&node.reads),
                    writes: named(&node.writes),
                    steps: frame.steps - begin,
                    ..told
                });
            }
        }
    }

    /// All expressions of it.
    pub(super) fn expressions(&self) -> Vec<&Expression> {
        self.nodes
            .iter()
            .flat_map(|node| match &node.kind {
                Kind::Pass => Vec::new(),
                Kind::Table(table) => table.expressions().collect::<Vec<_>>(),
                Kind::Switch(_, branches) => {
                    branches.iter().filter_map(|branch| branch.condition.as_ref()).collect()
                }
                Kind::Expressions(expressions) => expressions.iter().collect(),
            })
            .collect()
    }
}

/// The values of one decision as far as they are set, and the steps taken.
pub(super) struct Run {
    pub(super) values: Vec<Value>,
    pub(super) now: crate::time::Timestamp,
    pub(super) steps: u64,
}

impl Run {
    /// Evaluates with what is set so far.
    pub(super) fn with<T>(&mut self, evaluate: impl FnOnce(&mut Frame) -> T) -> T {
        let mut frame = Frame::new(&self.values, self.now, self.steps);
        let result = evaluate(&mut frame);
        self.steps = frame.steps();
        result
    }

    /// Runs one node: the branches that it takes, and what is told of it.
    fn node(&mut self, node: &Node) -> (Vec<usize>, TraceNode) {
        match &node.kind {
            Kind::Pass => (Vec::new(), TraceNode::default()),
            Kind::Expressions(expressions) => {
                for (expression, slot) in expressions.iter().zip(&node.writes) {
                    self.values[*slot] = self.with(|frame| expression.evaluate(frame));
                }
                (Vec::new(), TraceNode { kind: "expressions", ..TraceNode::default() })
            }
            Kind::Table(table) => {
                let hit = self.with(|frame| table.apply(frame));
                for (slot, value) in node.writes.iter().zip(hit.results) {
                    self.values[*slot] = value;
                }
                let told = |row: &usize| RowHit { row: row + 1, id: table.rows[*row].id.clone() };
                let rows = hit.rows.iter().map(told).collect();
                let unclear = hit.unclear.as_ref().map(told);
                (Vec::new(), TraceNode { kind: "table", rows, unclear, ..TraceNode::default() })
            }
            Kind::Switch(hit_policy, branches) => {
                let (taken, unclear) = self.with(|frame| switch(*hit_policy, branches, frame));
                let id = |at: &usize| branches[*at].id.clone();
                let told = TraceNode {
                    kind: "switch",
                    branches: taken.iter().map(id).collect(),
                    unclear: unclear.map(|at| RowHit { row: at + 1, id: id(&at) }),
                    ..TraceNode::default()
                };
                (taken, told)
            }
        }
    }
}

/// The branches that are taken, and one of which that is not known. What follows an unknown branch
/// does not run, so what it would set is unknown.
fn switch(
    hit_policy: HitPolicy,
    branches: &[Branch],
    frame: &mut Frame,
) -> (Vec<usize>, Option<usize>) {
    let (mut taken, mut unclear) = (Vec::new(), None);
    for (number, branch) in branches.iter().enumerate() {
        let truth = match &branch.condition {
            Some(condition) => condition.evaluate(frame).truth(),
            // In `collect` an empty condition always holds.
            None => Some(taken.is_empty() || hit_policy == HitPolicy::Collect),
        };
        match truth {
            Some(true) => taken.push(number),
            Some(false) => continue,
            None => unclear = Some(number),
        }
        if hit_policy == HitPolicy::First {
            break;
        }
    }
    (taken, unclear)
}
