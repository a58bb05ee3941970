//! The country a list means by a name or a code, as ISO 3166-1 alpha-2.

use std::{collections::HashMap, sync::LazyLock};

/// ISO 3166-1 alpha-2 of a country by an English name in any usual word order, or by a code in
/// capital letters ("na" says that there is none more often than Namibia). `None` when it is none
/// that is known: a wrong country does more harm than none.
pub(crate) fn code(text: &str) -> Option<&'static str> {
    let folded = folded(text);
    let known = |name: &str| CODES.get(name).copied();
    known(&folded)
        .or_else(|| known(text.trim()))
        .or_else(|| known(&turned(text)))
        .or_else(|| known(&self::folded(without_brackets(text)?)))
}

/// ISO 3166-1 alpha-2 of a country of the starter catalogue by its Wikidata id.
pub(crate) fn code_of_wikidata(id: &str) -> Option<&'static str> {
    WIKIDATA.get(id).copied()
}

static CODES: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let rows = include_str!("countries.tsv").lines().filter(|line| !line.starts_with('#'));
    let mut codes = HashMap::new();
    for row in rows {
        let [alpha_2, alpha_3, names]: [&str; 3] =
            row.split('\t').collect::<Vec<_>>().try_into().expect("a row has three cells");
        codes.extend(names.split(';').map(|name| (folded(name), alpha_2)));
        codes.extend([alpha_2, alpha_3].map(|code| (code.to_owned(), alpha_2)));
    }
    codes
});

static WIKIDATA: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    #[derive(serde::Deserialize)]
    struct Country {
        id: &'static str,
        country: &'static str,
        r#type: &'static str,
    }
    let read = |line| serde_json::from_str::<Country>(line).ok();
    let countries = crate::starter::lines().filter_map(read);
    countries
        .filter(|country| country.r#type == "country")
        .map(|country| (country.id, country.country))
        .collect()
});

/// Letters and digits in lower case, words one space apart.
fn folded(text: &str) -> String {
    let words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '\'');
    let words: Vec<String> = words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    words.join(" ")
}

/// "Korea, North" and "Iran (Islamic Republic of)" in the order in which they are said.
fn turned(text: &str) -> String {
    let parts = text.split_once(',').or_else(|| text.trim_end().strip_suffix(')')?.split_once('('));
    parts.map_or_else(String::new, |(after, before)| folded(&format!("{before} {after}")))
}

/// What stands before a bracket.
fn without_brackets(text: &str) -> Option<&str> {
    text.split_once('(').map(|(before, _)| before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_country_is_known_by_the_names_that_lists_use() {
        for (text, expected) in [
            ("Iran", "IR"),
            ("Iran (Islamic Republic of)", "IR"),
            ("Korea, North", "KP"),
            ("Democratic People's Republic of Korea", "KP"),
            ("Congo, Democratic Republic of the", "CD"),
            ("Congo", "CG"),
            ("Virgin Islands, British", "VG"),
            ("Venezuela (Bolivarian Republic of)", "VE"),
            ("Hong Kong S.A.R.", "HK"),
            ("Man (Isle of)", "IM"),
            ("  syria ", "SY"),
            ("DEU", "DE"),
            ("GB", "GB"),
            ("Cote d'Ivoire", "CI"),
            ("Bahamas, The", "BS"),
            ("Palestinian", "PS"),
        ] {
            assert_eq!(code(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_country_has_no_code() {
        for text in ["", "na", "Atlantis", "None Identified", "Yugoslavia", "possibly Iran", "()"] {
            assert_eq!(code(text), None, "{text}");
        }
    }

    #[test]
    fn every_code_is_there_once_and_every_name_means_one_country() {
        let rows: Vec<Vec<&str>> = include_str!("countries.tsv")
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|row| row.split('\t').collect())
            .collect();
        assert_eq!(rows.len(), 249 + 1);
        let mut seen = HashSet::new();
        for row in &rows {
            let names: HashSet<String> = row[2].split(';').map(folded).collect();
            for name in names.into_iter().chain([row[0].to_owned(), row[1].to_owned()]) {
                assert!(seen.insert(name.clone()), "`{name}` twice");
            }
        }
    }

    #[test]
    fn wikidata_countries_of_the_starter_catalogue_are_known() {
        assert_eq!(code_of_wikidata("Q159"), Some("RU"));
        assert_eq!(code_of_wikidata("Q649"), None, "Moscow is in it and is no country");
    }
}
