//! Limits that figures must keep: a gate for whoever changes rules or data.

use std::{fs, path::Path};

use anyhow::Context;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::report::Figures;
use crate::Usage;

/// The lowest and highest values that figures may have, by their keys.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Limits {
    minimum: Vec<(String, f64)>,
    maximum: Vec<(String, f64)>,
}

/// A file of limits; a key with dots may be written as nested tables.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    minimum: Map<String, Value>,
    #[serde(default)]
    maximum: Map<String, Value>,
}

impl Limits {
    /// Reads a file of limits: JSON when it ends in `.json`, else TOML.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        let text = fs::read_to_string(path).with_context(|| format!("cannot read `{shown}`"))?;
        let is_json = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
        let parse = if is_json { Self::from_json } else { Self::from_toml };
        parse(&text).map_err(|error| Usage(format!("`{shown}` holds no limits: {error}")).into())
    }

    fn from_json(text: &str) -> Result<Self, String> {
        Self::new(serde_json::from_str(text).map_err(|error| error.to_string())?)
    }

    fn from_toml(text: &str) -> Result<Self, String> {
        Self::new(toml::from_str(text).map_err(|error| error.message().to_owned())?)
    }

    fn new(written: Written) -> Result<Self, String> {
        let mut limits = Self::default();
        flatten("", written.minimum, &mut limits.minimum)?;
        flatten("", written.maximum, &mut limits.maximum)?;
        Ok(limits)
    }

    /// A line for each limit that is not kept. A figure that was not measured keeps none.
    pub(crate) fn misses(&self, figures: &Figures) -> Vec<String> {
        let minimum = self.minimum.iter().filter_map(|(key, limit)| {
            miss(figures, key, "minimum", *limit, |value| value >= *limit)
        });
        let maximum = self.maximum.iter().filter_map(|(key, limit)| {
            miss(figures, key, "maximum", *limit, |value| value <= *limit)
        });
        minimum.chain(maximum).collect()
    }
}

fn flatten(
    prefix: &str,
    written: Map<String, Value>,
    limits: &mut Vec<(String, f64)>,
) -> Result<(), String> {
    for (key, value) in written {
        let key = format!("{prefix}{key}");
        match value {
            Value::Object(table) => flatten(&format!("{key}."), table, limits)?,
            value => {
                let limit = value.as_f64().ok_or_else(|| format!("`{key}` is not a number"))?;
                limits.push((key, limit));
            }
        }
    }
    Ok(())
}

fn miss(
    figures: &Figures,
    key: &str,
    kind: &str,
    limit: f64,
    keeps: impl Fn(f64) -> bool,
) -> Option<String> {
    match figures.get(key) {
        None => Some(format!("`{key}` was not measured ({kind} {limit})")),
        Some(figure) if keeps(figure.value) => None,
        Some(figure) => Some(format!("`{key}` is {:.4} ({kind} {limit})", figure.value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOML: &str = "minimum.variants.form.joined = 0.5\nmaximum.\"distinct.form.joined\" = 0\n";

    #[test]
    fn toml_and_json_say_the_same_nested_or_not() {
        let json = r#"{"minimum":{"variants.form.joined":0.5},"maximum":{"distinct":{"form":{"joined":0}}}}"#;
        assert_eq!(Limits::from_toml(TOML).unwrap(), Limits::from_json(json).unwrap());
    }

    #[test]
    fn a_limit_that_is_no_number_or_has_another_name_is_refused() {
        assert_eq!(
            Limits::from_json(r#"{"minimum":{"a":{"b":"x"}}}"#).unwrap_err(),
            "`a.b` is not a number"
        );
        assert!(Limits::from_toml("least.a = 1").unwrap_err().contains("least"));
    }

    #[test]
    fn a_limit_is_missed_by_a_figure_beyond_it_and_by_none() {
        let limits = Limits::from_toml(TOML).unwrap();
        let mut figures = Figures::default();
        figures.add("variants.form.joined", 0.25, 4);
        let misses = limits.misses(&figures);
        let expected = [
            "`variants.form.joined` is 0.2500 (minimum 0.5)",
            "`distinct.form.joined` was not measured (maximum 0)",
        ];
        assert_eq!(misses, expected);
        let mut figures = Figures::default();
        figures.add("variants.form.joined", 0.5, 4);
        figures.add("distinct.form.joined", 0.0, 4);
        assert!(limits.misses(&figures).is_empty());
    }
}
