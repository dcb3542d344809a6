//! One value of the text at a time: read as what it must be, or refused by its path.
#![expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the method's own path is less general than the function pointer asked for"
)]

use std::borrow::Cow;
use std::collections::HashSet;

use super::record::{Record, Sort};
use super::{Fault, Unread, json};
use crate::body::Value;
use crate::body::json::Reader;

/// Why a value is not taken; `path` grows as the reading is left.
#[derive(Debug)]
pub(super) struct Fail {
    path: String,
    /// Nothing: the text is not JSON.
    fault: Option<Fault>,
}

impl Fail {
    pub(super) fn of(path: &str, fault: Fault) -> Self {
        Self { path: path.to_owned(), fault: Some(fault) }
    }

    /// The same, as it looks from around the member or item `step`.
    pub(super) fn inside(self, step: &str) -> Self {
        let between = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        Self { path: format!("{step}{between}{}", self.path), ..self }
    }

    pub(super) fn unread<T>(self) -> Result<T, Unread> {
        let Self { path, fault } = self;
        Err(fault.map_or(Unread::Syntax, |fault| Unread::Field { path, fault }))
    }
}

impl From<Fault> for Fail {
    fn from(fault: Fault) -> Self {
        Self::of("", fault)
    }
}

impl From<json::Fault> for Fail {
    fn from(fault: json::Fault) -> Self {
        match fault {
            json::Fault::Syntax { .. } => Self { path: String::new(), fault: None },
            json::Fault::Deep => Fault::TooDeep.into(),
            json::Fault::Many | json::Fault::Crowded { .. } => Fault::TooMany.into(),
            json::Fault::LongName { .. } | json::Fault::LongValue { .. } => Fault::TooLong.into(),
            json::Fault::Repeated { name, .. } => Self::of(&plain(&name), Fault::Repeated),
        }
    }
}

/// A name of the sender's, as it may stand in a path.
fn plain(name: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let fits = name.len() <= 64 && name.chars().all(is_plain);
    Cow::Borrowed(if fits && !name.is_empty() { name } else { "?" })
}

pub(super) type Parsed<T> = Result<Option<T>, Fault>;

/// What a field must be, in words for documents (`sort`) and as it is read.
pub(super) struct Kind<T> {
    pub(super) sort: Sort,
    pub(super) how: How<T>,
}

pub(super) enum How<T> {
    /// From the text of a number or a text that is not empty; may still find it to say nothing.
    Scalar(fn(&str) -> Parsed<T>),
    Nested(fn(&mut Sent<'_, '_>) -> Result<Option<T>, Fail>),
}

/// A value that is still to be read, inside `depth` lists and objects.
pub(super) struct Sent<'r, 't> {
    reader: &'r mut Reader<'t>,
    depth: usize,
}

impl<'r, 't> Sent<'r, 't> {
    pub(super) fn of(reader: &'r mut Reader<'t>) -> Self {
        Self { reader, depth: 0 }
    }

    /// What it is as `kind`; nothing for null and what is empty.
    pub(super) fn read<T>(&mut self, kind: &Kind<T>) -> Result<Option<T>, Fail> {
        match kind.how {
            How::Nested(read) => read(self),
            How::Scalar(parse) => {
                let Some(text) = self.scalar()? else { return Ok(None) };
                Ok(parse(&text)?)
            }
        }
    }

    /// The text of a text or a number. PHP writes an object without members as a list.
    fn scalar(&mut self) -> Result<Option<Cow<'t, str>>, Fail> {
        let text = match self.reader.next() {
            Some(b'"') => self.reader.string()?,
            Some(b'-' | b'0'..=b'9') => Cow::Borrowed(self.reader.number()?),
            Some(b'[' | b'{') => return self.empty(),
            _ => match self.reader.word()? {
                Value::Null => return Ok(None),
                _ => return Err(Fault::NotText.into()),
            },
        };
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    fn empty<T>(&mut self) -> Result<Option<T>, Fail> {
        let depth = self.depth + 1;
        if self.reader.next() == Some(b'[') {
            self.reader.each_item(depth, |_| Err(Fail::from(Fault::NotText)))?;
        } else {
            self.reader.each_member(depth, |_, _| Err(Fail::from(Fault::NotText)))?;
        }
        Ok(None)
    }

    /// Reads an object. `member` takes what it knows and says so; all else is passed over, but for
    /// names that are there twice.
    pub(super) fn members(
        &mut self,
        mut member: impl FnMut(&str, &mut Sent<'_, 't>) -> Result<bool, Fail>,
    ) -> Result<(), Fail> {
        let depth = self.depth + 1;
        let mut unknown: Vec<Cow<'t, str>> = Vec::new();
        self.reader.each_member(depth, |reader, name| {
            if member(&name, &mut Sent { reader, depth })? {
                return Ok(());
            }
            if unknown.contains(&name) {
                return Err(Fail::of(&plain(&name), Fault::Repeated));
            }
            if unknown.len() == UNKNOWN_MAX {
                return Err(Fault::TooMany.into());
            }
            reader.value(depth).map_err(|fault| Fail::from(fault).inside(&plain(&name)))?;
            unknown.push(name);
            Ok(())
        })
    }

