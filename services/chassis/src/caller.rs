//! Who makes a call, what they may do, and on whose behalf a service calls another.
//!
//! A service that calls for somebody says so in a header. It is believed only of a caller that may
//! act for others (the scope `service`), and of nobody where callers are not known: a name in a
//! header is easily written.

use std::{fmt, sync::Arc};

use http::HeaderMap;
use serde::Deserialize;
use tonic::{Request, metadata::MetadataValue};

/// The header in which a service names the caller it acts for.
pub(crate) const ACTS_FOR: &str = "x-hawiya-caller";

/// The longest name of a caller, in bytes: it is stored with every change.
pub const NAME_BYTES_MAX: usize = 128;

/// What a caller may do.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Ask.
    Read,
    /// Change entities one by one, and decide. Includes reading.
    Write,
    /// Import, which may replace a whole dataset. Includes writing.
    Admin,
    /// Name the caller it acts for. Includes nothing else.
    Service,
}

impl Scope {
    /// As settings and tokens write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
            Self::Service => "service",
        }
    }

    /// A scope by its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Read, Self::Write, Self::Admin, Self::Service]
            .into_iter()
            .find(|scope| scope.name() == name)
    }
}

/// A set of scopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    /// Whether these scopes, or what they include, have `needed` among them.
    #[must_use]
    pub fn allow(self, needed: Scope) -> bool {
        let enough: &[Scope] = match needed {
            Scope::Read => &[Scope::Read, Scope::Write, Scope::Admin],
            Scope::Write => &[Scope::Write, Scope::Admin],
            Scope::Admin => &[Scope::Admin],
            Scope::Service => &[Scope::Service],
        };
        enough.iter().any(|scope| self.0 & bit(*scope) != 0)
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | bit(scope)))
    }
}

fn bit(scope: Scope) -> u8 {
    1 << scope as u8
}

/// A name that can be stored, logged and sent in a header: 1 to [`NAME_BYTES_MAX`] visible ASCII
/// characters.
#[must_use]
pub fn is_name(name: &str) -> bool {
    (1..=NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Who makes a call; an extension of its request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    name: Arc<str>,
    scopes: Scopes,
    through: Option<Arc<str>>,
}

impl Caller {
    /// A caller who was found to be this one. The name is one that [`is_name`] accepts.
    pub(crate) fn new(name: Arc<str>, scopes: Scopes) -> Self {
        Self { name, scopes, through: None }
    }

    /// The caller of a request; nobody where callers are not known.
    pub fn of<T>(request: &Request<T>) -> Option<&Self> {
        request.extensions().get()
    }

    /// The name under which what is done is recorded.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The service that called on their behalf.
    #[must_use]
    pub fn through(&self) -> Option<&str> {
        self.through.as_deref()
    }

    /// Whose credential came with the call, and whose quota pays for it.
    #[must_use]
    pub(crate) fn charged(&self) -> &str {
        self.through().unwrap_or(&self.name)
    }

    /// What the one may do whose credential came with the call.
    #[must_use]
    pub fn scopes(&self) -> Scopes {
        self.scopes
    }

    /// Names the caller in a request to another service.
    pub fn pass_on<T>(&self, request: &mut Request<T>) {
        if let Ok(name) = MetadataValue::try_from(&*self.name) {
            request.metadata_mut().insert(ACTS_FOR, name);
        }
    }

    /// The caller that this one says it acts for, if it may; otherwise the header is nothing.
    pub(crate) fn acting(self, headers: &HeaderMap) -> Self {
        let named = headers.get(ACTS_FOR).and_then(|name| name.to_str().ok());
        match named.filter(|name| self.scopes.allow(Scope::Service) && is_name(name)) {
            Some(name) => Self { through: Some(self.name), name: name.into(), ..self },
            None => self,
        }
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_includes_less_and_a_service_nothing() {
        let allowed = |scope: Scope| {
            let scopes = Scopes::from_iter([scope]);
            [Scope::Read, Scope::Write, Scope::Admin, Scope::Service]
                .map(|needed| scopes.allow(needed))
        };
        assert_eq!(allowed(Scope::Read), [true, false, false, false]);
        assert_eq!(allowed(Scope::Write), [true, true, false, false]);
        assert_eq!(allowed(Scope::Admin), [true, true, true, false]);
        assert_eq!(allowed(Scope::Service), [false, false, false, true]);
    }

    fn acting(scopes: &[Scope], header: &str) -> (String, Option<String>) {
        let mut headers = HeaderMap::new();
        headers.insert(ACTS_FOR, header.parse().unwrap());
        let caller = Caller::new("resolver".into(), scopes.iter().copied().collect());
        let caller = caller.acting(&headers);
        (caller.name().to_owned(), caller.through().map(str::to_owned))
    }

    #[test]
    fn only_a_service_is_believed_for_whom_it_acts() {
        let resolver = ("resolver".to_owned(), None);
        assert_eq!(acting(&[Scope::Admin], "somebody"), resolver);
        assert_eq!(acting(&[Scope::Service], "some body"), resolver);
        assert_eq!(acting(&[Scope::Service], &"a".repeat(129)), resolver);
        let somebody = ("somebody".to_owned(), Some("resolver".to_owned()));
        assert_eq!(acting(&[Scope::Read, Scope::Service], "somebody"), somebody);
    }
}
