//! The entities of the catalogue at one version, and the names by which they are found.
//!
//! An index is a list of immutable segments and, for each, which of its entities still count: a change adds a
//! small segment and strikes the entity out of the others, a deletion only strikes it out, and segments of one
//! size are merged (`merge.rs`). So an index is a value: changing it makes another one that shares nearly
//! everything, and readers keep theirs for as long as they like.
//!
//! In reading order: `keys` (what a name is found by), `segment` (how it lies in memory and on disk), `build`,
//! `gather` (finding), `automaton` and `running` (finding in running text), `merge`, `disk`.

mod admission;
mod automaton;
mod bits;
mod build;
pub(crate) mod disk;
mod gather;
mod keys;
mod merge;
mod running;
mod segment;
mod tally;

use std::{collections::HashMap, sync::Arc};

use names::{Imprint, Name, Token};
use proto::vocabulary::EntityType;

use self::{
    bits::Bits,
    segment::{Segment, View},
};
use crate::{annotate::Memories, entity::Entity, query::Filter};
pub(crate) use automaton::{Path, adjective_keys};
pub(crate) use build::Builder;
pub(crate) use gather::Found;
pub(crate) use merge::Merge;
pub(crate) use running::Admissions;

/// The entities of the catalogue at one version.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    /// What it is an index of.
    pub(crate) origin: Origin,
    layers: Vec<Layer>,
    /// What annotating has learned of words: the numbers of names and entities in it are those of these layers.
    memories: Arc<Memories>,
}

/// A catalogue at one version.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origin {
    /// Which catalogue it is.
    pub(crate) catalogue_id: Arc<str>,
    pub(crate) version: i64,
    /// Where the change feed goes on after it.
    pub(crate) resume_token: Option<Arc<str>>,
}

/// A segment and which of its entities count.
#[derive(Clone, Debug)]
struct Layer {
    segment: Segment,
    alive: Arc<Bits>,
    entities: usize,
    names: usize,
}

/// One change of one entity.
#[derive(Debug)]
pub(crate) enum Change {
    /// The entity is new or has changed.
    Upsert(Entity),
    /// The entity is no longer to be found, by its id.
    Remove(String),
}

impl Change {
    fn id(&self) -> &str {
        match self {
            Self::Upsert(entity) => &entity.id,
            Self::Remove(id) => id,
        }
    }
}

impl Index {
    /// An index of entities, each once.
    pub(crate) fn of(entities: Builder, origin: Origin) -> Self {
        let mut index = Self { origin, ..Self::default() };
        index.push(entities);
        index
    }

    /// The index after some changes, which lead to a later version; of several of one entity, the last counts.
    pub(crate) fn after(&self, changes: Vec<Change>, origin: Origin) -> Self {
        let mut index = Self { origin, layers: self.layers.clone(), ..Self::default() };
        let mut last: HashMap<String, Change> = HashMap::new();
        for change in changes {
            last.insert(change.id().to_owned(), change);
        }
        let mut added = Builder::default();
        for (id, change) in last {
            index.strike(&id);
            if let Change::Upsert(entity) = change {
                added.push(entity);
            }
        }
        index.push(added);
        index
    }

    fn push(&mut self, added: Builder) {
        if !added.is_empty() {
            self.layers.push(Layer::new(added.build()));
        }
    }

    fn strike(&mut self, id: &str) {
        self.layers.iter_mut().for_each(|layer| layer.strike(id));
        self.layers.retain(|layer| layer.entities > 0);
    }

    /// Number of entities.
    pub(crate) fn entity_count(&self) -> usize {
        self.layers.iter().map(|layer| layer.entities).sum()
    }

    /// Number of names.
    pub(crate) fn name_count(&self) -> usize {
        self.layers.iter().map(|layer| layer.names).sum()
    }

    /// Number of segments.
    pub(crate) fn segment_count(&self) -> usize {
        self.layers.len()
    }

    /// Bytes of all segments.
    pub(crate) fn size(&self) -> usize {
        self.layers.iter().map(|layer| layer.segment.bytes().len()).sum()
    }

    /// The index, ready to be asked.
    pub(crate) fn reader(&self) -> Reader<'_> {
        Reader { parts: self.layers.iter().map(Layer::part).collect(), memories: &self.memories }
    }
}

impl Layer {
    fn new(segment: Segment) -> Self {
        let view = segment.view();
        let (entities, names) = (view.entity_count(), view.name_count());
        Self { alive: Arc::new(Bits::all(entities)), entities, names, segment }
    }

