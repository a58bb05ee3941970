//! The matcher without a server: entities are indexed once and names are asked, in this process.
//!
//! It finds, scores and orders exactly as the service does, and leaves out what needs a catalogue
//! that changes: versions, filters beyond the type, evidence, verdicts.

use std::{collections::BTreeMap, io, path::Path};

use proto::vocabulary::EntityType;

use crate::{
    entity,
    index::{Builder, Index, Origin, disk::Folder},
    matching,
    query::{Evidence, Filter, Options, Policy, Query, Spelling},
};

/// An entity to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// Unique among the entities.
    pub id: String,
    /// What it is; UNSPECIFIED says nothing.
    pub entity_type: EntityType,
    /// At least one; the first is the primary one.
    pub names: Vec<String>,
}

/// An entity that may be meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// Id of the entity.
    pub id: String,
    /// The name of it that matched best.
    pub name: String,
    /// 0.0 to 1.0.
    pub score: f64,
}

/// An index of entities, and the way to ask it.
///
/// ```
/// use matcher::local::{Entity, Local};
/// use proto::vocabulary::EntityType;
///
/// let lavrov = Entity {
///     id: "Q58217".to_owned(),
///     entity_type: EntityType::Person,
///     names: vec!["سيرغي لافروف".to_owned()],
/// };
/// let local = Local::new([lavrov]);
/// assert_eq!(local.ask("Лавров", None, 5)[0].id, "Q58217");
/// assert!(local.ask("Лавров", Some(EntityType::City), 5).is_empty());
/// ```
#[derive(Debug)]
pub struct Local {
    index: Index,
}

impl Local {
    /// Indexes entities; of two with one id, the later counts.
    #[must_use]
    pub fn new(entities: impl IntoIterator<Item = Entity>) -> Self {
        let mut by_id = BTreeMap::new();
        for Entity { id, entity_type, names } in entities {
            let entity = entity::Entity { id, entity_type, names, ..entity::Entity::default() };
            by_id.insert(entity.id.clone(), entity);
        }
        let mut builder = Builder::default();
        by_id.into_values().for_each(|entity| builder.push(entity));
        Self { index: Index::of(builder, Origin::default()) }
    }

    /// The entities a name could mean, best first; none for a text without letter or digit. A type
    /// keeps the others away.
    #[must_use]
    pub fn ask(
        &self,
        text: &str,
        entity_type: Option<EntityType>,
        candidates_max: usize,
    ) -> Vec<Ranked> {
        let Some(spelling) = Spelling::new(text.to_owned()) else { return Vec::new() };
        let filter = Filter { types: entity_type.into_iter().collect(), ..Filter::default() };
        let evidence = Evidence::default();
        let query = Query { spellings: vec![spelling], filter, evidence, profile: None };
        let options = Options { candidates_max, policy: Policy::default(), explain: false };
        let reader = self.index.reader();
        let candidates = matching::find(&reader, &query, &options, None).candidates;
        let ranked = candidates.into_iter().map(|candidate| Ranked {
            id: candidate.id.to_owned(),
            name: candidate.matched_name.to_owned(),
            score: candidate.score,
        });
        ranked.collect()
    }

    /// Bytes of the index.
    #[must_use]
    pub fn size(&self) -> usize {
        self.index.size()
    }

    /// Writes the index into a folder, which is made when it is not there.
    pub fn save(&self, folder: &Path) -> io::Result<()> {
        Folder::open(folder)?.save(&self.index).map(drop)
    }

    /// Maps the index of a folder.
    pub fn load(folder: &Path) -> io::Result<Self> {
        let index = Folder::open(folder)?.load().map_err(io::Error::other)?;
        Ok(Self { index })
    }
}

/// The lowest score of a match where nobody says otherwise.
#[must_use]
pub fn default_threshold() -> f64 {
    Policy::default().threshold
}
