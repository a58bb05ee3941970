//! Running text in, mentions out.
//!
//! In reading order: `text` (words and sentences), `word`, `called` and `lexicon` (what is known about each different
//! word), `memory` and `kept` (where that is kept), `spans` and `several` (the stretches that are names, by the automaton
//! of the index), `single` and `letters` (names of one word need more than their consonants), `han` (scripts without
//! spaces), `overlap` (the longest counts), `context` (what a sentence says about whom a name means), `parts`, `fuller`
//! and `short` (parts of names, bound to fuller mentions), `draft` (mentions in the making).
//!
//! Pure, as `matching` is: it reads one index and cannot fail, and what it remembers changes no answer. A text costs a
//! few microseconds a word, the first of an index the automaton besides.

mod called;
mod context;
mod draft;
mod endings;
mod fuller;
mod han;
mod kept;
mod letters;
mod lexicon;
mod memory;
mod overlap;
mod parts;
mod proclitics;
mod several;
mod short;
mod single;
mod spans;
#[cfg(test)]
mod tests;
mod text;
mod word;

use std::{collections::HashMap, ops::Range};

use names::{Name, Span};
use proto::vocabulary::{DecisionKind, Verdict};

use self::{
    context::{Context, CountryAt, Settled},
    draft::{Draft, Drafts},
    lexicon::Lexicon,
    spans::{Origin, Stretch},
    text::Text,
    word::Hit,
};
use crate::{
    index::Reader,
    matching::kind_of,
    query::{Filter, Policy},
    verdict::Candidate,
};
pub(crate) use memory::Memories;
pub use overlap::Overlap;

/// How many candidates an ambiguous mention lists when none are asked for.
const AMBIGUOUS_LISTED: usize = 5;

/// How texts are to be annotated.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    pub(crate) policy: Policy,
    pub(crate) overlap: Overlap,
    /// 0: only the one that is meant.
    pub(crate) candidates_max: usize,
    pub(crate) rulings: Rulings,
}

/// What people decided, by form.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rulings(HashMap<String, Vec<Ruling>>);

/// What a person decided about a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ruling {
    pub(crate) kind: DecisionKind,
    /// May be empty.
    pub(crate) id: String,
}

impl Rulings {
    /// Adds one after those that it does not overrule.
    pub(crate) fn add(&mut self, form: String, ruling: Ruling) {
        self.0.entry(form).or_default().push(ruling);
    }
}

/// What settled which entity a mention means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// No other known entity is called so.
    Name,
    /// A word beside it says what it is.
    Cue,
    /// A country in the same sentence.
    Country,
    /// It is by far the best known of its name.
    Prominence,
    /// A fuller mention of the same text.
    FullerMention,
    /// It is a part of the names of one known entity only.
    Part,
    /// No known name is written so, and one is close.
    Close,
    /// A person decided it.
    Decision,
}

/// A mention.
#[derive(Clone, Debug)]
pub(crate) struct Mention<'a> {
    /// Where it stands, without proclitics.
    pub(crate) span: Span,
    /// The proclitics before it, as they stand there.
    pub(crate) clitics: String,
    pub(crate) form: String,
    pub(crate) verdict: Verdict,
    /// Nothing when it is ambiguous.
    pub(crate) ground: Option<Ground>,
    /// The bytes of the word that settled it.
    pub(crate) cue: Option<Range<usize>>,
    /// The fuller mention it is short for, by its position.
    pub(crate) bound_to: Option<usize>,
    /// What it means, then what else it could mean.
    pub(crate) candidates: Vec<Candidate<'a>>,
}

/// There was no time to read a text to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OutOfTime;

/// So many words are read between two looks at the clock: a few milliseconds.
const WORDS_OF_LOOK: usize = 512;

/// Asks at some of the words of a text whether there still is time.
pub(crate) type HasTime<'h> = &'h dyn Fn() -> bool;

fn check_time(at: usize, has_time: HasTime<'_>) -> Result<(), OutOfTime> {
    if at.is_multiple_of(WORDS_OF_LOOK) && !has_time() { Err(OutOfTime) } else { Ok(()) }
}

