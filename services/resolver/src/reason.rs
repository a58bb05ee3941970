//! Says in one English sentence why a mention has its verdict. The structured explanation is for
//! programs; this is for the person who reads the table.

use proto::vocabulary::{MatchKind, MentionGround, NoMatchReason, Verdict};

/// What the sentence is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grounds<'a> {
    pub(crate) text: &'a str,
    pub(crate) verdict: Verdict,
    pub(crate) no_match_reason: NoMatchReason,
    pub(crate) threshold: f64,
    /// The best candidate.
    pub(crate) best: Option<Best<'a>>,
    /// Primary name of the second candidate.
    pub(crate) runner_up: Option<&'a str>,
}

/// The best candidate, as far as the sentence needs it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Best<'a> {
    pub(crate) name: &'a str,
    pub(crate) matched_name: &'a str,
    pub(crate) kind: MatchKind,
    pub(crate) score: f64,
}

/// The sentence; lower case, no full stop, names in backticks.
pub(crate) fn reason(grounds: Grounds<'_>) -> String {
    match (grounds.verdict, grounds.best) {
        (Verdict::Match, Some(best)) => likeness(grounds, best),
        (Verdict::Ambiguous, Some(best)) => ambiguous(best.name, grounds.runner_up),
        _ => no_match(grounds),
    }
}

/// The sentence for a mention of which a person said what it means.
pub(crate) fn decided(name: &str) -> String {
    format!("a person decided that it is `{name}`")
}

/// The sentence for a mention of which a person said that it means nothing, or not yet.
pub(crate) fn undecided(reason: NoMatchReason) -> &'static str {
    match reason {
        NoMatchReason::Deferred => "a person put the question off",
        _ => "a person decided that it is no known entity",
    }
}

/// What the sentence about a mention in a text is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MentionGrounds<'a> {
    pub(crate) ground: MentionGround,
    /// The word of the text that settled it.
    pub(crate) cue: &'a str,
    /// The fuller mention that it is short for.
    pub(crate) fuller: &'a str,
    /// Primary name of the entity, and the name of it that matched.
    pub(crate) name: &'a str,
    pub(crate) matched_name: &'a str,
    pub(crate) kind: MatchKind,
    /// Primary name of the second candidate.
    pub(crate) runner_up: Option<&'a str>,
}

/// The sentence for a mention in a text.
pub(crate) fn mention(grounds: MentionGrounds<'_>) -> String {
    let MentionGrounds { cue, fuller, name, matched_name, runner_up, .. } = grounds;
    let likeness = spelling(grounds.kind, matched_name);
    match grounds.ground {
        MentionGround::Unspecified => ambiguous(name, runner_up),
        MentionGround::Name => likeness,
        MentionGround::Cue => format!("{likeness}, and `{cue}` before it says which"),
        MentionGround::Country => format!("{likeness}, and `{cue}` in its sentence says which"),
        MentionGround::Prominence => format!("{likeness}, by far the best known of that name"),
        MentionGround::FullerMention => format!("short for `{fuller}` in the same text"),
        MentionGround::Part => format!("a part of `{matched_name}`, and of no other known name"),
        MentionGround::Close => format!("close to `{matched_name}`, word by word"),
        MentionGround::Decision => decided(name),
    }
}

fn spelling(kind: MatchKind, name: &str) -> String {
    match kind {
        MatchKind::SameSpelling => format!("the same spelling as `{name}`"),
        MatchKind::SameForm => format!("another spelling of `{name}`"),
        MatchKind::WithoutClitic => format!("`{name}` with a proclitic before it"),
        MatchKind::SameSkeleton => format!("the same consonants as `{name}`"),
        MatchKind::Partial => format!("a part of `{name}`"),
        MatchKind::Tokens | MatchKind::Unspecified => format!("close to `{name}`, word by word"),
    }
}

fn likeness(grounds: Grounds<'_>, best: Best<'_>) -> String {
    let name = best.matched_name;
    let is_shorter = grounds.text.chars().count() < name.chars().count();
    match best.kind {
        MatchKind::Partial if is_shorter => match grounds.runner_up {
            Some(other) => format!("a part of `{name}`, which fits better than `{other}`"),
            None => format!("a part of `{name}`, and of no other known name"),
        },
        MatchKind::Partial => format!("contains `{name}`"),
        kind => spelling(kind, name),
    }
}

fn ambiguous(name: &str, runner_up: Option<&str>) -> String {
    match runner_up {
        Some(other) => format!("`{name}` and `{other}` fit about equally well"),
        None => format!("`{name}` and another fit about equally well"),
    }
}

fn no_match(grounds: Grounds<'_>) -> String {
    match (grounds.no_match_reason, grounds.best) {
        (NoMatchReason::BelowThreshold, Some(best)) => format!(
            "the nearest is `{}` with {:.2}, below the threshold of {:.2}",
            best.matched_name, best.score, grounds.threshold
        ),
        (NoMatchReason::FilteredOut, _) => {
            "an entity of that name is known, and the filter keeps it out".to_owned()
        }
        (reason @ (NoMatchReason::Decided | NoMatchReason::Deferred), _) => {
            undecided(reason).to_owned()
        }
        _ => "no known name shares a form, a skeleton or a word with it".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn best(kind: MatchKind) -> Best<'static> {
        Best { name: "Sergey Lavrov", matched_name: "سيرغي لافروف", kind, score: 0.71 }
    }

    fn check(grounds: Grounds<'_>, expected: Expect) {
        expected.assert_eq(&reason(grounds));
    }

    const NONE: Grounds<'_> = Grounds {
        text: "لافروف",
        verdict: Verdict::NoMatch,
        no_match_reason: NoMatchReason::NoCandidate,
        threshold: 0.8,
        best: None,
        runner_up: None,
    };

    #[test]
    fn every_outcome_has_its_sentence() {
        let matched = |kind| Grounds { verdict: Verdict::Match, best: Some(best(kind)), ..NONE };
        check(matched(MatchKind::SameForm), expect!["another spelling of `سيرغي لافروف`"]);
        check(
            matched(MatchKind::Partial),
            expect!["a part of `سيرغي لافروف`, and of no other known name"],
        );
        check(
            Grounds { runner_up: Some("B"), ..matched(MatchKind::Partial) },
            expect!["a part of `سيرغي لافروف`, which fits better than `B`"],
        );
        check(
            Grounds { text: "أكد سيرجي لافروف", ..matched(MatchKind::Partial) },
            expect!["contains `سيرغي لافروف`"],
        );
        check(
            Grounds {
                verdict: Verdict::Ambiguous,
                best: Some(best(MatchKind::Partial)),
                runner_up: Some("B"),
                ..NONE
            },
            expect!["`Sergey Lavrov` and `B` fit about equally well"],
        );
        check(NONE, expect!["no known name shares a form, a skeleton or a word with it"]);
        check(
            Grounds {
                no_match_reason: NoMatchReason::BelowThreshold,
                best: Some(best(MatchKind::Tokens)),
                ..NONE
            },
            expect!["the nearest is `سيرغي لافروف` with 0.71, below the threshold of 0.80"],
        );
    }
}
