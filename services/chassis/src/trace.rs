//! Which trace a call belongs to, so that what four services and Redis did for one caller can be laid
//! side by side (W3C Trace Context, <https://www.w3.org/TR/trace-context/>).
//!
//! Every call has a trace id: its caller's, from `traceparent`, or one of its own. It stands in every
//! log line of the call, is passed on to neighbours, and is told to a caller whose call failed.
//! Spans are recorded and sent away only where [`crate::traces`] was told to; without that, a trace id
//! costs two random numbers and a header to each neighbour.

use std::{
    fmt,
    future::Future,
    hash::{BuildHasher, Hasher, RandomState},
};

use http::{HeaderMap, HeaderValue};
use opentelemetry::{
    Context,
    trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState},
};
use tonic::metadata::MetadataMap;
use tracing::{Span, field, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::traces;

/// Where a request says which trace it belongs to.
pub(crate) const HEADER: &str = "traceparent";

/// Where an answer says it, when the call failed or its trace is recorded.
pub const ANSWER_HEADER: &str = "x-trace-id";

tokio::task_local! {
    /// The trace of the call that is being answered.
    static CURRENT: TraceParent;
}

/// A place in a trace: below which span something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceParent {
    trace_id: u128,
    span_id: u64,
    flags: u8,
}

impl TraceParent {
    /// A trace that nobody records.
    fn fresh() -> Self {
        let trace_id = u128::from(random()) << 64 | u128::from(random());
        Self { trace_id, span_id: random(), flags: 0 }
    }

    /// What a request says. One that is malformed says nothing, as the standard wants it.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get(HEADER)?.to_str().ok()?;
        let mut parts = text.split('-');
        let mut hex = |digits| parts.next().filter(|part| is_hex(part, digits));
        let (version, trace_id, span_id, flags) = (hex(2)?, hex(32)?, hex(16)?, hex(2)?);
        // A later version may have more parts, this one has four.
        if version == "ff" || (version == "00" && parts.next().is_some()) {
            return None;
        }
        let trace_id = u128::from_str_radix(trace_id, 16).ok().filter(|id| *id != 0)?;
        let span_id = u64::from_str_radix(span_id, 16).ok().filter(|id| *id != 0)?;
        Some(Self { trace_id, span_id, flags: u8::from_str_radix(flags, 16).ok()? })
    }

    /// The id of the trace, 32 hexadecimal digits.
    #[must_use]
    pub fn trace_id(self) -> String {
        // Each call writes it, and std's formatting of so large a number takes five times as long.
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digit = |digit: u8| char::from(DIGITS[usize::from(digit & 0xF)]);
        self.trace_id
            .to_be_bytes()
            .into_iter()
            .flat_map(|byte| [digit(byte >> 4), digit(byte)])
            .collect()
    }

    /// Whether the trace is recorded.
    #[must_use]
    pub fn is_recorded(self) -> bool {
        self.flags & TraceFlags::SAMPLED.to_u8() != 0
    }

    fn remote_context(self) -> Context {
        let ids = (TraceId::from(self.trace_id), SpanId::from(self.span_id));
        let flags = TraceFlags::new(self.flags);
        let remote = SpanContext::new(ids.0, ids.1, flags, true, TraceState::default());
        Context::new().with_remote_span_context(remote)
    }

    fn of_span(span: &Span) -> Option<Self> {
        let context = span.context();
        let span = context.span();
        let context = span.span_context();
        context.is_valid().then(|| Self {
            trace_id: u128::from_be_bytes(context.trace_id().to_bytes()),
            span_id: u64::from_be_bytes(context.span_id().to_bytes()),
            flags: context.trace_flags().to_u8(),
        })
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "00-{:032x}-{:016x}-{:02x}", self.trace_id, self.span_id, self.flags)
    }
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A random number that is not 0. The keys of std's hasher are random and differ each time.
fn random() -> u64 {
    RandomState::new().build_hasher().finish().max(1)
}

/// The trace of a call: where it is, and the span that holds its log lines together.
#[derive(Clone, Debug)]
pub(crate) struct CallTrace {
    pub(crate) parent: TraceParent,
    pub(crate) span: Span,
}

