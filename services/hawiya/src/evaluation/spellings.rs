//! Spellings of one name against close spellings of two: what joins them, and whether the score
//! tells them apart.

use std::collections::BTreeMap;

use names::{Name, similarity};

use super::{
    formats::Spellings,
    metrics,
    report::{Failure, Figures, Report, key_part},
};

/// Shares of false pairs at which recall is measured, in tenths of a per cent, and their keys.
const FALSE_SHARES: [(usize, &str); 2] = [(10, "1_percent"), (1, "0_1_percent")];

/// Measures variants and, when there are any, distinct pairs against them.
pub(super) fn measure(
    variants: &[Spellings],
    distinct: &[Spellings],
    worst: usize,
    report: &mut Report,
) {
    let (variants, distinct) = (compared(variants), compared(distinct));
    add_joined("variants", &variants, &mut report.figures);
    add_joined("distinct", &distinct, &mut report.figures);
    let negatives = scores(&distinct);
    add_similarity("similarity", &scores(&variants), &negatives, &mut report.figures);
    for (per_mille, name) in FALSE_SHARES {
        let threshold = metrics::threshold_at(&negatives, per_mille);
        let key = format!("similarity.threshold_at_{name}_false");
        report.figures.add(key, threshold, negatives.len());
    }
    for (entity_type, variants) in by_type(&variants) {
        let part = key_part(entity_type);
        add_joined(&format!("variants.type.{part}"), variants.iter().copied(), &mut report.figures);
        let key = format!("similarity.type.{part}");
        add_similarity(&key, &scores(variants), &negatives, &mut report.figures);
    }
    if !variants.is_empty() && !distinct.is_empty() {
        let labelled = labelled(&variants, true).chain(labelled(&distinct, false));
        report.add_reliability("spellings", &labelled.collect::<Vec<_>>());
    }
    report.add_worst("variants", worst, ordered(&variants, f64::total_cmp));
    report.add_worst("distinct", worst, ordered(&distinct, |a, b| b.total_cmp(a)));
}

/// Two spellings and how alike they are.
struct Compared<'a> {
    spellings: &'a Spellings,
    a: Name,
    b: Name,
    score: f64,
}

impl<'a> Compared<'a> {
    fn new(spellings: &'a Spellings) -> Self {
        let (a, b) = (Name::new(&spellings.a), Name::new(&spellings.b));
        let score = similarity(&a, &b).score;
        Self { spellings, a, b, score }
    }
}

fn compared(spellings: &[Spellings]) -> Vec<Compared<'_>> {
    spellings.iter().map(Compared::new).collect()
}

fn scores<'a>(compared: impl IntoIterator<Item = &'a Compared<'a>>) -> Vec<f64> {
    compared.into_iter().map(|compared| compared.score).collect()
}

fn by_type<'a>(compared: &'a [Compared<'a>]) -> BTreeMap<&'a str, Vec<&'a Compared<'a>>> {
    let mut types: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for compared in compared.iter().filter(|compared| !compared.spellings.entity_type.is_empty()) {
        types.entry(&compared.spellings.entity_type).or_default().push(compared);
    }
    types
}

/// What a name is on one rung of the ladder.
type Rung = fn(&Name) -> &str;

const RUNGS: [(&str, Rung); 3] =
    [("orthographic", Name::orthographic), ("form", Name::form), ("skeleton", Name::skeleton)];

/// The share of pairs that are equal on each rung.
fn add_joined<'a>(
    key: &str,
    compared: impl IntoIterator<Item = &'a Compared<'a>> + Clone,
    figures: &mut Figures,
) {
    let n = compared.clone().into_iter().count();
    for (rung, of) in RUNGS {
        let all = compared.clone().into_iter();
        let joined = all.filter(|compared| of(&compared.a) == of(&compared.b)).count();
        figures.add_share(format!("{key}.{rung}.joined"), joined, n);
    }
}

/// How well the score puts `positives` above `negatives`.
fn add_similarity(key: &str, positives: &[f64], negatives: &[f64], figures: &mut Figures) {
    if positives.is_empty() || negatives.is_empty() {
        return;
    }
    let n = positives.len();
    figures.add(format!("{key}.auc"), metrics::auc(positives, negatives), n);
    for (per_mille, name) in FALSE_SHARES {
        let Some(threshold) = metrics::threshold_at(negatives, per_mille) else { continue };
        let found = metrics::over(positives, threshold);
        figures.add_share(format!("{key}.recall_at_{name}_false"), found, n);
    }
}

fn labelled<'a>(
    compared: &'a [Compared<'a>],
    is_match: bool,
) -> impl Iterator<Item = metrics::Labelled> + 'a {
    compared.iter().map(move |compared| (compared.score, is_match))
}

fn ordered(
    compared: &[Compared<'_>],
    order: impl Fn(&f64, &f64) -> std::cmp::Ordering,
) -> Vec<Failure> {
    let mut failures: Vec<Failure> = compared.iter().map(failure).collect();
    failures.sort_by(|a, b| order(&a.score, &b.score));
    failures
}

fn failure(compared: &Compared<'_>) -> Failure {
    let Spellings { a, b, .. } = compared.spellings;
    Failure { a: a.clone(), b: b.clone(), score: compared.score, found: None }
}
