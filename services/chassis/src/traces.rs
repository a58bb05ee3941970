//! Sends recorded spans to an OpenTelemetry collector, in batches and behind the back of the calls.
//!
//! A collector that is away costs spans and nothing else: the queue is bounded, what does not fit is
//! dropped, and the log hears of it once a minute.

use std::{
    fmt,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use metrics::{counter, describe_counter};
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{SpanExporter as Otlp, WithExportConfig};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{
        BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider, SpanData, SpanExporter,
    },
};
use tracing::{Subscriber, warn};
use tracing_subscriber::{Layer, filter, registry::LookupSpan};

use crate::{
    Complaint, SettingError, Settings,
    settings::{Address, Setting},
};

/// How often spans are sent.
const EVERY: Duration = Duration::from_secs(1);

/// Spans that may wait to be sent.
const QUEUE_MAX: usize = 4_096;

/// How long a collector may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

const SPANS: &str = "hawiya_trace_spans_total";

/// Whether spans are recorded in this process: set once, before there are any.
static RECORDED: AtomicBool = AtomicBool::new(false);

/// Whether spans are recorded in this process.
pub(crate) fn are_recorded() -> bool {
    RECORDED.load(Ordering::Relaxed)
}

/// Where spans are sent, and of how many traces.
#[derive(Clone, Debug)]
pub struct TracesConfig {
    /// The collector; `None`: nothing is recorded.
    pub endpoint: Option<Collector>,
    /// The share of the traces that begin here. What a caller records is recorded, what it does not
    /// is not.
    pub ratio: Ratio,
}

impl TracesConfig {
    /// Reads `HAWIYA_OTLP_ENDPOINT` and `HAWIYA_TRACE_RATIO`.
    pub fn read(settings: &Settings<'_>) -> Result<Self, SettingError> {
        Ok(Self {
            endpoint: settings.optional("HAWIYA_OTLP_ENDPOINT")?,
            ratio: settings.get("HAWIYA_TRACE_RATIO", Ratio(0.1))?,
        })
    }
}

/// The address of a collector. Spans go to it in plain: it is meant to stand beside the process, and
/// to encrypt for a longer way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collector(Address);

impl Setting for Collector {
    const EXPECTED: &'static str = "an `http` address such as `http://collector:4317`";

    fn parse(value: &str) -> Option<Self> {
        let address = Address::parse(value)?;
        (address.uri().scheme_str() == Some("http")).then_some(Self(address))
    }

    fn written(&self) -> Option<String> {
        self.0.written()
    }
}

/// A share, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio(f64);

impl Setting for Ratio {
    const EXPECTED: &'static str = "a number from 0 to 1";

    fn parse(value: &str) -> Option<Self> {
        value.parse().ok().filter(|ratio| (0.0..=1.0).contains(ratio)).map(Self)
    }

    fn written(&self) -> Option<String> {
        Some(self.0.to_string())
    }
}

/// Says what the metrics mean.
pub(crate) fn describe_metrics() {
    describe_counter!(SPANS, "recorded spans, by what became of them");
}

/// The spans of a process on their way to the collector.
#[derive(Debug)]
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Begins to record the spans of `program`. Must be called inside a tokio runtime, on which they
    /// are sent. Does not wait for the collector.
    pub(crate) fn start(config: &TracesConfig, program: &str) -> Option<Self> {
        let Collector(endpoint) = config.endpoint.as_ref()?;
        let exporter = Otlp::builder()
            .with_tonic()
            .with_endpoint(endpoint.to_string())
            .with_timeout(PATIENCE)
            .build()
            .expect("an address that was read is an endpoint");
        for outcome in ["sent", "failed"] {
            counter!(SPANS, "outcome" => outcome).increment(0);
        }
        let batches = BatchConfigBuilder::default()
            .with_scheduled_delay(EVERY)
            .with_max_queue_size(QUEUE_MAX)
            .build();
        let exporter = Watched { exporter, complaint: Complaint::default() };
        let processor = BatchSpanProcessor::builder(exporter).with_batch_config(batches).build();
        let share = Sampler::TraceIdRatioBased(config.ratio.0);
        let provider = SdkTracerProvider::builder()
            .with_span_processor(processor)
            .with_sampler(Sampler::ParentBased(Box::new(share)))
            .with_resource(Resource::builder().with_service_name(program.to_owned()).build())
            .build();
        RECORDED.store(true, Ordering::Relaxed);
        Some(Self(provider))
    }

    /// The layer through which `tracing` hands spans on: ours, and none of the libraries below.
    pub(crate) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let is_ours = |metadata: &tracing::Metadata<'_>| {
            let of = metadata.target().split("::").next().unwrap_or_default();
            metadata.is_span() && OURS.contains(&of)
        };
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("hawiya"))
            .with_location(false)
            .with_threads(false)
            .with_filter(filter::filter_fn(is_ours))
    }

    /// Sends what is left. Blocks for as long as a collector may take to answer.
    pub fn end(self) {
        // Whatever could not be sent was complained of.
        drop(self.0.shutdown_with_timeout(PATIENCE));
    }
}

/// The crates whose spans are sent.
const OURS: [&str; 6] = ["cache", "chassis", "matcher", "normalizer", "registry", "resolver"];

/// An exporter whose failures are counted and told.
struct Watched {
    exporter: Otlp,
    complaint: Complaint,
}

impl SpanExporter for Watched {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let count = batch.len() as u64;
        let sent = self.exporter.export(batch).await;
        let outcome = if sent.is_ok() { "sent" } else { "failed" };
        counter!(SPANS, "outcome" => outcome).increment(count);
        if let Err(error) = &sent
            && self.complaint.is_due()
        {
            warn!(%error, "cannot send traces to the collector");
        }
        sent
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Watched").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_a_share() {
        for text in ["0", "0.1", "1"] {
            assert_eq!(Ratio::parse(text).unwrap().written().as_deref(), Some(text));
        }
        for text in ["-0.1", "1.1", "NaN", "half", ""] {
            assert_eq!(Ratio::parse(text), None, "{text}");
        }
    }
    #[test]
    fn a_collector_that_wants_tls_is_refused_before_the_start() {
        let of = |address: &'static str| {
            TracesConfig::read(&Settings::new(&|name| {
                (name == "HAWIYA_OTLP_ENDPOINT").then(|| address.to_owned())
            }))
        };
        assert!(of("http://collector:4317").unwrap().endpoint.is_some());
        assert_eq!(of("https://collector:4317").unwrap_err().name, "HAWIYA_OTLP_ENDPOINT");
    }
}
