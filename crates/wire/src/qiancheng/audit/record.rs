//! Objects with known members. [`record!`] makes of one list of fields both the reading of a record
//! and its [`Field`]s as data.

use domain::failure::Failure;

use super::sent::{Fail, Kind, Sent};
use super::{Fault, Refusal};

/// A field of a record.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub name: &'static str,
    /// Other spellings that are read.
    pub aliases: &'static [&'static str],
    pub need: Need,
    pub sort: Sort,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    Required,
    Optional,
}

/// What a field is, for documents and for tests.
#[derive(Clone, Copy, Debug)]
pub enum Sort {
    /// Up to so many characters.
    Text(usize),
    /// Decimal digits, so many at most.
    Digits(usize),
    /// A whole number from, to.
    Whole(i64, i64),
    /// An amount in 元 with up to two decimals.
    Yuan,
    /// A date or time, Shanghai's.
    Moment,
    Month,
    Telephone,
    Url,
    /// The first number, and how many there are.
    Choice(i64, usize),
    CardNumber,
    /// Any JSON.
    Json,
    One(&'static [Field]),
    /// Records, so many from, to.
    Rows(&'static [Field], usize, usize),
}

pub(super) trait Record: Sized + 'static {
    const FIELDS: &'static [Field];

    /// Reads an object; nothing when none of its fields says anything.
    fn read(sent: &mut Sent<'_, '_>) -> Result<Option<Self>, Fail>;
}

/// What was found of one field.
pub(super) struct Slot<T> {
    name: Option<&'static str>,
    value: Option<T>,
}

impl<T: PartialEq> Slot<T> {
    pub(super) fn new() -> Self {
        Self { name: None, value: None }
    }

    pub(super) fn take(
        &mut self,
        name: &'static str,
        sent: &mut Sent<'_, '_>,
        kind: &Kind<T>,
    ) -> Result<bool, Fail> {
        if self.name == Some(name) {
            return Err(Fail::of(name, Fault::Repeated));
        }
        let value = sent.read(kind).map_err(|fail| fail.inside(name))?;
        let is_other = value.is_some() && self.value.is_some() && value != self.value;
        if is_other {
            return Err(Fail::of(name, Fault::Contradiction));
        }
        self.name = Some(name);
        self.value = self.value.take().or(value);
        Ok(true)
    }

    pub(super) fn is_given(&self) -> bool {
        self.value.is_some()
    }

    pub(super) fn required(self, name: &str) -> Result<T, Fail> {
        self.value.ok_or_else(|| Fail::of(name, Fault::MISSING))
    }

    #[expect(clippy::unnecessary_wraps, reason = "a field is one or the other")]
    pub(super) fn optional(self, _: &str) -> Result<Option<T>, Fail> {
        Ok(self.value)
    }

    /// An optional list.
    #[expect(clippy::unnecessary_wraps, reason = "a field is one or the other")]
    pub(super) fn listed(self, _: &str) -> Result<T, Fail>
    where
        T: Default,
    {
        Ok(self.value.unwrap_or_default())
    }
}

/// `field: "name" | "other spelling", required|optional|listed KIND;` for each field, and after
/// them what is wrong between fields, as in `check function`.
macro_rules! record {
    ($type:ident {
        $($field:ident: $name:literal $(| $alias:literal)*, $need:ident $kind:expr;)*
    } $(check $check:expr)?) => {
        impl Record for $type {
            const FIELDS: &'static [Field] = &[$(Field {
                name: $name,
                aliases: &[$($alias),*],
                need: record!(@need $need),
                sort: $kind.sort,
            }),*];

            fn read(sent: &mut Sent<'_, '_>) -> Result<Option<Self>, Fail> {
                $(let mut $field = Slot::new();)*
                sent.members(|name, member| match name {
                    $(
                        $name => $field.take($name, member, &$kind),
                        $($alias => $field.take($alias, member, &$kind),)*
                    )*
                    _ => Ok(false),
                })?;
                if ![$($field.is_given()),*].contains(&true) {
                    return Ok(None);
                }
                let record = Self { $($field: $field.$need($name)?),* };
                $($check(&record)?;)?
                Ok(Some(record))
            }
        }
    };
    (@need required) => { Need::Required };
    (@need $other:ident) => { Need::Optional };
}
pub(super) use record;

impl From<super::Unread> for Refusal {
    fn from(unread: super::Unread) -> Self {
        match unread {
            super::Unread::Syntax => Self::Failure(Failure::Undecryptable),
            super::Unread::Field { path, fault } => Self::Field { path, fault },
        }
    }
}