impl CallTrace {
    /// Begins the span of a call to one of our services below what its request says. A probe, or a
    /// look at the contract, belongs to no caller and has no span.
    pub(crate) fn begin(method: &str, headers: &HeaderMap) -> Self {
        let caller = TraceParent::of(headers);
        if !method.starts_with("hawiya.") {
            let parent = caller.unwrap_or_else(TraceParent::fresh);
            return Self { parent, span: Span::none() };
        }
        if traces::are_recorded() {
            return Self::recorded(method, caller);
        }
        let parent = caller.unwrap_or_else(TraceParent::fresh);
        let span = info_span!("rpc", method, trace_id = %parent.trace_id());
        Self { parent, span }
    }

    fn recorded(method: &str, caller: Option<TraceParent>) -> Self {
        let span = info_span!(
            "rpc",
            method,
            trace_id = field::Empty,
            otel.name = method,
            otel.kind = "server",
            rpc.system.name = "grpc",
        );
        if let Some(caller) = caller {
            // Fails only when the span is not recorded, and then there is nothing to be set.
            drop(span.set_parent(caller.remote_context()));
        }
        let parent = TraceParent::of_span(&span).or(caller).unwrap_or_else(TraceParent::fresh);
        span.record("trace_id", parent.trace_id());
        Self { parent, span }
    }

    /// Runs a part of the call inside its trace.
    pub(crate) async fn scope<T>(self, work: impl Future<Output = T>) -> T {
        use tracing::Instrument;
        CURRENT.scope(self.parent, work).instrument(self.span).await
    }

    /// Runs a step of the call inside its trace.
    pub(crate) fn step<T>(&self, work: impl FnOnce() -> T) -> T {
        let _entered = self.span.enter();
        CURRENT.sync_scope(self.parent, work)
    }

    /// The trace id as a header of the answer.
    pub(crate) fn header(&self) -> HeaderValue {
        self.parent.trace_id().try_into().expect("hexadecimal digits")
    }
}

/// The trace of the call that is being answered, if there is one.
#[must_use]
pub fn current() -> Option<TraceParent> {
    CURRENT.try_with(|parent| *parent).ok()
}

/// Says in a request to a neighbour which trace it belongs to. What belongs to no call, such as a
/// poll, is not recorded there either.
pub fn pass_on(metadata: &mut MetadataMap) {
    let recorded = traces::are_recorded();
    let own = || recorded.then(|| TraceParent::of_span(&Span::current())).flatten();
    let parent = current().map(|call| own().unwrap_or(call));
    let parent = parent.or_else(|| recorded.then(TraceParent::fresh));
    if let Some(parent) = parent {
        let value = parent.to_string().parse().expect("hexadecimal digits and hyphens");
        metadata.insert(HEADER, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<TraceParent> {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, text.parse().unwrap());
        TraceParent::of(&headers)
    }

    #[test]
    fn the_header_of_the_standard_is_read_and_written_as_it_was() {
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let parent = of(text).unwrap();
        assert_eq!(parent.to_string(), text);
        assert_eq!(parent.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert!(parent.is_recorded());
        let later = "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00-what-else";
        assert_eq!(of(later).map(TraceParent::trace_id), Some(parent.trace_id()));
    }

    #[test]
    fn a_malformed_header_says_nothing() {
        for text in [
            "",
            "00",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[tokio::test]
    async fn a_request_to_a_neighbour_belongs_to_the_trace_of_the_call() {
        let mut headers = HeaderMap::new();
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        headers.insert(HEADER, text.parse().unwrap());
        let trace = CallTrace::begin("hawiya.test.v1.TestService/Test", &headers);
        let passed_on = || {
            let mut metadata = MetadataMap::new();
            pass_on(&mut metadata);
            metadata.get(HEADER).map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(passed_on(), None);
        assert_eq!(trace.step(passed_on).as_deref(), Some(text));
        assert_eq!(trace.scope(async { passed_on() }).await.as_deref(), Some(text));
    }

    #[test]
    fn a_call_whose_caller_says_nothing_has_a_trace_of_its_own() {
        let [first, second] = [(); 2].map(|()| {
            CallTrace::begin("hawiya.test.v1.TestService/Test", &HeaderMap::new()).parent
        });
        assert_ne!(first.trace_id(), second.trace_id());
        assert_eq!(of(&first.to_string()), Some(first));
    }
}
