//! What a condition is made of: comparisons with constants. From them come the evidence of a
//! decision, the checks of tables and the points at which a decision may turn.

use serde::Serialize;

use super::super::scope::{Range, Scope};
use super::super::value::Value;
use super::evaluate::{Frame, value};
use super::{Comparison, Kind, Node};
use crate::time::Timestamp;

/// One comparison of a subject with a constant.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Atom {
    /// What is compared, as text: the same text is the same subject.
    pub(in super::super) subject: String,
    pub(in super::super) range: Range,
    pub(in super::super) test: Test,
}

#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum Test {
    Compare(Comparison, Value),
    Missing,
}

/// A condition as a combination of comparisons.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum Shape {
    Always(bool),
    Atom(Atom),
    Not(Box<Shape>),
    And(Vec<Shape>),
    Or(Vec<Shape>),
    /// Not a comparison with a constant.
    Opaque,
}

/// What one comparison saw.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evidence {
    /// What was compared.
    pub field: String,
    /// What it was; null when it is not known.
    pub value: Value,
    /// `>=` and the like, `in`, `not in`; `is` for a condition by itself.
    pub operator: &'static str,
    /// What it was compared with.
    pub bound: String,
}

/// The value of a node that reads nothing.
pub(super) fn constant(node: &Node) -> Option<Value> {
    let mut frame = Frame::new(&[], Timestamp(0), 0);
    is_constant(node).then(|| value(node, &mut frame)).filter(|value| !value.is_unknown())
}

fn is_constant(node: &Node) -> bool {
    match &node.kind {
        Kind::Constant(_) => true,
        Kind::Negate(inside) => is_constant(inside),
        Kind::Arithmetic(_, left, right) => is_constant(left) && is_constant(right),
        Kind::List(parts) => parts.iter().all(is_constant),
        Kind::Call(super::Function::Now, _) => false,
        Kind::Call(_, arguments) => arguments.iter().all(is_constant),
        _ => false,
    }
}

/// What is compared, as an analyst knows it.
fn shown(node: &Node, scope: &Scope) -> String {
    let list =
        |nodes: &[Node]| nodes.iter().map(|node| shown(node, scope)).collect::<Vec<_>>().join(", ");
    match &node.kind {
        Kind::Constant(value) => value.to_string(),
        Kind::Slot(slot) => scope.slot(*slot).name.clone(),
        Kind::Subject(column) => shown(column, scope),
        Kind::Item => "#".to_owned(),
        Kind::Field(map, field) => format!("{}.{field}", shown(map, scope)),
        Kind::Not(inside) => format!("not ({})", shown(inside, scope)),
        Kind::Negate(inside) => format!("-({})", shown(inside, scope)),
        Kind::And(left, right) => format!("({}) and ({})", shown(left, scope), shown(right, scope)),
        Kind::Or(left, right) => format!("({}) or ({})", shown(left, scope), shown(right, scope)),
        Kind::Compare(comparison, left, right) => {
            format!("{} {} {}", shown(left, scope), comparison.symbol(), shown(right, scope))
        }
        Kind::Missing(inside) => format!("{} == null", shown(inside, scope)),
        Kind::Within(inside, interval) => {
            format!("{} in {}", shown(inside, scope), interval_shown(interval, scope))
        }
        Kind::Among(one, among) => format!("{} in {}", shown(one, scope), shown(among, scope)),
        Kind::Arithmetic(operator, left, right) => {
            let symbol = ["+", "-", "*", "/", "%", "^"][*operator as usize];
            format!("({} {symbol} {})", shown(left, scope), shown(right, scope))
        }
        Kind::Choose(parts) => {
            let [condition, yes, no] = &**parts;
            let (yes, no) = (shown(yes, scope), shown(no, scope));
            format!("({} ? {yes} : {no})", shown(condition, scope))
        }
        Kind::Otherwise(first, second) => {
            format!("({} ?? {})", shown(first, scope), shown(second, scope))
        }
        Kind::List(parts) => format!("[{}]", list(parts)),
        Kind::Call(function, arguments) => {
            format!("{}({})", function.name(), list(arguments))
        }
        Kind::Each(closure, of, body) => {
            format!("{}({}, {})", closure.name(), shown(of, scope), shown(body, scope))
        }
    }
}

