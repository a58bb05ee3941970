//! Reads the settings file: TOML, its keys the variables in lower case without `HAWIYA_`.
//!
//! What stands at the top is for every process that reads the file; a section `[matcher]` is for
//! `hawiya serve matcher` alone, so that one file serves a whole machine. All of it is checked,
//! whoever reads it.

use std::{
    collections::{HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use chassis::{SettingError, settings::variable};
use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue},
};

use super::{
    Known, Reader,
    unknown::{closest, no_setting},
};
use crate::{Usage, cli::Service};

/// The settings of a file.
#[derive(Debug, Default)]
pub(crate) struct SettingsFile {
    path: PathBuf,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    /// Whom it is for; `None`: everybody.
    section: Option<Service>,
    variable: &'static str,
    value: String,
    line: usize,
}

impl SettingsFile {
    /// Whether a text can be read as one.
    pub(super) fn is_well(text: &str, known: &Known) -> bool {
        parse(text, known).is_ok()
    }

    /// Reads a file and refuses what is no setting.
    pub(crate) fn read(path: &Path, known: &Known) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path);
        let text = text.with_context(|| format!("cannot read `{}`", path.display()))?;
        let place = |at: usize| format!("{}:{}", path.display(), line(&text, at));
        let entries = parse(&text, known);
        let entries = entries.map_err(|(at, wrong)| Usage(format!("{}: {wrong}", place(at))))?;
        Ok(Self { path: path.to_owned(), entries })
    }

    /// The values for a process: those of everybody, and above them those of its service.
    pub(crate) fn values(&self, service: Option<Service>) -> HashMap<&'static str, String> {
        let of = |section| self.entries.iter().filter(move |entry| entry.section == section);
        let ours = service.into_iter().flat_map(|service| of(Some(service)));
        of(None).chain(ours).map(|entry| (entry.variable, entry.value.clone())).collect()
    }

    /// The error with the line of the file it is about, if it is about a value of the file.
    pub(crate) fn located(&self, error: anyhow::Error, service: Option<Service>) -> anyhow::Error {
        let Some(wrong) = error.downcast_ref::<SettingError>() else { return error };
        if variable(wrong.name).is_some() {
            return error;
        }
        let fits = |entry: &&Entry| {
            entry.variable == wrong.name && (entry.section.is_none() || entry.section == service)
        };
        // The section comes after the top and counts.
        let Some(entry) = self.entries.iter().rfind(fits) else { return error };
        let told = wrong.to_string().replacen(wrong.name, &key_of(wrong.name), 1);
        Usage(format!("{}:{}: {told}", self.path.display(), entry.line)).into()
    }
}

/// The key of a variable.
pub(crate) fn key_of(variable: &str) -> String {
    variable.trim_start_matches("HAWIYA_").to_lowercase()
}

/// What is wrong, and at which byte.
type Wrong = (usize, String);

fn parse(text: &str, known: &Known) -> Result<Vec<Entry>, Wrong> {
    let table = DeTable::parse(text)
        .map_err(|error| (error.span().map_or(0, |span| span.start), error.message().to_owned()))?;
    let mut entries = Vec::new();
    for (key, value) in table.get_ref() {
        match value.get_ref() {
            DeValue::Table(section) => {
                let service = service(key)?;
                for (key, value) in section {
                    entries.push(entry(text, Some(service), key, value, known)?);
                }
            }
            _ => entries.push(entry(text, None, key, value, known)?),
        }
    }
    // The top first, so that a section counts above it.
    entries.sort_by_key(|entry| (entry.section.is_some(), entry.line));
    Ok(entries)
}

fn service(key: &Spanned<DeString<'_>>) -> Result<Service, Wrong> {
    let name = key.get_ref();
    let found = Service::ALL.into_iter().find(|service| service.name() == name.as_ref());
    found.ok_or_else(|| {
        let names = Service::ALL.map(Service::name);
        let cure = match closest(name, names.into_iter()) {
            Some(close) => format!("did you mean [{close}]?"),
            None => format!("expected one of [{}]", names.join("], [")),
        };
        (key.span().start, format!("[{name}] is no service: {cure}"))
    })
}

