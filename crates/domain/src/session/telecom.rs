//! The carrier's machine: thirteen states (document 001, section 8.1).

use serde::{Deserialize, Serialize};

use super::{Event, Phase, Prompt, PromptKind, REQUEST_DELAY, Refused, Tries, Why};
use crate::source::SourceFailure;
use crate::time::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// 0: waits for the service password.
    Init,
    /// 1: begins again; `until` when the password is asked for again, else the source goes on.
    Restart { until: Option<Timestamp>, tries: Tries },
    /// 11
    PasswordSubmitted,
    /// 21
    CaptchaRequired(Tries),
    /// 22
    CaptchaSubmitted(Tries),
    /// 23
    CaptchaWrong(Tries),
    /// 24
    CaptchaResent(Tries),
    /// 31
    QueryPasswordRequired(Tries),
    /// 32
    QueryPasswordSubmitted(Tries),
    /// 33
    QueryPasswordWrong(Tries),
    /// 41
    Finished,
    /// 42
    Failed(SourceFailure),
    /// 43
    Ready,
}

use State::{
    CaptchaRequired, CaptchaResent, CaptchaSubmitted, CaptchaWrong, Failed, Finished, Init,
    PasswordSubmitted, QueryPasswordRequired, QueryPasswordSubmitted, QueryPasswordWrong, Ready,
    Restart,
};

impl State {
    /// What becomes of the state when `event` happens.
    pub fn on(self, event: &Event, now: Timestamp) -> Result<Self, Refused> {
        match event {
            Event::LoggedIn => self.logged_in(),
            Event::Answered(PromptKind::Sms) => self.captcha_answered(),
            Event::Answered(PromptKind::QueryPassword) => self.query_password_answered(),
            Event::Answered(PromptKind::Picture | PromptKind::DynamicPassword) => {
                Err(self.not_asked())
            }
            Event::ResendAsked => self.resend_asked(),
            Event::Asked(Prompt::Sms, why) => self.asked_captcha(*why),
            Event::Asked(Prompt::QueryPassword, why) => self.asked_query_password(*why),
            Event::Asked(Prompt::Picture(_) | Prompt::DynamicPassword, _) => {
                Err(self.out_of_turn())
            }
            Event::Restarted => self.restarted(),
            Event::Collected => self.collected(),
            Event::Ready => self.ready(),
            Event::Failed(why) => self.failed(*why),
            Event::DeadlinePassed => self.deadline_passed(),
            Event::SecretLost => self.secret_lost(now),
            Event::PauseOver => self.pause_over(),
        }
    }

    fn logged_in(self) -> Result<Self, Refused> {
        match self {
            Init => Ok(PasswordSubmitted),
            PasswordSubmitted | CaptchaSubmitted(_) | QueryPasswordSubmitted(_) => {
                Err(Refused::AlreadySubmitted)
            }
            Restart { .. }
            | CaptchaRequired(_)
            | CaptchaWrong(_)
            | CaptchaResent(_)
            | QueryPasswordRequired(_)
            | QueryPasswordWrong(_) => Err(Refused::NotAsked),
            Finished | Failed(_) | Ready => Err(Refused::Over),
        }
    }

    fn captcha_answered(self) -> Result<Self, Refused> {
        match self {
            CaptchaRequired(tries) | CaptchaWrong(tries) | CaptchaResent(tries) => {
                Ok(CaptchaSubmitted(tries))
            }
            CaptchaSubmitted(_) => Err(Refused::AlreadySubmitted),
            Init
            | Restart { .. }
            | PasswordSubmitted
            | QueryPasswordRequired(_)
            | QueryPasswordSubmitted(_)
            | QueryPasswordWrong(_) => Err(Refused::NotAsked),
            Finished | Failed(_) | Ready => Err(Refused::Over),
        }
    }

