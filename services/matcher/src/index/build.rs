//! Makes a segment of entities.

use std::collections::HashMap;

use bytemuck::Pod;
use names::Name;

use super::{
    keys::{form_key, key, near_keys, telling},
    segment::{ALIGNMENT, Details, HEAD, MAGIC, Mark, SECTIONS, Section, Segment},
};
use crate::entity::Entity;

/// Names of one entity that are indexed; the registry admits as many.
const POSITIONS_MAX: usize = 1_000;

/// Gathers entities, each once, and makes a segment of them. Two to five microseconds a name.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    entities: Vec<Entity>,
}

impl Builder {
    pub(crate) fn push(&mut self, entity: Entity) {
        self.entities.push(entity);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entities.is_empty()
    }

    pub(crate) fn build(mut self) -> Segment {
        self.entities.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        let names = Names::of(&self.entities);
        let mut writer = Writer::new();
        names.write(&mut writer);
        write_entities(&self.entities, &mut writer);
        writer.finish()
    }
}

/// One name, before its place among the names is known.
struct Made {
    skeleton_key: u32,
    form_key: u32,
    mark: Mark,
    entity: u32,
    position: u16,
}

#[derive(Default)]
struct Names {
    made: Vec<Made>,
    imprint_ends: Vec<usize>,
    imprints: Vec<u8>,
    /// A key and the name that has it.
    words: Vec<(u32, u32)>,
    classes: Vec<(u32, u32)>,
    /// Every skeleton of a word by its key.
    skeletons: HashMap<u32, Box<str>>,
}

impl Names {
    fn of(entities: &[Entity]) -> Self {
        let mut names = Self::default();
        for (at, entity) in entities.iter().enumerate() {
            for (position, text) in entity.names.iter().take(POSITIONS_MAX).enumerate() {
                let name = Name::new(text);
                if !name.is_empty() {
                    let mark = Mark::new(name.sounds(), entity.prominence, &entity.id, position);
                    names.push(&name, at as u32, position as u16, mark);
                }
            }
        }
        names
    }

    fn push(&mut self, name: &Name, entity: u32, position: u16, mark: Mark) {
        let at = self.made.len() as u32;
        self.made.push(Made {
            skeleton_key: key(name.skeleton()).unwrap_or(0),
            form_key: form_key(name),
            mark,
            entity,
            position,
        });
        self.imprints.extend_from_slice(name.imprint().as_bytes());
        self.imprint_ends.push(self.imprints.len());
        for token in telling(name) {
            self.words.extend(key(token.stem()).map(|key| (key, at)));
            let Some(class_key) = key(token.skeleton()) else { continue };
            self.classes.push((class_key, at));
            self.skeletons.entry(class_key).or_insert_with(|| token.skeleton().into());
        }
    }

    fn write(self, writer: &mut Writer) {
        let mut order: Vec<u32> = (0..self.made.len() as u32).collect();
        order.sort_by_key(|at| self.made[*at as usize].skeleton_key);
        let mut place = vec![0; order.len()];
        for (at, name) in order.iter().enumerate() {
            place[*name as usize] = at as u32;
        }
        let made = || order.iter().map(|name| &self.made[*name as usize]);
        writer.put(Section::SkeletonKeys, made().map(|name| name.skeleton_key));
        writer.put(Section::Marks, made().map(|name| name.mark));
        writer.put(Section::NameEntities, made().map(|name| name.entity));
        writer.put(Section::NamePositions, made().map(|name| name.position));
        let imprint = |name: &u32| {
            let at = *name as usize;
            let start = if at == 0 { 0 } else { self.imprint_ends[at - 1] };
            &self.imprints[start..self.imprint_ends[at]]
        };
        writer.put_texts(Section::ImprintEnds, Section::Imprints, order.iter().map(imprint));
        let mut forms: Vec<(u32, u32)> =
            self.made.iter().zip(&place).map(|(name, at)| (name.form_key, *at)).collect();
        forms.sort_unstable();
        writer.put(Section::FormKeys, forms.iter().map(|(key, _)| *key));
        writer.put(Section::FormNames, forms.iter().map(|(_, name)| *name));
        let sections = [Section::WordKeys, Section::WordEnds, Section::WordNames];
        writer.put_postings(sections, self.words, &place);
        let sections = [Section::ClassKeys, Section::ClassEnds, Section::ClassNames];
        let class_keys = writer.put_postings(sections, self.classes, &place);
        let near = near(&class_keys, &self.skeletons);
        writer.put(Section::NearKeys, near.iter().map(|(key, _)| *key));
        writer.put(Section::NearClasses, near.iter().map(|(_, classes)| *classes));
    }
}

/// What each skeleton leaves, and its place among the keys.
fn near(class_keys: &[u32], skeletons: &HashMap<u32, Box<str>>) -> Vec<(u32, u32)> {
    let mut near = Vec::new();
    for (at, class_key) in class_keys.iter().enumerate() {
        let Some(skeleton) = skeletons.get(class_key) else { continue };
        near_keys(skeleton, |key| near.push((key, at as u32)));
    }
    near.sort_unstable();
    near
}

