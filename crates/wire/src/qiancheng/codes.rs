//! The codes and the words of face 2: document 001's answers, its dictionaries of states (section
//! 8) and what `qiancheng.md`, Envelope, adds. All words are Chinese, as the document's.

use domain::failure::{CredentialKind, Failure};
use domain::identity::IdentityFault;
use domain::session::State;
use domain::source::SourceFailure;

use super::refusal::Fault;

/// A code with its HTTP status and its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    pub number: i32,
    pub status: u16,
    pub message: &'static str,
}

impl Code {
    pub const OK: Self = Self::new(0, "");
    pub const INPUT: Self = Self::input("输入错误");
    pub const UNREADABLE: Self = Self::input("请求内容无法读取");
    const QUOTA: Self = Self::system("调用量已达上限");

    const fn new(number: i32, message: &'static str) -> Self {
        Self { number, status: 200, message }
    }

    /// 1000: a system error, or the service is not available.
    const fn system(message: &'static str) -> Self {
        Self::new(1000, message)
    }

    /// 1001: the input is wrong, or who sent it may not.
    const fn input(message: &'static str) -> Self {
        Self::new(1001, message)
    }
}

/// The reason of a refusal by people (section 7.2, `reason`).
pub(super) const REFUSED_BY_PEOPLE: &str = "人工复核未通过";

/// How this face answers `failure`.
pub fn of(failure: &Failure) -> Code {
    match failure {
        Failure::CredentialMissing => Code::input("缺少认证信息"),
        Failure::CredentialUnknown(CredentialKind::Password) | Failure::PasswordWrong => {
            Code::input("账户或密码错误")
        }
        Failure::TokenUnknown => Code::input("token: 无效或已过期"),
        Failure::SessionUnknown => Code::input("open_id: 不存在"),
        Failure::NotEntitled => Code::input("未开通该产品"),
        Failure::RateExceeded
        | Failure::PackageExhausted
        | Failure::TestLimitReached
        | Failure::DailyQuotaReached => Code::QUOTA,
        // `refusal` adds the reason.
        Failure::Parameter { .. } => Code::INPUT,
        Failure::NotAsked => Code::input("当前状态不接受该操作"),
        Failure::AlreadySubmitted => Code::input("已提交，正在处理中"),
        Failure::SessionOver => Code::input("采集流程已结束"),
        Failure::SessionTimedOut => Code::input("采集超时，请重新开始流程"),
        Failure::ResendsUsedUp => Code::input("验证码发送次数已达上限"),
        Failure::ConsentMissing => Code::input("缺少有效的用户授权"),
        Failure::EntryUnusable => Code::input("entry_id: 银行入口不存在或已停用"),
        Failure::StillCollecting => Code::new(1003, "正在采集数据"),
        Failure::CollectionFailed(why) => Code::system(collection_failed(*why)),
        Failure::Undecryptable => {
            Code::input("data: 无法解密或不是JSON，请核对公钥版本、分段长度、Base64与UTF-8编码")
        }
        // The one key of a merchant's own on this face.
        Failure::KeyReused => Code::input("data.order_detail.order_id: 已用于另一份申请"),
        Failure::DecryptionsUsedUp => Code::input("data: 无法解密的次数过多，请一小时后再试"),
        Failure::Overloaded => {
            Code { status: 503, ..Code::system("服务繁忙，请稍后重试") }
        }
        // Nothing that this face asks for leads to any of these but the first.
        Failure::Internal
        | Failure::CredentialUnknown(
            CredentialKind::AppCode | CredentialKind::AppKey | CredentialKind::RsaPublicKey,
        )
        | Failure::SignatureWrong { .. }
        | Failure::TimestampExpired
        | Failure::TimestampInvalid
        | Failure::NonceUsed
        | Failure::ContentMd5Wrong
        | Failure::VerificationFailed
        | Failure::IdTypeMissing
        | Failure::IdTypeUnknown
        | Failure::AnswerGone => Code::system("系统错误"),
    }
}

