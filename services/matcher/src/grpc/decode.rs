//! Requests as queries and options, with every violation and its full path.

use chassis::{Fault, Violations, checks};
use names::{Name, Profile};
use proto::{
    matching::v1 as wire,
    r#type::v1 as shared,
    vocabulary::{EntityType, Gender, SpellingProfile},
};

use super::encode;
use crate::{
    compare::compare,
    entity::{ExternalId, PartialDate},
    query::{Evidence, Filter, Options, Policy, Query, Spelling},
};

/// The most candidates of one mention.
const CANDIDATES_MAX: i32 = 100;

/// How many candidates are listed when the request does not say.
const CANDIDATES_DEFAULT: i32 = 5;

/// The most candidates of one message; keeps it below 4 MiB.
const LISTED_MAX: usize = 10_000;

/// The mentions of one message and how they are to be matched. The options are checked; each query
/// is checked when its turn comes, so that a bad one fails alone.
pub(super) struct Batch {
    pub(super) queries: Vec<shared::NameQuery>,
    /// As sent, with defaults filled in.
    pub(super) wire_options: wire::MatchOptions,
    pub(super) options: Options,
    pub(super) min_catalogue_version: i64,
    field: fn(usize) -> String,
}

impl Batch {
    /// A batch of a batch call or a message of a stream.
    pub(super) fn new(
        queries: Vec<shared::NameQuery>,
        options: Option<wire::MatchOptions>,
    ) -> Result<Self, Fault> {
        Self::with_field(queries, options, |at| format!("queries[{at}]"))
    }

    /// A batch of one, whose query is called `query`.
    pub(super) fn of_one(request: wire::MatchEntitiesRequest) -> Result<Self, Fault> {
        let query = request.query.unwrap_or_default();
        Self::with_field(vec![query.clone()], request.options, |_| "query".to_owned())
            .map_err(|fault| fault.with(decode_query("query", &query)))
    }

    fn with_field(
        queries: Vec<shared::NameQuery>,
        options: Option<wire::MatchOptions>,
        field: fn(usize) -> String,
    ) -> Result<Self, Fault> {
        let mut wire_options = options.unwrap_or_default();
        if wire_options.candidates_max == 0 {
            wire_options.candidates_max = CANDIDATES_DEFAULT;
        }
        let mut violations = Violations::default();
        let options = decode_options(&wire_options, &mut violations);
        violations.check_batch("queries", queries.len(), items_max(options.explain));
        if queries.len().saturating_mul(options.candidates_max) > LISTED_MAX {
            let text = format!("times the number of queries is above {LISTED_MAX}: ask for fewer");
            violations.add("options.candidates_max", text);
        }
        let min_catalogue_version = wire_options.min_catalogue_version;
        violations.or(Self { queries, wire_options, options, min_catalogue_version, field })
    }

    /// The query at a position.
    pub(super) fn query(&self, at: usize) -> Result<Query, Fault> {
        decode_query(&(self.field)(at), &self.queries[at])
    }
}

fn items_max(explain: bool) -> usize {
    if explain { checks::EXPLAINED_ITEMS_MAX } else { checks::BATCH_ITEMS_MAX }
}

fn decode_options(options: &wire::MatchOptions, violations: &mut Violations) -> Options {
    if !(1..=CANDIDATES_MAX).contains(&options.candidates_max) {
        let text =
            format!("is `{}`: give 1 to {CANDIDATES_MAX}, or 0 for 5", options.candidates_max);
        violations.add("options.candidates_max", text);
    }
    if options.min_catalogue_version < 0 {
        violations.add("options.min_catalogue_version", "is negative: give 0 or a version");
    }
    Options {
        candidates_max: usize::try_from(options.candidates_max).unwrap_or(1),
        policy: policy("options.policy", options.policy.as_ref(), violations),
        explain: explains("options.explanation", options.explanation, violations),
    }
}

pub(super) fn policy(
    field: &str,
    policy: Option<&shared::MatchPolicy>,
    violations: &mut Violations,
) -> Policy {
    let default = Policy::default();
    let Some(policy) = policy else { return default };
    let threshold = policy.threshold.unwrap_or(default.threshold);
    let margin = policy.margin.unwrap_or(default.margin);
    violations.check_fraction(&format!("{field}.threshold"), threshold);
    violations.check_fraction(&format!("{field}.margin"), margin);
    Policy { threshold, margin }
}

