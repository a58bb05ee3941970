//! The entrances for fuzzers (`integration-tests/fuzz/`): what others wrote is read, and nothing panics.

use crate::{commands::resolve::checkpoint::Checkpoint, evaluation::marked::Marked, settings};

pub use crate::import::fuzzing::import;

/// Whether a text is an article with marks. Its marks lie in it, in order.
#[must_use]
pub fn article(written: &str) -> bool {
    let Ok(marked) = Marked::parse("fuzzed".to_owned(), written) else { return false };
    let mut end = 0;
    for mark in &marked.marks {
        assert!(mark.start >= end && !marked.text[mark.start..mark.end].is_empty());
        end = mark.end;
    }
    true
}

/// Whether some bytes are a checkpoint.
#[must_use]
pub fn checkpoint(bytes: &[u8]) -> bool {
    Checkpoint::parse(bytes).is_some()
}

/// Whether a text is a file of settings.
#[must_use]
pub fn settings(text: &str) -> bool {
    settings::is_file(text)
}
