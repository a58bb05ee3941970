//! All names of a segment at once, as one automaton over the consonants of running words.
//!
//! A name is the path of its classes, word behind word without spaces, so that بيونغ يانغ and بيونغيانغ are one
//! path. Every beginning of a path is kept as a hash: a text is followed from a word on for as long as some name
//! goes on like it, and that is a look into one table a word. What a path finds is only promising; names that are
//! found are compared.
//!
//! It is made of the imprints when a segment is first asked about a text, in a third of a microsecond a name, and
//! is not kept on disk: a second structure in the file would have to agree with the first.

use std::collections::HashMap;

use names::{ImprintWord, Name, Script};
use proto::vocabulary::EntityType;

use super::{keys::key, segment::View};

/// The classes of a longer name beyond these are not followed.
const CLASSES_MAX: u8 = 48;

/// The most names of one path that are compared.
const NAMES_OF_PATH_MAX: usize = 64;

/// The consonants that have been read, as a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    hash: u64,
    last: u8,
    classes: u8,
}

impl Path {
    /// Nothing has been read.
    pub(crate) const START: Self = Self { hash: 0xcbf2_9ce4_8422_2325, last: 0, classes: 0 };

    /// The path with the next word: without its article, and without what spellings differ in most. Sees every
    /// step on the way.
    pub(crate) fn with(self, word: &ImprintWord<'_>, mut see: impl FnMut(Self)) -> Self {
        let mut classes = word.classes;
        if word.has_article {
            classes = classes.strip_prefix(b"AL").unwrap_or(classes);
        }
        let mut path = self;
        for class in classes {
            let is_first = path.classes == 0;
            let class = match class {
                b'K' => b'G',
                // Where a word begins is a matter of spaces.
                b'A' | b'H' if !is_first => continue,
                class => *class,
            };
            if class == path.last || path.classes == CLASSES_MAX {
                continue;
            }
            path.hash = (path.hash ^ u64::from(class)).wrapping_mul(0x0000_0100_0000_01b3);
            path.last = class;
            path.classes += 1;
            see(path);
        }
        path
    }

    /// Whether nothing has been read.
    pub(crate) fn is_empty(self) -> bool {
        self.classes == 0
    }

    /// Never 0.
    fn key(self) -> u32 {
        ((self.hash ^ self.hash >> 32) as u32).max(1)
    }
}

/// The paths of the names of a segment.
#[derive(Debug, Default)]
pub(super) struct Automaton {
    slots: Box<[Slot]>,
    /// Runs: how many names have several words and how many have one, then these and those.
    names: Box<[u32]>,
    /// What is left of a country's Arabic name when it becomes an adjective, and the country.
    adjectives: HashMap<u32, u16>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    /// 0: empty.
    key: u32,
    /// Where the names of the path stand, after the count of them; 0: no name ends here.
    names: u32,
}

impl Automaton {
    pub(super) fn of(view: &View<'_>) -> Self {
        let (mut begun, mut ended) = (Vec::new(), Vec::new());
        for name in 0..view.marks.len() as u32 {
            let mut path = Path::START;
            for word in view.imprint(name).words() {
                path = path.with(&word, |step| begun.push(step.key()));
            }
            if !path.is_empty() {
                let is_single = view.imprint(name).words().len() == 1;
                ended.push((path.key(), is_single, name));
            }
        }
        begun.sort_unstable();
        begun.dedup();
        ended.sort_unstable();
        let mut automaton = Self {
            slots: vec![Slot::default(); (begun.len() * 2).next_power_of_two()].into(),
            adjectives: adjectives(view),
            ..Self::default()
        };
        begun.iter().for_each(|key| automaton.slot_mut(*key).key = *key);
        automaton.name(&ended);
        automaton
    }

    /// Puts the names beside their paths.
    fn name(&mut self, ended: &[(u32, bool, u32)]) {
        let mut names = vec![0];
        for run in ended.chunk_by(|a, b| a.0 == b.0) {
            self.slot_mut(run[0].0).names = names.len() as u32;
            let single = run.iter().filter(|(_, is_single, _)| *is_single).count();
            names.extend([(run.len() - single) as u32, single as u32]);
            names.extend(run.iter().map(|(.., name)| *name));
        }
        self.names = names.into();
    }

    fn slot_mut(&mut self, key: u32) -> &mut Slot {
        let at = self.place(key);
        &mut self.slots[at]
    }

    /// Where a key is, or would be.
    fn place(&self, key: u32) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = key.wrapping_mul(0x9e37_79b1) as usize & mask;
        while self.slots[at].key != 0 && self.slots[at].key != key {
            at = (at + 1) & mask;
        }
        at
    }

    /// Whether a name begins like this, and the names that are all of it: those of several words, and those of
    /// one.
    pub(super) fn at(&self, path: Path) -> Option<[&[u32]; 2]> {
        let slot = self.slots[self.place(path.key())];
        if slot.key == 0 {
            return None;
        }
        let start = slot.names as usize;
        if start == 0 {
            return Some([&[], &[]]);
        }
        let count = |at: usize| self.names.get(at).map_or(0, |count| *count as usize);
        let (several, single) = (count(start), count(start + 1));
        let run = |from: usize, count: usize| {
            self.names.get(from..from + count.min(NAMES_OF_PATH_MAX)).unwrap_or_default()
        };
        Some([run(start + 2, several), run(start + 2 + several, single)])
    }

    /// The country of which an adjective is made, by one of its keys.
    pub(super) fn country(&self, adjective: u32) -> Option<u16> {
        self.adjectives.get(&adjective).copied().filter(|country| *country != 0)
    }
}

