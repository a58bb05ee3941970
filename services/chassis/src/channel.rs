//! Reaches one server: a connection that is made when first needed and made again when lost.
//!
//! A server that is away makes a call fail with UNAVAILABLE within the connect timeout; what then
//! happens is the caller's decision. Services reach each other through a [`crate::Pool`], which
//! spreads calls over such channels.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, Once},
    task::{Context, Poll},
    time::Duration,
};

use http::Uri;
use tonic::{
    body::Body,
    transport::{Channel as Transport, Endpoint, Error, channel::ResponseFuture},
};
use tower::{Service, service_fn};
use tracing::warn;

use crate::{outgoing::Outgoing, settings::Address};

/// How long a connection may take to come about.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// How often a connection with calls is asked whether it lives, and how long it may take to answer:
/// a machine that is busy is not one that is gone.
const KEEPALIVE: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(10));

/// Flow-control windows that let a batch of 1,000 items travel without waiting for an update.
const WINDOW_BYTES: u32 = 4 << 20;

/// A connection to a server; its calls carry the token of this process. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Channel {
    transport: Transport,
    outgoing: Option<Arc<Outgoing>>,
}

impl Service<http::Request<Body>> for Channel {
    type Response = http::Response<Body>;
    type Error = Error;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.transport.poll_ready(context)
    }

    fn call(&mut self, mut request: http::Request<Body>) -> ResponseFuture {
        if let Some(outgoing) = &self.outgoing {
            outgoing.sign(request.headers_mut());
        }
        self.transport.call(request)
    }
}

/// A channel to `address`. Does not wait: the first call connects.
pub fn connect(address: &Address) -> Channel {
    lazily(address, endpoint(address, address.uri().clone()))
}

/// A channel to one of the machines that the name in `address` stands for.
pub(crate) fn connect_to(address: &Address, machine: SocketAddr) -> Channel {
    lazily(address, endpoint(address, address.uri_of(machine)))
}

/// How the server at `uri` is reached, which is called `address`. What all connections have in
/// common is here.
fn endpoint(address: &Address, uri: Uri) -> Endpoint {
    Endpoint::from(uri)
        .origin(address.uri().clone())
        .connect_timeout(CONNECT_TIMEOUT)
        .tcp_nodelay(true)
        .http2_keep_alive_interval(KEEPALIVE.0)
        .keep_alive_timeout(KEEPALIVE.1)
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(WINDOW_BYTES * 4)
}

/// A channel to `endpoint`, which is a server of `address`: its certificate has to be for that.
fn lazily(address: &Address, endpoint: Endpoint) -> Channel {
    let outgoing = address.outgoing().cloned();
    warn_if_overheard(address, outgoing.as_deref());
    let transport = match address.certified_name() {
        None => endpoint.connect_lazy(),
        Some(name) => {
            let outgoing = outgoing.clone().unwrap_or_default();
            let tls = service_fn(move |at| Arc::clone(&outgoing).connect(name.clone(), at));
            endpoint.connect_with_connector_lazy(tls)
        }
    };
    Channel { transport, outgoing }
}

/// Says once that a token can be read on its way.
fn warn_if_overheard(address: &Address, outgoing: Option<&Outgoing>) {
    static SAID: Once = Once::new();
    let host = address.uri().host().unwrap_or_default().trim_matches(['[', ']']);
    let is_near = host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    let is_plain = address.uri().scheme_str() == Some("http");
    if is_plain && !is_near && outgoing.is_some_and(Outgoing::has_token) {
        SAID.call_once(|| warn!(%address, "the token of this process is sent in the clear"));
    }
}
