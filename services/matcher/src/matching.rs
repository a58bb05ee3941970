//! From a query to a verdict: find, score, weigh, order, decide.
//!
//! Pure: it reads one index and cannot fail. Cost: tens to hundreds of microseconds a query.

use std::{borrow::Cow, cmp::Ordering, time::Instant};

use arrayvec::ArrayVec;
use names::{Imprint, Name, Probe, Profile, Similarity, Vowels, peelings, readings};
use proto::vocabulary::{MatchKind, NoMatchReason, Verdict};

use crate::{
    evidence,
    explain::explain,
    index::{EntityRef, NameRef, Reader},
    query::{Options, Query},
    standing::Standing,
    verdict::{self, Candidate},
};

/// What a peeled proclitic leaves of a score: the catalogue confirmed the reading, the text did not.
const PEELED: f64 = 0.99;

/// What a reading of another tradition leaves of a score: the hint may be wrong.
const READ: f64 = 0.98;

/// A candidate below this is noise and is not listed.
const LISTED_MIN: f64 = 0.02;

/// So many more entities than are asked for are looked at more closely: evidence may lift one of them, and
/// the margin is that of the runner-up.
const WEIGHED_ENTITIES_MORE: usize = 10;

/// So many names are scored between two looks at the clock, and at whether the best stand.
const BETWEEN_LOOKS: usize = 16;

/// The outcome of one query.
#[derive(Debug)]
pub(crate) struct Matched<'a> {
    pub(crate) verdict: Verdict,
    pub(crate) no_match_reason: NoMatchReason,
    pub(crate) candidates: Vec<Candidate<'a>>,
    pub(crate) margin: f64,
    /// Time was up before everything was scored: the most promising names were.
    pub(crate) partial: bool,
}

/// Matches one query against the index. Once it is past `until`, little more than the most promising names is
/// scored.
pub(crate) fn find<'a>(
    reader: &Reader<'a>,
    query: &Query,
    options: &Options,
    until: Option<Instant>,
) -> Matched<'a> {
    let mut search = Search::new(reader, query, options, until);
    for (spelling, asked) in query.spellings.iter().enumerate() {
        search.ask(Asked::new(Cow::Borrowed(&asked.name), spelling, As::Written, reader));
    }
    if !search.has_same_form {
        for (spelling, asked) in query.spellings.iter().enumerate() {
            for name in confirmed_peelings(reader, &asked.name) {
                search.ask(Asked::new(Cow::Owned(name), spelling, As::Peeled, reader));
            }
            for name in confirmed_readings(reader, &asked.text, query.profile) {
                search.ask(Asked::new(Cow::Owned(name), spelling, As::Read, reader));
            }
        }
    }
    let partial = search.partial;
    let filtered_out = search.filtered_best >= options.policy.threshold;
    let mut candidates = search.candidates();
    let (verdict, no_match_reason) = verdict::decide(&candidates, filtered_out, options.policy);
    let margin = verdict::margin(&candidates);
    candidates.truncate(options.candidates_max);
    if options.explain {
        for candidate in &mut candidates {
            let spelling = &query.spellings[candidate.spelling];
            candidate.explanation = Some(explain(&spelling.text, candidate.matched_name));
        }
    }
    Matched { verdict, no_match_reason, candidates, margin, partial }
}

/// The ways to peel proclitics off the first word of a spelling that the catalogue knows.
/// Proclitics stand before a name, never inside it.
fn confirmed_peelings<'a>(
    reader: &'a Reader<'_>,
    spelling: &'a Name,
) -> impl Iterator<Item = Name> + 'a {
    let (first, rest) = match spelling.orthographic().split_once(' ') {
        Some((first, rest)) => (first, Some(rest)),
        None => (spelling.orthographic(), None),
    };
    peelings(first).into_iter().filter_map(move |peeling| {
        let stem = Name::new(&peeling.stem);
        reader.knows(&stem).then(|| match rest {
            Some(rest) => Name::new(&format!("{} {rest}", peeling.stem)),
            None => stem,
        })
    })
}

/// What the letters mean in the tradition that the caller hints at, where the catalogue has such a name.
fn confirmed_readings(
    reader: &Reader<'_>,
    text: &str,
    profile: Option<Profile>,
) -> impl Iterator<Item = Name> {
    let readings = profile.map(|profile| readings(text, Some(profile))).unwrap_or_default();
    let names = readings.into_iter().map(|reading| Name::new(&reading.form));
    names.filter(|name| reader.knows_form(name))
}

