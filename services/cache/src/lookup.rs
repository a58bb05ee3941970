//! One call for a batch of keys: taken from the levels, computed, or awaited from another call.
//!
//! A round takes what this process has, joins the flights for the rest, fetches and computes what
//! it leads, and waits for what it follows. Who follows a flight that is lost goes round again.
//! Two things keep that short: the time spent waiting for others is limited over all rounds, and
//! after [`JOINS_MAX`] rounds a call computes without asking who else does; so a computation that
//! keeps failing is not tried by a hundred waiting calls one after the other.

use bytes::Bytes;
use prost::Message;
use tokio::time::{Instant, timeout_at};

use crate::cache::{Cached, Fresh, Source};
use crate::envelope::Sealed;
use crate::flights::{Flight, Lead, Seat};
use crate::key::{Key, Space};
use crate::levels::Levels;
use crate::meters::{Outcome, Tally};
use crate::remote::Reply;

/// Rounds in which a call follows others.
const JOINS_MAX: usize = 2;

/// A call under way.
pub(crate) struct Lookup<'a, V> {
    levels: &'a Levels,
    space: &'a Space,
    keys: &'a [Key],
    /// By position; filled as they come.
    answers: Vec<Option<Cached<V>>>,
    tally: Tally,
}

/// A position whose value is this call's to find or compute.
struct Duty {
    position: usize,
    lead: Lead,
    /// How the lookup ended, should it come to computing.
    outcome: Outcome,
}

impl<'a, V: Message + Default> Lookup<'a, V> {
    pub(crate) fn new(levels: &'a Levels, space: &'a Space, keys: &'a [Key]) -> Self {
        let answers = keys.iter().map(|_| None).collect();
        Lookup { levels, space, keys, answers, tally: Tally::new(levels.name, space.kind()) }
    }

    /// What the levels have.
    pub(crate) async fn get(mut self) -> Vec<Option<V>> {
        self.take_local();
        let duties = self.open().into_iter().map(|position| Duty::new(position, Lead::alone()));
        for duty in self.fetch(duties.collect()).await {
            self.tally.add(duty.outcome);
        }
        self.answers.into_iter().map(|answer| answer.map(|cached| cached.value)).collect()
    }

    /// What the levels have, and the rest computed.
    pub(crate) async fn get_or_compute<E, F, Fut>(
        mut self,
        mut compute: F,
    ) -> Result<Vec<Cached<V>>, E>
    where
        F: FnMut(Vec<usize>) -> Fut,
        Fut: Future<Output = Result<Vec<Fresh<V>>, E>>,
    {
        let patience = Instant::now() + self.levels.follow_max;
        self.take_local();
        for round in 0.. {
            let (duties, flights) = self.join(round);
            let mut duties = self.look_again(duties);
            if round == 0 {
                // Once, because the budget is a call's. What a lost flight leaves behind has
                // been asked for by its leader, as a rule in vain.
                duties = self.fetch(duties).await;
            }
            self.compute(duties, &mut compute).await?;
            self.follow(flights, patience).await;
            if self.open().is_empty() {
                break;
            }
        }
        Ok(self.answers.into_iter().flatten().collect())
    }

    fn take_local(&mut self) {
        for position in 0..self.keys.len() {
            self.take_local_at(position);
        }
    }

    fn take_local_at(&mut self, position: usize) -> Option<Bytes> {
        let payload = self.levels.get_local(self.space.slot(self.keys[position]))?;
        self.settle(position, &payload, Source::Local).then_some(payload)
    }

    /// Shares the open positions out: those this call answers for, and those it waits for.
    fn join(&self, round: usize) -> (Vec<Duty>, Vec<(usize, Flight)>) {
        let open = self.open();
        if round >= JOINS_MAX {
            let alone = |position| Duty::new(position, Lead::alone());
            return (open.into_iter().map(alone).collect(), Vec::new());
        }
        let (mut duties, mut flights) = (Vec::new(), Vec::new());
        let slots = open.iter().map(|position| self.space.slot(self.keys[*position]));
        for (position, seat) in open.iter().zip(self.levels.flights.join(slots)) {
            match seat {
                Seat::Lead(lead) => duties.push(Duty::new(*position, lead)),
                Seat::Follow(flight) => flights.push((*position, flight)),
            }
        }
        (duties, flights)
    }

