//! The connector protocol, version 1, from our side: writes the requests to an out-of-process
//! connector and reads its answers (docs/connectors.md). What carries them is the engine's.

pub mod echo;
mod message;
pub mod signature;

use std::borrow::Cow;
use std::io;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use domain::dataset::telecom::TelecomData;
use domain::dataset::{self, DatasetError, degree::DegreeData, ebank::EbankData};
use domain::secret::Secret;
use domain::session::{COLLECTION_LIMIT, Prompt, PromptKind};
use domain::source::{SourceFailure, SourceKind};
use domain::time::Span;
use serde::de::DeserializeOwned;
use thiserror::Error;

use self::message::{Answer, Meaning, Next, Person, Protocol, Request, Said};
use crate::step::Waiting;
use crate::step::{Context, Data, Effect, Fetch, Fetched, Input, Memory, Method, Source, Step};

/// The version that we speak.
pub const PROTOCOL: u64 = 1;

/// Bytes of an answer.
pub const ANSWER_BYTES_MAX: usize = 16 << 20;

/// Bytes of a connector's memory, as JSON, and how deep it may be nested.
pub const MEMORY_BYTES_MAX: usize = 64 << 10;
const MEMORY_DEPTH_MAX: usize = 32;

/// Bytes of a picture.
const PICTURE_BYTES_MAX: usize = 256 << 10;
const PNG_BEGINNING: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Where steps are asked for; a stored result stands below it.
pub const STEPS_PATH: &str = "/v1/steps";
pub const HEALTH_PATH: &str = "/v1/health";

/// The layout of [`Memory`] that this version writes: the connector's own value, as it gave it.
const MEMORY_VERSION: u16 = 1;

/// A source behind a connector.
#[derive(Clone, Copy, Debug)]
pub struct Remote {
    /// How long the connector has for a step.
    pub step_deadline: Span,
}

/// What asking for the stored result of a step came to.
#[derive(Debug)]
pub enum Recovered {
    /// The connector has done it; this is what came of it.
    Step(Step),
    /// The connector never saw it: it may be sent again.
    NotDone,
    /// It cannot be told yet.
    Unknown,
}

