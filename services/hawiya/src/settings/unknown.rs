//! Refuses what looks like a setting and is none, with the one it could have meant.

use std::{collections::BTreeMap, env};

use crate::{Usage, settings::Known};

/// Variables of ours that are no settings: where the file is, and what the tests and the
/// composition are told.
const OTHERS: [&str; 9] = [
    "HAWIYA_CONFIG",
    "HAWIYA_CRASH_ROUNDS",
    "HAWIYA_IMAGE",
    "HAWIYA_MATCHER_PORT",
    "HAWIYA_NORMALIZER_PORT",
    "HAWIYA_REGISTRY_PORT",
    "HAWIYA_REQUIRE_ALL",
    "HAWIYA_RESOLVER_PORT",
    "HAWIYA_SPEED_ENTITIES",
];

/// Refuses variables `HAWIYA_…` that are no settings, and settings that are no text.
pub(crate) fn check_environment(known: &Known) -> Result<(), Usage> {
    // In order, so that the complaint is the same each time.
    let mut variables = BTreeMap::new();
    for (name, value) in env::vars_os() {
        let Ok(name) = name.into_string() else { continue };
        match value.into_string() {
            Ok(value) => drop(variables.insert(name, value)),
            Err(_) if known.contains_key(name.as_str()) => {
                return Err(Usage(format!("{name} is not text: expected UTF-8")));
            }
            Err(_) => {}
        }
    }
    check_variables(&variables, known)
}

fn check_variables(variables: &BTreeMap<String, String>, known: &Known) -> Result<(), Usage> {
    let ours = variables.iter().filter(|(name, _)| name.starts_with("HAWIYA_"));
    let mut strange = ours.filter(|(name, value)| {
        let name = name.as_str();
        !known.contains_key(name) && !OTHERS.contains(&name) && !is_of_kubernetes(name, value)
    });
    match strange.next() {
        None => Ok(()),
        Some((name, _)) => Err(Usage(no_setting(name, known.keys().copied()))),
    }
}

/// Kubernetes tells every pod where the services of its namespace are, and a service may well be
/// called `hawiya` or `hawiya-matcher`: `HAWIYA_MATCHER_SERVICE_HOST`, `HAWIYA_MATCHER_PORT`,
/// `HAWIYA_MATCHER_PORT_7702_TCP_ADDR`
/// (<https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables>).
fn is_of_kubernetes(name: &str, value: &str) -> bool {
    let protocol = |text: &str| matches!(text, "TCP" | "UDP" | "SCTP");
    let end = |text: &str| {
        let (number, rest) = text.split_once('_').unwrap_or((text, ""));
        let (named, rest) = rest.split_once('_').unwrap_or((rest, ""));
        let is_number = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
        is_number && protocol(named) && matches!(rest, "" | "PROTO" | "PORT" | "ADDR")
    };
    let is_link = || ["tcp://", "udp://", "sctp://"].iter().any(|start| value.starts_with(start));
    name.ends_with("_SERVICE_HOST")
        || name.ends_with("_SERVICE_PORT")
        || name.contains("_SERVICE_PORT_")
        || name.ends_with("_PORT") && is_link()
        || name.rsplit_once("_PORT_").is_some_and(|(_, rest)| end(rest))
        || name.match_indices("_PORT_").any(|(at, found)| end(&name[at + found.len()..]))
}

/// "`x` is no setting: did you mean `y`?"
pub(super) fn no_setting<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let cure = match closest(name, known) {
        Some(close) => format!("did you mean `{close}`?"),
        None => "`hawiya config --print` lists all".to_owned(),
    };
    format!("{name} is no setting: {cure}")
}

/// The share of letters that must be alike in a suggestion. Below it a guess misleads.
const ALIKE_MIN: f64 = 0.7;

/// The known name that is most like `name`. What all names begin with tells nothing.
pub(super) fn closest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let own = |name: &str| name.trim_start_matches("HAWIYA_").to_uppercase();
    let alike = |candidate| strsim::normalized_damerau_levenshtein(&own(name), &own(candidate));
    let scored = known.map(|candidate| (alike(candidate), candidate));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= ALIKE_MIN).then_some(best.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::known;
    use expect_test::{Expect, expect};

    fn check(name: &str, value: &str, expected: Expect) {
        let variables = BTreeMap::from([(name.to_owned(), value.to_owned())]);
        let refused = check_variables(&variables, &known()).err();
        expected.assert_eq(&refused.map(|refused| refused.to_string()).unwrap_or_default());
    }

    #[test]
    fn a_variable_that_is_no_setting_is_refused_with_the_one_it_could_have_meant() {
        check("HAWIYA_LOG", "debug", expect![""]);
        check("HAWIYA_REQUIRE_ALL", "1", expect![""]);
        check(
            "HAWIYA_REDIS_ULR",
            "x",
            expect!["HAWIYA_REDIS_ULR is no setting: did you mean `REDIS_URL`?"],
        );
        check(
            "HAWIYA_DATABASE_URL",
            "x",
            expect!["HAWIYA_DATABASE_URL is no setting: did you mean `DATABASE_URL`?"],
        );
        check(
            "HAWIYA_DRAIN_TIME_OUT",
            "5s",
            expect!["HAWIYA_DRAIN_TIME_OUT is no setting: did you mean `HAWIYA_DRAIN_TIMEOUT`?"],
        );
        check(
            "HAWIYA_COLOUR",
            "x",
            expect!["HAWIYA_COLOUR is no setting: `hawiya config --print` lists all"],
        );
    }

    #[test]
    fn what_kubernetes_tells_of_services_is_no_setting_and_is_let_be() {
        for (name, value) in [
            ("HAWIYA_SERVICE_HOST", "10.96.0.7"),
            ("HAWIYA_MATCHER_SERVICE_HOST", "10.96.0.7"),
            ("HAWIYA_MATCHER_SERVICE_PORT", "7702"),
            ("HAWIYA_MATCHER_SERVICE_PORT_GRPC", "7702"),
            ("HAWIYA_MATCHER_PORT", "tcp://10.96.0.7:7702"),
            ("HAWIYA_MATCHER_PORT_7702_TCP", "tcp://10.96.0.7:7702"),
            ("HAWIYA_MATCHER_PORT_7702_TCP_PROTO", "tcp"),
            ("HAWIYA_MATCHER_PORT_7702_TCP_PORT", "7702"),
            ("HAWIYA_MATCHER_PORT_7702_TCP_ADDR", "10.96.0.7"),
        ] {
            assert!(is_of_kubernetes(name, value), "{name}");
        }
        for (name, value) in
            [("HAWIYA_PORT", "7700"), ("HAWIYA_PORT_TCP", ""), ("HAWIYA_LISTEN_PORT", "1")]
        {
            assert!(!is_of_kubernetes(name, value), "{name}");
        }
    }
}
