//! Tokens to a checked expression, by precedence climbing. Names are resolved and types checked
//! while reading, so a fault is told where it stands.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::scope::Scope;
use super::super::value::{LIST_MAX, Type, Value};
use super::lexer::{Token, tokens};
use super::{
    Comparison, DEPTH_MAX, Expression, Interval, Kind, NODES_MAX, Node, Operator, SOURCE_MAX,
    STEPS_MAX, SyntaxError, unary,
};

/// How tightly an operator binds, as in ZEN: `??` before arithmetic, a sign before everything.
mod binding {
    pub(super) const OR: u8 = 10;
    pub(super) const AND: u8 = 15;
    pub(super) const COMPARISON: u8 = 20;
    pub(super) const SUM: u8 = 30;
    pub(super) const NOT: u8 = 50;
    pub(super) const PRODUCT: u8 = 60;
    pub(super) const POWER: u8 = 70;
    pub(super) const OTHERWISE: u8 = 80;
    pub(super) const SIGN: u8 = 200;
}

mod names;

pub(super) type Parsed = Result<Node, SyntaxError>;

pub(super) struct Parser<'s> {
    tokens: Vec<(Token, usize)>,
    next: usize,
    scope: &'s Scope,
    pub(super) subject: Option<Arc<Node>>,
    /// The types of `#`, the innermost last.
    elements: Vec<Type>,
    depth: usize,
    nodes: usize,
    reads: BTreeSet<usize>,
}

pub(super) fn read(
    source: &str,
    scope: &Scope,
    subject: Option<&Expression>,
) -> Result<Expression, SyntaxError> {
    if source.len() > SOURCE_MAX {
        let message = format!("longer than {SOURCE_MAX} bytes; use several nodes or rules");
        return Err(SyntaxError::new(0, message));
    }
    let mut parser = Parser {
        tokens: tokens(source)?,
        next: 0,
        scope,
        subject: subject.map(|column| Arc::new(column.root.clone())),
        elements: Vec::new(),
        depth: 0,
        nodes: 0,
        reads: BTreeSet::new(),
    };
    let names_subject = parser.tokens.iter().any(|(token, _)| *token == Token::Word("$".into()));
    let root = if subject.is_some() && !names_subject {
        unary::cell(&mut parser)?
    } else {
        parser.expression()?
    };
    match parser.peek() {
        Token::End => {}
        other => {
            let message = format!("expected an operator such as `and` or the end, found {other}");
            return Err(parser.fault(message));
        }
    }
    if root.cost > STEPS_MAX {
        let message = format!(
            "may take {} steps, at most {STEPS_MAX} are allowed: a loop inside a loop",
            root.cost
        );
        return Err(SyntaxError::new(0, message));
    }
    let mut reads = parser.reads;
    reads.extend(subject.into_iter().flat_map(|column| &column.reads));
    Ok(Expression { source: source.into(), root, reads: reads.into_iter().collect() })
}

