//! Turns the outcome of a call that failed into a gRPC status with machine-readable details.
//!
//! The closed list of outcomes and their details follow AIP-193 (<https://google.aip.dev/193>).
//! The caller gets the cure; the log gets the cause.

use std::{collections::HashMap, error::Error, time::Duration};

use prost::Message;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, RpcStatusExt, StatusExt};

use crate::{Violations, checks::cut, trace};

/// The domain of every ErrorInfo of this suite.
pub const ERROR_DOMAIN: &str = "hawiya";

/// Why a call failed.
#[derive(Debug)]
pub enum Fault {
    /// The request is wrong; the caller has to change it.
    InvalidArgument(Violations),
    /// The thing asked for is not there.
    NotFound {
        /// What kind of thing, "entity".
        kind: &'static str,
        /// Its id.
        id: String,
    },
    /// The thing to be made is there already.
    AlreadyExists {
        /// What kind of thing, "entity".
        kind: &'static str,
        /// Its id.
        id: String,
    },
    /// The state of the system does not allow it; asking again as it is does not help.
    FailedPrecondition {
        /// Stable name of the condition, UPPER_SNAKE.
        reason: &'static str,
        /// What the caller can do.
        text: String,
    },
    /// Somebody else was first: read again, then write again.
    Aborted {
        /// Stable name of the conflict, UPPER_SNAKE.
        reason: &'static str,
        /// What the caller can do.
        text: String,
    },
    /// A limit was reached; asking later may help.
    ResourceExhausted {
        /// Stable name of the limit, UPPER_SNAKE.
        reason: &'static str,
        /// What the caller can do.
        text: String,
        /// How long to wait.
        retry_after: Duration,
    },
    /// The caller's deadline came first.
    DeadlineExceeded {
        /// What there was no time for.
        text: String,
    },
    /// Something this call needs is not there right now; asking again may help.
    Unavailable {
        /// Stable name of what is missing, UPPER_SNAKE.
        reason: &'static str,
        /// What is missing.
        text: String,
        /// How long to wait.
        retry_after: Duration,
    },
    /// It is not known who calls.
    Unauthenticated {
        /// Stable name of what is wrong with the credential, UPPER_SNAKE.
        reason: &'static str,
        /// What the caller can do.
        text: String,
    },
    /// The caller may not do this.
    PermissionDenied {
        /// Stable name of what is missing, UPPER_SNAKE.
        reason: &'static str,
        /// What the caller can do.
        text: String,
    },
    /// The contract has this call, this version does not.
    Unimplemented {
        /// The call.
        method: &'static str,
    },
    /// Our own mistake. The cause is logged and not told.
    Internal(Box<dyn Error + Send + Sync>),
}

impl Fault {
    /// The fault as a value for one item of a batch.
    #[must_use]
    pub fn into_item(self) -> tonic_types::Status {
        item_of(&self.status())
    }

    /// This refusal of a request with what is wrong with another part of it, so that the caller is
    /// told all of it at once. A fault of another kind stands alone.
    #[must_use]
    pub fn with<T>(self, part: Result<T, Self>) -> Self {
        match (self, part) {
            (Self::InvalidArgument(mut violations), Err(Self::InvalidArgument(more))) => {
                violations.append(more);
                Self::InvalidArgument(violations)
            }
            (fault, _) => fault,
        }
    }

    /// An INVALID_ARGUMENT about one field.
    pub fn invalid(field: impl Into<String>, text: impl Into<String>) -> Self {
        let mut violations = Violations::default();
        violations.add(field, text);
        Self::InvalidArgument(violations)
    }
}

/// A status as a value for one item of a batch.
#[must_use]
pub fn item_of(status: &Status) -> tonic_types::Status {
    // tonic keeps the details as an encoded google.rpc.Status, which is just what is wanted.
    tonic_types::Status::decode(status.details()).unwrap_or_else(|_| tonic_types::Status {
        code: status.code() as i32,
        message: status.message().to_owned(),
        details: Vec::new(),
    })
}

/// One item of a batch as the status of a call, the inverse of [`item_of`].
#[must_use]
pub fn status_of(item: tonic_types::Status) -> Status {
    let details = item.encode_to_vec();
    Status::with_details(Code::from(item.code), item.message, details.into())
}

/// The violations another service found; none when its refusal was about something else.
#[must_use]
pub fn violations_of(item: &tonic_types::Status) -> Vec<FieldViolation> {
    item.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default()
}

impl From<Fault> for Status {
    /// The caller is told under which id the log has the call (`google.rpc.RequestInfo`).
    fn from(fault: Fault) -> Self {
        let status = fault.status();
        let Some(call) = trace::current() else { return status };
        let mut details = status.get_error_details();
        details.set_request_info(call.trace_id(), "");
        Self::with_error_details(status.code(), status.message(), details)
    }
}