    /// Computes what is left, in one go.
    async fn compute<E, F, Fut>(&mut self, duties: Vec<Duty>, compute: &mut F) -> Result<(), E>
    where
        F: FnMut(Vec<usize>) -> Fut,
        Fut: Future<Output = Result<Vec<Fresh<V>>, E>>,
    {
        duties.iter().for_each(|duty| self.tally.add(duty.outcome));
        if duties.is_empty() {
            return Ok(());
        }
        let values = compute(duties.iter().map(|duty| duty.position).collect()).await?;
        assert_eq!(values.len(), duties.len(), "`compute` must return one value a position");
        self.land(duties, values);
        Ok(())
    }

    /// A flight may have landed between the first look and the join: its value is here now.
    fn look_again(&mut self, duties: Vec<Duty>) -> Vec<Duty> {
        let mut left = Vec::with_capacity(duties.len());
        for duty in duties {
            match self.take_local_at(duty.position) {
                Some(payload) => duty.lead.land(payload),
                None => left.push(duty),
            }
        }
        left
    }

    /// Asks Redis; hits are settled and handed on at once. Returns what is still to compute.
    async fn fetch(&mut self, duties: Vec<Duty>) -> Vec<Duty> {
        let keys: Vec<Key> = duties.iter().map(|duty| self.keys[duty.position]).collect();
        let replies = self.levels.get_remote(self.space, &keys).await;
        let mut left = Vec::with_capacity(duties.len());
        for (mut duty, reply) in duties.into_iter().zip(replies) {
            duty.outcome = match reply {
                Reply::Hit(payload) if self.settle(duty.position, &payload, Source::Redis) => {
                    self.levels.keep(self.space, self.keys[duty.position], payload.clone());
                    duty.lead.land(payload);
                    continue;
                }
                Reply::Hit(_) | Reply::Garbage => Outcome::Garbage,
                Reply::Miss => Outcome::Miss,
                Reply::Degraded => Outcome::Degraded,
            };
            left.push(duty);
        }
        left
    }

    /// Hands out what was computed. A value for this call alone is neither stored nor landed: its
    /// flight is lost, and who follows it computes.
    fn land(&mut self, duties: Vec<Duty>, values: Vec<Fresh<V>>) {
        let mut stored = Vec::with_capacity(duties.len());
        for (duty, fresh) in duties.into_iter().zip(values) {
            if fresh.is_kept {
                let key = self.keys[duty.position];
                let sealed = Sealed::new(self.space.slot(key), &fresh.value);
                stored.push((key, sealed, duty.lead));
            }
            let cached = Cached { value: fresh.value, source: Source::Computed };
            self.answers[duty.position] = Some(cached);
        }
        let entries = stored.iter().map(|(key, sealed, _)| (*key, sealed.clone()));
        self.levels.put(self.space, entries.collect());
        for (_, sealed, lead) in stored {
            lead.land(sealed.payload());
        }
    }

    async fn follow(&mut self, flights: Vec<(usize, Flight)>, patience: Instant) {
        for (position, flight) in flights {
            // A flight that has landed counts even when patience is at its end: it is polled first.
            if let Ok(Some(payload)) = timeout_at(patience, flight.landed()).await {
                self.settle(position, &payload, Source::Shared);
            }
        }
    }

    /// Answers `position` from the bytes of a message. Bytes that are no `V`, because two message
    /// types share a kind of space, answer nothing.
    fn settle(&mut self, position: usize, payload: &Bytes, source: Source) -> bool {
        let Ok(value) = V::decode(payload.clone()) else { return false };
        self.answers[position] = Some(Cached { value, source });
        self.tally.add(match source {
            Source::Local => Outcome::HitLocal,
            Source::Redis => Outcome::HitRedis,
            Source::Shared | Source::Computed => Outcome::Shared,
        });
        true
    }

    fn open(&self) -> Vec<usize> {
        (0..self.keys.len()).filter(|position| self.answers[*position].is_none()).collect()
    }
}

impl Duty {
    fn new(position: usize, lead: Lead) -> Duty {
        Duty { position, lead, outcome: Outcome::Miss }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::CacheConfig;
    use std::time::Duration;

    // The step between the two looks has no `.await`, so only another thread gets in there.
    #[test]
    fn a_value_that_lands_between_look_and_join_is_not_computed_again() {
        let levels = Levels::new(CacheConfig::default(), "test").unwrap();
        let (space, key) = (Space::new("test", 1, Duration::from_secs(60)), Key::of(b"x"));
        let keys = [key];
        let mut late: Lookup<'_, String> = Lookup::new(&levels, &space, &keys);
        late.take_local();
        levels.put(&space, vec![(key, Sealed::new(space.slot(key), &"Q1".to_owned()))]);

        let (duties, _) = late.join(0);
        assert!(late.look_again(duties).is_empty());
        assert_eq!(late.answers[0].as_ref().unwrap().value, "Q1");
    }
}
