//! The suite from outside, one module a behaviour. One binary, because linking is what building
//! tests costs.

#![expect(clippy::unwrap_used, reason = "a test stops and says why")]

mod access;
mod annotate_command;
mod annotating;
mod answers;
mod any_bytes;
mod bad_input;
mod batches;
mod caching;
mod command_line;
mod config;
mod containers;
mod crashes;
mod decisions;
mod dedupe;
mod discovery;
mod drain;
mod evaluation;
mod every_method;
mod freshness;
mod hostile;
mod index;
mod lists;
mod manifests;
mod neighbours;
mod normalizing;
mod overload;
#[path = "../../../services/registry/tests/suite/postgres.rs"]
mod postgres;
mod postgres_tls;
mod python;
mod raw;
mod readiness;
mod resume;
mod rolling;
mod supply;
mod telemetry;
mod tls;
mod traces;
mod unimplemented;
