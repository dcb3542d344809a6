//! The codes of face 3: section 2.1 of document 002, our own beside them, and which method answers
//! which.

use domain::failure::Failure;
use domain::session::credit::Refusal as Printed;
use domain::source::SourceFailure;

use super::fields::Method;

/// A code with its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    pub number: i32,
    pub message: &'static str,
}

impl Code {
    pub const APP_ID: Self = Self::own(100_001, "app_id 未登记");
    pub const SIGNATURE: Self = Self::own(100_002, "签名或令牌验证失败");
    pub const TIMESTAMP: Self = Self::own(100_003, "timestamp 无效或超出 15 分钟");
    pub const REPEATED: Self = Self::own(100_004, "该签名已使用过");
    pub const METHOD: Self = Self::own(100_005, "method 不存在");
    pub const FIELD: Self = Self::own(100_006, "参数缺失或格式错误");
    pub const QUOTA: Self = Self::own(100_007, "未开通该产品或调用量已达上限");

    pub const PASSWORD: Self = Self::printed(208_101);
    pub const PICTURE: Self = Self::printed(210_101);
    pub const DYNAMIC_CODE: Self = Self::printed(211_101);
    pub const BUSY: Self = Self::printed(508_100);
    pub const OUT_OF_STEP: Self = Self::printed(508_101);
    pub const LOGGED_OUT: Self = Self::printed(508_110);
    pub const UNIONPAY_CODE: Self = Self::printed(508_117);
    pub const CARD_NUMBER: Self = Self::printed(508_122);
    pub const ID_CARD: Self = Self::printed(508_123);
    pub const HOLDER: Self = Self::printed(508_124);
    pub const CARD_KIND: Self = Self::printed(508_127);
    pub const IDLE: Self = Self::printed(508_142);
    pub const NO_YEAR: Self = Self::printed(508_200);
    pub const NO_MONTH: Self = Self::printed(508_201);
    pub const NO_LAST_THREE: Self = Self::printed(508_202);
    pub const YEAR: Self = Self::printed(508_300);
    pub const MONTH: Self = Self::printed(508_301);
    pub const LAST_THREE: Self = Self::printed(508_302);
    /// No answer to the first to fifth question; there is no 508208.
    pub const NO_ANSWER: [Self; 5] = [
        Self::printed(508_204),
        Self::printed(508_205),
        Self::printed(508_206),
        Self::printed(508_207),
        Self::printed(508_209),
    ];

    /// Those that `rong360.md`, Envelope, adds.
    pub const OWN: [Self; 7] = [
        Self::APP_ID,
        Self::SIGNATURE,
        Self::TIMESTAMP,
        Self::REPEATED,
        Self::METHOD,
        Self::FIELD,
        Self::QUOTA,
    ];

    const fn own(number: i32, message: &'static str) -> Self {
        Self { number, message }
    }

    /// The code of section 2.1; what the document does not print does not compile.
    const fn printed(number: i32) -> Self {
        let mut at = 0;
        while PRINTED[at].0 != number {
            at += 1;
        }
        Self { number, message: PRINTED[at].1 }
    }

    /// The code of section 2.1 with this number, if it is an error.
    pub fn of_number(number: i32) -> Option<Self> {
        let (number, message) = *PRINTED[1..].iter().find(|(known, _)| *known == number)?;
        Some(Self { number, message })
    }

    /// The 66 errors of section 2.1.
    pub fn printed_errors() -> impl Iterator<Item = Self> {
        PRINTED[1..].iter().map(|(number, message)| Self { number: *number, message })
    }

    /// Whether any method may answer it.
    pub fn is_of_any(self) -> bool {
        self == Self::BUSY || Self::OWN.contains(&self)
    }
}

impl From<Printed> for Code {
    fn from(refusal: Printed) -> Self {
        Self::of_number(refusal.code()).expect("both lists are the document's")
    }
}

