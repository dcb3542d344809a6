//! Evaluation: three-valued, without errors, within a budget of steps.

use std::cmp::Ordering;

use super::super::decimal::Decimal;
use super::super::value::{TEXT_MAX, Value};
use super::{Closure, Comparison, Function, Interval, Kind, Node, Operator, STEPS_MAX, dates};
use crate::time::{Span, Timestamp};

/// What an evaluation reads and counts.
pub(in super::super) struct Frame<'v> {
    /// The values by their place in the scope; what was not set is unknown.
    pub(in super::super) values: &'v [Value],
    pub(in super::super) now: Timestamp,
    /// The value of the column, when a cell is evaluated.
    pub(in super::super) subject: Value,
    elements: Vec<Value>,
    steps: u64,
}

impl<'v> Frame<'v> {
    pub(in super::super) fn new(values: &'v [Value], now: Timestamp, steps: u64) -> Self {
        Self { values, now, subject: Value::Unknown, elements: Vec::new(), steps }
    }

    /// Steps taken, those handed in included.
    pub(in super::super) fn steps(&self) -> u64 {
        self.steps
    }

    /// Counts steps; false when there are none left.
    fn step(&mut self, steps: usize) -> bool {
        self.steps = self.steps.saturating_add(steps as u64);
        self.steps <= STEPS_MAX
    }
}

pub(super) fn value(node: &Node, frame: &mut Frame) -> Value {
    if !frame.step(1) {
        return Value::Unknown;
    }
    match &node.kind {
        Kind::Constant(value) => value.clone(),
        Kind::Slot(slot) => frame.values.get(*slot).cloned().unwrap_or_default(),
        Kind::Subject(_) => frame.subject.clone(),
        Kind::Item => frame.elements.last().cloned().unwrap_or_default(),
        Kind::Field(map, field) => match value(map, frame) {
            Value::Map(map) => map.get(&**field).cloned().unwrap_or_default(),
            _ => Value::Unknown,
        },
        Kind::Not(inside) => of_truth(value(inside, frame).truth().map(|truth| !truth)),
        Kind::Negate(inside) => of_number(value(inside, frame).number().map(Decimal::negated)),
        Kind::And(left, right) => decided(false, left, right, frame),
        Kind::Or(left, right) => decided(true, left, right, frame),
        Kind::Compare(comparison, left, right) => {
            let (left, right) = (value(left, frame), value(right, frame));
            of_truth(holds(*comparison, &left, &right))
        }
        Kind::Missing(inside) => Value::Boolean(value(inside, frame).is_unknown()),
        Kind::Within(inside, interval) => within(inside, interval, frame),
        Kind::Among(one, list) => {
            let one = value(one, frame);
            match value(list, frame) {
                Value::List(list) if frame.step(list.len()) => among(&one, &list),
                _ => Value::Unknown,
            }
        }
        Kind::Arithmetic(operator, left, right) => {
            let (left, right) = (value(left, frame), value(right, frame));
            joined(*operator, &left, &right)
        }
        Kind::Choose(parts) => {
            let [condition, yes, no] = &**parts;
            match value(condition, frame).truth() {
                Some(true) => value(yes, frame),
                Some(false) => value(no, frame),
                None => Value::Unknown,
            }
        }
        Kind::Otherwise(first, second) => match value(first, frame) {
            Value::Unknown => value(second, frame),
            known => known,
        },
        Kind::List(parts) => Value::list(parts.iter().map(|part| value(part, frame)).collect()),
        Kind::Call(Function::Now, _) => Value::Date(frame.now),
        Kind::Call(function, arguments) => {
            let first = value(&arguments[0], frame);
            let second = arguments.get(1).map(|argument| value(argument, frame));
            let length = if let Value::List(list) = &first { list.len() } else { 0 };
            if !frame.step(length) {
                return Value::Unknown;
            }
            called(*function, &first, second.as_ref())
        }
        Kind::Each(closure, list, body) => each(*closure, list, body, frame),
    }
}

fn of_truth(truth: Option<bool>) -> Value {
    truth.map_or(Value::Unknown, Value::Boolean)
}

fn of_number(number: Option<Decimal>) -> Value {
    number.map_or(Value::Unknown, Value::Number)
}