fn explains(field: &str, view: i32, violations: &mut Violations) -> bool {
    violations.check_enum::<shared::ExplanationView>(field, view) == shared::ExplanationView::Full
}

fn decode_query(field: &str, query: &shared::NameQuery) -> Result<Query, Fault> {
    let mut violations = Violations::default();
    let path = |part: &str| format!("{field}.{part}");
    let mut spellings = Vec::with_capacity(1 + query.other_texts.len());
    spellings.extend(decode_text(&path("text"), &query.text, &mut violations));
    check_count(&path("other_texts"), query.other_texts.len(), 8, &mut violations);
    for (at, text) in query.other_texts.iter().take(8).enumerate() {
        spellings.extend(decode_text(&path(&format!("other_texts[{at}]")), text, &mut violations));
    }
    violations.check_length(&path("language"), &query.language, 64);
    let profile = violations.check_enum::<SpellingProfile>(&path("profile"), query.profile);
    let filter =
        query.filter.as_ref().map(|wanted| filter(&path("filter"), wanted, &mut violations));
    let evidence = query
        .evidence
        .as_ref()
        .map(|evidence| decode_evidence(&path("evidence"), evidence, &mut violations));
    violations.or(Query {
        spellings,
        filter: filter.unwrap_or_default(),
        evidence: evidence.unwrap_or_default(),
        profile: decode_profile(profile).or_else(|| profile_of_language(&query.language)),
    })
}

fn decode_profile(profile: SpellingProfile) -> Option<Profile> {
    match profile {
        SpellingProfile::Unspecified => None,
        SpellingProfile::Eg => Some(Profile::Egypt),
        SpellingProfile::Lev => Some(Profile::Levant),
        SpellingProfile::Iq => Some(Profile::Iraq),
        SpellingProfile::Gulf => Some(Profile::Gulf),
        SpellingProfile::Maghreb => Some(Profile::Maghreb),
        SpellingProfile::Fa => Some(Profile::Persian),
        SpellingProfile::Ur => Some(Profile::Urdu),
    }
}

/// The tradition of a language, or of the region of an Arabic one: `fa`, `ar-EG`, `ar-Arab-LB`.
fn profile_of_language(tag: &str) -> Option<Profile> {
    let mut subtags = tag.split('-');
    let language = subtags.next()?.to_ascii_lowercase();
    let region = subtags.find(|subtag| subtag.len() == 2).map(str::to_ascii_uppercase);
    match (language.as_str(), region.as_deref()) {
        ("fa", _) => Some(Profile::Persian),
        ("ur", _) => Some(Profile::Urdu),
        ("ar", Some("EG" | "SD")) => Some(Profile::Egypt),
        ("ar", Some("LB" | "SY" | "JO" | "PS")) => Some(Profile::Levant),
        ("ar", Some("IQ")) => Some(Profile::Iraq),
        ("ar", Some("SA" | "AE" | "KW" | "QA" | "BH" | "OM" | "YE")) => Some(Profile::Gulf),
        ("ar", Some("MA" | "DZ" | "TN" | "LY" | "MR")) => Some(Profile::Maghreb),
        _ => None,
    }
}

fn decode_text(field: &str, text: &str, violations: &mut Violations) -> Option<Spelling> {
    let found = violations.count();
    violations.check_text(field, text);
    if violations.count() > found {
        return None;
    }
    let spelling = Spelling::new(text.to_owned());
    if spelling.is_none() {
        violations.add(field, "has neither letter nor digit: give a name");
    }
    spelling
}

