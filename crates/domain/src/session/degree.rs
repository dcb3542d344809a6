//! The machine of the degree register (学信网): four states (document 001, section 8.2).

use serde::{Deserialize, Serialize};

use super::{Event, Phase, Refused};
use crate::source::SourceFailure;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// 0: waits for account and password.
    Init,
    /// 11; `collected` when the source is done and the data is being stored and billed.
    Submitted { collected: bool },
    /// 21
    Finished,
    /// 22
    Failed(SourceFailure),
}

use State::{Failed, Finished, Init, Submitted};

impl State {
    /// What becomes of the state when `event` happens.
    pub fn on(self, event: &Event) -> Result<Self, Refused> {
        match event {
            Event::LoggedIn => match self {
                Init => Ok(Submitted { collected: false }),
                Submitted { .. } => Err(Refused::AlreadySubmitted),
                Finished | Failed(_) => Err(Refused::Over),
            },
            Event::Answered(_) | Event::ResendAsked => match self {
                Init | Submitted { .. } => Err(Refused::NotAsked),
                Finished | Failed(_) => Err(Refused::Over),
            },
            Event::Collected => match self {
                Submitted { .. } => Ok(Submitted { collected: true }),
                Init => Err(Refused::OutOfTurn),
                Finished | Failed(_) => Err(Refused::Over),
            },
            Event::Ready => match self {
                Submitted { collected: true } => Ok(Finished),
                Init | Submitted { collected: false } => Err(Refused::OutOfTurn),
                Finished | Failed(_) => Err(Refused::Over),
            },
            Event::Failed(why) => match self {
                Init | Submitted { .. } => Ok(Failed(*why)),
                Finished | Failed(_) => Err(Refused::Over),
            },
            Event::DeadlinePassed => match self {
                Init | Submitted { collected: false } => Ok(Failed(SourceFailure::TimedOut)),
                Submitted { collected: true } | Finished | Failed(_) => Err(Refused::Over),
            },
            Event::SecretLost => match self {
                Submitted { collected: false } => Ok(Init),
                Init | Submitted { collected: true } => Err(Refused::OutOfTurn),
                Finished | Failed(_) => Err(Refused::Over),
            },
            Event::Asked(..) | Event::Restarted | Event::PauseOver => match self {
                Init | Submitted { .. } => Err(Refused::OutOfTurn),
                Finished | Failed(_) => Err(Refused::Over),
            },
        }
    }

    pub fn number(&self) -> i64 {
        match self {
            Init => 0,
            Submitted { .. } => 11,
            Finished => 21,
            Failed(_) => 22,
        }
    }

    pub fn phase(&self) -> Phase {
        match self {
            Init | Submitted { collected: false } => Phase::Collecting,
            Submitted { collected: true } => Phase::Fetching,
            Finished => Phase::Ready,
            Failed(why) => Phase::Failed(*why),
        }
    }

    pub fn is_submitted(&self) -> bool {
        match self {
            Submitted { collected } => !collected,
            Init | Finished | Failed(_) => false,
        }
    }
}
