//! Who is in a text: every entity with all spellings found and how often each.

use std::collections::BTreeMap;

use super::mention::{Annotated, Mention};

/// Entities and open mentions of some texts.
#[derive(Debug, Default)]
pub(super) struct Who {
    /// By canonical id; an open mention by its spelling.
    entries: BTreeMap<Key, Entry>,
    texts: usize,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Entity(String),
    Open(String),
}

/// An entity, or an open mention.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    /// Empty for an open mention.
    pub(super) canonical_id: String,
    /// Of an open mention: who it could mean.
    pub(super) name: String,
    /// `open` for an open mention.
    pub(super) r#type: &'static str,
    pub(super) mentions: usize,
    pub(super) texts: usize,
    /// In which text it was first found, and which mention of that text.
    pub(super) first: (usize, usize),
    /// Spellings with how often each was found.
    pub(super) spellings: BTreeMap<String, usize>,
    last_text: usize,
}

/// What an open mention has for a type.
pub(super) const OPEN: &str = "open";

impl Who {
    /// Counts the mentions of a text and returns its number, from 1.
    pub(super) fn add(&mut self, annotated: &Annotated) -> usize {
        self.texts += 1;
        for (at, mention) in annotated.mentions.iter().enumerate() {
            self.count(mention, at);
        }
        self.texts
    }

    fn count(&mut self, mention: &Mention, at: usize) {
        let text = self.texts;
        let spelling = one_line(&mention.surface);
        let key = match &mention.canonical_id {
            Some(id) => Key::Entity(id.clone()),
            None => Key::Open(spelling.clone()),
        };
        let entry = self.entries.entry(key).or_insert_with(|| Entry {
            canonical_id: mention.canonical_id.clone().unwrap_or_default(),
            name: mention.name.clone().unwrap_or_else(|| candidates(mention)),
            r#type: mention.r#type.unwrap_or(OPEN),
            first: (text, at),
            ..Entry::default()
        });
        entry.mentions += 1;
        entry.texts += usize::from(entry.last_text != text);
        entry.last_text = text;
        *entry.spellings.entry(spelling).or_default() += 1;
    }

    /// How many texts were added.
    pub(super) fn texts(&self) -> usize {
        self.texts
    }

    /// The entries, those with most mentions first.
    pub(super) fn entries(&self) -> Vec<&Entry> {
        let mut entries: Vec<&Entry> = self.entries.values().collect();
        entries.sort_by_key(|entry| (std::cmp::Reverse(entry.mentions), entry.first));
        entries
    }

    /// How many mentions there are of each type.
    pub(super) fn types(&self) -> BTreeMap<&'static str, usize> {
        let mut types = BTreeMap::new();
        for entry in self.entries.values() {
            *types.entry(entry.r#type).or_default() += entry.mentions;
        }
        types
    }
}

impl Entry {
    /// Spellings, the most frequent first.
    pub(super) fn by_frequency(&self) -> Vec<(&str, usize)> {
        let mut spellings: Vec<(&str, usize)> =
            self.spellings.iter().map(|(spelling, count)| (spelling.as_str(), *count)).collect();
        spellings.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        spellings
    }
}

fn candidates(mention: &Mention) -> String {
    let names: Vec<&str> = mention.candidates.iter().map(|could| could.name.as_str()).collect();
    names.join(" / ")
}

/// A line break inside a name is no spelling of its own.
fn one_line(surface: &str) -> String {
    surface.split_whitespace().collect::<Vec<_>>().join(" ")
}
