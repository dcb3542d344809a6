//! Policies: rules, tables and cut-offs as data, and what they come to for one application.
//!
//! A policy is one JSON document (`docs/policy.md` tells how to write one). It is checked as a
//! whole when it is read ([`Policy::read`]) and decides afterwards without errors
//! ([`Policy::decide`]): what is missing is unknown, an unknown rule means review and never
//! approval. The same policy, inputs and time give the same bytes.

use std::collections::BTreeMap;

mod changes;
mod compile;
mod decide;
mod decimal;
mod decision;
mod document;
mod expression;
mod fault;
mod flow;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
mod inputs;
mod jdm;
mod lifecycle;
mod nearest;
mod scope;
mod table;
mod trace;
mod value;

pub use changes::DocumentChange;
pub use decimal::{Decimal, NotDecimal};
pub use decision::{Decision, Outcome, PolicyName, Reason};
pub use document::{Effect, FORMAT, Texts};
pub use expression::{Evidence, STEPS_MAX};
pub use fault::PolicyFault;
pub use inputs::Inputs;
pub use lifecycle::{PolicyState, PolicyStep, PolicyVersion, SHARE_MAX, SignedText, is_challenged};
pub use nearest::{Change, FieldChange, Rescore, TRIES_MAX};
pub(crate) use scope::similar;
pub use trace::{RowHit, TraceNode};
pub use value::{LIST_MAX, TEXT_MAX, Type, Value};

use document::{Direction, Document};
use expression::Expression;
use flow::Flow;
use scope::{Range, Scope};

/// A policy that a lender could start from, explained rule by rule in it.
pub const DEFAULT: &[u8] = include_bytes!("../policies/consumer-credit.json");

/// The input that a policy's model fills.
pub const MODEL_SCORE: &str = "model.score";

/// Bytes of a document.
pub const BYTES_MAX: usize = 1 << 20;
pub const INPUTS_MAX: usize = 500;
pub const RULES_MAX: usize = 500;

/// A checked policy.
#[derive(Clone, Debug)]
pub struct Policy {
    document: Document,
    canonical: Vec<u8>,
    sha256: String,
    scope: Scope,
    inputs: Vec<InputRule>,
    flow: Option<Flow>,
    rules: Vec<Rule>,
}

/// An input with its place.
#[derive(Clone, Debug)]
struct InputRule {
    name: String,
    zh: String,
    en: String,
    slot: usize,
    of: Type,
    range: Range,
    change: Option<Direction>,
    /// Whether anything reads it; only then it is part of a decision.
    is_read: bool,
}

/// A rule, or one cut-off.
#[derive(Clone, Debug)]
struct Rule {
    id: String,
    when: Expression,
    effect: Effect,
    texts: Texts,
    lawful_basis: Texts,
    is_cutoff: bool,
}

/// One declared input, for those who prepare the inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputName<'p> {
    pub name: &'p str,
    pub of: &'p Type,
    /// Of numbers: whether only whole ones are.
    pub is_integer: bool,
    pub zh: &'p str,
    pub en: &'p str,
}

impl Policy {
    pub fn name(&self) -> &str {
        &self.document.name
    }

    pub fn version(&self) -> &str {
        &self.document.version
    }

    pub fn title(&self) -> &Texts {
        &self.document.title
    }

    /// The model whose published score is the input [`MODEL_SCORE`].
    pub fn model(&self) -> Option<&str> {
        self.document.model.as_deref()
    }

    /// The document without spaces, its keys in order: what is signed off and hashed.
    pub fn canonical(&self) -> &[u8] {
        &self.canonical
    }

    /// SHA-256 of the canonical bytes, in lower-case hexadecimal digits.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The declared inputs that something reads.
    pub fn inputs(&self) -> impl Iterator<Item = InputName<'_>> {
        self.inputs.iter().filter(|input| input.is_read).map(|input| InputName {
            name: &input.name,
            of: &input.of,
            is_integer: input.is_integer(),
            zh: &input.zh,
            en: &input.en,
        })
    }

    fn each_expression(&self, each: &mut dyn FnMut(&Expression)) {
        self.rules.iter().for_each(|rule| each(&rule.when));
        self.flow.iter().flat_map(Flow::expressions).for_each(each);
    }

    /// The values in their places, and the names of inputs that are not what is declared.
    fn values(&self, inputs: &Inputs) -> (Vec<Value>, BTreeMap<&str, Value>) {
        let mut values = vec![Value::Unknown; self.scope.len()];
        let mut refused = BTreeMap::new();
        for input in self.inputs.iter().filter(|input| input.is_read) {
            let given = inputs.get(&input.name);
            match given.cast(&input.of).filter(|value| input.range_holds(value)) {
                Some(value) => values[input.slot] = value,
                None => _ = refused.insert(input.name.as_str(), given),
            }
        }
        (values, refused)
    }
}

impl InputRule {
    /// Whether the value is one that was declared; what is not known may be.
    fn range_holds(&self, value: &Value) -> bool {
        match value {
            Value::Number(number) => {
                self.range.min.is_none_or(|min| min <= *number)
                    && self.range.max.is_none_or(|max| *number <= max)
                    && (!self.range.is_integer || number.is_integer())
            }
            Value::Text(text) => self
                .range
                .texts
                .as_ref()
                .is_none_or(|texts| texts.iter().any(|known| **known == **text)),
            _ => true,
        }
    }

    fn is_integer(&self) -> bool {
        self.range.is_integer
    }

    fn is_boolean(&self) -> bool {
        self.of == Type::Boolean
    }

    fn texts(&self) -> Option<&Vec<String>> {
        self.range.texts.as_ref()
    }
}

/// `lenders.m7_count`: parts of letters, digits and `_`, each beginning with a letter.
fn is_name(name: &str) -> bool {
    let keyword =
        |part: &str| matches!(part, "and" | "or" | "not" | "in" | "true" | "false" | "null");
    let is_part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && !keyword(part)
    };
    name.len() <= 64 && name.split('.').all(is_part)
}

#[cfg(test)]
mod tests;
