//! The Redis level: what other processes computed, within the budget of a request.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;

use crate::cluster::Cluster;
use crate::envelope::Sealed;
use crate::key::{Key, Space};
use crate::link::Link;
use crate::meters::Presence;
use crate::server::{Asked, Read, Server};
use crate::target::Target;

/// Redis, reached or not.
pub(crate) enum Remote {
    Server(Box<Server>),
    Cluster(Cluster),
}

/// What Redis says about one key.
pub(crate) enum Reply {
    /// The bytes of the message.
    Hit(Bytes),
    Miss,
    Garbage,
    /// Not asked, or no answer in time.
    Degraded,
}

impl Remote {
    /// Starts to connect and returns at once. Must be called inside a tokio runtime.
    pub(crate) fn open(target: Target, budget: Duration, cache: &'static str) -> Remote {
        let presence = Arc::new(Presence::new(cache));
        match target {
            Target::Cluster(seeds) => Remote::Cluster(Cluster::open(seeds, budget, presence)),
            Target::Server(server) => {
                let link = Link::new(presence, server, budget, None);
                Remote::Server(Box::new(Server::open(link, Read::Mget, budget)))
            }
        }
    }

    /// Since when Redis, or a part of it, has been away; `None` while all of it is there.
    pub(crate) fn away_since(&self) -> Option<SystemTime> {
        match self {
            Remote::Server(server) => server.away_since(),
            Remote::Cluster(cluster) => cluster.away_since(),
        }
    }

    /// One reply a key, in order, after one budget at most.
    pub(crate) async fn read(&self, space: &Space, keys: &[Key]) -> Vec<Reply> {
        let asked: Vec<Asked> = keys.iter().map(|key| Asked::new(space, *key)).collect();
        match self {
            Remote::Server(server) => server.read(&asked).await,
            Remote::Cluster(cluster) => cluster.read(asked).await,
        }
    }

    /// Stores the values when it can, or drops them. Never waits.
    pub(crate) fn write(&self, space: &Space, values: Vec<(Key, Sealed)>) {
        match self {
            Remote::Server(server) => server.write(space, values),
            Remote::Cluster(cluster) => cluster.write(space, values),
        }
    }
}
