//! The laws of two names, on any two texts: a line each.

#![no_main]

use libfuzzer_sys::fuzz_target;
use names::{Name, similarity};

fuzz_target!(|texts: &str| {
    let (a, b) = texts.split_once('\n').unwrap_or((texts, ""));
    let (a, b) = (Name::new(a), Name::new(b));
    let (there, back) = (similarity(&a, &b), similarity(&b, &a));
    assert_eq!(there.score, back.score);
    assert_eq!(there.kind, back.kind);
    assert!((0.0..=1.0).contains(&there.score));
    assert!(there.score < 1.0 || a.form() == b.form());
    assert_eq!(a.is_empty(), similarity(&a, &a).score < 1.0);
});
