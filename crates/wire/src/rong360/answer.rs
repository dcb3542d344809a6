//! Outcomes and refusals to the face's bytes: one superset that clients of the document and of the
//! open platform read alike (`rong360.md`, Envelope). The bytes are stored and replayed, so they
//! depend on the arguments alone.

use base64::prelude::{BASE64_STANDARD, Engine};
use domain::call::Answer;
use domain::ids::BizId;
use domain::merchant::Rong360;
use domain::session::credit::{CardKind, Question, UserStatus};
use serde::Serialize;

use super::codes::Code;
use super::fields::{self, Method};
use super::forms::{self, Next};
use super::refusal::Refusal;
use super::translate::Purpose;

/// `error` of every success; `code` is as agreed with the merchant.
const SUCCESS: i32 = 200;

/// What came of a call. Each method has its own; the comment names the letter of the form.
#[derive(Clone, Copy, Debug)]
pub enum Reply<'a> {
    /// getPicCode: a PNG.
    Picture(&'a [u8]),
    /// getLoginInfo: L.
    LoginForm,
    /// login.
    LoggedIn { status: UserStatus, is_authenticated: bool, apply_type: ApplyType },
    /// login, refused by 208101 or 210101: the code, with a fresh picture (PNG) to try again.
    LoginRefused { code: Code, picture: &'a [u8] },
    /// getVerifyMethod: V.
    VerifyMethods,
    /// getQuestion: Q.
    Questions(&'a [Question; 5]),
    /// submitQuestion, getOnlineMessageCode, submitApplyMessageCode: `{}`.
    Done,
    /// onlineValidateCard: A, and what it need not be told again.
    CardForm { kind: CardKind, bank_card: &'a str, purpose: Purpose },
    /// onlineAuthentication: U with the code of UnionPay.
    UnionpayForm { code: &'a str },
    /// submitOnlineAuth, getOnlineAuthedInfo: S.
    ApplyForm,
    /// getViewReportInfo: F.
    ViewForm,
    /// viewReport: the report's JSON.
    Report(&'a str),
    /// Whatever takes longer: ask `method` again after so many seconds, so many times at most.
    Wait { method: Method, interval_s: u32, times: u32 },
}

/// How the borrower may apply for the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApplyType {
    ByQuestions,
    ByUnionpay,
    /// Not at all now, or in more than one way.
    Open,
}

impl ApplyType {
    fn as_str(self) -> &'static str {
        match self {
            Self::ByQuestions => "问题验证",
            Self::ByUnionpay => "银联认证",
            Self::Open => "",
        }
    }
}

/// The answer to a call of `method`, for the merchant of these `terms`.
pub fn answer(method: Method, reply: &Reply<'_>, terms: &Rong360, request_id: BizId) -> Answer {
    if let Reply::LoginRefused { code, picture } = reply {
        let data = json(&Url { url: &BASE64_STANDARD.encode(picture) });
        return refused(&(*code).into(), &data, Some(method), request_id);
    }
    let code = terms.success.number();
    envelope((SUCCESS, code), "ok", &data(reply, terms), Some(method), request_id)
}

/// The answer to a call that is not served; `method` is what it asked for, as far as it is one.
pub fn refuse(refusal: &Refusal, method: Option<Method>, request_id: BizId) -> Answer {
    let answer = refused(refusal, "{}", method, request_id);
    Answer { status: refusal.status, ..answer }
}

/// The answer to what never reached the face, for the HTTP status of that: 404, 405, 408, 413 …
pub fn unreached(status: u16, request_id: BizId) -> Answer {
    let message = match status {
        404 => "接口不存在",
        405 => "请求方法不支持",
        408 => "请求超时",
        413 => "请求内容过大",
        _ => "请求内容不完整",
    };
    refuse(&Refusal::unread(status, message), None, request_id)
}

fn refused(refusal: &Refusal, data: &str, method: Option<Method>, request_id: BizId) -> Answer {
    let number = refusal.code.number;
    envelope((number, number), &refusal.message(), data, method, request_id)
}

fn envelope(
    (error, code): (i32, i32),
    message: &str,
    data: &str,
    method: Option<Method>,
    request_id: BizId,
) -> Answer {
    let message = json(message);
    let mut body = format!(
        r#"{{"error":{error},"msg":{message},"request_id":"{request_id}","code":{code},"data":"#
    );
    body.push_str(data);
    if let Some(method) = method {
        let prefix = fields::PREFIX.replace('.', "_");
        let name = format!(r#","{prefix}{}_response":"#, method.name());
        body.extend([&name, data]);
    }
    body.push('}');
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let headers =
        vec![header("content-type", "application/json"), header("x-biz-code", &code.to_string())];
    Answer { status: 200, headers, body: body.into_bytes() }
}

fn data(reply: &Reply<'_>, terms: &Rong360) -> String {
    let types = terms.field_types;
    match reply {
        Reply::Picture(png) => json(&Picture { pic_code: &BASE64_STANDARD.encode(png) }),
        Reply::LoginForm => next(forms::form(Method::Login, types)),
        Reply::LoggedIn { status, is_authenticated, apply_type } => json(&LoggedIn {
            user_status: status.number(),
            unionpay_auth: u8::from(*is_authenticated),
            apply_type: apply_type.as_str(),
            url: "",
        }),
        Reply::VerifyMethods => json(&Rules { rules: forms::rules(types) }),
        Reply::Questions(questions) => next(forms::questions(questions, types)),
        Reply::Done | Reply::LoginRefused { .. } => "{}".to_owned(),
        Reply::CardForm { kind, bank_card, purpose } => {
            let (card_type, purpose) = (kind.number().to_string(), purpose.number().to_string());
            let hidden = [("bank_card", *bank_card), ("card_type", &card_type), ("type", &purpose)];
            json(&Card { cardtype: kind.number(), next: forms::card(*kind, hidden, types) })
        }
        Reply::UnionpayForm { code } => next(forms::unionpay(code, types)),
        Reply::ApplyForm => next(forms::form(Method::SubmitApply, types)),
        Reply::ViewForm => json(&View {
            param: forms::params(Method::ViewReport, types),
            next: forms::form(Method::ViewReport, types),
        }),
        Reply::Report(report) => (*report).to_owned(),
        Reply::Wait { method, interval_s, times } => {
            next(forms::wait(*method, *interval_s, *times))
        }
    }
}

fn next(next: Next<'_>) -> String {
    #[derive(Serialize)]
    struct Data<'a> {
        next: Next<'a>,
    }
    json(&Data { next })
}

fn json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("texts and numbers always serialise")
}

#[derive(Serialize)]
struct Picture<'a> {
    pic_code: &'a str,
}

#[derive(Serialize)]
struct Url<'a> {
    url: &'a str,
}

#[derive(Serialize)]
struct LoggedIn<'a> {
    user_status: i64,
    unionpay_auth: u8,
    apply_type: &'a str,
    url: &'a str,
}

#[derive(Serialize)]
struct Rules<'a> {
    rules: [forms::Rule<'a>; 2],
}

#[derive(Serialize)]
struct Card<'a> {
    cardtype: i64,
    next: Next<'a>,
}

#[derive(Serialize)]
struct View<'a> {
    param: Vec<forms::Param<'a>>,
    next: Next<'a>,
}
