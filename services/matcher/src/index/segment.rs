//! A segment: some entities with their names and keys, written once and read where it lies.
//!
//! One run of bytes, in memory or mapped from a file: a head, then sections of plain numbers and texts, each
//! from a multiple of eight bytes on. Names are numbered in the order of the key of their skeleton, so that
//! those of one skeleton lie together; entities in the order of their ids. `build.rs` writes it.

use std::sync::{Arc, OnceLock};

use bytemuck::{Pod, Zeroable};
use mapped::Mapped;
use names::Imprint;
use proto::vocabulary::{EntityType, Gender};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::automaton::Automaton;
use crate::entity::{Entity, ExternalId, PartialDate};

/// The first bytes of every segment: what it is, and the version of its layout.
pub(super) const MAGIC: [u8; 8] = *b"HAWIYA\x00\x04";

/// The parts of a segment, in their order in the file. `Ends` say where the texts of a section end.
#[derive(Clone, Copy)]
#[repr(usize)]
pub(super) enum Section {
    SkeletonKeys,
    Marks,
    NameEntities,
    NamePositions,
    ImprintEnds,
    Imprints,
    FormKeys,
    FormNames,
    WordKeys,
    WordEnds,
    WordNames,
    ClassKeys,
    ClassEnds,
    ClassNames,
    NearKeys,
    NearClasses,
    IdEnds,
    Ids,
    Types,
    Countries,
    Datasets,
    Prominences,
    FirstNames,
    TextEnds,
    Texts,
    DetailEnds,
    Details,
    DatasetNames,
}

/// How many sections there are.
pub(super) const SECTIONS: usize = Section::DatasetNames as usize + 1;

/// Where the first section starts: after the magic and two numbers a section.
pub(super) const HEAD: usize = MAGIC.len() + SECTIONS * 16;

/// Sections start at multiples of it.
pub(super) const ALIGNMENT: usize = 8;

/// What a name is ranked by before it is scored, in one number, because it is looked at for every name that is
/// found: its sounds, a bit each, and above them a tie.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(transparent)]
pub(super) struct Mark(u64);

impl Mark {
    /// `Name::sounds` are bits below this one.
    const TIE_AT: u32 = 48;

    /// A tie is the prominence of the entity, and then a number that depends on nothing but its id and the
    /// name's place among its names: of names that are as promising the same are scored in whatever segments
    /// they are, and the most prominent are among them.
    pub(super) fn new(sounds: u64, prominence: f64, id: &str, position: usize) -> Self {
        let prominence = (prominence.clamp(0.0, 1.0) * 63.0) as u64;
        let chance = xxh3_64_with_seed(id.as_bytes(), position as u64) & 0x3ff;
        Self((prominence << 10 | chance) << Self::TIE_AT | sounds & Self::SOUNDS)
    }

    const SOUNDS: u64 = (1 << Self::TIE_AT) - 1;

    /// How many sounds only one of two has.
    pub(super) fn differing(self, sounds: u64) -> u32 {
        ((self.0 ^ sounds) & Self::SOUNDS).count_ones()
    }

    pub(super) fn tie(self) -> u16 {
        (self.0 >> Self::TIE_AT) as u16
    }
}

/// What evidence is weighed against and few entities have.
#[derive(Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Details {
    pub(super) birth_date: Option<PartialDate>,
    pub(super) founding_date: Option<PartialDate>,
    pub(super) gender: i32,
    pub(super) external_ids: Vec<ExternalId>,
}

/// A segment, wherever its bytes are.
#[derive(Clone, Debug)]
pub(crate) struct Segment(Arc<Kept>);

#[derive(Debug)]
struct Kept {
    bytes: Bytes,
    checksum: OnceLock<String>,
    automaton: OnceLock<Automaton>,
}

#[derive(Debug)]
enum Bytes {
    /// In words of eight bytes, for the alignment.
    Owned(Box<[u64]>),
    Mapped(Mapped),
}

impl Segment {
    /// A segment in memory, as `build.rs` writes it.
    pub(super) fn owned(words: Box<[u64]>) -> Self {
        Self::new(Bytes::Owned(words))
    }

    /// A segment in a file; nothing if it is no segment of this layout.
    pub(super) fn mapped(file: Mapped) -> Option<Self> {
        let is_segment = file.len() >= HEAD && file.starts_with(&MAGIC);
        is_segment.then(|| Self::new(Bytes::Mapped(file)))
    }

    fn new(bytes: Bytes) -> Self {
        Self(Arc::new(Kept { bytes, checksum: OnceLock::new(), automaton: OnceLock::new() }))
    }

    /// All of it, to be written to a file.
    pub(super) fn bytes(&self) -> &[u8] {
        match &self.0.bytes {
            Bytes::Owned(words) => bytemuck::cast_slice(words),
            Bytes::Mapped(file) => file,
        }
    }