/// `and` is decided by one false side, `or` by one true side, whatever the other is.
fn decided(by: bool, left: &Node, right: &Node, frame: &mut Frame) -> Value {
    let left = value(left, frame).truth();
    if left == Some(by) {
        return Value::Boolean(by);
    }
    match (left, value(right, frame).truth()) {
        (_, Some(right)) if right == by => Value::Boolean(by),
        (Some(_), Some(_)) => Value::Boolean(!by),
        _ => Value::Unknown,
    }
}

/// The order of two values that have one.
pub(in super::super) fn order(left: &Value, right: &Value) -> Option<Ordering> {
    Some(match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.cmp(right),
        (Value::Date(left), Value::Date(right)) => left.cmp(right),
        (Value::Duration(left), Value::Duration(right)) => left.cmp(right),
        _ => return None,
    })
}

/// Whether the comparison holds; nothing when a side is not known.
pub(in super::super) fn holds(comparison: Comparison, left: &Value, right: &Value) -> Option<bool> {
    if left.is_unknown() || right.is_unknown() {
        return None;
    }
    match comparison {
        Comparison::Equal => Some(left == right),
        Comparison::Unequal => Some(left != right),
        _ => order(left, right).map(|order| match comparison {
            Comparison::Less => order.is_lt(),
            Comparison::AtMost => order.is_le(),
            Comparison::Greater => order.is_gt(),
            _ => order.is_ge(),
        }),
    }
}

fn within(inside: &Node, interval: &Interval, frame: &mut Frame) -> Value {
    let inside = value(inside, frame);
    let (low, high) = (value(&interval.low, frame), value(&interval.high, frame));
    let [from, to] = interval.comparisons();
    match (holds(from, &inside, &low), holds(to, &inside, &high)) {
        (Some(false), _) | (_, Some(false)) => Value::Boolean(false),
        (Some(true), Some(true)) => Value::Boolean(true),
        _ => Value::Unknown,
    }
}

impl Interval {
    /// What holds of a value inside, towards the lower and the higher end.
    pub(super) fn comparisons(&self) -> [Comparison; 2] {
        [
            if self.with_low { Comparison::AtLeast } else { Comparison::Greater },
            if self.with_high { Comparison::AtMost } else { Comparison::Less },
        ]
    }
}

fn among(one: &Value, list: &[Value]) -> Value {
    if one.is_unknown() {
        return Value::Unknown;
    }
    if list.contains(one) {
        return Value::Boolean(true);
    }
    of_truth((!list.iter().any(Value::is_unknown)).then_some(false))
}

fn joined(operator: Operator, left: &Value, right: &Value) -> Value {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => of_number(match operator {
            Operator::Add => left.plus(*right),
            Operator::Subtract => left.minus(*right),
            Operator::Multiply => left.times(*right),
            Operator::Divide => left.over(*right),
            Operator::Modulo => left.modulo(*right),
            Operator::Power => left.power(*right),
        }),
        (Value::Text(left), Value::Text(right)) => {
            if left.len() + right.len() > TEXT_MAX {
                return Value::Unknown;
            }
            Value::text(&format!("{left}{right}"))
        }
        (Value::Date(left), Value::Date(right)) => dates::span(left.0.checked_sub(right.0)),
        (Value::Date(at), Value::Duration(Span(us))) => match operator {
            Operator::Subtract => dates::moved(*at, us.saturating_neg()),
            _ => dates::moved(*at, *us),
        },
        (Value::Duration(left), Value::Duration(right)) => match operator {
            Operator::Add => dates::span(left.0.checked_add(right.0)),
            Operator::Subtract => dates::span(left.0.checked_sub(right.0)),
            _ => of_number(Decimal::from(left.0).over(Decimal::from(right.0))),
        },
        (Value::Duration(span), Value::Number(times)) => {
            let us = Decimal::from(span.0).times(*times);
            dates::span(us.and_then(|us| us.rounded(0).to_i64()))
        }
        _ => Value::Unknown,
    }
}