/// Why an answer does not fit the protocol. Holds nothing of what was sent but a number.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Misfit {
    #[error("status {0} is none of the protocol's")]
    Status(u16),
    #[error("protocol {0} is not spoken here; this is version {PROTOCOL}")]
    Protocol(u64),
    #[error("{0}")]
    Content(#[from] DatasetError),
    /// The answer is to another request.
    #[error("{0}: is not what was sent")]
    Echo(&'static str),
    #[error("{0}")]
    Bound(&'static str),
}

impl Source for Remote {
    fn step(&self, context: &Context<'_>, memory: Option<&Memory>, input: Input<'_>) -> Step {
        let (effect, said) = match &input {
            Input::Login(password) => {
                let password = password.map(|password| password.expose().as_str());
                (Effect::Submit, Said::Login { password })
            }
            Input::Answer(prompt, value) => {
                (Effect::Submit, Said::Answer { prompt: *prompt, value: value.expose() })
            }
            Input::Resend => (Effect::Submit, Said::Resend {}),
            Input::Wake => (Effect::Read, Said::Wake {}),
            Input::Fetched(fetched) => return took(context, fetched),
        };
        let body = self.request(context, memory, effect, said);
        Step::Fetch(Fetch { effect, method: Method::Post, path: Cow::Borrowed(STEPS_PATH), body })
    }
}

impl Remote {
    fn request(
        self,
        context: &Context<'_>,
        memory: Option<&Memory>,
        effect: Effect,
        input: Said<'_>,
    ) -> Secret<Vec<u8>> {
        let person = context.person;
        write(&Request {
            protocol: PROTOCOL,
            session: context.session,
            subject: hex::encode(context.subject.0),
            kind: context.kind,
            step_id: context.step_id,
            effect,
            person: Person {
                name: person.name.expose(),
                id_card: person.id_card.expose(),
                mobile: person.mobile.expose(),
            },
            entry: context.entry,
            account: context.account,
            contacts: context.contacts,
            input,
            memory: memory.map(|memory| &memory.state),
            deadline_ms: self.step_deadline.0 / 1_000,
            sent_at: context.now.to_string(),
        })
    }

    /// Asks what became of a `Submit` whose answer was lost.
    pub fn recover(step_id: &str) -> Fetch {
        Fetch {
            effect: Effect::Read,
            method: Method::Get,
            path: Cow::Owned(format!("{STEPS_PATH}/{step_id}")),
            body: Secret::new(Vec::new()),
        }
    }

    /// Reads what [`Remote::recover`] came to; `context` is that of the step in question.
    pub fn read_recovered(context: &Context<'_>, fetched: &Fetched) -> Recovered {
        match fetched {
            Fetched::Answered { status: 404, .. } => Recovered::NotDone,
            Fetched::Answered { status: 200, body } => {
                read(context, 200, body).map_or(Recovered::Unknown, Recovered::Step)
            }
            Fetched::Answered { .. }
            | Fetched::NotSent
            | Fetched::TurnedAway
            | Fetched::Unknown(_) => Recovered::Unknown,
        }
    }
}

fn took(context: &Context<'_>, fetched: &Fetched) -> Step {
    match fetched {
        Fetched::Answered { status, body } => {
            read(context, *status, body).unwrap_or(Step::Failed(SourceFailure::Garbage))
        }
        Fetched::NotSent | Fetched::TurnedAway => Step::Failed(SourceFailure::Down),
        Fetched::Unknown(loss) => Step::Failed(loss.as_failure()),
    }
}

/// Reads the answer to the step that `context` names.
pub fn read(context: &Context<'_>, status: u16, body: &[u8]) -> Result<Step, Misfit> {
    match status {
        200 => {}
        401 => return Ok(Step::Failed(SourceFailure::Blocked)),
        429 | 503 => return Ok(Step::Failed(SourceFailure::Down)),
        _ => return Err(Misfit::Status(status)),
    }
    if body.len() > ANSWER_BYTES_MAX {
        return Err(Misfit::Bound("the answer is too large"));
    }
    match context.kind {
        SourceKind::Telecom => next::<TelecomData>(context, body, Data::Telecom),
        SourceKind::Degree => next::<DegreeData>(context, body, Data::Degree),
        SourceKind::Ebank => next::<EbankData>(context, body, Data::Ebank),
        // Nothing is fetched of these.
        SourceKind::Credit | SourceKind::File | SourceKind::Inquiries => {
            Ok(Step::Failed(SourceFailure::NotCovered))
        }
    }
}

fn next<T: DeserializeOwned>(
    context: &Context<'_>,
    body: &[u8],
    data: fn(T) -> Data,
) -> Result<Step, Misfit> {
    let answer: Answer<T> = dataset::read(body).map_err(|error| other_protocol(body, error))?;
    if answer.protocol != PROTOCOL {
        return Err(Misfit::Protocol(answer.protocol));
    }
    for (name, is_same) in [
        ("session", answer.session == context.session),
        ("subject", answer.subject == hex::encode(context.subject.0)),
        ("step_id", answer.step_id == context.step_id),
    ] {
        if !is_same {
            return Err(Misfit::Echo(name));
        }
    }
    let memory = remembered(answer.memory)?;
    Ok(match answer.step {
        Next::Ask { prompt, why, picture } => {
            Step::Ask { prompt: asked(prompt, picture)?, why, memory }
        }
        Next::Wait { after_ms, meaning, prompt } => {
            let after = i64::try_from(after_ms).unwrap_or(i64::MAX);
            if after > COLLECTION_LIMIT.0 / 1_000 {
                return Err(Misfit::Bound("step.wait.after_ms: is longer than a collection"));
            }
            let until = context.now + Span::millis(after);
            Step::Wait { until, meaning: waits(meaning, prompt)?, memory }
        }
        Next::Done { dataset } => Step::Done(Box::new(data(dataset))),
        Next::Failed { reason: SourceFailure::SecretLost | SourceFailure::ConsentEnded } => {
            return Err(Misfit::Bound("step.failed.reason: is not a connector's to say"));
        }
        Next::Failed { reason } => Step::Failed(reason),
    })
}

/// A later protocol may look quite different: its number says more than what is missing.
fn other_protocol(body: &[u8], error: DatasetError) -> Misfit {
    match serde_json::from_slice(body) {
        Ok(Protocol { protocol }) if protocol != PROTOCOL => Misfit::Protocol(protocol),
        _ => Misfit::Content(error),
    }
}

fn asked(prompt: PromptKind, picture: Option<String>) -> Result<Prompt, Misfit> {
    Ok(match (prompt, picture) {
        (PromptKind::Picture, Some(text)) => {
            let png = BASE64_STANDARD.decode(text).unwrap_or_default();
            if !png.starts_with(PNG_BEGINNING) || png.len() > PICTURE_BYTES_MAX {
                return Err(Misfit::Bound("step.ask.picture: is no PNG, or too large"));
            }
            Prompt::Picture(png)
        }
        (PromptKind::Sms, None) => Prompt::Sms,
        (PromptKind::QueryPassword, None) => Prompt::QueryPassword,
        (PromptKind::DynamicPassword, None) => Prompt::DynamicPassword,
        _ => return Err(Misfit::Bound("step.ask.picture: goes with prompt picture, and only so")),
    })
}

fn waits(meaning: Meaning, prompt: Option<PromptKind>) -> Result<Waiting, Misfit> {
    Ok(match (meaning, prompt) {
        (Meaning::Working, None) => Waiting::Working,
        (Meaning::Restarted, None) => Waiting::Restarted,
        (Meaning::Collected, None) => Waiting::Collected,
        (Meaning::Wrong, Some(prompt)) => Waiting::Wrong(prompt),
        _ => return Err(Misfit::Bound("step.wait.prompt: goes with meaning wrong, and only so")),
    })
}

fn remembered(state: Option<serde_json::Value>) -> Result<Memory, Misfit> {
    let state = state.unwrap_or_default();
    let mut size = Count(0);
    let is_written = serde_json::to_writer(&mut size, &state).is_ok();
    if !is_written || size.0 > MEMORY_BYTES_MAX || depth(&state) > MEMORY_DEPTH_MAX {
        return Err(Misfit::Bound("memory: is too large or nested too deep"));
    }
    Ok(Memory { version: MEMORY_VERSION, state })
}

fn depth(value: &serde_json::Value) -> usize {
    match value {
        serde_json::Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        serde_json::Value::Object(items) => 1 + items.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// Writes into one piece of memory of the right size: a vector that grows leaves copies of the
/// secrets behind that nobody wipes.
fn write(request: &Request<'_>) -> Secret<Vec<u8>> {
    let mut size = Count(0);
    serde_json::to_writer(&mut size, request).expect("plain fields");
    let mut body = Vec::with_capacity(size.0);
    serde_json::to_writer(&mut body, request).expect("plain fields");
    debug_assert_eq!(body.len(), size.0);
    Secret::new(body)
}

struct Count(usize);

impl io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
