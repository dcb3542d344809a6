//! What would have changed a decision: the nearest inputs that are approved. An input that follows
//! from others, the model's score, follows them in the search, too.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::decimal::Decimal;
use super::decision::Outcome;
use super::document::Direction;
use super::inputs::Inputs;
use super::value::Value;
use super::{InputRule, MODEL_SCORE, Policy};
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

/// Parts of the old value tried where no bound of the policy is about the input itself: what it
/// feeds may have one.
const PARTS: [&str; 14] =
    ["0.95", "0.9", "0.8", "0.7", "0.5", "0.3", "0.1", "0", "1.05", "1.1", "1.3", "1.6", "2", "4"];
/// Halvings between the value that was given and one that is approved.
const HALVINGS_MAX: usize = 24;

/// The model's score once the named inputs have those values: not known where the model cannot
/// tell; nothing where it reads none of them.
pub type Rescore<'a> = &'a dyn Fn(&[(&str, &Value)]) -> Option<Value>;

/// Another value of an input, and how far it is from the one that was given.
#[derive(Clone)]
struct Candidate {
    input: usize,
    value: Value,
    distance: f64,
}

impl Policy {
    /// The nearest change of one declared field, or else of two, that the policy approves: among
    /// the points where its conditions turn, and between them and what was given. Where none does
    /// and a better score would, the score is told, though nobody changes it by itself. Nothing
    /// when it approves already, or no such change was found within [`TRIES_MAX`] decisions.
    pub fn nearest(&self, inputs: &Inputs, now: Timestamp, rescore: Rescore<'_>) -> Option<Change> {
        let (values, _) = self.values(inputs);
        let mut search = Search { policy: self, now, rescore, tries: 0 };
        if search.approves(&values) {
            return None;
        }
        let candidates = self.candidates(&values, |rule| rule.change);
        let mut found = search.singles(&values, &candidates);
        if found.is_empty() {
            found = search.pairs(&values, &candidates);
        }
        if found.is_empty() {
            let of_score = |rule: &InputRule| (rule.name == MODEL_SCORE).then_some(Direction::Any);
            let candidates = self.candidates(&values, of_score);
            // It has few candidates, and the search before may have used up all tries.
            let mut search = Search { tries: 0, ..search };
            found = search.singles(&values, &candidates);
        }
        if found.is_empty() {
            return None;
        }
        let change = |one: Candidate| {
            let input = &self.inputs[one.input];
            FieldChange {
                name: input.name.clone(),
                zh: input.zh.clone(),
                en: input.en.clone(),
                from: values[input.slot].clone(),
                to: one.value,
            }
        };
        Some(Change { fields: found.into_iter().map(change).collect(), tries: search.tries })
    }

    /// The score in its place, as [`Policy::values`] puts it there.
    fn put_score(&self, values: &mut [Value], score: &Value) {
        let Some(input) = self.inputs.iter().find(|input| input.name == MODEL_SCORE) else {
            return;
        };
        let score = score.cast(&input.of).filter(|value| input.range_holds(value));
        values[input.slot] = score.unwrap_or_default();
    }

