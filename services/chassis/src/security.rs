//! What protects a port: TLS, limits of its connections, who is known, and the record of writes.

use std::{net::SocketAddr, sync::Arc};

use tracing::warn;

use crate::{
    SettingError, Settings,
    audit::Audit,
    auth::Access,
    incoming::Limits,
    settings::{Secret, Setting},
    tls::ServerTls,
};

/// What protects a port. The default has limits and asks nobody who they are.
#[derive(Clone, Debug, Default)]
pub struct Security {
    /// TLS; `None`: the port is plain.
    pub tls: Option<Arc<ServerTls>>,
    /// How many connections there may be, how slow, and what they may send.
    pub limits: Limits,
    /// Who is known; `None`: everybody may do everything.
    pub access: Option<Arc<Access>>,
    /// Where writes are recorded.
    pub audit: Audit,
}

impl Security {
    /// Reads the settings, and the files they name.
    pub fn read(settings: &Settings<'_>) -> Result<Self, SettingError> {
        Ok(Self {
            tls: ServerTls::read(settings)?.map(Arc::new),
            limits: Limits::read(settings)?,
            access: Access::read(settings)?.map(Arc::new),
            audit: Audit::read(settings)?,
        })
    }
}

impl Security {
    /// A key with which a process that runs all services may call itself, where callers are known.
    /// Nobody else learns of it. To be asked before anything is served.
    pub fn own_key(&mut self) -> Option<Secret> {
        let access = Arc::get_mut(self.access.as_mut()?)?;
        Secret::parse(&access.own_key())
    }
}

/// Says so when others can reach a port that is not protected. It is served all the same: in a
/// cluster, policies of the network may be what protects it.
pub(crate) fn warn_if_open(address: SocketAddr, is_plain: bool, is_anonymous: bool) {
    if address.ip().is_loopback() {
        return;
    }
    if is_anonymous {
        warn!(
            %address,
            "whoever reaches this port may read and write everything: set HAWIYA_API_KEYS_FILE or \
             HAWIYA_JWKS_FILE, or let the network keep others away"
        );
    }
    if is_plain {
        warn!(
            %address,
            "what is said on this port can be read on its way: set HAWIYA_TLS_CERT and \
             HAWIYA_TLS_KEY, or let the network keep others away"
        );
    }
}
