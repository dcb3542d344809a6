//! The methods as one table (`rong360.md`, Methods): what each takes, what is wrong with it by
//! which code, and what of it a form shows. Checks, forms and documents are made of it.

use domain::merchant::FieldTypes;
use domain::session::credit::CardKind;

use super::codes::Code;

/// A method, by the document's sections 1.1.1 to 1.2.5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    PicCode,
    LoginInfo,
    Login,
    VerifyMethod,
    Question,
    SubmitQuestion,
    ValidateCard,
    MessageCode,
    Authentication,
    SubmitOnlineAuth,
    AuthedInfo,
    SubmitApply,
    ViewInfo,
    ViewReport,
}

/// A field of `biz_data`.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub key: &'static str,
    /// Another spelling that is read as well.
    pub also: Option<&'static str>,
    pub need: Need,
    pub check: Check,
    pub missing: Code,
    pub malformed: Code,
    /// How a form shows it, if one does.
    pub shown: Option<Shown>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    Required,
    Optional,
    /// Required for this kind of card.
    Of(CardKind),
}

/// In the order of the document's numbers, from 1.
pub(super) const CARD_KINDS: [CardKind; 2] = [CardKind::Debit, CardKind::Credit];

/// What a field must be, once the space around it is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Up to so many characters, none of them a control character.
    Text(usize),
    /// What the borrower alone knows, as it was typed, space included.
    Password,
    /// Six letters or digits, case-insensitive. Whether it is right the institution says.
    Code,
    /// So many digits; a JSON number may lack its leading zeros.
    Digits(usize),
    /// `MM`, or `MMYY` where no year is sent.
    Month,
    Name,
    IdCard,
    Mobile,
    BankCard,
    OneOf(&'static [&'static str]),
}

/// How a form shows a field, or a note that nothing answers.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    pub title: &'static str,
    pub hint: &'static str,
    pub kind: FieldKind,
    /// What fetches it anew, and with which parameter.
    pub refresh: Option<Refresh>,
}

#[derive(Clone, Copy, Debug)]
pub struct Refresh {
    pub method: Method,
    /// Key, and the number that is its value; without one the borrower fills it in.
    pub parameter: Option<(&'static str, Option<u8>)>,
}

/// What kind of entry a form field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    Text,
    IdNumber,
    Digits,
    Mobile,
    Password,
    Picture,
    CardNumber,
    SmsCode,
    Heading,
    Note,
    MonthYear,
    Choice,
}

impl FieldKind {
    /// Its number in `types`.
    pub fn number(self, types: FieldTypes) -> u8 {
        let (document, later) = match self {
            Self::Text => (1, 1),
            Self::IdNumber => (2, 2),
            Self::Digits => (3, 3),
            Self::Mobile => (4, 5),
            Self::Password => (5, 7),
            Self::Picture => (6, 8),
            Self::CardNumber => (6, 6),
            Self::SmsCode => (7, 9),
            Self::Heading => (15, 15),
            Self::Note => (16, 16),
            Self::MonthYear => (17, 17),
            Self::Choice => (19, 19),
        };
        match types {
            FieldTypes::Document => document,
            FieldTypes::Later => later,
        }
    }
}

struct Entry {
    method: Method,
    name: &'static str,
    takes: &'static [Field],
}

/// What stands before a method's name.
pub const PREFIX: &str = "crawler.api.zx.";

static TABLE: [Entry; 14] = {
    use Method as M;
    [
        entry(M::PicCode, "getPicCode", &[PIC_TYPE]),
        entry(M::LoginInfo, "getLoginInfo", &[]),
        entry(M::Login, "login", &[LOGIN_NAME, PASSWORD, PIC_CODE_AT_LOGIN]),
        entry(M::VerifyMethod, "getVerifyMethod", &[LOGIN_NAME_AGAIN, PURPOSE]),
        entry(M::Question, "getQuestion", &[]),
        entry(M::SubmitQuestion, "submitQuestion", &ANSWERS),
        entry(M::ValidateCard, "onlineValidateCard", &[BANK_CARD, PURPOSE]),
        // What was typed so far may come with it and is not looked at.
        entry(M::MessageCode, "getOnlineMessageCode", &[CELLPHONE_ELSE_REGISTERED]),
        entry(
            M::Authentication,
            "onlineAuthentication",
            &[
                REAL_NAME,
                ID_CARD,
                CELLPHONE,
                CARD_PASSWORD,
                LAST_THREE,
                MONTH,
                YEAR,
                DYNAMIC_CODE,
                BANK_CARD_AGAIN,
                CARD_TYPE_AGAIN,
                PURPOSE,
            ],
        ),
        entry(M::SubmitOnlineAuth, "submitOnlineAuth", &[UNIONPAY_CODE, PIC_CODE]),
        entry(M::AuthedInfo, "getOnlineAuthedInfo", &[LOGIN_NAME_AGAIN]),
        entry(M::SubmitApply, "submitApplyMessageCode", &[APPLY_CODE]),
        entry(M::ViewInfo, "getViewReportInfo", &[]),
        entry(M::ViewReport, "viewReport", &[LOGIN_NAME_AGAIN, VIEW_CODE, VERSION]),
    ]
};