/// How this face answers `failure`.
pub fn of(failure: &Failure) -> Code {
    match failure {
        Failure::CredentialUnknown(_) => Code::APP_ID,
        Failure::CredentialMissing
        | Failure::SignatureWrong { .. }
        | Failure::VerificationFailed
        | Failure::TokenUnknown => Code::SIGNATURE,
        Failure::TimestampExpired | Failure::TimestampInvalid => Code::TIMESTAMP,
        Failure::NonceUsed | Failure::KeyReused | Failure::AnswerGone => Code::REPEATED,
        // The refusal adds the reason.
        Failure::Parameter { .. } => Code::FIELD,
        Failure::NotEntitled
        | Failure::RateExceeded
        | Failure::PackageExhausted
        | Failure::TestLimitReached
        | Failure::DailyQuotaReached
        | Failure::ConsentMissing => Code::QUOTA,
        Failure::PasswordWrong => Code::PASSWORD,
        Failure::SessionUnknown => Code::LOGGED_OUT,
        Failure::NotAsked | Failure::AlreadySubmitted | Failure::SessionOver => Code::OUT_OF_STEP,
        Failure::SessionTimedOut => Code::IDLE,
        Failure::ResendsUsedUp => Code::printed(508_126),
        Failure::StillCollecting => Code::printed(508_114),
        Failure::CollectionFailed(why) => failed(*why),
        Failure::Overloaded
        | Failure::Internal
        // Nothing that this face asks for leads to these.
        | Failure::ContentMd5Wrong
        | Failure::IdTypeMissing
        | Failure::IdTypeUnknown
        | Failure::Undecryptable
        | Failure::DecryptionsUsedUp
        | Failure::EntryUnusable => Code::BUSY,
    }
}

fn failed(why: SourceFailure) -> Code {
    match why {
        SourceFailure::WrongCredentials => Code::PASSWORD,
        SourceFailure::Locked => Code::printed(508_108),
        SourceFailure::NeedsAction => Code::printed(508_109),
        SourceFailure::Blocked
        | SourceFailure::Down
        | SourceFailure::Garbage
        | SourceFailure::TimedOut
        | SourceFailure::Unknown => Code::printed(508_143),
        SourceFailure::NotCovered => Code::printed(508_137),
        SourceFailure::TooManyWrong => Code::printed(508_136),
        // `rong360.md`: a crash that loses what was typed answers 508101.
        SourceFailure::SecretLost => Code::OUT_OF_STEP,
        SourceFailure::ConsentEnded => Code::QUOTA,
    }
}

impl Method {
    /// Every refusal that the method may answer besides those that any may ([`Code::OWN`] and
    /// [`Code::BUSY`]), by number: of its fields, of the state that the borrower is in, and of the
    /// institution at this step (`rong360.md`, Rules: the step at which each code is met).
    pub fn documented(self) -> Vec<Code> {
        let fields = self.takes().iter().flat_map(|field| [field.missing, field.malformed]);
        let step = self.step_codes().iter().map(|number| Code::printed(*number));
        let mut all: Vec<Code> = fields.chain(step).filter(|code| !code.is_of_any()).collect();
        all.sort_unstable_by_key(|code| code.number);
        all.dedup();
        all
    }

    fn step_codes(self) -> &'static [i32] {
        match self {
            Self::PicCode | Self::LoginInfo => &[],
            Self::Login => &LOGIN,
            Self::Question => &[508_101, 508_110, 508_112, 508_113, 508_142],
            Self::VerifyMethod => &[508_101, 508_110, 508_142],
            Self::SubmitQuestion => &[508_101, 508_110, 508_111, 508_114, 508_142],
            Self::ValidateCard => {
                &[508_101, 508_110, 508_116, 508_122, 508_130, 508_131, 508_138, 508_142]
            }
            Self::MessageCode => &[508_101, 508_110, 508_118, 508_121, 508_126, 508_141, 508_142],
            Self::Authentication => &[
                211_101, 508_101, 508_110, 508_119, 508_120, 508_123, 508_124, 508_125, 508_126,
                508_127, 508_134, 508_136, 508_139, 508_140, 508_142, 508_200, 508_201, 508_202,
                508_300, 508_301, 508_302,
            ],
            Self::SubmitOnlineAuth => {
                &[210_101, 508_101, 508_110, 508_117, 508_128, 508_129, 508_142]
            }
            Self::AuthedInfo => &[508_101, 508_109, 508_110, 508_142],
            Self::SubmitApply => &[211_101, 508_101, 508_110, 508_111, 508_114, 508_126, 508_142],
            Self::ViewInfo => &[508_101, 508_110, 508_132, 508_133, 508_142],
            Self::ViewReport => &[211_101, 508_101, 508_110, 508_115, 508_132, 508_142],
        }
    }
}

/// What a login meets: the account's state, and all that no other step answers, those of
/// registration and of the reset of a password among them.
const LOGIN: [i32; 23] = [
    208_101, 210_101, 508_101, 508_102, 508_103, 508_104, 508_105, 508_106, 508_107, 508_108,
    508_110, 508_135, 508_137, 508_142, 508_143, 508_144, 508_145, 508_146, 508_147, 508_148,
    508_149, 508_203, 508_303,
];

