//! The remarks of sdn.csv: "DOB 14 Jun 1975; POB Leningrad, Russia; Gender Male; …".
//!
//! They are kept as they are; what an entity has a field for is read out of them as well.

use registry::entity::{EntityType, NameKind};

use super::super::{
    countries, dates,
    draft::{EntityDraft, gender_of},
};

/// What the number after these words is an id of.
const IDS: [(&str, &str); 18] = [
    ("Vessel Registration Identification IMO", "imo"),
    ("Company Number IMO", "imo-company"),
    ("MMSI", "mmsi"),
    ("Passport", "passport"),
    ("National ID No.", "national-id"),
    ("Cedula No.", "cedula"),
    ("NIT #", "nit"),
    ("RUC #", "ruc"),
    ("Tax ID No.", "tax"),
    ("Registration ID", "registration"),
    ("Registration Number", "registration"),
    ("Commercial Registry Number", "registration"),
    ("D-U-N-S Number", "duns"),
    ("Legal Entity Number", "lei"),
    ("SWIFT/BIC", "bic"),
    ("Aircraft Manufacturer's Serial Number (MSN)", "msn"),
    ("Aircraft Tail Number", "tail-number"),
    ("V.A.T. Number", "vat"),
];

/// Dates that an entity that is no person began at.
const BEGINNINGS: [&str; 3] =
    ["Aircraft Manufacture Date", "Organization Established Date", "Vessel Year of Build"];

/// Reads remarks into an entity.
pub(super) fn read(remarks: &str, draft: &mut EntityDraft) {
    let mut birth_dates = Vec::new();
    let mut countries = Vec::new();
    for remark in remarks.trim_end_matches('.').split(';').map(str::trim) {
        let remark = remark.strip_prefix("alt. ").unwrap_or(remark);
        let after = |words: &str| remark.strip_prefix(words).map(str::trim);
        if let Some(date) = after("DOB ") {
            birth_dates.extend(dates::parse(date));
        } else if let Some(country) = after("nationality ").or_else(|| after("citizen ")) {
            countries.extend(countries::code(country));
        } else if let Some(gender) = after("Gender ") {
            draft.gender(gender_of(gender));
        } else if let Some(name) = after("a.k.a. ").or_else(|| after("f.k.a. ")) {
            weak_name(name, remark.starts_with('f'), draft);
        } else if let Some(date) = BEGINNINGS.iter().find_map(|words| after(words)) {
            dates::parse(date).into_iter().for_each(|date| draft.founding_date(date));
        } else if let Some((scheme, id)) =
            IDS.iter().find_map(|(words, scheme)| Some((scheme, after(words)?)))
        {
            draft.external_id(scheme, number(id));
        }
    }
    if draft.is_person() {
        draft.dates(&birth_dates);
        draft.country(&countries);
    }
}

/// The list puts its weak names, too common to be searched for alone, into the remarks, quoted.
fn weak_name(name: &str, is_former: bool, draft: &mut EntityDraft) {
    let kind = match name {
        _ if is_former => NameKind::Former,
        name if draft.entity_type() == EntityType::Organization && is_acronym(name) => {
            NameKind::Acronym
        }
        _ => NameKind::Nickname,
    };
    draft.name(name.trim_matches(['\'', '"', '.']), "", kind);
}

fn is_acronym(name: &str) -> bool {
    let letters = name.trim_matches(['\'', '"', '.']);
    letters.len() <= 8 && letters.bytes().all(|letter| letter.is_ascii_uppercase())
}

/// The number without what is said of it: "A123 (Iran)", "G025057 issued 23 Jun 1999".
fn number(text: &str) -> &str {
    let end = [" (", " issued ", " expires "].iter().filter_map(|words| text.find(words)).min();
    text[..end.unwrap_or(text.len())].trim()
}
