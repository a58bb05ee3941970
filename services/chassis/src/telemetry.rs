//! Logs, metrics and traces of a process.
//!
//! Logs go to standard error, as text for people or as JSON for machines. Metrics are counted where
//! decisions are made, through the `metrics` facade, and shown at `/metrics` in the Prometheus text
//! format on a port of their own.

use std::{
    future::Future,
    io::{IsTerminal, stderr},
    net::SocketAddr,
    sync::OnceLock,
    time::Duration,
};

use axum::{Router, routing::get};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tracing_subscriber::{
    EnvFilter, Layer, fmt, layer::SubscriberExt, registry::LookupSpan, util::SubscriberInitExt,
};

use crate::{
    SettingError, Settings, admission, audit, cpu, guard, incoming, pool, process, rpc, server,
    settings::Setting,
    traces::{self, Traces, TracesConfig},
};

/// Upper bounds of the latency histograms, in seconds.
const BUCKETS_SECONDS: [f64; 14] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// How often the histograms are folded so that they stay small.
const UPKEEP: Duration = Duration::from_secs(5);

/// How a process reports on itself.
#[derive(Clone, Debug)]
pub struct TelemetryConfig {
    /// Which events are logged, in the syntax of `tracing` (`info`, `matcher=debug,info`).
    pub log_filter: String,
    /// How they are written.
    pub log_format: LogFormat,
    /// Where `/metrics` is served; `None`: nowhere.
    pub metrics_listen: Option<SocketAddr>,
    /// Where spans are sent.
    pub traces: TracesConfig,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Setting for LogFormat {
    const EXPECTED: &'static str = "`text` or `json`";

    fn parse(value: &str) -> Option<Self> {
        match value {
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            _ => None,
        }
    }

    fn written(&self) -> Option<String> {
        let text = match self {
            Self::Text => "text",
            Self::Json => "json",
        };
        Some(text.to_owned())
    }
}

impl TelemetryConfig {
    /// Reads `HAWIYA_LOG`, or else logs from `default_filter` on, `HAWIYA_LOG_FORMAT`,
    /// `HAWIYA_METRICS_LISTEN`, and what [`TracesConfig`] reads.
    pub fn read(settings: &Settings<'_>, default_filter: &str) -> Result<Self, SettingError> {
        Ok(Self {
            log_filter: settings.get("HAWIYA_LOG", default_filter.to_owned())?,
            log_format: settings.get("HAWIYA_LOG_FORMAT", LogFormat::Text)?,
            metrics_listen: settings.optional("HAWIYA_METRICS_LISTEN")?,
            traces: TracesConfig::read(settings)?,
        })
    }
}

/// Sets up the logs of the process, and the traces of `program` if they are sent anywhere. Must be
/// called inside a tokio runtime. A second call changes nothing.
pub fn init(config: &TelemetryConfig, program: &str) -> Result<Option<Traces>, SettingError> {
    let filter = EnvFilter::try_new(&config.log_filter).map_err(|_| SettingError {
        name: "HAWIYA_LOG",
        value: config.log_filter.clone(),
        expected: "a filter such as `info` or `matcher=debug,info`".into(),
    })?;
    let traces = Traces::start(&config.traces, program);
    // A filter for everything is cheaper than one for each layer.
    let done = match &traces {
        None => tracing_subscriber::registry().with(filter).with(lines(config)).try_init(),
        Some(traces) => {
            let lines = lines(config).with_filter(filter);
            tracing_subscriber::registry().with(lines).with(traces.layer()).try_init()
        }
    };
    // Only a second initialization fails, and the first one stands.
    drop(done);
    Ok(traces)
}

/// Writes events as lines.
fn lines<S>(config: &TelemetryConfig) -> Box<dyn Layer<S> + Send + Sync>
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a>,
{
    let lines = fmt::layer().with_writer(stderr).with_ansi(stderr().is_terminal());
    match config.log_format {
        LogFormat::Text => lines.with_target(false).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    }
}

/// The recorder of the process: there is one, whoever asks first installs it.
pub fn metrics_handle() -> &'static PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| {
        let recorder = PrometheusBuilder::new()
            .set_buckets(&BUCKETS_SECONDS)
            .expect("the bucket list is not empty")
            .build_recorder();
        let handle = recorder.handle();
        // Fails only when somebody else installed a recorder; then ours stays empty.
        drop(metrics::set_global_recorder(recorder));
        process::started();
        rpc::describe_metrics();
        incoming::describe_metrics();
        guard::describe_metrics();
        audit::describe_metrics();
        pool::describe_metrics();
        admission::describe_metrics();
        cpu::describe_metrics();
        server::describe_metrics();
        traces::describe_metrics();
        handle
    })
}

/// Serves `/metrics` on `listener` until `stop` is done.
pub async fn serve_metrics(
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let handle = metrics_handle();
    let upkeep = tokio::spawn(async move {
        let mut every = tokio::time::interval(UPKEEP);
        loop {
            every.tick().await;
            handle.run_upkeep();
        }
    });
    let pages = Router::new()
        .route("/metrics", get(move || async move { handle.render() + &process::page() }));
    let served = axum::serve(listener, pages).with_graceful_shutdown(stop).await;
    upkeep.abort();
    served
}
