//! What a merchant says of a person when it opens a session: where the person lives and works, and
//! whom the person named as contacts (document 001, sections 3.1.1 and 4.1.1, `options`). It is
//! compared with what the source knows.

use crate::secret::Private;

/// All that was said; nothing of it needs to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    pub work: Place,
    pub home: Place,
    /// [`Claims::CONTACTS_MAX`] at most.
    pub contacts: Vec<Contact>,
}

impl Claims {
    pub const CONTACTS_MAX: usize = 20;
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub address: Option<Private<String>>,
    /// As it was written, of whatever form: a fixed line with or without its area code.
    pub telephone: Option<Private<String>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// As it was written: digits, and what people put between them.
    pub telephone: Private<String>,
    pub name: Option<Private<String>>,
    pub relation: Option<Relation>,
}

/// What a contact is to the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Relation {
    Spouse,
    Parent,
    Sibling,
    Child,
    Colleague,
    Classmate,
    Friend,
}

impl Relation {
    /// In the order of the document's numbers, from 0.
    pub const ALL: [Self; 7] = [
        Self::Spouse,
        Self::Parent,
        Self::Sibling,
        Self::Child,
        Self::Colleague,
        Self::Classmate,
        Self::Friend,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Spouse => "配偶",
            Self::Parent => "父母",
            Self::Sibling => "兄弟姐妹",
            Self::Child => "子女",
            Self::Colleague => "同事",
            Self::Classmate => "同学",
            Self::Friend => "朋友",
        }
    }
}
