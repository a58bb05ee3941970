//! The starter catalogue: the countries, capitals, people and organizations of the news, written
//! for this project, in the JSON lines that `hawiya import` reads.

/// Its dataset.
pub(crate) const DATASET: &str = "starter";

/// Its lines.
pub(crate) fn lines() -> impl Iterator<Item = &'static str> {
    FILES.into_iter().flat_map(str::lines)
}

const FILES: [&str; 6] = [
    include_str!("../starter/countries.jsonl"),
    include_str!("../starter/capitals.jsonl"),
    include_str!("../starter/people.jsonl"),
    include_str!("../starter/organizations.jsonl"),
    include_str!("../starter/places.jsonl"),
    include_str!("../starter/others.jsonl"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_line_is_an_entity_and_every_id_is_given_once() {
        let mut ids = HashSet::new();
        for line in lines() {
            let entity: registry::Entity = serde_json::from_str(line).expect(line);
            assert!(ids.insert(entity.id.clone()), "{} twice", entity.id);
        }
        let told = format!("{},{:03} countries", ids.len() / 1000, ids.len() % 1000);
        let readme = include_str!("../../../README.md");
        assert!(readme.contains(&told), "the README does not say `{told}`");
    }

    #[test]
    fn an_arabic_name_is_spelled_one_way() {
        for line in lines() {
            let entity: registry::Entity = serde_json::from_str(line).expect(line);
            let arabic = entity.names.iter().filter(|name| name.language == "ar");
            let forms: Vec<_> =
                arabic.map(|name| names::Name::new(&name.text).form().to_owned()).collect();
            let different: HashSet<_> = forms.iter().collect();
            assert_eq!(different.len(), forms.len(), "variants are the rules' job: {line}");
        }
    }
}
