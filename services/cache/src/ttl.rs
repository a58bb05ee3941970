//! How long a value lives: about as long as its space says, each one a little differently.
//!
//! Values written together, by one batch, would otherwise die together and be computed again in
//! one burst. The spread comes from the slot, not from a die: slots are digests, so they spread
//! evenly, and all processes agree.

use std::time::Duration;

use crate::key::Slot;

/// No value lives longer, whatever its space says: rules and catalogue have moved on by then.
const LIFE_MAX: Duration = Duration::from_secs(30 * 24 * 3_600);

/// The life of what is stored in `slot`: `ttl` give or take a tenth, and at least a millisecond,
/// the smallest unit of Redis (which refuses `PX 0`).
pub(crate) fn life(ttl: Duration, slot: Slot) -> Duration {
    let dice = (slot.seed() >> 32) as f64 / f64::from(u32::MAX);
    ttl.min(LIFE_MAX).mul_f64(0.9 + 0.2 * dice).max(Duration::from_millis(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{Key, Space};

    fn lives(ttl: Duration) -> Vec<Duration> {
        let space = Space::new("resolution", 1, ttl);
        (0..1_000_u32).map(|n| life(ttl, space.slot(Key::of(&n.to_le_bytes())))).collect()
    }

    #[test]
    fn a_life_stays_within_a_tenth_of_what_was_asked() {
        for life in lives(Duration::from_secs(100)) {
            assert!((90.0..=110.0).contains(&life.as_secs_f64()), "{life:?}");
        }
    }

    #[test]
    fn values_written_together_do_not_die_together() {
        let lives = lives(Duration::from_secs(100));
        for second in (90..110).step_by(2).map(Duration::from_secs) {
            let dying = lives
                .iter()
                .filter(|life| **life >= second && **life < second + Duration::from_secs(2));
            assert!(dying.count() > 50, "a tenth of 1,000 was expected about {second:?}");
        }
    }

    #[test]
    fn no_life_is_shorter_than_redis_can_say() {
        assert!(lives(Duration::ZERO).iter().all(|life| life.as_millis() == 1));
    }

    #[test]
    fn an_endless_life_is_a_long_one() {
        assert!(lives(Duration::MAX).iter().all(|life| *life <= LIFE_MAX.mul_f64(1.1)));
    }
}
