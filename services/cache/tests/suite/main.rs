//! The cache from outside, against a real `redis-server` that the tests start and end.
//!
//! Where there is none on the PATH, the tests that need it say so and pass; those of the
//! in-process level and of single flight always run.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test stops and says why")]

mod authority;
mod cluster;
mod counters;
mod fixture;
mod garbage;
mod laws;
mod redis_cluster;
mod redis_server;
mod sharing;
mod single_flight;
mod tls;
mod trouble;
