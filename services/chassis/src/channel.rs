//! Reaches one server: a connection that is made when first needed and made again when lost.
//!
//! A server that is away makes a call fail with UNAVAILABLE within the connect timeout; what then
//! happens is the caller's decision. Services reach each other through a [`crate::Pool`], which
//! spreads calls over such channels.

use std::{net::SocketAddr, time::Duration};

use http::Uri;
use tonic::transport::{Channel, Endpoint};

use crate::settings::Address;

/// How long a connection may take to come about.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// How often a connection with calls is asked whether it lives, and how long it may take to answer:
/// a machine that is busy is not one that is gone.
const KEEPALIVE: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(10));

/// Flow-control windows that let a batch of 1,000 items travel without waiting for an update.
const WINDOW_BYTES: u32 = 4 << 20;

/// A channel to `address`. Does not wait: the first call connects.
pub fn connect(address: &Address) -> Channel {
    endpoint(address, address.uri().clone()).connect_lazy()
}

/// A channel to one of the machines that the name in `address` stands for.
pub(crate) fn connect_to(address: &Address, machine: SocketAddr) -> Channel {
    endpoint(address, address.uri_of(machine)).connect_lazy()
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
