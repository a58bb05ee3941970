//! From a query to a verdict: find, score, weigh, order, decide.
//!
//! Pure: it reads one index and cannot fail. Cost: tens to hundreds of microseconds a query.

use std::collections::HashMap;

use names::{Name, Similarity, Vowels, peelings};
use proto::vocabulary::{MatchKind, NoMatchReason, Verdict};

use crate::{
    evidence,
    explain::explain,
    index::Index,
    query::{Filter, Options, Query},
    verdict::{self, Candidate},
};

/// What a peeled proclitic leaves of a score: the catalogue confirmed the reading, the text did not.
const PEELED: f64 = 0.99;

/// A candidate below this is noise and is not listed.
const LISTED_MIN: f64 = 0.02;

/// So many more entities than are asked for are looked at more closely: evidence may lift one of them, and
/// the margin is that of the runner-up.
const WEIGHED_ENTITIES_MORE: usize = 10;

/// The outcome of one query.
#[derive(Debug)]
pub(crate) struct Matched {
    pub(crate) verdict: Verdict,
    pub(crate) no_match_reason: NoMatchReason,
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) margin: f64,
}

/// Matches one query against the index.
pub(crate) fn find(index: &Index, query: &Query, options: &Options) -> Matched {
    let mut search = Search::new(index, &query.filter);
    for (spelling, asked) in query.spellings.iter().enumerate() {
        search.ask(Asked { name: asked.name.clone(), spelling, is_peeled: false });
    }
    if !search.has_same_form() {
        for (spelling, asked) in query.spellings.iter().enumerate() {
            for name in confirmed_peelings(index, &asked.name) {
                search.ask(Asked { name, spelling, is_peeled: true });
            }
        }
    }
    let filtered_out = search.filtered_best >= options.policy.threshold;
    let mut candidates = search.candidates(query, options.candidates_max);
    let (verdict, no_match_reason) = verdict::decide(&candidates, filtered_out, options.policy);
    let margin = verdict::margin(&candidates);
    candidates.truncate(options.candidates_max);
    if options.explain {
        for candidate in &mut candidates {
            let spelling = &query.spellings[candidate.spelling];
            candidate.explanation = Some(explain(&spelling.text, &candidate.matched_name));
        }
    }
    Matched { verdict, no_match_reason, candidates, margin }
}

/// The ways to peel proclitics off the first word of a spelling that the catalogue knows.
/// Proclitics stand before a name, never inside it.
fn confirmed_peelings<'a>(index: &'a Index, spelling: &'a Name) -> impl Iterator<Item = Name> + 'a {
    let (first, rest) = match spelling.orthographic().split_once(' ') {
        Some((first, rest)) => (first, Some(rest)),
        None => (spelling.orthographic(), None),
    };
    peelings(first).into_iter().filter_map(move |peeling| {
        let stem = Name::new(&peeling.stem);
        index.knows(&stem).then(|| match rest {
            Some(rest) => Name::new(&format!("{} {rest}", peeling.stem)),
            None => stem,
        })
    })
}

/// What was looked for, and the best name of each entity so far.
struct Search<'a> {
    index: &'a Index,
    filter: &'a Filter,
    asked: Vec<Asked>,
    best: HashMap<u32, Best>,
    /// The best score among the entities that the filter keeps away.
    filtered_best: f64,
}

/// A spelling of the mention, as it is or without a proclitic.
struct Asked {
    name: Name,
    /// Position in the query.
    spelling: usize,
    is_peeled: bool,
}

#[derive(Clone, Copy)]
struct Best {
    name: u32,
    /// Before it is looked at closely.
    score: f64,
    /// Position in `Search::asked`.
    asked: usize,
}

impl<'a> Search<'a> {
    fn new(index: &'a Index, filter: &'a Filter) -> Self {
        Self { index, filter, asked: Vec::new(), best: HashMap::new(), filtered_best: 0.0 }
    }

    /// Scores every name that shares a key with what is asked.
    fn ask(&mut self, asked: Asked) {
        let found = self.index.find(&asked.name, |entity| self.filter.admits(entity));
        for slot in found.admitted {
            let Some(indexed) = self.index.name(slot) else { continue };
            let score = score(&asked, &indexed.name);
            self.keep(indexed.entity, Best { name: slot, score, asked: self.asked.len() });
        }
        for slot in found.filtered {
            let Some(indexed) = self.index.name(slot) else { continue };
            let score = score(&asked, &indexed.name);
            self.filtered_best = self.filtered_best.max(score);
        }
        self.asked.push(asked);
    }

