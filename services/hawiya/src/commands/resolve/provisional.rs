//! Joins the names of a run that nobody knows with each other: one person, three spellings, one id.
//!
//! The first unknown name founds a provisional entity; a later one gets its id when it has the same form
//! as any name that has it, or is alike enough to the founder. Only the founder is compared with: who is
//! like one who is like one need not be like the first. The id is the hash of the founder's form, so that
//! equal forms get one id in every run and every shard, unless a founder of another form came first.
//!
//! Memory has a limit: of names beyond [`NAMES_MAX`] forms only the equal ones are joined, by their hash.

use std::{collections::HashMap, io::Write};

use names::{MatchKind, Name, Probe};
use proto::vocabulary::EntityType;
use serde_json::json;
use xxhash_rust::xxh3::xxh3_64;

use super::{super::type_name, encoding::provisional_id};

/// Forms that are remembered.
pub(super) const NAMES_MAX: usize = 50_000;

/// Spellings that are kept of an entity; more are counted and not listed.
const SPELLINGS_MAX: usize = 20;

/// The lowest score of two names that are taken for one. Higher than that of a match in a catalogue:
/// nobody vouches for the founder.
const ALIKE_MIN: f64 = 0.9;

/// Classes a skeleton has at least to find a founder by; fewer are shared by strangers.
const CLASSES_MIN: usize = 3;

/// Founders that are kept under one key, and that a name is compared with.
const FOUNDERS_MAX: usize = 48;

/// The provisional entities of a run.
#[derive(Default)]
pub(super) struct Provisional {
    founders: Vec<Founder>,
    /// Founder by the hash of the form of any of its names.
    by_form: HashMap<u64, u32>,
    /// Founders by the hash of a skeleton, of the name and of each of its words.
    by_skeleton: HashMap<u64, Vec<u32>>,
    /// Mentions of names beyond the limit.
    unlisted: u64,
}

struct Founder {
    id: u64,
    imprint: Box<[u8]>,
    entity_type: EntityType,
    mentions: u64,
    spellings: Vec<(Box<str>, u64)>,
}

impl Provisional {
    /// The id of a name that nobody knows. The type is what its row hints at.
    pub(super) fn id(&mut self, text: &str, form: &str, entity_type: EntityType) -> u64 {
        let own = xxh3_64(form.as_bytes());
        let at = match self.by_form.get(&own) {
            Some(at) => *at,
            None if self.by_form.len() >= NAMES_MAX => {
                self.unlisted += 1;
                return own;
            }
            None => self.join_or_found(text, own, entity_type),
        };
        let founder = &mut self.founders[at as usize];
        founder.count(text);
        founder.id
    }

    fn join_or_found(&mut self, text: &str, own: u64, entity_type: EntityType) -> u32 {
        let name = Name::new(text);
        let keys = keys(&name);
        let at = self.alike(&name, &keys).unwrap_or_else(|| {
            let at = self.founders.len() as u32;
            let imprint = name.imprint().as_bytes().into();
            self.founders.push(Founder {
                id: own,
                imprint,
                entity_type,
                mentions: 0,
                spellings: Vec::new(),
            });
            for key in keys {
                let founders = self.by_skeleton.entry(key).or_default();
                if founders.len() < FOUNDERS_MAX {
                    founders.push(at);
                }
            }
            at
        });
        self.by_form.insert(own, at);
        at
    }

    /// The founder that a name is most alike; of equals the first.
    fn alike(&self, name: &Name, keys: &[u64]) -> Option<u32> {
        let mut found: Vec<u32> =
            keys.iter().filter_map(|key| self.by_skeleton.get(key)).flatten().copied().collect();
        found.sort_unstable();
        found.dedup();
        found.truncate(FOUNDERS_MAX);
        let mut probe = Probe::new(name);
        let mut best: Option<(u32, f64)> = None;
        for at in found {
            let imprint = names::Imprint::from_bytes(&self.founders[at as usize].imprint);
            let likeness = probe.similarity(imprint);
            // A surname alone may be anybody's of that name.
            let is_whole = !matches!(likeness.kind, MatchKind::Partial | MatchKind::Different);
            let is_best = best.is_none_or(|(_, score)| likeness.score > score);
            if is_whole && likeness.score >= ALIKE_MIN && is_best {
                best = Some((at, likeness.score));
            }
        }
        best.map(|(at, _)| at)
    }

    /// How many entities there are, and mentions of names beyond the limit.
    pub(super) fn counts(&self) -> (usize, u64) {
        (self.founders.len(), self.unlisted)
    }

