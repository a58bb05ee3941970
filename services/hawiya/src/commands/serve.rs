//! `hawiya serve`: one service in this process, as it runs in a cluster.

use std::sync::Arc;

use anyhow::Context;
use chassis::{
    Outgoing, Settings,
    telemetry::{TelemetryConfig, serve_metrics},
};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tokio_util::sync::CancellationToken;

use crate::{Done, cli::Service, settings};

/// Runs a service until the process is told to end. Everything is read before a socket opens.
pub(super) async fn run(service: Service, telemetry: TelemetryConfig) -> anyhow::Result<Done> {
    let environment = Settings::environment();
    let listen = settings::listen(&environment, service)?;
    let (server, cache) = (settings::server(&environment)?, settings::cache(&environment)?);
    let shutdown = on_signal()?;
    let outgoing = Arc::new(Outgoing::read(&environment)?);
    let neighbour = |service| settings::neighbour(&environment, service, &outgoing);
    match service {
        Service::Resolver => {
            let config = resolver::Config {
                server,
                cache,
                normalizer: neighbour(Service::Normalizer)?,
                matcher: neighbour(Service::Matcher)?,
                registry: neighbour(Service::Registry)?,
            };
            resolver::run(open(listen, &telemetry, &shutdown).await?, config, shutdown).await?;
        }
        Service::Normalizer => {
            let config = normalizer::Config { server, cache };
            normalizer::run(open(listen, &telemetry, &shutdown).await?, config, shutdown).await?;
        }
        Service::Matcher => {
            let registry = neighbour(Service::Registry)?;
            let index_dir = Some(settings::index_dir(&environment)?);
            let config = matcher::Config { server, cache, registry, index_dir };
            matcher::run(open(listen, &telemetry, &shutdown).await?, config, shutdown).await?;
        }
        Service::Registry => {
            let config = registry::Config { cache, ..registry::Config::read(&environment)? };
            registry::run(open(listen, &telemetry, &shutdown).await?, config, shutdown).await?;
        }
    }
    Ok(Done::All)
}

async fn open(
    listen: std::net::SocketAddr,
    telemetry: &TelemetryConfig,
    shutdown: &CancellationToken,
) -> anyhow::Result<TcpListener> {
    start_metrics(telemetry, shutdown).await?;
    TcpListener::bind(listen)
        .await
        .with_context(|| format!("HAWIYA_LISTEN: cannot listen on {listen}"))
}

/// Serves `/metrics` where the settings say so. Says where: port 0 is any free port.
pub(super) async fn start_metrics(
    telemetry: &TelemetryConfig,
    shutdown: &CancellationToken,
) -> anyhow::Result<()> {
    let Some(listen) = telemetry.metrics_listen else { return Ok(()) };
    let listener = TcpListener::bind(listen).await;
    let listener =
        listener.with_context(|| format!("HAWIYA_METRICS_LISTEN: cannot listen on {listen}"))?;
    tracing::info!(address = %listener.local_addr()?, "metrics");
    tokio::spawn(serve_metrics(listener, shutdown.clone().cancelled_owned()));
    Ok(())
}

/// Cancelled when the process is told to end (SIGTERM, SIGINT). A second signal ends it at once.
pub(super) fn on_signal() -> anyhow::Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    let token = CancellationToken::new();
    let cancelled = token.clone();
    tokio::spawn(async move {
        for count in 0.. {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            cancelled.cancel();
            if count > 0 {
                tracing::warn!("told twice to end: ending without a drain");
                std::process::exit(130);
            }
        }
    });
    Ok(token)
}
