//! From `biz_data` to what is asked, in the words of `domain`.

use domain::identity::{BankCard, IdCard, Mobile, PersonName};
use domain::merchant::Rong360;
use domain::secret::{Private, Secret};
use domain::session::credit::CardKind;
use domain::time::Day;

use super::codes::Code;
use super::fields::{self, CARD_KINDS, Field, Method};
use super::refusal::Refusal;
use super::sent::{self, Fields};
use crate::body::Value;

/// What a merchant asks for its borrower.
#[derive(Debug)]
pub struct Asked {
    pub method: Method,
    pub sender: Sender,
    pub ask: Ask,
}

/// For whom, and by which of the merchant's programs; the borrower's state is keyed by the
/// merchant and `user_id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The merchant's own name of the borrower, of 1 to 64 characters.
    pub user_id: Private<String>,
    /// Where the merchant wants to hear of the report.
    pub notice_url: String,
    pub app_name: String,
    pub app_version: String,
    pub platform: String,
}

/// One for each [`Method`]. Codes (C3) are in small letters and may be of any form and up to 32
/// characters: one that cannot be right is as wrong as another.
#[derive(Debug)]
pub enum Ask {
    PicCode(PicturePurpose),
    LoginInfo,
    Login(Login),
    VerifyMethod {
        login_name: Option<Private<String>>,
        purpose: Purpose,
    },
    Question,
    /// The answers to the five questions, each 1 to 5.
    SubmitQuestion(Secret<[u8; 5]>),
    ValidateCard {
        bank_card: BankCard,
        purpose: Purpose,
    },
    /// Without a telephone to the registered one.
    MessageCode {
        cellphone: Option<Mobile>,
    },
    Authentication(Box<Authentication>),
    SubmitOnlineAuth {
        unionpay_code: Secret<String>,
        pic_code: Secret<String>,
    },
    AuthedInfo {
        login_name: Option<Private<String>>,
    },
    SubmitApply {
        message_code: Secret<String>,
    },
    ViewInfo,
    ViewReport {
        login_name: Option<Private<String>>,
        message_code: Secret<String>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PicturePurpose {
    Register,
    Login,
}

/// The document's `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Apply,
    FindPassword,
}

impl Purpose {
    /// 1 申请报告, 2 找回密码.
    pub fn number(self) -> u8 {
        self as u8 + 1
    }
}

#[derive(Debug)]
pub struct Login {
    pub login_name: Private<String>,
    pub password: Secret<String>,
    /// Nothing is answered 210101, with a fresh picture.
    pub pic_code: Option<Secret<String>>,
}

/// The holder of a card, as the borrower typed it. What was told to `onlineValidateCard` need not
/// be told again; if it is, it must be the same (508127).
#[derive(Debug)]
pub struct Authentication {
    pub real_name: PersonName,
    pub id_card: IdCard,
    pub cellphone: Mobile,
    pub message_code: Secret<String>,
    pub bank_card: Option<BankCard>,
    pub card_kind: Option<CardKind>,
    pub purpose: Option<Purpose>,
    pub secrets: CardSecrets,
}

/// What was typed of the card itself. What of it is needed depends on the card's kind, which may
/// have been told before.
#[derive(Debug)]
pub struct CardSecrets {
    password: Typed,
    year: Typed,
    month: Typed,
    last_three: Typed,
}

type Typed = Result<Option<Secret<String>>, Refusal>;

/// What proves that one holds a card.
#[derive(Debug)]
pub enum CardAnswer {
    /// The password for withdrawing money.
    Debit { password: Secret<String> },
    /// Digits: two, two and three.
    Credit { year: Secret<String>, month: Secret<String>, last_three: Secret<String> },
}

impl CardSecrets {
    fn read(fields: &Fields<'_>) -> Self {
        Self {
            password: fields.optional(&fields::CARD_PASSWORD, sent::password),
            year: fields.optional(&fields::YEAR, sent::digits(2)),
            month: fields.optional(&fields::MONTH, month),
            last_three: fields.optional(&fields::LAST_THREE, sent::digits(3)),
        }
    }

