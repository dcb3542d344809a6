//! Golden bytes of answers (`fixtures/qiancheng/answers.txt`), each code, each state.

use std::fmt::Write as _;

use domain::call::Answer;
use domain::failure::{CredentialKind, Failure};
use domain::secret::Secret;
use domain::session::{Prompt, PromptKind, State, Tries, degree, ebank, telecom};
use domain::source::SourceFailure;
use domain::source::bank::{Bank, EntryType, Input, Login};
use domain::time::Timestamp;
use proptest::prelude::*;

use super::{Endpoint, OPEN_ID};
use crate::qiancheng::{Refusal, codes, message, refuse, unreached};

fn body(answer: &Answer) -> &str {
    str::from_utf8(&answer.body).expect("a body is UTF-8")
}

fn banks() -> Vec<Bank> {
    let login = |title: &str, entry: &str, entry_type, disabled: Option<&str>| {
        let input = |name: &str, label: &str, valid: &str| Input {
            name: name.to_owned(),
            label: label.to_owned(),
            desc: format!("请输入{label}"),
            valid: valid.to_owned(),
        };
        Login {
            title: title.to_owned(),
            entry: entry.to_owned(),
            entry_type,
            disabled: disabled.map(str::to_owned),
            inputs: vec![
                input("login_name", "卡号", "^\\d{16,19}$"),
                input("password", "密码", ".+"),
            ],
        }
    };
    let bank = |name: &str, code: &str, logins| Bank {
        name: name.to_owned(),
        code: code.to_owned(),
        logins,
    };
    let under_repair = Some("系统维护");
    vec![
        bank(
            "工商银行",
            "ICBC",
            vec![
                login("卡号登录", "icbc-card", EntryType::Both, None),
                login("身份证登录", "icbc-id", EntryType::CreditCard, under_repair),
            ],
        ),
        bank("农业银行", "ABC", vec![login("卡号登录", "abc", EntryType::DebitCard, under_repair)]),
    ]
}

fn picture() -> State {
    State::Ebank(ebank::State::Required(Prompt::Picture(b"\x89PNG".to_vec()), Tries::default()))
}

