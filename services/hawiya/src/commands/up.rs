//! `hawiya up`: all services in this process, until it is told to end.

use std::{fs, io::Write, path::Path};

use anyhow::Context;
use chassis::{Settings, telemetry::TelemetryConfig};

use super::serve::{on_signal, start_metrics};
use crate::{
    Done,
    cli::{self, Service},
    client, settings,
    suite::{Listen, Suite, SuiteConfig},
};

pub(super) async fn run(command: cli::Up, telemetry: TelemetryConfig) -> anyhow::Result<Done> {
    let environment = Settings::environment();
    let listen = settings::listen(&environment, Service::Resolver)?;
    let embedded = settings::embedded(&environment)?;
    let data_dir = match command.data_dir.or(embedded.data_dir) {
        Some(folder) => folder,
        None => settings::default_data_dir()?,
    };
    fs::create_dir_all(&data_dir)
        .with_context(|| format!("cannot make `{}`", data_dir.display()))?;
    let config = SuiteConfig {
        listen: Listen::At(command.listen.unwrap_or(listen)),
        data_dir: Some(data_dir.clone()),
        cache: embedded.cache,
        server: embedded.server,
    };
    let shutdown = on_signal()?;
    start_metrics(&telemetry, &shutdown).await?;
    let mut suite = client::start(config, !command.empty).await?;
    let announcement = client::announce(&data_dir, &suite)?;
    print_addresses(&suite, &data_dir)?;
    tokio::select! {
        () = shutdown.cancelled() => {}
        error = suite.ended() => return Err(error),
    }
    drop(announcement);
    suite.stop().await?;
    Ok(Done::All)
}

fn print_addresses(suite: &Suite, data_dir: &Path) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    for service in Service::ALL {
        let address = suite.addresses().of(service).to_string();
        writeln!(out, "{:<11}{}", service.name(), address.trim_end_matches('/'))?;
    }
    writeln!(out, "{:<11}{}", "catalogue", data_dir.display())?;
    writeln!(out, "ready; ctrl-c stops it")?;
    Ok(out.flush()?)
}
