//! The machine of a borrower at the credit bureau's platform (document 002, section 1): pictures,
//! login, proof of identity by five questions or a bank card, application, report.
//!
//! Every call of the face is a [`Step`]: [`Flow::admit`] says whether it may be taken now, the
//! source does it, [`Flow::on`] takes in what came of it. What a borrower has at the platform (a
//! pending application, a report) outlives the login.

mod account;
mod lock;
mod refusal;

use serde::{Deserialize, Serialize};

pub use account::{Account, LocalReport, REPORT_LIMIT, Standing, UserStatus};
pub use lock::{LOCK_LENGTH, LoginLock, WRONG_PASSWORDS_MAX};
pub use refusal::Refusal;

use crate::time::{Span, Timestamp};

/// A picture's text must come within this time (`rong360.md`, Periods).
pub const PICTURE_FORCE: Span = Span::minutes(5);
/// A code by SMS must come within this time.
pub const MESSAGE_FORCE: Span = Span::minutes(5);
/// The code that `UnionPay` gives must come within this time.
pub const UNIONPAY_CODE_FORCE: Span = Span::minutes(30);
/// The steps at `UnionPay` must be done within this time (document 002, 1.1.7, note 3).
pub const UNIONPAY_LIMIT: Span = Span::minutes(30);
/// A login that is not used for this time is over (508142).
pub const IDLE_LIMIT: Span = Span::minutes(20);
/// Codes by SMS for one purpose, and wrong answers to them.
pub const MESSAGES_MAX: u8 = 5;
pub const WRONG_CODES_MAX: u8 = 5;

/// The fourteen methods of the face.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    Picture,
    LoginForm,
    Login,
    Methods,
    Questions,
    Answers,
    Card,
    Message,
    Authenticate,
    RaiseLevel,
    AuthedForm,
    Apply,
    ReportForm,
    Report,
}

impl Step {
    pub const ALL: [Self; 14] = [
        Self::Picture,
        Self::LoginForm,
        Self::Login,
        Self::Methods,
        Self::Questions,
        Self::Answers,
        Self::Card,
        Self::Message,
        Self::Authenticate,
        Self::RaiseLevel,
        Self::AuthedForm,
        Self::Apply,
        Self::ReportForm,
        Self::Report,
    ];
}

/// A bank card as the flow tells them apart (document 002, 1.1.9: card_type).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardKind {
    Debit,
    Credit,
}

impl CardKind {
    /// The document's number: 1 储蓄卡, 2 信用卡.
    pub fn number(self) -> i64 {
        match self {
            Self::Debit => 1,
            Self::Credit => 2,
        }
    }
}

/// One of the five questions; the answer is the number of an option, from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    pub title: String,
    pub options: [String; 5],
}

/// What came of a step at the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A new picture is shown; the one before is void.
    Pictured,
    /// The picture's text was tried, rightly or not: it is used up.
    PictureTried,
    LoggedIn {
        login_name: String,
        status: UserStatus,
        is_authenticated: bool,
    },
    /// Some call was made; the login stays alive.
    Seen,
    Questioned,
    /// The five answers were given: the application is in, or the verification failed.
    Answered {
        passed: bool,
    },
    CardKnown {
        kind: CardKind,
        number: String,
    },
    MessageSent,
    /// The code by SMS was wrong.
    CodeWrong,
    /// `UnionPay` verified the card and gave its code.
    CodeIssued,
    /// The code was accepted: the account is verified.
    LevelRaised,
    /// A verified account asks for the form that applies.
    FormOpened,
    Applied,
    /// What the platform says of the application meanwhile.
    Polled(UserStatus),
    Reported(LocalReport),
    /// The node that held what the borrower gave ended before the platform had it.
    SecretLost,
}

/// An event that does not fit the state; the state stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfTurn;

/// Why nobody is logged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Out {
    Never,
    Idle,
    /// The time for the steps at `UnionPay` was over.
    TooLong,
    /// What the borrower gave was lost with a node.
    Lost,
}

