//! `hawiya resolve`: names to canonical ids.
//!
//! Two ways: `plain` answers names as they come, a line each. Everything else here is the way of a file
//! whose columns are kept, however long it is. In reading order: `plan` is what the command line asks
//! for, `reading` makes rows of a file, `asking` gets their answers over a stream that may break,
//! `writing` writes both, `beginning` says where a run begins, and `run` leads it to its end. `checkpoint`
//! is what survives a crash.

mod answer;
mod asking;
mod beginning;
pub(crate) mod checkpoint;
mod durable;
mod encoding;
mod memory;
mod meter;
mod pairs;
mod parquet;
mod plain;
mod plan;
mod provisional;
mod reading;
mod report;
mod row;
mod run;
mod shard;
mod tally;
mod tops;
mod writing;

use crate::{Done, cli};

pub(super) async fn run(command: cli::Resolve) -> anyhow::Result<Done> {
    match plan::Plan::of(&command)? {
        Some(plan) => run::run(command, plan).await,
        None => plain::run(command).await,
    }
}
