//! The endpoints of face 2 as one table: where each stands, who may ask and what it takes
//! (`qiancheng.md`, Endpoints; the numbers are its rows, `+` the two that real clients call
//! besides).

use domain::source::SourceKind;

use super::fields;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    Token,
    BlackList,
    BlackListV2,
    TelecomOpen,
    TelecomServicePassword,
    TelecomQueryPassword,
    TelecomCaptcha,
    TelecomResend,
    TelecomState,
    TelecomData,
    TelecomReport,
    DegreeOpen,
    DegreeLogin,
    DegreeState,
    DegreeData,
    EbankBanks,
    EbankLicense,
    EbankOpen,
    EbankState,
    EbankCaptcha,
    EbankData,
    EbankOpenV2,
    EbankBanksV2,
    EbankLicenseV2,
    EbankLoginV2,
    EbankStateV2,
    EbankCaptchaV2,
    EbankDataV2,
    AuditOpen,
    AuditResult,
}

/// Who may ask, and by which fields that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    Password,
    Token,
    /// `username` and the id of a session; `open_id` are the spellings of the latter, the printed
    /// one first.
    Owner {
        open_id: &'static [&'static str],
    },
    /// The id of a session, or of an application, alone; a `username` that is sent is checked.
    OpenId,
    Nobody,
}

/// A field of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: &'static str,
    pub need: Need,
    pub check: Check,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    Required,
    Optional,
    /// Must be sent; an empty text is a value.
    Sent,
}

/// What a field must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Up to 200 characters.
    Text,
    /// The same, and class C3.
    Secret,
    /// 32 hexadecimal digits in lower case.
    OpenId,
    /// A whole number of hours, 1 to 720.
    Hours,
    Name,
    IdCard,
    Mobile,
    OneOf(&'static [&'static str]),
    /// Addresses, telephones and contacts of the person.
    Claims(&'static ClaimKeys),
    /// The borrower's device and where it is.
    Client,
    /// An application, encrypted; what stands in it is checked by `audit`.
    Application,
}

/// What the document calls the claims of one product.
#[derive(Debug, PartialEq, Eq)]
pub struct ClaimKeys {
    pub work_address: &'static str,
    pub work_telephone: &'static str,
    pub home_address: &'static str,
    pub home_telephone: &'static str,
    pub contact_telephone: &'static str,
}

struct Entry {
    endpoint: Endpoint,
    /// Where its fields stand: in the query of a GET, or in the body of a POST.
    is_get: bool,
    /// The printed one first.
    paths: &'static [&'static str],
    kind: Option<SourceKind>,
    proof: Proof,
    /// Without those of the proof.
    takes: &'static [Field],
}

const OWNER: Proof = Proof::Owner { open_id: &["open_id"] };

pub(super) const TELECOM_KEYS: ClaimKeys = ClaimKeys {
    work_address: "work_addr",
    work_telephone: "work_tel",
    home_address: "home_addr",
    home_telephone: "home_tel",
    contact_telephone: "contact_tel",
};

pub(super) const DEGREE_KEYS: ClaimKeys = ClaimKeys {
    work_address: "work_address",
    work_telephone: "work_phone_number_tel",
    home_address: "home_address",
    home_telephone: "home_phone_number",
    contact_telephone: "contact_cell_phone_number",
};

const NAME: Field = required("name", Check::Name);
const ID_CARD: Field = required("id_card", Check::IdCard);
const MOBILE: Field = required("mobile", Check::Mobile);
const PERSON: &[Field] = &[NAME, ID_CARD, MOBILE];
const ENTRY_ID: Field = required("entry_id", Check::Text);
const LOGIN_NAME: Field = required("login_name", Check::Text);
const BANK_PASSWORD: Field = optional("password", Check::Secret);
const VERIFY_CODE: Field = required("verify_code", Check::Secret);

