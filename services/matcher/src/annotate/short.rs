//! Short mentions: a part of a name that stands for all of it.
//!
//! لافروف after سيرغي لافروف is bound to the fuller mention before it; without one it means somebody when only
//! one known person has that family name, or when a title or a country beside it decides among several. A given
//! name says too little by itself, and a family name behind another given name is another person's.

use std::ops::Range;

use names::{Case, Commonness, Gap};
use proto::vocabulary::EntityType;

use super::{
    Ground, HasTime, OutOfTime,
    called::best_of_each,
    check_time,
    context::Context,
    draft::{Draft, Drafts},
    fuller::{Fuller, Told},
    lexicon::Lexicon,
    parts::{Family, Part, Place},
    single::WELL_KNOWN,
    spans::{Origin, Stretch},
    text::Text,
    word::{Hit, Word},
};

/// What a short mention has of the score of the fuller one.
const BOUND: f64 = 0.98;

/// A part of fewer letters is no name by itself.
const LETTERS_MIN: usize = 4;

/// Adds short mentions to the mentions of a text, which are in their order.
pub(super) fn add(
    text: &Text<'_>,
    lexicon: &mut Lexicon<'_, '_>,
    drafts: &mut Drafts,
    has_time: HasTime<'_>,
) -> Result<(), OutOfTime> {
    let mut finder = Finder { text, lexicon, drafts, told: Told::default() };
    finder.read_on(has_time)?;
    finder.look_forward();
    Ok(())
}

struct Finder<'f, 't, 'r, 'a> {
    text: &'f Text<'t>,
    lexicon: &'f mut Lexicon<'r, 'a>,
    drafts: &'f mut Drafts,
    /// The mentions that shorter ones may be bound to.
    told: Told,
}

