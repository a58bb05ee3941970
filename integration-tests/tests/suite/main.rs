//! The suite from outside, one module a behaviour. One binary, because linking is what building
//! tests costs.

#![expect(clippy::unwrap_used, reason = "a test stops and says why")]

mod answers;
mod bad_input;
mod batches;
mod caching;
mod command_line;
mod crashes;
mod decisions;
mod dedupe;
mod discovery;
mod drain;
mod evaluation;
mod freshness;
mod index;
mod lists;
mod neighbours;
mod normalizing;
#[path = "../../../services/registry/tests/suite/postgres.rs"]
mod postgres;
mod python;
mod resume;
mod unimplemented;