    /// A record: an object, or a list that holds nothing else.
    pub(super) fn one<T: Record>(&mut self) -> Result<Option<T>, Fail> {
        match self.reader.next() {
            Some(b'{') => T::read(self),
            Some(b'[') => {
                let rows = self.rows(1, |item| item.object())?;
                Ok(rows.and_then(|mut rows| rows.pop()))
            }
            _ => self.quoted(Fault::NotMap, |inner| inner.one()),
        }
    }

    /// An item of a list.
    pub(super) fn object<T: Record>(&mut self) -> Result<Option<T>, Fail> {
        match self.reader.next() {
            Some(b'{') => T::read(self),
            _ => self.scalar_as(Fault::NotMap),
        }
    }

    /// Records: a list, an object with numbers for names (how PHP writes a list with gaps), or one
    /// record alone.
    pub(super) fn rows<T>(
        &mut self,
        max: usize,
        item: fn(&mut Sent<'_, '_>) -> Result<Option<T>, Fail>,
    ) -> Result<Option<Vec<T>>, Fail> {
        let mut rows = Vec::new();
        let mut add = |row: Option<T>| match row {
            Some(_) if rows.len() == max => Err(Fail::from(Fault::TooMany)),
            Some(row) => {
                rows.push(row);
                Ok(())
            }
            None => Ok(()),
        };
        match self.reader.next() {
            // One too many is not the item's fault.
            Some(b'[') => self.items(item, &mut add)?,
            Some(b'{') => match self.reader.first_name()? {
                None => self.members(|_, _| Ok(false))?,
                Some(name) if is_number(&name) => self.numbered(item, &mut add)?,
                Some(_) => add(item(self)?)?,
            },
            _ => {
                return self.quoted(Fault::NotList, |inner| inner.rows(max, item));
            }
        }
        Ok(Some(rows))
    }

    fn items<T>(
        &mut self,
        item: fn(&mut Sent<'_, '_>) -> Result<Option<T>, Fail>,
        add: &mut dyn FnMut(Option<T>) -> Result<(), Fail>,
    ) -> Result<(), Fail> {
        let (depth, mut place) = (self.depth + 1, 0);
        self.reader.each_item(depth, |reader| {
            let read = item(&mut Sent { reader, depth });
            place += 1;
            add(read.map_err(|fail| fail.inside(&format!("[{}]", place - 1)))?)
        })
    }

    fn numbered<T>(
        &mut self,
        item: fn(&mut Sent<'_, '_>) -> Result<Option<T>, Fail>,
        add: &mut dyn FnMut(Option<T>) -> Result<(), Fail>,
    ) -> Result<(), Fail> {
        let depth = self.depth + 1;
        let mut places = HashSet::new();
        self.reader.each_member(depth, |reader, name| {
            let step = format!("[{}]", plain(&name));
            if !is_number(&name) {
                return Err(Fail::of(&step, Fault::Form));
            }
            let read = item(&mut Sent { reader, depth }).map_err(|fail| fail.inside(&step))?;
            if !places.insert(name) {
                return Err(Fail::of(&step, Fault::Repeated));
            }
            add(read)
        })
    }

    /// What a JSON text inside a text stands for; null and an empty text for nothing. Anything else
    /// is `fault`.
    fn quoted<T>(
        &mut self,
        fault: Fault,
        read: impl FnOnce(&mut Sent<'_, '_>) -> Result<Option<T>, Fail>,
    ) -> Result<Option<T>, Fail> {
        if self.reader.next() != Some(b'"') {
            return self.scalar_as(fault);
        }
        let text = self.reader.string()?;
        if text.is_empty() {
            return Ok(None);
        }
        if !text.trim_start().starts_with(['{', '[']) {
            return Err(fault.into());
        }
        let mut reader = Reader::new(&text, &super::LIMITS);
        // A text inside a text inside a text is nobody's.
        let depth = self.depth + QUOTED_DEPTH;
        let inner = read(&mut Sent { reader: &mut reader, depth });
        let inner = inner.and_then(|read| Ok(reader.end().map(|()| read)?));
        // The text around it was JSON so far.
        inner.map_err(|fail| if fail.fault.is_none() { Fault::Form.into() } else { fail })
    }

    /// Null, an empty text or an empty list; anything else is `fault`.
    fn scalar_as<T>(&mut self, fault: Fault) -> Result<Option<T>, Fail> {
        match self.scalar() {
            Ok(None) => Ok(None),
            Err(fail) if fail.fault.is_none() => Err(fail),
            _ => Err(fault.into()),
        }
    }

    /// Whatever it is, as a tree.
    pub(super) fn any(&mut self) -> Result<Value, Fail> {
        self.reader.next();
        Ok(self.reader.value(self.depth)?)
    }

    pub(super) fn is_object(&mut self) -> bool {
        self.reader.next() == Some(b'{')
    }
}

/// Members of one object that no field knows.
const UNKNOWN_MAX: usize = 64;
/// What each quoting costs of the depth that there is.
const QUOTED_DEPTH: usize = 8;

fn is_number(name: &str) -> bool {
    !name.is_empty() && name.len() <= 9 && name.bytes().all(|byte| byte.is_ascii_digit())
}
