//! Who is at the other end of a connection, and whether anybody there takes the answers of its calls.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

/// Who is at the other end of a connection; an extension of every request.
#[derive(Clone, Debug)]
pub struct Peer {
    /// From where the connection comes.
    pub address: SocketAddr,
    /// The name in its certificate, which has been verified.
    pub certificate: Option<Arc<str>>,
    calls: Arc<Calls>,
}

/// The calls under way on a connection.
#[derive(Debug)]
struct Calls {
    under_way: AtomicUsize,
    /// Those of them with a part of their answer that the other side has not taken.
    untaken: AtomicUsize,
    /// When one of them last moved, in milliseconds from the beginning.
    moved_ms: AtomicU64,
    begin: Instant,
}

impl Calls {
    fn now_ms(&self) -> u64 {
        self.begin.elapsed().as_millis() as u64
    }

    fn moved(&self) {
        self.moved_ms.store(self.now_ms(), Ordering::Relaxed);
    }
}

impl Peer {
    pub(crate) fn new(address: SocketAddr, certificate: Option<Arc<str>>) -> Self {
        let (under_way, untaken, moved_ms) = Default::default();
        let calls = Calls { under_way, untaken, moved_ms, begin: Instant::now() };
        Self { address, certificate, calls: Arc::new(calls) }
    }

    /// Notes that a call begins on the connection, and that it ends when the result is dropped.
    pub(crate) fn call_begins(&self) -> InUse {
        self.calls.under_way.fetch_add(1, Ordering::Relaxed);
        self.calls.moved();
        InUse { calls: Arc::clone(&self.calls), has_untaken: false }
    }

    /// Whether calls are under way, and not all of them wait for who takes nothing for so long.
    pub(crate) fn is_in_use(&self, untaken_max: Duration) -> bool {
        let under_way = self.calls.under_way.load(Ordering::Relaxed);
        let untaken = self.calls.untaken.load(Ordering::Relaxed);
        let moved_ms = self.calls.moved_ms.load(Ordering::Relaxed);
        let still_ms = self.calls.now_ms().saturating_sub(moved_ms);
        untaken < under_way || (under_way > 0 && u128::from(still_ms) < untaken_max.as_millis())
    }
}

/// A call under way on a connection.
#[derive(Debug)]
pub(crate) struct InUse {
    calls: Arc<Calls>,
    has_untaken: bool,
}

impl InUse {
    /// A part of its answer is there to be taken.
    pub(crate) fn offers(&mut self) {
        if !std::mem::replace(&mut self.has_untaken, true) {
            self.calls.untaken.fetch_add(1, Ordering::Relaxed);
        }
        self.calls.moved();
    }

    /// There is room for the next.
    pub(crate) fn is_taken(&mut self) {
        if std::mem::replace(&mut self.has_untaken, false) {
            self.calls.untaken.fetch_sub(1, Ordering::Relaxed);
            self.calls.moved();
        }
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        self.is_taken();
        self.calls.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}
