//! The catalogue that annotated articles are about, and what is found of it in running text.

use std::{
    collections::HashMap,
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use anyhow::Context;
use matcher::local::{Entity, Local, Overlap};

use super::entity_type_named;
use crate::starter;

/// A mention that was found, in bytes of the text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    pub(super) start: usize,
    pub(super) end: usize,
    /// None: ambiguous.
    pub(super) id: Option<String>,
    pub(super) score: f64,
}

/// The type and the primary name of entities, by id.
pub(super) type Known = HashMap<String, (&'static str, String)>;

/// A catalogue, indexed in this process.
pub(super) struct Annotator {
    local: Local,
    known: Known,
}

impl Annotator {
    /// Reads a catalogue as `hawiya export` writes it; the starter catalogue when none is named.
    pub(super) fn read(catalogue: Option<&Path>) -> anyhow::Result<Self> {
        let mut entities = Vec::new();
        match catalogue {
            None => {
                for line in starter::lines() {
                    entities.push(serde_json::from_str(line)?);
                }
            }
            Some(path) => {
                let shown = path.display();
                let file = File::open(path).with_context(|| format!("cannot open `{shown}`"))?;
                for (line, number) in BufReader::new(file).lines().zip(1..) {
                    let line = line.with_context(|| format!("cannot read `{shown}`"))?;
                    let wrong = || format!("`{shown}:{number}` is no entity");
                    entities.push(serde_json::from_str(&line).with_context(wrong)?);
                }
            }
        }
        Ok(Self::new(entities))
    }

    fn new(entities: Vec<registry::Entity>) -> Self {
        let known = entities.iter().map(|entity| {
            let name = entity.names.first().map(|name| name.text.clone()).unwrap_or_default();
            (entity.id.clone(), (entity.r#type.name(), name))
        });
        let known = known.collect();
        Self { local: Local::new(entities.iter().map(indexed)), known }
    }

    pub(super) fn known(&self) -> &Known {
        &self.known
    }

    /// The mentions in each text.
    pub(super) fn find(&self, texts: &[&str]) -> Vec<Vec<Found>> {
        let mention = |mention: matcher::local::Mention| {
            let best = mention.entities.into_iter().next();
            Found {
                start: mention.span.bytes.start as usize,
                end: mention.span.bytes.end as usize,
                score: best.as_ref().map_or(0.0, |entity| entity.score),
                id: mention.ground.and(best).map(|entity| entity.id),
            }
        };
        let found = self.local.annotate(texts, Overlap::Longest).into_iter();
        found.map(|mentions| mentions.into_iter().map(mention).collect()).collect()
    }
}

fn indexed(entity: &registry::Entity) -> Entity {
    Entity {
        id: entity.id.clone(),
        entity_type: entity_type_named(entity.r#type.name()),
        names: entity.names.iter().map(|name| name.text.clone()).collect(),
        country: entity.country.clone(),
        prominence: entity.prominence,
    }
}
