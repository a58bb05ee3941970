//! `hawiya serve`: one service in this process, as it runs in a cluster.

use anyhow::Context;
use chassis::{
    Settings,
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
    let shutdown = on_signal()?;
    match service {
        Service::Resolver => {
            let config = settings::resolver(&environment)?;
            resolver::run(open(listen, &telemetry, &shutdown).await?, config, shutdown).await?;
        }
        Service::Normalizer => {
            let config = settings::normalizer(&environment)?;
            normalizer::run(open(listen, &telemetry, &shutdown).await?, config, shutdown).await?;
        }
        Service::Matcher => {
            let config = settings::matcher(&environment)?;
            matcher::run(open(listen, &telemetry, &shutdown).await?, config, shutdown).await?;
        }
        Service::Registry => {
            let config = settings::registry(&environment)?;
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