impl Parser<'_> {
    pub(super) fn peek(&self) -> &Token {
        &self.tokens[self.next].0
    }

    /// Where reading stands, to come back to.
    pub(super) fn mark(&self) -> usize {
        self.next
    }

    pub(super) fn go_back(&mut self, mark: usize) {
        self.next = mark;
    }

    pub(super) fn at(&self) -> usize {
        self.tokens[self.next].1
    }

    fn take(&mut self) -> Token {
        let token = self.peek().clone();
        // The end is never passed.
        self.next = (self.next + 1).min(self.tokens.len() - 1);
        token
    }

    pub(super) fn takes(&mut self, symbol: &str) -> bool {
        let found = self.sees(symbol);
        if found {
            self.take();
        }
        found
    }

    pub(super) fn sees(&self, symbol: &str) -> bool {
        matches!(self.peek(), Token::Symbol(found) if *found == symbol)
    }

    pub(super) fn takes_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Token::Word(found) if found == word);
        if found {
            self.take();
        }
        found
    }

    pub(super) fn expect(&mut self, symbol: &str, what: &str) -> Result<(), SyntaxError> {
        if self.takes(symbol) {
            return Ok(());
        }
        Err(self.fault(format!("expected `{symbol}` {what}, found {}", self.peek())))
    }

    pub(super) fn fault(&self, message: impl Into<String>) -> SyntaxError {
        SyntaxError::new(self.at(), message)
    }

    /// A node whose parts cost so much.
    pub(super) fn node(&mut self, kind: Kind, of: Type, parts: u64) -> Parsed {
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            return Err(self.fault(format!("more than {NODES_MAX} parts; use several nodes")));
        }
        Ok(Node { kind, of, cost: parts.saturating_add(1) })
    }

    fn deeper(&mut self, read: impl FnOnce(&mut Self) -> Parsed) -> Parsed {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.fault(format!("nested more than {DEPTH_MAX} deep")));
        }
        let node = read(self);
        self.depth -= 1;
        node
    }

    /// Anything: `condition ? one : other` binds least.
    pub(super) fn expression(&mut self) -> Parsed {
        self.deeper(|this| {
            let at = this.at();
            let condition = this.binary(0)?;
            if !this.takes("?") {
                return Ok(condition);
            }
            let condition = truth(condition, at, "before `?`")?;
            let yes = this.expression()?;
            this.expect(":", "between the two results")?;
            let at = this.at();
            let no = this.expression()?;
            if yes.of != no.of {
                let message = format!("both results must be alike: {} and {}", yes.of, no.of);
                return Err(SyntaxError::new(at, message));
            }
            let (of, cost) = (yes.of.clone(), condition.cost + yes.cost.max(no.cost));
            this.node(Kind::Choose(Box::new([condition, yes, no])), of, cost)
        })
    }

    /// Operators that bind at least so tightly.
    fn binary(&mut self, least: u8) -> Parsed {
        let begin = self.at();
        let mut left = self.prefix()?;
        loop {
            let at = self.at();
            let (symbol, power) = match self.peek() {
                Token::Word(word) if word == "or" => ("or", binding::OR),
                Token::Word(word) if word == "and" => ("and", binding::AND),
                Token::Word(word) if word == "in" => ("in", binding::COMPARISON),
                Token::Word(word) if word == "not" => ("not in", binding::COMPARISON),
                Token::Symbol(symbol) => (*symbol, power_of(symbol)),
                _ => return Ok(left),
            };
            if power == 0 || power < least {
                return Ok(left);
            }
            self.take();
            left = match symbol {
                "or" | "and" => {
                    let left = truth(left, begin, &format!("before `{symbol}`"))?;
                    let right_at = self.at();
                    let right = self.binary(power + 1)?;
                    let right = truth(right, right_at, &format!("after `{symbol}`"))?;
                    let cost = left.cost + right.cost;
                    let (left, right) = (Box::new(left), Box::new(right));
                    let kind =
                        if symbol == "or" { Kind::Or(left, right) } else { Kind::And(left, right) };
                    self.node(kind, Type::Boolean, cost)?
                }
                "in" => self.membership(left)?,
                "not in" => {
                    if !self.takes_word("in") {
                        return Err(self.fault("expected `in` after `not`"));
                    }
                    let inside = self.membership(left)?;
                    self.negation(inside)?
                }
                "??" => self.otherwise(left, at)?,
                _ => match Comparison::of_symbol(symbol) {
                    Some(comparison) => self.comparison(comparison, left)?,
                    None => self.arithmetic(symbol, left, at)?,
                },
            };
        }
    }

    pub(super) fn negation(&mut self, inside: Node) -> Parsed {
        let cost = inside.cost;
        self.node(Kind::Not(Box::new(inside)), Type::Boolean, cost)
    }

    fn otherwise(&mut self, left: Node, at: usize) -> Parsed {
        let right = self.binary(binding::OTHERWISE + 1)?;
        if left.of != right.of {
            let message = format!("both sides of `??` must be alike: {}, {}", left.of, right.of);
            return Err(SyntaxError::new(at, message));
        }
        let (of, cost) = (left.of.clone(), left.cost + right.cost);
        self.node(Kind::Otherwise(Box::new(left), Box::new(right)), of, cost)
    }

    /// What follows `==`, `<` and so on.
    pub(super) fn comparison(&mut self, comparison: Comparison, left: Node) -> Parsed {
        let at = self.at();
        if self.takes_word("null") {
            let cost = left.cost;
            let missing = self.node(Kind::Missing(Box::new(left)), Type::Boolean, cost)?;
            return match comparison {
                Comparison::Equal => Ok(missing),
                Comparison::Unequal => self.negation(missing),
                _ => Err(SyntaxError::new(at, "nothing is more or less than `null`")),
            };
        }
        let right = self.binary(binding::COMPARISON + 1)?;
        let (one, other) = (&left.of, &right.of);
        let fits = match comparison {
            Comparison::Equal | Comparison::Unequal => one == other && one.has_equality(),
            _ => one == other && one.has_order(),
        };
        if !fits {
            let message = format!("`{}` cannot compare {one} with {other}", comparison.symbol());
            return Err(SyntaxError::new(at, message));
        }
        let cost = left.cost + right.cost;
        let kind = Kind::Compare(comparison, Box::new(left), Box::new(right));
        self.node(kind, Type::Boolean, cost)
    }

    /// What follows `in`: an interval or a list.
    pub(super) fn membership(&mut self, left: Node) -> Parsed {
        let at = self.at();
        if let Some(interval) = self.interval()? {
            return self.within(left, interval, at);
        }
        let list = self.prefix()?;
        match &list.of {
            Type::List(of) if **of == left.of && left.of.has_equality() => {}
            of => {
                let message =
                    format!("`in` needs an interval or a list for {}, found {of}", left.of);
                return Err(SyntaxError::new(at, message));
            }
        }
        let cost = left.cost + list.cost + length(&list);
        self.node(Kind::Among(Box::new(left), Box::new(list)), Type::Boolean, cost)
    }

    pub(super) fn within(&mut self, left: Node, interval: Interval, at: usize) -> Parsed {
        if interval.low.of != left.of || !left.of.has_order() {
            let message = format!("an interval of {} cannot hold {}", interval.low.of, left.of);
            return Err(SyntaxError::new(at, message));
        }
        let cost = left.cost + interval.low.cost + interval.high.cost;
        self.node(Kind::Within(Box::new(left), Box::new(interval)), Type::Boolean, cost)
    }

    /// `[1..10)`; nothing, and nothing taken, when a list or a parenthesis stands here.
    pub(super) fn interval(&mut self) -> Result<Option<Interval>, SyntaxError> {
        let (mark, nodes, begin) = (self.mark(), self.nodes, self.at());
        let with_low = self.sees("[");
        if !self.takes("[") && !self.takes("(") {
            return Ok(None);
        }
        if !self.points_ahead() {
            self.go_back(mark);
            self.nodes = nodes;
            return Ok(None);
        }
        let low = self.binary(binding::SUM)?;
        self.expect("..", "between the ends of the interval")?;
        let high = self.binary(binding::SUM)?;
        let with_high = self.sees("]");
        if !self.takes("]") {
            self.expect(")", "or `]` behind the interval")?;
        }
        if low.of != high.of {
            let message = format!("the ends must be alike: {} and {}", low.of, high.of);
            return Err(SyntaxError::new(begin, message));
        }
        if let (Kind::Constant(low), Kind::Constant(high)) = (&low.kind, &high.kind)
            && super::evaluate::order(low, high).is_some_and(std::cmp::Ordering::is_gt)
        {
            let message = format!("nothing lies between {low} and {high}: the smaller end first");
            return Err(SyntaxError::new(begin, message));
        }
        Ok(Some(Interval { low, high, with_low, with_high }))
    }

    /// Whether the bracket that was just taken opens an interval.
    fn points_ahead(&self) -> bool {
        let mut open = 0_u32;
        for (token, _) in &self.tokens[self.next..] {
            match token {
                Token::Symbol("..") => return open == 0,
                Token::Symbol("(" | "[") => open += 1,
                Token::Symbol(")" | "]") if open > 0 => open -= 1,
                Token::Symbol(")" | "]") | Token::End => return false,
                Token::Symbol(",") if open == 0 => return false,
                _ => {}
            }
        }
        false
    }

    fn arithmetic(&mut self, symbol: &str, left: Node, at: usize) -> Parsed {
        let (operator, least) = match symbol {
            "+" => (Operator::Add, binding::SUM + 1),
            "-" => (Operator::Subtract, binding::SUM + 1),
            "*" => (Operator::Multiply, binding::PRODUCT + 1),
            "/" => (Operator::Divide, binding::PRODUCT + 1),
            "%" => (Operator::Modulo, binding::PRODUCT + 1),
            // To the right: 2 ^ 3 ^ 2 is 2 ^ 9.
            _ => (Operator::Power, binding::POWER),
        };
        let right = self.deeper(|this| this.binary(least))?;
        let of = match (operator, &left.of, &right.of) {
            (_, Type::Number, Type::Number)
            | (Operator::Divide, Type::Duration, Type::Duration) => Type::Number,
            (Operator::Add, Type::Text, Type::Text) => Type::Text,
            (Operator::Subtract, Type::Date, Type::Date)
            | (Operator::Add | Operator::Subtract, Type::Duration, Type::Duration)
            | (Operator::Multiply, Type::Duration, Type::Number) => Type::Duration,
            (Operator::Add | Operator::Subtract, Type::Date, Type::Duration) => Type::Date,
            (_, one, other) => {
                let message = format!("`{symbol}` cannot join {one} and {other}");
                return Err(SyntaxError::new(at, message));
            }
        };
        let cost = left.cost + right.cost;
        self.node(Kind::Arithmetic(operator, Box::new(left), Box::new(right)), of, cost)
    }

    /// A value with the signs and `not` before it.
    fn prefix(&mut self) -> Parsed {
        let at = self.at();
        if self.takes("-") {
            let number = self.deeper(|this| this.binary(binding::SIGN))?;
            return match (number.kind, number.of) {
                (Kind::Constant(Value::Number(number)), of) => {
                    self.node(Kind::Constant(Value::Number(number.negated())), of, 0)
                }
                (kind, Type::Number) => {
                    let cost = number.cost;
                    let number = Box::new(Node { kind, of: Type::Number, cost });
                    self.node(Kind::Negate(number), Type::Number, cost)
                }
                (_, of) => Err(SyntaxError::new(at, format!("`-` needs a number, found {of}"))),
            };
        }
        if self.takes("+") {
            return self.deeper(|this| this.binary(binding::SIGN));
        }
        if self.takes_word("not") {
            let at = self.at();
            let inside = self.deeper(|this| this.binary(binding::NOT))?;
            let inside = truth(inside, at, "after `not`")?;
            return self.negation(inside);
        }
        self.primary()
    }

    fn primary(&mut self) -> Parsed {
        let at = self.at();
        match self.take() {
            Token::Number(number) => {
                self.node(Kind::Constant(Value::Number(number)), Type::Number, 0)
            }
            Token::Text(text) => self.node(Kind::Constant(Value::text(&text)), Type::Text, 0),
            Token::Symbol("(") => {
                let inside = self.expression()?;
                self.expect(")", "to close the parenthesis")?;
                Ok(inside)
            }
            Token::Symbol("[") => self.list(),
            Token::Word(word) => self.word(&word, at),
            Token::Symbol("{") => {
                Err(SyntaxError::new(at, "records cannot be written; give several results"))
            }
            Token::End => Err(SyntaxError::new(at, "expected a value, found the end")),
            other @ Token::Symbol(_) => {
                Err(SyntaxError::new(at, format!("expected a value, found {other}")))
            }
        }
    }

    fn list(&mut self) -> Parsed {
        let at = self.at();
        let mut parts: Vec<Node> = Vec::new();
        while !self.takes("]") {
            if !parts.is_empty() {
                self.expect(",", "or `]` in the list")?;
            }
            let at = self.at();
            let part = self.expression()?;
            if parts.first().is_some_and(|first| first.of != part.of) {
                let message = format!("a list holds one kind of values, found {}", part.of);
                return Err(SyntaxError::new(at, message));
            }
            parts.push(part);
        }
        let Some(first) = parts.first() else {
            return Err(SyntaxError::new(at, "an empty list holds nothing to compare with"));
        };
        let of = Type::List(Box::new(first.of.clone()));
        let cost = parts.iter().map(|part| part.cost).sum();
        self.node(Kind::List(parts), of, cost)
    }
}

fn power_of(symbol: &str) -> u8 {
    match symbol {
        "==" | "!=" | "<" | "<=" | ">" | ">=" => binding::COMPARISON,
        "+" | "-" => binding::SUM,
        "*" | "/" | "%" => binding::PRODUCT,
        "^" => binding::POWER,
        "??" => binding::OTHERWISE,
        _ => 0,
    }
}

/// The most elements that the value may have.
fn length(node: &Node) -> u64 {
    match (&node.kind, &node.of) {
        (Kind::List(parts), _) => parts.len() as u64,
        (_, Type::List(_)) => LIST_MAX as u64,
        _ => 0,
    }
}

fn truth(node: Node, at: usize, place: &str) -> Parsed {
    if node.of == Type::Boolean {
        return Ok(node);
    }
    let message = format!("a condition is needed {place}, found {}", node.of);
    Err(SyntaxError::new(at, message))
}
