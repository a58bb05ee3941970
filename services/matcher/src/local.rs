//! The matcher without a server: entities are indexed once and names are asked, in this process.
//!
//! It finds, scores and orders exactly as the service does, and leaves out what needs a catalogue
//! that changes: versions, filters beyond the type, evidence, verdicts.

use std::{collections::BTreeMap, io, path::Path};

use proto::vocabulary::EntityType;

use crate::{
    annotate, entity,
    index::{Builder, Index, Origin, disk::Folder},
    matching,
    query::{Evidence, Filter, Options, Policy, Query, Spelling},
    verdict,
};

pub use crate::annotate::{Ground, Overlap};

/// An entity to be found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entity {
    /// Unique among the entities.
    pub id: String,
    /// What it is; UNSPECIFIED says nothing.
    pub entity_type: EntityType,
    /// At least one; the first is the primary one.
    pub names: Vec<String>,
    /// ISO 3166-1 alpha-2, or empty. Only annotating asks for it.
    pub country: String,
    /// 0.0 to 1.0.
    pub prominence: f64,
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

/// A mention in a running text.
#[derive(Clone, Debug, PartialEq)]
pub struct Mention {
    /// Where it stands, without proclitics.
    pub span: names::Span,
    /// The proclitics before it; empty when there are none.
    pub clitics: String,
    /// What settled that the first of `entities` is meant; nothing when the mention is ambiguous.
    pub ground: Option<Ground>,
    /// The fuller mention it is short for, by its position in the answer.
    pub bound_to: Option<usize>,
    /// What it means, then what else it could mean.
    pub entities: Vec<Ranked>,
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
///     ..Entity::default()
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
        for Entity { id, entity_type, names, country, prominence } in entities {
            let entity = entity::Entity {
                id,
                entity_type,
                names,
                country,
                prominence,
                ..entity::Entity::default()
            };
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
        candidates.into_iter().map(Ranked::from).collect()
    }

    /// The mentions in running texts, as many lists as texts; each by first byte, of those that start together
    /// the longest first. A few microseconds a word; what is known about a word is kept for the texts to come.
    #[must_use]
    pub fn annotate(&self, texts: &[&str], overlap: Overlap) -> Vec<Vec<Mention>> {
        let reader = self.index.reader();
        let filter = Filter::default();
        let options = annotate::Options { overlap, ..annotate::Options::default() };
        let mut annotator = annotate::Annotator::new(&reader, &filter, &options);
        let mention = |mention: annotate::Mention<'_>| Mention {
            span: mention.span,
            clitics: mention.clitics,
            ground: mention.ground,
            bound_to: mention.bound_to,
            entities: mention.candidates.into_iter().map(Ranked::from).collect(),
        };
        // Nobody waits here: there is always time.
        let found = texts.iter().map(|text| annotator.annotate(text, &|| true).unwrap_or_default());
        found.map(|mentions| mentions.into_iter().map(mention).collect()).collect()
    }

    /// The same, with nothing learned of words.
    #[cfg(test)]
    pub(crate) fn with_empty_memory(&self) -> Self {
        Self { index: self.index.after(Vec::new(), self.index.origin.clone()) }
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

impl From<verdict::Candidate<'_>> for Ranked {
    fn from(candidate: verdict::Candidate<'_>) -> Self {
        Self {
            id: candidate.id.to_owned(),
            name: candidate.matched_name.to_owned(),
            score: candidate.score,
        }
    }
}

/// The lowest score of a match where nobody says otherwise.
#[must_use]
pub fn default_threshold() -> f64 {
    Policy::default().threshold
}
