//! What the product `finplus.score` answers (document 000, section 4.1), before a face writes it.

/// A final outcome: it is stored and replayed. A system error is not one.
#[derive(Clone, Debug, PartialEq)]
pub enum ScoreOutcome {
    /// Code 0: at least one tag was computed.
    Scored { tags: Vec<Tag> },
    /// Code 108: the id maps to no subject.
    Unconverted,
    /// Code 109: fewer behaviours in the last 180 days than the model needs.
    EmptyContent,
}

impl ScoreOutcome {
    /// The business code of the document.
    pub fn code(&self) -> i32 {
        match self {
            Self::Scored { .. } => code::OK,
            Self::Unconverted => code::UNCONVERTED,
            Self::EmptyContent => code::EMPTY_CONTENT,
        }
    }
}

/// Business codes of face 1 that reach the journal or a batch's table (document 000, sections 4
/// and 5).
pub mod code {
    pub const OK: i32 = 0;
    pub const ERROR: i32 = 1;
    pub const INVALID_PARAMETERS: i32 = 10;
    pub const INSUFFICIENT_QUOTA: i32 = 19;
    pub const INVALID_ID_TYPE: i32 = 22;
    pub const UNCONVERTED: i32 = 108;
    pub const EMPTY_CONTENT: i32 = 109;
    pub const TEST_LIMIT: i32 = 128;
    /// The gateway's `403 Quota Exhausted` has no business code; its HTTP status stands for it.
    pub const PACKAGE_EXHAUSTED: i32 = 403;
}

/// One value of an answer; keyed by name or by id, as agreed with the merchant.
#[derive(Clone, Debug, PartialEq)]
pub struct Tag {
    pub name: String,
    pub id: String,
    pub value: TagValue,
}

impl TagValue {
    /// The value as a table has it; nothing when it could not be computed. A score of the open
    /// platform always has its four decimals.
    pub fn plain(&self) -> Option<String> {
        match self {
            Self::Points(points) => Some(points.to_string()),
            Self::TenThousandths(score) => {
                Some(format!("{}.{:04}", score / 10_000, score % 10_000))
            }
            Self::Number(number) => Some(number.to_string()),
            Self::Text(text) => Some(text.clone()),
            Self::Null => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum TagValue {
    /// A score in points, 300 to 850.
    Points(i64),
    /// A score of an open-platform model, in 1/10,000: 0 to 10,000, shown with four decimals.
    TenThousandths(u16),
    Number(f64),
    Text(String),
    /// The tag could not be computed; its key is shown with a null.
    Null,
}