impl<'f> Finder<'f, '_, '_, '_> {
    /// Binds to what stands before.
    fn read_on(&mut self, has_time: HasTime<'_>) -> Result<(), OutOfTime> {
        let mut at = 0;
        while at < self.text.len() {
            check_time(at, has_time)?;
            if let Some(draft) = self.drafts.starting(at) {
                if let Some(bound) = self.better_bound(at, draft) {
                    self.drafts.replace(draft, bound);
                } else {
                    self.meet(draft);
                }
                at = self.drafts.end_of(draft).max(at + 1);
                continue;
            }
            let found = (!self.drafts.covers(at)).then(|| self.bound(at).or_else(|| self.part(at)));
            at = match found.flatten() {
                Some(draft) => {
                    let end = draft.stretch.words.end;
                    match self.goes_on_before(&draft) {
                        Some(before) => self.lengthen(before, &draft),
                        None => self.drafts.push(draft),
                    }
                    end
                }
                None => at + 1,
            };
        }
        Ok(())
    }

    /// The mention right before a part that means the same: لولا before دا سيلفا.
    fn goes_on_before(&self, part: &Draft) -> Option<usize> {
        let start = part.stretch.words.start;
        let is_beside =
            start > 0 && self.text.gap(start) <= Gap::Space && part.stretch.clitics == 0;
        let before = self.drafts.place_of(start.checked_sub(1)?).filter(|_| is_beside)?;
        let means = |draft: &Draft| draft.ground.and_then(|_| Some(draft.hits.first()?.entity));
        let meant = means(self.drafts.get(before));
        (meant.is_some() && meant == means(part)).then_some(before)
    }

    fn lengthen(&mut self, at: usize, part: &Draft) {
        let mut draft = self.drafts.get(at).clone();
        let (own, other) = (&mut draft.stretch, &part.stretch);
        own.words.end = other.words.end;
        own.span.bytes.end = other.span.bytes.end;
        own.span.utf16.end = other.span.utf16.end;
        own.span.chars.end = other.span.chars.end;
        self.drafts.replace(at, draft);
    }

    /// A word that is the name of nobody well known, or of several, is a short mention of who was just named.
    fn better_bound(&mut self, at: usize, draft: usize) -> Option<Draft> {
        let known = self.drafts.get(draft);
        let is_known = known.ground.is_some()
            && known
                .hits
                .first()
                .is_some_and(|hit| self.lexicon.reader.prominence(hit.entity) >= WELL_KNOWN);
        if is_known || known.stretch.words.len() > 1 {
            return None;
        }
        let hits = known.hits.clone();
        let bound = self.bound(at)?;
        let is_other = |hit: &Hit| bound.hits.iter().all(|bound| bound.entity != hit.entity);
        let is_person = bound
            .hits
            .iter()
            .all(|hit| self.lexicon.reader.entity_type(hit.entity) == EntityType::Person);
        (is_person && bound.ground.is_some() && hits.iter().all(is_other)).then_some(bound)
    }

    /// A headline says the short name first: its words are bound to what comes after it.
    fn look_forward(&mut self) {
        for at in 0..self.text.len() {
            if at > 0 && self.text.gap(at) >= Gap::Line {
                return;
            }
            let open = self.drafts.starting(at).filter(|draft| self.is_open_part(*draft));
            if self.drafts.covers(at) && open.is_none() {
                continue;
            }
            match (self.bound(at), open) {
                (Some(bound), Some(open)) => self.drafts.replace(open, bound),
                (Some(bound), None) => self.drafts.push(bound),
                (None, _) => {}
            }
        }
    }

    /// Whether a mention is a part of several names and nothing has settled which.
    fn is_open_part(&self, draft: usize) -> bool {
        let draft = self.drafts.get(draft);
        draft.ground.is_none() && draft.stretch.origin == Origin::Part
    }

    /// A mention that is read: an ambiguous one may be bound, one that is sure is a fuller one for others.
    fn meet(&mut self, draft: usize) {
        let settled = self.drafts.get(draft);
        if settled.ground.is_none() {
            let known =
                settled.hits.iter().find_map(|hit| Some((self.told.draft_of(hit.entity)?, *hit)));
            if let Some((fuller, hit)) = known {
                self.drafts.bind(draft, fuller, hit);
            }
            return;
        }
        let Some(hit) = settled.hits.first().copied() else { return };
        let words = settled.stretch.words.clone();
        let reader = self.lexicon.reader;
        let is_person = reader.entity_type(hit.entity) == EntityType::Person;
        let parts = self.lexicon.parts(hit.name, settled.stretch.text(self.text));
        self.told.tell(Fuller {
            draft,
            hit,
            is_person,
            sentence: self.text.sentences[words.start],
            words: parts,
        });
    }

    /// A part of a fuller mention.
    fn bound(&mut self, at: usize) -> Option<Draft> {
        if self.told.is_empty() {
            return None;
        }
        let readings = self.readings(at);
        if !readings.iter().any(|(word, _)| self.told.has(word.stem_key())) {
            return None;
        }
        let given = self.given_before(at);
        let (clitics, found) = readings.into_iter().find_map(|(word, clitics)| {
            let given = given.filter(|_| clitics == 0);
            let found = self.fuller_with(at, word, given);
            (!found.is_empty()).then_some((clitics, found))
        })?;
        let fuller = *found.last()?;
        let words = self.extended(at, &fuller.words, clitics > 0);
        let stretch = self.stretch(words, clitics);
        // Of several that it could be, the one that the text has not left.
        let entities = || found.iter().rev().map(|fuller| fuller.hit);
        let hits = best_of_each_in_order(entities().map(|hit| scaled(hit, BOUND)));
        let is_settled = hits.len() == 1 || is_left(&found);
        Some(Draft {
            ground: is_settled.then_some(Ground::FullerMention),
            bound_to: is_settled.then_some(fuller.draft),
            cue: None,
            hits,
            stretch,
        })
    }

    /// The fuller mentions that a word is a part of, the latest of each entity, in the order of the text.
    fn fuller_with(&self, at: usize, word: &Word, given: Option<u32>) -> Vec<&Fuller> {
        let mut found: Vec<&Fuller> = Vec::new();
        for fuller in self.told.with(word.stem_key()).rev() {
            let is_new = !found.iter().any(|other| other.hit.entity == fuller.hit.entity);
            // Behind another given name it is another's.
            let is_anothers = given.is_some_and(|given| {
                fuller.is_person && !fuller.words.iter().any(|part| part.stem_key == given)
            });
            if is_new && !is_anothers && self.is_part(at, word, fuller) {
                found.push(fuller);
            }
        }
        found.reverse();
        found
    }

    fn is_part(&self, at: usize, word: &Word, fuller: &Fuller) -> bool {
        let ends_in_heh = self.text.ends_in_heh(at);
        let says_person = || {
            let context = Context::new(self.text, at..at + 1, false, Vec::new());
            context.says_person()
        };
        let Some(part) = fuller.words.iter().find(|part| part.is(word, ends_in_heh)) else {
            return false;
        };
        let is_uncommon = word.commonness == Commonness::Uncommon || word.is_given;
        let is_free = self.text.case(at) != Case::Small;
        match part.place {
            Place::Particle => false,
            _ if !fuller.is_person => {
                is_free
                    && is_uncommon
                    && word.letters >= LETTERS_MIN
                    && !word.is_adjective
                    && fuller.words.len() > 1
            }
            // An ordinary word with an article may be a family name: الأسد.
            Place::Family => {
                let is_long = word.letters >= 3 && word.bare() != word.orthographic();
                let is_telling = || {
                    word.commonness == Commonness::Uncommon
                        || is_long
                        || says_person()
                        || self.is_beside_its_own(at, fuller)
                };
                is_free && (is_uncommon || is_long) && is_telling()
            }
            Place::LeadingFamily => is_free && is_uncommon && !self.goes_on(at, fuller, 4),
            Place::Other => {
                let is_telling = !word.is_given || says_person();
                is_free
                    && is_uncommon
                    && is_telling
                    && word.letters >= 3
                    && !self.goes_on(at, fuller, usize::MAX)
            }
        }
    }

    /// Whether a verb stands beside an ordinary word, or another word of the name before it: يعادل صلاح, بن سلمان.
    fn is_beside_its_own(&self, at: usize, fuller: &Fuller) -> bool {
        let word = |at: usize| self.text.word(at);
        let is_verb = |at: usize| {
            let (word, written) = (word(at), word(at).orthographic());
            written.starts_with('ي') && word.letters > 3 && word.commonness < Commonness::Function
        };
        let is_of_name =
            |at: usize| fuller.words.iter().any(|part| part.stem_key == word(at).stem_key());
        let (has_before, has_next) =
            (at > 0 && self.text.gap(at) <= Gap::Space, self.text.gap(at + 1) <= Gap::Space);
        has_before && (is_verb(at - 1) || is_of_name(at - 1)) || has_next && is_verb(at + 1)
    }

    /// Whether a capital says something: not at the start of a sentence, nor of a title.
    fn is_inside(&self, at: usize, word: &Word) -> bool {
        self.text.gap(at) < Gap::Stop
            && word.cues.is_empty()
            && word.commonness == Commonness::Uncommon
    }

    /// Whether an unknown name goes on behind a word: one that is no ordinary word and no longer than this.
    fn goes_on(&self, at: usize, fuller: &Fuller, letters_max: usize) -> bool {
        let next = at + 1;
        if next >= self.text.len() || self.text.gap(next) > Gap::Space {
            return false;
        }
        let word = self.text.word(next);
        let is_of_name = fuller.words.iter().any(|part| part.stem_key == word.stem_key());
        let is_verb = word.orthographic().starts_with(['ي', 'ت', 'س']) && word.letters > 3;
        let is_small = self.text.case(next) == Case::Small;
        !is_of_name
            && !is_verb
            && !is_small
            && word.commonness == Commonness::Uncommon
            && word.letters <= letters_max
    }

    /// A part of the name of a person that is not mentioned more fully before.
    fn part(&mut self, at: usize) -> Option<Draft> {
        if self.text.case(at) == Case::Small {
            return None;
        }
        for (word, clitics) in self.readings(at) {
            let is_short = word.letters < LETTERS_MIN && !word.is_leading_family;
            if word.commonness != Commonness::Uncommon || is_short || word.is_given {
                continue;
            }
            if let Some(draft) = self.part_of(at, word, clitics) {
                return Some(draft);
            }
        }
        None
    }

    fn part_of(&mut self, at: usize, word: &Word, clitics: usize) -> Option<Draft> {
        let families = self.lexicon.families(word, self.text.ends_in_heh(at));
        let mut found: Vec<&Family> = families.iter().collect();
        let first = found.first()?.hit;
        let words = at..at + 1;
        let countries = self.drafts.countries(self.text, self.lexicon, &words);
        let context = Context::new(self.text, words, clitics > 0, countries);
        // Behind a given name it is this person's, or another's.
        let given = self.given_before(at);
        if let Some(given) = given {
            found.retain(|family| family.parts.iter().any(|part| part.stem_key == given));
            let [family] = found.as_slice() else { return None };
            let words = self.extended(at, &family.parts, clitics > 0);
            return Some(self.draft(words, clitics, vec![family.hit], Some(Ground::Part), None));
        }
        let is_leading = found.iter().any(|family| family.is_leading);
        if let ([family], false) = (found.as_slice(), is_leading) {
            let words = self.extended(at, &family.parts, clitics > 0);
            return Some(self.draft(words, clitics, vec![first], Some(Ground::Part), None));
        }
        let hits: Vec<Hit> = found.iter().map(|family| family.hit).collect();
        let settled = context.settle(self.lexicon, &hits, 0.01);
        if is_leading && !context.says_person() {
            return None;
        }
        if settled.ground.is_none() && !context.says_person() {
            return None;
        }
        Some(self.draft(at..at + 1, clitics, settled.hits, settled.ground, settled.cue))
    }

    /// The given name right before a word, as a key.
    fn given_before(&mut self, at: usize) -> Option<u32> {
        if at == 0 || self.text.gap(at) > Gap::Space || self.is_known_mention(at - 1) {
            return None;
        }
        let word = self.text.word(at - 1);
        let key = word.stem_key();
        if word.commonness == Commonness::Function || self.text.case(at - 1) == Case::Small {
            return None;
        }
        let is_capital = self.text.case(at - 1) == Case::Capital && self.is_inside(at - 1, word);
        if word.is_given || is_capital {
            return Some(key);
        }
        if word.commonness == Commonness::Common || !word.cues.is_empty() {
            return None;
        }
        self.lexicon.having(word).begins_person.then_some(key)
    }

    /// Whether a word belongs to a mention, but for one of a single word that means nobody well known.
    fn is_known_mention(&self, at: usize) -> bool {
        let Some(draft) = self.drafts.at(at) else { return false };
        let is_known = |hit: &Hit| self.lexicon.reader.prominence(hit.entity) >= WELL_KNOWN;
        draft.stretch.words.len() > 1 || draft.hits.first().is_some_and(is_known)
    }

    /// The word in a place, and what it may hide.
    fn readings(&self, at: usize) -> Vec<(&'f Word, usize)> {
        let word = self.text.word(at);
        let mut readings = Vec::with_capacity(2);
        if word.commonness != Commonness::Common {
            readings.extend(word.peeled().iter().map(|peeled| (&*peeled.word, peeled.start)));
        }
        // A form does not see a doubled letter: للافروف is ل and لافروف before it is a name of its own.
        let is_doubled = |stem: &Word| stem.stem_key() == word.stem_key();
        let at = readings.iter().take_while(|(stem, _)| is_doubled(stem)).count();
        readings.insert(at, (word, 0));
        readings.extend(word.ended().iter().map(|ended| (&*ended.word, 0)));
        readings
    }

    /// The words around a word that are of the same name.
    fn extended(&self, at: usize, parts: &[Part], is_peeled: bool) -> Range<usize> {
        let is_of_name = |at: usize| {
            let key = self.text.word(at).stem_key();
            !self.drafts.covers(at) && parts.iter().any(|part| part.stem_key == key)
        };
        let (mut start, mut end) = (at, at + 1);
        while !is_peeled && start > 0 && self.text.gap(start) <= Gap::Space && is_of_name(start - 1)
        {
            start -= 1;
        }
        while end < self.text.len() && self.text.gap(end) <= Gap::Space && is_of_name(end) {
            end += 1;
        }
        start..end
    }

    fn stretch(&self, words: Range<usize>, clitics: usize) -> Stretch {
        let last = words.end - 1;
        let word = self.text.word(last);
        let bytes = word.ended().first().and_then(|ended| ended.bytes);
        Stretch {
            span: self.text.span(&words, clitics, bytes.filter(|_| word.called.is_empty())),
            words,
            clitics,
            hits: Vec::new(),
            origin: Origin::Part,
            is_doubtful: false,
        }
    }

    fn draft(
        &self,
        words: Range<usize>,
        clitics: usize,
        hits: Vec<Hit>,
        ground: Option<Ground>,
        cue: Option<usize>,
    ) -> Draft {
        Draft { stretch: self.stretch(words, clitics), hits, ground, cue, bound_to: None }
    }
}

/// Whether the text has left all but the last of several fuller mentions: the last was two sentences and more
/// after the others.
fn is_left(fuller: &[&Fuller]) -> bool {
    const SENTENCES: u32 = 2;
    let [others @ .., last] = fuller else { return false };
    others.iter().all(|other| last.sentence >= other.sentence + SENTENCES)
        && others.len() <= 1
        && others.iter().all(|other| !other.is_person)
}

fn scaled(hit: Hit, factor: f64) -> Hit {
    Hit { score: hit.score * factor, kind: names::MatchKind::Partial, ..hit }
}

fn best_of_each_in_order(hits: impl Iterator<Item = Hit>) -> Vec<Hit> {
    let mut best: Vec<Hit> = Vec::new();
    for hit in hits {
        if !best.iter().any(|other| other.entity == hit.entity) {
            best.push(hit);
        }
    }
    if best.len() > 1 { best_of_each(best) } else { best }
}
