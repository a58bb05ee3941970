//! Ports that can be given to a process before it starts, and again after it was killed.
//!
//! Port 0 would do for a server that starts before whoever calls it. Here neighbours start in any
//! order and come back at the address they had. The kernel takes the ports of outgoing connections
//! from 32768 on, so that one below is not lost while its server is away.

use std::{
    net::TcpListener,
    sync::atomic::{AtomicU16, Ordering},
};

const FIRST: u16 = 18_000;
const COUNT: u16 = 14_000;

/// A port of loopback on which nobody listens. Tests of other processes begin elsewhere.
#[must_use]
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let begin = std::process::id().wrapping_mul(64) % u32::from(COUNT);
    let begin = u16::try_from(begin).expect("is below COUNT");
    let step = || NEXT.fetch_add(1, Ordering::Relaxed);
    let ports = std::iter::repeat_with(|| FIRST + (begin + step()) % COUNT);
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    ports.take(usize::from(COUNT)).find(free).expect("not all ports are taken")
}
