//! Outcomes and refusals to the face's bytes: `{"code":0,"msg":"","data":…}`, all three always
//! there and in this order. The forms of `data` are those of `qiancheng.md`, Endpoints; where two
//! endpoints give the same in another form, the endpoint is an argument.

use base64::prelude::{BASE64_STANDARD, Engine};
use domain::application::course::Verdict;
use domain::call::Answer;
use domain::secret::Secret;
use domain::session::{REQUEST_DELAY, State};
use domain::source::bank::{Bank, Input, Login};
use serde::Serialize;

use super::codes::{self, Code};
use super::endpoint::Endpoint;
use super::refusal::Refusal;

/// The state in which a picture is shown (section 8.3).
const PICTURE_REQUIRED: i64 = 4;

/// `data` of the answer is `null`.
pub fn nothing() -> Answer {
    raw("null")
}

pub fn token(token: &Secret<String>) -> Answer {
    #[derive(Serialize)]
    struct Data<'a> {
        token: &'a str,
    }
    data(&Data { token: token.expose() })
}

/// Whether the person is listed; version 2 gives a list of one.
pub fn is_listed(endpoint: Endpoint, is_in: bool) -> Answer {
    #[derive(Serialize)]
    struct Data {
        is_in: bool,
    }
    match endpoint {
        Endpoint::BlackListV2 => data(&[Data { is_in }]),
        _ => data(&Data { is_in }),
    }
}

/// The id of the session that was opened.
pub fn open_id(open_id: &str) -> Answer {
    #[derive(Serialize)]
    struct Data<'a> {
        open_id: &'a str,
    }
    data(&Data { open_id })
}

/// The same, with the provider that was chosen: 1 卡牛, 2 坚果, 3 新颜.
pub fn open_id_and_type(open_id: &str, provider: u8) -> Answer {
    #[derive(Serialize)]
    struct Data<'a> {
        open_id: &'a str,
        r#type: u8,
    }
    data(&Data { open_id, r#type: provider })
}

/// What became of an application (section 7.2): 0 approved, 1 refused, 2 still being looked at. A
/// reason is told of a refusal alone.
/// `rules` are those against it; nothing where people refused it.
pub fn verdict(verdict: Option<Verdict>, rules: Option<&[String]>) -> Answer {
    #[derive(Serialize)]
    struct Data {
        state: u8,
        reason: String,
    }
    let (state, reason) = match verdict {
        Some(Verdict::Approve) => (0, String::new()),
        Some(Verdict::Reject) => {
            let by_people = || codes::REFUSED_BY_PEOPLE.to_owned();
            (1, rules.map_or_else(by_people, |rules| rules.join("；")))
        }
        None => (2, String::new()),
    };
    data(&Data { state, reason })
}

/// The state of a session, with the delay to the next look and the picture where the endpoint
/// shows them.
pub fn state(endpoint: Endpoint, state: &State) -> Answer {
    #[derive(Serialize)]
    struct Data<'a> {
        state: i64,
        message: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        request_delay: Option<i64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pic_captcha: Option<String>,
    }
    let number = state.number();
    let shows_delay = matches!(endpoint, Endpoint::EbankState | Endpoint::EbankCaptcha);
    let shows_picture = number == PICTURE_REQUIRED
        && matches!(endpoint, Endpoint::EbankState | Endpoint::EbankStateV2);
    data(&Data {
        state: number,
        message: codes::message(state),
        request_delay: shows_delay.then_some(REQUEST_DELAY.0 / 1_000_000),
        pic_captcha: state.picture().filter(|_| shows_picture).map(|p| BASE64_STANDARD.encode(p)),
    })
}

/// The banks and their logins. Version 2 leaves out what is out of use, version 1 shows it.
pub fn banks(endpoint: Endpoint, banks: &[Bank]) -> Answer {
    match endpoint {
        Endpoint::EbankBanksV2 => {
            let usable = banks.iter().filter(|bank| bank.disabled().is_none());
            data(&usable.map(BankV2::of).collect::<Vec<_>>())
        }
        _ => data(&banks.iter().map(BankV1::of).collect::<Vec<_>>()),
    }
}

/// `data` of the answer is the JSON text `json`: a dataset or a report.
pub fn raw(json: &str) -> Answer {
    envelope(Code::OK, Code::OK.message, json)
}

/// The answer to a request that is not served.
pub fn refuse(refusal: &Refusal) -> Answer {
    envelope(refusal.code(), &refusal.message(), "null")
}

/// The answer to what never reached the face, for the HTTP status of that: 404, 405, 408, 413 …
pub fn unreached(status: u16) -> Answer {
    let code = codes::unreached(status);
    envelope(code, code.message, "null")
}

fn data<T: Serialize + ?Sized>(data: &T) -> Answer {
    raw(&json(data))
}

fn envelope(code: Code, message: &str, data: &str) -> Answer {
    let Code { number, status, .. } = code;
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut headers =
        vec![header("content-type", "application/json"), header("x-biz-code", &number.to_string())];
    if status == 503 {
        headers.push(header("retry-after", "1"));
    }
    let message = json(message);
    let body =
        [r#"{"code":"#, &number.to_string(), r#","msg":"#, &message, r#","data":"#, data, "}"];
    Answer { status, headers, body: body.concat().into_bytes() }
}

fn json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("texts and numbers always serialise")
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BankV1<'b> {
    bank_name: &'b str,
    bank_code: &'b str,
    disable: bool,
    disable_reason: &'b str,
    login_types: Vec<LoginV1<'b>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LoginV1<'b> {
    title: &'b str,
    disable: bool,
    disable_reason: &'b str,
    entry_id: &'b str,
    entry_type: i64,
    inputs: Vec<Shown<'b>>,
}

#[derive(Serialize)]
struct BankV2<'b> {
    bank_name: &'b str,
    bank_code: &'b str,
    login_types: Vec<LoginV2<'b>>,
}

#[derive(Serialize)]
struct LoginV2<'b> {
    title: &'b str,
    entry_id: &'b str,
    entry_type: i64,
    inputs: Vec<Shown<'b>>,
}

#[derive(Serialize)]
struct Shown<'b> {
    name: &'b str,
    label: &'b str,
    desc: &'b str,
    valid: &'b str,
}

impl<'b> BankV1<'b> {
    fn of(bank: &'b Bank) -> Self {
        let login = |login: &'b Login| LoginV1 {
            title: &login.title,
            disable: login.disabled.is_some(),
            disable_reason: login.disabled.as_deref().unwrap_or_default(),
            entry_id: &login.entry,
            entry_type: login.entry_type.number(),
            inputs: inputs(login),
        };
        Self {
            bank_name: &bank.name,
            bank_code: &bank.code,
            disable: bank.disabled().is_some(),
            disable_reason: bank.disabled().unwrap_or_default(),
            login_types: bank.logins.iter().map(login).collect(),
        }
    }
}

impl<'b> BankV2<'b> {
    fn of(bank: &'b Bank) -> Self {
        let login = |login: &'b Login| LoginV2 {
            title: &login.title,
            entry_id: &login.entry,
            entry_type: login.entry_type.number(),
            inputs: inputs(login),
        };
        let login_types = bank.usable().map(login).collect();
        Self { bank_name: &bank.name, bank_code: &bank.code, login_types }
    }
}

fn inputs(login: &Login) -> Vec<Shown<'_>> {
    let inputs = login.inputs.iter();
    inputs.map(|Input { name, label, desc, valid }| Shown { name, label, desc, valid }).collect()
}
