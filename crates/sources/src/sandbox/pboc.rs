//! The sandbox's credit bureau and `UnionPay`: who logs in decides what happens (`sandbox.md`, PBoC
//! and UnionPay; the magic login names are those of `rong360.md`, Rules).

mod magic;

use domain::identity::{BankCard, CardKind as Issued};
use domain::secret::Secret;
use domain::session::credit::{CardKind, Question, Refusal, UserStatus};
use domain::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};

use super::captcha;
use super::credit_report::{self, Charset};
use super::persona::credit::{self, BureauPerson};
use super::stage::{self, CODE};
use crate::bureau::{Bureau, CardSecret, Cardholder, Outcome, Reply, Request, Visit};
use crate::step::Memory;
use magic::Magic;

const PASSWORD: &str = "Passw0rd";
/// The code that the bureau sends with a report.
const IDENTITY_CODE: &str = "sandbx";
const DEBIT_PASSWORD: &str = "135790";
/// Of every credit card: valid until 12/30, 888 on the back.
const CREDIT_SECRETS: [&str; 3] = ["30", "12", "888"];

/// How long a report takes.
const REPORT_TAKES: Span = Span::seconds(10);
/// How old the reports are that `sandbox62` and `sandbox63` have already.
const VALID_SINCE: Span = Span::days(10);
const OUTDATED_SINCE: Span = Span::days(40);

/// Characters of a picture and of `UnionPay`'s code.
const CODE_LENGTH: usize = 6;

/// Whose cards `UnionPay` checks, by the bank's code (document 002, 1.1.7).
const CREDIT_BANKS: &[&str] = &[
    "ICBC", "ABC", "BOC", "CCB", "COMM", "CMB", "CEB", "CIB", "SPDB", "SPABANK", "SHBANK",
    "BJBANK", "HXBANK", "CITIC", "CMBC", "GDB",
];
const DEBIT_BANKS: &[&str] = &[
    "ICBC", "ABC", "BOC", "CCB", "COMM", "PSBC", "CEB", "CIB", "SPDB", "SPABANK", "SHBANK",
    "BJBANK", "HXBANK", "CITIC", "GDB",
];

/// What the platform remembers of a borrower.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Remembered {
    /// Pictures that were shown; the text follows from the number and is kept nowhere.
    round: u32,
    /// Whether the last one waits for its text.
    is_picture_waiting: bool,
    account: Option<Remembering>,
}

/// What it remembers of the account that logged in last.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Remembering {
    login_name: String,
    is_authenticated: bool,
    application: Option<Application>,
    /// How many codes `UnionPay` gave; the code follows from it.
    codes: u32,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Application {
    In { ready_at: Timestamp },
    NotPassed,
}

/// The bureau.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pboc;

impl Pboc {
    /// The text of the picture that waits, for those who try the sandbox out.
    pub fn captcha_text(session: &str, memory: &Memory) -> Option<String> {
        let remembered: Remembered = stage::recall(Some(memory))?;
        remembered.is_picture_waiting.then(|| picture_text(session, remembered.round))
    }
}

fn picture_text(session: &str, round: u32) -> String {
    captcha::text(session, round, CODE_LENGTH)
}

/// `UnionPay`'s code.
fn unionpay_code(session: &str, number: u32) -> String {
    captcha::text(&format!("unionpay {session}"), number, CODE_LENGTH).to_lowercase()
}

/// What was typed, as codes are compared: trimmed, whatever the case.
fn is_code(given: &Secret<String>, right: &str) -> bool {
    given.expose().trim().eq_ignore_ascii_case(right)
}

impl Bureau for Pboc {
    fn ask(&self, visit: &Visit<'_>, request: Request<'_>) -> Outcome {
        let mut remembered: Remembered = stage::recall(visit.memory).unwrap_or_default();
        let answered = remembered.answer(visit, request);
        let memory = stage::keep(&remembered);
        match answered {
            Ok(reply) => Outcome::Said { reply, memory },
            Err(refusal) => Outcome::Refused { refusal, memory: Some(memory) },
        }
    }
}