fn collection_failed(why: SourceFailure) -> &'static str {
    match why {
        SourceFailure::WrongCredentials => "采集失败: 账户或密码错误",
        SourceFailure::Locked => "采集失败: 账户已被锁定",
        SourceFailure::NeedsAction => "采集失败: 需本人先到该机构办理相关手续",
        SourceFailure::Blocked => "采集失败: 该机构拒绝访问",
        SourceFailure::Down => "采集失败: 该机构暂时无法访问",
        SourceFailure::Garbage => "采集失败: 该机构返回的数据无法解析",
        SourceFailure::TimedOut => "采集失败: 采集超时",
        SourceFailure::NotCovered => "采集失败: 该机构查无此人或暂不支持",
        SourceFailure::TooManyWrong => "采集失败: 错误次数过多",
        SourceFailure::SecretLost => "采集失败: 服务中断，请重新开始流程",
        SourceFailure::Unknown => "采集失败: 提交结果未知",
        SourceFailure::ConsentEnded => "采集失败: 用户授权已撤销或到期",
    }
}

/// What is said to a request that never reached the face.
pub(super) fn unreached(status: u16) -> Code {
    let message = match status {
        404 => "接口不存在",
        405 => "请求方法不支持",
        408 => "请求超时",
        413 => "请求内容过大",
        415 => "请求内容的类型或编码不支持",
        _ => Code::UNREADABLE.message,
    };
    Code { status, ..Code::input(message) }
}

/// What is wrong with a field, behind its name.
pub(super) fn fault(fault: Fault) -> &'static str {
    match fault {
        Fault::Identity(IdentityFault::Missing) => "缺失",
        Fault::Identity(IdentityFault::Length) => "长度错误",
        Fault::Identity(IdentityFault::Character) => "含有非法字符",
        Fault::Identity(IdentityFault::Prefix) => "号段错误",
        Fault::Identity(IdentityFault::Date) => "出生日期错误",
        Fault::Identity(IdentityFault::CheckDigit) => "校验位错误",
        Fault::NotText => "应为文本",
        Fault::NotList => "应为列表",
        Fault::NotMap => "应为对象",
        Fault::TooLong => "过长",
        Fault::TooMany => "项数过多",
        Fault::Form => "格式错误",
        Fault::Choice => "取值无效",
        Fault::Range => "超出取值范围",
        Fault::Contradiction => "前后不一致",
        Fault::Repeated => "重复",
        Fault::TooDeep => "嵌套过深",
        Fault::Amount => "应为金额（元），最多两位小数",
        Fault::Moment => "应为时间，如 2018-01-31 08:30:00",
        Fault::Envelope => "应为JWE（RSA-OAEP-256与A256GCM）；RSA分段加密须先申请开通",
        Fault::Month => "应为月份，如 2018-01",
    }
}

/// The description of a state (document 001, section 8).
pub fn message(state: &State) -> &'static str {
    let dictionary: &[(i64, &str)] = match state {
        State::Telecom(_) => &TELECOM,
        State::Degree(_) => &DEGREE,
        State::Ebank(_) => &EBANK,
    };
    let number = state.number();
    dictionary.iter().find(|(known, _)| *known == number).map_or("", |(_, message)| message)
}

/// Section 8.1.
const TELECOM: [(i64, &str); 13] = [
    (0, "查询已初始化"),
    (1, "流程重新开始"),
    (11, "已提交服务密码"),
    (21, "需要验证码"),
    (22, "验证码已提交"),
    (23, "验证码错误或超时"),
    (24, "已重发验证码"),
    (31, "需要输入查询密码"),
    (32, "查询密码已提交"),
    (33, "查询密码错误"),
    (41, "完成账户采集流程"),
    (42, "采集流程失败"),
    (43, "数据可用"),
];

/// Section 8.2.
const DEGREE: [(i64, &str); 4] =
    [(0, "查询初始化"), (11, "已经提交账号密码"), (21, "采集完成"), (22, "采集失败")];

/// Section 8.3.
const EBANK: [(i64, &str); 12] = [
    (0, "查询初始化"),
    (1, "账户信息已提交"),
    (2, "需要动态口令"),
    (3, "动态口令已提交"),
    (4, "需要图片验证码"),
    (5, "图片验证码已提交"),
    (6, "需要短信验证码"),
    (7, "短信验证码已提交"),
    (8, "验证码错误或超时"),
    (9, "已重发验证码"),
    (10, "采集完成"),
    (11, "采集失败"),
];
