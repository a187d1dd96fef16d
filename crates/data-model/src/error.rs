//! The one error of this crate.

use api::Role;
use std::borrow::Cow;
use std::time::Duration;

/// What repositories return.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a repository could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or it belongs to another organization: the two cannot be told apart.
    #[error("not found")]
    NotFound,
    /// A constraint of the schema does not allow it; the name says which.
    #[error("constraint {0} does not allow it")]
    Constraint(Cow<'static, str>),
    /// The last owner cannot leave or be demoted.
    #[error("the last owner must stay")]
    LastOwner,
    /// It takes this role in the organization.
    #[error("this takes the role {0}")]
    Role(Role),
    /// It contradicts what is stored; the text is for the caller.
    #[error("{0}")]
    Conflict(&'static str),
    /// What a letter held is unknown, used or too old.
    #[error("the token is unknown, used or too old")]
    Expired,
    /// The invitation is for somebody else.
    #[error("the invitation is for another address")]
    Recipient,
    /// Too often; when the next one may come.
    #[error("too many; wait {0:?}")]
    TooMany(Duration),
    /// A key is missing, or what was sealed is damaged.
    #[error(transparent)]
    Sealing(#[from] sealing::Error),
    /// Words cannot be looked for in what is sealed.
    #[error("sealed transcripts cannot be searched")]
    Sealed,
    /// PostgreSQL does not answer, or has no connection to spare.
    #[error("the database is not available")]
    Unavailable(#[source] sqlx::Error),
    /// The migrations do not fit the database.
    #[error("the database cannot be migrated")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// `DATABASE_URL` cannot be read.
    #[error("DATABASE_URL must look like postgresql://user:password@host:5432/name")]
    Url,
    /// A defect of ours.
    #[error("a query failed")]
    Query(#[source] sqlx::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        match &error {
            E::RowNotFound => Error::NotFound,
            E::PoolTimedOut
            | E::PoolClosed
            | E::WorkerCrashed
            | E::Io(_)
            | E::Tls(_)
            | E::Protocol(_) => Error::Unavailable(error),
            E::Database(database) => {
                // Shutting down, starting up, too many connections; given up for another
                // transaction's sake, or for taking too long: the same again may well succeed.
                let code = database.code().unwrap_or_default();
                let passing = ["57P", "53", "08", "40", "55P03", "57014"];
                if passing.iter().any(|class| code.starts_with(class)) {
                    return Error::Unavailable(error);
                }
                match database.constraint() {
                    Some(name) => Error::Constraint(Cow::Owned(name.to_owned())),
                    None => Error::Query(error),
                }
            }
            _ => Error::Query(error),
        }
    }
}

impl Error {
    /// Whether this constraint was hit.
    pub fn is_constraint(&self, name: &str) -> bool {
        matches!(self, Error::Constraint(hit) if hit == name)
    }
}
