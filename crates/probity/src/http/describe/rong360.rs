//! Face 3 in words, from the face's own table of methods (`wire::rong360::Method`). The methods
//! share a path, so a code stands behind the method that answers it; what any of them may answer
//! stands alone.

use std::sync::LazyLock;

use wire::rong360::{COMMON, Check, Field as Taken, FieldKind, Method, Need};

use super::Class::{C2, C3};
use super::{
    Description, Documented, FaceDescription, Field, Kind, Media, Scheme, answer, field, text,
};

pub(crate) const FACE: FaceDescription = FaceDescription {
    name: text("Face 3: Rong360 unified credit interface", "接口三：融360 征信统一接口"),
    authentication: text(
        "sign = Base64(RSASSA-PKCS1-v1_5) with your private key over all other fields, keys in \
         ASCII order, k=v joined by &, raw values; SHA-1 for sign_type RSA, SHA-256 for RSA2. An \
         equal signature is given the first answer again. Merchants switched to it may send the \
         document's JSON {method, biz_data} with a bearer token instead. The query is ignored.",
        "sign 为商户私钥对其余全部字段的签名（RSASSA-PKCS1-v1_5，Base64）：键按 ASCII 升序，k=v 以 & \
         连接，值不做编码；sign_type 为 RSA 时用 SHA-1，RSA2 时用 SHA-256。相同签名返回首次的结果。\
         已开通的商户也可以 Bearer 令牌提交文档中的 JSON {method, biz_data}。查询串不读取。",
    ),
    schemes: &[Scheme {
        headers: &["Authorization"],
        about: text("Bearer <token>, for the document's JSON", "Bearer <token>，用于文档的 JSON"),
    }],
    headers: &[],
};

pub(crate) static GATEWAY: LazyLock<Description> = LazyLock::new(|| {
    let biz_data = field(
        "biz_data",
        "what the method takes; in a form as a JSON text",
        "业务参数；表单中为 JSON 文本",
    );
    // Once for each process.
    let takes = [ENVELOPE, &[biz_data.of(Kind::Object(members().leak())).class(C3)]].concat();
    Description {
        summary: text(
            "A borrower's credit report, form by form: fourteen methods",
            "征信报告：登录、验证、申请、查询，共十四个 method",
        ),
        takes: takes.leak(),
        bodies: &[Media::Form, Media::Json],
        answers: vec![ANY, codes().leak(), LAYERS].leak(),
    }
});

const ENVELOPE: &[Field] = &[
    field("method", "which of the fourteen", "方法名").example("crawler.api.zx.getLoginInfo"),
    field("app_id", "yours, seven digits", "七位应用编号").pattern("^[0-9]{7}$").optional(),
    field("version", "of the envelope", "版本").one_of(&["1.0", "1.0.0"]).optional(),
    field("sign_type", "how it is signed", "签名类型").one_of(&["RSA", "RSA2"]).optional(),
    field("format", "of the answer", "返回格式").one_of(&["json", "JSON"]).optional(),
    field("timestamp", "when it was signed, s or ms since 1970", "签名时间，秒或毫秒").optional(),
    field("sign", "the signature; of the JSON form only method and biz_data are read", "签名")
        .optional(),
];

/// What all methods take, each key once; of a method's own the methods are named.
fn members() -> Vec<Field> {
    let common = COMMON.iter().map(|taken| (taken, String::new()));
    let own = Method::ALL.into_iter().flat_map(|method| {
        method.takes().iter().map(move |taken| (taken, method.name().to_owned()))
    });
    let mut members: Vec<(&Taken, String)> = Vec::new();
    for (taken, method) in common.chain(own) {
        match members.iter_mut().find(|(known, _)| known.key == taken.key) {
            Some((_, methods)) => methods.extend([", ", &method]),
            None => members.push((taken, method)),
        }
    }
    members.into_iter().map(|(taken, methods)| member(taken, methods)).collect()
}

fn member(taken: &Taken, methods: String) -> Field {
    let about: &'static str = if methods.is_empty() { "every call" } else { methods.leak() };
    let mut shown = field(taken.key, about, if about == "every call" { "每次调用" } else { about });
    shown.required = about == "every call" && taken.need == Need::Required;
    shown.also = taken.also;
    match taken.check {
        Check::Password | Check::Code | Check::Digits(_) | Check::Month => shown.class = C3,
        Check::Name | Check::IdCard | Check::Mobile | Check::BankCard => shown.class = C2,
        Check::Text(length) => shown.limits = Some((1, length as i64)),
        Check::OneOf(values) => shown.one_of = values,
    }
    // The answers to the questions are the borrower's alone.
    if taken.shown.is_some_and(|one| one.kind == FieldKind::Choice) {
        shown.class = C3;
    }
    shown
}

const ANSWER: &[Field] = &[
    field("error", "200, or the code of the refusal", "200 或错误码").of(Kind::Integer),
    field("msg", "ok, or what is wrong, in Chinese", "ok 或错误信息"),
    field("request_id", "the number of the request; of equal signatures the same", "请求编号"),
    field("code", "200 or 0, as agreed; else as error", "200 或 0（按约定）；出错时同 error")
        .of(Kind::Integer),
    field("data", "the answer; the same again under crawler_api_zx_<method>_response", "返回数据")
        .of(Kind::Map)
        .class(C2),
];

/// What any method may answer.
const ANY: &[Documented] = &[
    answer(200, "0", "success, for merchants that agreed on 0", "成功（约定为 0 的商户）")
        .json(ANSWER),
    answer(200, "100001", "the app id is not known", "app_id 未登记").json(ANSWER),
    answer(200, "100002", "signature or token wrong", "签名或令牌错误").json(ANSWER),
    answer(200, "100003", "not signed within 15 minutes", "签名时间超出 15 分钟").json(ANSWER),
    answer(200, "100004", "signature used; its answer is not held", "签名已用过").json(ANSWER),
    answer(200, "100005", "no such method", "method 不存在").json(ANSWER),
    answer(200, "100006", "a field is missing or malformed; msg names it", "参数缺失或格式错误")
        .json(ANSWER),
    answer(200, "100007", "no such product, or rate, quota or consent", "未开通或已达上限")
        .json(ANSWER),
    answer(200, "508100", "too busy, or our error; nothing was done", "系统正忙").json(ANSWER),
];

/// What stands before every handler.
const LAYERS: &[Documented] = &[
    answer(400, "100006", "the body broke off", "请求内容不完整").json(ANSWER),
    answer(405, "100006", "another method than POST", "请求方法不支持").json(ANSWER),
    answer(408, "100006", "the body came too slowly", "请求超时").json(ANSWER),
    answer(413, "100006", "the body is too large", "请求内容过大").json(ANSWER),
    answer(415, "100006", "a kind of body or coding that is not read", "请求内容的类型不支持")
        .json(ANSWER),
];

/// Each method with what it alone answers: `login 208101`.
fn codes() -> Vec<Documented> {
    let documented = |method: Method, number: i32, message: &'static str| {
        let code: &'static str = format!("{} {number}", method.name()).leak();
        answer(200, code, message, message).json(ANSWER)
    };
    let of_method = |method: Method| {
        let refusals = method.documented().into_iter();
        let refusals = refusals.map(move |code| documented(method, code.number, code.message));
        std::iter::once(documented(method, 200, "ok")).chain(refusals)
    };
    Method::ALL.into_iter().flat_map(of_method).collect()
}
