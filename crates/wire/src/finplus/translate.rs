//! Parameters to a question, in the order of checks of `finplus.md`: unknown parameters (10), id
//! type missing (105), id type unknown (22), values (10).

use domain::failure::Failure;
use domain::ids::{AppId, CallKey};
use domain::secret::Private;
use domain::subject::{IdType, SubjectRef};

use super::signature::own::{APP_KEY, SIGN, TIMESTAMP};
use crate::body::{Pairs, parameter};

/// Each parameter in both its spellings; the first is the document's and names it in refusals.
const ID_TYPE: [&str; 2] = ["idType", "id_type"];
const ID_VALUE: [&str; 2] = ["idValue", "id_value"];
const REQ_ID: [&str; 2] = ["reqId", "req_id"];
const APP_ID: [&str; 2] = ["appId", "app_id"];
const KNOWN: [[&str; 2]; 4] = [ID_TYPE, ID_VALUE, REQ_ID, APP_ID];
/// Parameters of Finplus' own signature; they say nothing about the question.
const SIGNING: [&str; 3] = [APP_KEY, TIMESTAMP, SIGN];

/// The applications of the merchant that asks.
pub trait Apps {
    fn registered(&self, app_id: &str) -> bool;
}

/// An opened letter.
#[derive(Debug)]
pub struct Opened {
    /// What a refusal echoes as `req_id`.
    pub echo: Option<String>,
    pub question: Result<Question, Failure>,
}

/// A merchant asks for the score of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The application, which picks the model; nothing is the merchant's default.
    pub app: Option<AppId>,
    pub id: SubjectRef,
    pub key: CallKey,
}

impl Question {
    /// The parameters as one text: equal texts are the same content (`common.md`, A call),
    /// whichever way and in whichever spelling they were sent. It is hashed and kept for good, so
    /// its form never changes: a JSON array of product, app (or null), kind and id, key.
    pub fn content(&self) -> Private<String> {
        let app = self.app.as_ref().map(|app| app.0.as_str());
        let id = self.id.canonical();
        let fields = ("finplus.score", app, id.expose(), self.key.as_str());
        Private::new(serde_json::to_string(&fields).expect("texts always serialise"))
    }
}

pub(super) fn open(pairs: &Pairs, apps: &dyn Apps) -> Opened {
    Opened { echo: echo(pairs), question: question(pairs, apps) }
}

/// An ill-formed key is echoed too, as long as it is text of a bearable length; of keys that
/// contradict each other none is.
pub(super) fn echo(pairs: &Pairs) -> Option<String> {
    let text = present(pairs, &REQ_ID).ok()??;
    (text.chars().count() <= CallKey::LENGTH_MAX).then(|| text.to_owned())
}

fn question(pairs: &Pairs, apps: &dyn Apps) -> Result<Question, Failure> {
    pairs.sound()?;
    pairs.only(|name| KNOWN.as_flattened().contains(&name) || SIGNING.contains(&name))?;
    let id_type = present(pairs, &ID_TYPE)?;
    let id_value = present(pairs, &ID_VALUE)?;
    let req_id = present(pairs, &REQ_ID)?;
    let app_id = present(pairs, &APP_ID)?;
    let asked = Asked::parse(id_type.ok_or(Failure::IdTypeMissing)?, apps)?;
    let app = app(app_id, &asked, apps)?;
    let id = asked.subject(id_value.ok_or_else(|| parameter("idValue is missing"))?)?;
    let key = CallKey::parse(req_id.ok_or_else(|| parameter("reqId is missing"))?)
        .ok_or_else(|| parameter("reqId must be 1 to 64 printable ASCII characters"))?;
    Ok(Question { app, id, key })
}

/// An empty value is an absent one (`common.md`, Reading requests).
fn present<'p>(pairs: &'p Pairs, spellings: &[&str]) -> Result<Option<&'p str>, Failure> {
    Ok(pairs.agreed(spellings)?.filter(|value| !value.is_empty()))
}

/// What `idType` says: the document uses it for the kind of id and for the application alike.
enum Asked<'p> {
    Kind(IdType),
    App(&'p str),
}

impl<'p> Asked<'p> {
    fn parse(id_type: &'p str, apps: &dyn Apps) -> Result<Self, Failure> {
        match IdType::parse(&id_type.to_ascii_lowercase()) {
            Some(kind) => Ok(Self::Kind(kind)),
            None if apps.registered(id_type) => Ok(Self::App(id_type)),
            None => Err(Failure::IdTypeUnknown),
        }
    }

    fn subject(&self, id_value: &str) -> Result<SubjectRef, Failure> {
        let kind = match self {
            Self::Kind(kind) => *kind,
            Self::App(_) => IdType::infer(id_value)
                .ok_or_else(|| parameter("idValue fits no id type; say which in idType"))?,
        };
        SubjectRef::parse(kind, id_value)
            .ok_or_else(|| parameter(format!("idValue is not {}", describe(kind))))
    }
}

fn app(app_id: Option<&str>, asked: &Asked<'_>, apps: &dyn Apps) -> Result<Option<AppId>, Failure> {
    let app = match (app_id, asked) {
        (None, Asked::Kind(_)) => return Ok(None),
        (Some(app_id), Asked::Kind(_)) => app_id,
        (None, Asked::App(app)) => app,
        (Some(app_id), Asked::App(app)) if app_id == *app => app,
        (Some(_), Asked::App(_)) => {
            return Err(parameter("appId and idType name different applications"));
        }
    };
    if apps.registered(app) {
        Ok(Some(AppId(app.to_owned())))
    } else {
        Err(parameter("appId is not registered"))
    }
}

fn describe(kind: IdType) -> &'static str {
    match kind {
        IdType::Imei => "an imei: 15 digits, the last a Luhn check digit",
        IdType::Idfa => "an idfa: a UUID with its hyphens",
        IdType::MobileMd5 => "a mobile_md5: 32 hexadecimal digits",
        IdType::MobileSha256 => "a mobile_sha256: 64 hexadecimal digits",
    }
}
