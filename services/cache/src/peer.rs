//! A Redis server and how it is spoken to: in the clear, or by TLS.

use std::sync::Arc;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, RedisResult};
use tokio::task::JoinSet;

use crate::tls::Tls;

/// A server; nothing is connected yet.
#[derive(Clone)]
pub(crate) struct Peer {
    info: ConnectionInfo,
    tls: Option<Tls>,
}

/// A connection to it.
#[derive(Clone)]
pub(crate) struct Connection {
    /// Takes commands. To be used while the connection is held.
    pub(crate) commands: MultiplexedConnection,
    /// Carries them, and ends with the last holder: the client ends only what it has begun itself,
    /// and would wait for a server that hangs.
    _driver: Option<Arc<JoinSet<()>>>,
}

impl Peer {
    pub(crate) fn new(info: ConnectionInfo, tls: Option<Tls>) -> Peer {
        Peer { info, tls }
    }

    /// Host and port, without what else a url holds.
    pub(crate) fn address(&self) -> &ConnectionAddr {
        self.info.addr()
    }

    /// Another server, spoken to in the same way.
    pub(crate) fn at(&self, host: &str, port: u16) -> Peer {
        let info = self.info.clone().set_addr(ConnectionAddr::Tcp(host.to_owned(), port));
        Peer { info, tls: self.tls.clone() }
    }

    /// Connects and greets, however long that takes.
    pub(crate) async fn connect(&self) -> RedisResult<Connection> {
        // The limits are ours, in one place, and not the client's defaults.
        let limits =
            AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        let Some(tls) = &self.tls else {
            let client = Client::open(self.info.clone())?;
            let commands = client.get_multiplexed_async_connection_with_config(&limits).await?;
            return Ok(Connection { commands, _driver: None });
        };
        let (stream, greeting) = (tls.connect(&self.info).await?, self.info.redis_settings());
        let made = MultiplexedConnection::new_with_config(greeting, stream, limits).await;
        let (commands, carry) = made?;
        let mut driver = JoinSet::new();
        driver.spawn(carry);
        Ok(Connection { commands, _driver: Some(Arc::new(driver)) })
    }
}
