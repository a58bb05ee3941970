//! The names of a listed person or organization. The list has fields for them and does not always
//! keep to them: "A; B" is two names, "A (original script: Б)" too.

use registry::entity::NameKind;

use super::{super::draft::EntityDraft, Element, one_line};

/// Adds the names of an element; those of its aliases are in `PREFIX_ALIAS`.
pub(super) fn add(element: &Element, prefix: &str, draft: &mut EntityDraft) {
    let parts = ["FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME"];
    let parts = parts.map(|part| element.text(part)).join(" ");
    draft.primary(&parts, "");
    let original = element.all("NAME_ORIGINAL_SCRIPT");
    original.for_each(|name| draft.alias(&one_line(&name.text), ""));
    for alias in element.all(&format!("{prefix}_ALIAS")) {
        add_alias(alias, draft);
    }
}

fn add_alias(alias: &Element, draft: &mut EntityDraft) {
    let (name, note) = (alias.text("ALIAS_NAME"), alias.text("NOTE"));
    let kind = match alias.text("QUALITY").as_str() {
        _ if note.to_lowercase().contains("listed as") => NameKind::Former,
        "f.k.a." => NameKind::Former,
        // The list calls them low-quality: alone they are no reason to suspect anybody.
        "Low" => NameKind::Nickname,
        _ => NameKind::Alias,
    };
    split(&name).for_each(|name| add_name(name, kind, draft));
    for lead in ["original script:", "In Arabic:"] {
        let original = note.split_once(lead).map(|(_, name)| name.trim());
        original.into_iter().for_each(|name| draft.alias(name, ""));
    }
    if !note.is_empty() && !name.is_empty() {
        draft.attribute("alias_notes", &format!("{name}: {note}"));
    }
}

/// "Name (what is said of it)": another spelling, an acronym, or a remark.
fn add_name(name: &str, kind: NameKind, draft: &mut EntityDraft) {
    let (bare, said) = match name.split_once(" (") {
        Some((bare, said)) => (bare.trim(), said.trim().trim_end_matches(')')),
        None => (name, ""),
    };
    let kind = if said.contains("listed as") { NameKind::Former } else { kind };
    draft.name(bare, "", kind);
    let original = said.strip_prefix("original script:").unwrap_or(said).trim();
    if is_acronym(said) {
        draft.name(said, "", NameKind::Acronym);
    } else if is_latin(bare) != is_latin(original) && !original.is_empty() {
        original.split(';').for_each(|name| draft.name(name, "", kind));
    } else if !said.is_empty() {
        draft.attribute("alias_notes", name);
    }
}

fn is_acronym(text: &str) -> bool {
    (2..=8).contains(&text.len())
        && text.bytes().all(|letter| letter.is_ascii_uppercase() || letter == b'/')
}

fn is_latin(text: &str) -> bool {
    text.chars().find(|letter| letter.is_alphabetic()).is_none_or(|letter| letter < '\u{250}')
}

/// The names that semicolons outside of brackets part.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    text.split(move |letter| {
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        letter == ';' && depth == 0
    })
    .map(str::trim)
}
