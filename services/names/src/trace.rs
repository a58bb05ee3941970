//! The same ladder as [`Name::new`], told rule by rule.
//!
//! The stages do not know whether anybody listens: they fire rules at an [`Observer`]. [`Name::new`] passes
//! one that does nothing and is compiled away, [`trace`] one that writes down. So the two cannot disagree.

use crate::{Name, Repair, Span, Stage, repair};

/// A name together with every rule application that made it, in the order they happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The name, equal to `Name::new` of the same text.
    pub name: Name,
    /// What was done, repairs first; empty when the text was already in its form and no skeleton could be
    /// made.
    pub steps: Vec<Step>,
    /// The text that was normalized in place of the one given, because that was damaged.
    pub repaired: Option<String>,
}

/// One application of one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The id of the rule, one of [`rules()`](crate::rules()).
    pub rule: &'static str,
    /// The stage of the ladder the rule belongs to.
    pub stage: Stage,
    /// The letters the rule took.
    pub from: String,
    /// What it made of them; empty when it deleted them.
    pub to: String,
    /// Where this happened in the input. The orthographic stage points at the characters, the later
    /// stages at the token the letters come from.
    pub span: Span,
}

/// Normalizes `text` and reports every rule applied. Costs several times as much as [`Name::new`].
///
/// ```
/// let trace = names::trace("أون");
/// assert_eq!(trace.steps[0].rule, "ar-alef-hamza");
/// assert_eq!((trace.steps[0].from.as_str(), trace.steps[0].to.as_str()), ("أ", "ا"));
/// assert_eq!(trace.name, names::Name::new("أون"));
/// ```
pub fn trace(text: &str) -> Trace {
    match repair(text) {
        None => trace_undamaged(text),
        Some(repair) => trace_repaired(repair),
    }
}

fn trace_undamaged(text: &str) -> Trace {
    let mut recorder = Recorder { steps: Vec::new() };
    let name = Name::observed(text, &mut recorder);
    Trace { name, steps: recorder.steps, repaired: None }
}

fn trace_repaired(repair: Repair) -> Trace {
    let Trace { name, mut steps, .. } = trace_undamaged(&repair.text);
    for step in &mut steps {
        step.span = repair.original(&step.span);
    }
    let name = name.standing_in(&repair);
    let steps = repair.steps.into_iter().chain(steps).collect();
    Trace { name, steps, repaired: Some(repair.text) }
}

/// Told about every rule that fires.
pub(crate) trait Observer {
    /// `rule` turned `from` into `to` at `span`. The arguments are cheap; an observer that wants strings
    /// makes them.
    fn fired(
        &mut self,
        stage: Stage,
        rule: &'static str,
        from: impl Into<String>,
        to: impl Into<String>,
        span: Span,
    );
}

/// The observer of [`Name::new`]: nobody listens.
pub(crate) struct Silent;

impl Observer for Silent {
    fn fired(
        &mut self,
        _: Stage,
        _: &'static str,
        _: impl Into<String>,
        _: impl Into<String>,
        _: Span,
    ) {
    }
}

struct Recorder {
    steps: Vec<Step>,
}

impl Observer for Recorder {
    fn fired(
        &mut self,
        stage: Stage,
        rule: &'static str,
        from: impl Into<String>,
        to: impl Into<String>,
        span: Span,
    ) {
        self.steps.push(Step { rule, stage, from: from.into(), to: to.into(), span });
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(text: &str, expected: &Expect) {
        let line = |step: Step| {
            // Escaped, because a zero-width character in a test is one nobody sees.
            let (from, to) = (step.from.escape_debug(), step.to.escape_debug());
            format!("{} {from} → {to} @{:?}\n", step.rule, step.span.chars)
        };
        expected.assert_eq(&trace(text).steps.into_iter().map(line).collect::<String>());
    }

    #[test]
    fn every_rule_is_told_in_the_order_it_fired() {
        check(
            "پیونگ\u{200C}یانگ",
            &expect![[r#"
            ar-farsi-ya ی → ي @1..2
            uni-controls \u{200c} →  @5..6
            ar-farsi-ya ی → ي @6..7
            ar-p پ → ب @0..10
            ar-g گ → غ @0..10
            ar-g گ → غ @0..10
            ar-inner-vowel ي →  @0..10
            ar-inner-vowel ي →  @0..10
            ar-inner-vowel ا →  @0..10
            skeleton-arabic پيونگيانگ → BNN @0..10
        "#]],
        );
        check(
            "Sergei Lavrov",
            &expect![[r#"
            uni-case S → s @0..1
            uni-case L → l @7..8
            skeleton-latin sergei → SRG @0..6
            skeleton-latin lavrov → LFRF @7..13
        "#]],
        );
        check(
            "عبدُ الله",
            &expect![[r#"
            ar-marks \u{64f} →  @3..4
            ar-doubled ل →  @5..9
            skeleton-arabic عبد → ABD @0..4
            skeleton-arabic الله → AL @5..9
        "#]],
        );
        check("", &expect![""]);
    }
}