/// The codes of one purpose that were sent by SMS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Messages {
    /// When the one that may be answered was sent.
    waiting: Option<Timestamp>,
    sent: u8,
    wrong: u8,
}

impl Messages {
    fn may_send(self) -> Result<(), Refusal> {
        demand(self.sent < MESSAGES_MAX, Refusal::MessagesUsedUp)
    }

    fn may_answer(self, now: Timestamp) -> Result<(), Refusal> {
        if self.wrong >= WRONG_CODES_MAX {
            return Err(Refusal::MessagesUsedUp);
        }
        match self.waiting {
            Some(sent_at) if now < sent_at + MESSAGE_FORCE => Ok(()),
            Some(_) | None => Err(Refusal::MessageCodeWrong),
        }
    }

    fn sent(self, now: Timestamp) -> Self {
        Self { waiting: Some(now), sent: self.sent + 1, ..self }
    }

    fn missed(self) -> Self {
        Self { wrong: self.wrong + 1, ..self }
    }
}

/// Where the borrower stands. All but the first are logged in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Out(Out),
    /// Nothing is under way; `code_used` when `UnionPay`'s code has done its work.
    Home {
        code_used: bool,
    },
    /// The five questions are shown.
    Questioned,
    /// A card was named, the steps at `UnionPay` run.
    Verifying {
        kind: CardKind,
        number: String,
        since: Timestamp,
        messages: Messages,
    },
    /// `UnionPay` gave its code.
    Coded {
        since: Timestamp,
        issued_at: Timestamp,
    },
    /// The form that applies is open.
    Applying {
        code_used: bool,
        messages: Messages,
    },
}

use State::{Applying, Coded, Home, Questioned, Verifying};

/// Everything that is known of a merchant's borrower at the platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// When the picture was shown that waits for its text.
    pub picture: Option<Timestamp>,
    pub state: State,
    /// The last call of the login.
    pub seen_at: Timestamp,
    /// The account that logged in last, with its application and report.
    pub account: Option<Account>,
}

impl Flow {
    pub fn new(now: Timestamp) -> Self {
        Self { picture: None, state: State::Out(Out::Never), seen_at: now, account: None }
    }

    /// The number of the state, for the operator's lists.
    pub fn number(&self) -> i64 {
        match self.state {
            State::Out(_) => 0,
            Home { .. } => 1,
            Questioned => 2,
            Verifying { .. } => 3,
            Coded { .. } => 4,
            Applying { .. } => 5,
        }
    }

    /// The flow at `now`: what only the passing of time changes. The limits of `UnionPay`'s steps
    /// are looked at first, since theirs is the answer that says what to do.
    #[must_use]
    pub fn at(self, now: Timestamp) -> Self {
        let since = match self.state {
            Verifying { since, .. } | Coded { since, .. } => Some(since),
            State::Out(_) | Home { .. } | Questioned | Applying { .. } => None,
        };
        let is_out = matches!(self.state, State::Out(_));
        let state = if since.is_some_and(|since| now >= since + UNIONPAY_LIMIT) {
            State::Out(Out::TooLong)
        } else if !is_out && now >= self.seen_at + IDLE_LIMIT {
            State::Out(Out::Idle)
        } else {
            return self;
        };
        Self { state, ..self }
    }

    /// The account that is logged in.
    pub fn logged_in(&self) -> Option<&Account> {
        match self.state {
            State::Out(_) => None,
            Home { .. } | Questioned | Verifying { .. } | Coded { .. } | Applying { .. } => {
                self.account.as_ref()
            }
        }
    }

