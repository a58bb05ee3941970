//! Why the resolver cannot run, and what a neighbour's refusal means to its caller.

use std::time::Duration;

use chassis::{Fault, Violations, fault};
use tonic::{Code, Status};
use tonic_types::StatusExt;

/// Why the resolver stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The cache cannot be used as configured.
    #[error("cannot use the cache as configured")]
    Cache(#[from] cache::CacheError),
    /// The server failed.
    #[error("cannot serve")]
    Serve(#[from] std::io::Error),
}

/// What the matcher's refusal of a whole call means: it alone cannot be done without.
///
/// Its violations name fields of the request it got, which are called the same in ours.
pub(crate) fn matcher_fault(status: &Status) -> Fault {
    match status.code() {
        Code::InvalidArgument => refused(status),
        Code::DeadlineExceeded => Fault::DeadlineExceeded { text: status.message().to_owned() },
        Code::ResourceExhausted => overloaded("matcher", status),
        Code::Unavailable | Code::Unknown | Code::Cancelled => Fault::Unavailable {
            reason: "MATCHER_UNAVAILABLE",
            text: format!("the matcher cannot answer: {}", status.message()),
            retry_after: wait(status),
        },
        _ => Fault::Internal(Box::new(status.clone())),
    }
}

/// What the registry's answer means where it cannot be done without. `field` says what a field of
/// the request it got is called in ours.
pub(crate) fn registry_fault(status: &Status, field: impl Fn(&str) -> String) -> Fault {
    match status.code() {
        Code::InvalidArgument => {
            let mut violations = Violations::default();
            for wrong in fault::violations_of(&fault::item_of(status)) {
                violations.add(field(&wrong.field), wrong.description);
            }
            Fault::InvalidArgument(violations)
        }
        Code::NotFound | Code::AlreadyExists => {
            let found = status.get_details_resource_info();
            let id = found.map(|info| info.resource_name).unwrap_or_default();
            if status.code() == Code::NotFound {
                Fault::NotFound { kind: "entity", id }
            } else {
                Fault::AlreadyExists { kind: "request", id }
            }
        }
        Code::DeadlineExceeded => Fault::DeadlineExceeded { text: status.message().to_owned() },
        Code::ResourceExhausted => overloaded("registry", status),
        Code::Unavailable | Code::Unknown | Code::Cancelled => Fault::Unavailable {
            reason: "REGISTRY_UNAVAILABLE",
            text: format!("the registry cannot answer: {}", status.message()),
            retry_after: wait(status),
        },
        _ => Fault::Internal(Box::new(status.clone())),
    }
}

/// A neighbour with too much work: its callers' callers are the ones who can send less.
fn overloaded(neighbour: &str, status: &Status) -> Fault {
    Fault::ResourceExhausted {
        reason: "OVERLOADED",
        text: format!("the {neighbour} cannot answer: {}", status.message()),
        retry_after: wait(status),
    }
}

fn wait(status: &Status) -> Duration {
    let told = status.get_details_retry_info().and_then(|info| info.retry_delay);
    told.unwrap_or(Duration::from_secs(1))
}

/// A refusal with the violations that somebody else found.
pub(crate) fn refused(status: &Status) -> Fault {
    let mut violations = Violations::default();
    for wrong in fault::violations_of(&fault::item_of(status)) {
        violations.add(wrong.field, wrong.description);
    }
    Fault::InvalidArgument(violations)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_connection_is_unavailable_with_a_time_to_come_back() {
        for code in [Code::Unavailable, Code::Unknown, Code::Cancelled] {
            let fault = matcher_fault(&Status::new(code, "broken pipe"));
            assert!(matches!(fault, Fault::Unavailable { .. }), "{code:?}");
        }
    }

    #[test]
    fn too_much_work_of_a_neighbour_is_told_as_such() {
        let refused = Fault::ResourceExhausted {
            reason: "OVERLOADED",
            text: "too much".to_owned(),
            retry_after: Duration::from_millis(500),
        };
        let passed_on = matcher_fault(&Status::from(refused));
        let Fault::ResourceExhausted { retry_after, .. } = passed_on else {
            panic!("{passed_on:?}")
        };
        assert_eq!(retry_after, Duration::from_millis(500));
    }

    #[test]
    fn violations_found_by_the_matcher_are_passed_on() {
        let refused = Status::from(Fault::invalid("options.policy.margin", "is `2`"));
        let passed_on = Status::from(matcher_fault(&refused));
        assert_eq!(passed_on.message(), "`options.policy.margin` is `2`");
    }
}
