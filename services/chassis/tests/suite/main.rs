//! The chassis from outside, over real sockets.

#![expect(clippy::unwrap_used, reason = "a test stops and says why")]

mod admission;
mod fixture;
mod pool;
