//! The JSON of the connector protocol, version 1. docs/connector-openapi.json describes the same.

use domain::session::{PromptKind, Why};
use domain::source::{SourceFailure, SourceKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::step::Effect;

/// `POST /v1/steps`. Holds C3: it is written once, into memory that is wiped.
#[derive(Serialize)]
pub(super) struct Request<'r> {
    pub(super) protocol: u64,
    pub(super) session: &'r str,
    /// The person's keyed hash, in hexadecimal digits.
    pub(super) subject: String,
    pub(super) kind: SourceKind,
    pub(super) step_id: &'r str,
    pub(super) effect: Effect,
    pub(super) person: Person<'r>,
    pub(super) entry: Option<&'r str>,
    pub(super) account: Option<&'r str>,
    pub(super) contacts: &'r [String],
    pub(super) input: Said<'r>,
    pub(super) memory: Option<&'r Value>,
    pub(super) deadline_ms: i64,
    pub(super) sent_at: String,
}

#[derive(Serialize)]
pub(super) struct Person<'r> {
    pub(super) name: &'r str,
    pub(super) id_card: &'r str,
    pub(super) mobile: &'r str,
}

/// What moves the connector on.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Said<'r> {
    Login {
        #[serde(skip_serializing_if = "Option::is_none")]
        password: Option<&'r str>,
    },
    Answer {
        prompt: PromptKind,
        value: &'r str,
    },
    Resend {},
    Wake {},
}

/// The part that every version has.
#[derive(Deserialize)]
pub(super) struct Protocol {
    pub(super) protocol: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answer<T> {
    pub(super) protocol: u64,
    pub(super) session: String,
    pub(super) subject: String,
    pub(super) step_id: String,
    pub(super) step: Next<T>,
    #[serde(default)]
    pub(super) memory: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Next<T> {
    Ask {
        prompt: PromptKind,
        why: Why,
        /// Base64 of a PNG.
        #[serde(default)]
        picture: Option<String>,
    },
    Wait {
        after_ms: u64,
        meaning: Meaning,
        /// Which prompt was answered wrongly.
        #[serde(default)]
        prompt: Option<PromptKind>,
    },
    Done {
        dataset: T,
    },
    Failed {
        reason: SourceFailure,
    },
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Meaning {
    Working,
    Restarted,
    Collected,
    Wrong,
}
