//! BCP 47 tags of the languages that Wikidata calls otherwise.

/// Codes that are no tags, or those of another language.
const OTHERS: [(&str, &str); 14] = [
    ("als", "gsw"),
    ("bat-smg", "sgs"),
    ("be-x-old", "be-tarask"),
    ("cbk-zam", "cbk"),
    ("de-formal", "de"),
    ("fiu-vro", "vro"),
    // Of no language: the same in all.
    ("mul", ""),
    ("roa-rup", "rup"),
    ("simple", "en"),
    ("sr-ec", "sr-Cyrl"),
    ("sr-el", "sr-Latn"),
    ("zh-classical", "lzh"),
    ("zh-min-nan", "nan"),
    ("zh-yue", "yue"),
];

/// The tag of a language: "zh-hant" is "zh-Hant", "pt-br" is "pt-BR".
pub(super) fn tag(code: &str) -> String {
    match OTHERS.iter().find(|(other, _)| *other == code) {
        Some((_, tag)) => (*tag).to_owned(),
        None => code.split('-').enumerate().map(subtag).collect::<Vec<_>>().join("-"),
    }
}

/// A script is of four letters, a country of two (RFC 5646, 2.1.1).
fn subtag((at, subtag): (usize, &str)) -> String {
    match (at, subtag.len()) {
        (1.., 2) => subtag.to_uppercase(),
        (1.., 4) if subtag.is_ascii() => {
            let (first, rest) = subtag.split_at(1);
            first.to_uppercase() + rest
        }
        _ => subtag.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_become_tags() {
        let cases = [
            ("ar", "ar"),
            ("zh-hant", "zh-Hant"),
            ("pt-br", "pt-BR"),
            ("sr-ec", "sr-Cyrl"),
            ("mul", ""),
            ("be-tarask", "be-tarask"),
        ];
        for (code, expected) in cases {
            assert_eq!(tag(code), expected, "{code}");
        }
    }
}