fn called(function: Function, first: &Value, second: Option<&Value>) -> Value {
    match (function, first, second) {
        (Function::Length, Value::Text(text), _) => count(text.chars().count()),
        (Function::Length, Value::List(list), _) => count(list.len()),
        (Function::Contains, Value::Text(text), Some(Value::Text(part))) => {
            Value::Boolean(text.contains(&**part))
        }
        (Function::Contains, Value::List(list), Some(one)) => among(one, list),
        (Function::StartsWith, Value::Text(text), Some(Value::Text(part))) => {
            Value::Boolean(text.starts_with(&**part))
        }
        (Function::EndsWith, Value::Text(text), Some(Value::Text(part))) => {
            Value::Boolean(text.ends_with(&**part))
        }
        (Function::Lower, Value::Text(text), _) => Value::text(&text.to_lowercase()),
        (Function::Upper, Value::Text(text), _) => Value::text(&text.to_uppercase()),
        (Function::Trim, Value::Text(text), _) => Value::text(text.trim()),
        (Function::Absolute, Value::Number(number), _) => Value::Number(number.absolute()),
        (Function::Floor, Value::Number(number), _) => Value::Number(number.floor()),
        (Function::Ceiling, Value::Number(number), _) => Value::Number(number.ceil()),
        (Function::Round, Value::Number(number), None) => Value::Number(number.rounded(0)),
        (Function::Round, Value::Number(number), Some(Value::Number(digits))) => {
            let digits = digits.to_i64().and_then(|digits| u32::try_from(digits).ok());
            of_number(digits.map(|digits| number.rounded(digits)))
        }
        (Function::Minimum, Value::List(list), _) => extreme(list, Ordering::Less),
        (Function::Maximum, Value::List(list), _) => extreme(list, Ordering::Greater),
        (Function::Sum, Value::List(list), _) => of_number(sum(list)),
        (Function::Average, Value::List(list), _) => {
            of_number(sum(list).and_then(|sum| sum.over(Decimal::from(list.len() as i64))))
        }
        (Function::Date, Value::Date(at), _) => Value::Date(*at),
        (Function::Date | Function::Duration, Value::Text(_), _) => {
            let to = if function == Function::Date {
                super::super::value::Type::Date
            } else {
                super::super::value::Type::Duration
            };
            first.cast(&to).unwrap_or_default()
        }
        (
            Function::Year | Function::Month | Function::DayOfMonth | Function::DayOfWeek,
            Value::Date(at),
            _,
        ) => dates::part(function, *at),
        _ => Value::Unknown,
    }
}

fn count(number: usize) -> Value {
    Value::Number(Decimal::from(number as i64))
}

/// The least or greatest; an empty list has none, and one unknown could be it.
fn extreme(list: &[Value], wanted: Ordering) -> Value {
    let mut best = list.first().cloned().unwrap_or_default();
    for one in list {
        match order(one, &best) {
            Some(order) if order == wanted => best = one.clone(),
            Some(_) => {}
            None => return Value::Unknown,
        }
    }
    best
}

fn sum(list: &[Value]) -> Option<Decimal> {
    list.iter().try_fold(Decimal::ZERO, |sum, one| sum.plus(one.number()?))
}

fn each(closure: Closure, list: &Node, body: &Node, frame: &mut Frame) -> Value {
    let Value::List(list) = value(list, frame) else { return Value::Unknown };
    let mut results = Vec::with_capacity(list.len());
    for one in list.iter() {
        frame.elements.push(one.clone());
        results.push(value(body, frame));
        frame.elements.pop();
    }
    if closure == Closure::Map {
        return Value::list(results);
    }
    let yes = results.iter().filter(|result| result.truth() == Some(true)).count();
    let unknown = results.iter().filter(|result| result.is_unknown()).count();
    match closure {
        Closure::Some => of_truth(if yes > 0 { Some(true) } else { known(unknown, false) }),
        Closure::None => of_truth(if yes > 0 { Some(false) } else { known(unknown, true) }),
        Closure::All => {
            let no = list.len() - yes - unknown;
            of_truth(if no > 0 { Some(false) } else { known(unknown, true) })
        }
        Closure::One => of_truth(if yes > 1 { Some(false) } else { known(unknown, yes == 1) }),
        Closure::Count if unknown == 0 => count(yes),
        Closure::Filter if unknown == 0 => {
            let chosen =
                list.iter().zip(&results).filter(|(_, result)| result.truth() == Some(true));
            Value::list(chosen.map(|(one, _)| one.clone()).collect())
        }
        _ => Value::Unknown,
    }
}

fn known(unknown: usize, truth: bool) -> Option<bool> {
    (unknown == 0).then_some(truth)
}
