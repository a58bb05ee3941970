//! Of concurrent requests that need the same value, one computes it and the others wait.
//!
//! A flight is a value on its way. Who finds none for a slot leads one; who finds one follows it.
//! A leader that fails or is cancelled drops its [`Lead`], the flight is struck from the list, and
//! whoever of its followers comes first leads the next. A batch joins for all its slots at once,
//! under one lock, finishes what it leads and only then waits for what it follows; so two batches
//! that overlap, in whatever order, never wait for each other in a circle.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::watch;

use crate::key::Slot;

/// Flights at once; past them everyone computes alone, which is slower and still right.
const FLIGHTS_MAX: usize = 100_000;

/// The values on their way in this process.
#[derive(Default)]
pub(crate) struct Flights {
    aloft: Mutex<HashMap<Slot, Landing>>,
}

/// What a flight brings: nothing yet, or the bytes of the message.
type Landing = watch::Receiver<Option<Bytes>>;

/// What a request does about one slot.
pub(crate) enum Seat {
    Lead(Lead),
    Follow(Flight),
}

impl Flights {
    /// A seat for each slot, in order. A slot that comes twice is led once and followed once.
    pub(crate) fn join(self: &Arc<Self>, slots: impl Iterator<Item = Slot>) -> Vec<Seat> {
        let mut aloft = self.aloft();
        slots.map(|slot| self.seat(&mut aloft, slot)).collect()
    }

    fn seat(self: &Arc<Self>, aloft: &mut HashMap<Slot, Landing>, slot: Slot) -> Seat {
        let full = aloft.len() >= FLIGHTS_MAX;
        match aloft.entry(slot) {
            Entry::Occupied(flight) => Seat::Follow(Flight(flight.get().clone())),
            Entry::Vacant(_) if full => Seat::Lead(Lead::alone()),
            Entry::Vacant(free) => {
                let (sender, landing) = watch::channel(None);
                free.insert(landing);
                Seat::Lead(Lead(Some(Aloft { flights: Arc::clone(self), slot, sender })))
            }
        }
    }

    fn aloft(&self) -> MutexGuard<'_, HashMap<Slot, Landing>> {
        // Nothing panics under this lock, and a map of receivers is whole after each step anyway.
        self.aloft.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The duty to compute a value. Dropped without [`land`](Lead::land), it passes to a follower.
pub(crate) struct Lead(Option<Aloft>);

impl Lead {
    /// A lead nobody follows.
    pub(crate) fn alone() -> Lead {
        Lead(None)
    }

    /// Hands the value to all followers. The in-process level must have it before, so that who
    /// comes later and finds no flight finds the value.
    pub(crate) fn land(self, payload: Bytes) {
        if let Some(aloft) = self.0 {
            aloft.sender.send_replace(Some(payload));
        }
    }
}

struct Aloft {
    flights: Arc<Flights>,
    slot: Slot,
    sender: watch::Sender<Option<Bytes>>,
}

// Runs before the sender is dropped: a follower that sees the flight lost finds the slot free.
impl Drop for Aloft {
    fn drop(&mut self) {
        self.flights.aloft().remove(&self.slot);
    }
}

/// A value another request is computing.
pub(crate) struct Flight(Landing);

impl Flight {
    /// The bytes of the message; `None` if the leader gave up.
    pub(crate) async fn landed(mut self) -> Option<Bytes> {
        let landing = self.0.wait_for(Option::is_some).await;
        landing.ok().and_then(|payload| payload.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{Key, Space};
    use std::time::Duration;

    fn slot(request: &str) -> Slot {
        Space::new("resolution", 1, Duration::from_secs(1)).slot(Key::of(request.as_bytes()))
    }

    fn join(flights: &Arc<Flights>, request: &str) -> Seat {
        flights.join([slot(request)].into_iter()).pop().unwrap()
    }

    #[tokio::test]
    async fn the_second_follows_the_first_and_gets_its_value() {
        let flights = Arc::default();
        let (Seat::Lead(lead), Seat::Follow(flight)) = (join(&flights, "x"), join(&flights, "x"))
        else {
            panic!("one leads, one follows");
        };
        lead.land(Bytes::from_static(b"value"));
        assert_eq!(flight.landed().await.unwrap(), "value");
    }

    #[tokio::test]
    async fn a_follower_of_a_lost_flight_may_lead_the_next() {
        let flights = Arc::default();
        let (lead, Seat::Follow(flight)) = (join(&flights, "x"), join(&flights, "x")) else {
            panic!("the second follows");
        };
        drop(lead);
        assert_eq!(flight.landed().await, None);
        assert!(matches!(join(&flights, "x"), Seat::Lead(_)));
    }

    #[test]
    fn nothing_stays_behind_when_the_flights_are_over() {
        let flights: Arc<Flights> = Arc::default();
        drop(flights.join(["x", "y", "x"].map(slot).into_iter()));
        assert!(flights.aloft().is_empty());
    }

    #[test]
    fn past_the_limit_everyone_computes_alone() {
        let flights: Arc<Flights> = Arc::default();
        let _held = flights.join((0..FLIGHTS_MAX).map(|n| slot(&n.to_string())));
        assert!(matches!(join(&flights, "x"), Seat::Lead(Lead(None))));
        assert!(matches!(join(&flights, "x"), Seat::Lead(Lead(None))));
    }
}
