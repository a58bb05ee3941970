//! The laws of one name, on any text: those of `tests/laws.rs`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use names::{Name, Profile, Span, peelings, readings, repair, trace};

fuzz_target!(|text: &str| {
    let name = Name::new(text);
    let traced = trace(text);
    assert_eq!(traced.name, name);
    assert_eq!(Name::new(name.form()).form(), name.form());
    assert_eq!(Name::new(name.orthographic()).orthographic(), name.orthographic());
    assert_eq!(repair(name.orthographic()), None);
    assert_eq!(repair(name.form()), None);
    assert_eq!(name.is_empty(), name.tokens().is_empty());
    for token in name.tokens() {
        check_span(text, token.span());
        peelings(token.orthographic());
    }
    for step in &traced.steps {
        check_span(text, &step.span);
    }
    if let Some(repaired) = repair(text) {
        assert_eq!(Name::new(&repaired.text).form(), name.form());
    }
    let readings = readings(text, Some(Profile::Persian));
    assert!(readings.len() <= 8 && readings.iter().all(|reading| reading.form != name.form()));
});

fn check_span(text: &str, span: &Span) {
    let bytes = span.bytes.start as usize..span.bytes.end as usize;
    let (before, inside) = (&text[..bytes.start], &text[bytes]);
    assert!(!inside.is_empty());
    assert_eq!(span.chars.start as usize, before.chars().count());
    assert_eq!(span.chars.len(), inside.chars().count());
    assert_eq!(span.utf16.start as usize, before.encode_utf16().count());
    assert_eq!(span.utf16.len(), inside.encode_utf16().count());
}