    /// Whether the merchant's call may be taken now. The flow is that of [`Flow::at`] but for
    /// [`Step::RaiseLevel`], which says of an old code that it is old.
    pub fn admit(&self, step: Step, now: Timestamp) -> Result<(), Refusal> {
        if let (Step::RaiseLevel, Coded { issued_at, .. }) = (step, &self.state)
            && now >= *issued_at + UNIONPAY_CODE_FORCE
        {
            return Err(Refusal::UnionPayCodeExpired);
        }
        let flow = self.clone().at(now);
        match step {
            Step::Picture | Step::LoginForm => Ok(()),
            Step::Login => flow.has_picture(now),
            Step::Methods
            | Step::Questions
            | Step::Answers
            | Step::Card
            | Step::Message
            | Step::Authenticate
            | Step::RaiseLevel
            | Step::AuthedForm
            | Step::Apply
            | Step::ReportForm
            | Step::Report => flow.admit_login(step, now),
        }
    }

    fn has_picture(&self, now: Timestamp) -> Result<(), Refusal> {
        match self.picture {
            Some(shown_at) if now < shown_at + PICTURE_FORCE => Ok(()),
            Some(_) | None => Err(Refusal::PictureWrong),
        }
    }

    /// Steps that need a login.
    fn admit_login(&self, step: Step, now: Timestamp) -> Result<(), Refusal> {
        let account = match (&self.state, &self.account) {
            (State::Out(Out::Idle), _) => return Err(Refusal::Idle),
            (State::Out(Out::Lost), _) => return Err(Refusal::OutOfStep),
            (State::Out(Out::Never | Out::TooLong), _) | (_, None) => {
                return Err(Refusal::NotLoggedIn);
            }
            (_, Some(account)) => account,
        };
        match step {
            Step::Picture | Step::LoginForm | Step::Login | Step::Methods | Step::Card => Ok(()),
            Step::Questions => demand(!account.is_authenticated, Refusal::LevelTooHigh),
            Step::Answers => match self.state {
                Questioned => account.may_apply(now),
                State::Out(_) | Home { .. } | Verifying { .. } | Coded { .. } | Applying { .. } => {
                    Err(Refusal::OutOfStep)
                }
            },
            Step::Message => self.messages().ok_or(Refusal::OutOfStep)?.may_send(),
            Step::Authenticate => match &self.state {
                Verifying { messages, .. } => messages.may_answer(now),
                State::Out(_) | Home { .. } | Questioned | Coded { .. } | Applying { .. } => {
                    Err(Refusal::OutOfStep)
                }
            },
            Step::RaiseLevel => match self.state {
                Coded { .. } => self.has_picture(now),
                Home { code_used: true } | Applying { code_used: true, .. } => {
                    Err(Refusal::UnionPayCodeUsed)
                }
                State::Out(_)
                | Home { code_used: false }
                | Questioned
                | Verifying { .. }
                | Applying { code_used: false, .. } => Err(Refusal::OutOfStep),
            },
            Step::AuthedForm => demand(account.is_authenticated, Refusal::NotAuthenticated),
            Step::Apply => match &self.state {
                Applying { messages, .. } => {
                    account.may_apply(now)?;
                    messages.may_answer(now)
                }
                State::Out(_) | Home { .. } | Questioned | Verifying { .. } | Coded { .. } => {
                    Err(Refusal::OutOfStep)
                }
            },
            Step::ReportForm | Step::Report => account.may_view(),
        }
    }

    /// The codes by SMS of what is under way.
    fn messages(&self) -> Option<Messages> {
        match &self.state {
            Verifying { messages, .. } | Applying { messages, .. } => Some(*messages),
            State::Out(_) | Home { .. } | Questioned | Coded { .. } => None,
        }
    }

