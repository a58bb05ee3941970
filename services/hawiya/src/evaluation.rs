//! Quality on labelled files, in this process: the same code that the services run.
//!
//! In reading order: `formats` reads the files (`marked`: annotated articles), `spellings`, `pairs`,
//! `catalogue`, `search`, `merges` and `annotation` measure one thing each with the arithmetic of
//! `metrics`, `report` holds what they found, and `limits` says whether that is good enough.

mod annotation;
mod annotator;
mod catalogue;
pub(crate) mod formats;
mod limits;
pub(crate) mod marked;
mod merges;
pub(crate) mod metrics;
mod pairs;
pub(crate) mod report;
mod search;
mod spellings;

use std::path::PathBuf;

use proto::vocabulary::EntityType;

use self::{formats::Labelled, merges::Merges};
use crate::commands::TYPE_NAMES;

pub(crate) use limits::Limits;
pub(crate) use report::Report;

/// What is measured beside the usual figures.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    /// How many of the worst failures are listed, of each kind.
    pub(crate) worst: usize,
    /// How many of the largest buckets of a catalogue are listed.
    pub(crate) buckets: usize,
    /// Whether catalogues are searched.
    pub(crate) search: bool,
    /// The catalogue that annotated articles are about; the starter catalogue when there is none.
    pub(crate) catalogue: Option<PathBuf>,
}

/// Measures all that the files can tell.
pub(crate) fn evaluate(paths: &[PathBuf], wanted: &Wanted) -> anyhow::Result<Report> {
    let labelled = Labelled::read(paths)?;
    let mut report = Report { rules_version: names::rules_version(), ..Report::default() };
    spellings::measure(&labelled.variants, &labelled.distinct, wanted.worst, &mut report);
    let threshold = matcher::local::default_threshold();
    pairs::measure(&labelled.pairs, threshold, wanted.worst, &mut report);
    search::measure(&labelled.entities, &labelled.queries, wanted.worst, &mut report)?;
    for catalogue in &labelled.catalogues {
        catalogue::measure(catalogue, wanted.worst, &mut report);
        if wanted.search {
            catalogue::search(catalogue, wanted.worst, &mut report);
        }
        if wanted.buckets > 0 {
            over_merge(&mut report, &catalogue.name, &catalogue.indexed, wanted.buckets);
        }
    }
    let catalogue = wanted.catalogue.as_deref();
    annotation::measure(&labelled.articles, catalogue, wanted.worst, &mut report)?;
    report.skipped = labelled.skipped;
    Ok(report)
}

/// Adds the largest buckets of a list of names.
pub(crate) fn over_merge(report: &mut Report, name: &str, texts: &[String], buckets: usize) {
    report.over_merge.insert(name.to_owned(), Merges::of(texts, buckets));
}

/// A type by its name in whatever case; OTHER when it is not one of ours.
fn entity_type_named(name: &str) -> EntityType {
    let known = TYPE_NAMES.iter().find(|(_, known)| known.eq_ignore_ascii_case(name));
    known.map_or(EntityType::Other, |(entity_type, _)| *entity_type)
}
