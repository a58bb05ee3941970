//! An entity in the making: what the readers of all formats do with names, ids and long texts.

use registry::{
    Draft, Entity, PartialDate,
    entity::{EntityType, ExternalId, Gender, Name, NameDraft, NameKind},
};

use super::Problem;

/// The longest value of an attribute and the longest description, in characters (`registry.proto`).
const TEXT_CHARS_MAX: usize = 2_000;

/// How many external ids an entity may have; what is beyond is kept as an attribute.
const EXTERNAL_IDS_MAX: usize = 100;

/// An entity in the making.
#[derive(Clone, Debug)]
pub(crate) struct EntityDraft {
    draft: Draft,
    names: Vec<NameDraft>,
    problems: Vec<Problem>,
}

impl EntityDraft {
    pub(crate) fn new(id: impl Into<String>, r#type: EntityType) -> Self {
        let draft = Draft {
            id: id.into(),
            r#type,
            country: String::new(),
            gender: None,
            birth_date: None,
            founding_date: None,
            description: String::new(),
            prominence: 0.0,
            names: Vec::new(),
            external_ids: Vec::new(),
            dataset: String::new(),
            attributes: Default::default(),
        };
        Self { draft, names: Vec::new(), problems: Vec::new() }
    }

    pub(crate) fn id(&mut self, id: &str) {
        id.clone_into(&mut self.draft.id);
    }

    pub(crate) fn set_type(&mut self, r#type: EntityType) {
        self.draft.r#type = r#type;
    }

    pub(crate) fn entity_type(&self) -> EntityType {
        self.draft.r#type
    }

    pub(crate) fn is_person(&self) -> bool {
        self.draft.r#type == EntityType::Person
    }

    pub(crate) fn has_names(&self) -> bool {
        !self.names.is_empty()
    }

    /// A name that is no better than others; the first of them is primary when none is.
    pub(crate) fn alias(&mut self, text: &str, language: &str) {
        self.add_name(text, language, None);
    }

    /// The name that is shown. A second one is an alias.
    pub(crate) fn primary(&mut self, text: &str, language: &str) {
        let is_first = self.names.iter().all(|name| name.kind != Some(NameKind::Primary));
        self.add_name(text, language, is_first.then_some(NameKind::Primary));
    }

    pub(crate) fn name(&mut self, text: &str, language: &str, kind: NameKind) {
        match kind {
            NameKind::Primary => self.primary(text, language),
            NameKind::Alias => self.alias(text, language),
            kind => self.add_name(text, language, Some(kind)),
        }
    }

    /// Lists repeat names and leave cells empty; neither says anything.
    fn add_name(&mut self, text: &str, language: &str, kind: Option<NameKind>) {
        let text = one_line(text);
        if !text.contains(char::is_alphanumeric) {
            return;
        }
        let same = |name: &NameDraft| {
            name.text == text && (language.is_empty() || name.language == language)
        };
        if !self.names.iter().any(same) {
            let (language, script) = (language.to_owned(), String::new());
            self.names.push(NameDraft { text, language, script, kind });
        }
    }

    /// Of names with one text in several languages, keeps the first. For entities that would
    /// otherwise have more names than an entity may have.
    pub(crate) fn fold_languages(&mut self) {
        let mut seen = std::collections::HashSet::new();
        self.names.retain(|name| seen.insert(name.text.clone()));
    }

    pub(crate) fn names_count(&self) -> usize {
        self.names.len()
    }

    pub(crate) fn external_id(&mut self, scheme: &str, value: &str) {
        let value = value.trim();
        // Half of all lists write "IMO 9187629" where the other half writes the number.
        let value = if scheme == "imo" { value.trim_start_matches("IMO").trim() } else { value };
        let id = ExternalId { scheme: scheme.to_owned(), value: value.to_owned() };
        if id.value.is_empty() || self.draft.external_ids.contains(&id) {
            return;
        }
        if self.draft.external_ids.len() < EXTERNAL_IDS_MAX {
            self.draft.external_ids.push(id);
        } else {
            self.attribute("more_external_ids", &format!("{scheme}:{value}"));
        }
    }

    /// Keeps a text; one that is too long for a value goes on in `KEY_2` and so on, and a key that
    /// is there already is added to.
    pub(crate) fn attribute(&mut self, key: &str, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        let text = match self.draft.attributes.get(key) {
            Some(before) => format!("{before}; {text}"),
            None => text.to_owned(),
        };
        for (at, part) in parts(&text).enumerate() {
            let key = if at == 0 { key.to_owned() } else { format!("{key}_{}", at + 1) };
            self.draft.attributes.insert(key, part);
        }
    }

    /// What it is; what is too long for a description is kept whole as an attribute.
    pub(crate) fn description(&mut self, text: &str) {
        let text = text.trim();
        self.draft.description = text.chars().take(TEXT_CHARS_MAX).collect();
        if self.draft.description.len() < text.len() {
            self.attribute("description", text);
        }
    }

    /// The country, when all that are stated are one.
    pub(crate) fn country(&mut self, codes: &[&str]) {
        match codes {
            [first, rest @ ..] if rest.iter().all(|code| code == first) => {
                (*first).clone_into(&mut self.draft.country);
            }
            [] => {}
            several => self.attribute("countries", &unique(several).join(", ")),
        }
    }

