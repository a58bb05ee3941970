//! How a call or the start of the registry can fail, and what the caller is told.

use std::{io, path::PathBuf, time::Duration};

use chassis::{Fault, Violations, streams::draining_fault};
use sqlx::postgres::PgDatabaseError;
use tonic::Status;
use tracing::warn;

use crate::{entity::InvalidEntity, store::State};

/// Primary result codes that pass when somebody does something (<https://sqlite.org/rescode.html>).
const PASSING_CODES: [(i32, &str); 6] = [
    (5, "is locked"),
    (6, "is locked"),
    (8, "is read-only"),
    (10, "has a disk that fails"),
    (13, "has a full disk"),
    (14, "cannot be opened"),
];

/// Beginnings of PostgreSQL's codes that pass (its manual, appendix A).
const PASSING_CLASSES: [(&str, &str); 6] = [
    ("08", "cannot be reached"),
    ("25006", "is read-only"),
    ("40", "is busy"),
    ("53", "is out of resources"),
    ("57P", "is starting or stopping"),
    ("58", "has a disk that fails"),
];

/// Why a call failed, or the registry could not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file of the catalogue, or its lock, cannot be used.
    #[error("cannot use the catalogue file `{}`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process holds the catalogue.
    #[error("another process has the catalogue `{}` open: stop it, or give this one a DATABASE_URL of its own", path.display())]
    InUse {
        /// The catalogue.
        path: PathBuf,
    },
    /// The database server cannot be reached, or does not let us in.
    #[error("cannot connect to the database of DATABASE_URL")]
    Connect(#[source] sqlx::Error),
    /// The tables could not be made or brought up to date.
    #[error("cannot bring the catalogue up to date")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The cache could not be made.
    #[error(transparent)]
    Cache(#[from] cache::CacheError),
    /// The server could not listen or ended early.
    #[error("cannot serve")]
    Serve(#[source] io::Error),

    /// The request is wrong.
    #[error("{}", InvalidEntity(.0.clone()))]
    Invalid(Vec<tonic_types::FieldViolation>),
    /// The id was never given.
    #[error("no entity has the id `{id}`")]
    NotFound {
        /// The id.
        id: String,
    },
    /// The canonical id is another entity's.
    #[error("another entity has the id `{id}`")]
    IdTaken {
        /// The id.
        id: String,
    },
    /// The request id was used for another entity.
    #[error("the request id `{request_id}` was used for another entity")]
    RequestIdUsed {
        /// The request id.
        request_id: String,
    },
    /// Somebody else changed the entity first.
    #[error("the entity `{id}` has another etag by now")]
    EtagChanged {
        /// The entity.
        id: String,
    },
    /// The entity is not active.
    #[error("the entity `{id}` is not active")]
    NotActive {
        /// The entity.
        id: String,
        /// What it is.
        state: State,
        /// Where it leads.
        links: Vec<String>,
    },
    /// There is no such change.
    #[error("no change has the id `{change_id}`")]
    UnknownChange {
        /// The change.
        change_id: String,
    },
    /// A change cannot be taken back before a later one.
    #[error("the later change `{later}` of `{id}` depends on it")]
    LaterChange {
        /// The later change.
        later: String,
        /// The entity that both changed.
        id: String,
    },
    /// The resume token is not of this catalogue, or of a version it does not have.
    #[error("the resume token is not of this catalogue")]
    UnknownToken,
    /// An import has to remember more rows than it may.
    #[error("a dry run or a replacement remembers at most {rows_max} rows")]
    ImportTooLong {
        /// How many it remembers.
        rows_max: usize,
    },
    /// The server ends.
    #[error("the server is draining")]
    Draining,
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] sqlx::Error),
    /// The store holds what this version cannot read.
    #[error("version {version} of the catalogue has a body of format {format} that cannot be read")]
    Body {
        /// The change.
        version: i64,
        /// The format of its body.
        format: i64,
        /// What is wrong with it; absent when the format is a later one.
        source: Option<serde_json::Error>,
    },
    /// An entity could not be written as JSON.
    #[error("cannot write an entity as JSON")]
    Json(#[from] serde_json::Error),
    /// A task of ours ended early.
    #[error("a task ended early")]
    Task(#[from] tokio::task::JoinError),
}

impl Error {
    /// An error about one field of a request.
    pub(crate) fn invalid(field: impl Into<String>, text: impl Into<String>) -> Self {
        Self::Invalid(vec![tonic_types::FieldViolation::new(field, text)])
    }
}

/// The value when nothing was noted, or everything that was.
pub(crate) fn checked<T>(violations: Violations, value: T) -> Result<T, Error> {
    let violations = violations.into_inner();
    if violations.is_empty() { Ok(value) } else { Err(Error::Invalid(violations)) }
}

impl From<InvalidEntity> for Error {
    fn from(invalid: InvalidEntity) -> Self {
        Self::Invalid(invalid.0)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(found) => {
                let mut violations = Violations::default();
                for violation in found {
                    violations.add(violation.field, violation.description);
                }
                Self::InvalidArgument(violations)
            }
            Error::NotFound { id } => Self::NotFound { kind: "entity", id },
            Error::IdTaken { id } => Self::AlreadyExists { kind: "entity", id },
            Error::RequestIdUsed { request_id } => {
                Self::AlreadyExists { kind: "request", id: request_id }
            }
            Error::EtagChanged { id } => Self::Aborted {
                reason: "ETAG_CHANGED",
                text: format!("`etag` is not that of `{id}` any more: read it and write again"),
            },
            Error::NotActive { id, state, links } => Self::FailedPrecondition {
                reason: "ENTITY_NOT_ACTIVE",
                text: not_active(&id, state, &links),
            },
            Error::UnknownChange { change_id } => Self::NotFound { kind: "change", id: change_id },
            Error::LaterChange { later, id } => Self::FailedPrecondition {
                reason: "LATER_CHANGE",
                text: format!("the change `{later}` of `{id}` depends on it: take that back first"),
            },
            Error::UnknownToken => Self::FailedPrecondition {
                reason: "RESUME_TOKEN_UNKNOWN",
                text: "this catalogue does not know the resume token: begin with a snapshot".into(),
            },
            Error::ImportTooLong { rows_max } => Self::FailedPrecondition {
                reason: "IMPORT_TOO_LONG",
                text: format!(
                    "a dry run or a replacement takes at most {rows_max} rows: split the dataset"
                ),
            },
            Error::Draining => draining_fault(),
            Error::Store(error) => of_store(error),
            internal @ (Error::File { .. }
            | Error::InUse { .. }
            | Error::Connect(_)
            | Error::Migrate(_)
            | Error::Cache(_)
            | Error::Serve(_)
            | Error::Body { .. }
            | Error::Json(_)
            | Error::Task(_)) => Self::Internal(Box::new(internal)),
        }
    }
}

fn not_active(id: &str, state: State, links: &[String]) -> String {
    let links = links.join("`, `");
    match state {
        State::Merged => format!("`{id}` is merged into `{links}`: change that one"),
        State::Split => format!("`{id}` is split into `{links}`: change those"),
        State::Active | State::Deleted => {
            format!("`{id}` is deleted: take the deletion back first")
        }
    }
}

/// A store that may be well again soon is UNAVAILABLE; everything else is our mistake, and the
/// chassis logs it.
fn of_store(error: sqlx::Error) -> Fault {
    let Some(text) = passing(&error) else { return Fault::Internal(Box::new(Error::Store(error))) };
    warn!(%error, "the store is not available");
    Fault::Unavailable {
        reason: "STORE_UNAVAILABLE",
        text: format!("the store of the registry {text}"),
        retry_after: Duration::from_secs(2),
    }
}

fn passing(error: &sqlx::Error) -> Option<&'static str> {
    match error {
        sqlx::Error::PoolTimedOut => Some("is busy"),
        sqlx::Error::PoolClosed => Some("is closing"),
        sqlx::Error::Io(_) => Some("cannot be reached"),
        sqlx::Error::Database(error) => {
            let code = error.code()?;
            if error.try_downcast_ref::<PgDatabaseError>().is_some() {
                let passes = |(class, _): &&(&str, _)| code.starts_with(class);
                return PASSING_CLASSES.iter().find(passes).map(|(_, text)| *text);
            }
            // An extended code holds its primary code in the lowest byte.
            let code = code.parse::<i32>().ok()? & 0xFF;
            PASSING_CODES.iter().find(|(passing, _)| *passing == code).map(|(_, text)| *text)
        }
        _ => None,
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        Fault::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonic::Code;

    #[test]
    fn a_busy_store_is_unavailable_and_a_bug_is_internal() {
        let busy = Status::from(Error::Store(sqlx::Error::PoolTimedOut));
        assert_eq!(busy.code(), Code::Unavailable);
        let bug = Status::from(Error::Store(sqlx::Error::RowNotFound));
        assert_eq!(bug.code(), Code::Internal);
    }

    #[test]
    fn a_used_request_id_is_named() {
        let status = Status::from(Error::RequestIdUsed { request_id: "r-1".into() });
        assert_eq!(status.code(), Code::AlreadyExists);
        assert!(status.message().contains("r-1"));
    }
}