    fn query_password_answered(self) -> Result<Self, Refused> {
        match self {
            QueryPasswordRequired(tries) | QueryPasswordWrong(tries) => {
                Ok(QueryPasswordSubmitted(tries))
            }
            QueryPasswordSubmitted(_) => Err(Refused::AlreadySubmitted),
            Init
            | Restart { .. }
            | PasswordSubmitted
            | CaptchaRequired(_)
            | CaptchaSubmitted(_)
            | CaptchaWrong(_)
            | CaptchaResent(_) => Err(Refused::NotAsked),
            Finished | Failed(_) | Ready => Err(Refused::Over),
        }
    }

    /// The state stays until the source says that the code is on its way; only the count moves.
    fn resend_asked(self) -> Result<Self, Refused> {
        let again = |tries: Tries| tries.resent().ok_or(Refused::ResendsUsedUp);
        match self {
            CaptchaRequired(tries) => again(tries).map(CaptchaRequired),
            CaptchaWrong(tries) => again(tries).map(CaptchaWrong),
            CaptchaResent(tries) => again(tries).map(CaptchaResent),
            CaptchaSubmitted(_) => Err(Refused::AlreadySubmitted),
            Init
            | Restart { .. }
            | PasswordSubmitted
            | QueryPasswordRequired(_)
            | QueryPasswordSubmitted(_)
            | QueryPasswordWrong(_) => Err(Refused::NotAsked),
            Finished | Failed(_) | Ready => Err(Refused::Over),
        }
    }

    fn asked_captcha(self, why: Why) -> Result<Self, Refused> {
        match (self, why) {
            (PasswordSubmitted, Why::First) => Ok(CaptchaRequired(Tries::default())),
            (Restart { until: None, tries } | CaptchaSubmitted(tries), Why::First) => {
                Ok(CaptchaRequired(tries))
            }
            (CaptchaSubmitted(tries), Why::Wrong) => {
                Ok(tries.missed().map_or(Failed(SourceFailure::TooManyWrong), CaptchaWrong))
            }
            (CaptchaRequired(tries) | CaptchaWrong(tries) | CaptchaResent(tries), Why::Resent) => {
                Ok(CaptchaResent(tries))
            }
            (PasswordSubmitted | Restart { .. }, Why::Wrong | Why::Resent)
            | (Restart { until: Some(_), .. }, Why::First)
            | (CaptchaSubmitted(_), Why::Resent)
            | (CaptchaRequired(_) | CaptchaWrong(_) | CaptchaResent(_), Why::First | Why::Wrong)
            | (
                Init
                | QueryPasswordRequired(_)
                | QueryPasswordSubmitted(_)
                | QueryPasswordWrong(_)
                | Finished,
                Why::First | Why::Wrong | Why::Resent,
            ) => Err(Refused::OutOfTurn),
            (Failed(_) | Ready, Why::First | Why::Wrong | Why::Resent) => Err(Refused::Over),
        }
    }

    fn asked_query_password(self, why: Why) -> Result<Self, Refused> {
        match (self, why) {
            (PasswordSubmitted, Why::First) => Ok(QueryPasswordRequired(Tries::default())),
            (CaptchaSubmitted(tries), Why::First) => {
                // Each prompt has its own count of wrong answers.
                Ok(QueryPasswordRequired(Tries { wrong: 0, ..tries }))
            }
            (Restart { until: None, tries }, Why::First) => Ok(QueryPasswordRequired(tries)),
            (QueryPasswordSubmitted(tries), Why::Wrong) => {
                Ok(tries.missed().map_or(Failed(SourceFailure::TooManyWrong), QueryPasswordWrong))
            }
            (
                PasswordSubmitted | CaptchaSubmitted(_) | Restart { .. },
                Why::Wrong | Why::Resent,
            )
            | (Restart { until: Some(_), .. }, Why::First)
            | (QueryPasswordSubmitted(_), Why::First | Why::Resent)
            | (
                Init
                | CaptchaRequired(_)
                | CaptchaWrong(_)
                | CaptchaResent(_)
                | QueryPasswordRequired(_)
                | QueryPasswordWrong(_)
                | Finished,
                Why::First | Why::Wrong | Why::Resent,
            ) => Err(Refused::OutOfTurn),
            (Failed(_) | Ready, Why::First | Why::Wrong | Why::Resent) => Err(Refused::Over),
        }
    }

