//! Names by skeleton, and skeletons by those one class away.
//!
//! Two skeletons are near when leaving out at most one class of each leaves the same (the deletion
//! neighbourhood of Bocek, Hunt and Stiller 2007): one class more, one less, one for another, or one
//! elsewhere. So a skeleton is kept under itself and under all that one missing class leaves of it.

use std::collections::HashMap;

/// What is left of a skeleton has so many classes at least; less would be near to everything.
const LEFT_MIN: usize = 2;

/// Names by skeleton.
#[derive(Debug, Default)]
pub(crate) struct Near {
    ids: HashMap<Box<str>, u32>,
    /// By id. Skeletons are kept when their last name goes: there are few, and they come again.
    names: Vec<Vec<u32>>,
    /// The skeletons that leave this, themselves included.
    leaving: HashMap<Box<str>, Vec<u32>>,
}

impl Near {
    /// A name under its skeleton; none under the empty one.
    pub(crate) fn add(&mut self, skeleton: &str, name: u32) {
        if skeleton.is_empty() {
            return;
        }
        let id = self.id(skeleton);
        self.names[id as usize].push(name);
    }

    pub(crate) fn remove(&mut self, skeleton: &str, name: u32) {
        if let Some(id) = self.ids.get(skeleton) {
            self.names[*id as usize].retain(|other| *other != name);
        }
    }

    /// The names of every near skeleton, and whether it is the same.
    pub(crate) fn near(&self, skeleton: &str) -> impl Iterator<Item = (&[u32], bool)> {
        let same = self.ids.get(skeleton).copied();
        let mut ids: Vec<u32> = leavings(skeleton)
            .filter_map(|left| self.leaving.get(&*left))
            .flatten()
            .copied()
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter().map(move |id| (self.names[id as usize].as_slice(), Some(id) == same))
    }

    fn id(&mut self, skeleton: &str) -> u32 {
        if let Some(id) = self.ids.get(skeleton) {
            return *id;
        }
        let id = self.names.len() as u32;
        self.ids.insert(skeleton.into(), id);
        self.names.push(Vec::new());
        for left in leavings(skeleton) {
            let ids = self.leaving.entry(left.into()).or_default();
            // Leaving out either of two equal classes leaves the same.
            if ids.last() != Some(&id) {
                ids.push(id);
            }
        }
        id
    }
}

/// The skeleton itself, and what is left of it without one class. A skeleton is ASCII.
fn leavings(skeleton: &str) -> impl Iterator<Item = String> {
    let without = |at: usize| format!("{}{}", &skeleton[..at], &skeleton[at + 1..]);
    let places = if skeleton.len() > LEFT_MIN { 0..skeleton.len() } else { 0..0 };
    std::iter::once(skeleton.to_owned()).chain(places.map(without))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skeleton_is_near_to_those_one_class_away() {
        let mut near = Near::default();
        for (name, skeleton) in
            ["LFRF", "LFR", "LBRF", "LRFF", "MRKL", "LFRFS", "LF"].iter().enumerate()
        {
            near.add(skeleton, name as u32);
        }
        let names = |near: &Near, skeleton: &str| {
            let mut names: Vec<u32> =
                near.near(skeleton).flat_map(|(names, _)| names).copied().collect();
            names.sort_unstable();
            names
        };
        assert_eq!(names(&near, "LFRF"), [0, 1, 2, 3, 5]);
        assert_eq!(names(&near, "LF"), [1, 6], "of two classes none is left out");
        near.remove("LFR", 1);
        assert_eq!(names(&near, "LFRF"), [0, 2, 3, 5]);
        assert!(names(&near, "").is_empty());
    }

    #[test]
    fn the_same_skeleton_is_told_from_the_near() {
        let mut near = Near::default();
        near.add("LFRF", 7);
        near.add("LFR", 8);
        let mut found: Vec<(u32, bool)> =
            near.near("LFRF").map(|(names, is_same)| (names[0], is_same)).collect();
        found.sort_unstable();
        assert_eq!(found, [(7, true), (8, false)]);
    }
}
