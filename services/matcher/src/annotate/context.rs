//! What the words of a sentence say about whom a name in it means.
//!
//! Two kinds of evidence, both of the same sentence: a word before the name that says what it is (مدينة, الرئيس),
//! and countries, as mentions or as adjectives (الأردنية). Nothing of the rest of the text counts, so that the
//! mentions of a sentence do not depend on how much stands around it.

use std::ops::Range;

use names::{Cues, Gap, MatchKind};
use proto::vocabulary::EntityType;

use super::{Ground, lexicon::Lexicon, single::WELL_KNOWN, text::Text, word::Hit};

/// What may stand between such a word and the name: "city of".
const LINKS: [&str; 5] = ["of", "de", "di", "the", "la"];

/// How far before a name a word may stand that says what it is.
const CUE_WORDS_MAX: usize = 4;

/// What a word says that stands before the name, and what it takes if it says something else.
const CUE: f64 = 2.0;
const OTHER_CUE: f64 = -1.5;

/// What a country of the sentence says, and one that is named right beside the name.
const COUNTRY: f64 = 1.0;
const COUNTRY_BESIDE: f64 = 1.6;

/// What "in" says of a place.
const IN: f64 = 0.4;

/// A country and a city of it that share a name: the country is meant unless something says otherwise.
const WHOLE_COUNTRY: f64 = 0.75;

/// So much better an entity has to be supported than the next one to be meant.
const LEAD: f64 = 0.7;

/// So much better known it has to be, where nothing else decides, and so well.
const PROMINENCE_LEAD: f64 = 0.30;
const PROMINENCE_MIN: f64 = 0.5;

/// From here on something speaks for a doubtful name.
const SUPPORTED: f64 = 1.0;

/// What a country in a sentence is, and where it is said.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct CountryAt {
    pub(super) country: u16,
    pub(super) words: (usize, usize),
}

/// The evidence beside one name.
pub(super) struct Context {
    cues: Cues,
    cue: Option<usize>,
    is_in: bool,
    /// A noun with an article stands behind it: صور التلفزيون.
    is_construct: bool,
    countries: Vec<CountryAt>,
    words: Range<usize>,
}

/// An entity, how much speaks for it, and what does most.
#[derive(Clone, Copy, Debug)]
pub(super) struct Supported {
    pub(super) hit: Hit,
    support: f64,
    ground: Ground,
    cue: Option<usize>,
}

/// What follows for a name.
#[derive(Clone, Debug)]
pub(super) struct Settled {
    /// Best first; the first is meant unless `ground` is none.
    pub(super) hits: Vec<Hit>,
    /// What settled it; nothing when it is ambiguous.
    pub(super) ground: Option<Ground>,
    /// The word that did.
    pub(super) cue: Option<usize>,
}

impl Context {
    /// The evidence for a name. `countries` are those said elsewhere in its sentence.
    pub(super) fn new(
        text: &Text<'_>,
        words: Range<usize>,
        is_peeled: bool,
        countries: Vec<CountryAt>,
    ) -> Self {
        let mut context = Self {
            cues: Cues::default(),
            cue: None,
            is_in: false,
            is_construct: words.end < text.len() && text.gap(words.end) <= Gap::Space && {
                let next = text.word(words.end);
                next.is_attribute && !next.is_adjective
            },
            countries,
            words: words.clone(),
        };
        if !is_peeled {
            context.look_back(text, words.start);
        }
        context
    }

    fn look_back(&mut self, text: &Text<'_>, start: usize) {
        const IN_WORDS: [&str; 9] = ["في", "وفي", "in", "at", "near", "в", "во", "под", "در"];
        for distance in 1..=CUE_WORDS_MAX.min(start) {
            let at = start - distance;
            if text.gap(at + 1) > Gap::Line {
                return;
            }
            let word = text.word(at);
            if distance == 1 && IN_WORDS.contains(&word.orthographic()) {
                self.is_in = true;
                return;
            }
            if !word.cues.is_empty() {
                (self.cues, self.cue) = (word.cues, Some(at));
                return;
            }
            if !word.is_attribute && !LINKS.contains(&word.orthographic()) {
                return;
            }
        }
    }

    /// How much speaks for an entity.
    fn support(&self, lexicon: &Lexicon<'_, '_>, hit: Hit) -> Supported {
        let reader = lexicon.reader;
        let entity_type = reader.entity_type(hit.entity);
        let mut support = 0.0;
        let (mut ground, mut cue) = (Ground::Name, None);
        if !self.cues.is_empty() {
            let is_met = self.cues.meets(cues_for(entity_type));
            support += if is_met { CUE } else { OTHER_CUE };
            if is_met {
                (ground, cue) = (Ground::Cue, self.cue);
            }
        }
        if self.is_in && is_place(entity_type) {
            support += IN;
        }
        let country = reader.country_code(hit.entity);
        let said = self.countries.iter().filter(|said| said.country == country && country != 0);
        let best = said.max_by_key(|said| self.is_beside(said));
        if let Some(said) = best {
            support += if self.is_beside(said) { COUNTRY_BESIDE } else { COUNTRY };
            if ground == Ground::Name {
                (ground, cue) = (Ground::Country, Some(said.words.0));
            }
        }
        Supported { hit, support, ground, cue }
    }

    fn is_beside(&self, said: &CountryAt) -> bool {
        const NEAR: usize = 2;
        said.words.1 <= self.words.start && self.words.start - said.words.1 <= NEAR
            || said.words.0 >= self.words.end && said.words.0 - self.words.end < NEAR
    }