    /// What becomes of the flow when `event` happens.
    pub fn on(self, event: Event, now: Timestamp) -> Result<Self, OutOfTurn> {
        let mut flow = self.at(now);
        match event {
            Event::Pictured => flow.picture = Some(now),
            Event::PictureTried => flow.picture = None,
            Event::LoggedIn { login_name, status, is_authenticated } => {
                let before = flow.account.take();
                let account = Account::logged_in(login_name, status, before, now);
                flow.account = Some(Account { is_authenticated, ..account });
                flow.state = Home { code_used: false };
                flow.seen_at = now;
            }
            Event::Polled(status) => flow.account()?.said(status, now),
            Event::Reported(report) => flow.account()?.standing = Standing::Local(report),
            Event::SecretLost => flow.state = State::Out(Out::Lost),
            Event::Seen
            | Event::Questioned
            | Event::Answered { .. }
            | Event::CardKnown { .. }
            | Event::MessageSent
            | Event::CodeWrong
            | Event::CodeIssued
            | Event::LevelRaised
            | Event::FormOpened
            | Event::Applied => {
                if flow.logged_in().is_none() {
                    return Err(OutOfTurn);
                }
                flow.seen_at = now;
                flow = flow.moved(event, now)?;
            }
        }
        Ok(flow)
    }

    fn account(&mut self) -> Result<&mut Account, OutOfTurn> {
        self.account.as_mut().ok_or(OutOfTurn)
    }

    /// Events of a login.
    fn moved(mut self, event: Event, now: Timestamp) -> Result<Self, OutOfTurn> {
        self.state = match (event, self.state) {
            (Event::Seen, state) => state,
            (Event::Questioned, _) => Questioned,
            (Event::Answered { passed }, Questioned) => {
                let account = self.account.as_mut().ok_or(OutOfTurn)?;
                account.standing = if passed {
                    Standing::InProgress { applied_at: now }
                } else {
                    Standing::NotPassed
                };
                Home { code_used: false }
            }
            (Event::CardKnown { kind, number }, _) => {
                Verifying { kind, number, since: now, messages: Messages::default() }
            }
            (Event::MessageSent, Verifying { kind, number, since, messages }) => {
                Verifying { kind, number, since, messages: messages.sent(now) }
            }
            (Event::MessageSent, Applying { code_used, messages }) => {
                Applying { code_used, messages: messages.sent(now) }
            }
            (Event::CodeWrong, Verifying { kind, number, since, messages }) => {
                Verifying { kind, number, since, messages: messages.missed() }
            }
            (Event::CodeWrong, Applying { code_used, messages }) => {
                Applying { code_used, messages: messages.missed() }
            }
            (Event::CodeIssued, Verifying { since, .. }) => Coded { since, issued_at: now },
            (Event::LevelRaised, Coded { .. }) => {
                self.account.as_mut().ok_or(OutOfTurn)?.is_authenticated = true;
                Applying { code_used: true, messages: Messages::default() }
            }
            (Event::FormOpened, state) => {
                let code_used = state.code_used();
                Applying { code_used, messages: Messages::default() }
            }
            (Event::Applied, Applying { code_used, .. }) => {
                let account = self.account.as_mut().ok_or(OutOfTurn)?;
                account.standing = Standing::InProgress { applied_at: now };
                Home { code_used }
            }
            (
                Event::Answered { .. }
                | Event::MessageSent
                | Event::CodeWrong
                | Event::CodeIssued
                | Event::LevelRaised
                | Event::Applied
                | Event::Pictured
                | Event::PictureTried
                | Event::LoggedIn { .. }
                | Event::Polled(_)
                | Event::Reported(_)
                | Event::SecretLost,
                State::Out(_)
                | Home { .. }
                | Questioned
                | Verifying { .. }
                | Coded { .. }
                | Applying { .. },
            ) => return Err(OutOfTurn),
        };
        Ok(self)
    }
}

fn demand(holds: bool, refusal: Refusal) -> Result<(), Refusal> {
    if holds { Ok(()) } else { Err(refusal) }
}

impl State {
    /// Whether `UnionPay`'s code of this login has done its work.
    fn code_used(&self) -> bool {
        match self {
            Home { code_used } | Applying { code_used, .. } => *code_used,
            Self::Out(_) | Questioned | Verifying { .. } | Coded { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests;