/// What was looked for, and every name that was scored.
struct Search<'r, 'a> {
    reader: &'r Reader<'a>,
    options: &'r Options,
    query: &'r Query,
    until: Option<Instant>,
    asked: Vec<Asked<'r>>,
    scored: Vec<Scored>,
    has_same_form: bool,
    /// The best score among the entities that the filter keeps away.
    filtered_best: f64,
    partial: bool,
}

/// A spelling of the mention.
struct Asked<'r> {
    name: Cow<'r, Name>,
    /// Position in the query.
    spelling: usize,
    meaning: As,
    /// Of each word.
    rarities: Vec<f64>,
}

/// How a mention is understood.
#[derive(Clone, Copy, PartialEq, Eq)]
enum As {
    Written,
    /// Without a proclitic.
    Peeled,
    /// As another tradition spells.
    Read,
}

impl As {
    /// What it leaves of a score.
    fn factor(self) -> f64 {
        match self {
            Self::Written => 1.0,
            Self::Peeled => PEELED,
            Self::Read => READ,
        }
    }
}

impl<'r> Asked<'r> {
    fn new(name: Cow<'r, Name>, spelling: usize, meaning: As, reader: &Reader<'_>) -> Self {
        let rarities = reader.rarities(&name);
        Self { name, spelling, meaning, rarities }
    }

    fn probe(&self) -> Probe<'_> {
        Probe::new(&self.name).weighed(self.rarities.iter().copied())
    }
}

/// A name that was found, with its score before it is looked at closely.
#[derive(Clone, Copy)]
struct Scored {
    score: f64,
    entity: EntityRef,
    name: NameRef,
    /// Position in `Search::asked`.
    asked: usize,
}

impl<'r, 'a> Search<'r, 'a> {
    fn new(
        reader: &'r Reader<'a>,
        query: &'r Query,
        options: &'r Options,
        until: Option<Instant>,
    ) -> Self {
        Self {
            reader,
            query,
            options,
            until,
            asked: Vec::new(),
            scored: Vec::new(),
            has_same_form: false,
            filtered_best: 0.0,
            partial: false,
        }
    }

    /// Scores the names that share a key with what is asked, until the best of them stand.
    fn ask(&mut self, asked: Asked<'r>) {
        let found = self.reader.find(&asked.name, &self.query.filter);
        let mut probe = asked.probe();
        let mut standing = Standing::new(self.query, self.options);
        let mut left = found.admitted.len();
        for names in found.admitted.chunks(BETWEEN_LOOKS) {
            self.score(&asked, &mut probe, names, &mut standing);
            left -= names.len();
            if left == 0 || standing.is_settled() {
                break;
            }
            if self.is_late() {
                self.partial = true;
                break;
            }
        }
        for name in found.filtered {
            let score = Prospect::new(&asked, self.reader.imprint(name)).score(&asked, &mut probe);
            self.filtered_best = self.filtered_best.max(score);
        }
        drop(probe);
        self.asked.push(asked);
    }

    /// Scores some names. All are looked at before the first is compared: they lie apart, and so memory is
    /// waited for once.
    fn score<'p>(
        &mut self,
        asked: &Asked<'_>,
        probe: &mut Probe<'p>,
        names: &[NameRef],
        standing: &mut Standing,
    ) where
        'a: 'p,
    {
        let prospect = |name: &NameRef| Prospect::new(asked, self.reader.imprint(*name));
        let prospects: ArrayVec<_, BETWEEN_LOOKS> = names.iter().map(prospect).collect();
        for (&name, prospect) in names.iter().zip(prospects) {
            let score = prospect.score(asked, probe);
            let entity = self.reader.entity_of(name);
            standing.see(entity, score);
            self.has_same_form |= score >= 1.0;
            self.scored.push(Scored { score, entity, name, asked: self.asked.len() });
        }
    }

    fn is_late(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() >= until)
    }

    fn candidates(mut self) -> Vec<Candidate<'a>> {
        let (query, candidates_max) = (self.query, self.options.candidates_max);
        self.scored.retain(|scored| scored.score >= LISTED_MIN);
        let reader = self.reader;
        self.scored.sort_unstable_by(|a, b| order(reader, a, b));
        let best = best_names(self.scored, candidates_max + WEIGHED_ENTITIES_MORE);
        let mut probes: Vec<Probe<'_>> = self.asked.iter().map(Asked::probe).collect();
        let mut candidates: Vec<Candidate<'a>> = Vec::with_capacity(best.len());
        for scored in best {
            // A closer look takes from a score, and only evidence adds to it.
            if query.evidence.is_empty() && are_above(&candidates, scored.score, candidates_max + 1)
            {
                break;
            }
            let asked = &self.asked[scored.asked];
            candidates.push(candidate(reader, query, asked, &mut probes[scored.asked], scored));
        }
        candidates.sort_by(Candidate::order);
        let mut seen: Vec<EntityRef> = Vec::with_capacity(candidates.len());
        candidates.retain(|candidate| {
            let is_new = !seen.contains(&candidate.entity);
            seen.push(candidate.entity);
            is_new
        });
        candidates
    }
}

