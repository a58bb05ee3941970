//! Which replicas there are: names are looked up again and again, and each machine found is followed.
//!
//! A headless Service of Kubernetes has one A record a ready pod. A lookup that fails changes
//! nothing about the machines of its address: neither a name server that is away nor one name that
//! is wrong may take the neighbours with it.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use futures_util::future::join_all;
use tokio::{
    net::lookup_host,
    sync::{Notify, watch},
    time::{sleep, timeout},
};
use tokio_util::task::AbortOnDropHandle;
use tracing::warn;

use super::replica::{Replica, State};
use crate::{
    Complaint,
    channel::connect_to,
    settings::{Address, Addresses},
};

/// How often names are looked up, and how soon again after a replica was lost.
const EVERY: (Duration, Duration) = (Duration::from_secs(5), Duration::from_millis(500));

/// How long a lookup may take.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(2);

/// The replicas that are followed.
pub(super) type Members = [Arc<Replica>];

/// The replicas as they come and go.
#[derive(Debug)]
pub(super) struct Membership {
    /// `None` before the first lookup. Sent again whenever the state of a replica changed.
    known: watch::Receiver<Option<Arc<Members>>>,
    _following: AbortOnDropHandle<()>,
}

impl Membership {
    /// Follows all replicas until it is dropped.
    pub(super) fn follow(neighbour: &'static str, addresses: Addresses) -> Self {
        let (sender, known) = watch::channel(None);
        let news = Arc::new(News { sender, lost: Notify::new() });
        let follower = Follower { neighbour, addresses, news, followed: BTreeMap::new() };
        let task = tokio::spawn(follower.run());
        Self { known, _following: AbortOnDropHandle::new(task) }
    }

    /// What `choose` makes of the replicas now, if they were looked up yet.
    pub(super) fn now(&self, choose: impl FnOnce(&Members) -> Choice) -> Option<Choice> {
        self.known.borrow().as_deref().map(choose)
    }

    /// What `choose` makes of the replicas as soon as it is not [`Choice::NotYet`].
    pub(super) async fn find(&self, choose: impl Fn(&Members) -> Choice) -> Choice {
        let mut known = self.known.clone();
        loop {
            let choice = known.borrow_and_update().as_deref().map_or(Choice::NotYet, &choose);
            if !matches!(choice, Choice::NotYet) {
                return choice;
            }
            if known.changed().await.is_err() {
                return Choice::Nobody;
            }
        }
    }
}

/// What there is to call.
pub(super) enum Choice {
    Of(Arc<Replica>),
    /// Nobody yet, but some are being looked at.
    NotYet,
    Nobody,
}

/// What the followers of single replicas share.
struct News {
    sender: watch::Sender<Option<Arc<Members>>>,
    lost: Notify,
}

/// A machine that is followed, and the address it was found under.
struct Followed {
    of: Address,
    replica: Arc<Replica>,
    _task: AbortOnDropHandle<()>,
}

struct Follower {
    neighbour: &'static str,
    addresses: Addresses,
    news: Arc<News>,
    followed: BTreeMap<SocketAddr, Followed>,
}

impl Follower {
    async fn run(mut self) {
        let complaint = Complaint::default();
        loop {
            let found = self.look_up(&complaint).await;
            self.take(found);
            tokio::select! {
                () = sleep(EVERY.0) => {}
                () = async { self.news.lost.notified().await; sleep(EVERY.1).await } => {}
            }
        }
    }

    /// Every machine of every address, by the address it was found under. An address that cannot
    /// be looked up keeps those it had.
    async fn look_up(&self, complaint: &Complaint) -> BTreeMap<SocketAddr, Address> {
        let mut found = BTreeMap::new();
        let lookups =
            self.addresses.all().iter().map(async |address| (address, machines(address).await));
        for (address, machines) in join_all(lookups).await {
            match machines {
                Ok(machines) => {
                    found.extend(machines.into_iter().map(|machine| (machine, address.clone())));
                }
                Err(error) => {
                    if complaint.is_due() {
                        warn!(neighbour = self.neighbour, %address, %error, "cannot look up a neighbour");
                    }
                    let had = self.followed.iter().filter(|(_, followed)| followed.of == *address);
                    found.extend(had.map(|(machine, _)| (*machine, address.clone())));
                }
            }
        }
        found
    }

    /// Begins to follow what is new, and leaves what is gone. Calls under way end by themselves.
    fn take(&mut self, found: BTreeMap<SocketAddr, Address>) {
        let before: BTreeSet<_> = self.followed.keys().copied().collect();
        self.followed.retain(|machine, _| found.contains_key(machine));
        for (machine, address) in found {
            if !before.contains(&machine) {
                let followed = self.begin(&address, machine);
                self.followed.insert(machine, followed);
            }
        }
        let now: BTreeSet<_> = self.followed.keys().copied().collect();
        if now != before || self.news.sender.borrow().is_none() {
            let members = self.followed.values().map(|one| Arc::clone(&one.replica)).collect();
            self.news.sender.send_replace(Some(members));
        }
    }

    fn begin(&self, address: &Address, machine: SocketAddr) -> Followed {
        let channel = connect_to(address, machine);
        let replica = Arc::new(Replica::new(self.neighbour, machine.to_string(), channel));
        let (followed, news) = (Arc::clone(&replica), Arc::clone(&self.news));
        let told = move || {
            news.sender.send_modify(|_| {});
            if followed.is(State::Away) {
                news.lost.notify_one();
            }
        };
        let task = tokio::spawn(Arc::clone(&replica).follow(told));
        Followed { of: address.clone(), replica, _task: AbortOnDropHandle::new(task) }
    }
}

async fn machines(address: &Address) -> std::io::Result<Vec<SocketAddr>> {
    let uri = address.uri();
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let lookup = lookup_host((host, uri.port_u16().unwrap_or_default()));
    Ok(timeout(LOOKUP_TIMEOUT, lookup).await??.collect())
}
