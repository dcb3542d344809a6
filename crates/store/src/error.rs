//! What can go wrong with the database, by what the caller can do about it.

use postgres::error::SqlState;
use thiserror::Error;

#[derive(Debug, Error)]
pub enum StoreError {
    /// A queue is full; nothing was begun. Shed the call.
    #[error("the store has more work queued than it can do")]
    Overloaded,
    /// The database cannot be written or reached now; nothing of the unit was kept.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// Two units collided; the store retries these by itself and gives up with this.
    #[error("the unit collided with others too often: {0}")]
    Collision(String),
    /// A COMMIT's outcome could not be learned; the caller must ask again by its key.
    #[error("whether the unit was kept is not known: {0}")]
    Unknown(String),
    /// A row is not what this version wrote.
    #[error("the database holds what this version cannot read: {0}")]
    Corrupt(String),
    /// The statement broke a rule of the schema (a duplicate name, an append-only table).
    #[error("the database refused a row: {0}")]
    Refused(String),
    /// The database cannot be opened as it is; the text says what to do.
    #[error("{0}")]
    Unusable(String),
}

impl StoreError {
    pub(crate) fn is_collision(&self) -> bool {
        matches!(self, Self::Collision(_))
    }
}

/// What another transaction is to blame for, and a repeat gets past. A lock that was waited for too
/// long is one: its holder may be a node that hangs, and is cut off by the server meanwhile.
const COLLISIONS: [SqlState; 3] = [
    SqlState::T_R_SERIALIZATION_FAILURE,
    SqlState::T_R_DEADLOCK_DETECTED,
    SqlState::LOCK_NOT_AVAILABLE,
];

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        let text = error.to_string();
        match error.sqlite_error_code() {
            Some(Code::ConstraintViolation) => Self::Refused(text),
            Some(Code::DiskFull) => {
                Self::Unavailable(format!("{text}; free space on the disk, then it goes on"))
            }
            Some(Code::DatabaseCorrupt | Code::NotADatabase) => {
                Self::Unusable(format!("{text}; restore a backup with `probity backup restore`"))
            }
            Some(_) => Self::Unavailable(text),
            None => Self::Corrupt(text),
        }
    }
}

impl From<postgres::Error> for StoreError {
    fn from(error: postgres::Error) -> Self {
        let Some(db) = error.as_db_error() else {
            return Self::Unavailable(chain(&error));
        };
        let text = format!("{} ({})", db.message(), db.code().code());
        let code = db.code();
        if COLLISIONS.contains(code) {
            Self::Collision(text)
        } else if code.code().starts_with("23") || *code == SqlState::RAISE_EXCEPTION {
            Self::Refused(text)
        } else {
            Self::Unavailable(text)
        }
    }
}

/// The error and its causes in one line: the driver's own text says only "db error".
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
