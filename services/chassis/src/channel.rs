//! Reaches a neighbour: a connection that is made when first needed and made again when lost.
//!
//! A neighbour that is away makes a call fail with UNAVAILABLE within the connect timeout; what
//! then happens is the caller's decision. Spreading calls over replicas is left to the network
//! (a Kubernetes Service) for now.

use std::time::Duration;

use tonic::transport::{Channel, Endpoint};

use crate::settings::Address;

/// How long a connection may take to come about.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// How often an idle connection is asked whether it lives, and how long it may take to answer.
const KEEPALIVE: (Duration, Duration) = (Duration::from_secs(20), Duration::from_secs(5));

/// Flow-control windows that let a batch of 1,000 items travel without waiting for an update.
const WINDOW_BYTES: u32 = 4 << 20;

/// A channel to `address`. Does not wait: the first call connects.
pub fn connect(address: &Address) -> Channel {
    Endpoint::from(address.uri().clone())
        .connect_timeout(CONNECT_TIMEOUT)
        .tcp_nodelay(true)
        .http2_keep_alive_interval(KEEPALIVE.0)
        .keep_alive_timeout(KEEPALIVE.1)
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(WINDOW_BYTES * 4)
        .connect_lazy()
}
