//! Why this face does not serve a request.

use domain::failure::Failure;

use super::codes::{self, Code};
use super::fields::Field;

/// Why a request is not served, and what is said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub code: Code,
    /// What is wrong with which field, where the code does not say it. Never what was sent.
    pub detail: Option<String>,
    /// What HTTP calls it: 200, except where the request never reached the face.
    pub(super) status: u16,
}

impl Refusal {
    pub(super) fn missing(field: &Field) -> Self {
        Self::field(field.missing, &format!("biz_data.{} 缺失", field.key))
    }

    pub(super) fn malformed(field: &Field) -> Self {
        Self::field(field.malformed, &format!("biz_data.{} 格式错误", field.key))
    }

    pub(super) fn contradicted(field: &Field) -> Self {
        Self::field(Code::FIELD, &format!("biz_data.{} 前后不一致", field.key))
    }

    /// A code that says it all needs no detail.
    fn field(code: Code, detail: &str) -> Self {
        let detail = (code == Code::FIELD).then(|| detail.to_owned());
        Self { detail, ..code.into() }
    }

    /// What is wrong with a field of the envelope.
    pub(super) fn envelope(detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..Code::FIELD.into() }
    }

    pub(super) fn unread(status: u16, reason: impl Into<String>) -> Self {
        Self { status, ..Self::envelope(reason) }
    }

    pub(super) fn message(&self) -> String {
        let message = self.code.message;
        self.detail.as_ref().map_or(message.to_owned(), |detail| format!("{message}: {detail}"))
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self { code, detail: None, status: 200 }
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        let code = codes::of(&failure);
        match failure {
            Failure::Parameter { reason } => Self { detail: Some(reason), ..code.into() },
            _ => code.into(),
        }
    }
}

impl From<domain::session::credit::Refusal> for Refusal {
    fn from(refusal: domain::session::credit::Refusal) -> Self {
        Code::from(refusal).into()
    }
}
