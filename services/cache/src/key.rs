//! What a cached value is found by: the request it answers and everything else it depends on.
//!
//! A [`Key`] is the request, a [`Space`] is the rest (kind of value, its format, the rules and the
//! catalogue it was computed at). A value is never invalidated: when something it depends on
//! changes, the space changes with it and the old values are simply no longer asked for.

use std::fmt;
use std::time::Duration;

use sha2::{Digest, Sha256};

/// The canonical bytes of a request, hashed to 128 bits.
///
/// The first half of SHA-256: the same in every process, on every platform, for good. With a
/// billion keys alive, the odds that any two collide by chance are 10⁻²¹. A faster hash such as
/// XXH3 has the same odds by chance but lets a caller construct a name that takes the answer of
/// another's; here that costs 2¹²⁸ tries.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(u128);

impl Key {
    /// The key of a request. `canonical` holds all the answer depends on that the [`Space`] does
    /// not, in one form: the same request must always give the same bytes.
    ///
    /// ```
    /// assert_eq!(cache::Key::of("محمد".as_bytes()).to_string(), "0cb4c9b21062de4d2c0edd48efc9fa86");
    /// ```
    pub fn of(canonical: &[u8]) -> Key {
        Key(digest(canonical))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({self})")
    }
}

/// A family of values that depend on the same things: one message type, one format, one version
/// of the rules, one version of the catalogue.
///
/// Build one when its versions change and keep it; it renders its prefix once.
#[derive(Clone, Debug)]
pub struct Space {
    kind: &'static str,
    format: u32,
    rules: String,
    /// With a point behind it, or empty.
    catalogue_id: String,
    catalogue: u64,
    ttl: Duration,
    prefix: String,
    digest: u128,
}

impl Space {
    /// Values of `kind`, which all have one message type and live about `ttl` (give or take a
    /// tenth). `format` is raised when the meaning of the message or of its keys changes.
    pub fn new(kind: &'static str, format: u32, ttl: Duration) -> Space {
        debug_assert!(!kind.contains(':'), "`:` separates the parts of a prefix");
        let (rules, catalogue_id, prefix) = ("-".to_owned(), String::new(), String::new());
        Space { kind, format, rules, catalogue_id, catalogue: 0, ttl, prefix, digest: 0 }.rendered()
    }

    /// Values that depend on this version of the rules.
    pub fn rules(mut self, version: &str) -> Space {
        version.clone_into(&mut self.rules);
        self.rendered()
    }

    /// Values that depend on this catalogue. Several may share a Redis, and all have a version 1.
    pub fn catalogue_id(mut self, id: &str) -> Space {
        self.catalogue_id = format!("{id}.");
        self.rendered()
    }

    /// Values that depend on this version of the catalogue.
    pub fn catalogue(mut self, version: u64) -> Space {
        self.catalogue = version;
        self.rendered()
    }

    /// What every key of the space begins with in Redis:
    /// `hawiya:{kind}:f{format}:{rules}:c[{catalogue id}.]{catalogue version}:`.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    pub(crate) fn kind(&self) -> &'static str {
        self.kind
    }

    pub(crate) fn ttl(&self) -> Duration {
        self.ttl
    }

    /// The full name of a value in Redis.
    pub(crate) fn name(&self, key: Key) -> String {
        format!("{}{key}", self.prefix)
    }

    /// The same in 32 bytes, for what stays in this process.
    pub(crate) fn slot(&self, key: Key) -> Slot {
        Slot { space: self.digest, key: key.0 }
    }

    fn rendered(mut self) -> Space {
        let Space { kind, format, rules, catalogue_id, catalogue, .. } = &self;
        self.prefix = format!("hawiya:{kind}:f{format}:{rules}:c{catalogue_id}{catalogue}:");
        self.digest = digest(self.prefix.as_bytes());
        self
    }
}

/// A space and a key together, small enough to copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Slot {
    space: u128,
    key: u128,
}

impl Slot {
    /// 64 bits that tell this slot from any other, for the checksum of what is stored in it and
    /// for the spread of its life. Both parts are digests already, so any mixture is even.
    pub(crate) fn seed(self) -> u64 {
        let mixed = self.space.rotate_left(1) ^ self.key;
        (mixed >> 64) as u64 ^ mixed as u64
    }
}

fn digest(bytes: &[u8]) -> u128 {
    let sha = Sha256::digest(bytes);
    sha.iter().take(16).fold(0, |digest, byte| digest << 8 | u128::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn space() -> Space {
        Space::new("resolution", 1, Duration::from_secs(60))
    }

    // Checked against `printf '%s' 'Чайковский' | sha256sum`.
    #[test]
    fn a_key_is_the_first_half_of_sha256_for_ever() {
        assert_eq!(Key::of(b"").to_string(), "e3b0c44298fc1c149afbf4c8996fb924");
        assert_eq!(
            Key::of("Чайковский".as_bytes()).to_string(),
            "adb950d4f3f177db8920144307c9e4bc"
        );
    }

    #[test]
    fn a_prefix_names_all_a_value_depends_on() {
        let prefix = space().rules("ar-7").catalogue(42).prefix().to_owned();
        assert_eq!(prefix, "hawiya:resolution:f1:ar-7:c42:");
        assert_eq!(space().prefix(), "hawiya:resolution:f1:-:c0:");
    }

    #[test]
    fn a_value_of_one_version_is_not_found_at_another() {
        let key = Key::of(b"x");
        assert_ne!(space().catalogue(1).slot(key), space().catalogue(2).slot(key));
        assert_ne!(space().catalogue_id("a").slot(key), space().catalogue_id("b").slot(key));
        assert_ne!(space().rules("a").slot(key), space().rules("b").slot(key));
        assert_eq!(space().catalogue(1).slot(key), space().catalogue(1).slot(key));
    }
}
