//! The fuzz targets: every parser of what others wrote, given any bytes. Nothing may panic, hang or grow
//! without end, and where there is a law it holds.
//!
//! `make fuzz` runs each of them by libFuzzer for a while (`run.sh`). What it finds is put into
//! `seeds/<target>/`, where the fuzzer begins and `cargo test` looks each time.

mod files;
mod index;
mod lists;
mod texts;
mod wire;

/// What is done with the bytes.
pub type Target = fn(&[u8]);

/// Every target by its name, which is that of its folder of seeds.
pub const TARGETS: [(&str, Target); 15] = [
    ("ladder", texts::ladder),
    ("compare", texts::compare),
    ("running", texts::running),
    ("annotate", texts::annotate),
    ("import", lists::import),
    ("mapping", lists::mapping),
    ("article", files::article),
    ("checkpoint", files::checkpoint),
    ("settings", files::settings),
    ("callers", files::callers),
    ("jwks", files::jwks),
    ("token", files::token),
    ("trace", files::trace),
    ("index", index::index),
    ("message", wire::message),
];

/// The target of this name.
#[must_use]
pub fn target(name: &str) -> Option<Target> {
    TARGETS.into_iter().find(|(known, _)| *known == name).map(|(_, target)| target)
}

/// What a fuzzer has of text: all that is UTF-8.
fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    #[test]
    fn every_seed_and_all_that_was_ever_found_is_survived() {
        for (name, target) in TARGETS {
            let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(name);
            let seeds: Vec<_> =
                fs::read_dir(&seeds).unwrap().map(|seed| seed.unwrap().path()).collect();
            assert!(!seeds.is_empty(), "{name} has nothing to begin with");
            for seed in seeds {
                target(&fs::read(&seed).unwrap());
            }
            target(b"");
        }
    }

    #[test]
    fn every_target_has_a_name_of_its_own() {
        let names: BTreeSet<_> = TARGETS.iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), TARGETS.len());
    }
}
