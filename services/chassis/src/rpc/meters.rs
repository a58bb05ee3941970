//! What is counted of a method, found once and not at each call.
//!
//! The methods are those of the contract. A path that nobody serves must not become a label: callers
//! could make up any number of them.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, OnceLock},
};

use metrics::{
    Counter, Gauge, Histogram, Unit, counter, describe_counter, describe_gauge, describe_histogram,
    gauge, histogram,
};
use prost::Message;
use prost_types::FileDescriptorSet;
use tonic::Code;

const ENDED: &str = "hawiya_rpc_total";
const SECONDS: &str = "hawiya_rpc_seconds";
const IN_FLIGHT: &str = "hawiya_rpc_in_flight";

/// The label of what is no method.
const UNKNOWN: &str = "unknown";

/// Says what the metrics mean.
pub fn describe_metrics() {
    describe_counter!(ENDED, "calls that ended, by method and gRPC code");
    describe_histogram!(SECONDS, Unit::Seconds, "how long calls took, to the end of their stream");
    describe_gauge!(IN_FLIGHT, "calls and streams under way, by method");
}

/// The meters of every method of a server.
#[derive(Debug)]
pub(super) struct Meters {
    /// By path, `/package.Service/Method`.
    methods: HashMap<String, Arc<MethodMeters>>,
    unknown: Arc<MethodMeters>,
}

impl Meters {
    pub(super) fn new(descriptors: &[&[u8]]) -> Self {
        let methods = descriptors.iter().flat_map(|descriptors| methods_of(descriptors));
        let meters = |method| (format!("/{method}"), Arc::new(MethodMeters::new(method)));
        let unknown = Arc::new(MethodMeters::new(UNKNOWN.to_owned()));
        Self { methods: methods.map(meters).collect(), unknown }
    }

    pub(super) fn of(&self, path: &str) -> Arc<MethodMeters> {
        Arc::clone(self.methods.get(path).unwrap_or(&self.unknown))
    }
}

/// `package.Service/Method` of every method.
fn methods_of(descriptors: &[u8]) -> Vec<String> {
    let files = FileDescriptorSet::decode(descriptors).unwrap_or_default().file;
    let mut methods = Vec::new();
    for file in files {
        for service in &file.service {
            let path = |method: &str| format!("{}.{}/{method}", file.package(), service.name());
            methods.extend(service.method.iter().map(|method| path(method.name())));
        }
    }
    methods
}

/// The meters of one method.
pub(super) struct MethodMeters {
    pub(super) method: String,
    pub(super) seconds: Histogram,
    pub(super) in_flight: Gauge,
    /// By code, once there was one.
    ended: [OnceLock<Counter>; CODE_NAMES.len()],
}

impl MethodMeters {
    fn new(method: String) -> Self {
        Self {
            seconds: histogram!(SECONDS, "method" => method.clone()),
            in_flight: gauge!(IN_FLIGHT, "method" => method.clone()),
            ended: [const { OnceLock::new() }; CODE_NAMES.len()],
            method,
        }
    }

    pub(super) fn ended(&self, code: Code) -> &Counter {
        let (at, method) = (code as usize, || self.method.clone());
        self.ended[at]
            .get_or_init(|| counter!(ENDED, "method" => method(), "code" => CODE_NAMES[at]))
    }
}

impl fmt::Debug for MethodMeters {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("MethodMeters").field(&self.method).finish()
    }
}

/// Codes by number, as the specification writes them
/// (<https://github.com/grpc/grpc/blob/master/doc/statuscodes.md>).
const CODE_NAMES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_nobody_serves_is_counted_with_all_others_like_it() {
        let meters = Meters::new(&[tonic_health::pb::FILE_DESCRIPTOR_SET]);
        let method = |path| meters.of(path).method.clone();
        assert_eq!(method("/grpc.health.v1.Health/Check"), "grpc.health.v1.Health/Check");
        assert_eq!(method("/grpc.health.v1.Health/Made/Up"), UNKNOWN);
        assert_eq!(method(""), UNKNOWN);
    }

    #[test]
    fn every_code_has_its_name() {
        for (number, name) in (0..).zip(CODE_NAMES) {
            let code = Code::from_i32(number);
            let told = format!("{code:?}").to_uppercase();
            assert_eq!(name.replace('_', ""), told);
        }
    }
}