static TABLE: [Entry; 30] = {
    use Endpoint as E;
    use Proof::{Nobody, OpenId, Token};
    const TELECOM: Option<SourceKind> = Some(SourceKind::Telecom);
    const DEGREE: Option<SourceKind> = Some(SourceKind::Degree);
    const EBANK: Option<SourceKind> = Some(SourceKind::Ebank);
    const EBANK_DATA: Proof = Proof::Owner { open_id: &["openId", "open_id"] };
    [
        // 1
        entry(E::Token, &["/client/authorize/token"], None, Proof::Password, &[]),
        // 2, +
        entry(E::BlackList, &["/blacklist/search/single"], None, Token, PERSON),
        entry(E::BlackListV2, &["/v2/blacklist/black-list/search-one"], None, Token, PERSON),
        // 3, +, 4 to 9
        entry(
            E::TelecomOpen,
            &["/telecom/collect/open-id"],
            TELECOM,
            Token,
            &[
                NAME,
                ID_CARD,
                MOBILE,
                Field { name: "service_password", need: Need::Sent, check: Check::Secret },
                optional("options", Check::Claims(&TELECOM_KEYS)),
            ],
        ),
        entry(
            E::TelecomServicePassword,
            &["/telecom/collect/service-password"],
            TELECOM,
            OWNER,
            &[required("service_password", Check::Secret)],
        ),
        entry(
            E::TelecomQueryPassword,
            &["/telecom/collect/query-password"],
            TELECOM,
            OWNER,
            &[required("query_password", Check::Secret)],
        ),
        entry(
            E::TelecomCaptcha,
            &["/telecom/collect/captcha"],
            TELECOM,
            OWNER,
            &[required("captcha", Check::Secret)],
        ),
        entry(E::TelecomResend, &["/telecom/collect/resend-captcha"], TELECOM, OWNER, &[]),
        entry(E::TelecomState, &["/telecom/collect/get-state"], TELECOM, OWNER, &[]),
        entry(E::TelecomData, &["/telecom/data/raw-data"], TELECOM, OWNER, &[]),
        entry(E::TelecomReport, &["/telecom/data/report"], TELECOM, OWNER, &[]),
        // 10 to 13
        entry(
            E::DegreeOpen,
            &["/degree/collect/open-id"],
            DEGREE,
            Token,
            &[NAME, ID_CARD, MOBILE, optional("options", Check::Claims(&DEGREE_KEYS))],
        ),
        entry(
            E::DegreeLogin,
            // Section 4.1.2 prints the second.
            &["/degree/collect/login", "/telecom/collect/login"],
            DEGREE,
            OWNER,
            &[
                required("account", Check::Text),
                required("password", Check::Secret),
                required("sync", Check::OneOf(fields::SYNC)),
            ],
        ),
        entry(E::DegreeState, &["/degree/collect/get-state"], DEGREE, OpenId, &[]),
        entry(E::DegreeData, &["/degree/data/raw-data"], DEGREE, OWNER, &[]),
        // 14 to 19
        entry(E::EbankBanks, &["/ebank/collect/bank-info"], EBANK, Nobody, &[]),
        entry(
            E::EbankLicense,
            &["/ebank/collect/license-upload"],
            EBANK,
            Token,
            &[ENTRY_ID, LOGIN_NAME, NAME, ID_CARD],
        ),
        entry(
            E::EbankOpen,
            &["/ebank/collect/open-id"],
            EBANK,
            Token,
            &[
                NAME,
                ID_CARD,
                MOBILE,
                ENTRY_ID,
                LOGIN_NAME,
                BANK_PASSWORD,
                optional("user_info", Check::Client),
            ],
        ),
        entry(E::EbankState, &["/ebank/collect/get-state"], EBANK, OWNER, &[]),
        entry(E::EbankCaptcha, &["/ebank/collect/captcha"], EBANK, OWNER, &[VERIFY_CODE]),
        entry(E::EbankData, &["/ebank/data/raw-data"], EBANK, EBANK_DATA, &[]),
        // 20 to 26
        entry(E::EbankOpenV2, &["/v2/ebank/collect/open-id"], EBANK, Token, PERSON),
        entry(E::EbankBanksV2, &["/v2/ebank/collect/bank-list"], EBANK, OWNER, &[]),
        entry(
            E::EbankLicenseV2,
            &["/v2/ebank/collect/license-upload"],
            EBANK,
            OWNER,
            &[ENTRY_ID, LOGIN_NAME],
        ),
        entry(
            E::EbankLoginV2,
            &["/v2/ebank/collect/login"],
            EBANK,
            OWNER,
            &[ENTRY_ID, LOGIN_NAME, BANK_PASSWORD],
        ),
        entry(E::EbankStateV2, &["/v2/ebank/collect/get-state"], EBANK, OWNER, &[]),
        entry(E::EbankCaptchaV2, &["/v2/ebank/collect/captcha"], EBANK, OWNER, &[VERIFY_CODE]),
        entry(E::EbankDataV2, &["/v2/ebank/data/raw-data"], EBANK, OWNER, &[]),
        // 27, 28
        entry(
            E::AuditOpen,
            &["/risk-model/audit/open-id"],
            None,
            Token,
            &[
                NAME,
                required("phone", Check::Mobile),
                ID_CARD,
                required("data", Check::Application),
            ],
        ),
        Entry {
            is_get: true,
            ..entry(E::AuditResult, &["/risk-model/audit/result"], None, OpenId, &[])
        },
    ]
};

