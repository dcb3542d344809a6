//! The bank's machine, of both versions: twelve states (document 001, section 8.3).

use serde::{Deserialize, Serialize};

use super::{Event, Phase, Prompt, PromptKind, REQUEST_DELAY, Refused, Tries, Why};
use crate::source::SourceFailure;
use crate::time::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// 0: waits for the login (version 2).
    Init,
    /// 1; `tries` once prompts were answered.
    AccountSubmitted,
    /// 2, 4, 6: a prompt waits for the borrower.
    Required(Prompt, Tries),
    /// 3, 5, 7: the borrower's answer is with the bank.
    Submitted(PromptKind, Tries),
    /// 8: wrong; may be answered again as it is (SMS, token).
    Wrong(PromptKind, Tries),
    /// 8 until `until`, then 4: a wrong picture is followed by a new one.
    WrongPicture { next: Prompt, until: Timestamp, tries: Tries },
    /// 9: the bank sent a new code.
    Resent(PromptKind, Tries),
    /// The bank is done, the data is being stored and billed; shown as the state before, 1 or
    /// the one after this answer.
    Collected(Option<PromptKind>),
    /// 10
    Finished,
    /// 11
    Failed(SourceFailure),
}

use State::{
    AccountSubmitted, Collected, Failed, Finished, Init, Required, Resent, Submitted, Wrong,
    WrongPicture,
};

impl State {
    /// What becomes of the state when `event` happens.
    pub fn on(self, event: Event, now: Timestamp) -> Result<Self, Refused> {
        match event {
            Event::LoggedIn => self.logged_in(),
            Event::Answered(kind) => self.answered(kind),
            Event::ResendAsked => self.resend_asked(),
            Event::Asked(prompt, why) => self.asked(prompt, why, now),
            Event::Restarted => self.restarted(),
            Event::Collected => self.collected(),
            Event::Ready => self.ready(),
            Event::Failed(why) => self.failed(why),
            Event::DeadlinePassed => self.deadline_passed(),
            Event::SecretLost => self.secret_lost(),
            Event::PauseOver => self.pause_over(),
        }
    }

    fn logged_in(self) -> Result<Self, Refused> {
        match self {
            Init => Ok(AccountSubmitted),
            // What is shown as submitted answers as submitted.
            AccountSubmitted | Submitted(..) | Collected(_) => Err(Refused::AlreadySubmitted),
            Required(..) | Wrong(..) | WrongPicture { .. } | Resent(..) => Err(Refused::NotAsked),
            Finished | Failed(_) => Err(Refused::Over),
        }
    }

    fn answered(self, kind: PromptKind) -> Result<Self, Refused> {
        match self {
            Required(ref prompt, tries) if prompt.kind() == kind => Ok(Submitted(kind, tries)),
            Wrong(asked, tries) | Resent(asked, tries) if asked == kind => {
                Ok(Submitted(kind, tries))
            }
            Submitted(asked, _) | Collected(Some(asked)) if asked == kind => {
                Err(Refused::AlreadySubmitted)
            }
            Init
            | AccountSubmitted
            | Required(..)
            | Submitted(..)
            | Wrong(..)
            | WrongPicture { .. }
            | Resent(..)
            | Collected(_) => Err(Refused::NotAsked),
            Finished | Failed(_) => Err(Refused::Over),
        }
    }

    /// The document has no request for it: the bank sends again by itself.
    fn resend_asked(self) -> Result<Self, Refused> {
        match self {
            Init
            | AccountSubmitted
            | Required(..)
            | Submitted(..)
            | Wrong(..)
            | WrongPicture { .. }
            | Resent(..)
            | Collected(_) => Err(Refused::NotAsked),
            Finished | Failed(_) => Err(Refused::Over),
        }
    }

    fn asked(self, prompt: Prompt, why: Why, now: Timestamp) -> Result<Self, Refused> {
        let kind = prompt.kind();
        let is_a_banks = kind != PromptKind::QueryPassword;
        match (self, why) {
            (AccountSubmitted | Submitted(..), Why::First) if is_a_banks => {
                Ok(Required(prompt, Tries::default()))
            }
            (Submitted(answered, tries), Why::Wrong) if answered == kind => {
                Ok(wrong(prompt, tries, now))
            }
            (Required(before, tries), Why::Resent) if before.kind() == kind => {
                Ok(resent(prompt, tries))
            }
            (Wrong(before, tries) | Resent(before, tries), Why::Resent) if before == kind => {
                Ok(resent(prompt, tries))
            }
            (
                Init
                | AccountSubmitted
                | Required(..)
                | Submitted(..)
                | Wrong(..)
                | WrongPicture { .. }
                | Resent(..)
                | Collected(_),
                Why::First | Why::Wrong | Why::Resent,
            ) => Err(Refused::OutOfTurn),
            (Finished | Failed(_), Why::First | Why::Wrong | Why::Resent) => Err(Refused::Over),
        }
    }

    /// A bank's session that is lost is begun again by the borrower.
    fn restarted(self) -> Result<Self, Refused> {
        match self {
            Init
            | AccountSubmitted
            | Required(..)
            | Submitted(..)
            | Wrong(..)
            | WrongPicture { .. }
            | Resent(..)
            | Collected(_) => Err(Refused::OutOfTurn),
            Finished | Failed(_) => Err(Refused::Over),
        }
    }

    fn collected(self) -> Result<Self, Refused> {
        match self {
            AccountSubmitted => Ok(Collected(None)),
            Submitted(kind, _) => Ok(Collected(Some(kind))),
            Collected(shown) => Ok(Collected(shown)),
            Init | Required(..) | Wrong(..) | WrongPicture { .. } | Resent(..) => {
                Err(Refused::OutOfTurn)
            }
            Finished | Failed(_) => Err(Refused::Over),
        }
    }

