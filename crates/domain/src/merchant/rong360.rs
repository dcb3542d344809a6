//! How a merchant is served by face 3: what `rong360.md` leaves to an agreement.

use crate::keys::SignType;

/// The terms of one merchant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rong360 {
    /// Seven digits, unique.
    pub app_id: String,
    /// What `biz_data.merchant_id` may be besides the app id.
    pub aliases: Vec<String>,
    /// What it may sign with.
    pub sign_types: Vec<SignType>,
    /// `code` of a success.
    pub success: SuccessCode,
    pub field_types: FieldTypes,
    /// Whether the document's own JSON shape is served, with a bearer token.
    pub plain_json: bool,
}

impl Rong360 {
    /// The digits of an app id.
    pub const APP_ID_LENGTH: usize = 7;
    pub const ALIASES_MAX: usize = 16;
    pub const ALIAS_LENGTH_MAX: usize = 32;

    /// The usual terms under an app id.
    pub fn new(app_id: String) -> Self {
        Self {
            app_id,
            aliases: Vec::new(),
            sign_types: SignType::ALL.to_vec(),
            success: SuccessCode::default(),
            field_types: FieldTypes::default(),
            plain_json: false,
        }
    }

    /// Whether `text` is written as an app id is.
    pub fn is_app_id(text: &str) -> bool {
        text.len() == Self::APP_ID_LENGTH && text.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// Whether `merchant_id` is this merchant's.
    pub fn is_called(&self, merchant_id: &str) -> bool {
        self.app_id == merchant_id || self.aliases.iter().any(|alias| alias == merchant_id)
    }
}

/// `code` of a success: the document's samples print 200 (all but one), its text says 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SuccessCode {
    #[default]
    TwoHundred,
    Zero,
}

impl SuccessCode {
    pub fn number(self) -> i32 {
        match self {
            Self::TwoHundred => 200,
            Self::Zero => 0,
        }
    }

    pub fn of_number(number: i64) -> Option<Self> {
        [Self::TwoHundred, Self::Zero].into_iter().find(|one| i64::from(one.number()) == number)
    }
}

/// Whose numbers the types of form fields have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FieldTypes {
    /// The document's, of 2015.
    #[default]
    Document,
    /// Those of the client library of 2016.
    Later,
}

impl FieldTypes {
    pub const ALL: [Self; 2] = [Self::Document, Self::Later];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Later => "later",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == text)
    }
}