impl Remembered {
    fn answer(&mut self, visit: &Visit<'_>, request: Request<'_>) -> Result<Reply, Refusal> {
        let request = match request {
            Request::Picture => {
                self.round += 1;
                self.is_picture_waiting = true;
                let png = captcha::draw(&picture_text(visit.session, self.round));
                return Ok(Reply::Picture(png));
            }
            Request::Login { login_name, password, picture } => {
                self.try_picture(visit, picture)?;
                return self.log_in(login_name, password, visit.now);
            }
            other => other,
        };
        let person = visit.login_name.and_then(credit::person).ok_or(Refusal::NotLoggedIn)?;
        magic::refused(&person.login_name, Magic::of(&request))?;
        if let Request::RaiseLevel { picture, .. } = &request {
            self.try_picture(visit, picture)?;
        }
        let account = self.account.as_mut().ok_or(Refusal::NotLoggedIn)?;
        account.answer(visit, &person, request)
    }

    /// A picture is tried once, whatever comes of it.
    fn try_picture(&mut self, visit: &Visit<'_>, given: &Secret<String>) -> Result<(), Refusal> {
        let was_waiting = std::mem::take(&mut self.is_picture_waiting);
        let is_right = is_code(given, &picture_text(visit.session, self.round));
        if was_waiting && is_right { Ok(()) } else { Err(Refusal::PictureWrong) }
    }

    fn log_in(
        &mut self,
        login_name: &str,
        password: &Secret<String>,
        now: Timestamp,
    ) -> Result<Reply, Refusal> {
        let person = credit::person(login_name).ok_or(Refusal::LoginWrong)?;
        if password.expose() != PASSWORD {
            return Err(Refusal::LoginWrong);
        }
        magic::refused(login_name, Magic::Login)?;
        let known = self.account.take().filter(|account| account.login_name == login_name);
        let account = known.unwrap_or_else(|| Remembering {
            login_name: login_name.to_owned(),
            is_authenticated: person.login_name == "sandbox60",
            application: None,
            codes: 0,
        });
        let status = account.status(&person, now);
        let is_authenticated = account.is_authenticated;
        self.account = Some(account);
        Ok(Reply::LoggedIn { status, is_authenticated })
    }
}

impl Remembering {
    /// All five answers must be right.
    fn grade(&mut self, person: &BureauPerson, given: &Secret<[u8; 5]>, now: Timestamp) -> Reply {
        let look_at = now + REPORT_TAKES;
        let passed = *given.expose() == person.questions(now).map(|question| question.right);
        self.application = Some(if passed {
            Application::In { ready_at: look_at }
        } else {
            Application::NotPassed
        });
        Reply::Answered { passed, look_at }
    }

    fn status(&self, person: &BureauPerson, now: Timestamp) -> UserStatus {
        match self.application {
            Some(Application::In { ready_at }) if now < ready_at => UserStatus::InProgress,
            Some(Application::In { .. }) if person.login_name == "sandbox66" => UserStatus::NotMade,
            Some(Application::In { .. }) => UserStatus::Made,
            Some(Application::NotPassed) => UserStatus::NotPassed,
            None => magic::status(&person.login_name),
        }
    }