    fn part(&self) -> Part<'_> {
        let view = self.segment.view();
        let is_all_alive = self.entities == view.entity_count();
        Part { view, segment: &self.segment, alive: &self.alive, is_all_alive, names: self.names }
    }

    fn strike(&mut self, id: &str) {
        if let Some(entity) = self.segment.view().find(id) {
            self.strike_at(entity);
        }
    }

    fn strike_at(&mut self, entity: u32) {
        if self.alive.contains(entity) {
            Arc::make_mut(&mut self.alive).remove(entity);
            self.entities -= 1;
            self.names -= self.segment.view().names_of(entity);
        }
    }
}

/// A name of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NameRef {
    segment: u32,
    name: u32,
}

/// An entity of the index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct EntityRef {
    segment: u32,
    entity: u32,
}

#[cfg(test)]
impl EntityRef {
    /// An entity by its number.
    pub(crate) fn at(entity: usize) -> Self {
        Self { segment: 0, entity: entity as u32 }
    }
}

/// An index that is being asked.
pub(crate) struct Reader<'a> {
    parts: Vec<Part<'a>>,
    memories: &'a Memories,
}

struct Part<'a> {
    view: View<'a>,
    segment: &'a Segment,
    alive: &'a Bits,
    is_all_alive: bool,
    /// Number of names that count.
    names: usize,
}

impl Part<'_> {
    /// How many of some names count; of very many, those among the first.
    fn count(&self, names: &[u32]) -> usize {
        const LOOKED_AT_MAX: usize = 4_096;
        if self.is_all_alive {
            return names.len();
        }
        let entity = |name: &u32| self.view.name_entities[*name as usize];
        let looked_at = names.iter().take(LOOKED_AT_MAX);
        looked_at.filter(|name| self.alive.contains(entity(name))).count()
    }
}

