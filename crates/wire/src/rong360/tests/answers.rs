//! The bytes of answers.

use domain::failure::Failure;
use domain::merchant::SuccessCode;
use domain::session::credit::{CardKind, Question, UserStatus};

use super::*;
use crate::rong360::codes::Code;
use crate::rong360::{ApplyType, Purpose, Reply, answer, refuse, unreached};

const ID: &str = "11111111-1111-1111-1111-111111111111";

fn body(answer: &domain::call::Answer) -> &str {
    str::from_utf8(&answer.body).expect("UTF-8")
}

/// `data` stands twice: under the document's name and under the platform's.
fn whole(method: &str, data: &str) -> String {
    format!(r#"{{"error":200,"msg":"ok","request_id":"{ID}","code":200,"data":{data},"#)
        + &format!(r#""crawler_api_zx_{method}_response":{data}}}"#)
}

/// The lines are for the eye.
const VIEW: &str = r#"{"param":[
{"title":"央行验证码","hint":"短信下发至您注册时使用的手机中","type":7,"key":"message_code",
"value":"","options":[]}],
"next":{"method":"viewReport","param":[
{"title":"央行验证码","hint":"短信下发至您注册时使用的手机中","type":7,"key":"message_code",
"value":"","options":[]}]}}"#;

fn cases() -> [(Method, Reply<'static>, &'static str); 10] {
    [
        (Method::PicCode, Reply::Picture(b"\x89PNG"), r#"{"pic_code":"iVBORw=="}"#),
        (
            Method::LoginInfo,
            Reply::LoginForm,
            r#"{"next":{"method":"login","param":[
{"title":"用户名","hint":"","type":1,"key":"login_name","value":"","options":[]},
{"title":"密码","hint":"","type":5,"key":"password","value":"","options":[]},
{"title":"验证码","hint":"6位，由字母、数字组成","type":6,"key":"pic_code","value":"","options":[],
"refreshMethod":"getPicCode","refreshParam":[{"value":2,"key":"type"}]}]}}"#,
        ),
        (
            Method::Login,
            Reply::LoggedIn {
                status: UserStatus::NotApplied,
                is_authenticated: false,
                apply_type: ApplyType::ByQuestions,
            },
            r#"{"user_status":0,"unionpay_auth":0,"apply_type":"问题验证","url":""}"#,
        ),
        (Method::SubmitQuestion, Reply::Done, "{}"),
        (
            Method::ValidateCard,
            Reply::CardForm {
                kind: CardKind::Debit,
                bank_card: "6222021234567894",
                purpose: Purpose::Apply,
            },
            r#"{"cardtype":1,"next":{"method":"onlineAuthentication","param":[
{"title":"姓名","hint":"银行办理该卡时使用的姓名","type":1,"key":"real_name","value":"","options":[]},
{"title":"身份证","hint":"银行办理该卡时使用的身份证号","type":2,"key":"id_card","value":"","options":[]},
{"title":"手机号","hint":"银行办理该卡时预留的手机号","type":4,"key":"cellphone","value":"","options":[]},
{"title":"银行卡密码","hint":"银行卡取款密码","type":3,"key":"password","value":"","options":[]},
{"title":"动态验证码","hint":"6位，由字母、数字组成","type":7,"key":"message_code","value":"","options":[],
"refreshMethod":"getOnlineMessageCode","refreshParam":[{"value":"","key":"cellphone"}]}],
"hidden":[
{"key":"bank_card","value":"6222021234567894"},
{"key":"card_type","value":"1"},
{"key":"type","value":"1"}]}}"#,
        ),
        (
            Method::Authentication,
            Reply::UnionpayForm { code: "rgcgeb" },
            r#"{"next":{"method":"submitOnlineAuth","param":[
{"title":"银联认证码","hint":"","type":7,"key":"unionpay_code","value":"rgcgeb",
"options":[]},
{"title":"图片验证码","hint":"6位，由字母、数字组成","type":6,"key":"pic_code","value":"","options":[]}]}}"#,
        ),
        (
            Method::AuthedInfo,
            Reply::ApplyForm,
            r#"{"next":{"method":"submitApplyMessageCode","param":[
{"title":"短信验证码","hint":"短信验证码将发送至您注册的手机中","type":7,"key":"message_code","value":"","options":[],
"refreshMethod":"getOnlineMessageCode","refreshParam":[]}]}}"#,
        ),
        (Method::ViewInfo, Reply::ViewForm, VIEW),
        (Method::ViewReport, Reply::Report(r#"{"score":894}"#), r#"{"score":894}"#),
        (
            Method::SubmitApply,
            Reply::Wait { method: Method::ViewInfo, interval_s: 5, times: 60 },
            r#"{"next":{"method":"getViewReportInfo","param":[],"interval":5,"times":60}}"#,
        ),
    ]
}