fn interval_shown(interval: &super::Interval, scope: &Scope) -> String {
    let open = if interval.with_low { '[' } else { '(' };
    let close = if interval.with_high { ']' } else { ')' };
    format!("{open}{}..{}{close}", shown(&interval.low, scope), shown(&interval.high, scope))
}

fn atom(node: &Node, scope: &Scope, test: Test) -> Shape {
    let named = match &node.kind {
        Kind::Subject(column) => &column.kind,
        kind => kind,
    };
    let range = match named {
        Kind::Slot(slot) => scope.slot(*slot).range.clone(),
        Kind::Call(super::Function::Length, _) | Kind::Each(super::Closure::Count, ..) => {
            let min = Some(super::super::decimal::Decimal::ZERO);
            Range { is_integer: true, min, ..Range::default() }
        }
        _ => Range::default(),
    };
    Shape::Atom(Atom { subject: shown(node, scope), range, test })
}

pub(super) fn shape(node: &Node, scope: &Scope) -> Shape {
    match &node.kind {
        Kind::Constant(Value::Boolean(truth)) => Shape::Always(*truth),
        Kind::Not(inside) => Shape::Not(Box::new(shape(inside, scope))),
        Kind::And(left, right) => Shape::And(vec![shape(left, scope), shape(right, scope)]),
        Kind::Or(left, right) => Shape::Or(vec![shape(left, scope), shape(right, scope)]),
        Kind::Compare(comparison, left, right) => match (constant(left), constant(right)) {
            (None, Some(bound)) => atom(left, scope, Test::Compare(*comparison, bound)),
            (Some(bound), None) => atom(right, scope, Test::Compare(comparison.mirrored(), bound)),
            _ => Shape::Opaque,
        },
        Kind::Missing(inside) => atom(inside, scope, Test::Missing),
        Kind::Within(inside, interval) => {
            let [from, to] = interval.comparisons();
            match (constant(&interval.low), constant(&interval.high)) {
                (Some(low), Some(high)) => Shape::And(vec![
                    atom(inside, scope, Test::Compare(from, low)),
                    atom(inside, scope, Test::Compare(to, high)),
                ]),
                _ => Shape::Opaque,
            }
        }
        Kind::Among(one, list) => match constant(list) {
            Some(Value::List(list)) => {
                let equal = |bound: &Value| {
                    atom(one, scope, Test::Compare(Comparison::Equal, bound.clone()))
                };
                Shape::Or(list.iter().map(equal).collect())
            }
            _ => Shape::Opaque,
        },
        // A condition by itself: `blacklist.hit`.
        Kind::Slot(_) | Kind::Subject(_) | Kind::Field(..) | Kind::Call(..) | Kind::Each(..) => {
            atom(node, scope, Test::Compare(Comparison::Equal, Value::Boolean(true)))
        }
        _ => Shape::Opaque,
    }
}

/// The comparisons that made the condition true; when it is unknown, those that are unknown.
pub(super) fn evidence(root: &Node, frame: &mut Frame, scope: &Scope) -> Vec<Evidence> {
    let wanted = value(root, frame).truth();
    let mut found = Vec::new();
    collect(root, wanted, frame, scope, &mut found);
    found
}