#[test]
fn answers_are_written_as_their_fixture_says() {
    let failure = |failure: Failure| refuse(&failure.into());
    let wrong = State::Ebank(ebank::State::WrongPicture {
        next: Prompt::Picture(b"\x89PNG".to_vec()),
        until: Timestamp(0),
        tries: Tries::default(),
    });
    let init = State::Telecom(telecom::State::Init);
    let finished = State::Degree(degree::State::Finished);
    let failed = State::Ebank(ebank::State::Failed(SourceFailure::Down));
    let answers = [
        ("nothing", message::nothing()),
        ("token", message::token(&Secret::new(OPEN_ID.to_owned()))),
        ("listed", message::is_listed(Endpoint::BlackList, true)),
        ("listed v2", message::is_listed(Endpoint::BlackListV2, false)),
        ("open_id", message::open_id(OPEN_ID)),
        ("open_id and type", message::open_id_and_type(OPEN_ID, 3)),
        ("telecom state", message::state(Endpoint::TelecomState, &init)),
        ("degree state", message::state(Endpoint::DegreeState, &finished)),
        ("e-bank state", message::state(Endpoint::EbankState, &picture())),
        ("e-bank state, wrong picture", message::state(Endpoint::EbankState, &wrong)),
        ("e-bank captcha", message::state(Endpoint::EbankCaptcha, &picture())),
        ("e-bank v2 state", message::state(Endpoint::EbankStateV2, &picture())),
        ("e-bank v2 state, failed", message::state(Endpoint::EbankStateV2, &failed)),
        ("e-bank v2 captcha", message::state(Endpoint::EbankCaptchaV2, &picture())),
        ("e-bank v2 login", message::state(Endpoint::EbankLoginV2, &failed)),
        ("data", message::raw(r#"{"education":[]}"#)),
        ("banks", message::banks(Endpoint::EbankBanks, &banks())),
        ("banks v2", message::banks(Endpoint::EbankBanksV2, &banks())),
        ("still collecting", failure(Failure::StillCollecting)),
        ("collection failed", failure(Failure::CollectionFailed(SourceFailure::TimedOut))),
        ("parameter", failure(Failure::Parameter { reason: "a \"reason\"".to_owned() })),
        ("overloaded", failure(Failure::Overloaded)),
        ("no such path", unreached(404)),
    ];
    let mut text = String::new();
    for (name, answer) in answers {
        let _ = writeln!(text, "# {name}\nHTTP/1.1 {}", answer.status);
        for (name, value) in &answer.headers {
            let _ = writeln!(text, "{name}: {value}");
        }
        let _ = writeln!(text, "\n{}\n", body(&answer));
    }
    assert_eq!(text, include_str!("../../../fixtures/qiancheng/answers.txt"), "{text}");
}

#[test]
fn each_failure_has_its_code_and_message() {
    let table = [
        (Failure::CredentialMissing, 1001, "缺少认证信息"),
        (Failure::CredentialUnknown(CredentialKind::Password), 1001, "账户或密码错误"),
        (Failure::CredentialUnknown(CredentialKind::AppKey), 1000, "系统错误"),
        (Failure::PasswordWrong, 1001, "账户或密码错误"),
        (Failure::TokenUnknown, 1001, "token: 无效或已过期"),
        (Failure::SessionUnknown, 1001, "open_id: 不存在"),
        (Failure::NotEntitled, 1001, "未开通该产品"),
        (Failure::RateExceeded, 1000, "调用量已达上限"),
        (Failure::PackageExhausted, 1000, "调用量已达上限"),
        (Failure::TestLimitReached, 1000, "调用量已达上限"),
        (Failure::DailyQuotaReached, 1000, "调用量已达上限"),
        (Failure::Parameter { reason: "why".to_owned() }, 1001, "输入错误 (why)"),
        (Failure::NotAsked, 1001, "当前状态不接受该操作"),
        (Failure::AlreadySubmitted, 1001, "已提交，正在处理中"),
        (Failure::SessionOver, 1001, "采集流程已结束"),
        (Failure::SessionTimedOut, 1001, "采集超时，请重新开始流程"),
        (Failure::ResendsUsedUp, 1001, "验证码发送次数已达上限"),
        (Failure::ConsentMissing, 1001, "缺少有效的用户授权"),
        (Failure::EntryUnusable, 1001, "entry_id: 银行入口不存在或已停用"),
        (Failure::StillCollecting, 1003, "正在采集数据"),
        (Failure::Internal, 1000, "系统错误"),
    ];
    for (failure, code, message) in table {
        let answer = refuse(&Refusal::from(failure.clone()));
        let expected = format!(r#"{{"code":{code},"msg":"{message}","data":null}}"#);
        assert_eq!((answer.status, body(&answer)), (200, expected.as_str()), "{failure:?}");
        assert!(answer.headers.contains(&("x-biz-code".to_owned(), code.to_string())));
    }
    let mut messages = SourceFailure::ALL.map(|why| codes::of(&Failure::CollectionFailed(why)));
    assert!(messages.iter().all(|code| (code.number, code.status) == (1000, 200)));
    messages.sort_unstable_by_key(|code| code.message);
    assert!(messages.windows(2).all(|pair| pair[0].message != pair[1].message));
    for status in [400, 404, 405, 408, 413, 415, 422] {
        let answer = unreached(status);
        assert_eq!(answer.status, status);
        assert!(body(&answer).starts_with(r#"{"code":1001,"msg":""#), "{}", body(&answer));
    }
}

/// Document 001, section 8, every state that a machine can be in.
#[test]
fn each_state_has_the_message_of_the_document() {
    let tries = Tries::default();
    let telecom = [
        (telecom::State::Init, 0, "查询已初始化"),
        (telecom::State::Restart { until: None, tries }, 1, "流程重新开始"),
        (telecom::State::PasswordSubmitted, 11, "已提交服务密码"),
        (telecom::State::CaptchaRequired(tries), 21, "需要验证码"),
        (telecom::State::CaptchaSubmitted(tries), 22, "验证码已提交"),
        (telecom::State::CaptchaWrong(tries), 23, "验证码错误或超时"),
        (telecom::State::CaptchaResent(tries), 24, "已重发验证码"),
        (telecom::State::QueryPasswordRequired(tries), 31, "需要输入查询密码"),
        (telecom::State::QueryPasswordSubmitted(tries), 32, "查询密码已提交"),
        (telecom::State::QueryPasswordWrong(tries), 33, "查询密码错误"),
        (telecom::State::Finished, 41, "完成账户采集流程"),
        (telecom::State::Failed(SourceFailure::Down), 42, "采集流程失败"),
        (telecom::State::Ready, 43, "数据可用"),
    ]
    .map(|(state, number, message)| (State::Telecom(state), number, message));
    let degree = [
        (degree::State::Init, 0, "查询初始化"),
        (degree::State::Submitted { collected: false }, 11, "已经提交账号密码"),
        (degree::State::Submitted { collected: true }, 11, "已经提交账号密码"),
        (degree::State::Finished, 21, "采集完成"),
        (degree::State::Failed(SourceFailure::Down), 22, "采集失败"),
    ]
    .map(|(state, number, message)| (State::Degree(state), number, message));
    let ebank = [
        (ebank::State::Init, 0, "查询初始化"),
        (ebank::State::AccountSubmitted, 1, "账户信息已提交"),
        (ebank::State::Required(Prompt::DynamicPassword, tries), 2, "需要动态口令"),
        (ebank::State::Submitted(PromptKind::DynamicPassword, tries), 3, "动态口令已提交"),
        (ebank::State::Submitted(PromptKind::Picture, tries), 5, "图片验证码已提交"),
        (ebank::State::Required(Prompt::Sms, tries), 6, "需要短信验证码"),
        (ebank::State::Submitted(PromptKind::Sms, tries), 7, "短信验证码已提交"),
        (ebank::State::Wrong(PromptKind::Sms, tries), 8, "验证码错误或超时"),
        (ebank::State::Resent(PromptKind::Sms, tries), 9, "已重发验证码"),
        (ebank::State::Finished, 10, "采集完成"),
        (ebank::State::Failed(SourceFailure::Down), 11, "采集失败"),
    ]
    .map(|(state, number, message)| (State::Ebank(state), number, message));
    let picture = [(picture(), 4, "需要图片验证码")];
    for (state, number, message) in telecom.into_iter().chain(degree).chain(ebank).chain(picture) {
        assert_eq!((state.number(), codes::message(&state)), (number, message), "{state:?}");
    }
}

proptest! {
    #[test]
    fn any_reason_makes_a_well_formed_answer(reason in any::<String>()) {
        let answer = refuse(&Failure::Parameter { reason: reason.clone() }.into());
        let body: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
        prop_assert_eq!(&body["msg"], &format!("输入错误 ({reason})"));
        prop_assert_eq!(body.as_object().map(serde_json::Map::len), Some(3));
    }
}
