//! Names and running texts.

use std::sync::LazyLock;

use matcher::local::{Entity, Local, Overlap};
use names::{Name, Profile, Span, peelings, readings, repair, running_words, similarity, trace};

use crate::text;

/// The laws of one name: those of `services/names/tests/laws.rs`.
pub(crate) fn ladder(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
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
}

/// The laws of two names, a line each.
pub(crate) fn compare(bytes: &[u8]) {
    let Some(texts) = text(bytes) else { return };
    let (a, b) = texts.split_once('\n').unwrap_or((texts, ""));
    let (a, b) = (Name::new(a), Name::new(b));
    let (there, back) = (similarity(&a, &b), similarity(&b, &a));
    assert_eq!(there.score, back.score);
    assert_eq!(there.kind, back.kind);
    assert!((0.0..=1.0).contains(&there.score));
    assert!(there.score < 1.0 || a.form() == b.form());
    assert_eq!(a.is_empty(), similarity(&a, &a).score < 1.0);
}

/// The words of a text lie in it.
pub(crate) fn running(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    for word in running_words(text) {
        check_span(text, &word.span);
    }
}

/// Mentions lie in the text, in order, and what they are bound to is there.
pub(crate) fn annotate(bytes: &[u8]) {
    static KNOWN: LazyLock<Local> = LazyLock::new(known);
    let Some(text) = text(bytes) else { return };
    for overlap in [Overlap::Longest, Overlap::All] {
        let found = KNOWN.annotate(&[text], overlap).pop().unwrap_or_default();
        for mention in &found {
            check_span(text, &mention.span);
            assert!(!mention.entities.is_empty());
            assert!(mention.bound_to.is_none_or(|fuller| fuller < found.len()));
        }
    }
    assert!(KNOWN.ask(text, None, 5).len() <= 5);
}

/// A few of each kind, namesakes among them.
pub(crate) fn known() -> Local {
    let entity = |(id, names): (&str, &[&str])| Entity {
        id: id.to_owned(),
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        prominence: 0.5,
        ..Entity::default()
    };
    let known: [(&str, &[&str]); 6] = [
        ("Q1", &["سيرغي لافروف", "Sergey Lavrov", "Сергей Лавров"]),
        ("Q2", &["بيونغ يانغ", "Pyongyang", "平壌", "평양"]),
        ("Q3", &["كيم جونغ أون", "Kim Jong-un"]),
        ("Q4", &["كيم يو جونغ", "Kim Yo-jong"]),
        ("Q5", &["بي", "BP"]),
        ("Q6", &["شركة نفط الجنوب", "South Oil Company"]),
    ];
    Local::new(known.map(entity))
}

fn check_span(text: &str, span: &Span) {
    let bytes = span.bytes.start as usize..span.bytes.end as usize;
    let (before, inside) = (&text[..bytes.start], &text[bytes]);
    assert!(!inside.is_empty());
    assert_eq!(span.chars.start as usize, before.chars().count());
    assert_eq!(span.chars.len(), inside.chars().count());
    assert_eq!(span.utf16.start as usize, before.encode_utf16().count());
    assert_eq!(span.utf16.len(), inside.encode_utf16().count());
}