    fn ready(self) -> Result<Self, Refused> {
        match self {
            Collected(_) => Ok(Finished),
            Init
            | AccountSubmitted
            | Required(..)
            | Submitted(..)
            | Wrong(..)
            | WrongPicture { .. }
            | Resent(..) => Err(Refused::OutOfTurn),
            Finished | Failed(_) => Err(Refused::Over),
        }
    }

    fn failed(self, why: SourceFailure) -> Result<Self, Refused> {
        match self {
            Init
            | AccountSubmitted
            | Required(..)
            | Submitted(..)
            | Wrong(..)
            | WrongPicture { .. }
            | Resent(..)
            | Collected(_) => Ok(Failed(why)),
            Finished | Failed(_) => Err(Refused::Over),
        }
    }

    fn deadline_passed(self) -> Result<Self, Refused> {
        match self {
            Init
            | AccountSubmitted
            | Required(..)
            | Submitted(..)
            | Wrong(..)
            | WrongPicture { .. }
            | Resent(..) => Ok(Failed(SourceFailure::TimedOut)),
            Collected(_) | Finished | Failed(_) => Err(Refused::Over),
        }
    }

    /// Passwords and codes are part of one visit to the bank: begin again.
    fn secret_lost(self) -> Result<Self, Refused> {
        match self {
            AccountSubmitted | Submitted(..) => Ok(Failed(SourceFailure::SecretLost)),
            Init | Required(..) | Wrong(..) | WrongPicture { .. } | Resent(..) | Collected(_) => {
                Err(Refused::OutOfTurn)
            }
            Finished | Failed(_) => Err(Refused::Over),
        }
    }

    fn pause_over(self) -> Result<Self, Refused> {
        match self {
            WrongPicture { next, tries, .. } => Ok(Required(next, tries)),
            Init | AccountSubmitted | Required(..) | Submitted(..) | Wrong(..) | Resent(..)
            | Collected(_) => Err(Refused::OutOfTurn),
            Finished | Failed(_) => Err(Refused::Over),
        }
    }

    pub fn number(&self) -> i64 {
        match self {
            Init => 0,
            AccountSubmitted | Collected(None) => 1,
            Required(prompt, _) => required(prompt.kind()),
            Submitted(kind, _) | Collected(Some(kind)) => required(*kind) + 1,
            Wrong(..) | WrongPicture { .. } => 8,
            Resent(..) => 9,
            Finished => 10,
            Failed(_) => 11,
        }
    }

    pub fn phase(&self) -> Phase {
        match self {
            Init
            | AccountSubmitted
            | Required(..)
            | Submitted(..)
            | Wrong(..)
            | WrongPicture { .. }
            | Resent(..) => Phase::Collecting,
            Collected(_) => Phase::Fetching,
            Finished => Phase::Ready,
            Failed(why) => Phase::Failed(*why),
        }
    }

    pub fn prompt(&self) -> Option<PromptKind> {
        match self {
            Required(prompt, _) => Some(prompt.kind()),
            Submitted(kind, _) | Wrong(kind, _) | Resent(kind, _) | Collected(Some(kind)) => {
                Some(*kind)
            }
            Init
            | AccountSubmitted
            | WrongPicture { .. }
            | Collected(None)
            | Finished
            | Failed(_) => None,
        }
    }

    pub fn is_submitted(&self) -> bool {
        match self {
            AccountSubmitted | Submitted(..) => true,
            Init
            | Required(..)
            | Wrong(..)
            | WrongPicture { .. }
            | Resent(..)
            | Collected(_)
            | Finished
            | Failed(_) => false,
        }
    }

    pub(super) fn picture(&self) -> Option<&[u8]> {
        match self {
            Required(Prompt::Picture(png), _) => Some(png),
            Required(Prompt::Sms | Prompt::DynamicPassword | Prompt::QueryPassword, _)
            | Init
            | AccountSubmitted
            | Submitted(..)
            | Wrong(..)
            | WrongPicture { .. }
            | Resent(..)
            | Collected(_)
            | Finished
            | Failed(_) => None,
        }
    }

    pub(super) fn pause_until(&self) -> Option<Timestamp> {
        match self {
            WrongPicture { until, .. } => Some(*until),
            Init | AccountSubmitted | Required(..) | Submitted(..) | Wrong(..) | Resent(..)
            | Collected(_) | Finished | Failed(_) => None,
        }
    }
}

/// After a wrong answer; `prompt` asks for the next.
fn wrong(prompt: Prompt, tries: Tries, now: Timestamp) -> State {
    let Some(tries) = tries.missed() else { return Failed(SourceFailure::TooManyWrong) };
    match prompt {
        Prompt::Picture(_) => WrongPicture { next: prompt, until: now + REQUEST_DELAY, tries },
        Prompt::Sms | Prompt::DynamicPassword | Prompt::QueryPassword => {
            Wrong(prompt.kind(), tries)
        }
    }
}

/// The bank asks anew by itself. A picture is shown in 4 alone, so a new one waits there.
fn resent(prompt: Prompt, tries: Tries) -> State {
    match prompt {
        Prompt::Picture(_) => Required(prompt, tries),
        Prompt::Sms | Prompt::DynamicPassword | Prompt::QueryPassword => {
            Resent(prompt.kind(), tries)
        }
    }
}

/// The number of the state that waits for an answer of this kind.
fn required(kind: PromptKind) -> i64 {
    match kind {
        PromptKind::DynamicPassword => 2,
        PromptKind::Picture => 4,
        PromptKind::Sms => 6,
        // No bank asks for it: `asked` does not take it.
        PromptKind::QueryPassword => 1,
    }
}
