//! The file of callers: names, hashes of API keys, names in certificates, scopes and quotas.
//!
//! Keys are long and random (`hawiya key`), so a plain hash is enough: there is nothing to guess.
//! Hashes are compared with all there are and in constant time.

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
    sync::Arc,
};

use ring::{
    digest::{SHA256, digest},
    rand::{SecureRandom, SystemRandom},
};
use serde::Deserialize;
use subtle::ConstantTimeEq;

use crate::{
    caller::{self, Caller, Scope, Scopes},
    quota::Quota,
    reload::Reloaded,
};

/// Callers of one file: each call of one with a key compares its hash with all of them.
const CALLERS_MAX: usize = 1_000;

/// Callers that an operator has entered.
#[derive(Debug, Default)]
pub struct Callers {
    keys: Vec<([u8; 32], Caller)>,
    certificates: HashMap<String, Caller>,
    quotas: HashMap<Arc<str>, Quota>,
    names: HashSet<Arc<str>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    caller: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    key_sha256: Option<String>,
    certificate: Option<String>,
    scopes: Vec<Scope>,
    calls_per_second: Option<f64>,
    burst: Option<f64>,
}

impl Callers {
    /// Callers of a TOML file that is read again when it changes.
    pub(crate) fn watch(file: PathBuf) -> Result<Reloaded<Self>, String> {
        Reloaded::new(vec![file], |contents| Self::parse(&contents[0]))
    }

    /// The one caller that a process is to itself.
    pub(super) fn of_itself(key: &str) -> Self {
        let hash = digest(&SHA256, key.as_bytes()).as_ref().try_into();
        let caller =
            Caller::new("hawiya-up".into(), Scopes::from_iter([Scope::Admin, Scope::Service]));
        let names = HashSet::from(["hawiya-up".into()]);
        let keys = vec![(hash.expect("SHA-256 has 32 bytes"), caller)];
        Self { keys, names, ..Self::default() }
    }

    pub(crate) fn parse(content: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(content).map_err(|_| "it is no UTF-8 text".to_owned())?;
        let file: File = toml::from_str(text).map_err(|error| wrong_line(text, &error))?;
        if file.caller.len() > CALLERS_MAX {
            return Err(format!("it has more than {CALLERS_MAX} callers"));
        }
        let mut callers = Self::default();
        for entry in file.caller {
            let name = entry.name.clone();
            callers.add(entry).map_err(|cause| format!("caller `{name}`: {cause}"))?;
        }
        Ok(callers)
    }

    fn add(&mut self, entry: Entry) -> Result<(), String> {
        if !caller::is_name(&entry.name) {
            return Err("the name has to be 1 to 128 visible ASCII characters".to_owned());
        }
        let name: Arc<str> = entry.name.as_str().into();
        let caller = Caller::new(Arc::clone(&name), entry.scopes.iter().copied().collect());
        if entry.scopes.is_empty() {
            return Err("`scopes` is empty: give read, write, admin or service".to_owned());
        }
        if entry.key_sha256.is_none() && entry.certificate.is_none() {
            return Err("give `key_sha256` or `certificate`".to_owned());
        }
        if let Some(hash) = &entry.key_sha256 {
            let hash = parse_hash(hash).ok_or("`key_sha256` has to be 64 hexadecimal digits")?;
            if self.keys.iter().any(|(known, _)| *known == hash) {
                return Err("another caller has the same key".to_owned());
            }
            self.keys.push((hash, caller.clone()));
        }
        if let Some(certificate) = &entry.certificate
            && self.certificates.insert(certificate.clone(), caller).is_some()
        {
            return Err("another caller has the same certificate".to_owned());
        }
        self.names.insert(Arc::clone(&name));
        if let Some(quota) = Quota::of(entry.calls_per_second, entry.burst)? {
            self.quotas.insert(name, quota);
        }
        Ok(())
    }