pub(super) fn filter(field: &str, filter: &shared::Filter, violations: &mut Violations) -> Filter {
    let path = |part: &str| format!("{field}.{part}");
    check_count(&path("types"), filter.types.len(), 16, violations);
    check_count(&path("countries"), filter.countries.len(), 64, violations);
    check_count(&path("datasets"), filter.datasets.len(), 64, violations);
    check_count(&path("excluded_ids"), filter.excluded_ids.len(), 1_000, violations);
    for (at, country) in filter.countries.iter().take(64).enumerate() {
        check_country(&path(&format!("countries[{at}]")), country, violations);
    }
    let types = filter.types.iter().take(16).enumerate();
    let types = types.map(|(at, value)| {
        let field = path(&format!("types[{at}]"));
        let entity_type = violations.check_enum::<EntityType>(&field, *value);
        if *value == 0 {
            violations.add(field, "is UNSPECIFIED: name a type, or leave the list empty");
        }
        entity_type
    });
    Filter {
        types: types.collect(),
        countries: filter.countries.clone(),
        datasets: filter.datasets.clone(),
        excluded_ids: filter.excluded_ids.clone(),
    }
}

fn decode_evidence(
    field: &str,
    evidence: &shared::Evidence,
    violations: &mut Violations,
) -> Evidence {
    let path = |part: &str| format!("{field}.{part}");
    check_count(&path("external_ids"), evidence.external_ids.len(), 16, violations);
    if !evidence.country.is_empty() {
        check_country(&path("country"), &evidence.country, violations);
    }
    let mut date = |part: &str, date: Option<&shared::PartialDate>| {
        date.and_then(|date| decode_date(&path(part), date, violations))
    };
    let birth_date = date("birth_date", evidence.birth_date.as_ref());
    let founding_date = date("founding_date", evidence.founding_date.as_ref());
    Evidence {
        entity_type: violations.check_enum::<EntityType>(&path("type"), evidence.r#type),
        country: evidence.country.clone(),
        birth_date,
        founding_date,
        gender: violations.check_enum::<Gender>(&path("gender"), evidence.gender),
        external_ids: evidence.external_ids.iter().take(16).map(decode_external_id).collect(),
    }
}

/// An external id as the domain has it.
pub(super) fn decode_external_id(id: &shared::ExternalId) -> ExternalId {
    ExternalId { scheme: id.scheme.clone(), value: id.value.clone() }
}

fn decode_date(
    field: &str,
    date: &shared::PartialDate,
    violations: &mut Violations,
) -> Option<PartialDate> {
    let valid = date.year != 0
        && (0..=12).contains(&date.month)
        && (0..=31).contains(&date.day)
        && (date.month != 0 || date.day == 0);
    if !valid {
        violations.add(field, "is not a date: give a year, and a month before a day");
    }
    valid.then(|| trusted_date(date))
}

/// A date that the registry has checked.
pub(super) fn trusted_date(date: &shared::PartialDate) -> PartialDate {
    PartialDate { year: date.year, month: date.month, day: date.day, approximate: date.approximate }
}

fn check_country(field: &str, country: &str, violations: &mut Violations) {
    if country.len() != 2 || !country.bytes().all(|letter| letter.is_ascii_uppercase()) {
        violations.add(field, "is not an ISO 3166-1 alpha-2 code: give two upper-case letters");
    }
}

fn check_count(field: &str, count: usize, count_max: usize, violations: &mut Violations) {
    if count > count_max {
        violations.add(field, format!("has {count} items: give at most {count_max}"));
    }
}

/// The pairs of one message and how they are to be compared.
pub(super) struct Comparisons {
    pairs: Vec<wire::NamePair>,
    policy: Policy,
    explain: bool,
    field: fn(usize) -> String,
}

impl Comparisons {
    /// The pairs of a batch call.
    pub(super) fn new(request: wire::BatchCompareNamesRequest) -> Result<Self, Fault> {
        Self::with_field(request, |at| format!("pairs[{at}]"))
    }

    /// The pair of a unary call.
    pub(super) fn of_one(request: wire::CompareNamesRequest) -> Result<Self, Fault> {
        let pair = request.pair.unwrap_or_default();
        let (pairs, policy, explanation) =
            (vec![pair.clone()], request.policy, request.explanation);
        let request = wire::BatchCompareNamesRequest { pairs, policy, explanation };
        Self::with_field(request, |_| "pair".to_owned())
            .map_err(|fault| fault.with(decode_pair("pair", &pair)))
    }

    fn with_field(
        request: wire::BatchCompareNamesRequest,
        field: fn(usize) -> String,
    ) -> Result<Self, Fault> {
        let mut violations = Violations::default();
        let policy = policy("policy", request.policy.as_ref(), &mut violations);
        let explain = explains("explanation", request.explanation, &mut violations);
        violations.check_batch("pairs", request.pairs.len(), items_max(explain));
        violations.or(Self { pairs: request.pairs, policy, explain, field })
    }

    /// The comparison of the first pair.
    pub(super) fn compare_first(&self) -> Result<wire::NameComparison, Fault> {
        self.compare(0)
    }

    /// Every pair's comparison, or why there is none.
    pub(super) fn compare_all(&self) -> Vec<wire::CompareOutcome> {
        use wire::compare_outcome::Outcome;
        let outcome = |at| match self.compare(at) {
            Ok(comparison) => Outcome::Comparison(comparison),
            Err(fault) => Outcome::Error(fault.into_item()),
        };
        let outcomes = (0..self.pairs.len()).map(outcome);
        outcomes.map(|outcome| wire::CompareOutcome { outcome: Some(outcome) }).collect()
    }

    fn compare(&self, at: usize) -> Result<wire::NameComparison, Fault> {
        let pair = &self.pairs[at];
        let (a, b) = decode_pair(&(self.field)(at), pair)?;
        let explained = self.explain.then_some((pair.a.as_str(), pair.b.as_str()));
        Ok(encode::comparison(compare(&a, &b, self.policy.threshold, explained)))
    }
}

fn decode_pair(field: &str, pair: &wire::NamePair) -> Result<(Name, Name), Fault> {
    let mut violations = Violations::default();
    let a = decode_text(&format!("{field}.a"), &pair.a, &mut violations);
    let b = decode_text(&format!("{field}.b"), &pair.b, &mut violations);
    let name = |spelling: Option<Spelling>| {
        spelling.map_or_else(|| Name::new(""), |spelling| spelling.name)
    };
    violations.or((name(a), name(b)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(query: shared::NameQuery, expected: Expect) {
        let request = wire::MatchEntitiesRequest { query: Some(query), options: None };
        let fault = Batch::of_one(request).unwrap().query(0).err().map(tonic::Status::from);
        expected.assert_eq(fault.as_ref().map_or("ok", tonic::Status::message));
    }

    #[test]
    fn every_violation_of_a_query_is_named_with_its_path() {
        let query = |text: &str| shared::NameQuery { text: text.to_owned(), ..Default::default() };
        check(query("لافروف"), expect!["ok"]);
        check(query(""), expect!["`query.text` is empty: give a name"]);
        check(query("ـ"), expect!["`query.text` has neither letter nor digit: give a name"]);
        let filter = shared::Filter {
            types: vec![0, 99],
            countries: vec!["russia".to_owned()],
            ..Default::default()
        };
        check(
            shared::NameQuery {
                filter: Some(filter),
                other_texts: vec!["؟".to_owned()],
                ..query("a")
            },
            expect![[
                r#"`query.other_texts[0]` has neither letter nor digit: give a name; `query.filter.countries[0]` is not an ISO 3166-1 alpha-2 code: give two upper-case letters; `query.filter.types[0]` is UNSPECIFIED: name a type, or leave the list empty; `query.filter.types[1]` is `99`, which this version does not know"#
            ]],
        );
        let birth_date = Some(shared::PartialDate { year: 1950, day: 3, ..Default::default() });
        check(
            shared::NameQuery {
                evidence: Some(shared::Evidence { birth_date, ..Default::default() }),
                ..query("a")
            },
            expect![
                "`query.evidence.birth_date` is not a date: give a year, and a month before a day"
            ],
        );
    }

    #[test]
    fn a_language_tells_the_tradition_where_none_is_said() {
        for (tag, profile) in [
            ("fa", Some(Profile::Persian)),
            ("ar-EG", Some(Profile::Egypt)),
            ("AR-Arab-lb", Some(Profile::Levant)),
            ("ar", None),
            ("en-EG", None),
            ("", None),
        ] {
            assert_eq!(profile_of_language(tag), profile, "{tag}");
        }
    }

    #[test]
    fn a_batch_is_refused_whole_when_its_answer_would_be_too_large() {
        let queries = vec![shared::NameQuery::default(); 101];
        let options = wire::MatchOptions { candidates_max: 100, ..Default::default() };
        assert!(Batch::new(queries, Some(options)).is_err());
    }
}