fn entry(
    text: &str,
    section: Option<Service>,
    key: &Spanned<DeString<'_>>,
    value: &Spanned<DeValue<'_>>,
    known: &Known,
) -> Result<Entry, Wrong> {
    let at = key.span().start;
    let name = key.get_ref().as_ref();
    let Some((variable, readers)) = known.iter().find(|(variable, _)| key_of(variable) == name)
    else {
        let keys: HashSet<String> = known.keys().map(|variable| key_of(variable)).collect();
        let mut keys: Vec<_> = keys.iter().map(String::as_str).collect();
        keys.sort_unstable();
        return Err((at, no_setting(name, keys.into_iter())));
    };
    if section.is_some_and(|service| !readers.contains(&Reader::Service(service))) {
        let readers: Vec<_> = readers.iter().map(|reader| reader.name()).collect();
        return Err((at, format!("{name} is not read here, but by: {}", readers.join(", "))));
    }
    let value = match value.get_ref() {
        DeValue::String(value) => value.to_string(),
        DeValue::Integer(value) => value.to_string(),
        DeValue::Float(value) => value.to_string(),
        DeValue::Boolean(value) => value.to_string(),
        _ => {
            return Err((
                at,
                format!("{name} has a value of several parts: expected a text or a number"),
            ));
        }
    };
    Ok(Entry { section, variable, value, line: line(text, at) })
}

/// The line, from 1, on which a byte is.
fn line(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::known;
    use expect_test::{Expect, expect};

    fn check(text: &str, service: Service, expected: Expect) {
        let entries = parse(text, &known());
        let shown = match entries {
            Ok(entries) => {
                let file = SettingsFile { path: PathBuf::new(), entries };
                let mut values: Vec<_> = file.values(Some(service)).into_iter().collect();
                values.sort_unstable();
                format!("{values:?}")
            }
            Err((at, wrong)) => format!("{}: {wrong}", line(text, at)),
        };
        expected.assert_eq(&shown);
    }

    #[test]
    fn a_section_counts_above_the_top_and_for_its_service_alone() {
        let text = "log = \"debug\"\nredis_url = \"redis://a\"\n[matcher]\nlog = \"info\"\nlisten = \"[::1]:1\"\n";
        check(
            text,
            Service::Matcher,
            expect![[
                r#"[("HAWIYA_LISTEN", "[::1]:1"), ("HAWIYA_LOG", "info"), ("REDIS_URL", "redis://a")]"#
            ]],
        );
        check(
            text,
            Service::Registry,
            expect![[r#"[("HAWIYA_LOG", "debug"), ("REDIS_URL", "redis://a")]"#]],
        );
    }

    #[test]
    fn what_is_no_setting_is_refused_with_its_line() {
        let check = |text, expected| check(text, Service::Matcher, expected);
        check(
            "\nredis_ulr = \"x\"",
            expect!["2: redis_ulr is no setting: did you mean `redis_url`?"],
        );
        check(
            "REDIS_URL = \"x\"",
            expect!["1: REDIS_URL is no setting: did you mean `redis_url`?"],
        );
        check(
            "[macher]\nlog = \"x\"",
            expect!["1: [macher] is no service: did you mean [matcher]?"],
        );
        check(
            "[frontend]\nlog = \"x\"",
            expect![
                "1: [frontend] is no service: expected one of [resolver], [normalizer], [matcher], [registry]"
            ],
        );
        check(
            "[normalizer]\n\nmatcher_url = \"x\"",
            expect!["3: matcher_url is not read here, but by: resolver"],
        );
        check(
            "log = [\"x\"]",
            expect!["1: log has a value of several parts: expected a text or a number"],
        );
        check("log = \"x\"\nlog = \"y\"", expect!["2: duplicate key"]);
        check("log = \"x", expect![[r#"1: invalid basic string, expected `"`"#]]);
    }
}
