//! What a use case can end in besides its result.

use domain::keys::SealError;
use domain::operator::Permission;
use store::StoreError;
use thiserror::Error;

#[derive(Debug, Error)]
pub enum Error {
    /// What was asked cannot be done as asked; the text names the field and says what to do.
    #[error("{0}")]
    Invalid(String),
    /// There is no such thing.
    #[error("{0}")]
    Absent(String),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}; the root key may be another one (`probity key check`)")]
    Seal(#[from] SealError),
    /// The root key does not belong to this database.
    #[error(
        "the root key is not the one this database was sealed under; give the right one with \
         --key FILE or PROBITY_ROOT_KEY"
    )]
    WrongKey,
    /// The operator's roles do not let it.
    #[error("your roles do not let you {}; it takes the role {}", .0.as_str(), roles(*.0))]
    NotPermitted(Permission),
    /// Reading a file that was handed in.
    #[error("{0}")]
    File(String),
}

impl Error {
    /// Whether the same may go well in a moment: the database is away, or has too much to do.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Store(StoreError::Overloaded | StoreError::Unavailable(_)))
    }

    pub(crate) fn invalid(text: impl Into<String>) -> Self {
        Self::Invalid(text.into())
    }

    pub(crate) fn absent(text: impl Into<String>) -> Self {
        Self::Absent(text.into())
    }
}

fn roles(permission: Permission) -> String {
    let roles: Vec<&str> = permission.roles().iter().map(|role| role.as_str()).collect();
    roles.join(" or ")
}
