//! A map of limited size that keeps what is asked for.
//!
//! Two maps: what was added or asked for lately, and what was before. When the first is full the second is
//! forgotten and the first takes its place, so that what is asked for again and again never goes. Forgetting tens
//! of thousands of values takes milliseconds that no caller should wait for: each addition forgets two of them.

use std::{
    borrow::Borrow,
    collections::{HashMap, hash_map::IntoIter},
    hash::Hash,
    mem,
};

/// At most three times so many values as it was made for.
#[derive(Debug)]
pub(super) struct Kept<K, V> {
    young_max: usize,
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    forgotten: IntoIter<K, V>,
}

impl<K: Hash + Eq, V> Kept<K, V> {
    pub(super) fn new(young_max: usize) -> Self {
        let (young, old) = (HashMap::new(), HashMap::new());
        Self { young_max, young, old, forgotten: HashMap::new().into_iter() }
    }

    /// The value of a key, if it is still here.
    pub(super) fn get<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        if !self.young.contains_key(key) {
            let (key, value) = self.old.remove_entry(key)?;
            self.add(key, value);
        }
        self.young.get_mut(key)
    }

    /// The value of a key; an empty one is added where there is none.
    pub(super) fn get_or_add<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> &mut V
    where
        K: Borrow<Q> + for<'q> From<&'q Q>,
        V: Default,
    {
        if self.get(key).is_none() {
            self.add(key.into(), V::default());
        }
        self.young.get_mut(key).expect("it was asked for, and so it is young")
    }

    /// Adds a value, in place of one that the key had.
    pub(super) fn add(&mut self, key: K, value: V) {
        if self.young.len() >= self.young_max {
            // It will be as full again: without growing, which moves everything.
            let young = mem::replace(&mut self.young, HashMap::with_capacity(self.young_max));
            self.forgotten = mem::replace(&mut self.old, young).into_iter();
        }
        self.forgotten.by_ref().take(2).for_each(drop);
        self.young.insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    impl<K, V> Kept<K, V> {
        fn len(&self) -> usize {
            self.young.len() + self.old.len() + self.forgotten.len()
        }
    }

    #[test]
    fn what_is_asked_for_stays_however_much_comes() {
        let mut kept = Kept::new(10);
        kept.add("asked", 0);
        kept.add("never asked", 0);
        for number in 0..1_000 {
            kept.add(number.to_string().leak(), number);
            assert_eq!(kept.get("asked"), Some(&mut 0));
        }
        assert_eq!(kept.get("never asked"), None);
    }

    proptest! {
        #[test]
        fn a_value_is_the_one_that_was_added_last_and_there_are_never_many(
            steps in prop::collection::vec((0..40u32, any::<bool>()), 0..400)
        ) {
            const YOUNG_MAX: usize = 8;
            let (mut kept, mut all) = (Kept::new(YOUNG_MAX), HashMap::new());
            for (step, (key, adds)) in steps.into_iter().enumerate() {
                if adds {
                    kept.add(key, step);
                    all.insert(key, step);
                }
                if let Some(value) = kept.get(&key) {
                    prop_assert_eq!(Some(&*value), all.get(&key));
                }
                prop_assert!(kept.len() <= 3 * YOUNG_MAX);
            }
        }
    }
}
