//! From a query to a verdict: find, score, weigh, order, decide.
//!
//! Pure: it reads one index and cannot fail. Cost: tens to hundreds of microseconds a query.

use std::{cmp::Ordering, time::Instant};

use names::{Imprint, Name, Probe, Profile, Similarity, Vowels, peelings, readings};
use proto::vocabulary::{MatchKind, NoMatchReason, Verdict};

use crate::{
    evidence,
    explain::explain,
    index::{EntityRef, NameRef, Reader},
    query::{Filter, Options, Query},
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

/// So many names are scored between two looks at the clock.
const BETWEEN_LOOKS: usize = 32;

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
    let mut search = Search::new(reader, &query.filter, until);
    for (spelling, asked) in query.spellings.iter().enumerate() {
        search.ask(Asked::new(asked.name.clone(), spelling, As::Written, reader));
    }
    if !search.has_same_form {
        for (spelling, asked) in query.spellings.iter().enumerate() {
            for name in confirmed_peelings(reader, &asked.name) {
                search.ask(Asked::new(name, spelling, As::Peeled, reader));
            }
            for name in confirmed_readings(reader, &asked.text, query.profile) {
                search.ask(Asked::new(name, spelling, As::Read, reader));
            }
        }
    }
    let partial = search.partial;
    let filtered_out = search.filtered_best >= options.policy.threshold;
    let mut candidates = search.candidates(query, options.candidates_max);
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
    filter: &'r Filter,
    until: Option<Instant>,
    asked: Vec<Asked>,
    scored: Vec<Scored>,
    has_same_form: bool,
    /// The best score among the entities that the filter keeps away.
    filtered_best: f64,
    partial: bool,
}

/// A spelling of the mention.
struct Asked {
    name: Name,
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

impl Asked {
    fn new(name: Name, spelling: usize, meaning: As, reader: &Reader<'_>) -> Self {
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
    fn new(reader: &'r Reader<'a>, filter: &'r Filter, until: Option<Instant>) -> Self {
        Self {
            reader,
            filter,
            until,
            asked: Vec::new(),
            scored: Vec::new(),
            has_same_form: false,
            filtered_best: 0.0,
            partial: false,
        }
    }

    /// Scores every name that shares a key with what is asked.
    fn ask(&mut self, asked: Asked) {
        let found = self.reader.find(&asked.name, self.filter);
        let mut probe = asked.probe();
        for (at, name) in found.admitted.into_iter().enumerate() {
            if at % BETWEEN_LOOKS == BETWEEN_LOOKS - 1 && self.is_late() {
                self.partial = true;
                break;
            }
            let score = score(&asked, &mut probe, self.reader.imprint(name));
            self.has_same_form |= score >= 1.0;
            let entity = self.reader.entity_of(name);
            self.scored.push(Scored { score, entity, name, asked: self.asked.len() });
        }
        for name in found.filtered {
            let score = score(&asked, &mut probe, self.reader.imprint(name));
            self.filtered_best = self.filtered_best.max(score);
        }
        drop(probe);
        self.asked.push(asked);
    }

    fn is_late(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() >= until)
    }

    fn candidates(mut self, query: &Query, candidates_max: usize) -> Vec<Candidate<'a>> {
        self.scored.retain(|scored| scored.score >= LISTED_MIN);
        let reader = self.reader;
        self.scored.sort_unstable_by(|a, b| order(reader, a, b));
        let best = best_names(self.scored, candidates_max + WEIGHED_ENTITIES_MORE);
        let mut probes: Vec<Probe<'_>> = self.asked.iter().map(Asked::probe).collect();
        let candidate = |scored: Scored| {
            let asked = &self.asked[scored.asked];
            candidate(reader, query, asked, &mut probes[scored.asked], scored)
        };
        let mut candidates: Vec<Candidate<'a>> = best.into_iter().map(candidate).collect();
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
    asked: &Asked,
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

/// The score of a name that was found, before it is looked at closely. Between scripts only sounds are
/// compared, which is doubted by the shorter of the two.
fn score<'a>(asked: &Asked, probe: &mut Probe<'a>, found: Imprint<'a>) -> f64 {
    let across = match asked.name.script() == found.script() {
        true => 0.0,
        false => doubt(asked.name.skeleton().len().min(found.classes())),
    };
    probe.score(found) * asked.meaning.factor() * (1.0 - across)
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
        query::{Evidence, Policy, Spelling},
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