impl<'a> Reader<'a> {
    /// What annotating has learned of words.
    pub(crate) fn memories(&self) -> &'a Memories {
        self.memories
    }

    /// The names that share a key with `spelling`, most promising first.
    pub(crate) fn find(&self, spelling: &Name, filter: &Filter) -> Found {
        gather::find(self, spelling, filter)
    }

    /// Whether some name has this form, or a word of this form.
    pub(crate) fn knows(&self, name: &Name) -> bool {
        let stems = || name.tokens().iter().filter_map(|token| keys::key(token.stem()));
        let knows = |part: &Part<'_>| stems().any(|key| part.count(part.view.words.of(key)) > 0);
        self.knows_form(name) || self.parts.iter().any(knows)
    }

    /// Whether some name has this form.
    pub(crate) fn knows_form(&self, name: &Name) -> bool {
        let key = keys::form_key(name);
        let names =
            |part: &Part<'a>| &part.view.form_names[segment::places(part.view.form_keys, key)];
        self.parts.iter().any(|part| part.count(names(part)) > 0)
    }

    /// How rare each word of a name is, 0.0 (every name of the index has it) to 1.0. A word that is not known
    /// may be one that is, spelled otherwise: it counts as middling.
    pub(crate) fn rarities(&self, name: &Name) -> Vec<f64> {
        const UNKNOWN: f64 = 0.5;
        let all = self.parts.iter().map(|part| part.names).sum::<usize>();
        let rarity = |token: &Token| {
            let of = |part: &Part<'_>| {
                keys::key(token.stem()).map_or(0, |key| part.count(part.view.words.of(key)))
            };
            match self.parts.iter().map(of).sum::<usize>() {
                0 => UNKNOWN,
                names => 1.0 - (names as f64).ln() / (1.0 + all as f64).ln(),
            }
        };
        name.tokens().iter().map(rarity).collect()
    }

    /// What comparing looks at in a name.
    pub(crate) fn imprint(&self, at: NameRef) -> Imprint<'a> {
        self.view(at.segment).imprint(at.name)
    }

    /// A name as the catalogue writes it.
    pub(crate) fn text(&self, at: NameRef) -> &'a str {
        self.view(at.segment).text(at.name)
    }

    /// Where a name stands among the names of its entity.
    pub(crate) fn position(&self, at: NameRef) -> u16 {
        self.view(at.segment).position(at.name)
    }

    /// Whose name it is.
    pub(crate) fn entity_of(&self, at: NameRef) -> EntityRef {
        let entity = self.view(at.segment).name_entities[at.name as usize];
        EntityRef { segment: at.segment, entity }
    }

    /// Canonical id of an entity.
    pub(crate) fn id(&self, at: EntityRef) -> &'a str {
        self.view(at.segment).id(at.entity)
    }

    /// The same, to be compared with others.
    pub(crate) fn id_bytes(&self, at: EntityRef) -> &'a [u8] {
        self.view(at.segment).id_bytes(at.entity)
    }

    /// Primary name of an entity.
    pub(crate) fn primary_name(&self, at: EntityRef) -> &'a str {
        self.view(at.segment).primary_name(at.entity)
    }

    /// Type of an entity.
    pub(crate) fn entity_type(&self, at: EntityRef) -> EntityType {
        self.view(at.segment).entity_type(at.entity)
    }

    /// Country of an entity; empty when it has none.
    pub(crate) fn country(&self, at: EntityRef) -> String {
        self.view(at.segment).country(at.entity)
    }

    /// Prominence of an entity, 0.0 to 1.0.
    pub(crate) fn prominence(&self, at: EntityRef) -> f64 {
        self.view(at.segment).prominences[at.entity as usize]
    }

    /// Everything known of an entity. Allocates: for evidence, not for each candidate.
    pub(crate) fn entity(&self, at: EntityRef) -> Entity {
        self.view(at.segment).entity(at.entity)
    }

    fn view(&self, segment: u32) -> &View<'a> {
        &self.parts[segment as usize].view
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn upsert(id: &str, names: &[&str]) -> Change {
        let names = names.iter().map(|&name| name.to_owned()).collect();
        Change::Upsert(Entity { id: id.to_owned(), names, ..Entity::default() })
    }

    fn index(changes: Vec<Change>) -> Index {
        Index::default().after(changes, Origin::default())
    }

    fn found(index: &Index, spelling: &str) -> Vec<String> {
        let reader = index.reader();
        let found = reader.find(&Name::new(spelling), &Filter::default()).admitted;
        let mut ids: Vec<_> =
            found.iter().map(|name| reader.id(reader.entity_of(*name)).to_owned()).collect();
        ids.sort();
        ids.dedup();
        ids
    }

    #[test]
    fn a_name_is_found_by_form_by_word_and_across_scripts() {
        let index =
            index(vec![upsert("lavrov", &["سيرغي لافروف"]), upsert("putin", &["فلاديمير بوتين"])]);
        assert_eq!(found(&index, "سيرجي لافروف"), ["lavrov"]);
        assert_eq!(found(&index, "لافروف"), ["lavrov"]);
        assert_eq!(found(&index, "Лавров"), ["lavrov"]);
        assert_eq!(found(&index, "لافرو"), ["lavrov"], "one class less");
        assert!(found(&index, "ميركل").is_empty());
    }

    #[test]
    fn an_update_replaces_every_key_of_the_entity() {
        let before = index(vec![upsert("a", &["Burma"])]);
        let after = before.after(vec![upsert("a", &["Myanmar"])], Origin::default());
        assert!(found(&after, "Burma").is_empty());
        assert_eq!(found(&after, "Myanmar"), ["a"]);
        assert_eq!((after.entity_count(), after.name_count()), (1, 1));
        assert_eq!(found(&before, "Burma"), ["a"], "who began with the old one keeps it");
    }

    #[test]
    fn of_several_changes_of_one_entity_the_last_counts() {
        let changes = vec![
            upsert("a", &["Burma"]),
            Change::Remove("a".to_owned()),
            upsert("a", &["Myanmar"]),
            upsert("b", &["Burma"]),
            Change::Remove("b".to_owned()),
        ];
        let index = index(changes);
        assert_eq!((found(&index, "Myanmar"), index.entity_count()), (vec!["a".to_owned()], 1));
        assert!(found(&index, "Burma").is_empty());
    }

    #[test]
    fn what_the_filter_keeps_away_is_told_apart() {
        let index = index(vec![upsert("a", &["Lavrov"])]);
        let filter = Filter { excluded_ids: vec!["a".to_owned()], ..Filter::default() };
        let found = index.reader().find(&Name::new("Lavrov"), &filter);
        assert_eq!((found.admitted.len(), found.filtered.len()), (0, 1));
    }

    #[test]
    fn a_filter_finds_the_few_among_the_many() {
        let person = |at: usize| {
            let names = vec![format!("سمير {at}")];
            let entity_type = EntityType::Person;
            Change::Upsert(Entity { id: format!("p{at}"), entity_type, names, ..Entity::default() })
        };
        let organization = |at: usize| {
            let names = vec![format!("شركة سمير {at}")];
            let entity_type = EntityType::Organization;
            Change::Upsert(Entity { id: format!("o{at}"), entity_type, names, ..Entity::default() })
        };
        let index = index((0..4_000).map(person).chain((0..10).map(organization)).collect());
        let filter = Filter { types: vec![EntityType::Organization], ..Filter::default() };
        let found = index.reader().find(&Name::new("سمير"), &filter);
        assert_eq!(found.admitted.len(), 10);
    }

    #[test]
    fn of_many_namesakes_the_prominent_are_looked_at() {
        let namesake = |at: usize| {
            let prominence = if at.is_multiple_of(100) { 0.9 } else { 0.0 };
            let names = vec!["محمد علي".to_owned()];
            Change::Upsert(Entity { id: format!("Q{at}"), names, prominence, ..Entity::default() })
        };
        let index = index((0..800).map(namesake).collect());
        let reader = index.reader();
        let found = reader.find(&Name::new("محمد علي"), &Filter::default()).admitted;
        let prominent =
            found.iter().filter(|name| reader.prominence(reader.entity_of(**name)) > 0.5);
        assert_eq!(prominent.count(), 8);
    }

    #[test]
    fn what_is_gone_confirms_nothing() {
        let index = index(vec![upsert("a", &["القاهرة"]), upsert("b", &["موسكو"])]);
        let after = index.after(vec![Change::Remove("a".to_owned())], Origin::default());
        let cairo = Name::new("القاهرة");
        assert!(index.reader().knows(&cairo));
        assert!(!after.reader().knows(&cairo) && !after.reader().knows_form(&cairo));
    }

    #[test]
    fn an_entity_is_read_as_it_was_written() {
        let entity = Entity {
            id: "Q58217".to_owned(),
            entity_type: EntityType::Person,
            names: vec!["Sergey Lavrov".to_owned(), "…".to_owned(), "سيرغي لافروف".to_owned()],
            country: "RU".to_owned(),
            dataset: "starter".to_owned(),
            birth_date: Some(crate::entity::PartialDate {
                year: 1950,
                month: 3,
                day: 21,
                approximate: false,
            }),
            prominence: 0.85,
            ..Entity::default()
        };
        let index = index(vec![Change::Upsert(entity.clone())]);
        let reader = index.reader();
        let name = reader.find(&Name::new("سيرجي لافروف"), &Filter::default()).admitted[0];
        let at = reader.entity_of(name);
        assert_eq!(format!("{:?}", reader.entity(at)), format!("{entity:?}"));
        assert_eq!((reader.primary_name(at), reader.text(name)), ("Sergey Lavrov", "سيرغي لافروف"));
        assert_eq!((reader.country(at), reader.prominence(at)), ("RU".to_owned(), 0.85));
    }

    proptest! {
        /// A slow obvious index is one that is built anew.
        #[test]
        fn any_order_of_changes_and_merges_equals_an_index_built_afresh(
            changes in prop::collection::vec((0..6usize, prop::option::of(0..5usize), any::<bool>()), 1..40)
        ) {
            const NAMES: [&str; 5] = ["سيرغي لافروف", "Sergey Lavrov", "موسكو", "Moscow City", "Ким"];
            let mut index = Index::default();
            let mut model: HashMap<usize, &str> = HashMap::new();
            for (id, name, merges) in changes {
                let change = match name {
                    Some(name) => {
                        model.insert(id, NAMES[name]);
                        upsert(&id.to_string(), &[NAMES[name]])
                    }
                    None => {
                        model.remove(&id);
                        Change::Remove(id.to_string())
                    }
                };
                index = index.after(vec![change], Origin::default());
                if let Some(merge) = index.merge_due().filter(|_| merges) {
                    index = index.merged(&merge, merge.run());
                }
            }
            let fresh = model.iter().map(|(id, name)| upsert(&id.to_string(), &[name])).collect();
            let fresh = super::tests::index(fresh);
            for spelling in NAMES {
                prop_assert_eq!(found(&index, spelling), found(&fresh, spelling));
            }
            prop_assert_eq!(index.name_count(), fresh.name_count());
        }
    }
}
