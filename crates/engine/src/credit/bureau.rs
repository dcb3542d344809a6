//! Asking the bureau: from a call to a request, and from what the platform says to events.

use domain::session::credit::{Event, Refusal, State, UserStatus};
use domain::time::Timestamp;
use sources::bureau::{Bureau, CardSecret, Cardholder, Outcome, Reply, Request, Visit};
use sources::sandbox::pboc::Pboc;

use super::borrower::Borrower;
use super::{CardSecretGiven, CardholderGiven, CreditAsk, CreditReply};
use crate::Engine;

/// What a merchant is told of an application that has ended (`rong360.md`, Callbacks).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Announcement(pub(crate) UserStatus);

impl Announcement {
    /// Only ends are told.
    fn of(status: UserStatus) -> Option<Self> {
        match status {
            UserStatus::Made | UserStatus::NotPassed | UserStatus::NotMade => Some(Self(status)),
            UserStatus::NotApplied
            | UserStatus::InProgress
            | UserStatus::LocalValid
            | UserStatus::LocalOutdated => None,
        }
    }
}

impl Engine {
    /// What the platform says. The sandbox's is the only one that there is.
    pub(crate) fn ask_platform(&self, borrower: &Borrower, request: Request<'_>) -> Outcome {
        if !self.inner.sandbox {
            return Outcome::Failed(domain::source::SourceFailure::NotCovered);
        }
        // One count for each request that reaches the platform: a locked account's do not.
        metrics::counter!("probity_bureau_requests_total", "request" => request.name())
            .increment(1);
        let account = borrower.record.flow.account.as_ref();
        let visit = Visit {
            session: &borrower.row.open_id,
            login_name: account.map(|account| account.login_name.as_str()),
            memory: borrower.record.memory.as_ref(),
            now: self.now(),
        };
        Pboc.ask(&visit, request)
    }
}

/// The request that a call comes to, or what is wrong with what was given.
pub(crate) fn request<'s>(
    borrower: &'s Borrower,
    ask: &'s CreditAsk,
) -> Result<Request<'s>, Refusal> {
    Ok(match ask {
        CreditAsk::Picture => Request::Picture,
        CreditAsk::Login { login_name, password, picture } => Request::Login {
            login_name,
            password,
            picture: picture.as_ref().ok_or(Refusal::PictureWrong)?,
        },
        CreditAsk::Questions => Request::Questions,
        CreditAsk::Answers(answers) => Request::Answers(answers),
        CreditAsk::Card { number } => Request::Card { number },
        CreditAsk::Message { mobile } => Request::Message { mobile: mobile.as_deref() },
        CreditAsk::Authenticate(given) => Request::Authenticate(cardholder(borrower, given)?),
        CreditAsk::RaiseLevel { picture, code } => Request::RaiseLevel { picture, code },
        CreditAsk::AuthedForm { .. } => Request::AuthedForm,
        CreditAsk::Apply { message_code } => Request::Apply { message_code },
        CreditAsk::ReportForm => Request::ReportForm,
        CreditAsk::Report { identity_code, .. } => Request::Report { identity_code },
        // Answered by the flow alone.
        CreditAsk::Methods { .. } => return Err(Refusal::OutOfStep),
    })
}

/// What was typed at `UnionPay`, with the card that was named before.
fn cardholder<'s>(
    borrower: &'s Borrower,
    given: &'s CardholderGiven,
) -> Result<Cardholder<'s>, Refusal> {
    let State::Verifying { kind, number, .. } = &borrower.record.flow.state else {
        return Err(Refusal::OutOfStep);
    };
    let is_same =
        given.secret.kind() == *kind && given.card.as_ref().is_none_or(|sent| sent == number);
    if !is_same {
        return Err(Refusal::CardKindWrong);
    }
    let secret = match &given.secret {
        CardSecretGiven::Debit { password } => CardSecret::Debit { password },
        CardSecretGiven::Credit { year, month, last_three } => {
            CardSecret::Credit { year, month, last_three }
        }
    };
    Ok(Cardholder {
        card: number,
        kind: *kind,
        mobile: &given.mobile,
        name: &given.name,
        id_card: &given.id_card,
        secret,
        message_code: &given.message_code,
    })
}

impl Borrower {
    /// What is told of the application of the account before, when another one logs in: a user has
    /// one account at a time, and nobody asks after the other's any more.
    fn given_up(&self, login_name: &str) -> Option<Announcement> {
        let before = self.record.flow.account.as_ref()?;
        let is_pending = before.login_name != login_name && before.gives_up_at().is_some();
        is_pending.then_some(Announcement(UserStatus::NotMade))
    }

    /// Takes in what the platform said to `ask`; a page is read elsewhere.
    pub(crate) fn take_in(
        &mut self,
        ask: &CreditAsk,
        reply: Reply,
        now: Timestamp,
    ) -> (CreditReply, Option<Announcement>) {
        match (reply, ask) {
            (Reply::Picture(png), _) => {
                self.on(Event::Pictured, now);
                self.on(Event::Seen, now);
                (CreditReply::Picture(png), None)
            }
            (Reply::LoggedIn { status, is_authenticated }, CreditAsk::Login { login_name, .. }) => {
                let login_name = login_name.clone();
                let given_up = self.given_up(&login_name);
                self.record.look_at = self.record.look_at.filter(|_| given_up.is_none());
                self.on(Event::LoggedIn { login_name, status, is_authenticated }, now);
                let account = self.record.flow.account.as_ref();
                let status = account.map_or(status, |account| account.status(now));
                (CreditReply::LoggedIn { status, is_authenticated }, given_up)
            }
            (Reply::Questions(questions), _) => {
                self.on(Event::Questioned, now);
                (CreditReply::Questions(questions), None)
            }
            (Reply::Answered { passed, look_at }, _) => {
                self.on(Event::Answered { passed }, now);
                self.record.look_at = passed.then_some(look_at);
                let failed = (!passed).then_some(Announcement(UserStatus::NotPassed));
                (CreditReply::Done, failed)
            }
            (Reply::Card(kind), CreditAsk::Card { number }) => {
                self.on(Event::CardKnown { kind, number: number.clone() }, now);
                (CreditReply::Card { kind, number: number.clone() }, None)
            }
            (Reply::Sent, _) => {
                self.on(Event::MessageSent, now);
                (CreditReply::Done, None)
            }
            (Reply::Code(code), _) => {
                self.on(Event::CodeIssued, now);
                (CreditReply::Code(code), None)
            }
            (Reply::Applied { look_at }, _) => {
                self.on(Event::Applied, now);
                self.record.look_at = Some(look_at);
                (CreditReply::Done, None)
            }
            (Reply::Status { status, look_at }, _) => {
                self.on(Event::Polled(status), now);
                self.record.look_at = look_at;
                (CreditReply::Done, Announcement::of(status))
            }
            (Reply::Done, CreditAsk::RaiseLevel { .. }) => {
                self.on(Event::LevelRaised, now);
                (CreditReply::ApplyForm, None)
            }
            (Reply::Done, CreditAsk::AuthedForm { .. }) => {
                self.on(Event::FormOpened, now);
                (CreditReply::ApplyForm, None)
            }
            (Reply::Done, CreditAsk::ReportForm) => {
                self.on(Event::Seen, now);
                (CreditReply::ReportForm, None)
            }
            (Reply::Done | Reply::LoggedIn { .. } | Reply::Card(_) | Reply::Page { .. }, _) => {
                (CreditReply::Done, None)
            }
        }
    }
}