impl Method {
    pub const ALL: [Self; TABLE.len()] = {
        let mut all = [Self::PicCode; TABLE.len()];
        let mut place = 0;
        while place < TABLE.len() {
            all[place] = TABLE[place].method;
            assert!(all[place] as usize == place, "each method stands in its place");
            place += 1;
        }
        all
    };

    /// The method that `text` names in full, with or without space around it.
    pub fn parse(text: &str) -> Option<Self> {
        let name = text.trim().strip_prefix(PREFIX)?;
        Self::ALL.into_iter().find(|method| method.name() == name)
    }

    /// Without its prefix, as forms name it.
    pub const fn name(self) -> &'static str {
        TABLE[self as usize].name
    }

    /// The fields besides [`COMMON`].
    pub const fn takes(self) -> &'static [Field] {
        TABLE[self as usize].takes
    }
}

const fn entry(method: Method, name: &'static str, takes: &'static [Field]) -> Entry {
    Entry { method, name, takes }
}

/// What every `biz_data` carries.
pub const COMMON: [Field; 6] = [MERCHANT_ID, APP_NAME, APP_VERSION, PLATFORM, NOTICE_URL, USER_ID];

pub(super) const MERCHANT_ID: Field = field("merchant_id", Check::Text(64));
pub(super) const APP_NAME: Field = field("app_name", Check::Text(64));
pub(super) const APP_VERSION: Field = field("app_version", Check::Text(64));
pub(super) const PLATFORM: Field = field("platform", Check::Text(64));
pub(super) const NOTICE_URL: Field = field("notice_url", Check::Text(2048));
pub(super) const USER_ID: Field = field("user_id", Check::Text(64));

/// 1 register, 2 login.
pub(super) const PIC_TYPE: Field = field("type", Check::OneOf(&["1", "2"])).optional();
/// 1 apply, 2 find the password.
pub(super) const PURPOSE: Field = field("type", Check::OneOf(&["1", "2"])).optional();
pub(super) const LOGIN_NAME: Field =
    field("login_name", Check::Text(64)).shown("用户名", "", FieldKind::Text);
/// Where the one who logged in is meant.
pub(super) const LOGIN_NAME_AGAIN: Field = field("login_name", Check::Text(64)).optional();
pub(super) const PASSWORD: Field =
    field("password", Check::Password).shown("密码", "", FieldKind::Password);
/// Not sent it is as wrong as another; the institution gives a fresh picture for it.
pub(super) const PIC_CODE_AT_LOGIN: Field = Field { need: Need::Optional, ..PIC_CODE }
    .shown("验证码", CODE_HINT, FieldKind::Picture)
    .refreshed(Method::PicCode, Some(("type", Some(2))));
pub(super) const PIC_CODE: Field = field("pic_code", Check::Code)
    .codes(Code::PICTURE, Code::PICTURE)
    .shown("图片验证码", CODE_HINT, FieldKind::Picture);
pub(super) const BANK_CARD: Field = field("bank_card", Check::BankCard)
    .codes(Code::FIELD, Code::CARD_NUMBER)
    .shown("银行卡号", "建议使用信用卡，提高验证成功率", FieldKind::CardNumber);
pub(super) const CELLPHONE_ELSE_REGISTERED: Field = field("cellphone", Check::Mobile).optional();
pub(super) const REAL_NAME: Field = field("real_name", Check::Name)
    .codes(Code::FIELD, Code::HOLDER)
    .shown("姓名", "银行办理该卡时使用的姓名", FieldKind::Text);
pub(super) const ID_CARD: Field = field("id_card", Check::IdCard)
    .codes(Code::FIELD, Code::ID_CARD)
    .shown("身份证", "银行办理该卡时使用的身份证号", FieldKind::IdNumber);
pub(super) const CELLPHONE: Field = field("cellphone", Check::Mobile)
    .codes(Code::FIELD, Code::HOLDER)
    .shown("手机号", "银行办理该卡时预留的手机号", FieldKind::Mobile);
