//! TLS to Redis. The handshake is made here and not by the client's own feature, which would read the
//! certificates of the machine at every attempt, and keep those it was given for ever.

use std::fmt;
use std::io;
use std::sync::Arc;

use redis::{ConnectionAddr, ConnectionInfo};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Whom `rediss` servers are believed by, and what they are shown.
#[derive(Clone)]
pub struct Tls(Arc<dyn Fn() -> Arc<ClientConfig> + Send + Sync>);

impl Tls {
    /// `config` is asked at every connection, so that certificates that were renewed count.
    pub fn new(config: impl Fn() -> Arc<ClientConfig> + Send + Sync + 'static) -> Tls {
        Tls(Arc::new(config))
    }

    /// A connection to a server that has shown a certificate for its name.
    pub(crate) async fn connect(
        &self,
        server: &ConnectionInfo,
    ) -> io::Result<TlsStream<TcpStream>> {
        let ConnectionAddr::Tcp(host, port) = server.addr() else {
            return Err(io::Error::other("only a host is spoken to by TLS"));
        };
        let name = ServerName::try_from(host.clone()).map_err(io::Error::other)?;
        let stream = TcpStream::connect((host.as_str(), *port)).await?;
        stream.set_nodelay(true)?;
        TlsConnector::from((self.0)()).connect(name, stream).await
    }
}

impl fmt::Debug for Tls {
    /// Without the keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls(…)")
    }
}
