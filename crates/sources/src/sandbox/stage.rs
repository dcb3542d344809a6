//! What a sandbox institution remembers between two steps, and what all of them share.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::persona::Persona;
use crate::step::{Context, Memory};

/// The code of every SMS and call in the sandbox.
pub(super) const CODE: &str = "123456";

const VERSION: u16 = 1;

pub(super) fn keep<S: Serialize>(stage: &S) -> Memory {
    Memory { version: VERSION, state: serde_json::to_value(stage).expect("plain data") }
}

/// Nothing also when another version wrote it: the institution does not know the session then.
pub(super) fn recall<S: DeserializeOwned>(memory: Option<&Memory>) -> Option<S> {
    let memory = memory.filter(|memory| memory.version == VERSION)?;
    serde_json::from_value(memory.state.clone()).ok()
}

/// The person whom a session is about, as all institutions know it.
pub(super) fn persona(context: &Context<'_>) -> Persona {
    Persona::of(SEED_KEY, context.person, context.now.shanghai_day())
}

/// The same people in every deployment: what the sandbox shows is made up anyway.
pub(super) const SEED_KEY: &[u8] = b"probity sandbox";