    pub(super) fn by_key(&self, key: &str) -> Option<Caller> {
        let hash = digest(&SHA256, key.as_bytes());
        let mut found = None;
        for (known, caller) in &self.keys {
            if bool::from(known.as_slice().ct_eq(hash.as_ref())) {
                found = Some(caller);
            }
        }
        found.cloned()
    }

    pub(super) fn by_certificate(&self, name: &str) -> Option<Caller> {
        self.certificates.get(name).cloned()
    }

    /// Whether somebody has this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    pub(super) fn quota(&self, name: &str) -> Option<Quota> {
        self.quotas.get(name).copied()
    }
}

/// Where a file is wrong. The parser's whole text would show the line, and a key that was entered
/// by mistake with it.
fn wrong_line(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start));
    match before {
        Some(before) => {
            let line = 1 + before.matches('\n').count();
            format!("line {line}: {}", error.message())
        }
        None => error.message().to_owned(),
    }
}

fn parse_hash(text: &str) -> Option<[u8; 32]> {
    let mut hash = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (at, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(hash)
}

/// The hash of a key, as the file has it.
#[must_use]
pub fn hash_of(key: &str) -> String {
    hexadecimal(digest(&SHA256, key.as_bytes()).as_ref())
}

/// A new key: 256 random bits.
#[must_use]
pub fn new_key() -> String {
    let mut bits = [0; 32];
    SystemRandom::new().fill(&mut bits).expect("the system has random numbers");
    format!("hk_{}", hexadecimal(&bits))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The scopes of a token. To act for others is given by the file of callers alone: an identity
/// provider gives scopes to people.
pub(super) fn scopes_of<'a>(names: impl Iterator<Item = &'a str>) -> Scopes {
    // A token has scopes of other services too.
    names.filter_map(Scope::parse).filter(|scope| *scope != Scope::Service).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(text: &str, expected: Expect) {
        let outcome = match Callers::parse(text.as_bytes()) {
            Ok(callers) => format!("{} keys", callers.keys.len()),
            Err(cause) => cause,
        };
        expected.assert_eq(&outcome);
    }

    #[test]
    fn a_bad_entry_is_refused_with_its_caller_and_the_cure() {
        let hash = hash_of("a");
        let entry = |rest: &str| format!("[[caller]]\nname = 'a'\nscopes = ['read']\n{rest}\n");
        check("", expect!["0 keys"]);
        check(&entry(&format!("key_sha256 = '{hash}'")), expect!["1 keys"]);
        check(&entry(""), expect!["caller `a`: give `key_sha256` or `certificate`"]);
        check(
            &entry("key_sha256 = 'hunter2'"),
            expect!["caller `a`: `key_sha256` has to be 64 hexadecimal digits"],
        );
        check(
            &entry("certificate = 'a'\nburst = 5"),
            expect!["caller `a`: `burst` needs `calls_per_second`"],
        );
        let twice = entry(&format!("key_sha256 = '{hash}'"));
        check(&format!("{twice}{twice}"), expect!["caller `a`: another caller has the same key"]);
        check(
            "[[caller]]\nname = 'a b'\nscopes = ['read']\ncertificate = 'a'",
            expect!["caller `a b`: the name has to be 1 to 128 visible ASCII characters"],
        );
    }

    #[test]
    fn a_file_that_cannot_be_read_is_refused_by_its_line_and_shows_no_key() {
        for bad in ["key_sha256 = hk_secret", "key = 'hk_secret'", "key_sha256 = ['hk_secret']"] {
            let text = format!("[[caller]]\nname = 'a'\n{bad}\nscopes = ['read']\n");
            let refused = Callers::parse(text.as_bytes()).unwrap_err();
            assert!(refused.starts_with("line 3: "), "{refused}");
            assert!(!refused.contains("hk_secret"), "{refused}");
        }
    }

    #[test]
    fn a_scope_that_is_none_is_refused() {
        let bad = "[[caller]]\nname = 'a'\nscopes = ['root']\ncertificate = 'a'";
        let refused = Callers::parse(bad.as_bytes()).unwrap_err();
        assert!(refused.contains("unknown variant `root`"), "{refused}");
    }
}
