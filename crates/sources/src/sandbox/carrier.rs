//! The sandbox's carrier: what happens is in the last four digits of the mobile number
//! (`sandbox.md`, "Carrier").

use domain::session::{Prompt, PromptKind, Why};
use domain::source::SourceFailure;
use domain::time::Span;
use serde::{Deserialize, Serialize};

use super::stage::{self, CODE};
use crate::step::{Context, Data, Input, Memory, Source, Step, Waiting};

/// The query password of every synthetic person.
const QUERY_PASSWORD: &str = "654321";

/// Longer than any collection may take.
const NEVER: Span = Span::days(1);
const DATA_LATER: Span = Span::seconds(20);
const RESTART: Span = Span::seconds(2);

/// What the mobile number makes happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Straight,
    Captcha,
    CaptchaAndQueryPassword,
    WrongPassword,
    Silent,
    DropsOnce,
    DataLater,
    CaptchaOnResend,
    Garbage,
    Empty,
}

impl Ending {
    fn of(mobile: &str) -> Self {
        match mobile.get(7..) {
            Some("0000") => Self::Straight,
            Some("0002") => Self::CaptchaAndQueryPassword,
            Some("0003") => Self::WrongPassword,
            Some("0004") => Self::Silent,
            Some("0005") => Self::DropsOnce,
            Some("0006") => Self::DataLater,
            Some("0007") => Self::CaptchaOnResend,
            Some("0008") => Self::Garbage,
            Some("0009") => Self::Empty,
            _ => Self::Captcha,
        }
    }
}

/// Where the carrier stands; kept in [`Memory`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    /// Waits for the code; `sent` once it is on its way, `dropped` once the session was lost.
    Code {
        sent: bool,
        dropped: bool,
    },
    QueryPassword,
    /// Begins again by itself.
    Restarting,
    /// Has everything.
    Fetching,
}

/// The carrier.
#[derive(Clone, Copy, Debug, Default)]
pub struct Carrier;

impl Source for Carrier {
    fn step(&self, context: &Context<'_>, memory: Option<&Memory>, input: Input<'_>) -> Step {
        let ending = Ending::of(context.person.mobile.expose());
        match (input, stage::recall::<Stage>(memory)) {
            (Input::Login(_), None) => login(ending, context),
            (Input::Answer(PromptKind::Sms, code), Some(Stage::Code { sent, dropped })) => {
                let right = sent && code.expose() == CODE;
                if !right {
                    return ask(Prompt::Sms, Why::Wrong, Stage::Code { sent, dropped });
                }
                after_code(ending, dropped, context)
            }
            (Input::Answer(PromptKind::QueryPassword, given), Some(Stage::QueryPassword)) => {
                if given.expose() == QUERY_PASSWORD {
                    return done(ending, context);
                }
                ask(Prompt::QueryPassword, Why::Wrong, Stage::QueryPassword)
            }
            (Input::Resend, Some(Stage::Code { dropped, .. })) => {
                ask(Prompt::Sms, Why::Resent, Stage::Code { sent: true, dropped })
            }
            (Input::Wake, Some(Stage::Restarting)) => {
                ask(Prompt::Sms, Why::First, Stage::Code { sent: true, dropped: true })
            }
            (Input::Wake, Some(Stage::Fetching)) => done(ending, context),
            _ => Step::Failed(SourceFailure::Garbage),
        }
    }
}

fn login(ending: Ending, context: &Context<'_>) -> Step {
    match ending {
        Ending::Straight | Ending::Empty => done(ending, context),
        Ending::WrongPassword => Step::Failed(SourceFailure::WrongCredentials),
        Ending::Garbage => Step::Failed(SourceFailure::Garbage),
        Ending::Silent => wait(NEVER, Waiting::Working, context),
        Ending::DataLater => wait(DATA_LATER, Waiting::Collected, context),
        Ending::Captcha | Ending::CaptchaAndQueryPassword | Ending::DropsOnce => {
            ask(Prompt::Sms, Why::First, Stage::Code { sent: true, dropped: false })
        }
        Ending::CaptchaOnResend => {
            ask(Prompt::Sms, Why::First, Stage::Code { sent: false, dropped: false })
        }
    }
}

fn after_code(ending: Ending, dropped: bool, context: &Context<'_>) -> Step {
    match ending {
        Ending::CaptchaAndQueryPassword => {
            ask(Prompt::QueryPassword, Why::First, Stage::QueryPassword)
        }
        Ending::DropsOnce if !dropped => Step::Wait {
            until: context.now + RESTART,
            meaning: Waiting::Restarted,
            memory: stage::keep(&Stage::Restarting),
        },
        _ => done(ending, context),
    }
}

fn ask(prompt: Prompt, why: Why, stage: Stage) -> Step {
    Step::Ask { prompt, why, memory: stage::keep(&stage) }
}

fn wait(span: Span, meaning: Waiting, context: &Context<'_>) -> Step {
    Step::Wait { until: context.now + span, meaning, memory: stage::keep(&Stage::Fetching) }
}

fn done(ending: Ending, context: &Context<'_>) -> Step {
    let persona = stage::persona(context);
    let data = if ending == Ending::Empty {
        super::persona::carrier_data_of_nobody(&persona, context.now)
    } else {
        super::persona::carrier_data(&persona, context.contacts, context.now)
    };
    Step::Done(Box::new(Data::Telecom(data)))
}
