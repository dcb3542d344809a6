//! Face 2, described from the face's own table of endpoints (`wire::qiancheng::Endpoint`): what
//! is checked is what is documented.

use std::sync::LazyLock;

use wire::qiancheng::{Check, Endpoint, Field as Taken, Need};

use super::{
    Class, Description, Documented, FaceDescription, Field, Kind, Media, Text, answer, field, text,
};

pub(crate) const FACE: FaceDescription = FaceDescription {
    name: text("Face 2: Qiancheng credit data", "接口二：前程征信数据接口"),
    authentication: text(
        "A token in the body (from /client/authorize/token), or the account's username together \
         with the session's open_id, as each endpoint says. What stands in a URL is not read.",
        "在请求体中携带 token（由 /client/authorize/token 获取），或商户账号 username 与会话 open_id，\
         以各接口说明为准。URL 中的参数不读取。",
    ),
    schemes: &[],
    headers: &[],
};

/// The envelope of every answer.
const ENVELOPE: &[Field] = &[
    field("code", "0, 1000, 1001 or 1003", "返回码").of(Kind::Integer),
    field("msg", "what is wrong, in Chinese; empty on success", "错误信息，成功时为空"),
    field("data", "the answer; null where there is none", "返回数据，无则为 null")
        .of(Kind::Map)
        .nullable(),
];

const OK: &[Documented] = &[answer(200, "0", "done", "成功").json(ENVELOPE)];
const SYSTEM: &[Documented] = &[answer(
    200,
    "1000",
    "a system error, the collection failed, or rate or quota used up",
    "系统错误、采集失败或调用量已达上限",
)
.json(ENVELOPE)];
const INPUT: &[Documented] = &[answer(
    200,
    "1001",
    "wrong input, account, token or session; the message names the field",
    "输入、账户、令牌或会话错误；msg 指明字段",
)
.json(ENVELOPE)];
const COLLECTING: &[Documented] =
    &[answer(200, "1003", "the data is still being collected", "正在采集数据").json(ENVELOPE)];

/// What stands before every handler, in this face's envelope.
const LAYERS: &[Documented] = &[
    answer(400, "1001", "the body broke off", "请求内容不完整").json(ENVELOPE),
    answer(405, "1001", "another method than is taken", "请求方法不支持").json(ENVELOPE),
    answer(408, "1001", "the body came too slowly", "请求超时").json(ENVELOPE),
    answer(413, "1001", "the body is too large", "请求内容过大").json(ENVELOPE),
    answer(503, "1000", "too busy; nothing was begun", "服务繁忙").json(ENVELOPE),
];

/// Where something of the body is asked for.
const UNREAD: &[Documented] = &[answer(
    415,
    "1001",
    "a kind of body or coding that is not read",
    "请求内容的类型或编码不支持",
)
.json(ENVELOPE)];

/// The descriptions in the order of [`Endpoint::ALL`].
static DESCRIPTIONS: LazyLock<Vec<Description>> =
    LazyLock::new(|| Endpoint::ALL.into_iter().map(describe).collect());

pub(crate) fn of(endpoint: Endpoint) -> &'static Description {
    let place = Endpoint::ALL.into_iter().position(|known| known == endpoint);
    &DESCRIPTIONS[place.expect("ALL has all of them")]
}

fn describe(endpoint: Endpoint) -> Description {
    let proof = endpoint.proof().takes();
    let takes: Vec<Field> = proof.iter().chain(endpoint.takes()).map(taken).collect();
    Description {
        summary: summary(endpoint),
        // Once for each endpoint of the process.
        takes: takes.leak(),
        bodies: if endpoint.is_get() { &[] } else { &[Media::Form, Media::Json, Media::Multipart] },
        answers: answers(endpoint),
    }
}

fn answers(endpoint: Endpoint) -> &'static [&'static [Documented]] {
    use Endpoint as E;
    match endpoint {
        E::EbankBanks => &[OK, LAYERS],
        E::AuditResult => &[OK, INPUT, LAYERS],
        E::TelecomData | E::TelecomReport | E::DegreeData | E::EbankData | E::EbankDataV2 => {
            &[OK, SYSTEM, INPUT, COLLECTING, UNREAD, LAYERS]
        }
        E::BlackList
        | E::BlackListV2
        | E::TelecomOpen
        | E::DegreeOpen
        | E::DegreeLogin
        | E::EbankOpen
        | E::EbankOpenV2
        | E::AuditOpen => &[OK, SYSTEM, INPUT, UNREAD, LAYERS],
        E::Token
        | E::TelecomServicePassword
        | E::TelecomQueryPassword
        | E::TelecomCaptcha
        | E::TelecomResend
        | E::TelecomState
        | E::DegreeState
        | E::EbankLicense
        | E::EbankState
        | E::EbankCaptcha
        | E::EbankBanksV2
        | E::EbankLicenseV2
        | E::EbankLoginV2
        | E::EbankStateV2
        | E::EbankCaptchaV2 => &[OK, INPUT, UNREAD, LAYERS],
    }
}