    fn answer(
        &mut self,
        visit: &Visit<'_>,
        person: &BureauPerson,
        request: Request<'_>,
    ) -> Result<Reply, Refusal> {
        let now = visit.now;
        match request {
            Request::Questions => questions(person, now),
            Request::Answers(given) => Ok(self.grade(person, given, now)),
            Request::Card { number } => kind_of(number).map(Reply::Card),
            Request::Message { mobile } => {
                let is_known = mobile.is_none_or(|mobile| mobile == person.person.mobile.expose());
                if is_known { Ok(Reply::Sent) } else { Err(Refusal::MobileMismatch) }
            }
            Request::Authenticate(holder) => {
                authenticate(person, &holder)?;
                self.codes += 1;
                Ok(Reply::Code(unionpay_code(visit.session, self.codes)))
            }
            Request::RaiseLevel { code, .. } => {
                if !is_code(code, &unionpay_code(visit.session, self.codes)) {
                    return Err(Refusal::UnionPayCodeWrong);
                }
                self.is_authenticated = true;
                Ok(Reply::Done)
            }
            Request::AuthedForm | Request::ReportForm => Ok(Reply::Done),
            Request::Apply { message_code } => {
                if !is_code(message_code, CODE) {
                    return Err(Refusal::MessageCodeWrong);
                }
                let look_at = now + REPORT_TAKES;
                self.application = Some(Application::In { ready_at: look_at });
                Ok(Reply::Applied { look_at })
            }
            Request::Report { identity_code } => {
                if !is_code(identity_code, IDENTITY_CODE) {
                    return Err(Refusal::IdentityCodeWrong);
                }
                let updated_at = match (self.application, person.login_name.as_str()) {
                    (None, "sandbox62") => now - VALID_SINCE,
                    (None, "sandbox63") => now - OUTDATED_SINCE,
                    _ => now,
                };
                let html = credit_report::page(&person.record(updated_at), Charset::Gbk);
                Ok(Reply::Page { html, updated_at })
            }
            Request::Poll => {
                let status = self.status(person, now);
                let look_at = match self.application {
                    Some(Application::In { ready_at }) if now < ready_at => Some(ready_at),
                    _ => None,
                };
                Ok(Reply::Status { status, look_at })
            }
            Request::Picture | Request::Login { .. } => Err(Refusal::OutOfStep),
        }
    }
}

fn questions(person: &BureauPerson, now: Timestamp) -> Result<Reply, Refusal> {
    match person.login_name.as_str() {
        "sandbox68" => return Err(Refusal::QuestionsUnavailable),
        "sandbox69" => return Err(Refusal::LevelTooHigh),
        _ => {}
    }
    let questions = person.questions(now);
    let shown =
        questions.map(|question| Question { title: question.title, options: question.options });
    Ok(Reply::Questions(Box::new(shown)))
}

/// Which kind a card is, where `UnionPay` checks such cards of its bank.
fn kind_of(number: &str) -> Result<CardKind, Refusal> {
    let card = BankCard::parse(number).map_err(|_| Refusal::CardNumberWrong)?;
    let bin = card.bin().ok_or(Refusal::CardUnsupported)?;
    let (kind, banks) = match bin.kind {
        Some(Issued::Debit) => (CardKind::Debit, DEBIT_BANKS),
        Some(Issued::Credit) => (CardKind::Credit, CREDIT_BANKS),
        Some(Issued::SemiCredit | Issued::Prepaid) | None => return Err(Refusal::CardUnsupported),
    };
    let is_supported = bin.bank_code.is_some_and(|code| banks.contains(&code));
    if is_supported { Ok(kind) } else { Err(Refusal::CardUnsupported) }
}

/// What `UnionPay` finds wrong, in its order: the code, the person, the card, its secret.
fn authenticate(person: &BureauPerson, holder: &Cardholder<'_>) -> Result<(), Refusal> {
    if !is_code(holder.message_code, CODE) {
        return Err(Refusal::MessageCodeWrong);
    }
    let registered = &person.person;
    let is_person = holder.name == registered.name.expose()
        && holder.id_card.eq_ignore_ascii_case(registered.id_card.expose());
    if !is_person {
        return Err(Refusal::PersonMismatch);
    }
    let card = match holder.kind {
        CardKind::Debit => &person.debit_card,
        CardKind::Credit => &person.credit_card,
    };
    if holder.card != card.expose() || holder.mobile != registered.mobile.expose() {
        return Err(Refusal::CardholderWrong);
    }
    let is_right = match holder.secret {
        CardSecret::Debit { password } => password.expose() == DEBIT_PASSWORD,
        CardSecret::Credit { year, month, last_three } => {
            [year, month, last_three].map(|given| given.expose().as_str()) == CREDIT_SECRETS
        }
    };
    if is_right { Ok(()) } else { Err(Refusal::CardSecretWrong) }
}
