//! Adds up weights by name, without allocating: a small hash table that is used again for every query.

/// Slots of the table; a power of two.
const SLOTS: usize = 1 << 14;

/// The most names that are told apart; the table is half full then.
pub(super) const NAMES_MAX: usize = SLOTS / 2;

/// So many neighbouring names have neighbouring slots; a power of two.
const RUN: u32 = 16;

#[derive(Clone, Copy, Default)]
struct Slot {
    name: u32,
    /// The round in which it was last used.
    round: u32,
    weight: f32,
}

/// The weights of names, a round at a time.
pub(super) struct Tally {
    slots: Box<[Slot]>,
    round: u32,
    /// The slots in use, in the order of their first use.
    used: Vec<u32>,
}

impl Default for Tally {
    fn default() -> Self {
        let slots = vec![Slot::default(); SLOTS].into();
        Self { slots, round: 0, used: Vec::with_capacity(NAMES_MAX) }
    }
}

impl Tally {
    /// Forgets all names.
    pub(super) fn clear(&mut self) {
        self.used.clear();
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            self.slots.fill(Slot::default());
            self.round = 1;
        }
    }

    /// How many more names there is room for.
    pub(super) fn room(&self) -> usize {
        NAMES_MAX - self.used.len()
    }

    /// Adds to the weight of a name; nothing when there is no room for it.
    #[inline]
    pub(super) fn add(&mut self, name: u32, weight: f32) {
        let mut at = first_slot(name);
        loop {
            let slot = &mut self.slots[at];
            if slot.round != self.round {
                if self.used.len() < NAMES_MAX {
                    *slot = Slot { name, round: self.round, weight };
                    self.used.push(at as u32);
                }
                return;
            }
            if slot.name == name {
                slot.weight += weight;
                return;
            }
            at = (at + 1) % SLOTS;
        }
    }

    /// Every name once, with its weight.
    pub(super) fn weights(&self) -> impl Iterator<Item = (u32, f32)> {
        self.used.iter().map(|at| {
            let slot = self.slots[*at as usize];
            (slot.name, slot.weight)
        })
    }
}

/// Names that lie together in a segment lie together here: they are found together.
#[inline]
fn first_slot(name: u32) -> usize {
    let run =
        (name / RUN).wrapping_mul(0x9e37_79b1) >> (32 - (SLOTS as u32 / RUN).trailing_zeros());
    (run * RUN + name % RUN) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        #[test]
        fn a_tally_adds_like_a_map(rounds in prop::collection::vec(
            prop::collection::vec((0..300u32, 1..9u8), 0..300), 1..4)
        ) {
            let mut tally = Tally::default();
            for round in rounds {
                let mut map: HashMap<u32, f32> = HashMap::new();
                tally.clear();
                for (name, weight) in round {
                    // Names that meet in one slot, too.
                    let name = name % 7 * SLOTS as u32 + name;
                    tally.add(name, f32::from(weight));
                    *map.entry(name).or_default() += f32::from(weight);
                }
                let tallied: HashMap<u32, f32> = tally.weights().collect();
                prop_assert_eq!(tallied, map);
            }
        }
    }

    #[test]
    fn names_beyond_the_room_are_left_out() {
        let mut tally = Tally::default();
        tally.clear();
        (0..SLOTS as u32).for_each(|name| tally.add(name, 1.0));
        assert_eq!((tally.weights().count(), tally.room()), (NAMES_MAX, 0));
    }
}
