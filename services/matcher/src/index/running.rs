//! What annotating a text asks an index: names by their paths, forms and words, without ranking them.

use super::{EntityRef, NameRef, Part, Path, Reader, admission::Admission, segment};
use crate::query::Filter;

/// A filter in the numbers of every segment.
pub(crate) struct Admissions(Vec<Admission>);

/// Whether names of one word have a path.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct HasSingle(pub(crate) bool);

impl Part<'_> {
    /// Sees those of some names that count.
    fn see_alive(&self, segment: usize, names: &[u32], see: &mut impl FnMut(NameRef)) {
        for name in names {
            let entity = self.view.name_entities[*name as usize];
            if self.alive.contains(entity) {
                see(NameRef { segment: segment as u32, name: *name });
            }
        }
    }
}

impl Reader<'_> {
    /// Whether some name begins like a path, and the names of several words that are all of it. Says whether
    /// there are names of one word too.
    pub(crate) fn follow(&self, path: Path, mut see: impl FnMut(NameRef)) -> Option<HasSingle> {
        let mut begins = None;
        for (segment, part) in self.parts.iter().enumerate() {
            let Some([several, single]) = part.segment.automaton().at(path) else { continue };
            let HasSingle(has_single) = begins.unwrap_or_default();
            begins = Some(HasSingle(has_single || !single.is_empty()));
            part.see_alive(segment, several, &mut see);
        }
        begins
    }

    /// The names of one word of a path.
    pub(crate) fn alike(&self, path: Path, mut see: impl FnMut(NameRef)) {
        for (segment, part) in self.parts.iter().enumerate() {
            let Some([_, single]) = part.segment.automaton().at(path) else { continue };
            part.see_alive(segment, single, &mut see);
        }
    }

    /// The names of a form, so many of each segment at most.
    pub(crate) fn called(&self, form_key: u32, names_max: usize, mut see: impl FnMut(NameRef)) {
        for (segment, part) in self.parts.iter().enumerate() {
            let names = &part.view.form_names[segment::places(part.view.form_keys, form_key)];
            for name in names.iter().take(names_max) {
                let entity = part.view.name_entities[*name as usize];
                if part.alive.contains(entity) {
                    see(NameRef { segment: segment as u32, name: *name });
                }
            }
        }
    }

    /// The names that a telling word of this stem is in, so many of each segment at most; and whether these are
    /// all.
    pub(crate) fn having(
        &self,
        stem_key: u32,
        names_max: usize,
        mut see: impl FnMut(NameRef),
    ) -> bool {
        let mut are_all = true;
        for (segment, part) in self.parts.iter().enumerate() {
            let names = part.view.words.of(stem_key);
            are_all &= names.len() <= names_max;
            for name in names.iter().take(names_max) {
                let entity = part.view.name_entities[*name as usize];
                if part.alive.contains(entity) {
                    see(NameRef { segment: segment as u32, name: *name });
                }
            }
        }
        are_all
    }

    /// The country of an adjective, as the index keeps countries.
    pub(crate) fn country_of(&self, adjective_keys: &[u32]) -> Option<u16> {
        adjective_keys.iter().find_map(|key| {
            self.parts.iter().find_map(|part| part.segment.automaton().country(*key))
        })
    }

    /// The country of an entity as the index keeps it; 0 for none.
    pub(crate) fn country_code(&self, at: EntityRef) -> u16 {
        self.view(at.segment).countries[at.entity as usize]
    }

    /// A filter, ready to be asked.
    pub(crate) fn admissions(&self, filter: &Filter) -> Admissions {
        Admissions(self.parts.iter().map(|part| Admission::new(filter, &part.view)).collect())
    }

    /// Whether a filter admits an entity.
    pub(crate) fn admits(&self, admissions: &Admissions, at: EntityRef) -> bool {
        let admission = admissions.0.get(at.segment as usize);
        admission.is_some_and(|admission| admission.admits(self.view(at.segment), at.entity))
    }

    /// The entity with an id.
    pub(crate) fn entity_with(&self, id: &str) -> Option<EntityRef> {
        self.parts.iter().enumerate().find_map(|(segment, part)| {
            let entity = part.view.find(id).filter(|entity| part.alive.contains(*entity))?;
            Some(EntityRef { segment: segment as u32, entity })
        })
    }

    /// Some name of an entity.
    pub(crate) fn first_name(&self, at: EntityRef) -> Option<NameRef> {
        let view = self.view(at.segment);
        let name = view.name_entities.iter().position(|entity| *entity == at.entity)?;
        Some(NameRef { segment: at.segment, name: name as u32 })
    }
}
