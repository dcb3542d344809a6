//! The sandbox's banks: what happens is in the entry and the login name (`sandbox.md`, "Banks").

mod entries;

use domain::dataset::ebank::CardType;
use domain::session::{Prompt, PromptKind, Why};
use domain::source::SourceFailure;
use domain::source::bank::{Bank, EntryType};
use domain::time::Span;
use serde::{Deserialize, Serialize};

use super::captcha;
use super::stage::{self, CODE};
use crate::step::{Context, Data, Input, Memory, Source, Step, Waiting};

/// The number on every token in the sandbox.
const DYNAMIC_PASSWORD: &str = "246810";

/// Characters of a picture.
const CAPTCHA_LENGTH: usize = 4;

/// After a wrong code the bank sends a new one.
const NEW_CODE: Span = Span::seconds(1);

/// Where a bank stands; kept in [`Memory`]. `round` counts the pictures: their text follows from
/// it and is kept nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    Picture {
        round: u32,
        then_sms: bool,
    },
    Sms,
    /// The code was wrong; another is on its way.
    NewSms,
    Token,
}

/// What the login name makes happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Straight,
    Picture,
    Sms,
    Token,
    PictureAndSms,
    WrongPassword,
    Down,
    NewSms,
}

impl Ending {
    fn of(entry: &str, login_name: &str) -> Self {
        if !entries::is_by_login_name(entry) {
            return Self::Sms;
        }
        let two = login_name.len().checked_sub(2).and_then(|at| login_name.get(at..));
        match two {
            Some("01") => Self::Straight,
            Some("02") => Self::Picture,
            Some("04") => Self::Token,
            Some("05") => Self::PictureAndSms,
            Some("06") => Self::WrongPassword,
            Some("07") => Self::Down,
            Some("08") => Self::NewSms,
            _ => Self::Sms,
        }
    }
}

/// The banks, behind one provider.
#[derive(Clone, Copy, Debug, Default)]
pub struct Banks;

impl Banks {
    /// The banks and their ways to log in.
    pub fn list() -> Vec<Bank> {
        entries::banks()
    }

    /// The text of the picture that waits, for those who try the sandbox out.
    pub fn captcha_text(session: &str, memory: &Memory) -> Option<String> {
        match stage::recall::<Stage>(Some(memory))? {
            Stage::Picture { round, .. } => Some(captcha::text(session, round, CAPTCHA_LENGTH)),
            Stage::Sms | Stage::NewSms | Stage::Token => None,
        }
    }
}

impl Source for Banks {
    fn step(&self, context: &Context<'_>, memory: Option<&Memory>, input: Input<'_>) -> Step {
        let (Some(entry), Some(login_name)) = (context.entry, context.account) else {
            return Step::Failed(SourceFailure::Garbage);
        };
        let ending = Ending::of(entry, login_name);
        match (input, stage::recall::<Stage>(memory)) {
            (Input::Login(_), None) => login(ending, context),
            (
                Input::Answer(PromptKind::Picture, given),
                Some(Stage::Picture { round, then_sms }),
            ) => {
                let text = captcha::text(context.session, round, CAPTCHA_LENGTH);
                match given.expose().eq_ignore_ascii_case(&text) {
                    false => picture(Why::Wrong, round + 1, then_sms, context),
                    true if then_sms => ask(Prompt::Sms, Why::First, Stage::Sms),
                    true => done(context),
                }
            }
            (Input::Answer(PromptKind::Sms, given), Some(Stage::Sms | Stage::NewSms)) => {
                match (given.expose() == CODE, ending) {
                    (true, _) => done(context),
                    (false, Ending::NewSms) => Step::Wait {
                        until: context.now + NEW_CODE,
                        meaning: Waiting::Wrong(PromptKind::Sms),
                        memory: stage::keep(&Stage::NewSms),
                    },
                    (false, _) => ask(Prompt::Sms, Why::Wrong, Stage::Sms),
                }
            }
            (Input::Wake, Some(Stage::NewSms)) => ask(Prompt::Sms, Why::Resent, Stage::Sms),
            (Input::Answer(PromptKind::DynamicPassword, given), Some(Stage::Token)) => {
                if given.expose() == DYNAMIC_PASSWORD {
                    return done(context);
                }
                ask(Prompt::DynamicPassword, Why::Wrong, Stage::Token)
            }
            _ => Step::Failed(SourceFailure::Garbage),
        }
    }
}

fn login(ending: Ending, context: &Context<'_>) -> Step {
    match ending {
        Ending::Straight => done(context),
        Ending::Picture => picture(Why::First, 0, false, context),
        Ending::PictureAndSms => picture(Why::First, 0, true, context),
        Ending::Sms | Ending::NewSms => ask(Prompt::Sms, Why::First, Stage::Sms),
        Ending::Token => ask(Prompt::DynamicPassword, Why::First, Stage::Token),
        Ending::WrongPassword => Step::Failed(SourceFailure::WrongCredentials),
        Ending::Down => Step::Failed(SourceFailure::Down),
    }
}

fn picture(why: Why, round: u32, then_sms: bool, context: &Context<'_>) -> Step {
    let prompt =
        Prompt::Picture(captcha::draw(&captcha::text(context.session, round, CAPTCHA_LENGTH)));
    ask(prompt, why, Stage::Picture { round, then_sms })
}

fn ask(prompt: Prompt, why: Why, stage: Stage) -> Step {
    Step::Ask { prompt, why, memory: stage::keep(&stage) }
}

fn done(context: &Context<'_>) -> Step {
    let persona = stage::persona(context);
    let bank = context.entry.and_then(entries::bank_of).unwrap_or_default();
    let mut data = super::persona::bank_data(&persona, bank, context.now);
    match context.entry.and_then(entries::type_of) {
        Some(EntryType::CreditCard) => data.keep(CardType::Credit),
        Some(EntryType::DebitCard) => data.keep(CardType::Debit),
        Some(EntryType::Both) | None => {}
    }
    Step::Done(Box::new(Data::Ebank(data)))
}
