//! Cells of decision tables, which are about the value of their column: `> 5`, `[1..10)`,
//! `'a', 'b'`.

use super::super::value::Type;
use super::lexer::Token;
use super::parser::{Parsed, Parser};
use super::{Comparison, Kind, Node, SyntaxError};

/// Tests apart by commas, of which one must hold.
pub(super) fn cell(parser: &mut Parser) -> Parsed {
    let mut tests = either(parser)?;
    while parser.takes(",") {
        let other = either(parser)?;
        tests = join(parser, tests, other, Kind::Or)?;
    }
    Ok(tests)
}

fn either(parser: &mut Parser) -> Parsed {
    let mut tests = both(parser)?;
    while parser.takes_word("or") {
        let other = both(parser)?;
        tests = join(parser, tests, other, Kind::Or)?;
    }
    Ok(tests)
}

fn both(parser: &mut Parser) -> Parsed {
    let mut tests = one(parser)?;
    while parser.takes_word("and") {
        let other = one(parser)?;
        tests = join(parser, tests, other, Kind::And)?;
    }
    Ok(tests)
}

fn join(
    parser: &mut Parser,
    left: Node,
    right: Node,
    kind: fn(Box<Node>, Box<Node>) -> Kind,
) -> Parsed {
    let cost = left.cost + right.cost;
    parser.node(kind(Box::new(left), Box::new(right)), Type::Boolean, cost)
}

fn one(parser: &mut Parser) -> Parsed {
    let at = parser.at();
    let subject = parser.subject_node().expect("a cell has a column");
    if let Token::Symbol(symbol) = *parser.peek()
        && let Some(comparison) = Comparison::of_symbol(symbol)
    {
        parser.takes(symbol);
        return parser.comparison(comparison, subject);
    }
    if parser.takes_word("in") {
        return parser.membership(subject);
    }
    if parser.takes_word("not") {
        if !parser.takes_word("in") {
            return Err(parser.fault("expected `in` after `not`, or an expression with `$`"));
        }
        let inside = parser.membership(subject)?;
        return parser.negation(inside);
    }
    if let Some(interval) = parser.interval()? {
        return parser.within(subject, interval, at);
    }
    if parser.sees("[") {
        return Err(parser.fault("write the values with commas between, or `in [a, b]`"));
    }
    parser.comparison(Comparison::Equal, subject).map_err(|fault| explained(parser, fault))
}

/// The usual slip: a condition about other names in a column that has its own value.
fn explained(parser: &Parser, fault: SyntaxError) -> SyntaxError {
    let column = parser.subject.as_ref().map(|column| column.of.to_string()).unwrap_or_default();
    if fault.message.contains("cannot compare") {
        let message = format!(
            "{}; a cell is about its column's value ({column}), which an expression calls `$`",
            fault.message
        );
        return SyntaxError { message, ..fault };
    }
    fault
}