    /// Whether it lies in a file.
    pub(super) fn is_mapped(&self) -> bool {
        matches!(self.0.bytes, Bytes::Mapped(_))
    }

    /// What `checksum` says of it, which is asked once.
    pub(super) fn checksum(&self, checksum: impl FnOnce(&[u8]) -> String) -> &str {
        self.0.checksum.get_or_init(|| checksum(self.bytes()))
    }

    /// The paths of its names. Made when it is first asked for, which takes a third of a microsecond a name.
    pub(super) fn automaton(&self) -> &Automaton {
        self.0.automaton.get_or_init(|| Automaton::of(&self.view()))
    }

    /// Whether both are one and not merely equal.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The segment with all sections found: a few dozen nanoseconds, so once a query.
    pub(super) fn view(&self) -> View<'_> {
        View::new(self.bytes())
    }
}

/// The sections of a segment.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    /// By name, ascending: the key of its skeleton.
    pub(super) skeleton_keys: &'a [u32],
    /// By name: what it is ranked by, see [`Mark`].
    pub(super) marks: &'a [Mark],
    /// By name: its entity.
    pub(super) name_entities: &'a [u32],
    /// By name: its place among the names of the entity.
    name_positions: &'a [u16],
    imprints: Texts<'a>,
    /// Keys of forms, ascending, and beside each the name that has it.
    pub(super) form_keys: &'a [u32],
    pub(super) form_names: &'a [u32],
    /// The names of each stem of a word.
    pub(super) words: Postings<'a>,
    /// The names of each skeleton of a word.
    pub(super) classes: Postings<'a>,
    /// What skeletons of words leave when at most one class is taken, ascending, and beside each which skeleton.
    pub(super) near_keys: &'a [u32],
    pub(super) near_classes: &'a [u32],
    ids: Texts<'a>,
    pub(super) types: &'a [u8],
    /// Two letters; 0 for none.
    pub(super) countries: &'a [u16],
    /// Places in `dataset_names`.
    pub(super) datasets: &'a [u16],
    pub(super) prominences: &'a [f64],
    first_names: &'a [u32],
    texts: Texts<'a>,
    details: Texts<'a>,
    dataset_names: &'a [u8],
}

impl<'a> View<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        use Section as S;
        Self {
            skeleton_keys: section(bytes, S::SkeletonKeys),
            marks: section(bytes, S::Marks),
            name_entities: section(bytes, S::NameEntities),
            name_positions: section(bytes, S::NamePositions),
            imprints: Texts::new(bytes, S::ImprintEnds, S::Imprints),
            form_keys: section(bytes, S::FormKeys),
            form_names: section(bytes, S::FormNames),
            words: Postings::new(bytes, S::WordKeys, S::WordEnds, S::WordNames),
            classes: Postings::new(bytes, S::ClassKeys, S::ClassEnds, S::ClassNames),
            near_keys: section(bytes, S::NearKeys),
            near_classes: section(bytes, S::NearClasses),
            ids: Texts::new(bytes, S::IdEnds, S::Ids),
            types: section(bytes, S::Types),
            countries: section(bytes, S::Countries),
            datasets: section(bytes, S::Datasets),
            prominences: section(bytes, S::Prominences),
            first_names: section(bytes, S::FirstNames),
            texts: Texts::new(bytes, S::TextEnds, S::Texts),
            details: Texts::new(bytes, S::DetailEnds, S::Details),
            dataset_names: section(bytes, S::DatasetNames),
        }
    }

    pub(super) fn entity_count(&self) -> usize {
        self.types.len()
    }

    pub(super) fn imprint(&self, name: u32) -> Imprint<'a> {
        Imprint::from_bytes(self.imprints.bytes(name))
    }

    /// Where a name stands among the names of its entity.
    pub(super) fn position(&self, name: u32) -> u16 {
        self.name_positions[name as usize]
    }

    /// A name as the catalogue writes it.
    pub(super) fn text(&self, name: u32) -> &'a str {
        let (entity, position) =
            (self.name_entities[name as usize], self.name_positions[name as usize]);
        self.texts.text(self.first_names[entity as usize] + u32::from(position))
    }

    pub(super) fn id(&self, entity: u32) -> &'a str {
        self.ids.text(entity)
    }

    pub(super) fn id_bytes(&self, entity: u32) -> &'a [u8] {
        self.ids.bytes(entity)
    }

    pub(super) fn primary_name(&self, entity: u32) -> &'a str {
        self.texts.text(self.first_names[entity as usize])
    }

    pub(super) fn entity_type(&self, entity: u32) -> EntityType {
        EntityType::try_from(i32::from(self.types[entity as usize])).unwrap_or_default()
    }

    pub(super) fn country(&self, entity: u32) -> String {
        let letters = self.countries[entity as usize].to_le_bytes();
        letters.iter().filter(|letter| **letter > 0).map(|letter| char::from(*letter)).collect()
    }

    /// Where an entity stands, if it is here.
    pub(super) fn find(&self, id: &str) -> Option<u32> {
        let (mut low, mut high) = (0, self.entity_count() as u32);
        while low < high {
            let middle = low.midpoint(high);
            match self.id_bytes(middle).cmp(id.as_bytes()) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// The names of datasets, in the order of their places.
    pub(super) fn dataset_names(&self) -> impl Iterator<Item = &'a str> {
        text(self.dataset_names).split_terminator('\n')
    }

    /// Number of all names.
    pub(super) fn name_count(&self) -> usize {
        self.texts.ends.len()
    }

    /// Number of names of an entity.
    pub(super) fn names_of(&self, entity: u32) -> usize {
        self.texts_of(entity).len()
    }

    fn texts_of(&self, entity: u32) -> std::ops::Range<u32> {
        let at = entity as usize;
        let end = self.first_names.get(at + 1).copied().unwrap_or(self.texts.ends.len() as u32);
        self.first_names[at]..end
    }

    /// Everything that is known of an entity.
    pub(super) fn entity(&self, entity: u32) -> Entity {
        let details: Details =
            serde_json::from_slice(self.details.bytes(entity)).unwrap_or_default();
        let at = entity as usize;
        let dataset = self.dataset_names().nth(usize::from(self.datasets[at]));
        Entity {
            id: self.id(entity).to_owned(),
            entity_type: self.entity_type(entity),
            names: self.texts_of(entity).map(|at| self.texts.text(at).to_owned()).collect(),
            country: self.country(entity),
            dataset: dataset.unwrap_or_default().to_owned(),
            birth_date: details.birth_date,
            founding_date: details.founding_date,
            gender: Gender::try_from(details.gender).unwrap_or_default(),
            external_ids: details.external_ids,
            prominence: self.prominences[at],
        }
    }
}

