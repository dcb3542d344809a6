//! Words: constants, names of the scope with their fields, calls of functions.

use super::super::super::value::{Type, Value};
use super::super::lexer::Token;
use super::super::{Closure, Function, Kind, Node, SyntaxError, dates, functions};
use super::{Parsed, Parser, length};

impl Parser<'_> {
    pub(super) fn word(&mut self, word: &str, at: usize) -> Parsed {
        match word {
            "true" | "false" => {
                self.node(Kind::Constant(Value::Boolean(word == "true")), Type::Boolean, 0)
            }
            "null" => Err(SyntaxError::new(
                at,
                "`null` only asks whether a value is missing: `x == null`, `x != null`; \
                 `x ?? 0` gives 0 for a missing x",
            )),
            "and" | "or" | "in" => {
                Err(SyntaxError::new(at, format!("expected a value before `{word}`")))
            }
            "#" => self.element(at),
            "$" if self.subject.is_none() && self.takes(".") => {
                let at = self.at();
                match self.take() {
                    Token::Word(word) => self.name(&word, at),
                    other => Err(SyntaxError::new(at, format!("expected a name, found {other}"))),
                }
            }
            "$" => {
                let subject = self.subject_node().ok_or_else(|| {
                    SyntaxError::new(at, "`$` is the column's value; there is no column here")
                })?;
                self.fields(subject)
            }
            _ if self.sees("(") => self.call(word, at),
            _ => self.name(word, at),
        }
    }

    /// The value that a cell is about.
    pub(in super::super) fn subject_node(&mut self) -> Option<Node> {
        let column = self.subject.clone()?;
        let (of, cost) = (column.of.clone(), column.cost);
        Some(Node { kind: Kind::Subject(column), of, cost })
    }

    fn element(&mut self, at: usize) -> Parsed {
        let Some(of) = self.elements.last().cloned() else {
            let message = "`#` is the element inside some(…), all(…), filter(…) and the like";
            return Err(SyntaxError::new(at, message));
        };
        let node = self.node(Kind::Item, of, 0)?;
        self.fields(node)
    }

    /// `a.b.c`: the longest name there is; what is left are fields of a record.
    fn name(&mut self, first: &str, at: usize) -> Parsed {
        let begin = self.mark();
        let mut name = first.to_owned();
        let mut found = self.scope.find(&name).map(|slot| (slot, begin));
        while self.takes(".") {
            let Token::Word(part) = self.take() else {
                return Err(self.fault("expected a name behind the point"));
            };
            name = format!("{name}.{part}");
            found = self.scope.find(&name).map(|slot| (slot, self.mark())).or(found);
        }
        if self.sees("(") {
            return Err(self.fault("methods are not allowed; call a function: f(x)"));
        }
        let Some((slot, mark)) = found else {
            return Err(SyntaxError::new(at, self.scope.unknown_name(&name)));
        };
        self.go_back(mark);
        if self.sees(".") && !matches!(self.scope.slot(slot).of, Type::Map(_)) {
            return Err(SyntaxError::new(at, self.scope.unknown_name(&name)));
        }
        self.reads.insert(slot);
        let node = self.node(Kind::Slot(slot), self.scope.slot(slot).of.clone(), 0)?;
        self.fields(node)
    }

    fn fields(&mut self, mut node: Node) -> Parsed {
        while self.takes(".") {
            let at = self.at();
            let Token::Word(field) = self.take() else {
                return Err(self.fault("expected a field behind the point"));
            };
            let Type::Map(fields) = &node.of else {
                return Err(SyntaxError::new(at, format!("{} has no fields", node.of)));
            };
            let Some(of) = fields.get(&field).cloned() else {
                let known: Vec<&str> = fields.keys().map(String::as_str).collect();
                let message =
                    format!("there is no field `{field}`; there are {}", known.join(", "));
                return Err(SyntaxError::new(at, message));
            };
            let cost = node.cost;
            node = self.node(Kind::Field(Box::new(node), field.as_str().into()), of, cost)?;
        }
        if self.sees("[") {
            return Err(self.fault("elements by number are not allowed; use filter, some or all"));
        }
        Ok(node)
    }

    fn call(&mut self, name: &str, at: usize) -> Parsed {
        self.expect("(", "behind the function's name")?;
        if let Some(closure) = functions::closure(name) {
            return self.closure_call(closure, name, at);
        }
        let Some(function) = functions::function(name) else {
            return Err(SyntaxError::new(at, functions::absent(name)));
        };
        let mut arguments: Vec<Node> = Vec::new();
        while !self.takes(")") {
            if !arguments.is_empty() {
                self.expect(",", "or `)` in the call")?;
            }
            arguments.push(self.expression()?);
        }
        if function == Function::Date && arguments.is_empty() {
            return self.node(Kind::Call(Function::Now, Vec::new()), Type::Date, 0);
        }
        let types: Vec<&Type> = arguments.iter().map(|argument| &argument.of).collect();
        let of = function
            .result(&types)
            .map_err(|usage| SyntaxError::new(at, format!("`{name}` is called so: {usage}")))?;
        let cost = arguments.iter().map(|argument| argument.cost + length(argument)).sum();
        match dates::constant(function, &arguments) {
            Some(Ok(kind)) => self.node(kind, of, cost),
            Some(Err(message)) => Err(SyntaxError::new(at, message)),
            None => self.node(Kind::Call(function, arguments), of, cost),
        }
    }

    fn closure_call(&mut self, closure: Closure, name: &str, at: usize) -> Parsed {
        let list = self.expression()?;
        let Type::List(element) = list.of.clone() else {
            let message = format!("`{name}` needs a list first, found {}", list.of);
            return Err(SyntaxError::new(at, message));
        };
        self.expect(",", "and a condition about each element `#`")?;
        self.elements.push((*element).clone());
        let body = self.expression();
        self.elements.pop();
        let body = body?;
        self.expect(")", "to close the call")?;
        let of = closure
            .result(&element, &body.of)
            .map_err(|usage| SyntaxError::new(at, format!("`{name}` needs {usage}")))?;
        let each = body.cost.saturating_mul(length(&list).max(1));
        let cost = list.cost.saturating_add(each);
        self.node(Kind::Each(closure, Box::new(list), Box::new(body)), of, cost)
    }
}
