//! `hawiya up`: all services in this process, until it is told to end.

use std::{fs, io::Write, net::IpAddr, path::Path, sync::Arc};

use anyhow::Context;
use chassis::{Outgoing, ServerConfig, Settings, telemetry::TelemetryConfig};

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
    let listen = command.listen.unwrap_or(listen);
    let (mut server, outgoing) = (embedded.server, settings::outgoing(&environment)?);
    server.security = settings::security(&environment)?;
    let outgoing = known_to_itself(outgoing, &mut server)?;
    let is_anonymous = server.security.access.is_none();
    let config = SuiteConfig {
        listen: Listen::At(listen),
        data_dir: Some(data_dir.clone()),
        cache: embedded.cache,
        server,
        outgoing,
    };
    let shutdown = on_signal()?;
    start_metrics(&telemetry, &shutdown).await?;
    let mut suite = client::start(config, !command.empty).await?;
    let announcement = client::announce(&data_dir, &suite)?;
    print_addresses(&suite, &data_dir, reach(listen.ip(), is_anonymous))?;
    tokio::select! {
        () = shutdown.cancelled() => {}
        error = suite.ended() => return Err(error),
    }
    drop(announcement);
    suite.stop().await?;
    Ok(Done::All)
}

/// What the services show each other. Where callers are known, they are callers like others, with a
/// key of their own unless the settings give them one.
fn known_to_itself(outgoing: Outgoing, server: &mut ServerConfig) -> anyhow::Result<Arc<Outgoing>> {
    if server.security.tls.is_some() {
        let loopback = (std::net::Ipv4Addr::LOCALHOST, 1).into();
        outgoing.check(&settings::address("https", loopback))?;
    }
    let own = if outgoing.has_token() { None } else { server.security.own_key() };
    Ok(Arc::new(match own {
        Some(key) => outgoing.with_token(&key).context("a key of ours makes a header")?,
        None => outgoing,
    }))
}

/// Who can reach what was started.
fn reach(ip: IpAddr, is_anonymous: bool) -> &'static str {
    match (ip.is_loopback(), is_anonymous) {
        (true, true) => "everybody on this machine, and nobody else",
        (true, false) => "callers with a credential, on this machine",
        (false, true) => "everybody who reaches this machine; nobody is asked who they are",
        (false, false) => "callers with a credential",
    }
}

fn print_addresses(suite: &Suite, data_dir: &Path, reach: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    for service in Service::ALL {
        let address = suite.addresses().of(service).to_string();
        writeln!(out, "{:<11}{}", service.name(), address.trim_end_matches('/'))?;
    }
    writeln!(out, "{:<11}{}", "catalogue", data_dir.display())?;
    writeln!(out, "{:<11}{reach}", "open to")?;
    writeln!(out, "ready; ctrl-c stops it")?;
    Ok(out.flush()?)
}
