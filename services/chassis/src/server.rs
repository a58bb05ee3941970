//! Runs one gRPC service: health, reflection, admission, measurement, and an orderly end.
//!
//! Health is told under three names: the service's and `""` say whether it can answer now, [`LIVE`]
//! whether the process runs calls at all.
//!
//! The drain: on shutdown the health turns NOT_SERVING, the server goes on for `drain_delay` so
//! that load balancers notice, then takes no new calls and waits up to `drain_timeout` for those
//! under way. Handlers of endless streams watch [`Server::draining`] and end them themselves.

use std::{convert::Infallible, io, time::Duration};

use metrics::{describe_gauge, gauge};
use tokio::{net::TcpListener, sync::watch, time::timeout};
use tokio_util::sync::CancellationToken;
use tonic::{
    body::Body, server::NamedService, service::Routes, transport::server::Server as Transport,
};
use tonic_health::{ServingStatus, server::HealthReporter};
use tower::Service;
use tracing::{info, warn};

use crate::{
    Security, SettingError, Settings,
    admission::{self, AdmissionLayer},
    drained::UntilDrained,
    guard::{Guard, GuardLayer, StreamingMethods},
    incoming,
    patience::Buffered,
    quota::Buckets,
    rpc::RpcLayer,
    security::warn_if_open,
};

/// How many calls one connection may have under way.
const STREAMS_PER_CONNECTION_MAX: u32 = 1_000;

/// The largest message that is read or written, tonic's and gRPC's default.
pub const MESSAGE_BYTES_MAX: usize = 4 << 20;

/// The name under which health is SERVING as long as the process runs, whatever its neighbours do:
/// for who restarts what hangs, and must not restart what waits.
pub const LIVE: &str = "live";

/// Flow-control windows of a stream and of a connection.
const WINDOW_BYTES: (u32, u32) = (4 << 20, 16 << 20);

/// All headers of a call together; a token of an identity provider may have 8 KiB.
const HEADER_BYTES_MAX: u32 = 16 << 10;

/// Calls that a client took back before they were begun, and calls that were reset for its
/// mistakes, after which its connection is closed (CVE-2023-44487, CVE-2025-8671). They are what
/// h2 has by default, said here so that they stay.
const RESETS_MAX: (usize, usize) = (20, 1_024);

/// How a server ends and how long its connections live.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// How long calls are still taken after health has turned NOT_SERVING.
    pub drain_delay: Duration,
    /// How long calls under way may take to end.
    pub drain_timeout: Duration,
    /// How old a connection grows before its client is asked to make a new one, so that replicas
    /// added later get their share.
    pub connection_age_max: Duration,
    /// How much is worked on at a time, in calls of one item.
    pub work_max: usize,
    /// What protects its port.
    pub security: Security,
}

impl ServerConfig {
    /// Reads `HAWIYA_DRAIN_DELAY`, `HAWIYA_DRAIN_TIMEOUT`, `HAWIYA_CONNECTION_AGE_MAX`,
    /// `HAWIYA_WORK_MAX`. What protects the port is read by [`Security::read`].
    pub fn read(settings: &Settings<'_>) -> Result<Self, SettingError> {
        Ok(Self {
            drain_delay: settings.get("HAWIYA_DRAIN_DELAY", Duration::ZERO)?,
            drain_timeout: settings.get("HAWIYA_DRAIN_TIMEOUT", Duration::from_secs(20))?,
            connection_age_max: settings
                .get("HAWIYA_CONNECTION_AGE_MAX", Duration::from_secs(600))?,
            security: Security::default(),
            // No default: it would differ from machine to machine in the list of settings.
            work_max: settings
                .optional("HAWIYA_WORK_MAX")?
                .unwrap_or_else(admission::default_work_max),
        })
    }
}

/// Tells callers whether a service is ready. Starts as not ready.
#[derive(Clone, Debug, Default)]
pub struct Health(watch::Sender<bool>);

impl Health {
    /// Says whether the service can answer now.
    pub fn set(&self, ready: bool) {
        self.0.send_if_modified(|now| std::mem::replace(now, ready) != ready);
    }

    /// What was said last.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        *self.0.borrow()
    }
}

/// A server before it runs.
#[derive(Debug)]
pub struct Server {
    config: ServerConfig,
    ready: watch::Sender<bool>,
    shutdown: CancellationToken,
    draining: CancellationToken,
}

impl Server {
    /// A server that ends when `shutdown` is cancelled.
    #[must_use]
    pub fn new(config: ServerConfig, shutdown: CancellationToken) -> Self {
        let draining = CancellationToken::new();
        Self { config, ready: watch::Sender::new(false), shutdown, draining }
    }

    /// Where the service reports whether it is ready.
    #[must_use]
    pub fn health(&self) -> Health {
        Health(self.ready.clone())
    }

    /// Cancelled when streams have to end.
    #[must_use]
    pub fn draining(&self) -> CancellationToken {
        self.draining.clone()
    }

