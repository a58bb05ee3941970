//! All services in the process of the test, on embedded defaults.

use std::{sync::Arc, time::Duration};

use cache::CacheConfig;
use chassis::{Security, ServerConfig};
use hawiya::{Listen, SuiteConfig};

use crate::{Clients, Service, catalogue};

/// A running suite. It ends with the runtime of its test.
#[derive(Debug)]
pub struct Suite {
    /// Asks it.
    pub clients: Clients,
    /// Where each service listens, in the order of [`Service::ALL`].
    pub addresses: [String; 4],
    _running: hawiya::Suite,
}

impl Suite {
    /// Starts one with the starter catalogue.
    pub async fn start() -> Self {
        let suite = Self::start_empty().await;
        let version = suite.clients.import(catalogue::starter()).await;
        suite.clients.settle(version).await;
        suite
    }

    /// Starts one that knows nothing.
    pub async fn start_empty() -> Self {
        Self::start_with(CacheConfig::default()).await
    }

    /// Starts one that knows nothing, with this cache.
    pub async fn start_with(cache: CacheConfig) -> Self {
        let config = SuiteConfig {
            // Four neighbouring ports, as `hawiya up` has them.
            listen: Listen::At(([127, 0, 0, 1], 0).into()),
            data_dir: None,
            cache,
            server: server(),
            outgoing: Arc::default(),
        };
        let running = hawiya::Suite::start(config).await.unwrap();
        let first = running.addresses().resolver().uri().port_u16().unwrap();
        let addresses = Service::ALL.map(|service| format!("127.0.0.1:{}", first + service as u16));
        let clients = Clients::new(addresses.clone());
        for service in Service::ALL {
            clients.wait_serving(service).await;
        }
        Self { clients, addresses, _running: running }
    }
}

fn server() -> ServerConfig {
    ServerConfig {
        drain_delay: Duration::ZERO,
        drain_timeout: Duration::from_secs(1),
        connection_age_max: Duration::from_secs(600),
        security: Security::default(),
        work_max: chassis::admission::default_work_max(),
    }
}
