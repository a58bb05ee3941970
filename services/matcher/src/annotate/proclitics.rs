//! What stands before an Arabic word in one with it, where that is no matter of the catalogue.

use names::{Cues, cues};

/// Whether a peeling takes the article off a name, to which it belongs, but in لل, where it has lost its letter.
pub(super) fn splits_article(clitics: &[&str]) -> bool {
    matches!(clitics, [.., before, "ال"] if *before != "ل") || clitics == ["ال"]
}

/// A word without the letters that a preposition or a conjunction leaves on an adjective: والروسي is met as
/// one word.
pub(super) fn without_proclitics(word: &str) -> &str {
    let rest = ["وال", "بال", "فال", "لل", "كال"].iter().find_map(|start| word.strip_prefix(start));
    rest.unwrap_or(word)
}

/// What a word says of the name after it, whatever stands before it: للرئيس, والشيخ.
pub(super) fn cues_of(word: &str) -> Cues {
    let mut found = cues(word);
    if !found.is_empty() {
        return found;
    }
    if let Some(rest) = word.strip_prefix("لل").or_else(|| word.strip_prefix("ولل")) {
        let mut definite = String::with_capacity(rest.len() + 4);
        definite.push_str("ال");
        definite.push_str(rest);
        return cues(&definite).and(cues(rest));
    }
    let mut rest = word;
    for _ in 0..2 {
        let stripped =
            ['و', 'ف', 'ب', 'ل', 'ك'].iter().find_map(|letter| rest.strip_prefix(*letter));
        let Some(stripped) = stripped else { break };
        rest = stripped;
        found = cues(rest);
        if !found.is_empty() {
            return found;
        }
    }
    found
}
