//! What a feature is: data about it, and beside the data the function that reads it.

use super::View;
use crate::dataset::Fen;
use crate::policy::{Decimal, Value};

/// Digits that a share keeps.
const SHARE_DIGITS: u32 = 4;

/// One feature of the catalogue.
#[derive(Clone, Copy)]
pub struct Feature {
    /// By which policies and models read it: `calls.night_share`.
    pub name: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
    pub unit: Option<&'static str>,
    /// The days before now that it looks at; nothing when it looks at all that there is.
    pub window_days: Option<u32>,
    pub section: Section,
    pub class: Class,
    read: Read,
}

/// How a feature is read, and so of which type it is. Nothing is not known.
#[derive(Clone, Copy)]
enum Read {
    Truth(fn(&View<'_>) -> Option<bool>),
    Count(fn(&View<'_>) -> Option<i64>),
    Share(fn(&View<'_>) -> Option<Share>),
    Yuan(fn(&View<'_>) -> Option<Fen>),
}

/// A part and its whole; not known of nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Share(pub(super) i64, pub(super) i64);

/// The type of a feature, in the words of a policy's inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Boolean,
    Integer,
    Number,
}

impl Kind {
    /// As a policy writes it in `type`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
        }
    }
}

impl Feature {
    pub(super) const fn truth(
        section: Section,
        name: &'static str,
        (zh, en): (&'static str, &'static str),
        read: fn(&View<'_>) -> Option<bool>,
    ) -> Self {
        Self::new(section, name, (zh, en), Read::Truth(read))
    }

    pub(super) const fn count(
        section: Section,
        name: &'static str,
        (zh, en): (&'static str, &'static str),
        read: fn(&View<'_>) -> Option<i64>,
    ) -> Self {
        Self::new(section, name, (zh, en), Read::Count(read))
    }

    /// A quotient, mostly from 0 to 1.
    pub(super) const fn share(
        section: Section,
        name: &'static str,
        (zh, en): (&'static str, &'static str),
        read: fn(&View<'_>) -> Option<Share>,
    ) -> Self {
        Self::new(section, name, (zh, en), Read::Share(read))
    }

    pub(super) const fn yuan(
        section: Section,
        name: &'static str,
        (zh, en): (&'static str, &'static str),
        read: fn(&View<'_>) -> Option<Fen>,
    ) -> Self {
        Self::new(section, name, (zh, en), Read::Yuan(read)).unit("元")
    }

    const fn new(
        section: Section,
        name: &'static str,
        (zh, en): (&'static str, &'static str),
        read: Read,
    ) -> Self {
        let (unit, window_days, class) = (None, None, Class::C2);
        Self { name, zh, en, unit, window_days, section, class, read }
    }

    pub(super) const fn unit(mut self, unit: &'static str) -> Self {
        self.unit = Some(unit);
        self
    }

    pub(super) const fn within(mut self, days: u32) -> Self {
        self.window_days = Some(days);
        self
    }

    pub(super) const fn c1(mut self) -> Self {
        self.class = Class::C1;
        self
    }

    pub fn kind(&self) -> Kind {
        match self.read {
            Read::Truth(_) => Kind::Boolean,
            Read::Count(_) => Kind::Integer,
            Read::Share(_) | Read::Yuan(_) => Kind::Number,
        }
    }

    pub(super) fn value(&self, view: &View<'_>) -> Value {
        let number = |number: Option<Decimal>| number.map_or(Value::Unknown, Value::Number);
        match self.read {
            Read::Truth(read) => read(view).map_or(Value::Unknown, Value::Boolean),
            Read::Count(read) => number(read(view).map(Decimal::from)),
            Read::Share(read) => number(read(view).and_then(Share::quotient)),
            Read::Yuan(read) => number(read(view).and_then(|fen| Decimal::new(fen.0.into(), 2))),
        }
    }
}

impl Share {
    fn quotient(self) -> Option<Decimal> {
        let quotient = Decimal::from(self.0).over(Decimal::from(self.1))?;
        Some(quotient.rounded(SHARE_DIGITS))
    }
}

/// Where a feature is read: a section of the application (document 001, section 7.1), or what the
/// platform holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    Person,
    Order,
    Addresses,
    EmergencyContacts,
    Proofs,
    AddressBook,
    /// Whom the address book or the emergency contacts have, of those on the telephone.
    BookAndCalls,
    EmergencyAndCalls,
    RealName,
    Carrier,
    Calls,
    /// Single calls, which no application has.
    CallsHeld,
    Bills,
    Zhima,
    Loans,
    /// Loans at the merchant's, and those of the credit report.
    Overdue,
    Alipay,
    Logins,
    Cards,
    Apps,
    Identities,
    Regions,
    Ebank,
    Degree,
    Credit,
    Debts,
    Inquiries,
    Devices,
    Blacklist,
    Model,
}

impl Section {
    /// The application's tables, and after `;` what is held and fills them in, unless
    /// `docs/features.md` says otherwise.
    pub fn source(self) -> &'static str {
        match self {
            Self::Person => "name, id_card, phone",
            Self::Order => "order_detail",
            Self::Addresses => "basic_info",
            Self::EmergencyContacts => "basic_info.user_contact",
            Self::Proofs => "user_proof_materia",
            Self::AddressBook => "user_mobile_contacts",
            Self::BookAndCalls => "user_mobile_contacts, telecom_data.contact_list",
            Self::EmergencyAndCalls => "basic_info.user_contact, telecom_data.contact_list",
            Self::RealName => "telecom_data",
            Self::Carrier => "telecom_data; telecom session",
            Self::Calls => "telecom_data.contact_list; telecom session",
            Self::CallsHeld => "telecom session",
            Self::Bills => "telecom_data.bill_list; telecom session",
            Self::Zhima => "zm_data",
            Self::Loans => "user_loan_orders",
            Self::Overdue => "user_loan_orders; credit report",
            Self::Alipay => "zfb_data",
            Self::Logins => "user_login_upload_logs",
            Self::Cards => "card_info",
            Self::Apps => "app_info",
            Self::Identities => "telecom_data; telecom, degree sessions, credit report",
            Self::Regions => "id_card, phone, basic_info; e-bank session",
            Self::Ebank => "e-bank session",
            Self::Degree => "degree session",
            Self::Credit => "credit report",
            Self::Debts => "credit report; e-bank session",
            Self::Inquiries => "the platform's inquiries",
            Self::Devices => "the platform's applications",
            Self::Blacklist => "the platform's blacklist",
            Self::Model => "the policy's model",
        }
    }

    /// One for each source.
    pub fn bases(self) -> &'static [Basis] {
        use Basis::{Application, Blacklist, Collection, CreditReport, MultiLender};
        match self {
            Self::Carrier | Self::Calls | Self::Bills | Self::Regions => &[Application, Collection],
            Self::Identities => &[Application, Collection, CreditReport],
            Self::CallsHeld | Self::Ebank | Self::Degree => &[Collection],
            Self::Overdue => &[Application, CreditReport],
            Self::Debts => &[CreditReport, Collection],
            Self::Credit => &[CreditReport],
            Self::Inquiries | Self::Devices => &[MultiLender],
            Self::Blacklist => &[Blacklist],
            _ => &[Application],
        }
    }
}

/// The class of the value (JR/T 0171-2020).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// What institutions keep for themselves: when an account was opened, and where.
    C1,
    /// What tells of a person and the person's finances.
    C2,
}

/// Why the data may be used for a decision about the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    Application,
    Collection,
    CreditReport,
    MultiLender,
    Blacklist,
}

impl Basis {
    pub const ALL: [Self; 5] = [
        Self::Application,
        Self::Collection,
        Self::CreditReport,
        Self::MultiLender,
        Self::Blacklist,
    ];

    /// One letter, for tables.
    pub fn letter(self) -> char {
        match self {
            Self::Application => 'A',
            Self::Collection => 'S',
            Self::CreditReport => 'R',
            Self::MultiLender => 'M',
            Self::Blacklist => 'B',
        }
    }

    pub fn zh(self) -> &'static str {
        match self {
            Self::Application => "申请人授权(《个人信息保护法》第十三条第一款第一项、第二十四条)",
            Self::Collection => "采集时的授权,且授权范围包括本次申请(同法第十四条、第二十三条)",
            Self::CreditReport => {
                "信用报告查询授权,且用途包括本次申请(《征信业管理条例》第十八条、第二十条)"
            }
            Self::MultiLender => "多头申请查询的单独授权(《个人信息保护法》第二十三条)",
            Self::Blacklist => "申请人授权;不良信息已事先告知(《征信业管理条例》第十五条)",
        }
    }

    pub fn en(self) -> &'static str {
        match self {
            Self::Application => {
                "the applicant's consent (Personal Information Protection Law, articles 13(1)(1) \
                 and 24)"
            }
            Self::Collection => {
                "the consent to the collection, where it covers this application (the same law, \
                 articles 14 and 23)"
            }
            Self::CreditReport => {
                "the consent to the query, where its purpose covers this application (Regulation \
                 on the Credit Reporting Industry, articles 18 and 20)"
            }
            Self::MultiLender => {
                "a consent of its own to the count over lenders (Personal Information Protection \
                 Law, article 23)"
            }
            Self::Blacklist => {
                "the applicant's consent; adverse information was announced beforehand \
                 (Regulation on the Credit Reporting Industry, article 15)"
            }
        }
    }
}
