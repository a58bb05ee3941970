//! Asks a cluster which node has which slots, again and again, and keeps the map of it true.

use std::sync::Arc;
use std::time::Duration;

use redis::{ConnectionAddr, Value};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};
use tracing::warn;

use crate::cluster::{Chart, Node, Range, SLOTS};
use crate::complaint::Complaint;
use crate::link::{CONNECT_MAX, Link, Trouble, within};
use crate::meters::Presence;
use crate::peer::Peer;
use crate::server::{Read, Server};
use crate::target::Seeds;

/// A cluster is asked about itself so often while all is well, and while some of it is away.
const ASK_EVERY: Duration = Duration::from_secs(15);
const ASK_EVERY_IN_TROUBLE: Duration = Duration::from_secs(1);

/// And not more often, however many requests went to the wrong node.
const ASK_PAUSE: Duration = Duration::from_millis(100);

/// Who asks, and where the answer goes.
pub(crate) struct Scout {
    seeds: Seeds,
    budget: Duration,
    presence: Arc<Presence>,
    map: Arc<Chart>,
    /// Something is not where the map has it.
    moved: Arc<Notify>,
    complaint: Complaint,
}

/// A range of slots and the primary that has them.
struct Told {
    first: u16,
    last: u16,
    primary: Peer,
}

/// How many slots have a node.
fn slots(told: &[Told]) -> u32 {
    told.iter().map(|range| u32::from(range.last.saturating_sub(range.first)) + 1).sum()
}

impl Scout {
    pub(crate) fn new(
        seeds: Seeds,
        budget: Duration,
        presence: Arc<Presence>,
        map: Arc<Chart>,
    ) -> Scout {
        let (moved, complaint) = (Arc::default(), Complaint::default());
        Scout { seeds, budget, presence, map, moved, complaint }
    }

    /// Never returns.
    pub(crate) async fn keep(mut self) {
        loop {
            match self.ask().await {
                Ok(told) => self.draw(told),
                Err(trouble) => self.complain(&trouble),
            }
            sleep(ASK_PAUSE).await;
            let in_trouble = self.map.get().away_since().is_some();
            let every = if in_trouble { ASK_EVERY_IN_TROUBLE } else { ASK_EVERY };
            // Either is a reason to ask.
            let _ = timeout(every, self.moved.notified()).await;
        }
    }

    /// The first answer in which every slot has a node, or else the fullest: a node that was taken out of
    /// the cluster may still run, and knows little.
    async fn ask(&self) -> Result<Vec<Told>, Trouble> {
        let (mut fullest, mut trouble) = (None, Trouble::Away);
        for node in self.asked() {
            match self.ask_node(&node).await {
                Ok(told) if slots(&told) >= SLOTS.into() => return Ok(told),
                Ok(told) => {
                    fullest = fullest.into_iter().chain([told]).max_by_key(|told| slots(told));
                }
                Err(last) => trouble = last,
            }
        }
        fullest.ok_or(trouble)
    }

    /// Whom to ask, each once: the nodes that are known, those that answer first, then those that the
    /// url names.
    fn asked(&self) -> Vec<Peer> {
        let map = self.map.get();
        let (there, away): (Vec<_>, Vec<_>) =
            map.nodes().partition(|node| node.server.away_since().is_none());
        let known = there.into_iter().chain(away).map(|node| &node.peer);
        let mut asked: Vec<Peer> = Vec::new();
        for node in known.chain(self.seeds.all()) {
            if asked.iter().all(|other| other.address() != node.address()) {
                asked.push(node.clone());
            }
        }
        asked
    }

    /// On a connection of its own: those of the map are judged by what requests meet with.
    async fn ask_node(&self, node: &Peer) -> Result<Vec<Told>, Trouble> {
        let asked = async {
            let mut connection = node.connect().await?;
            redis::cmd("CLUSTER").arg("SLOTS").query_async(&mut connection.commands).await
        };
        let ranges: Vec<Value> = within(CONNECT_MAX, asked).await?;
        Ok(ranges.into_iter().filter_map(|range| self.told(node, range)).collect())
    }

    /// A range of the answer: `[first, last, [host, port, …], replicas…]`. A node without a host is
    /// the one that was asked.
    fn told(&self, asked: &Peer, range: Value) -> Option<Told> {
        type Primary = (Option<String>, u16);
        let Value::Array(parts) = range else { return None };
        let mut parts = parts.into_iter();
        let number = |value: Value| redis::from_redis_value::<u16>(value).ok();
        let (first, last) = (number(parts.next()?)?, number(parts.next()?)?);
        let Value::Array(mut primary) = parts.next()? else { return None };
        primary.truncate(2);
        let (host, port): Primary = redis::from_redis_value(Value::Array(primary)).ok()?;
        let host = host.filter(|host| !host.is_empty() && host != "?");
        let primary = match (host, asked.address()) {
            (Some(host), _) => self.seeds.node(&host, port),
            (None, ConnectionAddr::Tcp(host, _)) => self.seeds.node(host, port),
            (None, _) => return None,
        };
        Some(Told { first, last, primary })
    }

    /// Replaces the map; nodes that were in the old one too keep their connections.
    fn draw(&self, told: Vec<Told>) {
        let old = self.map.get();
        let mut nodes: Vec<Arc<Node>> = old.nodes().map(Arc::clone).collect();
        let mut ranges = Vec::with_capacity(told.len());
        for Told { first, last, primary } in told {
            let known = nodes.iter().find(|node| node.peer.address() == primary.address());
            let node = known.map_or_else(|| self.open(primary.clone()), Arc::clone);
            nodes.push(Arc::clone(&node));
            ranges.push(Range { first, last, node });
        }
        self.map.replace(old.next(ranges));
    }

    fn open(&self, peer: Peer) -> Arc<Node> {
        let presence = Arc::clone(&self.presence);
        let moved = Some(Arc::clone(&self.moved));
        let link = Link::new(presence, peer.clone(), self.budget, moved);
        let server = Server::open(link, Read::Gets, self.budget);
        Arc::new(Node { peer, server })
    }

    fn complain(&mut self, trouble: &Trouble) {
        if self.complaint.due() {
            let cache = self.presence.cache();
            warn!(cache, error = %trouble, "no node of the redis cluster says where its slots are");
        }
    }
}