    /// Whether something speaks for a doubtful name, and for whom.
    pub(super) fn supported(&self, lexicon: &Lexicon<'_, '_>, hits: &[Hit]) -> Vec<Hit> {
        // في جدة: a place that is written exactly so.
        let is_in = |hit: &Hit| {
            self.is_in
                && !self.is_construct
                && hit.kind == MatchKind::SameOrthographic
                && is_place(lexicon.reader.entity_type(hit.entity))
                && lexicon.reader.prominence(hit.entity) >= WELL_KNOWN
        };
        let supports = |hit: &Hit| is_in(hit) || self.support(lexicon, *hit).support >= SUPPORTED;
        hits.iter().copied().filter(supports).collect()
    }

    /// Whether a word before the name says that it is a person.
    pub(super) fn says_person(&self) -> bool {
        self.cues.meets(Cues::PERSON)
    }

    /// Who of several is meant, those whose scores are within `margin` of the best.
    pub(super) fn settle(&self, lexicon: &Lexicon<'_, '_>, hits: &[Hit], margin: f64) -> Settled {
        let best = hits.iter().map(|hit| hit.score).fold(0.0, f64::max);
        let is_close = |hit: &&Hit| best - hit.score < margin || hit.score >= best;
        let close: Vec<Hit> = hits.iter().filter(is_close).copied().collect();
        let far = hits.iter().filter(|hit| !is_close(hit)).copied();
        let mut ranked: Vec<Supported> =
            close.iter().map(|hit| self.support(lexicon, *hit)).collect();
        prefer_whole_countries(lexicon, &mut ranked);
        let prominence = |hit: &Hit| lexicon.reader.prominence(hit.entity);
        ranked.sort_by(|a, b| {
            b.support
                .total_cmp(&a.support)
                .then_with(|| prominence(&b.hit).total_cmp(&prominence(&a.hit)))
                .then_with(|| {
                    lexicon.reader.id_bytes(a.hit.entity).cmp(lexicon.reader.id_bytes(b.hit.entity))
                })
        });
        let (ground, cue) = match ranked.as_slice() {
            [] => (None, None),
            [only] => (Some(Ground::Name), only.cue.filter(|_| only.ground == Ground::Cue)),
            [first, second, ..] if first.support - second.support >= LEAD => (
                Some(if first.ground == Ground::Name { Ground::Prominence } else { first.ground }),
                first.cue,
            ),
            [first, ..] if is_far_better_known(lexicon, &ranked) => {
                let _ = first;
                (Some(Ground::Prominence), None)
            }
            _ => (None, None),
        };
        let hits = ranked.into_iter().map(|supported| supported.hit).chain(far).collect();
        Settled { hits, ground, cue }
    }
}

/// Whether the first is by far the best known of those that are supported about as well.
fn is_far_better_known(lexicon: &Lexicon<'_, '_>, ranked: &[Supported]) -> bool {
    let prominence = |supported: &Supported| lexicon.reader.prominence(supported.hit.entity);
    let Some(first) = ranked.first().map(prominence) else { return false };
    let second = ranked[1..].iter().map(prominence).fold(0.0, f64::max);
    first >= PROMINENCE_MIN && first - second >= PROMINENCE_LEAD
}

/// الكويت, سنغافورة: the country rather than its city.
fn prefer_whole_countries(lexicon: &Lexicon<'_, '_>, ranked: &mut [Supported]) {
    let reader = lexicon.reader;
    let code = |supported: &Supported| reader.country_code(supported.hit.entity);
    let is_country =
        |supported: &Supported| reader.entity_type(supported.hit.entity) == EntityType::Country;
    for at in 0..ranked.len() {
        let has_city = ranked.iter().any(|other| {
            !is_country(other) && code(other) == code(&ranked[at]) && code(other) != 0
        });
        if is_country(&ranked[at]) && has_city {
            ranked[at].support += WHOLE_COUNTRY;
        }
    }
}

/// What may be said of an entity of a type.
fn cues_for(entity_type: EntityType) -> Cues {
    match entity_type {
        EntityType::Person => Cues::PERSON,
        EntityType::City => Cues::CITY.and(Cues::PLACE),
        EntityType::Country => Cues::COUNTRY,
        EntityType::Organization => Cues::ORGANIZATION,
        EntityType::Location => Cues::PLACE,
        EntityType::Vessel => Cues::VESSEL,
        EntityType::Product => Cues::PRODUCT,
        EntityType::Event => Cues::EVENT,
        _ => Cues::default(),
    }
}

fn is_place(entity_type: EntityType) -> bool {
    matches!(entity_type, EntityType::City | EntityType::Country | EntityType::Location)
}

/// The countries that the adjectives of a text say, in their order.
pub(super) fn adjectives(text: &Text<'_>, lexicon: &Lexicon<'_, '_>) -> Vec<CountryAt> {
    let mut said = Vec::new();
    for at in 0..text.len() {
        let word = text.word(at);
        if !word.is_adjective {
            continue;
        }
        let has_next = at + 1 < text.len() && text.gap(at + 1) <= Gap::Line;
        let next = has_next.then(|| text.word(at + 1));
        let two = next.filter(|next| next.is_adjective && word.country == 0);
        let two = two.and_then(|_| lexicon.country_of_two(word, text.word(at + 1)));
        if let Some(country) = two {
            said.push(CountryAt { country, words: (at, at + 2) });
        } else if word.country != 0 {
            said.push(CountryAt { country: word.country, words: (at, at + 1) });
        }
    }
    said
}