/// What is left of the name of each country.
fn adjectives(view: &View<'_>) -> HashMap<u32, u16> {
    let mut adjectives = HashMap::new();
    for name in 0..view.marks.len() as u32 {
        let entity = view.name_entities[name as usize];
        let is_country = view.entity_type(entity) == EntityType::Country;
        if !is_country || view.imprint(name).script() != Script::Arab {
            continue;
        }
        let name = Name::new(view.text(name));
        let words: Vec<&str> = name.tokens().iter().map(bare).collect();
        let country = view.countries[entity as usize];
        for key in adjective_keys(&words) {
            let known = adjectives.entry(key).or_insert(country);
            // Of two countries with one adjective it says neither.
            if *known != country {
                *known = 0;
            }
        }
    }
    adjectives
}

/// A word without its article.
fn bare(token: &names::Token) -> &str {
    let word = token.orthographic();
    if token.has_article() { word.strip_prefix("ال").unwrap_or(word) } else { word }
}

/// What a country and its adjective have in common, روسيا and روسي, كوريا الشمالية and كوري شمالي, as keys: of
/// their forms, and of their consonants where there are enough of them (أمريكا, أميركي). Words are without their
/// articles; none for more than two, or for too little.
pub(crate) fn adjective_keys(words: &[&str]) -> Vec<u32> {
    const LETTERS_MIN: usize = 3;
    const CLASSES_MIN: usize = 4;
    if words.is_empty() || words.len() > 2 {
        return Vec::new();
    }
    let (mut forms, mut skeletons) = (String::new(), String::from("classes "));
    let mut classes = 0;
    for word in words {
        let endings = ["يه", "يا", "ي", "ا", "ه"];
        let base = endings.iter().find_map(|ending| word.strip_suffix(ending)).unwrap_or(word);
        if base.chars().count() < LETTERS_MIN {
            return Vec::new();
        }
        let base = Name::new(base);
        classes += base.skeleton().len();
        for (keys, text) in [(&mut forms, base.form()), (&mut skeletons, base.skeleton())] {
            keys.push_str(text);
            keys.push(' ');
        }
    }
    let skeletons = (classes >= CLASSES_MIN).then_some(skeletons);
    [Some(forms), skeletons].iter().flatten().filter_map(|text| key(text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{entity::Entity, index::Builder};

    fn automaton(names: &[(&str, EntityType, &str)]) -> (Builder, usize) {
        let mut builder = Builder::default();
        for (at, (name, entity_type, country)) in names.iter().enumerate() {
            builder.push(Entity {
                id: format!("Q{at}"),
                names: vec![(*name).to_owned()],
                entity_type: *entity_type,
                country: (*country).to_owned(),
                ..Entity::default()
            });
        }
        (builder, names.len())
    }

    fn path(words: &[&str]) -> Path {
        words.iter().fold(Path::START, |path, word| {
            let name = Name::new(word);
            name.imprint().words().fold(path, |path, word| path.with(&word, |_| ()))
        })
    }

    #[test]
    fn a_name_is_followed_word_by_word_wherever_its_spaces_are() {
        let (builder, _) = automaton(&[("كوالا لمبور", EntityType::City, "MY")]);
        let segment = builder.build();
        let automaton = Automaton::of(&segment.view());
        let names = |words: &[&str]| automaton.at(path(words)).map(|names| names[0].len());
        assert_eq!(names(&["كوالا"]), Some(0), "a beginning");
        assert_eq!(names(&["كوالا", "لمبور"]), Some(1));
        assert_eq!(names(&["كوالالمبور"]), Some(1));
        assert_eq!(names(&["كو", "الالم", "بور"]), Some(1));
        assert_eq!(names(&["موسكو"]), None);
    }

    #[test]
    fn an_adjective_leads_to_its_country() {
        let names = [
            ("روسيا", EntityType::Country, "RU"),
            ("كوريا الشمالية", EntityType::Country, "KP"),
            ("الأردن", EntityType::Country, "JO"),
            ("أمريكا", EntityType::Country, "US"),
            ("السعودية", EntityType::Country, "SA"),
        ];
        let segment = automaton(&names).0.build();
        let automaton = Automaton::of(&segment.view());
        let country = |words: &[&str]| {
            let code = adjective_keys(words).into_iter().find_map(|key| automaton.country(key));
            code.map(|code| String::from_utf8(code.to_le_bytes().to_vec()).unwrap())
        };
        for (words, code) in [
            (&["روسي"][..], "RU"),
            (&["كوري", "شمالي"], "KP"),
            (&["اردنيه"], "JO"),
            (&["اميركي"], "US"),
            (&["سعودي"], "SA"),
        ] {
            assert_eq!(country(words).as_deref(), Some(code), "{words:?}");
        }
        assert_eq!(country(&["رسمي"]), None);
    }

    #[test]
    fn a_segment_without_names_has_an_automaton_too() {
        let automaton = Automaton::of(&Builder::default().build().view());
        assert_eq!(automaton.at(path(&["روسيا"])), None);
    }
}
