//! `hawiya health`: one question to one server, answered by the exit code.
//!
//! It starts nothing and waits for nobody: who asks again and again is the probe.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use chassis::{Outgoing, Settings, channel, server::LIVE, settings::Address};
use tokio::time::timeout;
use tonic_health::pb::health_check_response::ServingStatus;

use crate::{
    Done,
    cli::{self, Service},
    client::{health_of, parse_server},
    settings,
};

/// How long the answer may take. Probes give up after as long, or later.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) async fn run(command: cli::Health) -> anyhow::Result<Done> {
    let environment = Settings::environment();
    let server = match &command.server {
        Some(server) => parse_server(server)?,
        None => own(&environment)?,
    };
    let outgoing = Arc::new(Outgoing::read(&environment)?);
    outgoing.check(&server)?;
    let channel = channel::connect(&server.clone().with(&outgoing));
    let name = if command.live { LIVE } else { "" };
    let asked = timeout(PATIENCE, health_of(&channel, name)).await;
    let answer = asked.with_context(|| format!("`{server}` does not answer"))?;
    let status = answer.with_context(|| format!("cannot ask `{server}`"))?;
    Ok(if status == ServingStatus::Serving { Done::All } else { Done::SomeFailed })
}

/// The server of this machine or container, as the environment tells it where to listen.
fn own(settings: &Settings<'_>) -> anyhow::Result<Address> {
    let listen = settings::listen(settings, Service::Resolver)?;
    match settings.optional::<String>("HAWIYA_TLS_CERT")? {
        // By the name that its certificate has to have.
        Some(_) => parse_server(&format!("https://localhost:{}", listen.port())),
        None => Ok(settings::address("http", reachable(listen))),
    }
}

/// Where a server that listens on all addresses is reached from its own machine.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_listens_everywhere_is_asked_on_loopback() {
        let asked = |listen: &str| {
            own(&Settings::new(&|name| (name == "HAWIYA_LISTEN").then(|| listen.to_owned())))
                .unwrap()
                .to_string()
        };
        assert_eq!(asked("0.0.0.0:7702"), "http://127.0.0.1:7702/");
        assert_eq!(asked("[::]:7702"), "http://[::1]:7702/");
        assert_eq!(asked("10.0.0.7:7702"), "http://10.0.0.7:7702/");
        assert_eq!(asked(""), "http://127.0.0.1:7700/");
    }

    #[test]
    fn a_server_with_a_certificate_is_asked_by_the_name_in_it() {
        let lookup = |name: &str| match name {
            "HAWIYA_LISTEN" => Some("0.0.0.0:7702".to_owned()),
            "HAWIYA_TLS_CERT" => Some("/tls/tls.crt".to_owned()),
            _ => None,
        };
        assert_eq!(own(&Settings::new(&lookup)).unwrap().to_string(), "https://localhost:7702/");
    }
}