impl Endpoint {
    pub const ALL: [Self; TABLE.len()] = {
        let mut all = [Self::Token; TABLE.len()];
        let mut place = 0;
        while place < TABLE.len() {
            all[place] = TABLE[place].endpoint;
            assert!(all[place] as usize == place, "each endpoint stands in its place");
            place += 1;
        }
        all
    };

    const fn entry(self) -> &'static Entry {
        &TABLE[self as usize]
    }

    /// The endpoint that stands at `path`.
    pub fn at(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|endpoint| endpoint.paths().contains(&path))
    }

    /// Where it stands; all of them are the same endpoint.
    pub const fn paths(self) -> &'static [&'static str] {
        self.entry().paths
    }

    /// Whether it is a GET with its fields in the query.
    pub const fn is_get(self) -> bool {
        self.entry().is_get
    }

    /// What is collected by it; nothing where nothing is.
    pub const fn kind(self) -> Option<SourceKind> {
        self.entry().kind
    }

    pub const fn proof(self) -> Proof {
        self.entry().proof
    }

    /// The fields besides those of its proof, in the order in which they are checked.
    pub const fn takes(self) -> &'static [Field] {
        self.entry().takes
    }
}

impl Proof {
    /// The fields that show it; of spellings the printed one.
    pub fn takes(self) -> Vec<Field> {
        const USERNAME: Field = required("username", Check::Text);
        const OPEN_ID: Field = required("open_id", Check::OpenId);
        match self {
            Self::Password => {
                vec![USERNAME, required("password", Check::Secret), optional("hours", Check::Hours)]
            }
            Self::Token => vec![required("token", Check::Secret)],
            Self::Owner { open_id } => vec![USERNAME, Field { name: open_id[0], ..OPEN_ID }],
            Self::OpenId => vec![OPEN_ID, optional("username", Check::Text)],
            Self::Nobody => Vec::new(),
        }
    }
}

const fn entry(
    endpoint: Endpoint,
    paths: &'static [&'static str],
    kind: Option<SourceKind>,
    proof: Proof,
    takes: &'static [Field],
) -> Entry {
    Entry { endpoint, is_get: false, paths, kind, proof, takes }
}

const fn required(name: &'static str, check: Check) -> Field {
    Field { name, need: Need::Required, check }
}

const fn optional(name: &'static str, check: Check) -> Field {
    Field { name, need: Need::Optional, check }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_leads_to_one_endpoint() {
        let mut count = 0;
        for endpoint in Endpoint::ALL {
            count += endpoint.paths().len();
            for path in endpoint.paths() {
                assert_eq!(Endpoint::at(path), Some(endpoint), "{path}");
            }
        }
        assert_eq!((count, Endpoint::at("/telecom")), (31, None));
    }
}
