//! What the skeleton of a whole word or name loses when there is enough of it: the rules that look at it from
//! outside, for every script alike.
//!
//! A long skeleton says more than enough to be found by, so it may be coarse; a short one may not, or its
//! bucket overflows. The thresholds were set on the two figures of `tests/evaluation.rs`: variants joined and
//! expected bucket. Without these rules they are 0.790 and 18.1, with them 0.817 and 19.0; an H dropped from
//! four classes on would make them 0.823 and 19.6.

use super::{Rule, Stage::Skeleton};

/// In the order they are applied.
pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "skeleton-article",
        stage: Skeleton,
        summary: "The Arabic article is dropped where it stands alone or inside a name, and so is any AL that starts five classes or more.",
        example: ("Omar al-Baghdadi", "AMRBGD"),
        source: "Александр is spelled ألكسندر and الكسندر; joins 0.012 more of variants.tsv",
    },
    Rule {
        id: "skeleton-long-h",
        stage: Skeleton,
        summary: "Among five classes or more an H is dropped, but for a first one.",
        example: ("إبراهيم", "ABRM"),
        source: "a silent h of one script is a ه of another; joins 0.005 more of variants.tsv",
    },
    Rule {
        id: "skeleton-long-k",
        stage: Skeleton,
        summary: "Among four classes or more a K is a G.",
        example: ("ماركيز", "MRGS"),
        source: "g is غ, ج, ق or ك by country; joins 0.007 more of variants.tsv",
    },
    Rule {
        id: "skeleton-long-doubled",
        stage: Skeleton,
        summary: "Among five classes or more, equal neighbours are written once whatever vowel stands between.",
        example: ("تاتارستان", "TRSTN"),
        source: "a double letter of one spelling is a single of the next; joins 0.004 more of variants.tsv",
    },
];

/// The fewest classes an article is dropped from the start of.
pub(crate) const ARTICLE_MIN: usize = 5;
/// The fewest classes an H is dropped among.
pub(crate) const H_MIN: usize = 5;
/// The fewest classes a K is a G among.
pub(crate) const K_MIN: usize = 4;
/// The fewest classes equal neighbours are joined among.
pub(crate) const DOUBLED_MIN: usize = 5;

/// All of them, for the version.
pub(crate) const NUMBERS: [usize; 4] = [ARTICLE_MIN, H_MIN, K_MIN, DOUBLED_MIN];

/// The article as a word of its own, and what the next word must start with: ar-Rahman has one, ar-Lahman
/// does not.
#[rustfmt::skip]
pub(crate) const ARTICLES: &[(&str, &str)] = &[
    ("ال", ""), ("al", ""), ("el", ""), ("ul", ""), ("аль", ""), ("эль", ""), ("уль", ""),
    ("ad", "d"), ("ed", "d"), ("ud", "d"), ("adh", "dh"), ("an", "n"), ("en", "n"),
    ("un", "n"), ("ar", "r"), ("er", "r"), ("ur", "r"), ("as", "s"), ("es", "s"), ("us", "s"),
    ("ash", "sh"), ("esh", "sh"), ("ush", "sh"), ("ach", "ch"), ("ech", "ch"), ("at", "t"),
    ("et", "t"), ("ut", "t"), ("ath", "th"), ("az", "z"), ("ez", "z"), ("uz", "z"), ("ад", "д"),
    ("ан", "н"), ("ар", "р"), ("ас", "с"), ("аш", "ш"), ("ат", "т"), ("аз", "з"), ("эд", "д"),
    ("эн", "н"), ("эр", "р"), ("эс", "с"), ("эш", "ш"), ("эт", "т"), ("эз", "з"),
];