/// Annotates texts, one after another.
pub(crate) struct Annotator<'r, 'a> {
    lexicon: Lexicon<'r, 'a>,
    options: &'r Options,
}

impl<'r, 'a> Annotator<'r, 'a> {
    pub(crate) fn new(reader: &'r Reader<'a>, filter: &'r Filter, options: &'r Options) -> Self {
        Self { lexicon: Lexicon::new(reader, filter), options }
    }

    /// The mentions of a text, by first byte; of those that start together the longest first.
    pub(crate) fn annotate(
        &mut self,
        source: &str,
        has_time: HasTime<'_>,
    ) -> Result<Vec<Mention<'a>>, OutOfTime> {
        let text = Text::new(source, &mut self.lexicon, has_time)?;
        let stretches = spans::find(&text, &self.lexicon, has_time)?;
        let (chosen, others) = overlap::longest(stretches);
        let wanted = overlap::wanted(self.options.overlap, &chosen, others);
        let mut drafts = self.settle_all(&text, chosen);
        short::add(&text, &mut self.lexicon, &mut drafts, has_time)?;
        let more = wanted.into_iter().filter_map(|stretch| {
            let countries = drafts.countries(&text, &self.lexicon, &stretch.words);
            self.settle(&text, stretch, countries)
        });
        let more: Vec<Draft> = more.collect();
        let drafts = drafts.into_inner();
        Ok(self.mentions(&text, drafts, more))
    }

    /// Settles stretches that do not overlap: those that need no context first, because they are context.
    fn settle_all(&self, text: &Text<'_>, chosen: Vec<Stretch>) -> Drafts {
        let mut drafts = Drafts::new(text.len());
        let is_clear = |stretch: &Stretch| stretch.hits.len() == 1 && !stretch.is_doubtful;
        let (clear, open): (Vec<_>, Vec<_>) = chosen.into_iter().partition(is_clear);
        for stretch in clear {
            if let Some(draft) = self.settle(text, stretch, Vec::new()) {
                drafts.push(draft);
            }
        }
        let settled: Vec<Option<Draft>> = open
            .into_iter()
            .map(|stretch| {
                let countries = drafts.countries(text, &self.lexicon, &stretch.words);
                self.settle(text, stretch, countries)
            })
            .collect();
        settled.into_iter().flatten().for_each(|draft| drafts.push(draft));
        drafts
    }

    /// Whom a stretch means; nothing when it is no mention.
    fn settle(
        &self,
        text: &Text<'_>,
        stretch: Stretch,
        countries: Vec<CountryAt>,
    ) -> Option<Draft> {
        let policy = self.options.policy;
        let mut hits: Vec<Hit> =
            stretch.hits.iter().filter(|hit| hit.score >= policy.threshold).copied().collect();
        let (words, is_peeled) = (stretch.words.clone(), stretch.clitics > 0);
        let context = Context::new(text, words, is_peeled, countries);
        if stretch.is_doubtful {
            hits = context.supported(&self.lexicon, &hits);
        }
        if hits.is_empty() {
            return None;
        }
        let Settled { hits, ground, cue } = context.settle(&self.lexicon, &hits, policy.margin);
        let ground = ground.map(|ground| match stretch.origin {
            Origin::Close => Ground::Close,
            _ => ground,
        });
        let mut draft = Draft { stretch, hits, ground, cue, bound_to: None };
        self.rule(text, &mut draft).then_some(draft)
    }

    /// Drafts as mentions in their order; `more` overlap them.
    fn mentions(
        &mut self,
        text: &Text<'_>,
        drafts: Vec<Draft>,
        more: Vec<Draft>,
    ) -> Vec<Mention<'a>> {
        let mut all: Vec<(usize, Draft)> = drafts.into_iter().chain(more).enumerate().collect();
        let total = all.len();
        // The others were ruled before short mentions were bound to them.
        all.retain_mut(|(_, draft)| draft.stretch.origin != Origin::Part || self.rule(text, draft));
        all.sort_by_key(|(_, draft)| {
            let bytes = &draft.stretch.span.bytes;
            (bytes.start, std::cmp::Reverse(bytes.end))
        });
        let mut positions: Vec<Option<usize>> = vec![None; total];
        for (position, (at, _)) in all.iter().enumerate() {
            positions[*at] = Some(position);
        }
        let mut mention = |draft| self.mention(text, draft, &positions);
        all.into_iter().map(|(_, draft)| mention(draft)).collect()
    }

    /// Obeys what people decided about the form of a mention. Whether it stays one.
    fn rule(&self, text: &Text<'_>, draft: &mut Draft) -> bool {
        if self.options.rulings.0.is_empty() {
            return true;
        }
        let name = Name::new(draft.stretch.text(text));
        let Some(rulings) = self.options.rulings.0.get(name.form()) else { return true };
        for ruling in rulings {
            match ruling.kind {
                DecisionKind::No if !ruling.id.is_empty() => self.leave_out(draft, &ruling.id),
                DecisionKind::Yes => return self.mean(draft, &ruling.id) || !draft.hits.is_empty(),
                _ => return false,
            }
        }
        !draft.hits.is_empty()
    }

    fn leave_out(&self, draft: &mut Draft, id: &str) {
        let reader = self.lexicon.reader;
        let first = draft.hits.first().copied();
        draft.hits.retain(|hit| reader.id(hit.entity) != id);
        let is_first_gone = first != draft.hits.first().copied();
        if is_first_gone || draft.ground.is_none() {
            draft.bound_to = None;
            draft.ground = (draft.hits.len() == 1).then_some(Ground::Decision);
        }
    }

    fn mean(&self, draft: &mut Draft, id: &str) -> bool {
        let reader = self.lexicon.reader;
        let Some(entity) = reader.entity_with(id).filter(|at| self.lexicon.admits(*at)) else {
            return false;
        };
        let known = draft.hits.iter().find(|hit| hit.entity == entity).copied();
        let Some(name) = known.map(|hit| hit.name).or_else(|| reader.first_name(entity)) else {
            return false;
        };
        let kind = known.map_or(names::MatchKind::Different, |hit| hit.kind);
        draft.hits.retain(|hit| hit.entity != entity);
        let score = known.map_or(draft.hits.first().map_or(0.0, |hit| hit.score), |hit| hit.score);
        draft.hits.insert(0, Hit { entity, name, score, kind });
        (draft.ground, draft.bound_to) = (Some(Ground::Decision), None);
        true
    }

    fn mention(
        &mut self,
        text: &Text<'_>,
        draft: Draft,
        positions: &[Option<usize>],
    ) -> Mention<'a> {
        let surface = draft.stretch.text(text);
        let start = draft.stretch.span.bytes.start as usize;
        let listed_max = match (draft.ground, self.options.candidates_max) {
            (Some(_), asked) => asked.max(1),
            (None, 0) => AMBIGUOUS_LISTED,
            (None, asked) => asked,
        };
        let is_peeled = draft.stretch.clitics > 0;
        let listed = draft.hits.iter().take(listed_max);
        Mention {
            clitics: text.source[start - draft.stretch.clitics..start].to_owned(),
            form: self.lexicon.form(surface).as_ref().to_owned(),
            verdict: if draft.ground.is_some() { Verdict::Match } else { Verdict::Ambiguous },
            cue: draft.cue.map(|at| text.words[at].bytes()),
            bound_to: draft.bound_to.and_then(|at| positions[at]),
            candidates: listed.map(|hit| self.candidate(*hit, is_peeled)).collect(),
            ground: draft.ground,
            span: draft.stretch.span,
        }
    }

    fn candidate(&self, hit: Hit, is_peeled: bool) -> Candidate<'a> {
        let reader = self.lexicon.reader;
        Candidate {
            entity: hit.entity,
            id: reader.id(hit.entity),
            score: hit.score,
            kind: if is_peeled { crate::matching::peeled(hit.kind) } else { kind_of(hit.kind) },
            prominence: reader.prominence(hit.entity),
            matched_name: reader.text(hit.name),
            spelling: 0,
            evidence: Vec::new(),
            explanation: None,
        }
    }
}

impl Stretch {
    /// It as it stands in the text.
    fn text<'t>(&self, text: &Text<'t>) -> &'t str {
        &text.source[self.span.bytes.start as usize..self.span.bytes.end as usize]
    }
}
