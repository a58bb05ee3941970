//! Reads settings from a lookup function, usually the environment, before any socket opens.
//!
//! A bad value is an error that names the variable, the value and what was expected; the binary
//! prints it on one line and exits with 64 (`EX_USAGE`). Which settings there are is not written
//! down anywhere: whoever wants to know lets the functions that read settings read
//! [`recorded`](Settings::recorded) ones, and so is told the names and defaults of the code itself.

mod address;

use std::{
    borrow::Cow,
    cell::RefCell,
    collections::HashMap,
    env, fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
    str::FromStr,
    sync::OnceLock,
    time::Duration,
};

pub use address::{Address, Addresses};

/// Where settings are looked up.
pub struct Settings<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    record: Option<&'a RefCell<Vec<Asked>>>,
}

/// A setting that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The variable.
    pub name: &'static str,
    /// What a value looks like.
    pub expected: &'static str,
    /// What counts when it is unset.
    pub default: WhenUnset,
    /// What it is set to, hidden where it may be secret.
    pub value: Option<String>,
}

/// What counts when a setting is unset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhenUnset {
    /// Nothing: the setting is [`optional`](Settings::optional).
    Nothing,
    /// A value, as it would be written.
    Value(String),
    /// A value whose type does not say how it is written; see [`Setting::written`].
    Unwritten,
}

/// What a settings file says. It counts where the environment says nothing.
static FILE: OnceLock<HashMap<&'static str, String>> = OnceLock::new();

/// Lays the values of a settings file under the environment of this process. To be called once,
/// before anything is read; a second call changes nothing.
pub fn lay_under_environment(values: HashMap<&'static str, String>) {
    drop(FILE.set(values));
}

/// The value of an environment variable. An empty one counts as unset.
#[must_use]
pub fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// What the process was told of a setting: its environment, and below it the file that
/// [`lay_under_environment`] was given.
#[must_use]
pub fn told(name: &str) -> Option<String> {
    variable(name).or_else(|| FILE.get()?.get(name).cloned())
}

impl<'a> Settings<'a> {
    /// Settings as a function from names to values.
    pub fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { lookup, record: None }
    }

    /// What the process was [`told`].
    #[must_use]
    pub fn environment() -> Settings<'static> {
        Settings::new(&told)
    }

    /// These settings, and every one that is asked for is written down. Nothing fails: a value that
    /// cannot be read counts as unset, so that all that is asked for afterwards is written down too.
    #[must_use]
    pub fn recorded<'b>(&'b self, asked: &'b RefCell<Vec<Asked>>) -> Settings<'b> {
        Settings { lookup: self.lookup, record: Some(asked) }
    }

    /// The value of `name`, or nothing when it is unset.
    pub fn optional<T: Setting>(&self, name: &'static str) -> Result<Option<T>, SettingError> {
        self.note::<T>(name, || WhenUnset::Nothing);
        self.find(name)
    }

    /// The value of `name`, or `default` when it is unset.
    pub fn get<T: Setting>(&self, name: &'static str, default: T) -> Result<T, SettingError> {
        self.note::<T>(name, || default.written().map_or(WhenUnset::Unwritten, WhenUnset::Value));
        Ok(self.find(name)?.unwrap_or(default))
    }

    fn find<T: Setting>(&self, name: &'static str) -> Result<Option<T>, SettingError> {
        let Some(value) = self.text(name) else { return Ok(None) };
        match T::parse(&value) {
            Some(parsed) => Ok(Some(parsed)),
            None if self.record.is_some() => Ok(None),
            None => {
                Err(SettingError { name, value: T::shown(&value), expected: T::EXPECTED.into() })
            }
        }
    }

    /// The value of `name` as it is written.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        (self.lookup)(name).filter(|value| !value.is_empty())
    }

    fn note<T: Setting>(&self, name: &'static str, default: impl FnOnce() -> WhenUnset) {
        let Some(asked) = self.record else { return };
        let value = self.text(name).map(|value| T::shown(&value));
        let note = Asked { name, expected: T::EXPECTED, default: default(), value };
        asked.borrow_mut().push(note);
    }
}

/// A type that can be a setting.
pub trait Setting: Sized {
    /// What a value looks like, for the error: "a whole number".
    const EXPECTED: &'static str;

    /// Reads a value.
    fn parse(value: &str) -> Option<Self>;

    /// The value as it may be shown in an error.
    fn shown(value: &str) -> String {
        value.to_owned()
    }

    /// How the value is written, which only the types of defaults have to know: `parse` reads it.
    fn written(&self) -> Option<String> {
        None
    }
}

impl Setting for String {
    const EXPECTED: &'static str = "text";

    fn parse(value: &str) -> Option<Self> {
        Some(value.to_owned())
    }

    fn written(&self) -> Option<String> {
        Some(self.clone())
    }
}

impl Setting for PathBuf {
    const EXPECTED: &'static str = "a path";

    fn parse(value: &str) -> Option<Self> {
        Some(Self::from(value))
    }

    fn written(&self) -> Option<String> {
        Some(self.display().to_string())
    }
}

impl Setting for usize {
    const EXPECTED: &'static str = "a whole number";

    fn parse(value: &str) -> Option<Self> {
        value.parse().ok()
    }

