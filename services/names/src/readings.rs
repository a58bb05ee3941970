//! Other forms that the letters of a name may stand for, beside the ladder.
//!
//! ك is a g in Beirut and و is a v in Tehran. [`Name::form`](crate::Name::form) settles what most of the
//! press writes; [`readings`] lists what else may be meant, for a caller that did not find the form. The
//! rules are in `rules/readings.rs`. Nothing here is done for [`Name::new`](crate::Name::new).

use crate::rules::arabic_form::NATIVE_LETTERS;
use crate::rules::readings::{Change, Place, READINGS_MAX, RULES, ReadingRule, Scope};
use crate::{Name, Profile};

/// Another form of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The form to look up.
    pub form: String,
    /// The rule that reads the letters so, one of [`rules()`](crate::rules()).
    pub rule: &'static str,
}

/// The other forms that the letters of a text may stand for, at most 8, without the form of the name itself
/// and each once. Those of the profile's own rules come first, then the likeliest first. Each is made by one
/// rule, at all its places. Empty for a text without Arabic letters. Costs a few microseconds a reading.
///
/// ```
/// use names::{Name, Profile, readings};
///
/// let readings = readings("كراج", Some(Profile::Levant));
/// assert_eq!(readings[0].form, Name::new("غراج").form());
/// assert_eq!(readings[0].rule, "reading-kaf-g");
/// ```
pub fn readings(text: &str, profile: Option<Profile>) -> Vec<Reading> {
    let name = Name::new(text);
    let mut readings: Vec<Reading> = Vec::new();
    for row in rows(profile, name.orthographic()) {
        if readings.len() == READINGS_MAX {
            break;
        }
        let Some(read) = read(row, text, name.orthographic()) else { continue };
        let form = Name::new(&read).form().to_owned();
        if form != name.form() && readings.iter().all(|reading| reading.form != form) {
            readings.push(Reading { form, rule: row.rule.id });
        }
    }
    readings
}

/// The rows to try, in their order.
fn rows(
    profile: Option<Profile>,
    orthographic: &str,
) -> impl Iterator<Item = &'static ReadingRule> {
    let is_foreign = !orthographic.contains(NATIVE_LETTERS);
    let is_own =
        move |row: &&ReadingRule| profile.is_some_and(|profile| row.profiles.contains(&profile));
    let others = RULES.iter().filter(move |row| {
        !is_own(row) && (row.scope == Scope::Any || row.scope == Scope::Foreign && is_foreign)
    });
    RULES.iter().filter(is_own).chain(others)
}

/// The text as the row reads it, if it changes anything.
fn read(row: &ReadingRule, text: &str, orthographic: &str) -> Option<String> {
    const DAGGER_ALEF: char = '\u{0670}';
    if row.changes.is_empty() {
        return text.contains(DAGGER_ALEF).then(|| text.replace(DAGGER_ALEF, "ا"));
    }
    let words: Vec<String> = orthographic.split(' ').map(|word| read_word(row, word)).collect();
    let read = words.join(" ");
    (read != orthographic).then_some(read)
}

fn read_word(row: &ReadingRule, word: &str) -> String {
    let mut read = String::with_capacity(word.len());
    let mut at = 0;
    while let Some(letter) = word[at..].chars().next() {
        if let Some(change) = row.changes.iter().find(|change| fits(change, word, at)) {
            read.push_str(change.to);
            at += change.from.len();
        } else {
            read.push(letter);
            at += letter.len_utf8();
        }
    }
    read
}

/// Whether the letters of a change stand at a place of a word.
fn fits(change: &Change, word: &str, at: usize) -> bool {
    const LETTERS_AFTER_START_MIN: usize = 3;
    const LETTERS_BEFORE_END_MIN: usize = 2;
    let Some(rest) = word[at..].strip_prefix(change.from) else { return false };
    match change.place {
        Place::Anywhere => true,
        Place::Inside => at > 0 && !rest.is_empty(),
        Place::Start => at == 0 && rest.chars().nth(LETTERS_AFTER_START_MIN - 1).is_some(),
        Place::End => {
            rest.is_empty() && word[..at].chars().nth(LETTERS_BEFORE_END_MIN - 1).is_some()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, profile: Option<Profile>, rule: &str, meant: &str) {
        let readings = readings(text, profile);
        let reading = readings.iter().find(|reading| reading.rule == rule);
        let reading = reading.unwrap_or_else(|| panic!("{text}: {readings:?}"));
        assert_eq!(reading.form, Name::new(meant).form(), "{text} and {meant}");
    }

    #[test]
    fn a_profile_reads_its_own_letters_first() {
        for (text, profile, rule, meant) in [
            ("كراج", Profile::Levant, "reading-kaf-g", "غراج"),
            ("جوته", Profile::Egypt, "reading-jim-g", "غوته"),
            ("لاوروف", Profile::Persian, "reading-waw-v", "لافروف"),
            ("ٹیپو", Profile::Urdu, "reading-retroflex", "تيبو"),
            ("ڨفصة", Profile::Maghreb, "reading-gaf-qaf", "قفصة"),
        ] {
            check(text, Some(profile), rule, meant);
            assert_eq!(readings(text, Some(profile))[0].rule, rule, "{text}");
        }
    }

    #[test]
    fn a_reading_of_one_tradition_is_not_tried_for_another() {
        check("بلقاسم", Some(Profile::Maghreb), "reading-bel", "أبو القاسم");
        let elsewhere = [None, Some(Profile::Egypt), Some(Profile::Persian)];
        for profile in elsewhere {
            assert!(
                readings("بلقاسم", profile).iter().all(|reading| reading.rule != "reading-bel")
            );
        }
    }

    #[test]
    fn texts_without_arabic_letters_have_no_reading() {
        for text in ["", "Lavrov", "Лавров", "김정은"] {
            assert_eq!(readings(text, None), [], "{text}");
        }
    }
}
