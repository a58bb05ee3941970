//! Normalizes a batch of names: checks each, climbs the ladder, and traces where that is wanted.

use chassis::{Fault, Violations, checks};
use names::{Name, Profile, Reading, Step};

/// What is wanted beside the ladder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) trace: bool,
    pub(crate) tokens: bool,
    pub(crate) readings: bool,
    /// The tradition whose readings come first.
    pub(crate) profile: Option<Profile>,
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
    /// For people to read.
    pub(crate) romanization: String,
    /// Empty when none were wanted.
    pub(crate) readings: Vec<Reading>,
    /// The text that was normalized instead, when the one given was damaged.
    pub(crate) repaired: Option<String>,
}

/// Normalizes one name; `field` is its path in the request, for the fault.
pub(crate) fn normalize(field: &str, text: &str, wanted: Wanted) -> Result<Normalized, Fault> {
    check(field, text)?;
    let (name, steps) = if wanted.trace {
        let trace = names::trace(text);
        (trace.name, trace.steps)
    } else {
        (Name::new(text), Vec::new())
    };
    // A lone hamza or tatweel is a letter to Unicode and nothing to the ladder.
    if name.is_empty() {
        return Err(Fault::invalid(field, "has neither letter nor digit: give a name"));
    }
    let readings = if wanted.readings { names::readings(text, wanted.profile) } else { Vec::new() };
    // Asking again costs a few nanoseconds a character.
    let repaired = names::repair(text).map(|repair| repair.text);
    let romanization = names::romanize(repaired.as_deref().unwrap_or(text), wanted.profile);
    Ok(Normalized { name, steps, romanization, readings, repaired })
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
            normalize("text", "بيونج يانج", Wanted { trace: true, ..Wanted::default() }).unwrap();
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

    #[test]
    fn readings_are_made_when_wanted_and_those_of_the_profile_come_first() {
        let wanted =
            |readings| Wanted { readings, profile: Some(Profile::Persian), ..Wanted::default() };
        assert!(normalize("text", "لاوروف", wanted(false)).unwrap().readings.is_empty());
        let readings = normalize("text", "لاوروف", wanted(true)).unwrap().readings;
        assert_eq!(readings[0].rule, "reading-waw-v");
    }

    #[test]
    fn a_damaged_text_is_answered_with_the_one_that_was_meant() {
        let repaired = |text| normalize("text", text, Wanted::default()).unwrap().repaired;
        assert_eq!(repaired("عبد هللا").as_deref(), Some("عبد الله"));
        assert_eq!(repaired("عبد الله"), None);
    }
}
