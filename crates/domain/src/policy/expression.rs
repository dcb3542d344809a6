//! Expressions: the syntax of GoRules' ZEN language, with an allow-list of operators and functions,
//! types that are checked before anything is evaluated, and three-valued logic.
//!
//! Differences to ZEN, on purpose: what is not known stays unknown (there `missing != 5` is true
//! and `missing > 5` an error), nothing converts by itself, nothing reads a clock or throws dice,
//! and the longest evaluation is known before the first.

use std::fmt;
use std::sync::Arc;

use super::scope::Scope;
use super::value::{Type, Value};

mod atoms;
mod dates;
mod evaluate;
mod functions;
mod lexer;
mod parser;
mod unary;

pub use atoms::Evidence;
pub(super) use atoms::{Atom, Shape, Test};
pub(super) use evaluate::{Frame, holds, order};
use functions::{Closure, Function};

/// Bytes of one expression.
pub(super) const SOURCE_MAX: usize = 2_000;
/// How deep parentheses, calls and conditions may stand in one another.
pub(super) const DEPTH_MAX: usize = 32;
/// Operators, names and constants of one expression.
pub(super) const NODES_MAX: usize = 400;
/// Steps that one expression may take, and all expressions of one decision together.
pub const STEPS_MAX: u64 = 100_000;

/// Why an expression cannot be read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SyntaxError {
    /// The byte of the source that it is about.
    pub at: usize,
    pub message: String,
}

impl SyntaxError {
    fn new(at: usize, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }

    /// With the place shown inside its source, in characters from 1.
    pub(super) fn within(&self, source: &str) -> String {
        let column = source.get(..self.at).unwrap_or(source).chars().count() + 1;
        format!("{}, at character {column} of `{source}`", self.message)
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at byte {})", self.message, self.at)
    }
}

/// A checked expression.
#[derive(Clone, Debug)]
pub(super) struct Expression {
    source: Arc<str>,
    root: Node,
    reads: Vec<usize>,
}

impl Expression {
    /// Reads an expression over the names of the scope.
    pub(super) fn read(source: &str, scope: &Scope) -> Result<Self, SyntaxError> {
        parser::read(source, scope, None)
    }

    /// Reads a cell of a decision table about the values of `subject`: `> 5`, `[1..10)`,
    /// `'a', 'b'`, `null`; with `$` in it, an expression. Without a subject the cell is an
    /// expression that is true or false.
    pub(super) fn read_cell(
        source: &str,
        scope: &Scope,
        subject: Option<&Expression>,
    ) -> Result<Self, SyntaxError> {
        let read = parser::read(source, scope, subject)?;
        match read.root.of {
            Type::Boolean => Ok(read),
            ref of => Err(SyntaxError::new(0, format!("a condition is needed, this gives {of}"))),
        }
    }

    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// What it gives when it is known.
    pub(super) fn type_of(&self) -> &Type {
        &self.root.of
    }

    /// The places in the scope that it reads, each once, ascending.
    pub(super) fn reads(&self) -> &[usize] {
        &self.reads
    }

    /// The only name that the expression consists of.
    pub(super) fn name_alone(&self) -> Option<usize> {
        if let Kind::Slot(slot) = self.root.kind { Some(slot) } else { None }
    }

    /// What it always gives, when it is written out.
    pub(super) fn constant(&self) -> Option<Value> {
        atoms::constant(&self.root)
    }

    /// Evaluates it. Ends within [`STEPS_MAX`] steps of the frame; past them all is unknown.
    pub(super) fn evaluate(&self, frame: &mut Frame) -> Value {
        evaluate::value(&self.root, frame)
    }

    /// What made the expression true, or kept it from being known.
    pub(super) fn evidence(&self, frame: &mut Frame, scope: &Scope) -> Vec<Evidence> {
        atoms::evidence(&self.root, frame, scope)
    }

    /// The condition as a combination of comparisons with constants.
    pub(super) fn shape(&self, scope: &Scope) -> Shape {
        atoms::shape(&self.root, scope)
    }

    /// All comparisons of one name with a constant, wherever they stand.
    pub(super) fn cut_points(&self, found: &mut dyn FnMut(usize, &Value)) {
        atoms::cut_points(&self.root, found);
    }
}

/// One operator, name or constant, with what it gives.
#[derive(Clone, Debug)]
struct Node {
    kind: Kind,
    of: Type,
    /// The most steps that evaluating it may take.
    cost: u64,
}

#[derive(Clone, Debug)]
enum Kind {
    Constant(Value),
    /// A value of the scope.
    Slot(usize),
    /// The value that a cell is about, and the expression of its column.
    Subject(Arc<Node>),
    /// The element that the innermost closure is at.
    Item,
    Field(Box<Node>, Arc<str>),
    Not(Box<Node>),
    Negate(Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Compare(Comparison, Box<Node>, Box<Node>),
    /// Whether a value is not known, which is always known.
    Missing(Box<Node>),
    Within(Box<Node>, Box<Interval>),
    Among(Box<Node>, Box<Node>),
    Arithmetic(Operator, Box<Node>, Box<Node>),
    Choose(Box<[Node; 3]>),
    /// The second when the first is not known.
    Otherwise(Box<Node>, Box<Node>),
    List(Vec<Node>),
    Call(Function, Vec<Node>),
    Each(Closure, Box<Node>, Box<Node>),
}

#[derive(Clone, Debug)]
struct Interval {
    low: Node,
    high: Node,
    with_low: bool,
    with_high: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Comparison {
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Power,
}

impl Comparison {
    fn of_symbol(symbol: &str) -> Option<Self> {
        Some(match symbol {
            "==" => Self::Equal,
            "!=" => Self::Unequal,
            "<" => Self::Less,
            "<=" => Self::AtMost,
            ">" => Self::Greater,
            ">=" => Self::AtLeast,
            _ => return None,
        })
    }

    pub(super) fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
        }
    }

    /// What holds of the two sides exchanged.
    fn mirrored(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::AtMost => Self::AtLeast,
            Self::Greater => Self::Less,
            Self::AtLeast => Self::AtMost,
            other => other,
        }
    }

    /// What holds when it does not.
    pub(super) fn opposite(self) -> Self {
        match self {
            Self::Equal => Self::Unequal,
            Self::Unequal => Self::Equal,
            Self::Less => Self::AtLeast,
            Self::AtMost => Self::Greater,
            Self::Greater => Self::AtMost,
            Self::AtLeast => Self::Less,
        }
    }
}

#[cfg(test)]
mod tests;