    fn restarted(self) -> Result<Self, Refused> {
        match self {
            PasswordSubmitted => Ok(Restart { until: None, tries: Tries::default() }),
            CaptchaSubmitted(tries) | QueryPasswordSubmitted(tries) => {
                Ok(Restart { until: None, tries })
            }
            Init
            | Restart { .. }
            | CaptchaRequired(_)
            | CaptchaWrong(_)
            | CaptchaResent(_)
            | QueryPasswordRequired(_)
            | QueryPasswordWrong(_)
            | Finished => Err(Refused::OutOfTurn),
            Failed(_) | Ready => Err(Refused::Over),
        }
    }

    fn collected(self) -> Result<Self, Refused> {
        match self {
            // A carrier that begins again need not ask again.
            Restart { until: None, .. }
            | PasswordSubmitted
            | CaptchaSubmitted(_)
            | QueryPasswordSubmitted(_)
            | Finished => Ok(Finished),
            Restart { until: Some(_), .. }
            | Init
            | CaptchaRequired(_)
            | CaptchaWrong(_)
            | CaptchaResent(_)
            | QueryPasswordRequired(_)
            | QueryPasswordWrong(_) => Err(Refused::OutOfTurn),
            Failed(_) | Ready => Err(Refused::Over),
        }
    }

    fn ready(self) -> Result<Self, Refused> {
        match self {
            Finished => Ok(Ready),
            Init
            | Restart { .. }
            | PasswordSubmitted
            | CaptchaRequired(_)
            | CaptchaSubmitted(_)
            | CaptchaWrong(_)
            | CaptchaResent(_)
            | QueryPasswordRequired(_)
            | QueryPasswordSubmitted(_)
            | QueryPasswordWrong(_) => Err(Refused::OutOfTurn),
            Failed(_) | Ready => Err(Refused::Over),
        }
    }

    fn failed(self, why: SourceFailure) -> Result<Self, Refused> {
        match self {
            Init
            | Restart { .. }
            | PasswordSubmitted
            | CaptchaRequired(_)
            | CaptchaSubmitted(_)
            | CaptchaWrong(_)
            | CaptchaResent(_)
            | QueryPasswordRequired(_)
            | QueryPasswordSubmitted(_)
            | QueryPasswordWrong(_)
            | Finished => Ok(Failed(why)),
            Failed(_) | Ready => Err(Refused::Over),
        }
    }

    /// The clock stops at 41.
    fn deadline_passed(self) -> Result<Self, Refused> {
        match self {
            Init
            | Restart { .. }
            | PasswordSubmitted
            | CaptchaRequired(_)
            | CaptchaSubmitted(_)
            | CaptchaWrong(_)
            | CaptchaResent(_)
            | QueryPasswordRequired(_)
            | QueryPasswordSubmitted(_)
            | QueryPasswordWrong(_) => Ok(Failed(SourceFailure::TimedOut)),
            Finished | Failed(_) | Ready => Err(Refused::Over),
        }
    }

    /// The password is asked for again; codes are answered again where they were asked for.
    fn secret_lost(self, now: Timestamp) -> Result<Self, Refused> {
        match self {
            PasswordSubmitted => {
                Ok(Restart { until: Some(now + REQUEST_DELAY), tries: Tries::default() })
            }
            CaptchaSubmitted(tries) => Ok(CaptchaRequired(tries)),
            QueryPasswordSubmitted(tries) => Ok(QueryPasswordRequired(tries)),
            Init
            | Restart { .. }
            | CaptchaRequired(_)
            | CaptchaWrong(_)
            | CaptchaResent(_)
            | QueryPasswordRequired(_)
            | QueryPasswordWrong(_)
            | Finished => Err(Refused::OutOfTurn),
            Failed(_) | Ready => Err(Refused::Over),
        }
    }

