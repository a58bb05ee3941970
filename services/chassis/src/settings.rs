//! Reads settings from a lookup function, usually the environment, before any socket opens.
//!
//! A bad value is an error that names the variable, the value and what was expected; the binary
//! prints it on one line and exits with 64 (`EX_USAGE`).

use std::{env, fmt, net::SocketAddr, str::FromStr, time::Duration};

/// Where settings are looked up.
pub struct Settings<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
}

impl<'a> Settings<'a> {
    /// Settings as a function from names to values.
    pub fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { lookup }
    }

    /// Settings of the process environment. An empty variable counts as unset.
    #[must_use]
    pub fn environment() -> Settings<'static> {
        Settings { lookup: &|name| env::var(name).ok() }
    }

    /// The value of `name`, or nothing when it is unset.
    pub fn optional<T: Setting>(&self, name: &'static str) -> Result<Option<T>, SettingError> {
        let Some(value) = (self.lookup)(name).filter(|value| !value.is_empty()) else {
            return Ok(None);
        };
        match T::parse(&value) {
            Some(parsed) => Ok(Some(parsed)),
            None => Err(SettingError { name, value: T::shown(&value), expected: T::EXPECTED }),
        }
    }

    /// The value of `name`, or `default` when it is unset.
    pub fn get<T: Setting>(&self, name: &'static str, default: T) -> Result<T, SettingError> {
        Ok(self.optional(name)?.unwrap_or(default))
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
}

impl Setting for String {
    const EXPECTED: &'static str = "text";

    fn parse(value: &str) -> Option<Self> {
        Some(value.to_owned())
    }
}

impl Setting for usize {
    const EXPECTED: &'static str = "a whole number";

    fn parse(value: &str) -> Option<Self> {
        value.parse().ok()
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
}

impl Setting for SocketAddr {
    const EXPECTED: &'static str = "an address and port such as `127.0.0.1:7700`";

    fn parse(value: &str) -> Option<Self> {
        Self::from_str(value).ok()
    }
}

/// The address of a neighbour, `http://host:port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(http::Uri);

impl Address {
    /// The address as a URI with scheme and authority.
    #[must_use]
    pub fn uri(&self) -> &http::Uri {
        &self.0
    }

    /// The URI with a machine in place of the name.
    pub(crate) fn uri_of(&self, machine: SocketAddr) -> http::Uri {
        let mut parts = self.0.clone().into_parts();
        let authority = machine.to_string().parse();
        parts.authority = Some(authority.expect("a socket address is an authority"));
        http::Uri::from_parts(parts).expect("only the authority was replaced")
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl Setting for Address {
    const EXPECTED: &'static str = "an address such as `http://matcher:7702`";

    fn parse(value: &str) -> Option<Self> {
        let uri: http::Uri = value.parse().ok()?;
        let plain = uri.scheme_str() == Some("http") && uri.port().is_some();
        (plain && uri.path() == "/" && uri.query().is_none()).then_some(Self(uri))
    }
}

/// Where the replicas of a neighbour are: one address or several, separated by commas. A name
/// stands for every machine it resolves to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses(Vec<Address>);

impl Addresses {
    /// The addresses, at least one.
    #[must_use]
    pub fn all(&self) -> &[Address] {
        &self.0
    }
}

impl From<Address> for Addresses {
    fn from(address: Address) -> Self {
        Self(vec![address])
    }
}

impl fmt::Display for Addresses {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: Vec<_> = self.0.iter().map(Address::to_string).collect();
        formatter.write_str(&shown.join(","))
    }
}

impl Setting for Addresses {
    const EXPECTED: &'static str =
        "an address such as `http://matcher:7702`, or several separated by commas";

    fn parse(value: &str) -> Option<Self> {
        value
            .split(',')
            .map(|address| Address::parse(address.trim()))
            .collect::<Option<_>>()
            .map(Self)
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
#[error("{name} is `{value}`: expected {expected}")]
pub struct SettingError {
    /// The variable.
    pub name: &'static str,
    /// Its value, hidden when it may be secret.
    pub value: String,
    /// What was expected.
    pub expected: &'static str,
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
}