pub(super) const CARD_PASSWORD: Field = field("password", Check::Password)
    .of(CardKind::Debit)
    .shown("银行卡密码", "银行卡取款密码", FieldKind::Digits);
pub(super) const LAST_THREE: Field = field("last_three", Check::Digits(3))
    .of(CardKind::Credit)
    .codes(Code::NO_LAST_THREE, Code::LAST_THREE)
    .shown("后3位", "信用卡背面后3位", FieldKind::Digits);
pub(super) const MONTH: Field = field("month", Check::Month)
    .of(CardKind::Credit)
    .codes(Code::NO_MONTH, Code::MONTH)
    .shown("有效期至", "有效期至", FieldKind::MonthYear);
/// The form asks for both in `month`.
pub(super) const YEAR: Field =
    field("year", Check::Digits(2)).of(CardKind::Credit).codes(Code::NO_YEAR, Code::YEAR);
pub(super) const DYNAMIC_CODE: Field = field("message_code", Check::Code)
    .codes(Code::FIELD, Code::DYNAMIC_CODE)
    .shown("动态验证码", CODE_HINT, FieldKind::SmsCode)
    .refreshed(Method::MessageCode, Some(("cellphone", None)));
pub(super) const BANK_CARD_AGAIN: Field = field("bank_card", Check::BankCard)
    .also("cank_card")
    .codes(Code::FIELD, Code::CARD_NUMBER)
    .optional();
pub(super) const CARD_TYPE_AGAIN: Field =
    field("card_type", Check::OneOf(&["1", "2"])).codes(Code::FIELD, Code::CARD_KIND).optional();
pub(super) const UNIONPAY_CODE: Field = field("unionpay_code", Check::Code)
    .also("usnionpay_code")
    .codes(Code::FIELD, Code::UNIONPAY_CODE)
    .shown("银联认证码", "", FieldKind::SmsCode);
pub(super) const APPLY_CODE: Field = field("message_code", Check::Code)
    .codes(Code::FIELD, Code::DYNAMIC_CODE)
    .shown("短信验证码", "短信验证码将发送至您注册的手机中", FieldKind::SmsCode)
    .refreshed(Method::MessageCode, None);
pub(super) const VIEW_CODE: Field = field("message_code", Check::Code)
    .codes(Code::FIELD, Code::DYNAMIC_CODE)
    .shown("央行验证码", "短信下发至您注册时使用的手机中", FieldKind::SmsCode);
pub(super) const VERSION: Field = field("version", Check::OneOf(&["2.0", "2"])).optional();

pub(super) const ANSWERS: [Field; 5] = {
    const KEYS: [&str; 5] = [
        "kbaList[0].options",
        "kbaList[1].options",
        "kbaList[2].options",
        "kbaList[3].options",
        "kbaList[4].options",
    ];
    let mut answers = [USER_ID; 5];
    let mut at = 0;
    while at < answers.len() {
        let code = Code::NO_ANSWER[at];
        let check = Check::OneOf(&["1", "2", "3", "4", "5"]);
        answers[at] = field(KEYS[at], check).codes(code, code).shown("", "", FieldKind::Choice);
        at += 1;
    }
    answers
};

const CODE_HINT: &str = "6位，由字母、数字组成";

/// A required field without a code of its own.
const fn field(key: &'static str, check: Check) -> Field {
    Field {
        key,
        also: None,
        need: Need::Required,
        check,
        missing: Code::FIELD,
        malformed: Code::FIELD,
        shown: None,
    }
}

impl Field {
    const fn optional(mut self) -> Self {
        self.need = Need::Optional;
        self
    }

    const fn of(mut self, card: CardKind) -> Self {
        self.need = Need::Of(card);
        self
    }

    const fn also(mut self, spelling: &'static str) -> Self {
        self.also = Some(spelling);
        self
    }

    const fn codes(mut self, missing: Code, malformed: Code) -> Self {
        self.missing = missing;
        self.malformed = malformed;
        self
    }

    const fn shown(mut self, title: &'static str, hint: &'static str, kind: FieldKind) -> Self {
        self.shown = Some(Shown { title, hint, kind, refresh: None });
        self
    }

    const fn refreshed(
        mut self,
        method: Method,
        parameter: Option<(&'static str, Option<u8>)>,
    ) -> Self {
        if let Some(shown) = &mut self.shown {
            shown.refresh = Some(Refresh { method, parameter });
        }
        self
    }
}
