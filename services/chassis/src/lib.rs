//! What every service of Hawiya stands on, so that a service is only its domain.
//!
//! It knows no proto package of ours: descriptors and services are passed in. In reading order:
//! [`settings`] reads the environment before any socket opens, [`telemetry`] sets up logs and
//! metrics, [`server`] runs a gRPC service with health, reflection, limits and a drain, [`rpc`]
//! measures every call, [`trace`] says which trace it belongs to and [`traces`] sends away what was
//! recorded of it, `process` is what the process takes of its machine, [`admission`] takes on no more
//! than can be done, [`fault`] turns an outcome into a gRPC status, [`checks`] finds what is wrong with
//! a request, [`deadline`] passes the caller's patience on, [`streams`] answers a stream in order,
//! [`security`] protects the port and its calls ([`tls`], [`incoming`], [`auth`], [`scopes`],
//! [`quota`], [`audit`]), [`cpu`] computes off the serving threads, [`pool`] calls a neighbour that has
//! replicas and [`channel`] one of them ([`outgoing`] is what both show, [`client_tls`] whom they trust), and [`complaint`] keeps the
//! log readable while one is away.

pub mod admission;
pub mod audit;
pub mod auth;
pub mod caller;
pub mod channel;
pub mod checks;
pub mod client_tls;
pub mod complaint;
pub mod cpu;
pub mod deadline;
mod drained;
pub mod fault;
#[doc(hidden)]
pub mod fuzzing;
mod guard;
pub mod incoming;
pub mod outgoing;
mod patience;
pub mod pool;
mod process;
pub mod quota;
mod reload;
pub mod rpc;
pub mod scopes;
pub mod security;
pub mod server;
pub mod settings;
pub mod streams;
pub mod telemetry;
pub mod tls;
pub mod trace;
pub mod traces;

pub use caller::Caller;
pub use channel::Channel;
pub use checks::Violations;
pub use client_tls::{ClientTls, ClientTlsSettings};
pub use complaint::Complaint;
pub use deadline::Deadline;
pub use fault::Fault;
pub use outgoing::Outgoing;
pub use pool::{Pool, repeatable};
pub use security::Security;
pub use server::{Health, Server, ServerConfig};
pub use settings::{SettingError, Settings};
