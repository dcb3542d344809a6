//! JSON to [`Value`], with numbers as the text they were sent as and with limits on what it may
//! nest. Names that are given twice are found, which the usual parsers do not report.

use std::borrow::Cow;

use super::pairs::plain_name;
use super::{Limits, Value};

/// How strictly JSON is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// RFC 8259, and no name twice in one object.
    Strict,
    /// Also what the documents print: a comma too few or one at the end, and a name given twice
    /// with equal values.
    Printed,
}

/// Why a text is not read. Positions are in bytes from 0; nothing of the text is repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Syntax { at: usize },
    Deep,
    Many,
    LongName { at: usize },
    LongValue { at: usize },
    Crowded { at: usize },
    Repeated { name: String, at: usize },
}

impl Fault {
    /// What is wrong, in words for the merchant's developer.
    pub(super) fn reason(&self, limits: &Limits) -> String {
        let Limits { parameters_max, name_max_bytes, value_max_bytes, depth_max, .. } = limits;
        match self {
            Self::Syntax { at } => format!("the body is not a JSON object (at byte {at})"),
            Self::Deep => format!("the body is nested deeper than {depth_max} levels"),
            Self::Many => format!("the body has more than {parameters_max} values"),
            Self::LongName { at } => {
                format!("the name before byte {at} is longer than {name_max_bytes} bytes")
            }
            Self::LongValue { at } => {
                format!("the value before byte {at} is longer than {value_max_bytes} bytes")
            }
            Self::Crowded { at } => {
                format!("the list or object at byte {at} has more than {} items", limits.items_max)
            }
            Self::Repeated { name, at } => match plain_name(name) {
                Some(name) => format!("{name} is given twice in the object before byte {at}"),
                None => format!("a name is given twice in the object before byte {at}"),
            },
        }
    }
}

/// Gives the members of the object that `text` is, in their order, as soon as they are read;
/// repeated names of that object are left to the caller.
pub(super) fn read(
    text: &[u8],
    limits: &Limits,
    dialect: Dialect,
    mut take: impl FnMut(String, Value),
) -> Result<(), Fault> {
    let (text, is_utf8) = match str::from_utf8(text) {
        Ok(text) => (text, true),
        Err(error) => {
            let valid = &text[..error.valid_up_to()];
            (str::from_utf8(valid).unwrap_or_default(), false)
        }
    };
    let mut reader = Reader { dialect, ..Reader::new(text, limits) };
    reader.skip_space();
    reader.members(1, &mut take)?;
    reader.end()?;
    if is_utf8 { Ok(()) } else { Err(reader.syntax()) }
}

/// Gives the items of the list that `text` is, as soon as they are read; `limits` are those of an
/// item.
pub(super) fn each(text: &[u8], limits: &Limits, mut take: impl FnMut(Value)) -> Result<(), Fault> {
    let text = str::from_utf8(text).map_err(|error| Fault::Syntax { at: error.valid_up_to() })?;
    let mut reader = Reader::new(text, limits);
    reader.skip_space();
    reader.each_item(1, |reader| {
        reader.values = 0;
        take(reader.value(1)?);
        Ok::<(), Fault>(())
    })?;
    reader.end()
}

/// The object that `text` is.
pub(super) fn object(text: &[u8], limits: &Limits, dialect: Dialect) -> Result<Value, Fault> {
    let mut members = Vec::new();
    read(text, limits, dialect, |name, value| members.push((name, value)))?;
    Ok(Value::Map(once(members, dialect, text.len())?))
}