/// Texts behind each other.
#[derive(Clone, Copy)]
struct Texts<'a> {
    ends: &'a [u32],
    bytes: &'a [u8],
}

impl<'a> Texts<'a> {
    fn new(bytes: &'a [u8], ends: Section, texts: Section) -> Self {
        Self { ends: section(bytes, ends), bytes: section(bytes, texts) }
    }

    fn bytes(&self, at: u32) -> &'a [u8] {
        let at = at as usize;
        let start = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        self.bytes.get(start..self.ends[at] as usize).unwrap_or_default()
    }

    fn text(&self, at: u32) -> &'a str {
        text(self.bytes(at))
    }
}

/// Lists of names by key.
#[derive(Clone, Copy)]
pub(super) struct Postings<'a> {
    /// Ascending.
    keys: &'a [u32],
    ends: &'a [u32],
    names: &'a [u32],
}

impl<'a> Postings<'a> {
    fn new(bytes: &'a [u8], keys: Section, ends: Section, names: Section) -> Self {
        Self {
            keys: section(bytes, keys),
            ends: section(bytes, ends),
            names: section(bytes, names),
        }
    }

    /// The names of a key; none when nothing has it.
    pub(super) fn of(&self, key: u32) -> &'a [u32] {
        self.keys.binary_search(&key).map_or(&[], |at| self.at(at as u32))
    }

    /// Where a key stands.
    pub(super) fn place(&self, key: u32) -> Option<u32> {
        self.keys.binary_search(&key).ok().map(|at| at as u32)
    }

    /// The names of the key in a place.
    pub(super) fn at(&self, at: u32) -> &'a [u32] {
        let at = at as usize;
        let start = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        &self.names[start..self.ends[at] as usize]
    }
}

/// The places of a key among ascending keys, of which several may be equal.
pub(super) fn places(keys: &[u32], key: u32) -> std::ops::Range<usize> {
    let start = keys.partition_point(|other| *other < key);
    let is_same = |at: usize| keys.get(at) == Some(&key);
    // Most keys are there only a few times: looked for in steps that double.
    let mut step = 1;
    while is_same(start + step) {
        step *= 2;
    }
    let (known, rest) = (start + step / 2, (start + step).min(keys.len()));
    let same = keys[known..rest].partition_point(|other| *other == key);
    start..known + same
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// The numbers of a section; none where the head is wrong.
fn section<T: Pod>(bytes: &[u8], section: Section) -> &[T] {
    let number = |at: usize| -> Option<usize> {
        let number = bytes.get(at..at + 8)?.try_into().ok()?;
        usize::try_from(u64::from_le_bytes(number)).ok()
    };
    let head = MAGIC.len() + section as usize * 16;
    let found = number(head).zip(number(head + 8));
    let part = found.and_then(|(start, length)| bytes.get(start..start.checked_add(length)?));
    part.and_then(|part| bytemuck::try_cast_slice(part).ok()).unwrap_or_default()
}
