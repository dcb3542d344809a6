//! A connector that repeats the secret of the running step: what it gives is refused before
//! anything of it is stored.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::secret::Secret;

use crate::step::{Context, Data, Step};

/// A shorter text stands in other texts by chance.
const LENGTH_MIN: usize = 4;
/// From here on a text within another one is no chance in a dataset of many numbers either.
const LONG: usize = 10;

/// Whether what `step` would have us keep holds `secret`: the memory in any spelling, the dataset
/// as one of its texts, or within one when it is long. What is the person's own anyway (a telephone
/// number taken for a password) tells nothing.
pub fn repeats(step: &Step, secret: Option<&str>, context: &Context<'_>) -> bool {
    let Some(secret) = secret.filter(|secret| secret.len() >= LENGTH_MIN) else { return false };
    let person = context.person;
    let own = [
        Some(person.name.expose()),
        Some(person.id_card.expose()),
        Some(person.mobile.expose()),
        context.account,
    ];
    if own.into_iter().flatten().any(|own| own.contains(secret)) {
        return false;
    }
    match step {
        Step::Ask { memory, .. } | Step::Wait { memory, .. } => {
            let spellings = [quoted(secret), encoded(secret), Secret::new(hex::encode(secret))];
            let text = Secret::new(memory.state.to_string());
            spellings.iter().any(|one| text.expose().contains(inner(one)))
        }
        Step::Done(data) => {
            let (text, quoted) = (Secret::new(written(data)), quoted(secret));
            let is_long = secret.len() >= LONG;
            text.expose().contains(if is_long { inner(&quoted) } else { quoted.expose() })
        }
        Step::Fetch(_) | Step::Failed(_) => false,
    }
}

/// As a text of JSON, quotes included.
fn quoted(secret: &str) -> Secret<String> {
    Secret::new(serde_json::to_string(secret).expect("a text"))
}

fn encoded(secret: &str) -> Secret<String> {
    let text = BASE64_STANDARD.encode(secret);
    Secret::new(text.trim_end_matches('=').to_owned())
}

fn inner(text: &Secret<String>) -> &str {
    text.expose().trim_matches('"')
}

fn written(data: &Data) -> String {
    let json = match data {
        Data::Telecom(data) => serde_json::to_string(data),
        Data::Degree(data) => serde_json::to_string(data),
        Data::Ebank(data) => serde_json::to_string(data),
    };
    json.expect("plain data")
}