    /// The entities as `hawiya import` reads them, the most frequent first. The primary name is the most
    /// frequent spelling; where rows hint at no type it is `other`, for a person to say.
    pub(super) fn write(&self, out: &mut impl Write) -> std::io::Result<()> {
        let mut order: Vec<&Founder> = self.founders.iter().collect();
        // Stable: of equal numbers of mentions the first that was found.
        order.sort_by_key(|founder| std::cmp::Reverse(founder.mentions));
        for founder in order {
            serde_json::to_writer(&mut *out, &founder.json())?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }
}

impl Founder {
    fn count(&mut self, text: &str) {
        self.mentions += 1;
        let known = self.spellings.iter().position(|(spelling, _)| &**spelling == text);
        match known {
            Some(at) => self.spellings[at].1 += 1,
            None if self.spellings.len() < SPELLINGS_MAX => self.spellings.push((text.into(), 1)),
            None => {}
        }
    }

    fn json(&self) -> serde_json::Value {
        let mut spellings: Vec<&(Box<str>, u64)> = self.spellings.iter().collect();
        spellings.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let name = |(at, (text, _)): (usize, &&(Box<str>, u64))| json!({"text": text, "kind": if at == 0 { "primary" } else { "alias" }});
        let names: Vec<_> = spellings.iter().enumerate().map(name).collect();
        let counts: Vec<String> =
            spellings.iter().map(|(text, count)| format!("{count} {text}")).collect();
        let entity_type = match self.entity_type {
            EntityType::Unspecified => EntityType::Other,
            known => known,
        };
        json!({
            "id": provisional_id(self.id),
            "type": type_name(entity_type),
            "names": names,
            "attributes": {
                "mentions": self.mentions.to_string(),
                "spellings": fitted(&counts.join("; ")),
            },
        })
    }
}

/// As much of a text as an attribute may have.
fn fitted(text: &str) -> String {
    const CHARS_MAX: usize = 2_000;
    text.chars().take(CHARS_MAX).collect()
}

/// The keys under which a name finds founders: its skeleton, and those of the words that carry it.
fn keys(name: &Name) -> Vec<u64> {
    let words = name.tokens().iter().filter(|token| token.role().carries_name());
    let skeletons = words.map(names::Token::skeleton).chain([name.skeleton()]);
    let telling = skeletons.filter(|skeleton| skeleton.chars().count() >= CLASSES_MIN);
    let mut keys: Vec<u64> = telling.map(|skeleton| xxh3_64(skeleton.as_bytes())).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(provisional: &mut Provisional, text: &str) -> u64 {
        let form = Name::new(text).form().to_owned();
        provisional.id(text, &form, EntityType::Unspecified)
    }

    #[test]
    fn spellings_of_one_name_that_nobody_knows_get_one_id() {
        let mut provisional = Provisional::default();
        let first = id(&mut provisional, "غريغوري زابوروجنكو");
        for spelling in ["جريجوري زابوروجنكو", "غريغوري زابوروجينكو", "غريغورى زابوروجنكو"]
        {
            assert_eq!(id(&mut provisional, spelling), first, "{spelling}");
        }
        assert_eq!(provisional.counts(), (1, 0));
        assert_eq!(first, xxh3_64(Name::new("جريجوري زابوروجنكو").form().as_bytes()));
    }

    #[test]
    fn strangers_and_bare_surnames_stay_apart() {
        let mut provisional = Provisional::default();
        let names = ["غريغوري زابوروجنكو", "زابوروجنكو", "أندريه زابوروجنكو", "غريغوري مستيسلافسكي"];
        let mut ids: Vec<u64> = names.iter().map(|name| id(&mut provisional, name)).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), names.len());
    }

    #[test]
    fn beyond_the_limit_equal_forms_are_still_joined() {
        let mut provisional = Provisional::default();
        for number in 0..NAMES_MAX as u64 {
            provisional.by_form.insert(number, 0);
        }
        let first = id(&mut provisional, "غريغوري زابوروجنكو");
        assert_eq!(id(&mut provisional, "جريجوري زابوروجنكو"), first);
        assert_eq!(provisional.counts(), (0, 2));
    }

    #[test]
    fn new_entities_can_be_imported() {
        let mut provisional = Provisional::default();
        for spelling in ["قطرب زعبل", "زابوروجنكو", "زابوروجينكو", "زابوروجينكو"]
        {
            id(&mut provisional, spelling);
        }
        let mut text = Vec::new();
        provisional.write(&mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        let entities: Vec<_> =
            text.lines().map(|line| crate::import::entity(line).unwrap()).collect();
        assert_eq!(entities.len(), 2, "{text}");
        assert_eq!(&*entities[0].names[0].text, "زابوروجينكو");
        assert_eq!(entities[0].attributes["mentions"], "3");
        assert_eq!(entities[0].attributes["spellings"], "2 زابوروجينكو; 1 زابوروجنكو");
    }
}