    /// Dates of birth or of founding: the first counts, all are kept where there are several.
    pub(crate) fn dates(&mut self, dates: &[PartialDate]) {
        let is_person = self.is_person();
        let field =
            if is_person { &mut self.draft.birth_date } else { &mut self.draft.founding_date };
        *field = dates.first().copied();
        if dates.len() > 1 {
            let texts: Vec<String> = dates.iter().map(PartialDate::to_string).collect();
            self.attribute("dates", &unique(&texts).join(", "));
        }
    }

    pub(crate) fn birth_date(&mut self, date: PartialDate) {
        self.draft.birth_date = Some(date);
    }

    pub(crate) fn founding_date(&mut self, date: PartialDate) {
        self.draft.founding_date = Some(date);
    }

    pub(crate) fn gender(&mut self, gender: Option<Gender>) {
        self.draft.gender = gender;
    }

    pub(crate) fn dataset(&mut self, dataset: &str) {
        dataset.clone_into(&mut self.draft.dataset);
    }

    pub(crate) fn prominence(&mut self, prominence: f64) {
        self.draft.prominence = prominence;
    }

    /// Notes what could not be read; the entity is then refused with all of it.
    pub(crate) fn problem(&mut self, field: impl Into<String>, error: impl Into<String>) {
        self.problems.push(Problem::new(field, error));
    }

    /// The entity, or everything that is wrong with it.
    pub(crate) fn finish(self) -> Result<Entity, Vec<Problem>> {
        let Self { mut draft, names, mut problems } = self;
        draft.names = Name::all(names);
        match Entity::try_from(draft) {
            Ok(entity) if problems.is_empty() => return Ok(entity),
            Ok(_) => {}
            Err(invalid) => problems.extend(Problem::of(invalid)),
        }
        Err(problems)
    }
}

/// The gender that a word of a list says.
pub(crate) fn gender_of(text: &str) -> Option<Gender> {
    match text.trim().to_lowercase().as_str() {
        "m" | "male" | "man" => Some(Gender::Male),
        "f" | "female" | "woman" => Some(Gender::Female),
        "other" | "x" | "diverse" => Some(Gender::Other),
        _ => None,
    }
}

/// How prominent a place of so many inhabitants is: 0.0 for none, 1.0 for forty millions, and a
/// tenfold population is always the same step.
pub(crate) fn prominence_of_population(population: u64) -> f64 {
    let prominence = (1.0 + population as f64).ln() / 40e6_f64.ln();
    (prominence.clamp(0.0, 1.0) * 1000.0).round() / 1000.0
}

/// A text without line ends, its words one space apart.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn unique<T: AsRef<str>>(texts: &[T]) -> Vec<&str> {
    let mut unique: Vec<&str> = Vec::new();
    for text in texts {
        if !unique.contains(&text.as_ref()) {
            unique.push(text.as_ref());
        }
    }
    unique
}

fn parts(text: &str) -> impl Iterator<Item = String> {
    let mut letters = text.chars().peekable();
    std::iter::from_fn(move || {
        letters.peek()?;
        Some(letters.by_ref().take(TEXT_CHARS_MAX).collect())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn what_a_list_repeats_is_kept_once() {
        let mut draft = EntityDraft::new("a", EntityType::Person);
        for (text, language) in
            [("Ali  Hassan", "en"), ("علي حسن", "ar"), ("Ali Hassan", ""), (" - ", "")]
        {
            draft.alias(text, language);
        }
        draft.external_id("imo", " 1 ");
        draft.external_id("imo", "1");
        draft.country(&["IQ", "IQ"]);
        let expected = expect![[
            r#"{"id":"a","type":"person","country":"IQ","names":[{"text":"Ali Hassan","language":"en","script":"Latn","kind":"primary"},{"text":"علي حسن","language":"ar","script":"Arab","kind":"alias"}],"external_ids":[{"scheme":"imo","value":"1"}]}"#
        ]];
        expected.assert_eq(&serde_json::to_string(&draft.finish().unwrap()).unwrap());
    }

    #[test]
    fn a_text_too_long_for_a_value_goes_on_in_the_next() {
        let mut draft = EntityDraft::new("a", EntityType::Person);
        draft.alias("x", "");
        draft.attribute("remarks", &"ب".repeat(4_500));
        let entity = draft.finish().unwrap();
        let lengths: Vec<_> = entity
            .attributes
            .iter()
            .map(|(key, value)| (key.as_str(), value.chars().count()))
            .collect();
        assert_eq!(lengths, [("remarks", 2_000), ("remarks_2", 2_000), ("remarks_3", 500)]);
    }

    #[test]
    fn everything_that_is_wrong_is_told_by_its_field() {
        let mut draft = EntityDraft::new("a b", EntityType::Person);
        draft.alias(&"x".repeat(1_001), "");
        draft.problem("country", "is `Atlantis`: no such country");
        let fields: Vec<String> =
            draft.finish().unwrap_err().into_iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["country", "canonical_id", "names[0].text"]);
    }

    #[test]
    fn larger_places_are_more_prominent() {
        let figures = [0, 1_000, 1_000_000, 40_000_000, u64::MAX].map(prominence_of_population);
        assert_eq!(figures, [0.0, 0.395, 0.789, 1.0, 1.0]);
    }
}
