//! The keys under which a name is found.
//!
//! A name has the key of its form and that of its skeleton, and each word that tells it from others has that of
//! its stem and that of its skeleton. Skeletons of words are also found by those one class away: two are near
//! when leaving out at most one class of each leaves the same (the deletion neighbourhood of Bocek, Hunt and
//! Stiller 2007). Keys are hashes of 32 bits: a collision finds a name too many, and the score knows better.

use names::{Name, Token};
use xxhash_rust::xxh3::xxh3_64;

/// What is left of a skeleton has so many classes at least; less would be near to everything.
const LEFT_MIN: usize = 2;

/// A word of more classes is near only to itself; there are none.
const CLASSES_MAX: usize = 32;

/// The key of a text; nothing for the empty one.
pub(super) fn key(text: &str) -> Option<u32> {
    (!text.is_empty()).then(|| xxh3_64(text.as_bytes()) as u32)
}

/// The key of a form, as its imprint has it.
pub(super) fn form_key(name: &Name) -> u32 {
    name.imprint().form_key() as u32
}

/// The words that tell names apart, or all words when there are no such.
pub(super) fn telling(name: &Name) -> impl Iterator<Item = &Token> {
    let tells = |token: &&Token| token.role().carries_name();
    let any = name.tokens().iter().any(|token| tells(&token));
    name.tokens().iter().filter(move |token| !any || tells(token))
}

/// The keys of a skeleton and of what is left of it without one class, each once.
pub(super) fn near_keys(skeleton: &str, mut see: impl FnMut(u32)) {
    let Some(whole) = key(skeleton) else { return };
    see(whole);
    let classes = skeleton.as_bytes();
    if !(LEFT_MIN + 1..=CLASSES_MAX).contains(&classes.len()) {
        return;
    }
    let mut left = [0; CLASSES_MAX];
    for at in 0..classes.len() {
        // Leaving out either of two equal classes leaves the same.
        if at > 0 && classes[at] == classes[at - 1] {
            continue;
        }
        left[..at].copy_from_slice(&classes[..at]);
        left[at..classes.len() - 1].copy_from_slice(&classes[at + 1..]);
        see(xxh3_64(&left[..classes.len() - 1]) as u32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn are_near(a: &str, b: &str) -> bool {
        let keys = |skeleton: &str| {
            let mut keys = Vec::new();
            near_keys(skeleton, |key| keys.push(key));
            keys
        };
        let b = keys(b);
        keys(a).iter().any(|key| b.contains(key))
    }

    #[test]
    fn a_skeleton_is_near_to_those_one_class_away() {
        for near in ["LFRF", "LFR", "LBRF", "LRFF", "LFRFS", "LFFR"] {
            assert!(are_near("LFRF", near), "{near}");
        }
        for far in ["MRKL", "LF", "RFLF", ""] {
            assert!(!are_near("LFRF", far), "{far}");
        }
        assert!(!are_near("LF", "LR"), "of two classes none is left out");
    }
}
