//! The suite from outside: what the tests start, ask and end.
//!
//! [`Processes`] runs each service as a process of the `hawiya` binary, the way a cluster does, and
//! is what a test takes that kills one; [`Replicas`] runs several of each, and [`Load`] calls them
//! all the while; [`Suite`] runs them in the process of the test, the way
//! `hawiya up` does, and is what a test takes that only asks. Both start on free ports of loopback
//! and end with the test. [`Composition`] runs deploy/compose.yaml where there is a Docker engine. [`secured`] has
//! what tests of security show and are shown. [`Clients`] asks either, [`Redis`] is the shared cache, [`catalogue`]
//! what is known, [`until`] how a test waits.
//!
//! A test that needs something that is not there says so and passes; where everything has to be
//! there (`HAWIYA_REQUIRE_ALL=1`) it fails.

#![expect(clippy::unwrap_used, reason = "a test stops and says why")]

pub mod catalogue;
mod clients;
mod command;
mod composition;
mod load;
pub mod manifests;
mod ports;
mod process;
mod processes;
mod redis;
mod redis_cluster;
mod replicas;
pub mod secured;
mod suite;
mod waiting;

pub use clients::{Clients, query};
pub use command::{Ended, Home, binary};
pub use composition::{CONTAINERS, Composition, docker};
pub use load::{Calls, Load, Tally, quantile};
pub use ports::free_port;
pub use process::Process;
pub use processes::{Processes, Service};
pub use redis::Redis;
pub use redis_cluster::RedisCluster;
pub use replicas::{Callers, Replicas};
pub use suite::Suite;
pub use waiting::{PATIENCE, skipped, unavailable, until, until_within};