/// Whether so many entities have a greater score.
fn are_above(candidates: &[Candidate<'_>], score: f64, entities: usize) -> bool {
    if candidates.len() < entities {
        return false;
    }
    let is_above = |candidate: &Candidate<'_>| candidate.score > score;
    let is_first = |(at, candidate): &(usize, &Candidate<'_>)| {
        let same = |other: &Candidate<'_>| is_above(other) && other.entity == candidate.entity;
        is_above(candidate) && !candidates[..*at].iter().any(same)
    };
    candidates.iter().enumerate().filter(is_first).count() >= entities
}

/// The best names of so many entities, from names in their order. Two of each: looked at closely, the second may
/// be the better one.
fn best_names(scored: Vec<Scored>, entities_max: usize) -> Vec<Scored> {
    const NAMES: usize = 2;
    let (mut best, mut entities): (Vec<Scored>, usize) = (Vec::new(), 0);
    for scored in scored {
        let names = best.iter().filter(|other| other.entity == scored.entity).count();
        match names {
            0 if entities == entities_max => break,
            0 => entities += 1,
            NAMES.. => continue,
            _ => {}
        }
        best.push(scored);
    }
    best
}

/// The order in which names are looked at more closely.
fn order(reader: &Reader<'_>, a: &Scored, b: &Scored) -> Ordering {
    let prominence = |scored: &Scored| reader.prominence(scored.entity);
    b.score
        .total_cmp(&a.score)
        .then_with(|| prominence(b).total_cmp(&prominence(a)))
        .then_with(|| reader.id_bytes(a.entity).cmp(reader.id_bytes(b.entity)))
        .then_with(|| reader.position(a.name).cmp(&reader.position(b.name)))
        .then_with(|| a.asked.cmp(&b.asked))
}

fn candidate<'p, 'a: 'p>(
    reader: &Reader<'a>,
    query: &Query,
    asked: &Asked<'_>,
    probe: &mut Probe<'p>,
    scored: Scored,
) -> Candidate<'a> {
    let found = reader.imprint(scored.name);
    let alike = probe.similarity(found);
    let evidence = match query.evidence.is_empty() {
        true => Vec::new(),
        false => evidence::weigh(&query.evidence, &reader.entity(scored.entity)),
    };
    let is_doubtful = is_doubtful(&alike, &asked.name, found);
    let doubt = if is_doubtful { doubt(asked.name.skeleton().len()) } else { 0.0 };
    let score = scored.score * (1.0 - doubt);
    Candidate {
        entity: scored.entity,
        id: reader.id(scored.entity),
        score: evidence::adjust(score, &evidence),
        kind: if asked.meaning == As::Peeled { peeled(alike.kind) } else { kind_of(alike.kind) },
        prominence: reader.prominence(scored.entity),
        matched_name: reader.text(scored.name),
        spelling: asked.spelling,
        evidence,
        explanation: None,
    }
}

/// A name that was found, before it is compared. Between scripts only sounds are, which is doubted by the shorter
/// of the two.
struct Prospect<'a> {
    imprint: Imprint<'a>,
    doubt: f64,
}

impl<'a> Prospect<'a> {
    fn new(asked: &Asked<'_>, imprint: Imprint<'a>) -> Self {
        let doubt = match asked.name.script() == imprint.script() {
            true => 0.0,
            false => doubt(asked.name.skeleton().len().min(imprint.classes())),
        };
        Self { imprint, doubt }
    }

