//! A set of small numbers, a bit each.

/// Which of the first so many numbers are in the set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bits(Box<[u64]>);

impl Bits {
    /// All numbers below `count`.
    pub(super) fn all(count: usize) -> Self {
        let mut words = vec![u64::MAX; count.div_ceil(64)];
        if let (Some(last), rest @ 1..) = (words.last_mut(), count % 64) {
            *last = (1 << rest) - 1;
        }
        Self(words.into())
    }

    pub(super) fn contains(&self, number: u32) -> bool {
        let word = self.0.get(number as usize / 64).copied().unwrap_or(0);
        word >> (number % 64) & 1 != 0
    }

    pub(super) fn remove(&mut self, number: u32) {
        if let Some(word) = self.0.get_mut(number as usize / 64) {
            *word &= !(1 << (number % 64));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_beyond_the_count_are_not_in_the_set() {
        for count in [0, 1, 63, 64, 65, 200] {
            let bits = Bits::all(count);
            assert_eq!((0..300).filter(|number| bits.contains(*number)).count(), count);
        }
    }

    #[test]
    fn a_removed_number_is_gone_and_the_others_stay() {
        let mut bits = Bits::all(100);
        bits.remove(64);
        bits.remove(1_000);
        assert!(!bits.contains(64) && bits.contains(63) && bits.contains(65));
    }
}
