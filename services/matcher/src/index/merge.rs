//! Merges segments, so that there are never many of them.
//!
//! Segments are sorted into sizes, each four times the one before; four of one size become one of the next (the
//! logarithmic method of Bentley and Saxe 1980), together with all that are smaller. So a name is written again
//! a few times in its life, and there are a dozen segments at most for a million names. A segment of which most
//! entities are gone is written again without them. Every segment is looked through by every search, so that in a
//! quiet moment more of them become one.

use std::sync::Arc;

use super::{Builder, Index, Layer, segment::Segment};

/// So many segments of one size are merged.
const SEGMENTS: usize = 4;

/// Names of a segment of the smallest size.
const NAMES_MIN: usize = 1_024;

/// In a quiet moment a segment is written again when the smaller ones together have this part of its names.
const QUIET_PART: usize = 8;

/// Segments that are to become one. It holds what they were when it was planned.
#[derive(Debug)]
pub(crate) struct Merge {
    layers: Vec<Layer>,
}

impl Index {
    /// The next merge, if one is due.
    pub(crate) fn merge_due(&self) -> Option<Merge> {
        let mut layers: Vec<&Layer> = self.layers.iter().collect();
        layers.sort_by_key(|layer| layer.names);
        let same_size = layers.windows(SEGMENTS).rposition(|window| {
            let sizes = window.iter().map(|layer| size(layer.names));
            sizes.clone().min() == sizes.max()
        });
        let hollow = || layers.iter().position(|layer| layer.is_hollow()).map(|at| at..at + 1);
        let due = same_size.map(|at| 0..at + SEGMENTS).or_else(hollow)?;
        Some(Merge { layers: layers[due].iter().map(|layer| (*layer).clone()).collect() })
    }

    /// The merge that a quiet moment is worth, if there is one: as many segments as that, and the largest of them
    /// no more than eight times the others.
    pub(crate) fn quiet_merge_due(&self) -> Option<Merge> {
        let mut layers: Vec<&Layer> = self.layers.iter().collect();
        layers.sort_by_key(|layer| layer.names);
        let smaller = |at: usize| layers[..at].iter().map(|layer| layer.names).sum::<usize>();
        let is_worth = |at: &usize| layers[*at].names <= QUIET_PART * smaller(*at);
        let largest = (1..layers.len()).rev().find(is_worth)?;
        Some(Merge { layers: layers[..=largest].iter().map(|layer| (*layer).clone()).collect() })
    }

    /// The index with a merge done. What was struck out meanwhile is struck out of what it made, too.
    pub(crate) fn merged(&self, merge: &Merge, made: Segment) -> Self {
        // Its names and entities have other numbers, so that nothing that was learned of them holds.
        let mut index = Self { memories: Arc::default(), ..self.clone() };
        let mut made = Layer::new(made);
        for before in &merge.layers {
            let Some(at) = index.layers.iter().position(|now| now.segment.is(&before.segment))
            else {
                // Every entity of it is gone meanwhile.
                before.entities().for_each(|(_, id)| made.strike(id));
                continue;
            };
            let now = index.layers.remove(at);
            let struck = before.entities().filter(|(entity, _)| !now.alive.contains(*entity));
            struck.for_each(|(_, id)| made.strike(id));
        }
        if made.entities > 0 {
            index.layers.push(made);
        }
        index
    }
}

impl Merge {
    /// Makes the one segment. Costs what building it of its entities costs.
    pub(crate) fn run(&self) -> Segment {
        let mut builder = Builder::default();
        for layer in &self.layers {
            let view = layer.segment.view();
            layer.entities().for_each(|(entity, _)| builder.push(view.entity(entity)));
        }
        builder.build()
    }
}

impl Layer {
    /// The entities that count, and their ids.
    fn entities(&self) -> impl Iterator<Item = (u32, &str)> {
        let view = self.segment.view();
        let entities =
            (0..view.entity_count() as u32).filter(|entity| self.alive.contains(*entity));
        entities.map(move |entity| (entity, view.id(entity)))
    }

    fn is_hollow(&self) -> bool {
        self.entities * 2 < self.segment.view().entity_count()
    }
}

fn size(names: usize) -> u32 {
    (names / NAMES_MIN).checked_ilog(SEGMENTS).map_or(0, |size| size + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        entity::Entity,
        index::{Change, Origin},
    };

    fn version(version: i64) -> Origin {
        Origin { version, ..Origin::default() }
    }

    fn entity(at: usize) -> Change {
        let names = vec![format!("name {at}")];
        Change::Upsert(Entity { id: format!("Q{at}"), names, ..Entity::default() })
    }

    #[test]
    fn many_small_changes_leave_few_segments_and_every_entity() {
        let mut index = Index::default();
        for at in 0..300 {
            index = index.after(vec![entity(at)], version(at as i64));
            while let Some(merge) = index.merge_due() {
                index = index.merged(&merge, merge.run());
            }
        }
        assert!(index.layers.len() < SEGMENTS, "{}", index.layers.len());
        assert_eq!((index.entity_count(), index.name_count()), (300, 300));
    }

    #[test]
    fn a_quiet_moment_leaves_one_segment_and_beside_it_only_much_smaller_ones() {
        let mut index = Index::default().after((0..100).map(entity).collect(), version(0));
        for at in 100..112 {
            index = index.after(vec![entity(at)], version(at as i64));
        }
        let merge = index.quiet_merge_due().unwrap();
        let merged = index.merged(&merge, merge.run());
        assert_eq!((merged.layers.len(), merged.entity_count()), (2, 112), "12 are not worth 100");
        assert!(merged.quiet_merge_due().is_none());
        let more = merged.after(vec![entity(112)], version(112));
        let merge = more.quiet_merge_due().unwrap();
        assert_eq!(merge.layers.len(), 3);
        assert_eq!(more.merged(&merge, merge.run()).layers.len(), 1);
    }

    #[test]
    fn what_changes_during_a_merge_is_not_undone_by_it() {
        let mut index = Index::default();
        for at in 0..4 {
            index = index.after(vec![entity(at)], version(1));
        }
        let merge = index.merge_due().unwrap();
        let made = merge.run();
        let meanwhile = vec![Change::Remove("Q0".to_owned()), entity(1)];
        let index = index.after(meanwhile, version(2)).merged(&merge, made);
        assert_eq!((index.entity_count(), index.layers.len()), (3, 2));
        assert_eq!(index.origin.version, 2);
    }

    #[test]
    fn a_segment_whose_entities_are_mostly_gone_is_written_again() {
        let mut index = Index::default().after((0..10).map(entity).collect(), version(1));
        assert!(index.merge_due().is_none());
        index =
            index.after((0..6).map(|at| Change::Remove(format!("Q{at}"))).collect(), version(2));
        let merge = index.merge_due().unwrap();
        index = index.merged(&merge, merge.run());
        assert_eq!(index.layers[0].segment.view().entity_count(), 4);
    }
}
