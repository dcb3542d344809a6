//! What each route takes and answers, as data beside the table of routes: the OpenAPI document
//! (`openapi.rs`), the page under `/docs` and the list of (route, code) pairs that the tests must
//! see are made of it. One file for each face.

use super::routes::Face;

pub(crate) mod applications;
pub(crate) mod files;
pub(crate) mod finplus;
pub(crate) mod openapi;
pub(crate) mod operation;
pub(crate) mod operators;
pub(crate) mod policies;
pub(crate) mod qiancheng;
pub(crate) mod rong360;
pub(crate) mod v1;

/// A text in the languages of the documents.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text {
    pub(crate) en: &'static str,
    pub(crate) zh: &'static str,
}

pub(crate) const fn text(en: &'static str, zh: &'static str) -> Text {
    Text { en, zh }
}

/// A face as a whole.
#[derive(Debug)]
pub(crate) struct FaceDescription {
    pub(crate) name: Text,
    /// How its callers prove themselves, in words.
    pub(crate) authentication: Text,
    /// The ways to do so; any one of them is enough.
    pub(crate) schemes: &'static [Scheme],
    /// Headers of its answers; required: of each of them.
    pub(crate) headers: &'static [Field],
}

/// A way to prove oneself: headers that are sent together.
#[derive(Debug)]
pub(crate) struct Scheme {
    pub(crate) headers: &'static [&'static str],
    pub(crate) about: Text,
}

impl Face {
    pub(crate) fn describe(self) -> &'static FaceDescription {
        match self {
            Self::Finplus => &finplus::FACE,
            Self::Qiancheng => &qiancheng::FACE,
            Self::Rong360 => &rong360::FACE,
            Self::V1 => &v1::FACE,
            Self::Operation => &operation::FACE,
        }
    }
}

/// A route.
#[derive(Debug)]
pub(crate) struct Description {
    pub(crate) summary: Text,
    pub(crate) takes: &'static [Field],
    /// How the fields may travel in the body of a POST.
    pub(crate) bodies: &'static [Media],
    /// Every answer that the route can give, in groups that routes share.
    pub(crate) answers: &'static [&'static [Documented]],
}

impl Description {
    pub(crate) fn answers(&self) -> impl Iterator<Item = &'static Documented> {
        self.answers.iter().copied().flatten()
    }

    /// The fields of each kind of JSON body among the answers, once.
    pub(crate) fn gives(&self) -> impl Iterator<Item = &'static [Field]> {
        let fields = self.answers().filter_map(|answer| match answer.body {
            Body::Json(fields) => Some(fields),
            Body::Empty | Body::Text(_) => None,
        });
        let mut seen: Vec<&[Field]> = Vec::new();
        fields.filter(move |fields| {
            let is_new = !seen.iter().any(|known| std::ptr::eq(*known, *fields));
            seen.push(fields);
            is_new
        })
    }
}

/// A kind of body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Media {
    Form,
    Json,
    Multipart,
    /// Rows of the route's fields: a JSON array of objects, an object a line, or columns.
    JsonRows,
    JsonLines,
    Csv,
}

impl Media {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Form => "application/x-www-form-urlencoded",
            Self::Multipart => "multipart/form-data",
            Self::Json | Self::JsonRows => "application/json",
            Self::JsonLines => "application/x-ndjson",
            Self::Csv => "text/csv",
        }
    }
}

/// An answer as its route may give it. `code` is what `reply::code` reads from it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Documented {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) when: Text,
    pub(crate) body: Body,
}

/// The body of an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Body {
    Empty,
    /// Of that media type, without fields.
    Text(&'static str),
    /// A JSON object.
    Json(&'static [Field]),
}

/// An answer without a body.
pub(crate) const fn answer(
    status: u16,
    code: &'static str,
    en: &'static str,
    zh: &'static str,
) -> Documented {
    Documented { status, code, when: text(en, zh), body: Body::Empty }
}

impl Documented {
    pub(crate) const fn body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    pub(crate) const fn json(self, fields: &'static [Field]) -> Self {
        self.body(Body::Json(fields))
    }
}

/// A parameter, a field of a body, or a field of another field.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) about: Text,
    pub(crate) kind: Kind,
    pub(crate) place: Place,
    pub(crate) class: Class,
    pub(crate) required: bool,
    /// Whether an answer may have null in its place.
    pub(crate) nullable: bool,
    /// Another spelling that is read as well.
    pub(crate) also: Option<&'static str>,
    pub(crate) pattern: Option<&'static str>,
    /// Fewest and most: characters of a text, value of a number, items of a list.
    pub(crate) limits: Option<(i64, i64)>,
    /// The only values there are; none: any.
    pub(crate) one_of: &'static [&'static str],
    pub(crate) example: Option<&'static str>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Text,
    Integer,
    Number,
    Boolean,
    /// A list of texts.
    Texts,
    Object(&'static [Field]),
    Objects(&'static [Field]),
    /// An object whose keys the route does not fix; the values are of any scalar type.
    Map,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the query of a GET, in the query or body of a POST.
    Parameter,
    Query,
    Path,
    Header,
}

/// How a value must be kept from eyes (ARCHITECTURE.md, Class C2; JR/T 0171-2020).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    C1,
    /// A person's data: sealed at rest.
    C2,
    /// What opens a person's accounts: never stored.
    C3,
}

impl Class {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::C1 => "C1",
            Self::C2 => "C2",
            Self::C3 => "C3",
        }
    }
}

/// A required text.
pub(crate) const fn field(name: &'static str, en: &'static str, zh: &'static str) -> Field {
    Field {
        name,
        about: text(en, zh),
        kind: Kind::Text,
        place: Place::Parameter,
        class: Class::C1,
        required: true,
        nullable: false,
        also: None,
        pattern: None,
        limits: None,
        one_of: &[],
        example: None,
    }
}

impl Field {
    pub(crate) const fn of(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    pub(crate) const fn at(mut self, place: Place) -> Self {
        self.place = place;
        self
    }

    pub(crate) const fn class(mut self, class: Class) -> Self {
        self.class = class;
        self
    }

    pub(crate) const fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    pub(crate) const fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }

    pub(crate) const fn also(mut self, spelling: &'static str) -> Self {
        self.also = Some(spelling);
        self
    }

    pub(crate) const fn pattern(mut self, pattern: &'static str) -> Self {
        self.pattern = Some(pattern);
        self
    }

    pub(crate) const fn limits(mut self, fewest: i64, most: i64) -> Self {
        self.limits = Some((fewest, most));
        self
    }

    pub(crate) const fn one_of(mut self, values: &'static [&'static str]) -> Self {
        self.one_of = values;
        self
    }

    pub(crate) const fn example(mut self, example: &'static str) -> Self {
        self.example = Some(example);
        self
    }
}
