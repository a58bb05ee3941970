//! Which settings there are: each reader's own functions are run on recorded settings.

use std::{cell::RefCell, collections::BTreeMap};

use chassis::{
    SettingError, Settings,
    settings::{Asked, WhenUnset},
    telemetry::TelemetryConfig,
};

use super::{
    embedded, listen, matcher, meanings::MEANINGS, normalizer, outgoing, registry, resolver,
    security, target,
};
use crate::cli::Service;

/// Who reads settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reader {
    /// `hawiya serve`.
    Service(Service),
    /// `hawiya up`.
    Up,
    /// The commands that ask a suite.
    Commands,
}

impl Reader {
    /// All of them.
    pub(crate) const ALL: [Self; 6] = [
        Self::Service(Service::Resolver),
        Self::Service(Service::Normalizer),
        Self::Service(Service::Matcher),
        Self::Service(Service::Registry),
        Self::Up,
        Self::Commands,
    ];

    /// Its name in tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Service(service) => service.name(),
            Self::Up => "up",
            Self::Commands => "commands",
        }
    }

    /// Reads all that it reads when it is run.
    pub(crate) fn read(self, settings: &Settings<'_>) -> Result<(), SettingError> {
        TelemetryConfig::read(settings, if self == Self::Commands { "error" } else { "info" })?;
        match self {
            Self::Service(service) => {
                listen(settings, service)?;
                match service {
                    Service::Resolver => resolver(settings).map(drop),
                    Service::Normalizer => normalizer(settings).map(drop),
                    Service::Matcher => matcher(settings).map(drop),
                    Service::Registry => registry(settings).map(drop),
                }
            }
            Self::Up => {
                listen(settings, Service::Resolver)?;
                embedded(settings)?;
                security(settings)?;
                outgoing(settings).map(drop)
            }
            Self::Commands => {
                target(settings)?;
                outgoing(settings)?;
                embedded(settings).map(drop)
            }
        }
    }

    /// What it asks for, each setting once.
    fn asked(self, settings: &Settings<'_>) -> Vec<Asked> {
        let asked = RefCell::default();
        // A setting that fails a check of its own was asked for all the same.
        drop(self.read(&settings.recorded(&asked)));
        let mut seen = Vec::new();
        for asked in asked.into_inner() {
            if !seen.iter().any(|known: &Asked| known.name == asked.name) {
                seen.push(asked);
            }
        }
        seen
    }
}

/// Every setting there is, and who reads it.
pub(crate) type Known = BTreeMap<&'static str, Vec<Reader>>;

/// Every setting there is, and who reads it.
pub(crate) fn known() -> Known {
    let mut known = Known::new();
    for (reader, asked) in by_reader(&Settings::new(&|_| None)) {
        known.entry(asked.name).or_default().push(reader);
    }
    known
}

fn by_reader<'a>(settings: &'a Settings<'_>) -> impl Iterator<Item = (Reader, Asked)> + 'a {
    Reader::ALL
        .into_iter()
        .flat_map(|reader| reader.asked(settings).into_iter().map(move |asked| (reader, asked)))
}

/// A setting as it is shown.
#[derive(Debug, serde::Serialize)]
pub(crate) struct SettingRow {
    pub(crate) name: &'static str,
    /// Who reads it.
    pub(crate) readers: Vec<&'static str>,
    /// What a value looks like.
    pub(crate) expected: &'static str,
    /// What counts when it is unset, and for whom; `None`: nothing.
    pub(crate) default: Option<String>,
    /// What it is set to now, hidden where it may be secret.
    pub(crate) value: Option<String>,
    /// What it is for.
    pub(crate) meaning: &'static str,
}

/// Every setting, in the order of the table of meanings. Defaults are those of an empty
/// environment, values those of `settings`.
pub(crate) fn rows(settings: &Settings<'_>) -> Vec<SettingRow> {
    let nothing = Settings::new(&|_| None);
    let defaults: Vec<_> = by_reader(&nothing).collect();
    let values: Vec<_> = by_reader(settings).map(|(_, asked)| asked).collect();
    let of = |name| defaults.iter().filter(move |(_, asked)| asked.name == name);
    let row = |(name, meaning): &(&'static str, &'static str)| {
        let (_, first) = of(*name).next()?;
        Some(SettingRow {
            name: first.name,
            readers: of(*name).map(|(reader, _)| reader.name()).collect(),
            expected: first.expected,
            default: default(of(*name)),
            value: values.iter().find(|asked| asked.name == *name)?.value.clone(),
            meaning,
        })
    };
    MEANINGS.iter().filter_map(row).collect()
}

/// One default where all readers agree; otherwise each with its readers.
fn default<'a>(asked: impl Iterator<Item = &'a (Reader, Asked)>) -> Option<String> {
    let mut defaults: Vec<(&WhenUnset, Vec<&str>)> = Vec::new();
    for (reader, asked) in asked {
        match defaults.iter_mut().find(|(known, _)| **known == asked.default) {
            Some((_, readers)) => readers.push(reader.name()),
            None => defaults.push((&asked.default, vec![reader.name()])),
        }
    }
    if let [(only, _)] = defaults.as_slice() {
        return written(only).map(str::to_owned);
    }
    let each = |(default, readers): &(&WhenUnset, Vec<&str>)| {
        Some(format!("{} ({})", written(default)?, short(readers)))
    };
    Some(defaults.iter().filter_map(each).collect::<Vec<_>>().join(", "))
}

/// Readers in few words: all of them, or those of the four services together.
pub(crate) fn short(readers: &[&str]) -> String {
    if readers.len() == Reader::ALL.len() {
        return "all".to_owned();
    }
    let services = Service::ALL.map(Service::name);
    if !services.iter().all(|service| readers.contains(service)) {
        return readers.join(", ");
    }
    let others = readers.iter().filter(|reader| !services.contains(*reader)).copied();
    std::iter::once("services").chain(others).collect::<Vec<_>>().join(", ")
}

fn written(default: &WhenUnset) -> Option<&str> {
    match default {
        WhenUnset::Value(text) => Some(text),
        WhenUnset::Nothing | WhenUnset::Unwritten => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_has_a_meaning_and_every_meaning_a_setting() {
        let settings = Settings::new(&|_| None);
        let mut read: Vec<_> = by_reader(&settings).map(|(_, asked)| asked.name).collect();
        let mut told: Vec<_> = MEANINGS.iter().map(|(name, _)| *name).collect();
        read.sort_unstable();
        told.sort_unstable();
        read.dedup();
        assert_eq!(read, told, "settings that are read; settings of `MEANINGS`");
    }

    #[test]
    fn every_default_says_how_it_is_written() {
        let settings = Settings::new(&|_| None);
        for (_, asked) in by_reader(&settings) {
            let cure = "implement `Setting::written` of its type";
            assert_ne!(asked.default, WhenUnset::Unwritten, "{}: {cure}", asked.name);
        }
    }

    #[test]
    fn nothing_is_refused_in_an_empty_environment() {
        for reader in Reader::ALL {
            assert_eq!(reader.read(&Settings::new(&|_| None)), Ok(()), "{reader:?}");
        }
    }
}
