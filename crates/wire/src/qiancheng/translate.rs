//! From the fields of an endpoint to what is asked, in the words of `domain`.

use domain::claims::Claims;
use domain::identity::{IdCard, Person, PersonName};
use domain::secret::{Private, Secret};
use domain::session::PromptKind;
use domain::time::Day;

use super::endpoint::{DEGREE_KEYS, Endpoint, TELECOM_KEYS};
use super::fields::{self, Fields};
use super::refusal::Refusal;

/// What a merchant asks. Which session is meant stands in the credential.
#[derive(Debug)]
pub enum Asked {
    /// A token; the credential says all.
    Token,
    /// Whether the person is in the blacklist.
    IsListed(Person),
    OpenTelecom {
        person: Person,
        /// Nothing: it follows by [`Asked::ServicePassword`].
        service_password: Option<Secret<String>>,
        claims: Claims,
    },
    OpenDegree {
        person: Person,
        claims: Claims,
    },
    /// E-bank v1: the session begins with the login.
    OpenEbank {
        person: Person,
        login: BankLogin,
        client: Option<Client>,
    },
    /// E-bank v2: the login follows.
    OpenEbankV2(Person),
    /// The borrower's consent, before there is a session.
    License {
        name: PersonName,
        id_card: IdCard,
        account: BankAccount,
    },
    /// The borrower's consent, for the session's person.
    LicenseV2(BankAccount),
    /// The carrier's service password, for a session that began without one.
    ServicePassword(Secret<String>),
    DegreeLogin {
        account: Private<String>,
        password: Secret<String>,
        /// Whether the answer waits for the end.
        waits: bool,
    },
    EbankLogin(BankLogin),
    /// The borrower's answer; without `prompt` to whatever prompt waits.
    Answer {
        prompt: Option<PromptKind>,
        text: Secret<String>,
    },
    Resend,
    State,
    Data,
    Report,
    Banks,
    /// A decision on an application, which is still encrypted.
    Audit {
        person: Person,
        data: Private<String>,
    },
    AuditResult,
}

/// An account at an entry of a bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankAccount {
    pub entry_id: String,
    pub login_name: Private<String>,
}

#[derive(Debug)]
pub struct BankLogin {
    pub account: BankAccount,
    /// Some banks need none.
    pub password: Option<Secret<String>>,
}

/// The borrower's device and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    pub client_type: ClientType,
    pub ip: Option<Private<String>>,
    pub city: Option<Private<String>>,
    pub province: Option<Private<String>>,
    pub lat: Option<Private<String>>,
    pub lon: Option<Private<String>>,
    pub udid: Option<Private<String>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientType {
    Other,
    Ios,
    Android,
}

impl ClientType {
    /// In the order of the document's numbers, from 0.
    pub const ALL: [Self; 3] = [Self::Other, Self::Ios, Self::Android];
}

pub(super) fn open(endpoint: Endpoint, fields: &Fields<'_>, today: Day) -> Result<Asked, Refusal> {
    let answer =
        |prompt, name| Ok(Asked::Answer { prompt, text: fields.required(name, fields::secret)? });
    match endpoint {
        Endpoint::Token => Ok(Asked::Token),
        Endpoint::BlackList | Endpoint::BlackListV2 => fields.person(today).map(Asked::IsListed),
        Endpoint::TelecomOpen => Ok(Asked::OpenTelecom {
            person: fields.person(today)?,
            service_password: fields.sent("service_password")?,
            claims: fields.claims(&TELECOM_KEYS)?,
        }),
        Endpoint::TelecomServicePassword => {
            fields.required("service_password", fields::secret).map(Asked::ServicePassword)
        }
        Endpoint::TelecomQueryPassword => answer(Some(PromptKind::QueryPassword), "query_password"),
        Endpoint::TelecomCaptcha => answer(Some(PromptKind::Sms), "captcha"),
        Endpoint::TelecomResend => Ok(Asked::Resend),
        Endpoint::DegreeOpen => Ok(Asked::OpenDegree {
            person: fields.person(today)?,
            claims: fields.claims(&DEGREE_KEYS)?,
        }),
        Endpoint::DegreeLogin => Ok(Asked::DegreeLogin {
            account: fields.required("account", fields::private)?,
            password: fields.required("password", fields::secret)?,
            waits: fields.required("sync", fields::choice(&[true, false]))?,
        }),
        Endpoint::EbankLicense => {
            let account = account(fields)?;
            Ok(Asked::License { name: fields.name()?, id_card: fields.id_card(today)?, account })
        }
        Endpoint::EbankOpen => Ok(Asked::OpenEbank {
            person: fields.person(today)?,
            login: login(fields)?,
            client: fields.inside("user_info", client)?,
        }),
        Endpoint::EbankOpenV2 => fields.person(today).map(Asked::OpenEbankV2),
        Endpoint::EbankLicenseV2 => account(fields).map(Asked::LicenseV2),
        Endpoint::EbankLoginV2 => login(fields).map(Asked::EbankLogin),
        Endpoint::EbankCaptcha | Endpoint::EbankCaptchaV2 => answer(None, "verify_code"),
        Endpoint::TelecomState
        | Endpoint::DegreeState
        | Endpoint::EbankState
        | Endpoint::EbankStateV2 => Ok(Asked::State),
        Endpoint::TelecomData
        | Endpoint::DegreeData
        | Endpoint::EbankData
        | Endpoint::EbankDataV2 => Ok(Asked::Data),
        Endpoint::TelecomReport => Ok(Asked::Report),
        Endpoint::AuditOpen => Ok(Asked::Audit {
            person: fields.applicant(today)?,
            data: fields.required("data", |text| Ok(Private::new(text.to_owned())))?,
        }),
        Endpoint::AuditResult => Ok(Asked::AuditResult),
        Endpoint::EbankBanks | Endpoint::EbankBanksV2 => Ok(Asked::Banks),
    }
}

fn account(fields: &Fields<'_>) -> Result<BankAccount, Refusal> {
    let entry_id = fields.required("entry_id", fields::text)?;
    Ok(BankAccount { entry_id, login_name: fields.required("login_name", fields::private)? })
}

fn login(fields: &Fields<'_>) -> Result<BankLogin, Refusal> {
    let account = account(fields)?;
    Ok(BankLogin { account, password: fields.optional("password", fields::secret)? })
}

fn client(info: &Fields<'_>) -> Result<Client, Refusal> {
    let text = |name| info.optional(name, fields::private);
    Ok(Client {
        client_type: info.required("client_type", fields::choice(&ClientType::ALL))?,
        ip: text("ip")?,
        city: text("city")?,
        province: text("province")?,
        lat: text("lat")?,
        lon: text("lon")?,
        udid: text("udid")?,
    })
}
