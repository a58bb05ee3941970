//! A catalogue in several languages: how large its buckets are, whether skeletons meet across
//! scripts, and what a search in it finds.

use std::collections::HashMap;

use matcher::local::{Entity, Local};
use names::Name;

use super::{
    formats::Catalogue,
    metrics,
    report::{Failure, Figures, Report, key_part},
    search::{Asked, Expected, Search},
};

/// Measures what a catalogue is like before anybody searches in it.
pub(super) fn measure(catalogue: &Catalogue, worst: usize, report: &mut Report) {
    let key = key_part(&catalogue.name);
    let names: Vec<Name> = catalogue.indexed.iter().map(|text| Name::new(text)).collect();
    add_buckets(&format!("{key}.form"), &names, Name::form, &mut report.figures);
    add_buckets(&format!("{key}.skeleton"), &names, Name::skeleton, &mut report.figures);
    for (column, texts) in &catalogue.asked {
        let key = format!("{key}.{}.skeleton", key_part(column));
        let apart = add_skeletons(&key, &catalogue.indexed, &names, texts, &mut report.figures);
        report.add_worst(format!("{key}_apart"), worst, apart);
    }
}

/// Indexes the catalogue and asks every other column of it.
pub(super) fn search(catalogue: &Catalogue, worst: usize, report: &mut Report) {
    let key = key_part(&catalogue.name);
    // Several rows may have one id: the number of the row is one of its own.
    let entity = |(at, name): (usize, &String)| Entity {
        id: at.to_string(),
        names: vec![name.clone()],
        ..Entity::default()
    };
    let mut search = Search::new(Local::new(catalogue.indexed.iter().enumerate().map(entity)));
    for (column, texts) in &catalogue.asked {
        let asked = texts.iter().zip(&catalogue.indexed).filter(|(text, _)| !text.is_empty());
        // Rows of one spelling cannot be told apart: any of them is right.
        let asked =
            asked.map(|(text, name)| Asked { text, expected: Expected::Name(name), shown: name });
        let asked: Vec<Asked<'_>> = asked.collect();
        search.ask(&format!("{key}.{}", key_part(column)), &asked, worst, report);
    }
    search.add_speed(&format!("{key}.search"), &mut report.figures);
}

fn add_buckets<'a>(
    key: &str,
    names: &'a [Name],
    of: impl Fn(&'a Name) -> &'a str,
    figures: &mut Figures,
) {
    let mut sizes: HashMap<&str, usize> = HashMap::new();
    for name in names {
        *sizes.entry(of(name)).or_default() += 1;
    }
    let n = names.len();
    let expected = metrics::expected_bucket(sizes.values().copied());
    figures.add(format!("{key}.expected_bucket"), expected, n);
    figures.add(format!("{key}.largest_bucket"), sizes.values().max().map(|size| *size as f64), n);
    figures.add(format!("{key}.buckets"), sizes.len() as f64, n);
}

/// How often the skeleton of a text is that of the name beside it, or one edit away. Returns the
/// pairs that are further apart, the furthest first; their score is the share of the longer
/// skeleton that agrees.
fn add_skeletons(
    key: &str,
    indexed: &[String],
    names: &[Name],
    texts: &[String],
    figures: &mut Figures,
) -> Vec<Failure> {
    let (mut same, mut near, mut n, mut apart) = (0, 0, 0, Vec::new());
    for ((name, text), shown) in names.iter().zip(texts).zip(indexed) {
        if text.is_empty() {
            continue;
        }
        n += 1;
        let asked = Name::new(text);
        let edits = strsim::levenshtein(asked.skeleton(), name.skeleton());
        same += usize::from(edits == 0);
        near += usize::from(edits <= 1);
        if edits > 1 {
            let score = strsim::normalized_levenshtein(asked.skeleton(), name.skeleton());
            apart.push(Failure { a: text.clone(), b: shown.clone(), score, found: None });
        }
    }
    figures.add_share(format!("{key}.same"), same, n);
    figures.add_share(format!("{key}.within_one_edit"), near, n);
    apart.sort_by(|a, b| a.score.total_cmp(&b.score));
    apart
}