    fn written(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Setting for Duration {
    const EXPECTED: &'static str = "a duration such as `250ms`, `5s` or `2m`";

    fn parse(value: &str) -> Option<Self> {
        let unit_at = value.find(|letter: char| !letter.is_ascii_digit())?;
        let number: u64 = value[..unit_at].parse().ok()?;
        match &value[unit_at..] {
            "ms" => Some(Duration::from_millis(number)),
            "s" => Some(Duration::from_secs(number)),
            "m" => Some(Duration::from_secs(number.checked_mul(60)?)),
            _ => None,
        }
    }

    fn written(&self) -> Option<String> {
        let (seconds, milliseconds) = (self.as_secs(), self.subsec_millis());
        Some(match (seconds, milliseconds) {
            (_, 1..) => format!("{}ms", self.as_millis()),
            (60.., _) if seconds % 60 == 0 => format!("{}m", seconds / 60),
            _ => format!("{seconds}s"),
        })
    }
}

impl Setting for SocketAddr {
    const EXPECTED: &'static str = "an address and port such as `127.0.0.1:7700`";

    fn parse(value: &str) -> Option<Self> {
        Self::from_str(value).ok()
    }

    fn written(&self) -> Option<String> {
        Some(self.to_string())
    }
}

/// A value that may hold a password: it is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The value itself. Do not log it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

impl Setting for Secret {
    const EXPECTED: &'static str = "text";

    fn parse(value: &str) -> Option<Self> {
        Some(Self(value.to_owned()))
    }

    fn shown(_value: &str) -> String {
        "…".to_owned()
    }
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub struct SettingError {
    /// The variable.
    pub name: &'static str,
    /// Its value, hidden when it may be secret; empty: it is not set.
    pub value: String,
    /// What was expected.
    pub expected: Cow<'static, str>,
}

impl SettingError {
    /// A file that cannot be used, and why.
    pub(crate) fn because(name: &'static str, file: &Path, cause: String) -> Self {
        let expected = format!("a file that can be used, but {cause}").into();
        Self { name, value: file.display().to_string(), expected }
    }

    /// A setting that others need.
    #[must_use]
    pub fn missing(name: &'static str, expected: &'static str) -> Self {
        Self { name, value: String::new(), expected: expected.into() }
    }
}

impl fmt::Display for SettingError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, value, expected } = self;
        if value.is_empty() {
            write!(formatter, "{name} is not set: expected {expected}")
        } else {
            write!(formatter, "{name} is `{value}`: expected {expected}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check<T: Setting + fmt::Debug>(value: &str, expected: Expect) {
        let lookup = |_: &str| Some(value.to_owned());
        match Settings::new(&lookup).optional::<T>("HAWIYA_X") {
            Ok(parsed) => expected.assert_eq(&format!("{parsed:?}")),
            Err(error) => expected.assert_eq(&error.to_string()),
        }
    }

    #[test]
    fn a_value_is_read_or_refused_with_the_variable_and_the_cure() {
        check::<usize>("12", expect!["Some(12)"]);
        check::<usize>("", expect!["None"]);
        check::<usize>("-1", expect!["HAWIYA_X is `-1`: expected a whole number"]);
        check::<Duration>("250ms", expect!["Some(250ms)"]);
        check::<Duration>("2m", expect!["Some(120s)"]);
        check::<Duration>(
            "2h",
            expect!["HAWIYA_X is `2h`: expected a duration such as `250ms`, `5s` or `2m`"],
        );
        check::<Duration>(
            "s",
            expect!["HAWIYA_X is `s`: expected a duration such as `250ms`, `5s` or `2m`"],
        );
        check::<Address>("http://a:1", expect!["Some(Address(http://a:1/))"]);
        check::<Address>(
            "a:1",
            expect!["HAWIYA_X is `a:1`: expected an address such as `http://matcher:7702`"],
        );
        check::<Address>(
            "http://a",
            expect!["HAWIYA_X is `http://a`: expected an address such as `http://matcher:7702`"],
        );
        check::<Addresses>(
            "http://a:1, http://b:2",
            expect!["Some(Addresses([Address(http://a:1/), Address(http://b:2/)]))"],
        );
        check::<Addresses>(
            "http://a:1,",
            expect![
                "HAWIYA_X is `http://a:1,`: expected an address such as `http://matcher:7702`, or several separated by commas"
            ],
        );
    }

    #[test]
    fn a_secret_is_never_shown() {
        check::<Secret>("redis://:hunter2@host", expect!["Some(Secret(…))"]);
    }

    #[test]
    fn what_is_asked_for_is_recorded_with_its_default_and_a_bad_value_stops_nothing() {
        let lookup = |name: &str| (name != "HAWIYA_C").then(|| "hunter2".to_owned());
        let (settings, asked) = (Settings::new(&lookup), RefCell::default());
        let recorded = settings.recorded(&asked);
        assert_eq!(recorded.get("HAWIYA_A", Duration::from_secs(20)), Ok(Duration::from_secs(20)));
        recorded.optional::<Secret>("HAWIYA_B").unwrap();
        recorded.optional::<usize>("HAWIYA_C").unwrap();
        let noted = asked.borrow().iter().map(|asked| format!("{asked:?}\n")).collect::<String>();
        expect![[r#"
            Asked { name: "HAWIYA_A", expected: "a duration such as `250ms`, `5s` or `2m`", default: Value("20s"), value: Some("hunter2") }
            Asked { name: "HAWIYA_B", expected: "text", default: Nothing, value: Some("…") }
            Asked { name: "HAWIYA_C", expected: "a whole number", default: Nothing, value: None }
        "#]]
        .assert_eq(&noted);
    }

    #[test]
    fn a_written_value_reads_as_itself() {
        fn check<T: Setting + PartialEq + fmt::Debug>(text: &str) {
            let value = T::parse(text).unwrap();
            assert_eq!(value.written().as_deref(), Some(text));
        }
        for text in ["0s", "250ms", "1500ms", "20s", "2m", "90s"] {
            check::<Duration>(text);
        }
        check::<usize>("12");
        check::<std::net::SocketAddr>("127.0.0.1:7700");
        check::<Address>("http://matcher:7702");
    }
}