fn taken(taken: &Taken) -> Field {
    let about = about(taken.name);
    let mut shown = field(taken.name, about.en, about.zh);
    shown.required = taken.need != Need::Optional;
    let (kind, class) = match taken.check {
        Check::Secret => (Kind::Text, Class::C3),
        Check::Name | Check::IdCard | Check::Mobile | Check::Application => (Kind::Text, Class::C2),
        Check::Claims(_) | Check::Client => (Kind::Map, Class::C2),
        Check::Hours => (Kind::Integer, Class::C1),
        Check::Text | Check::OpenId | Check::OneOf(_) => (Kind::Text, Class::C1),
    };
    (shown.kind, shown.class) = (kind, class);
    match taken.check {
        Check::OpenId => shown.pattern = Some("^[0-9a-f]{32}$"),
        Check::Mobile => shown.pattern = Some("^1[3-9][0-9]{9}$"),
        Check::IdCard => shown.pattern = Some("^[0-9]{17}[0-9Xx]$"),
        Check::Hours => shown.limits = Some((1, 720)),
        Check::OneOf(values) => shown.one_of = values,
        Check::Text
        | Check::Secret
        | Check::Name
        | Check::Claims(_)
        | Check::Client
        | Check::Application => {}
    }
    shown
}

/// What a field means, under whatever endpoint.
fn about(name: &str) -> Text {
    match name {
        "username" => text("the merchant's account", "商户账号"),
        "password" => text("the password", "密码"),
        "hours" => {
            text("how long the token holds; 24 without it", "token 有效时间（小时），默认 24")
        }
        "token" => text("from /client/authorize/token", "认证令牌"),
        "open_id" | "openId" => text("the session", "查询 open_id"),
        "name" => text("the person's name", "姓名"),
        "id_card" => text("the ID card", "身份证号"),
        "mobile" | "phone" => text("the mobile number", "手机号"),
        "service_password" => {
            text("the carrier's service password; empty: it follows", "运营商服务密码，可为空后补")
        }
        "query_password" => text("the carrier's query password", "运营商查询密码"),
        "captcha" => text("the code by SMS", "手机验证码"),
        "verify_code" => text("what the prompt asks for", "验证码"),
        "options" => text("addresses, telephones and contacts", "地址、电话及联系人"),
        "account" => text("the account at the register", "学信网账号"),
        "sync" => text("0 waits for the end, 1 returns at once", "0：同步获取 1：异步获取"),
        "entry_id" => text("the bank's entry", "银行入口"),
        "login_name" => text("the login name at the bank", "网银登录账号"),
        "user_info" => text("the borrower's device", "用户终端信息"),
        "data" => text(
            "the application: a compact JWE (RSA-OAEP-256, A256GCM), or RSA blocks in Base64",
            "进件数据：JWE（RSA-OAEP-256 与 A256GCM），或 RSA 分段加密后的 Base64",
        ),
        _ => text("", ""),
    }
}

fn summary(endpoint: Endpoint) -> Text {
    use Endpoint as E;
    match endpoint {
        E::Token => text("Get a token", "商户认证"),
        E::BlackList => text("Look a person up in the blacklist", "黑名单查询"),
        E::BlackListV2 => text("The same, as a list of one", "黑名单查询（v2）"),
        E::TelecomOpen => text("Begin a telecom collection", "运营商：创建查询"),
        E::TelecomServicePassword => text("Give the service password", "运营商：提交服务密码"),
        E::TelecomQueryPassword => text("Give the query password", "运营商：提交查询密码"),
        E::TelecomCaptcha => text("Give the code by SMS", "运营商：提交手机验证码"),
        E::TelecomResend => text("Have the code sent again", "运营商：重发手机验证码"),
        E::TelecomState => text("State of a telecom collection", "运营商：查询状态"),
        E::TelecomData => text("What the carrier gave", "运营商：原始数据"),
        E::TelecomReport => text("The report on it", "运营商：报告数据"),
        E::DegreeOpen => text("Begin a degree collection", "学信网：创建查询"),
        E::DegreeLogin => text("Log in to the degree register", "学信网：提交账号密码"),
        E::DegreeState => text("State of a degree collection", "学信网：查询状态"),
        E::DegreeData => text("The degrees", "学信网：原始数据"),
        E::EbankBanks => text("The banks and their logins", "网银：银行信息"),
        E::EbankLicense => text("Upload the borrower's licence", "网银：授权协议上传"),
        E::EbankOpen => text("Begin a bank collection", "网银：获取查询令牌"),
        E::EbankState => text("State of a bank collection", "网银：查询状态"),
        E::EbankCaptcha => text("Answer the bank's prompt", "网银：提交验证码"),
        E::EbankData => text("What the bank gave", "网银：原始数据"),
        E::EbankOpenV2 => text("Begin a bank collection (v2)", "网银 v2：获取查询令牌"),
        E::EbankBanksV2 => text("The banks in use (v2)", "网银 v2：银行信息"),
        E::EbankLicenseV2 => text("Upload the licence (v2)", "网银 v2：授权协议上传"),
        E::EbankLoginV2 => text("Log in to the bank (v2)", "网银 v2：提交登录信息"),
        E::EbankStateV2 => text("State (v2)", "网银 v2：查询状态"),
        E::EbankCaptchaV2 => text("Answer the bank's prompt (v2)", "网银 v2：提交验证码"),
        E::EbankDataV2 => text("What the bank gave (v2)", "网银 v2：原始数据"),
        E::AuditOpen => text("Have an application decided", "风控审核：提交进件"),
        E::AuditResult => text("What became of it", "风控审核：审核结果"),
    }
}
