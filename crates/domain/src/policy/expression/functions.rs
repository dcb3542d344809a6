//! The functions that expressions may call: a closed list.

use super::super::value::Type;

/// A function of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Length,
    Contains,
    StartsWith,
    EndsWith,
    Lower,
    Upper,
    Trim,
    Absolute,
    Floor,
    Ceiling,
    Round,
    Minimum,
    Maximum,
    Sum,
    Average,
    Date,
    Now,
    Duration,
    Year,
    Month,
    DayOfMonth,
    DayOfWeek,
}

/// A function of a list and an expression about each element, `#`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closure {
    Some,
    All,
    None,
    One,
    Count,
    Filter,
    Map,
}

const FUNCTIONS: [(&str, Function); 22] = [
    ("len", Function::Length),
    ("contains", Function::Contains),
    ("startsWith", Function::StartsWith),
    ("endsWith", Function::EndsWith),
    ("lower", Function::Lower),
    ("upper", Function::Upper),
    ("trim", Function::Trim),
    ("abs", Function::Absolute),
    ("floor", Function::Floor),
    ("ceil", Function::Ceiling),
    ("round", Function::Round),
    ("min", Function::Minimum),
    ("max", Function::Maximum),
    ("sum", Function::Sum),
    ("avg", Function::Average),
    ("date", Function::Date),
    ("d", Function::Date),
    ("duration", Function::Duration),
    ("year", Function::Year),
    ("monthOfYear", Function::Month),
    ("dayOfMonth", Function::DayOfMonth),
    ("dayOfWeek", Function::DayOfWeek),
];

const CLOSURES: [(&str, Closure); 7] = [
    ("some", Closure::Some),
    ("all", Closure::All),
    ("none", Closure::None),
    ("one", Closure::One),
    ("count", Closure::Count),
    ("filter", Closure::Filter),
    ("map", Closure::Map),
];

/// Functions of ZEN that are left out, with the reason.
const REFUSED: [(&str, &str); 10] = [
    ("rand", "it would give another decision each time"),
    ("matches", "patterns take unbounded time; use startsWith, endsWith, contains or a list"),
    ("extract", "patterns take unbounded time"),
    ("fuzzyMatch", "a similarity is no ground for a decision; make it an input"),
    ("number", "values keep the type that their input declares"),
    ("string", "values keep the type that their input declares"),
    ("bool", "values keep the type that their input declares"),
    ("type", "every value has the type that its input declares"),
    ("median", "make it an input"),
    ("mode", "make it an input"),
];

pub(super) fn function(name: &str) -> Option<Function> {
    FUNCTIONS.iter().find(|(known, _)| *known == name).map(|(_, function)| *function)
}

pub(super) fn closure(name: &str) -> Option<Closure> {
    CLOSURES.iter().find(|(known, _)| *known == name).map(|(_, closure)| *closure)
}

/// Why there is no such function, and which there are.
pub(super) fn absent(name: &str) -> String {
    if let Some((_, why)) = REFUSED.iter().find(|(refused, _)| *refused == name) {
        return format!("`{name}` is not allowed: {why}");
    }
    let names = || {
        let functions = FUNCTIONS.iter().map(|(name, _)| *name);
        functions.chain(CLOSURES.iter().map(|(name, _)| *name))
    };
    let similar = super::super::scope::similar(name, names());
    match similar.as_slice() {
        [] => format!("there is no function `{name}`; there are {}", {
            names().collect::<Vec<_>>().join(", ")
        }),
        similar => format!("there is no function `{name}`; similar: {}", similar.join(", ")),
    }
}

impl Function {
    pub(super) fn name(self) -> &'static str {
        FUNCTIONS.iter().find(|(_, known)| *known == self).map_or("date", |(name, _)| name)
    }

    /// What it gives for arguments of these types, or how it wants to be called.
    pub(super) fn result(self, arguments: &[&Type]) -> Result<Type, &'static str> {
        let is_list_of = |of: &Type, one: &Type| *of == *one && one.has_equality();
        match (self, arguments) {
            (Self::Length, [Type::Text | Type::List(_)])
            | (Self::Absolute | Self::Floor | Self::Ceiling | Self::Round, [Type::Number])
            | (Self::Round, [Type::Number, Type::Number])
            | (Self::Year | Self::Month | Self::DayOfMonth | Self::DayOfWeek, [Type::Date]) => {
                Ok(Type::Number)
            }
            (Self::Contains | Self::StartsWith | Self::EndsWith, [Type::Text, Type::Text]) => {
                Ok(Type::Boolean)
            }
            (Self::Contains, [Type::List(of), one]) if is_list_of(of, one) => Ok(Type::Boolean),
            (Self::Lower | Self::Upper | Self::Trim, [Type::Text]) => Ok(Type::Text),
            (Self::Minimum | Self::Maximum, [Type::List(of)]) if of.has_order() => {
                Ok((**of).clone())
            }
            (Self::Sum | Self::Average, [Type::List(of)]) if **of == Type::Number => {
                Ok(Type::Number)
            }
            (Self::Date, [Type::Text | Type::Date]) | (Self::Now, []) => Ok(Type::Date),
            (Self::Duration, [Type::Text]) => Ok(Type::Duration),
            _ => Err(self.usage()),
        }
    }

    fn usage(self) -> &'static str {
        match self {
            Self::Length => "len(text) or len(list)",
            Self::Contains => "contains(text, part) or contains(list, element)",
            Self::StartsWith => "startsWith(text, beginning)",
            Self::EndsWith => "endsWith(text, end)",
            Self::Lower | Self::Upper | Self::Trim => "lower(text), upper(text), trim(text)",
            Self::Absolute | Self::Floor | Self::Ceiling => "abs(number), floor, ceil",
            Self::Round => "round(number) or round(number, digits)",
            Self::Minimum => "min(list), for example min([a, b])",
            Self::Maximum => "max(list), for example max([a, b])",
            Self::Sum => "sum(list of numbers)",
            Self::Average => "avg(list of numbers)",
            Self::Date | Self::Now => "date('2026-11-21') or date('now')",
            Self::Duration => "duration('30d'), also 12h, 5m, 10s",
            Self::Year | Self::Month | Self::DayOfMonth | Self::DayOfWeek => {
                "year(date), monthOfYear, dayOfMonth, dayOfWeek"
            }
        }
    }
}

impl Closure {
    pub(super) fn name(self) -> &'static str {
        CLOSURES.iter().find(|(_, known)| *known == self).map_or("", |(name, _)| name)
    }

    /// What it gives for a list of these elements and an expression of that type.
    pub(super) fn result(self, element: &Type, body: &Type) -> Result<Type, &'static str> {
        match (self, body) {
            (Self::Map, body) => Ok(Type::List(Box::new(body.clone()))),
            (Self::Filter, Type::Boolean) => Ok(Type::List(Box::new(element.clone()))),
            (Self::Count, Type::Boolean) => Ok(Type::Number),
            (_, Type::Boolean) => Ok(Type::Boolean),
            _ => Err("a condition about each element `#`, for example some(list, # > 5)"),
        }
    }
}