    /// Serves `service` on `listener` until shutdown and drain are over. `descriptors` is its
    /// encoded `FileDescriptorSet`.
    pub async fn run<S>(
        self,
        listener: TcpListener,
        service: S,
        descriptors: &[u8],
    ) -> io::Result<()>
    where
        S: Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible>
            + NamedService
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send + 'static,
    {
        let address = listener.local_addr()?;
        let Security { tls, limits, access, audit } = self.config.security.clone();
        warn_if_open(address, tls.is_none(), access.is_none());
        let guard = GuardLayer::new(Guard {
            access,
            audit: audit.clone(),
            stream_idle: limits.stream_idle,
            buffered: Buffered::new(limits.request_bytes_max),
            streaming: StreamingMethods::of(descriptors),
            buckets: Buckets::default(),
        });
        let kept = tokio::spawn(audit.clone().keep());
        let (reporter, health_service) = tonic_health::server::health_reporter();
        reporter.set_service_status(LIVE, ServingStatus::Serving).await;
        let routes = Routes::new(service).add_service(health_service);
        let routes = with_reflection(routes, S::NAME, descriptors, &self.draining)?;
        let (ready, shutdown) = (self.ready.subscribe(), self.shutdown.clone());
        let report =
            report_until_drained(reporter, S::NAME, ready, shutdown, self.draining.clone());
        let health = tokio::spawn(report);
        let admission = AdmissionLayer::new(self.config.work_max, descriptors);
        let admission = admission.map_err(io::Error::other)?;
        let v1 = tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET;
        let v1alpha = tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET;
        let closed = CancellationToken::new();
        // The transport only asks clients to go: with a grace it would cut them without a word, also
        // an import that is under way.
        let oldest = self.config.connection_age_max + self.config.drain_timeout;
        let served = Transport::builder()
            .max_concurrent_streams(STREAMS_PER_CONNECTION_MAX)
            .max_connection_age(self.config.connection_age_max)
            .initial_stream_window_size(WINDOW_BYTES.0)
            .initial_connection_window_size(WINDOW_BYTES.1)
            .http2_keepalive_interval(Some(Duration::from_secs(30)))
            .http2_keepalive_timeout(Some(Duration::from_secs(10)))
            .http2_max_header_list_size(HEADER_BYTES_MAX)
            .http2_max_pending_accept_reset_streams(Some(RESETS_MAX.0))
            .http2_max_local_error_reset_streams(Some(RESETS_MAX.1))
            .layer(RpcLayer::new(&[
                descriptors,
                tonic_health::pb::FILE_DESCRIPTOR_SET,
                v1,
                v1alpha,
            ]))
            .layer(guard)
            .layer(admission)
            .add_routes(routes)
            .serve_with_incoming_shutdown(
                incoming::accept(listener, tls, limits, oldest),
                closed.clone().cancelled_owned(),
            );
        tokio::pin!(served);
        info!(service = S::NAME, %address, "listening");
        let ended = tokio::select! {
            early = &mut served => early,
            () = self.drain_begins(&closed) => {
                timeout(self.config.drain_timeout, &mut served).await.unwrap_or_else(|_| {
                    warn!(service = S::NAME, "calls were cut off at the end of the drain");
                    Ok(())
                })
            }
        };
        health.abort();
        kept.abort();
        audit.sync();
        info!(service = S::NAME, "stopped");
        ended.map_err(io::Error::other)
    }

    async fn drain_begins(&self, closed: &CancellationToken) {
        self.shutdown.cancelled().await;
        tokio::time::sleep(self.config.drain_delay).await;
        self.draining.cancel();
        closed.cancel();
    }
}

const READY: &str = "hawiya_ready";

/// Says what the metrics mean.
pub(crate) fn describe_metrics() {
    describe_gauge!(READY, "1 while the health service says that the service serves, else 0");
}

/// Reports until the drain, and then ends the streams of those who watch the health: they have
/// been told, and the drain would wait for them.
async fn report_until_drained(
    mut reporter: HealthReporter,
    name: &'static str,
    ready: watch::Receiver<bool>,
    shutdown: CancellationToken,
    draining: CancellationToken,
) {
    draining.run_until_cancelled(report(reporter.clone(), name, ready, shutdown)).await;
    reporter.set_service_status("", ServingStatus::NotServing).await;
    for service in ["", name, LIVE] {
        reporter.clear_service_status(service).await;
    }
}

/// Keeps the health service up to date, for `name` and for the whole server.
async fn report(
    reporter: HealthReporter,
    name: &'static str,
    mut ready: watch::Receiver<bool>,
    shutdown: CancellationToken,
) {
    loop {
        let serving = *ready.borrow_and_update() && !shutdown.is_cancelled();
        gauge!(READY, "service" => name).set(if serving { 1.0 } else { 0.0 });
        let status = if serving { ServingStatus::Serving } else { ServingStatus::NotServing };
        reporter.set_service_status("", status).await;
        reporter.set_service_status(name, status).await;
        tokio::select! {
            changed = ready.changed() => if changed.is_err() { return },
            () = shutdown.cancelled(), if serving => {}
        }
    }
}

/// Reflection in both versions: grpcurl asks for v1, Python's client for v1alpha.
fn with_reflection(
    routes: Routes,
    name: &str,
    descriptors: &[u8],
    draining: &CancellationToken,
) -> io::Result<Routes> {
    let builder = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(descriptors)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
            .with_service_name(name)
            .with_service_name("grpc.health.v1.Health")
    };
    let v1 = builder().build_v1().map_err(io::Error::other)?;
    let v1alpha = builder().build_v1alpha().map_err(io::Error::other)?;
    // Its streams end with their requests, which a caller may leave open for as long as it likes.
    let v1 = UntilDrained::new(v1, draining.clone());
    let v1alpha = UntilDrained::new(v1alpha, draining.clone());
    Ok(routes.add_service(v1).add_service(v1alpha))
}