/// Section 2.1, trimmed.
const PRINTED: [(i32, &str); 67] = [
    (0, "ok"),
    (208_101, "您输入的账户名和密码不匹配, 请重新输入"),
    (210_101, "图片验证码输入不正确"),
    (211_101, "动态密码输入不正确或已过期"),
    (508_100, "系统正忙, 请稍后重试"),
    (508_101, "页面过期, 请刷新页面重试"),
    (508_102, "您已注册过用户"),
    (508_103, "该登录名已存在"),
    (508_104, "此手机号码已注册"),
    (508_105, "请核对您的真实姓名与身份证号是否正确!"),
    (508_106, "您的身份信息已被注册, 请勿重复注册"),
    (508_107, "您之前已经提交过注册申请, 系统正在审核"),
    (508_108, "您的登录名已因密码连续输入错误次数超过 5 次被锁定, 请 10 分钟后再登录"),
    (508_109, "请使用已经进行过银联认证或数字验证的用户名登录"),
    (508_110, "您未登录或已过期"),
    (508_111, "您的个人信用信息产品已存在"),
    (508_112, "目前系统尚未收录足够的信息对您的身份进行“问题验证”, 请您选择银联认证方式"),
    (508_113, "您当前的安全等级为高, 问题验证只有安全等级为中或低的用户才能使用"),
    (508_114, "您的查询请求已提交。查询结果将在 24 小时后发送至您的手机中, 请勿重复提交申请"),
    (508_115, "身份验证码不正确"),
    (508_116, "网银加载出现错误"),
    (508_117, "您输入的银联认证码无效"),
    (508_118, "短信发送失败, 请刷新重试"),
    (508_119, "姓名、身份证号与在互联网个人信用信息服务平台上注册时填写的信息不一致"),
    (508_120, "输入的密码、有效期或 CVN2 有误"),
    (508_121, "请输入您在银行开户或办理业务时留存的手机号码"),
    (508_122, "卡号输入错误, 请重新输入"),
    (508_123, "身份证输入错误, 请重新输入"),
    (508_124, "持卡人身份信息或手机号输入不正确"),
    (508_125, "请输入信用卡背面的末三位数字"),
    (508_126, "短信验证码超过重试次数"),
    (508_127, "储蓄卡、信用卡类型选择错误"),
    (508_128, "您输入的银联认证码过期"),
    (508_129, "您输入的银联认证码已经使用过"),
    (508_130, "银行卡验证失败"),
    (508_131, "银行卡暂不支持该业务"),
    (508_132, "您提交过申请但没有生成信用信息, 请重新申请"),
    (508_133, "无 userId 对应的 HbaseKey"),
    (508_134, "交易失败, 详情请咨询您的发卡行"),
    (508_135, "您的账户已经销户, 请重新提交申请"),
    (508_136, "密码输入次数超限"),
    (508_137, "系统没有找到您的信息,您尚未注册或已经销户"),
    (508_138, "银行卡未开通认证支付"),
    (508_139, "交易失败。详情请咨询 95516"),
    (508_140, "重复交易"),
    (508_141, "未能获取手机号短信发送失败"),
    (508_142, "由于您很长时间未在线使用, 请您重新登录"),
    (508_143, "系统暂时无法处理您的交易, 请您稍候再试"),
    (508_144, "您无法使用该功能找回登录名, 可能是因为您的安全等级为低、未注册或已销户, 请重新注册"),
    (508_145, "登录名不存在"),
    (508_146, "您输入的登录名与三项标识不匹配"),
    (508_147, "您提交的重置密码申请正在审核中, 请耐心等待"),
    (508_148, "登录名已注销"),
    (508_149, "您输入的信息有误, 请重新认证"),
    (508_200, "年份不能为空"),
    (508_201, "月份不能为空"),
    (508_202, "信用卡后 3 位不能为空"),
    (508_203, "身份证后 4 位不能为空"),
    (508_204, "请选择第 1 道题目答案"),
    (508_205, "请选择第 2 道题目答案"),
    (508_206, "请选择第 3 道题目答案"),
    (508_207, "请选择第 4 道题目答案"),
    (508_209, "请选择第 5 道题目答案"),
    (508_300, "年份为 2 位数字"),
    (508_301, "月份为 2 位数字"),
    (508_302, "信用卡后 3 位为数字"),
    (508_303, "密码、确认密码不一致!"),
];