    /// Its score before it is looked at closely.
    fn score(&self, asked: &Asked<'_>, probe: &mut Probe<'a>) -> f64 {
        probe.score(self.imprint) * asked.meaning.factor() * (1.0 - self.doubt)
    }
}

/// Whether the likeness of names in one script is doubted: what is not one form, nor part of a name,
/// unless the vowels agree.
fn is_doubtful(alike: &Similarity, asked: &Name, found: Imprint<'_>) -> bool {
    use names::MatchKind::{Partial, SameForm, SameOrthographic, SameSkeleton};
    let is_sure = match alike.kind {
        SameOrthographic | SameForm | Partial => true,
        SameSkeleton => alike.vowels == Vowels::Equal,
        _ => false,
    };
    asked.script() == found.script() && !is_sure
}

/// What likeness of one pair leaves out: against a thousand names, a short one has a neighbour by
/// chance. The share of the score that so many classes of consonants lose.
fn doubt(classes: usize) -> f64 {
    match classes {
        0..=3 => 0.24,
        4 => 0.18,
        5 => 0.12,
        6 => 0.06,
        7 => 0.03,
        _ => 0.0,
    }
}

/// How two names are alike, in the words of the contract.
pub(crate) fn kind_of(kind: names::MatchKind) -> MatchKind {
    match kind {
        names::MatchKind::SameOrthographic => MatchKind::SameSpelling,
        names::MatchKind::SameForm => MatchKind::SameForm,
        names::MatchKind::SameSkeleton => MatchKind::SameSkeleton,
        names::MatchKind::Partial => MatchKind::Partial,
        names::MatchKind::Tokens | names::MatchKind::Different => MatchKind::Tokens,
    }
}

