//! What every service of Hawiya stands on, so that a service is only its domain.
//!
//! It knows no proto package of ours: descriptors and services are passed in. In reading order:
//! [`settings`] reads the environment before any socket opens, [`telemetry`] sets up logs and
//! metrics, [`server`] runs a gRPC service with health, reflection, limits and a drain, [`rpc`]
//! measures every call, [`fault`] turns an outcome into a gRPC status, [`checks`] finds what is
//! wrong with a request, [`deadline`] passes the caller's patience on, [`streams`] answers a stream
//! in order, [`security`] protects the port and its calls ([`tls`],
//! [`incoming`], [`auth`], [`scopes`], [`quota`], [`audit`]), [`cpu`] computes off the serving threads, [`channel`] reaches a neighbour, and
//! [`complaint`] keeps the log readable while one is away.

pub mod audit;
pub mod auth;
pub mod caller;
pub mod channel;
pub mod checks;
pub mod complaint;
pub mod cpu;
pub mod deadline;
pub mod fault;
mod guard;
pub mod incoming;
mod patience;
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

pub use caller::Caller;
pub use checks::Violations;
pub use complaint::Complaint;
pub use deadline::Deadline;
pub use fault::Fault;
pub use security::Security;
pub use server::{Health, Server, ServerConfig};
pub use settings::{SettingError, Settings};
