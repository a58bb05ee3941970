//! What comes most often: entities, names that nobody knows, names that could be several.
//!
//! Of each kind at most 32,768 are counted. When there are more, the rarer half is forgotten, and what
//! comes again after that is counted from one: a count is never too high, and that of a frequent one is
//! right unless it was rare for long.

use std::collections::HashMap;

/// How many of one kind are counted.
const COUNTED_MAX: usize = 32_768;

/// Counts by key.
#[derive(Debug, Default)]
pub(super) struct Top(HashMap<Box<str>, Counted>);

#[derive(Debug)]
struct Counted {
    count: u64,
    /// What is shown beside the key.
    shown: Box<str>,
}

impl Top {
    /// Counts a key; what is shown is that of its first time.
    pub(super) fn count(&mut self, key: &str, shown: &str) {
        if let Some(counted) = self.0.get_mut(key) {
            counted.count += 1;
            return;
        }
        if self.0.len() >= COUNTED_MAX {
            self.forget_half();
        }
        self.0.insert(key.into(), Counted { count: 1, shown: shown.into() });
    }

    fn forget_half(&mut self) {
        let mut counts: Vec<u64> = self.0.values().map(|counted| counted.count).collect();
        let (_, median, _) = counts.select_nth_unstable(COUNTED_MAX / 2);
        let median = *median;
        self.0.retain(|_, counted| counted.count > median);
    }

    /// The most frequent, each with its count and what is shown; of equal counts by key.
    pub(super) fn first(&self, number: usize) -> Vec<(&str, &str, u64)> {
        let all = self.0.iter().map(|(key, counted)| (&**key, &*counted.shown, counted.count));
        let mut all: Vec<_> = all.collect();
        all.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| a.0.cmp(b.0)));
        all.truncate(number);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_frequent_is_counted_to_the_last_however_many_others_there_are() {
        let mut top = Top::default();
        for number in 0..COUNTED_MAX * 3 {
            top.count(&format!("rare {number}"), "");
            top.count(["Qena", "Tanta"][number % 2], "a city");
            top.count("Qena", "never shown");
        }
        let (often, less) = (COUNTED_MAX as u64 * 9 / 2, COUNTED_MAX as u64 * 3 / 2);
        assert_eq!(top.first(2), [("Qena", "a city", often), ("Tanta", "a city", less)]);
        assert!(top.0.len() <= COUNTED_MAX);
    }
}