fn write_entities(entities: &[Entity], writer: &mut Writer) {
    writer.put_texts(
        Section::IdEnds,
        Section::Ids,
        entities.iter().map(|entity| entity.id.as_bytes()),
    );
    let entity_type = |entity: &Entity| u8::try_from(i32::from(entity.entity_type)).unwrap_or(0);
    writer.put(Section::Types, entities.iter().map(entity_type));
    writer.put(Section::Countries, entities.iter().map(|entity| country(&entity.country)));
    let mut datasets = Datasets::default();
    writer.put(Section::Datasets, entities.iter().map(|entity| datasets.place(&entity.dataset)));
    writer.put(Section::Prominences, entities.iter().map(|entity| entity.prominence));
    let first_names = entities.iter().scan(0, |next, entity| {
        let first = *next;
        *next += entity.names.len() as u32;
        Some(first)
    });
    writer.put(Section::FirstNames, first_names);
    let texts = entities.iter().flat_map(|entity| &entity.names).map(String::as_bytes);
    writer.put_texts(Section::TextEnds, Section::Texts, texts);
    let details: Vec<Vec<u8>> = entities.iter().map(details).collect();
    writer.put_texts(Section::DetailEnds, Section::Details, details.iter().map(Vec::as_slice));
    writer.put(Section::DatasetNames, datasets.names.into_bytes().into_iter());
}

/// A country as a number; 0 for none.
pub(super) fn country(code: &str) -> u16 {
    code.as_bytes().try_into().map_or(0, u16::from_le_bytes)
}

/// Empty for an entity that has none.
fn details(entity: &Entity) -> Vec<u8> {
    let details = Details {
        birth_date: entity.birth_date,
        founding_date: entity.founding_date,
        gender: entity.gender.into(),
        external_ids: entity.external_ids.clone(),
    };
    if details == Details::default() {
        return Vec::new();
    }
    serde_json::to_vec(&details).unwrap_or_default()
}

/// Datasets by their places. A segment of more than 65,535 datasets knows the first of them.
#[derive(Default)]
struct Datasets<'a> {
    places: HashMap<&'a str, u16>,
    /// A line each.
    names: String,
}

impl<'a> Datasets<'a> {
    fn place(&mut self, dataset: &'a str) -> u16 {
        let next = u16::try_from(self.places.len()).unwrap_or(u16::MAX);
        *self.places.entry(dataset).or_insert_with(|| {
            self.names.push_str(dataset);
            self.names.push('\n');
            next
        })
    }
}

/// Writes the sections one after another.
struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    fn new() -> Self {
        let mut bytes = vec![0; HEAD];
        bytes[..MAGIC.len()].copy_from_slice(&MAGIC);
        Self { bytes }
    }

    fn put<T: Pod>(&mut self, section: Section, numbers: impl Iterator<Item = T>) {
        let start = self.bytes.len();
        numbers.for_each(|number| self.bytes.extend_from_slice(bytemuck::bytes_of(&number)));
        let length = self.bytes.len() - start;
        let head = MAGIC.len() + section as usize * 16;
        self.bytes[head..head + 8].copy_from_slice(&(start as u64).to_le_bytes());
        self.bytes[head + 8..head + 16].copy_from_slice(&(length as u64).to_le_bytes());
        self.bytes.resize(self.bytes.len().next_multiple_of(ALIGNMENT), 0);
    }

    fn put_texts<'a>(
        &mut self,
        ends: Section,
        section: Section,
        texts: impl Iterator<Item = &'a [u8]> + Clone,
    ) {
        let mut end = 0;
        let all = texts.clone().map(|text| {
            end += text.len() as u32;
            end
        });
        self.put(ends, all);
        self.put(section, texts.flatten().copied());
    }

    /// Writes lists of names by key; the keys in their order.
    fn put_postings(
        &mut self,
        [keys_section, ends_section, names_section]: [Section; 3],
        mut pairs: Vec<(u32, u32)>,
        place: &[u32],
    ) -> Vec<u32> {
        pairs.iter_mut().for_each(|(_, name)| *name = place[*name as usize]);
        pairs.sort_unstable();
        // A name may have a word twice.
        pairs.dedup();
        let (mut keys, mut ends): (Vec<u32>, Vec<u32>) = (Vec::new(), Vec::new());
        for (at, (key, _)) in pairs.iter().enumerate() {
            if keys.last() != Some(key) {
                keys.push(*key);
                ends.push(0);
            }
            ends[keys.len() - 1] = at as u32 + 1;
        }
        self.put(keys_section, keys.iter().copied());
        self.put(ends_section, ends.iter().copied());
        self.put(names_section, pairs.iter().map(|(_, name)| *name));
        keys
    }

    fn finish(self) -> Segment {
        // The head is a multiple of eight bytes, and so is every section.
        const { assert!(HEAD.is_multiple_of(ALIGNMENT) && SECTIONS > 0) };
        Segment::owned(bytemuck::allocation::pod_collect_to_vec(&self.bytes).into())
    }
}
