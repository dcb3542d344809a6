//! What would have changed a decision: the nearest inputs that are approved.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::decimal::Decimal;
use super::decision::Outcome;
use super::document::Direction;
use super::inputs::Inputs;
use super::value::Value;
use super::{InputRule, Policy};
use crate::time::Timestamp;

/// Decisions tried in one search.
pub const TRIES_MAX: usize = 4_000;
/// Other values tried of one input.
const CANDIDATES_MAX: usize = 60;

/// One input as it is and as it would have to be.
#[derive(Clone, PartialEq, Serialize)]
pub struct FieldChange {
    pub name: String,
    pub zh: String,
    pub en: String,
    pub from: Value,
    pub to: Value,
}

/// A change that turns the outcome to approve.
#[derive(Clone, PartialEq, Serialize)]
pub struct Change {
    /// One field, or two when none alone is enough.
    pub fields: Vec<FieldChange>,
    /// Decisions that were tried.
    pub tries: usize,
}

impl fmt::Debug for Change {
    /// Without the values, which are a person's data and must not reach a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.fields.iter().map(|field| field.name.as_str()).collect();
        write!(f, "Change({names:?})")
    }
}

/// Another value of an input, and how far it is from the one that was given.
struct Candidate {
    input: usize,
    value: Value,
    distance: f64,
}

impl Policy {
    /// The nearest change of one declared field, or else of two, that the policy approves: among the
    /// points where its conditions turn. Nothing when it approves already, or no such change was
    /// found within [`TRIES_MAX`] decisions.
    pub fn nearest(&self, inputs: &Inputs, now: Timestamp) -> Option<Change> {
        let (mut values, _) = self.values(inputs);
        let mut search = Search { policy: self, now, tries: 0 };
        if search.approves(&values) {
            return None;
        }
        let candidates = self.candidates(&values);
        let mut best: Option<(f64, Vec<&Candidate>)> = None;
        for one in &candidates {
            if search.approves_with(&mut values, &[one]) {
                // They come by distance: the first is the nearest.
                best = Some((one.distance, vec![one]));
                break;
            }
        }
        if best.is_none() {
            best = search.pairs(&mut values, &candidates);
        }
        let (_, found) = best?;
        let change = |one: &Candidate| {
            let input = &self.inputs[one.input];
            FieldChange {
                name: input.name.clone(),
                zh: input.zh.clone(),
                en: input.en.clone(),
                from: values[input.slot].clone(),
                to: one.value.clone(),
            }
        };
        Some(Change { fields: found.into_iter().map(change).collect(), tries: search.tries })
    }

    /// All other values worth trying, the nearest first.
    fn candidates(&self, values: &[Value]) -> Vec<Candidate> {
        let mut found: BTreeMap<usize, Vec<Value>> = BTreeMap::new();
        self.each_expression(&mut |expression| {
            expression.cut_points(&mut |slot, bound| {
                found.entry(slot).or_default().push(bound.clone());
            });
        });
        let mut candidates = Vec::new();
        for (input, rule) in self.inputs.iter().enumerate() {
            let Some(direction) = rule.change else { continue };
            let bounds = found.remove(&rule.slot).unwrap_or_default();
            let old = &values[rule.slot];
            let mut mine: Vec<Candidate> = around(rule, old, &bounds)
                .into_iter()
                .filter(|value| rule.range_holds(value) && may(direction, old, value))
                .map(|value| Candidate { input, distance: distance(old, &value), value })
                .collect();
            mine.sort_by(|a, b| a.distance.total_cmp(&b.distance));
            mine.dedup_by(|a, b| a.value == b.value);
            mine.truncate(CANDIDATES_MAX);
            candidates.extend(mine);
        }
        candidates.sort_by(|a, b| a.distance.total_cmp(&b.distance).then(a.input.cmp(&b.input)));
        candidates
    }
}

struct Search<'p> {
    policy: &'p Policy,
    now: Timestamp,
    tries: usize,
}

impl Search<'_> {
    fn approves(&mut self, values: &[Value]) -> bool {
        self.tries += 1;
        self.tries <= TRIES_MAX
            && self.policy.outcome(values.to_vec(), self.now) == Outcome::Approve
    }

    fn approves_with(&mut self, values: &mut [Value], changes: &[&Candidate]) -> bool {
        let slot = |one: &Candidate| self.policy.inputs[one.input].slot;
        let old: Vec<Value> = changes.iter().map(|one| values[slot(one)].clone()).collect();
        for one in changes {
            values[slot(one)] = one.value.clone();
        }
        let approves = self.approves(values);
        for (one, old) in changes.iter().zip(old) {
            values[self.policy.inputs[one.input].slot] = old;
        }
        approves
    }

    /// Pairs by their distance, as far as the tries go.
    fn pairs<'c>(
        &mut self,
        values: &mut [Value],
        candidates: &'c [Candidate],
    ) -> Option<(f64, Vec<&'c Candidate>)> {
        let mut best: Option<(f64, Vec<&Candidate>)> = None;
        for (number, second) in candidates.iter().enumerate() {
            for first in candidates[..number].iter().filter(|first| first.input != second.input) {
                let far = first.distance + second.distance;
                if best.as_ref().is_some_and(|(best, _)| far >= *best) || self.tries >= TRIES_MAX {
                    break;
                }
                if self.approves_with(values, &[first, second]) {
                    best = Some((far, vec![first, second]));
                }
            }
        }
        best
    }
}

/// The bounds themselves and the values beside them.
fn around(rule: &InputRule, old: &Value, bounds: &[Value]) -> Vec<Value> {
    let mut values: Vec<Value> = Vec::new();
    if let Value::Boolean(truth) = old {
        return vec![Value::Boolean(!truth)];
    }
    for bound in bounds {
        values.push(bound.clone());
        if let Value::Number(bound) = bound {
            let step =
                if rule.is_integer() { Decimal::ONE } else { Decimal::unit(bound.scale().max(2)) };
            let beside = [bound.minus(step), bound.plus(step)];
            values.extend(beside.into_iter().flatten().map(Value::Number));
        }
    }
    if let Some(texts) = rule.texts() {
        values.extend(texts.iter().map(|text| Value::text(text)));
    }
    if old.is_unknown() && rule.is_boolean() {
        values.extend([Value::Boolean(true), Value::Boolean(false)]);
    }
    values.retain(|value| value != old);
    values
}

/// Whether the field may change that way. What is not known may become anything.
fn may(direction: Direction, old: &Value, new: &Value) -> bool {
    match super::expression::order(new, old) {
        Some(order) => match direction {
            Direction::Up => order.is_gt(),
            Direction::Down => order.is_lt(),
            Direction::Any => true,
        },
        None => true,
    }
}

/// How far: in parts of the old value; what has no size is one step away.
fn distance(old: &Value, new: &Value) -> f64 {
    match (old, new) {
        (Value::Number(old), Value::Number(new)) => {
            let (old, new) = (old.to_f64(), new.to_f64());
            (new - old).abs() / old.abs().max(1.0)
        }
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests;