    /// All other values worth trying of the inputs that may change, the nearest first.
    fn candidates(
        &self,
        values: &[Value],
        change: impl Fn(&InputRule) -> Option<Direction>,
    ) -> Vec<Candidate> {
        let mut found: BTreeMap<usize, Vec<Value>> = BTreeMap::new();
        self.each_expression(&mut |expression| {
            expression.cut_points(&mut |slot, bound| {
                found.entry(slot).or_default().push(bound.clone());
            });
        });
        let mut candidates = Vec::new();
        for (input, rule) in self.inputs.iter().enumerate() {
            let Some(direction) = change(rule) else { continue };
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
    rescore: Rescore<'p>,
    tries: usize,
}

impl Search<'_> {
    fn approves(&mut self, values: &[Value]) -> bool {
        self.tries += 1;
        self.tries <= TRIES_MAX
            && self.policy.outcome(values.to_vec(), self.now) == Outcome::Approve
    }

    fn approves_with(&mut self, values: &[Value], changes: &[&Candidate]) -> bool {
        self.approves(&self.with(values, changes))
    }

    /// The values with the changes, and the score that follows. One that is changed itself stands.
    fn with(&self, values: &[Value], changes: &[&Candidate]) -> Vec<Value> {
        let (inputs, mut values) = (&self.policy.inputs, values.to_vec());
        let named: Vec<(&str, &Value)> =
            changes.iter().map(|one| (inputs[one.input].name.as_str(), &one.value)).collect();
        for one in changes {
            values[inputs[one.input].slot] = one.value.clone();
        }
        if named.iter().all(|(name, _)| *name != MODEL_SCORE)
            && let Some(score) = (self.rescore)(&named)
        {
            self.policy.put_score(&mut values, &score);
        }
        values
    }

    /// Of each input the nearest candidate that is approved by itself, and of these the nearest.
    fn singles(&mut self, values: &[Value], candidates: &[Candidate]) -> Vec<Candidate> {
        let mut best: Option<Candidate> = None;
        for input in 0..self.policy.inputs.len() {
            // They come by distance: the first is the nearest.
            let mut mine = candidates.iter().filter(|one| one.input == input);
            let Some(one) = mine.find(|one| self.approves_with(values, &[one])) else { continue };
            let one = self.nearer(values, one.clone(), None);
            if best.as_ref().is_none_or(|best| one.distance < best.distance) {
                best = Some(one);
            }
        }
        best.into_iter().collect()
    }

    /// The nearest pair of candidates, as far as the tries go.
    fn pairs(&mut self, values: &[Value], candidates: &[Candidate]) -> Vec<Candidate> {
        let mut best: Option<(f64, [&Candidate; 2])> = None;
        for (number, second) in candidates.iter().enumerate() {
            for first in candidates[..number].iter().filter(|first| first.input != second.input) {
                let far = first.distance + second.distance;
                if best.is_some_and(|(best, _)| far >= best) || self.tries >= TRIES_MAX {
                    break;
                }
                if self.approves_with(values, &[first, second]) {
                    best = Some((far, [first, second]));
                }
            }
        }
        let Some((_, [first, second])) = best else { return Vec::new() };
        // Each one as near as it may be with the other in its place.
        let mut afresh = Search { tries: 0, ..*self };
        let first = afresh.nearer(values, first.clone(), Some(second));
        let mut afresh = Search { tries: 0, ..*self };
        let second = afresh.nearer(values, second.clone(), Some(&first));
        vec![first, second]
    }

    /// An approved number moved towards the one that was given, as near as stays approved with the
    /// other change in its place.
    fn nearer(
        &mut self,
        values: &[Value],
        mut found: Candidate,
        other: Option<&Candidate>,
    ) -> Candidate {
        let rule = &self.policy.inputs[found.input];
        let old = values[rule.slot].number();
        let (Some(mut refused), Some(mut approved)) = (old, found.value.number()) else {
            return found;
        };
        let digits = if rule.is_integer() { 0 } else { 2 };
        for _ in 0..HALVINGS_MAX {
            let half = refused.plus(approved).and_then(|sum| sum.over(Decimal::from(2)));
            let Some(half) = half.map(|half| half.rounded(digits)) else { break };
            if half == refused || half == approved {
                break;
            }
            let between = Candidate { value: Value::Number(half), ..found.clone() };
            let changes: Vec<&Candidate> = [&between].into_iter().chain(other).collect();
            if self.approves_with(values, &changes) {
                approved = half;
            } else {
                refused = half;
            }
        }
        found.value = Value::Number(approved);
        found.distance = distance(&values[rule.slot], &found.value);
        found
    }
}

/// The bounds themselves and the values beside them.
fn around(rule: &InputRule, old: &Value, bounds: &[Value]) -> Vec<Value> {
    let mut values: Vec<Value> = Vec::new();
    if let Value::Boolean(truth) = old {
        return vec![Value::Boolean(!truth)];
    }
    if let Value::Number(old) = old {
        let parts = PARTS.iter().filter_map(|part| old.times(part.parse().ok()?));
        let digits = if rule.is_integer() { 0 } else { 2 };
        values.extend(parts.map(|part| Value::Number(part.rounded(digits))));
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