    /// Keeps the better of two names of an entity: the score, then the catalogue's order of names.
    fn keep(&mut self, entity: u32, new: Best) {
        match self.best.get(&entity) {
            Some(old) if (old.score, new.name) >= (new.score, old.name) => {}
            _ => drop(self.best.insert(entity, new)),
        }
    }

    fn has_same_form(&self) -> bool {
        self.best.values().any(|best| best.score >= 1.0)
    }

    fn candidates(self, query: &Query, candidates_max: usize) -> Vec<Candidate> {
        let index = self.index;
        let mut best: Vec<(u32, Best)> = self.best.into_iter().collect();
        best.retain(|(_, best)| best.score >= LISTED_MIN);
        best.sort_unstable_by(|(a, x), (b, y)| y.score.total_cmp(&x.score).then(a.cmp(b)));
        best.truncate(candidates_max + WEIGHED_ENTITIES_MORE);
        let mut candidates: Vec<Candidate> = best
            .into_iter()
            .filter_map(|(slot, best)| candidate(index, query, &self.asked[best.asked], slot, best))
            .collect();
        candidates.sort_by(Candidate::order);
        candidates
    }
}

fn candidate(
    index: &Index,
    query: &Query,
    asked: &Asked,
    slot: u32,
    best: Best,
) -> Option<Candidate> {
    let entity = index.entity(slot)?;
    let indexed = index.name(best.name)?;
    let alike = names::Probe::new(&asked.name).similarity(indexed.name.imprint());
    let evidence = evidence::weigh(&query.evidence, entity);
    let is_doubtful = is_doubtful(&alike, &asked.name, &indexed.name);
    let doubt = if is_doubtful { doubt(asked.name.skeleton().len()) } else { 0.0 };
    let score = best.score * (1.0 - doubt);
    Some(Candidate {
        slot,
        id: entity.id.clone(),
        score: evidence::adjust(score, &evidence),
        kind: if asked.is_peeled { peeled(alike.kind) } else { kind_of(alike.kind) },
        prominence: entity.prominence,
        matched_name: entity.names.get(indexed.position)?.clone(),
        spelling: asked.spelling,
        evidence,
        explanation: None,
    })
}

/// The score of a name that was found, before it is looked at closely. Between scripts only sounds are
/// compared, which is doubted by the shorter of the two.
fn score(asked: &Asked, found: &Name) -> f64 {
    let peeled = if asked.is_peeled { PEELED } else { 1.0 };
    let across = match asked.name.script() == found.script() {
        true => 0.0,
        false => doubt(asked.name.skeleton().len().min(found.skeleton().len())),
    };
    names::Probe::new(&asked.name).score(found.imprint()) * peeled * (1.0 - across)
}

/// Whether the likeness of names in one script is doubted: what is not one form, nor part of a name,
/// unless the vowels agree.
fn is_doubtful(alike: &Similarity, asked: &Name, found: &Name) -> bool {
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
fn peeled(kind: names::MatchKind) -> MatchKind {
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
        query::{Evidence, Policy, Spelling},
    };
    use expect_test::{Expect, expect};
    use proto::vocabulary::EntityType;

    fn catalogue() -> Index {
        let mut index = Index::default();
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
            index.upsert(Entity { id: id.to_owned(), entity_type, names, ..Entity::default() });
        }
        index
    }

    fn run(text: &str, filter: Filter) -> Matched {
        run_for(text, filter, 5)
    }

    fn run_for(text: &str, filter: Filter, candidates_max: usize) -> Matched {
        let spellings = vec![Spelling::new(text.to_owned()).unwrap()];
        let query = Query { spellings, filter, evidence: Evidence::default() };
        let options = Options { candidates_max, policy: Policy::default(), explain: true };
        find(&catalogue(), &query, &options)
    }

    fn check(text: &str, expected: Expect) {
        let matched = run(text, Filter::default());
        let best = matched.candidates.first();
        let shown = best.map(|best| format!("{} {:?}", best.id, best.kind)).unwrap_or_default();
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
        assert_eq!(run("عمان", only(EntityType::City)).candidates[0].id, "amman");
        let none = run("لافروف", only(EntityType::City));
        assert_eq!(none.no_match_reason, NoMatchReason::FilteredOut);
    }

    #[test]
    fn the_margin_counts_the_runner_up_that_is_not_listed() {
        let matched = run_for("عمان", Filter::default(), 1);
        assert_eq!((matched.verdict, matched.candidates.len()), (Verdict::Ambiguous, 1));
    }
}
