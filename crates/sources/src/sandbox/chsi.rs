//! The sandbox's degree register: what happens is in the account (`sandbox.md`, "CHSI").

use domain::source::SourceFailure;
use domain::time::Span;
use serde::{Deserialize, Serialize};

use super::stage;
use crate::step::{Context, Data, Input, Memory, Source, Step, Waiting};

const SLOW: Span = Span::seconds(15);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    Searching,
}

/// The degree register.
#[derive(Clone, Copy, Debug, Default)]
pub struct Chsi;

impl Source for Chsi {
    fn step(&self, context: &Context<'_>, memory: Option<&Memory>, input: Input<'_>) -> Step {
        let account = context.account.unwrap_or_default();
        match (input, stage::recall::<Stage>(memory)) {
            (Input::Login(_), None) if account.ends_with("@slow") => Step::Wait {
                until: context.now + SLOW,
                meaning: Waiting::Working,
                memory: stage::keep(&Stage::Searching),
            },
            (Input::Login(_), None) | (Input::Wake, Some(Stage::Searching)) => {
                found(account, context)
            }
            _ => Step::Failed(SourceFailure::Garbage),
        }
    }
}

fn found(account: &str, context: &Context<'_>) -> Step {
    let degrees = match account.rsplit_once('@').map(|(_, ending)| ending) {
        Some("wrong") => return Step::Failed(SourceFailure::WrongCredentials),
        Some("down") => return Step::Failed(SourceFailure::Down),
        Some("none") => 0,
        Some("two") => 2,
        _ => 1,
    };
    let persona = stage::persona(context);
    let data = super::persona::degree_data(&persona, degrees, context.now);
    Step::Done(Box::new(Data::Degree(data)))
}
