//! Redis Cluster: a connection to every primary, and which slots each of them has.
//!
//! Every node is a server of its own, judged by itself: while one is away, the values of its slots
//! are computed and those of all others are found. A map that has grown old costs a miss, never a
//! wrong answer: a node that is asked for a slot it does not have says so, the value counts as not
//! there, and the cluster is asked about itself again. Nothing is asked twice within a request.
//!
//! The client's own cluster connection was weighed: it splits an `MGET` over the nodes but fails
//! as a whole when one of them does, follows redirections within the request, and takes a pipeline
//! of one slot only.
//!
//! What is asked for and how it is answered: <https://redis.io/docs/latest/commands/cluster-slots/>.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use futures_util::future::join_all;
use tokio::task::JoinSet;

use crate::envelope::Sealed;
use crate::key::{Key, Space};
use crate::meters::Presence;
use crate::peer::Peer;
use crate::remote::Reply;
use crate::scout::Scout;
use crate::server::{Asked, Server};
use crate::target::Seeds;

/// Slots of a cluster.
pub(crate) const SLOTS: u16 = 16_384;

/// The nodes of a cluster, as far as they are known.
pub(crate) struct Cluster {
    map: Arc<Chart>,
    /// Ends the background work with the cluster.
    _tasks: JoinSet<()>,
}

/// The newest map.
pub(crate) struct Chart(RwLock<Arc<Map>>);

/// Who has which slots.
pub(crate) struct Map {
    /// In the order of their slots.
    ranges: Vec<Range>,
    /// Since when slots have been without a node; `None` when all have one.
    incomplete_since: Option<SystemTime>,
}

/// Slots that follow each other, on one node.
pub(crate) struct Range {
    pub(crate) first: u16,
    pub(crate) last: u16,
    pub(crate) node: Arc<Node>,
}

/// A primary.
pub(crate) struct Node {
    pub(crate) peer: Peer,
    pub(crate) server: Server,
}

impl Cluster {
    /// Starts to ask and to connect, and returns at once. Must be called inside a tokio runtime.
    pub(crate) fn open(seeds: Seeds, budget: Duration, presence: Arc<Presence>) -> Cluster {
        let map = Arc::new(Chart::default());
        let mut tasks = JoinSet::new();
        tasks.spawn(Scout::new(seeds, budget, presence, Arc::clone(&map)).keep());
        Cluster { map, _tasks: tasks }
    }

    /// Since when some of it has been away; `None` while every slot has a node that answers.
    pub(crate) fn away_since(&self) -> Option<SystemTime> {
        self.map.get().away_since()
    }

    /// One reply a key, in order, after one budget at most: the nodes are asked side by side.
    pub(crate) async fn read(&self, asked: Vec<Asked>) -> Vec<Reply> {
        let map = self.map.get();
        let mut replies: Vec<Reply> = asked.iter().map(|_| Reply::Degraded).collect();
        let shares = map.shares(asked.into_iter().enumerate(), |(_, asked)| &asked.name);
        let reads = shares.into_iter().map(async |(node, share)| {
            let (positions, asked): (Vec<usize>, Vec<Asked>) = share.into_iter().unzip();
            (positions, node.server.read(&asked).await)
        });
        for (positions, found) in join_all(reads).await {
            for (position, reply) in positions.into_iter().zip(found) {
                replies[position] = reply;
            }
        }
        replies
    }

    /// Stores the values when it can, or drops them. Never waits.
    pub(crate) fn write(&self, space: &Space, values: Vec<(Key, Sealed)>) {
        let map = self.map.get();
        let named = values.into_iter().map(|(key, value)| (space.name(key), key, value));
        for (node, share) in map.shares(named, |(name, _, _)| name) {
            node.server.write(space, share.into_iter().map(|(_, key, value)| (key, value)));
        }
    }
}

impl Default for Chart {
    fn default() -> Self {
        let incomplete_since = Some(SystemTime::now());
        Chart(RwLock::new(Arc::new(Map { ranges: Vec::new(), incomplete_since })))
    }
}

impl Chart {
    pub(crate) fn get(&self) -> Arc<Map> {
        // No step under this lock can panic half-way.
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn replace(&self, map: Map) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(map);
    }
}

impl Map {
    /// The map that follows this one.
    pub(crate) fn next(&self, mut ranges: Vec<Range>) -> Map {
        ranges.sort_by_key(|range| range.first);
        let covered =
            ranges.iter().map(|range| u32::from(range.last.saturating_sub(range.first)) + 1);
        let is_complete = covered.sum::<u32>() >= u32::from(SLOTS);
        let since = || self.incomplete_since.unwrap_or_else(SystemTime::now);
        Map { incomplete_since: (!is_complete).then(since), ranges }
    }

    pub(crate) fn away_since(&self) -> Option<SystemTime> {
        let away = self.ranges.iter().filter_map(|range| range.node.server.away_since());
        away.chain(self.incomplete_since).min()
    }

    /// Every node, once for each of its ranges.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = &Arc<Node>> {
        self.ranges.iter().map(|range| &range.node)
    }

    /// What goes to which node; what belongs to none is left out.
    fn shares<T>(
        &self,
        items: impl IntoIterator<Item = T>,
        name: impl Fn(&T) -> &str,
    ) -> Vec<(&Node, Vec<T>)> {
        let mut shares: Vec<(&Node, Vec<T>)> = Vec::new();
        for item in items {
            let Some(node) = self.node(slot(name(&item))) else { continue };
            match shares.iter_mut().find(|(known, _)| std::ptr::eq(*known, node)) {
                Some((_, share)) => share.push(item),
                None => shares.push((node, vec![item])),
            }
        }
        shares
    }

    fn node(&self, slot: u16) -> Option<&Node> {
        let at = self.ranges.partition_point(|range| range.last < slot);
        let range = self.ranges.get(at).filter(|range| range.first <= slot)?;
        Some(&range.node)
    }
}

/// The slot of a key (<https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/>).
/// Names of ours have no `{`, which would mark the part that counts.
fn slot(name: &str) -> u16 {
    debug_assert!(!name.contains('{'), "`{name}` has a hash tag");
    crc16::State::<crc16::XMODEM>::calculate(name.as_bytes()) % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    // The example of the specification, and `CLUSTER KEYSLOT` of a server.
    #[test]
    fn a_key_has_the_slot_that_redis_gives_it() {
        assert_eq!(crc16::State::<crc16::XMODEM>::calculate(b"123456789"), 0x31C3);
        assert_eq!(slot("foo"), 12_182);
        assert_eq!(slot("hawiya:knock"), 5_785);
    }
}
