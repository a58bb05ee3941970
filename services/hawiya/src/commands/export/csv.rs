//! CSV: an entity a row, for spreadsheets; `hawiya import` reads it again without a mapping.
//!
//! Names other than the primary one lose their language: a row has no place for it.

use csv::Writer;
use registry::{
    Draft, PartialDate,
    entity::{Gender, NameKind},
};

use crate::import::SEPARATOR;

const COLUMNS: [&str; 14] = [
    "id",
    "type",
    "name",
    "alias",
    "former",
    "acronym",
    "nickname",
    "country",
    "gender",
    "birth_date",
    "founding_date",
    "description",
    "prominence",
    "external_ids",
];

/// The first row, with a column more for the dataset.
pub(super) fn header() -> String {
    row(COLUMNS.iter().map(|title| (*title).to_owned()).chain(["dataset".to_owned()]))
}

/// The row of an entity.
pub(super) fn line(draft: &Draft) -> String {
    let names = |kind: NameKind| {
        joined(draft.names.iter().filter(|name| name.kind == kind).map(|name| name.text.clone()))
    };
    let date = |date: Option<PartialDate>| date.map_or_else(String::new, |date| date.to_string());
    let ids = draft.external_ids.iter().map(|id| format!("{}:{}", id.scheme, id.value));
    row([
        draft.id.clone(),
        draft.r#type.name().to_owned(),
        names(NameKind::Primary),
        names(NameKind::Alias),
        names(NameKind::Former),
        names(NameKind::Acronym),
        names(NameKind::Nickname),
        draft.country.clone(),
        draft.gender.map_or("", gender).to_owned(),
        date(draft.birth_date),
        date(draft.founding_date),
        draft.description.clone(),
        draft.prominence.to_string(),
        joined(ids),
        draft.dataset.clone(),
    ])
}

pub(super) fn gender(gender: Gender) -> &'static str {
    match gender {
        Gender::Female => "female",
        Gender::Male => "male",
        Gender::Other => "other",
    }
}

/// Values of one cell; what stands between them may not be in them.
fn joined(values: impl Iterator<Item = String>) -> String {
    let values: Vec<String> = values.map(|value| value.replace(SEPARATOR, "/")).collect();
    values.join(&SEPARATOR.to_string())
}

fn row(cells: impl IntoIterator<Item = String>) -> String {
    let mut writer = Writer::from_writer(Vec::new());
    writer.write_record(cells).expect("memory takes a row");
    let bytes = writer.into_inner().expect("memory takes a row");
    String::from_utf8(bytes).expect("a row of texts is a text")
}
