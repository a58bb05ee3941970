//! What speaks for or against a candidate besides its name.
//!
//! Missing is not contradicting: an entity without a birth date is neither helped nor harmed by one.

use proto::vocabulary::{Agreement, EntityType, Gender};

use crate::{
    entity::{Entity, type_admits},
    query::Evidence,
};

/// One piece of evidence and what it does to the score.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) field: &'static str,
    pub(crate) agreement: Agreement,
    pub(crate) query_value: String,
    pub(crate) entity_value: String,
    pub(crate) score_delta: f64,
}

/// What a field adds when it agrees and takes when it contradicts. Set by hand: a shared identifier
/// all but decides, a date of birth weighs more than a country, which people change.
struct Weight {
    field: &'static str,
    agrees: f64,
    contradicts: f64,
}

const TYPE: Weight = Weight { field: "type", agrees: 0.02, contradicts: -0.15 };
const COUNTRY: Weight = Weight { field: "country", agrees: 0.02, contradicts: -0.05 };
const BIRTH_DATE: Weight = Weight { field: "birth_date", agrees: 0.05, contradicts: -0.20 };
const FOUNDING_DATE: Weight = Weight { field: "founding_date", agrees: 0.05, contradicts: -0.15 };
const GENDER: Weight = Weight { field: "gender", agrees: 0.0, contradicts: -0.15 };
const EXTERNAL_ID: Weight = Weight { field: "external_ids", agrees: 0.30, contradicts: -0.30 };

/// Weighs what is known of the mention against the entity, in the order of the fields of Evidence.
/// Fields of which the mention says nothing have no outcome.
pub(crate) fn weigh(evidence: &Evidence, entity: &Entity) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    if evidence.entity_type != EntityType::Unspecified {
        let agrees = Some(type_admits(evidence.entity_type, entity.entity_type));
        let values = (evidence.entity_type.as_str_name(), entity.entity_type.as_str_name());
        outcomes.push(TYPE.outcome(agrees, values.0, values.1));
    }
    if !evidence.country.is_empty() {
        let agrees = known(&entity.country).map(|country| *country == evidence.country);
        outcomes.push(COUNTRY.outcome(agrees, &evidence.country, &entity.country));
    }
    let dates = [
        (BIRTH_DATE, evidence.birth_date, entity.birth_date),
        (FOUNDING_DATE, evidence.founding_date, entity.founding_date),
    ];
    for (weight, asked, known) in dates {
        let Some(asked) = asked else { continue };
        let agrees = known.map(|known| known.may_equal(asked));
        let shown = known.map(|known| known.to_string()).unwrap_or_default();
        outcomes.push(weight.outcome(agrees, &asked.to_string(), &shown));
    }
    if evidence.gender != Gender::Unspecified {
        let agrees =
            (entity.gender != Gender::Unspecified).then(|| entity.gender == evidence.gender);
        let values = (evidence.gender.as_str_name(), entity.gender.as_str_name());
        outcomes.push(GENDER.outcome(agrees, values.0, values.1));
    }
    for asked in &evidence.external_ids {
        // An entity may have several of one scheme: two passports.
        let of_scheme = || entity.external_ids.iter().filter(|id| id.scheme == asked.scheme);
        let known = of_scheme().find(|id| id.value == asked.value).or_else(|| of_scheme().next());
        let agrees = known.map(|id| id.value == asked.value);
        let shown = known.map(|id| format!("{}:{}", id.scheme, id.value)).unwrap_or_default();
        outcomes.push(EXTERNAL_ID.outcome(
            agrees,
            &format!("{}:{}", asked.scheme, asked.value),
            &shown,
        ));
    }
    outcomes
}

/// A score after the evidence, within 0.0 and 1.0. 1.0 stays reserved for the same form: evidence
/// never lifts a score to it.
pub(crate) fn adjust(score: f64, outcomes: &[Outcome]) -> f64 {
    let delta: f64 = outcomes.iter().map(|outcome| outcome.score_delta).sum();
    let ceiling = if score < 1.0 { 0.99_f64.max(score) } else { 1.0 };
    (score + delta).clamp(0.0, ceiling)
}

impl Weight {
    fn outcome(&self, agrees: Option<bool>, query_value: &str, entity_value: &str) -> Outcome {
        let (agreement, score_delta) = match agrees {
            Some(true) => (Agreement::Agrees, self.agrees),
            Some(false) => (Agreement::Contradicts, self.contradicts),
            None => (Agreement::Missing, 0.0),
        };
        Outcome {
            field: self.field,
            agreement,
            query_value: query_value.to_owned(),
            entity_value: entity_value.to_owned(),
            score_delta,
        }
    }
}

fn known(value: &String) -> Option<&String> {
    (!value.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::PartialDate;

    fn year(year: i32) -> Option<PartialDate> {
        Some(PartialDate { year, month: 0, day: 0, approximate: false })
    }

    #[test]
    fn what_the_entity_does_not_say_changes_nothing() {
        let evidence =
            Evidence { country: "RU".to_owned(), birth_date: year(1950), ..Evidence::default() };
        let outcomes = weigh(&evidence, &Entity::default());
        assert!(outcomes.iter().all(|outcome| outcome.agreement == Agreement::Missing));
        assert!((adjust(0.9, &outcomes) - 0.9).abs() < f64::EPSILON);
    }

    #[test]
    fn a_contradicted_birth_date_takes_a_sure_match_below_the_threshold() {
        let evidence = Evidence { birth_date: year(1950), ..Evidence::default() };
        let outcomes = weigh(&evidence, &Entity { birth_date: year(1980), ..Entity::default() });
        assert!(adjust(0.95, &outcomes) < 0.80);
    }

    #[test]
    fn any_id_of_a_scheme_agrees() {
        let passport = |value: &str| crate::entity::ExternalId {
            scheme: "passport".to_owned(),
            value: value.to_owned(),
        };
        let entity =
            Entity { external_ids: vec![passport("A"), passport("B")], ..Entity::default() };
        for (value, agreement) in
            [("A", Agreement::Agrees), ("B", Agreement::Agrees), ("C", Agreement::Contradicts)]
        {
            let evidence = Evidence { external_ids: vec![passport(value)], ..Evidence::default() };
            assert_eq!(weigh(&evidence, &entity)[0].agreement, agreement, "{value}");
        }
    }

    #[test]
    fn evidence_never_makes_two_forms_one() {
        let evidence = Evidence { country: "RU".to_owned(), ..Evidence::default() };
        let outcomes = weigh(&evidence, &Entity { country: "RU".to_owned(), ..Entity::default() });
        assert!(adjust(0.99, &outcomes) < 1.0);
    }
}