    /// What a card of this kind needs.
    ///
    /// Errors: the code of the first field that is missing or malformed.
    pub fn of(self, card: CardKind) -> Result<CardAnswer, Refusal> {
        match card {
            CardKind::Debit => {
                let password = self.password?;
                let missing = || Refusal::missing(&fields::CARD_PASSWORD);
                Ok(CardAnswer::Debit { password: password.ok_or_else(missing)? })
            }
            CardKind::Credit => {
                let (year, month) = expiry(self.year?, self.month?)?;
                let last_three = self.last_three?.ok_or(Code::NO_LAST_THREE)?;
                Ok(CardAnswer::Credit { year, month, last_three })
            }
        }
    }
}

/// Year and month; without a year a month of four digits is MMYY, as the form asks for it.
fn expiry(
    year: Option<Secret<String>>,
    month: Option<Secret<String>>,
) -> Result<(Secret<String>, Secret<String>), Refusal> {
    match (year, month) {
        (Some(year), Some(month)) if month.expose().len() == 2 => Ok((year, month)),
        (Some(_), Some(_)) => Err(Code::MONTH.into()),
        (Some(_), None) => Err(Code::NO_MONTH.into()),
        (None, Some(both)) if both.expose().len() == 4 => {
            let (month, year) = both.expose().split_at(2);
            Ok((Secret::new(year.to_owned()), Secret::new(month.to_owned())))
        }
        (None, _) => Err(Code::NO_YEAR.into()),
    }
}

fn month(text: &str) -> Option<Secret<String>> {
    sent::digits(2)(text).or_else(|| sent::digits(4)(text))
}

/// Errors: the code of the first field that is missing or malformed, those of every method first.
pub(super) fn ask(
    method: Method,
    biz_data: &Value,
    terms: &Rong360,
    today: Day,
) -> Result<Asked, Refusal> {
    let fields = Fields(biz_data);
    let sender = sender(&fields, terms)?;
    Ok(Asked { method, sender, ask: of_method(method, &fields, today)? })
}

fn sender(fields: &Fields<'_>, terms: &Rong360) -> Result<Sender, Refusal> {
    let text = |field: Field| fields.required(&field, sent::text(field.check));
    let merchant_id = text(fields::MERCHANT_ID)?;
    if !terms.is_called(&merchant_id) {
        return Err(Refusal::envelope("biz_data.merchant_id 与 app_id 不符"));
    }
    Ok(Sender {
        app_name: text(fields::APP_NAME)?,
        app_version: text(fields::APP_VERSION)?,
        platform: text(fields::PLATFORM)?,
        notice_url: text(fields::NOTICE_URL)?,
        user_id: Private::new(text(fields::USER_ID)?),
    })
}

fn of_method(method: Method, fields: &Fields<'_>, today: Day) -> Result<Ask, Refusal> {
    let login_name = |field: Field| fields.optional(&field, sent::private(field.check));
    let purpose = || fields.optional(&fields::PURPOSE, sent::choice(&PURPOSES));
    let code = |field: Field| fields.required(&field, sent::code);
    Ok(match method {
        Method::PicCode => {
            let all = [PicturePurpose::Register, PicturePurpose::Login];
            let purpose = fields.optional(&fields::PIC_TYPE, sent::choice(&all))?;
            Ask::PicCode(purpose.unwrap_or(PicturePurpose::Login))
        }
        Method::LoginInfo => Ask::LoginInfo,
        Method::Login => Ask::Login(Login {
            login_name: fields
                .required(&fields::LOGIN_NAME, sent::private(fields::LOGIN_NAME.check))?,
            password: fields.required(&fields::PASSWORD, sent::password)?,
            pic_code: fields.optional(&fields::PIC_CODE_AT_LOGIN, sent::code)?,
        }),
        Method::VerifyMethod => Ask::VerifyMethod {
            login_name: login_name(fields::LOGIN_NAME_AGAIN)?,
            purpose: purpose()?.unwrap_or(Purpose::Apply),
        },
        Method::Question => Ask::Question,
        Method::SubmitQuestion => answers(fields).map(Ask::SubmitQuestion)?,
        Method::ValidateCard => Ask::ValidateCard {
            bank_card: fields.required(&fields::BANK_CARD, |text| BankCard::parse(text).ok())?,
            purpose: purpose()?.unwrap_or(Purpose::Apply),
        },
        Method::MessageCode => {
            let mobile = |text: &str| Mobile::parse(text).ok();
            let cellphone = fields.optional(&fields::CELLPHONE_ELSE_REGISTERED, mobile)?;
            Ask::MessageCode { cellphone }
        }
        Method::Authentication => Ask::Authentication(Box::new(authentication(fields, today)?)),
        Method::SubmitOnlineAuth => Ask::SubmitOnlineAuth {
            unionpay_code: code(fields::UNIONPAY_CODE)?,
            pic_code: code(fields::PIC_CODE)?,
        },
        Method::AuthedInfo => Ask::AuthedInfo { login_name: login_name(fields::LOGIN_NAME_AGAIN)? },
        Method::SubmitApply => Ask::SubmitApply { message_code: code(fields::APPLY_CODE)? },
        Method::ViewInfo => Ask::ViewInfo,
        Method::ViewReport => {
            let login_name = login_name(fields::LOGIN_NAME_AGAIN)?;
            let message_code = code(fields::VIEW_CODE)?;
            // There is one version.
            fields.optional(&fields::VERSION, |text| VERSIONS.contains(&text).then_some(()))?;
            Ask::ViewReport { login_name, message_code }
        }
    })
}

const PURPOSES: [Purpose; 2] = [Purpose::Apply, Purpose::FindPassword];
const VERSIONS: [&str; 2] = ["2.0", "2"];

fn answers(fields: &Fields<'_>) -> Result<Secret<[u8; 5]>, Refusal> {
    let mut answers = [0; 5];
    for (answer, field) in answers.iter_mut().zip(&fields::ANSWERS) {
        *answer = fields.required(field, sent::choice(&[1, 2, 3, 4, 5]))?;
    }
    Ok(Secret::new(answers))
}

fn authentication(fields: &Fields<'_>, today: Day) -> Result<Authentication, Refusal> {
    let purpose = fields.optional(&fields::PURPOSE, sent::choice(&PURPOSES))?;
    let bank_card = |text: &str| BankCard::parse(text).ok();
    Ok(Authentication {
        real_name: fields.required(&fields::REAL_NAME, |text| PersonName::parse(text).ok())?,
        id_card: fields.required(&fields::ID_CARD, |text| IdCard::parse(text, today).ok())?,
        cellphone: fields.required(&fields::CELLPHONE, |text| Mobile::parse(text).ok())?,
        bank_card: fields.optional(&fields::BANK_CARD_AGAIN, bank_card)?,
        card_kind: fields.optional(&fields::CARD_TYPE_AGAIN, sent::choice(&CARD_KINDS))?,
        purpose,
        message_code: fields.required(&fields::DYNAMIC_CODE, sent::code)?,
        secrets: CardSecrets::read(fields),
    })
}