/// The same for a mention whose proclitic was taken off.
pub(crate) fn peeled(kind: names::MatchKind) -> MatchKind {
    match kind_of(kind) {
        MatchKind::SameSpelling | MatchKind::SameForm => MatchKind::WithoutClitic,
        weaker => weaker,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        entity::Entity,
        index::{Builder, Index, Origin},
        query::{Evidence, Filter, Policy, Spelling},
    };
    use expect_test::{Expect, expect};
    use proto::vocabulary::EntityType;

    fn catalogue() -> Index {
        let mut entities_of = Builder::default();
        let entities: [(&str, EntityType, &[&str]); 8] = [
            ("lavrov", EntityType::Person, &["Sergey Lavrov", "سيرغي لافروف", "Сергей Лавров"]),
            ("putin", EntityType::Person, &["Vladimir Putin", "فلاديمير بوتين"]),
            ("kim3", EntityType::Person, &["Kim Jong Un", "كيم جونغ أون"]),
            ("kim1", EntityType::Person, &["Kim Il-sung", "كيم إيل سونغ"]),
            ("pyongyang", EntityType::City, &["Pyongyang", "بيونغ يانغ", "평양"]),
            ("cairo", EntityType::City, &["Cairo", "القاهرة"]),
            ("oman", EntityType::Country, &["Oman", "عمان"]),
            ("amman", EntityType::City, &["Amman", "عمان"]),
        ];
        for (id, entity_type, names) in entities {
            let names = names.iter().map(|&name| name.to_owned()).collect();
            entities_of.push(Entity { id: id.to_owned(), entity_type, names, ..Entity::default() });
        }
        Index::of(entities_of, Origin::default())
    }

    /// What is looked at of an outcome.
    struct Shown {
        verdict: Verdict,
        no_match_reason: NoMatchReason,
        /// Id and kind, best first.
        candidates: Vec<(String, MatchKind)>,
    }

    fn run(text: &str, filter: Filter) -> Shown {
        run_for(text, filter, 5)
    }

    fn run_for(text: &str, filter: Filter, candidates_max: usize) -> Shown {
        let spellings = vec![Spelling::new(text.to_owned()).unwrap()];
        let query = Query { spellings, filter, evidence: Evidence::default(), profile: None };
        let options = Options { candidates_max, policy: Policy::default(), explain: true };
        let index = catalogue();
        let reader = index.reader();
        let matched = find(&reader, &query, &options, None);
        let shown = |candidate: &Candidate<'_>| (candidate.id.to_owned(), candidate.kind);
        Shown {
            verdict: matched.verdict,
            no_match_reason: matched.no_match_reason,
            candidates: matched.candidates.iter().map(shown).collect(),
        }
    }

    fn check(text: &str, expected: Expect) {
        let matched = run(text, Filter::default());
        let best = matched.candidates.first();
        let shown = best.map(|(id, kind)| format!("{id} {kind:?}")).unwrap_or_default();
        expected.assert_eq(&format!("{:?} {shown}", matched.verdict));
    }

    #[test]
    fn the_spellings_of_the_mission_mean_one_entity() {
        check("سيرغي لافروف", expect!["Match lavrov SameSpelling"]);
        check("سيرجي لافروف", expect!["Match lavrov SameForm"]);
        check("لافروف", expect!["Match lavrov Partial"]);
        check("للافروف", expect!["Match lavrov Partial"]);
        check("أكد سيرجي لافروف", expect!["Match lavrov Partial"]);
        check("وسيرجي لافروف", expect!["Match lavrov WithoutClitic"]);
        check("Lavrov", expect!["Match lavrov Partial"]);
        check("Лавров", expect!["Match lavrov Partial"]);
        check("بيونج يانج", expect!["Match pyongyang SameForm"]);
        check("پیونگ\u{200C}یانگ", expect!["Match pyongyang SameForm"]);
        check("للقاهرة", expect!["Match cairo WithoutClitic"]);
    }

    #[test]
    fn a_name_of_several_is_ambiguous_and_too_little_of_a_name_is_no_match() {
        check("عمان", expect!["Ambiguous amman SameSpelling"]);
        check("كيم", expect!["NoMatch kim1 Partial"]);
        check("خوسيه موخيكا", expect!["NoMatch "]);
    }

    #[test]
    fn a_filter_decides_an_ambiguity_and_says_when_it_left_nothing() {
        let only = |entity_type| Filter { types: vec![entity_type], ..Filter::default() };
        assert_eq!(run("عمان", only(EntityType::City)).candidates[0].0, "amman");
        let none = run("لافروف", only(EntityType::City));
        assert_eq!(none.no_match_reason, NoMatchReason::FilteredOut);
    }

    #[test]
    fn the_margin_counts_the_runner_up_that_is_not_listed() {
        let matched = run_for("عمان", Filter::default(), 1);
        assert_eq!((matched.verdict, matched.candidates.len()), (Verdict::Ambiguous, 1));
    }

    #[test]
    fn a_hint_at_the_tradition_finds_what_the_letters_mean_there() {
        let mut entities_of = Builder::default();
        for (id, name) in [("garage", "غراج"), ("other", "كرات")] {
            let names = vec![name.to_owned()];
            entities_of.push(Entity { id: id.to_owned(), names, ..Entity::default() });
        }
        let index = Index::of(entities_of, Origin::default());
        let options = Options { candidates_max: 5, policy: Policy::default(), explain: false };
        let score = |profile| {
            let spellings = vec![Spelling::new("كراج".to_owned()).unwrap()];
            let (filter, evidence) = (Filter::default(), Evidence::default());
            let query = Query { spellings, filter, evidence, profile };
            let matched = find(&index.reader(), &query, &options, None);
            matched
                .candidates
                .iter()
                .find(|best| best.id == "garage")
                .map_or(0.0, |best| best.score)
        };
        // The reading has no vowels, so that it is not quite the same.
        assert!(score(Some(Profile::Levant)) > score(None) + 0.05);
    }

    #[test]
    fn when_time_is_up_the_most_promising_names_are_still_scored() {
        let mut entities_of = Builder::default();
        let others = (0..100).map(|at| format!("لافروف {at}"));
        for (at, name) in others.chain(["سيرغي لافروف".to_owned()]).enumerate() {
            entities_of.push(Entity { id: at.to_string(), names: vec![name], ..Entity::default() });
        }
        let index = Index::of(entities_of, Origin::default());
        let spellings = vec![Spelling::new("سيرجي لافروف".to_owned()).unwrap()];
        let (filter, evidence) = (Filter::default(), Evidence::default());
        let query = Query { spellings, filter, evidence, profile: None };
        let options = Options { candidates_max: 5, policy: Policy::default(), explain: false };
        for (until, partial) in [(None, false), (Some(Instant::now()), true)] {
            let reader = index.reader();
            let matched = find(&reader, &query, &options, until);
            assert_eq!((matched.partial, matched.candidates[0].id), (partial, "100"));
        }
    }
}
