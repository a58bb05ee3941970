//! From a query to a verdict: find, score, weigh, order, decide.
//!
//! Pure: it reads one index and cannot fail. Cost: tens to hundreds of microseconds a query.

use std::collections::HashMap;

use names::{Name, Similarity, Vowels, peelings, search_similarity};
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
const LISTED_MIN: f64 = 0.40;

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
    let mut search =
        Search { index, filter: &query.filter, best: HashMap::new(), filtered_best: 0.0 };
    for (position, spelling) in query.spellings.iter().enumerate() {
        search.add(position, &spelling.name, 1.0);
    }
    if !search.has_same_form() {
        for (position, spelling) in query.spellings.iter().enumerate() {
            for peeled in confirmed_peelings(index, &spelling.name) {
                search.add(position, &peeled, PEELED);
            }
        }
    }
    let filtered_out = search.filtered_best >= options.policy.threshold;
    let mut candidates = search.candidates(query);
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

/// The best name of each entity so far.
struct Search<'a> {
    index: &'a Index,
    filter: &'a Filter,
    best: HashMap<u32, Best>,
    /// The best score among the entities that the filter keeps away.
    filtered_best: f64,
}

struct Best {
    name: u32,
    score: f64,
    kind: MatchKind,
    spelling: usize,
}

impl Search<'_> {
    /// Scores every name that shares a key with `spelling`.
    fn add(&mut self, position: usize, spelling: &Name, factor: f64) {
        let found = self.index.find(spelling, |entity| self.filter.admits(entity));
        for slot in found.admitted {
            let Some(indexed) = self.index.name(slot) else { continue };
            let alike = search_similarity(spelling, &indexed.name);
            let kind = if factor < 1.0 { peeled(alike.kind) } else { kind_of(alike.kind) };
            let score = likelihood(&alike, spelling, &indexed.name) * factor;
            let best = Best { name: slot, score, kind, spelling: position };
            self.keep(indexed.entity, best);
        }
        for slot in found.filtered {
            let Some(indexed) = self.index.name(slot) else { continue };
            let alike = search_similarity(spelling, &indexed.name);
            let score = likelihood(&alike, spelling, &indexed.name) * factor;
            self.filtered_best = self.filtered_best.max(score);
        }
    }

    /// Keeps the better of two names of an entity: the score, then the kind, then the catalogue's
    /// order of names.
    fn keep(&mut self, entity: u32, new: Best) {
        let rank = |best: &Best| (best.score, -(best.kind as i32));
        match self.best.get(&entity) {
            Some(old)
                if rank(old) > rank(&new) || (rank(old) == rank(&new) && old.name <= new.name) => {}
            _ => drop(self.best.insert(entity, new)),
        }
    }

    fn has_same_form(&self) -> bool {
        self.best.values().any(|best| best.score >= 1.0)
    }

    fn candidates(self, query: &Query) -> Vec<Candidate> {
        let index = self.index;
        let mut candidates: Vec<Candidate> = self
            .best
            .into_iter()
            .filter_map(|(slot, best)| candidate(index, query, slot, &best))
            .filter(|candidate| candidate.score >= LISTED_MIN)
            .collect();
        candidates.sort_by(Candidate::order);
        candidates
    }
}

fn candidate(index: &Index, query: &Query, slot: u32, best: &Best) -> Option<Candidate> {
    let entity = index.entity(slot)?;
    let indexed = index.name(best.name)?;
    let evidence = evidence::weigh(&query.evidence, entity);
    Some(Candidate {
        slot,
        id: entity.id.clone(),
        score: evidence::adjust(best.score, &evidence),
        kind: best.kind,
        prominence: entity.prominence,
        matched_name: entity.names.get(indexed.position)?.clone(),
        spelling: best.spelling,
        evidence,
        explanation: None,
    })
}

/// How likely names that are alike mean one entity of a catalogue. Likeness of one pair is not
/// enough: against a thousand names, a short one has a neighbour by chance. So what is not one form,
/// nor part of a name, is doubted the more the fewer consonants it has, unless the vowels agree.
fn likelihood(alike: &Similarity, a: &Name, b: &Name) -> f64 {
    let doubt = match a.skeleton().len().min(b.skeleton().len()) {
        0..=3 => 0.22,
        4 => 0.16,
        5 => 0.11,
        6 => 0.05,
        7 => 0.03,
        _ => 0.0,
    };
    match (alike.kind, alike.vowels) {
        (
            names::MatchKind::SameOrthographic
            | names::MatchKind::SameForm
            | names::MatchKind::Partial,
            _,
        ) => alike.score,
        (names::MatchKind::SameSkeleton, Vowels::Equal) => alike.score,
        _ => (alike.score - doubt).max(0.0),
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