impl Fault {
    fn status(self) -> Status {
        match self {
            Fault::InvalidArgument(violations) => {
                let more = violations.more();
                let violations = violations.into_inner();
                let mut wrong: Vec<_> = violations
                    .iter()
                    .map(|wrong| format!("`{}` {}", wrong.field, wrong.description))
                    .collect();
                if more > 0 {
                    wrong.push(format!("and {more} more"));
                }
                let mut details = ErrorDetails::with_bad_request(violations);
                details.set_error_info("INVALID_ARGUMENT", ERROR_DOMAIN, HashMap::new());
                Status::with_error_details(Code::InvalidArgument, wrong.join("; "), details)
            }
            Fault::NotFound { kind, id } => {
                let text = format!("no {kind} has the id `{id}`");
                resource(Code::NotFound, "NOT_FOUND", text, kind, id)
            }
            Fault::AlreadyExists { kind, id } => {
                let text = format!(
                    "another {kind} has the id `{id}`: choose another id, or update that one"
                );
                resource(Code::AlreadyExists, "ALREADY_EXISTS", text, kind, id)
            }
            Fault::FailedPrecondition { reason, text } => {
                plain(Code::FailedPrecondition, reason, text)
            }
            Fault::Aborted { reason, text } => plain(Code::Aborted, reason, text),
            Fault::ResourceExhausted { reason, text, retry_after } => {
                retryable(Code::ResourceExhausted, reason, text, retry_after)
            }
            Fault::DeadlineExceeded { text } => {
                plain(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", text)
            }
            Fault::Unavailable { reason, text, retry_after } => {
                retryable(Code::Unavailable, reason, text, retry_after)
            }
            Fault::Unauthenticated { reason, text } => plain(Code::Unauthenticated, reason, text),
            Fault::PermissionDenied { reason, text } => plain(Code::PermissionDenied, reason, text),
            Fault::Unimplemented { method } => {
                let text = format!("`{method}` is part of the contract and not of this version");
                plain(Code::Unimplemented, "UNIMPLEMENTED", text)
            }
            Fault::Internal(cause) => {
                tracing::error!(error = %chain(cause.as_ref()), "a call failed by our own fault");
                plain(
                    Code::Internal,
                    "INTERNAL",
                    "internal error: it is in the log of the service".to_owned(),
                )
            }
        }
    }
}

/// The longest text of a status, and the longest id in one, in bytes: a status goes out in trailers,
/// of which clients take 16 KiB, and has its text twice.
const TEXT_BYTES_MAX: usize = 1_500;
const ID_BYTES_MAX: usize = 256;

fn plain(code: Code, reason: &'static str, text: String) -> Status {
    let text = cut(text, TEXT_BYTES_MAX);
    let details = ErrorDetails::with_error_info(reason, ERROR_DOMAIN, HashMap::new());
    Status::with_error_details(code, text, details)
}

fn retryable(code: Code, reason: &'static str, text: String, retry_after: Duration) -> Status {
    let mut details = ErrorDetails::with_error_info(reason, ERROR_DOMAIN, HashMap::new());
    details.set_retry_info(Some(retry_after));
    let text = cut(text, TEXT_BYTES_MAX);
    Status::with_error_details(code, text, details)
}

fn resource(code: Code, reason: &str, text: String, kind: &str, id: String) -> Status {
    let (text, id) = (cut(text, TEXT_BYTES_MAX), cut(id, ID_BYTES_MAX));
    let metadata = HashMap::from([("id".to_owned(), id.clone())]);
    let mut details = ErrorDetails::with_error_info(reason, ERROR_DOMAIN, metadata);
    details.set_resource_info(kind, id, "", "");
    Status::with_error_details(code, text, details)
}

/// An error with its causes, "cannot read: disk full".
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_violation_reaches_the_caller() {
        let mut violations = Violations::default();
        violations.add("query.text", "is empty");
        violations.add("options.candidates_max", "is negative");
        let status = Status::from(Fault::InvalidArgument(violations));
        assert_eq!(status.code(), Code::InvalidArgument);
        assert_eq!(status.message(), "`query.text` is empty; `options.candidates_max` is negative");
        assert_eq!(status.get_details_bad_request().unwrap().field_violations.len(), 2);
    }

    #[test]
    fn a_status_fits_into_the_trailers_of_any_client() {
        let mut violations = Violations::default();
        for at in 0..100_000 {
            violations.add(format!("documents[{at}].document_id"), "ق".repeat(200));
        }
        let long = "ق".repeat(100_000);
        let faults = [
            Fault::InvalidArgument(violations),
            Fault::NotFound { kind: "entity", id: long.clone() },
            Fault::FailedPrecondition { reason: "LONG", text: long },
        ];
        for fault in faults {
            let response = Status::from(fault).into_http::<tonic::body::Body>();
            let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
                name.as_str().len() + value.len() + 32
            };
            let bytes: usize = response.headers().iter().map(header).sum();
            assert!(bytes < 12_000, "{bytes}");
        }
    }

    #[test]
    fn an_unavailable_neighbour_says_when_to_come_back() {
        let fault = Fault::Unavailable {
            reason: "MATCHER_UNAVAILABLE",
            text: "matcher is not there".to_owned(),
            retry_after: Duration::from_secs(1),
        };
        let status = Status::from(fault);
        assert_eq!(
            status.get_details_retry_info().unwrap().retry_delay,
            Some(Duration::from_secs(1))
        );
        assert_eq!(status.get_details_error_info().unwrap().reason, "MATCHER_UNAVAILABLE");
    }

    #[test]
    fn the_cause_of_an_internal_error_is_not_told() {
        let status = Status::from(Fault::Internal("disk /dev/sda1 is full".into()));
        assert!(!status.message().contains("disk"));
    }

    #[test]
    fn an_item_of_a_batch_carries_the_same_details() {
        let item = Fault::invalid("text", "is empty").into_item();
        assert_eq!(item.code, Code::InvalidArgument as i32);
        assert_eq!(item.details.len(), 2);
    }
}
