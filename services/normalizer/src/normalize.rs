//! Normalizes a batch of names: checks each, climbs the ladder, and traces where that is wanted.

use chassis::{Fault, Violations, checks};
use names::{Name, Step};

/// What is wanted beside the ladder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) trace: bool,
    pub(crate) tokens: bool,
}

impl Wanted {
    /// The largest batch: traces are large.
    pub(crate) fn items_max(self) -> usize {
        if self.trace { checks::EXPLAINED_ITEMS_MAX } else { checks::BATCH_ITEMS_MAX }
    }
}

/// A name on the ladder.
pub(crate) struct Normalized {
    pub(crate) name: Name,
    /// Empty when no trace was wanted.
    pub(crate) steps: Vec<Step>,
}

/// Normalizes one name; `field` is its path in the request, for the fault.
pub(crate) fn normalize(field: &str, text: &str, wanted: Wanted) -> Result<Normalized, Fault> {
    check(field, text)?;
    let normalized = if wanted.trace {
        let trace = names::trace(text);
        Normalized { name: trace.name, steps: trace.steps }
    } else {
        Normalized { name: Name::new(text), steps: Vec::new() }
    };
    // A lone hamza or tatweel is a letter to Unicode and nothing to the ladder.
    if normalized.name.is_empty() {
        return Err(Fault::invalid(field, "has neither letter nor digit: give a name"));
    }
    Ok(normalized)
}

fn check(field: &str, text: &str) -> Result<(), Fault> {
    let mut violations = Violations::default();
    violations.check_text(field, text);
    violations.or(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_changes_nothing_about_the_ladder() {
        let plain = normalize("text", "بيونج يانج", Wanted::default()).unwrap();
        let traced =
            normalize("text", "بيونج يانج", Wanted { trace: true, tokens: false }).unwrap();
        assert_eq!(plain.name.form(), traced.name.form());
        assert!(plain.steps.is_empty() && !traced.steps.is_empty());
    }

    #[test]
    fn a_text_that_leaves_nothing_is_refused() {
        for text in ["", "\u{064B}", "ـ", "🙂", "…"] {
            let outcome = normalize("texts[3]", text, Wanted::default());
            assert!(matches!(outcome, Err(Fault::InvalidArgument(_))), "{text:?}");
        }
    }
}