#[test]
fn each_reply_in_bytes() {
    for (method, reply, data) in cases() {
        let answer = answer(method, &reply, &terms(), request_id());
        assert_eq!(body(&answer), whole(method.name(), &data.replace('\n', "")));
        assert_eq!(answer.status, 200);
    }
}

#[test]
fn a_question_has_five_answers_from_one() {
    let question = Question {
        title: "您的\"婚姻\"？".to_owned(),
        options: ["丧偶", "已婚", "离婚", "未婚", "以上都不是"].map(str::to_owned),
    };
    let five = [const { 0 }; 5].map(|_| question.clone());
    let answer = answer(Method::Question, &Reply::Questions(&five), &terms(), request_id());
    let first = r#"{"next":{"method":"submitQuestion","param":[{"title":"您的\"婚姻\"？","hint":"",
"type":19,"key":"kbaList[0].options","value":"","options":[{"title":"丧偶",
"value":1},{"title":"已婚","value":2},{"title":"离婚","value":3},{"title":"未婚",
"value":4},{"title":"以上都不是","value":5}]},{"title""#;
    assert!(body(&answer).contains(&first.replace('\n', "")), "{}", body(&answer));
    assert!(body(&answer).contains(r#""key":"kbaList[4].options""#));
}

#[test]
fn a_merchant_may_have_success_as_nothing() {
    let zero = Rong360 { success: SuccessCode::Zero, ..terms() };
    let answer = answer(Method::SubmitApply, &Reply::Done, &zero, request_id());
    let start = format!(r#"{{"error":200,"msg":"ok","request_id":"{ID}","code":0,"data":{{}},"#);
    assert!(body(&answer).starts_with(&start), "{}", body(&answer));
    assert_eq!(answer.headers[1], ("x-biz-code".to_owned(), "0".to_owned()));
}

#[test]
fn refusals_in_bytes() {
    let wrong = Reply::LoginRefused { code: Code::PASSWORD, picture: b"png" };
    let answer = answer(Method::Login, &wrong, &terms(), request_id());
    let data = r#"{"url":"cG5n"}"#;
    let expected = format!(
        r#"{{"error":208101,"msg":"您输入的账户名和密码不匹配, 请重新输入","request_id":"{ID}","#
    ) + &format!(
        r#""code":208101,"data":{data},"crawler_api_zx_login_response":{data}}}"#
    );
    assert_eq!(body(&answer), expected);

    let missing = ask(Method::SubmitApply, "").expect_err("a field is missing");
    let answer = refuse(&missing, Some(Method::SubmitApply), request_id());
    let expected = format!(
        r#"{{"error":100006,"msg":"参数缺失或格式错误: biz_data.message_code 缺失","request_id":"{ID}","#
    ) + r#""code":100006,"data":{},"crawler_api_zx_submitApplyMessageCode_response":{}}"#;
    assert_eq!((answer.status, body(&answer)), (200, expected.as_str()));

    let busy = refuse(&Failure::Overloaded.into(), None, request_id());
    let expected = format!(
        r#"{{"error":508100,"msg":"系统正忙, 请稍后重试","request_id":"{ID}","code":508100,"data":{{}}}}"#
    );
    assert_eq!((busy.status, body(&busy)), (200, expected.as_str()));
    for status in [400, 404, 405, 408, 413] {
        let answer = unreached(status, request_id());
        assert!(body(&answer).starts_with(r#"{"error":100006,"msg":"参数缺失或格式错误: "#));
        assert_eq!(answer.status, status);
    }
}