/// `members` without repeats: in the printed dialect equal ones are one, any other is a fault.
fn once(
    members: Vec<(String, Value)>,
    dialect: Dialect,
    at: usize,
) -> Result<Vec<(String, Value)>, Fault> {
    let mut order: Vec<usize> = (0..members.len()).collect();
    order.sort_by(|a, b| members[*a].0.cmp(&members[*b].0).then(a.cmp(b)));
    let mut again = vec![false; members.len()];
    for pair in order.windows(2) {
        let (first, second) = (&members[pair[0]], &members[pair[1]]);
        if first.0 != second.0 {
            continue;
        }
        if dialect == Dialect::Strict || first.1 != second.1 {
            return Err(Fault::Repeated { name: first.0.clone(), at });
        }
        again[pair[1]] = true;
    }
    let mut again = again.into_iter();
    Ok(members.into_iter().filter(|_| again.next() == Some(false)).collect())
}

/// Reads a text from its beginning to its end, value by value. `depth` is that of the lists and
/// objects around a value.
pub(crate) struct Reader<'t> {
    text: &'t str,
    at: usize,
    limits: &'t Limits,
    dialect: Dialect,
    values: usize,
}

impl<'t> Reader<'t> {
    /// A strict one.
    pub(crate) fn new(text: &'t str, limits: &'t Limits) -> Self {
        Self { text, at: 0, limits, dialect: Dialect::Strict, values: 0 }
    }

    fn syntax(&self) -> Fault {
        Fault::Syntax { at: self.at }
    }

    /// That nothing but space follows.
    pub(crate) fn end(&mut self) -> Result<(), Fault> {
        self.skip_space();
        if self.at == self.text.len() { Ok(()) } else { Err(self.syntax()) }
    }

    /// The first byte of what comes next, space aside.
    pub(crate) fn next(&mut self) -> Option<u8> {
        self.skip_space();
        self.peek()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let is_there = self.peek() == Some(byte);
        self.at += usize::from(is_there);
        is_there
    }

    fn expect(&mut self, byte: u8) -> Result<(), Fault> {
        if self.eat(byte) { Ok(()) } else { Err(self.syntax()) }
    }

    /// Reads `{…}` or `[…]` up to `close`, each item by `item`; `at` is its opening bracket.
    fn items<E: From<Fault>>(
        &mut self,
        depth: usize,
        close: u8,
        mut item: impl FnMut(&mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        let at = self.at - 1;
        if depth > self.limits.depth_max {
            return Err(Fault::Deep.into());
        }
        self.skip_space();
        if self.eat(close) {
            return Ok(());
        }
        for count in 1.. {
            if count > self.limits.items_max {
                return Err(Fault::Crowded { at }.into());
            }
            item(self)?;
            self.skip_space();
            let is_separated = self.eat(b',');
            self.skip_space();
            let is_lenient = self.dialect == Dialect::Printed;
            if (!is_separated || is_lenient) && self.eat(close) {
                return Ok(());
            }
            if !is_separated && !is_lenient {
                return Err(self.syntax().into());
            }
        }
        Ok(())
    }

    /// Reads the list that comes next, each of its items by `item`.
    pub(crate) fn each_item<E: From<Fault>>(
        &mut self,
        depth: usize,
        item: impl FnMut(&mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        self.expect(b'[')?;
        self.items(depth, b']', item)
    }

    /// Reads the object that comes next; `member` is given each name and reads its value.
    pub(crate) fn each_member<E: From<Fault>>(
        &mut self,
        depth: usize,
        mut member: impl FnMut(&mut Self, Cow<'t, str>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.expect(b'{')?;
        self.items(depth, b'}', |reader| {
            let name = reader.string()?;
            if name.len() > reader.limits.name_max_bytes {
                return Err(Fault::LongName { at: reader.at }.into());
            }
            reader.skip_space();
            reader.expect(b':')?;
            reader.skip_space();
            member(reader, name)
        })
    }

    /// The name of the first member of the object that comes next, which is still to be read.
    pub(crate) fn first_name(&mut self) -> Result<Option<Cow<'t, str>>, Fault> {
        let at = self.at;
        self.expect(b'{')?;
        let name = if self.next() == Some(b'}') { None } else { Some(self.string()?) };
        self.at = at;
        Ok(name)
    }

    fn members(&mut self, depth: usize, take: &mut dyn FnMut(String, Value)) -> Result<(), Fault> {
        self.each_member(depth, |reader, name| {
            take(name.into_owned(), reader.value(depth)?);
            Ok(())
        })
    }

    pub(crate) fn value(&mut self, depth: usize) -> Result<Value, Fault> {
        self.values += 1;
        if self.values > self.limits.parameters_max {
            return Err(Fault::Many);
        }
        match self.peek() {
            Some(b'"') => self.string().and_then(|text| self.bounded(&text)).map(Value::Text),
            Some(b'-' | b'0'..=b'9') => {
                self.number().and_then(|text| self.bounded(text)).map(Value::Number)
            }
            Some(b'{') => {
                let mut members = Vec::new();
                self.members(depth + 1, &mut |name, value| members.push((name, value)))?;
                once(members, self.dialect, self.at).map(Value::Map)
            }
            Some(b'[') => {
                let mut items = Vec::new();
                self.each_item(depth + 1, |reader| {
                    items.push(reader.value(depth + 1)?);
                    Ok::<(), Fault>(())
                })?;
                Ok(Value::List(items))
            }
            _ => self.word(),
        }
    }

    fn bounded(&self, text: &str) -> Result<String, Fault> {
        let fits = text.len() <= self.limits.value_max_bytes;
        if fits { Ok(text.to_owned()) } else { Err(Fault::LongValue { at: self.at }) }
    }

    /// `null`, `true` or `false`.
    pub(crate) fn word(&mut self) -> Result<Value, Fault> {
        let words =
            [("null", Value::Null), ("true", Value::Bool(true)), ("false", Value::Bool(false))];
        for (word, value) in words {
            if self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.syntax())
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let from = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at > from { Ok(()) } else { Err(self.syntax()) }
    }

    pub(crate) fn number(&mut self) -> Result<&'t str, Fault> {
        let from = self.at;
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _ = self.eat(b'+') || self.eat(b'-');
            self.digits()?;
        }
        // `007` and `1x` are no numbers, even where a comma may be missing.
        if self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || b".+-".contains(&byte)) {
            return Err(self.syntax());
        }
        Ok(&self.text[from..self.at])
    }