    fn pause_over(self) -> Result<Self, Refused> {
        match self {
            Restart { until: Some(_), .. } => Ok(Init),
            Restart { until: None, .. }
            | Init
            | PasswordSubmitted
            | CaptchaRequired(_)
            | CaptchaSubmitted(_)
            | CaptchaWrong(_)
            | CaptchaResent(_)
            | QueryPasswordRequired(_)
            | QueryPasswordSubmitted(_)
            | QueryPasswordWrong(_)
            | Finished => Err(Refused::OutOfTurn),
            Failed(_) | Ready => Err(Refused::Over),
        }
    }

    fn not_asked(&self) -> Refused {
        match self.phase() {
            Phase::Collecting => Refused::NotAsked,
            Phase::Fetching | Phase::Ready | Phase::Failed(_) => Refused::Over,
        }
    }

    fn out_of_turn(&self) -> Refused {
        match self.phase() {
            Phase::Collecting | Phase::Fetching => Refused::OutOfTurn,
            Phase::Ready | Phase::Failed(_) => Refused::Over,
        }
    }

    pub fn number(&self) -> i64 {
        match self {
            Init => 0,
            Restart { .. } => 1,
            PasswordSubmitted => 11,
            CaptchaRequired(_) => 21,
            CaptchaSubmitted(_) => 22,
            CaptchaWrong(_) => 23,
            CaptchaResent(_) => 24,
            QueryPasswordRequired(_) => 31,
            QueryPasswordSubmitted(_) => 32,
            QueryPasswordWrong(_) => 33,
            Finished => 41,
            Failed(_) => 42,
            Ready => 43,
        }
    }

    pub fn phase(&self) -> Phase {
        match self {
            Init
            | Restart { .. }
            | PasswordSubmitted
            | CaptchaRequired(_)
            | CaptchaSubmitted(_)
            | CaptchaWrong(_)
            | CaptchaResent(_)
            | QueryPasswordRequired(_)
            | QueryPasswordSubmitted(_)
            | QueryPasswordWrong(_) => Phase::Collecting,
            Finished => Phase::Fetching,
            Failed(why) => Phase::Failed(*why),
            Ready => Phase::Ready,
        }
    }

    pub fn prompt(&self) -> Option<PromptKind> {
        match self {
            CaptchaRequired(_) | CaptchaSubmitted(_) | CaptchaWrong(_) | CaptchaResent(_) => {
                Some(PromptKind::Sms)
            }
            QueryPasswordRequired(_) | QueryPasswordSubmitted(_) | QueryPasswordWrong(_) => {
                Some(PromptKind::QueryPassword)
            }
            Init | Restart { .. } | PasswordSubmitted | Finished | Failed(_) | Ready => None,
        }
    }

    pub fn is_submitted(&self) -> bool {
        match self {
            PasswordSubmitted | CaptchaSubmitted(_) | QueryPasswordSubmitted(_) => true,
            Init
            | Restart { .. }
            | CaptchaRequired(_)
            | CaptchaWrong(_)
            | CaptchaResent(_)
            | QueryPasswordRequired(_)
            | QueryPasswordWrong(_)
            | Finished
            | Failed(_)
            | Ready => false,
        }
    }

    pub(super) fn pause_until(&self) -> Option<Timestamp> {
        match self {
            Restart { until, .. } => *until,
            Init
            | PasswordSubmitted
            | CaptchaRequired(_)
            | CaptchaSubmitted(_)
            | CaptchaWrong(_)
            | CaptchaResent(_)
            | QueryPasswordRequired(_)
            | QueryPasswordSubmitted(_)
            | QueryPasswordWrong(_)
            | Finished
            | Failed(_)
            | Ready => None,
        }
    }
}