/// Those parts that make the node what is wanted.
fn collect(
    node: &Node,
    wanted: Option<bool>,
    frame: &mut Frame,
    scope: &Scope,
    found: &mut Vec<Evidence>,
) {
    if value(node, frame).truth() != wanted {
        return;
    }
    let bound = |operator, bound| (operator, bound);
    let (field, (operator, bound)) = match &node.kind {
        Kind::And(left, right) | Kind::Or(left, right) => {
            collect(left, wanted, frame, scope, found);
            return collect(right, wanted, frame, scope, found);
        }
        Kind::Not(inside)
            if !matches!(inside.kind, Kind::Slot(_) | Kind::Within(..) | Kind::Among(..)) =>
        {
            return collect(inside, wanted.map(|truth| !truth), frame, scope, found);
        }
        Kind::Not(inside) => match &inside.kind {
            Kind::Within(one, interval) => (one, bound("not in", interval_shown(interval, scope))),
            Kind::Among(one, list) => (one, bound("not in", shown(list, scope))),
            _ => (inside, bound("is", "false".to_owned())),
        },
        Kind::Compare(comparison, left, right) => {
            let held = if wanted == Some(false) { comparison.opposite() } else { *comparison };
            let right_value = value(right, frame);
            let text = match constant(right) {
                Some(bound) => bound.to_string(),
                None => format!("{} = {right_value}", shown(right, scope)),
            };
            (left, bound(held.symbol(), text))
        }
        Kind::Missing(inside) => {
            let operator = if wanted == Some(false) { "!=" } else { "==" };
            (inside, bound(operator, "null".to_owned()))
        }
        Kind::Within(one, interval) => {
            let operator = if wanted == Some(false) { "not in" } else { "in" };
            (one, bound(operator, interval_shown(interval, scope)))
        }
        Kind::Among(one, list) => {
            let operator = if wanted == Some(false) { "not in" } else { "in" };
            (one, bound(operator, shown(list, scope)))
        }
        _ => {
            let truth = wanted.map_or("unknown".to_owned(), |truth| truth.to_string());
            let seen = value(node, frame);
            let field = shown(node, scope);
            found.push(Evidence { field, value: seen, operator: "is", bound: truth });
            return;
        }
    };
    let seen = value(field, frame);
    found.push(Evidence { field: shown(field, scope), value: seen, operator, bound });
}

/// The name that a node is, or is instead of nothing.
fn slot_of(node: &Node) -> Option<usize> {
    match &node.kind {
        Kind::Slot(slot) => Some(*slot),
        Kind::Subject(one) => slot_of(one),
        Kind::Otherwise(one, _) => slot_of(one),
        _ => None,
    }
}

/// Every comparison of a name alone with a constant.
pub(super) fn cut_points(node: &Node, found: &mut dyn FnMut(usize, &Value)) {
    let mut pair = |one: &Node, bound: Option<Value>| {
        if let (Some(slot), Some(bound)) = (slot_of(one), bound) {
            found(slot, &bound);
        }
    };
    match &node.kind {
        Kind::Compare(_, left, right) => {
            pair(left, constant(right));
            pair(right, constant(left));
        }
        Kind::Within(one, interval) => {
            pair(one, constant(&interval.low));
            pair(one, constant(&interval.high));
        }
        Kind::Among(one, list) => {
            if let Some(Value::List(list)) = constant(list) {
                for bound in list.iter() {
                    pair(one, Some(bound.clone()));
                }
            }
        }
        _ => {}
    }
    for part in parts(node) {
        cut_points(part, found);
    }
}

/// The nodes directly inside.
fn parts(node: &Node) -> Vec<&Node> {
    match &node.kind {
        Kind::Constant(_) | Kind::Slot(_) | Kind::Subject(_) | Kind::Item => Vec::new(),
        Kind::Field(one, _) | Kind::Not(one) | Kind::Negate(one) | Kind::Missing(one) => vec![one],
        Kind::And(left, right)
        | Kind::Or(left, right)
        | Kind::Compare(_, left, right)
        | Kind::Among(left, right)
        | Kind::Arithmetic(_, left, right)
        | Kind::Otherwise(left, right)
        | Kind::Each(_, left, right) => vec![left, right],
        Kind::Within(one, interval) => vec![one, &interval.low, &interval.high],
        Kind::Choose(parts) => parts.iter().collect(),
        Kind::List(parts) | Kind::Call(_, parts) => parts.iter().collect(),
    }
}