    pub(crate) fn string(&mut self) -> Result<Cow<'t, str>, Fault> {
        self.expect(b'"')?;
        let mut text = String::new();
        loop {
            let rest = &self.text[self.at..];
            let is_end = |byte: &u8| *byte < b' ' || *byte == b'"' || *byte == b'\\';
            let length = rest.as_bytes().iter().position(is_end).unwrap_or(rest.len());
            let plain = &rest[..length];
            self.at += length;
            let is_over = self.eat(b'"');
            if is_over && text.is_empty() {
                return Ok(Cow::Borrowed(plain));
            }
            text.push_str(plain);
            if is_over {
                return Ok(Cow::Owned(text));
            }
            self.expect(b'\\')?;
            text.push(self.escape()?);
        }
    }

    fn escape(&mut self) -> Result<char, Fault> {
        let byte = self.peek().ok_or_else(|| self.syntax())?;
        let character = match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                self.at += 1;
                return self.code_point();
            }
            _ => return Err(self.syntax()),
        };
        self.at += 1;
        Ok(character)
    }

    /// The character of `XXXX`, or of the pair of surrogates `XXXX\uXXXX`; a lone half is none.
    fn code_point(&mut self) -> Result<char, Fault> {
        let first = self.hex4()?;
        let code = if (0xd800..0xdc00).contains(&first) {
            self.expect(b'\\')?;
            self.expect(b'u')?;
            let second = self.hex4()?;
            if !(0xdc00..0xe000).contains(&second) {
                return Err(self.syntax());
            }
            0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
        } else {
            first
        };
        char::from_u32(code).ok_or_else(|| self.syntax())
    }

    fn hex4(&mut self) -> Result<u32, Fault> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            code = code << 4 | digit.ok_or_else(|| self.syntax())?;
            self.at += 1;
        }
        Ok(code)
    }
}
