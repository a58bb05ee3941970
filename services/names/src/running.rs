//! The words of a running text: where each stands, what parts it from the one before, and its capitals.
//!
//! Words end where the orthographic stage ends them, so that a word by itself makes the same
//! [`Name`](crate::Name) as in a name. Nothing is normalized here: that is done once for each different word.

use crate::orthographic::unicode::Kind;
use crate::span::{Position, Span};

/// A word of a running text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningWord {
    /// From its first letter to its last, marks over them included.
    pub span: Span,
    /// What stands between it and the word before.
    pub gap: Gap,
    /// How its letters are written.
    pub case: Case,
}

/// What stands between two words, from the closest to the farthest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gap {
    /// No space: a hyphen, the stop in `U.S.`.
    #[default]
    Joined,
    /// Spaces.
    Space,
    /// Quotes, brackets, a dash, the stop after an initial or a title.
    Mark,
    /// The end of a line.
    Line,
    /// A comma, a colon, a semicolon.
    Comma,
    /// The end of a sentence.
    Stop,
    /// An empty line; also what stands before the first word.
    Paragraph,
}

/// How the letters of a word are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Case {
    /// In a script without case, or a number.
    #[default]
    None,
    /// It begins with a small letter.
    Small,
    /// It begins with a capital.
    Capital,
    /// Two capitals or more, and nothing else.
    Capitals,
}

/// The words of a text, in its order. Linear in its length; limit that before.
///
/// ```
/// use names::{Gap, running_words};
///
/// let text = "وصل لافروف. قال";
/// let words = running_words(text);
/// assert_eq!(&text[words[1].bytes()], "لافروف");
/// assert_eq!((words[1].gap, words[2].gap), (Gap::Space, Gap::Stop));
/// ```
pub fn running_words(text: &str) -> Vec<RunningWord> {
    let mut reader = Reader::default();
    // A word in six bytes is a guess that saves most copies.
    reader.words.reserve(text.len() / 6);
    for c in text.chars() {
        let start = reader.end;
        reader.end = start.after(c);
        reader.read(c, start);
    }
    reader.end_word();
    reader.words
}

impl RunningWord {
    /// Where it stands in the text, in bytes.
    pub fn bytes(&self) -> std::ops::Range<usize> {
        self.span.bytes.start as usize..self.span.bytes.end as usize
    }
}

#[derive(Default)]
struct Reader {
    words: Vec<RunningWord>,
    end: Position,
    open: Option<Open>,
    between: Between,
}

struct Open {
    start: Position,
    end: Position,
    letters: usize,
    capitals: usize,
    cased: usize,
    is_capital: bool,
}

/// What has been read since the last word.
#[derive(Default)]
struct Between {
    is_spaced: bool,
    lines: usize,
    gap: Gap,
    /// A mark that ends a sentence, if a space follows it.
    stop: bool,
}

impl Reader {
    fn read(&mut self, c: char, start: Position) {
        match c {
            'a'..='z' | '0'..='9' | 'ء'..='ي' => self.letter(c, start),
            ' ' | '.' | ',' | '\n' | '،' => self.separator(c),
            _ => match Kind::of(c) {
                Kind::Caseless | Kind::Letter | Kind::Jamo => self.letter(c, start),
                // A mark belongs to the letter before it.
                Kind::Mark => self.extend(),
                // Inside a word, or not part of one.
                Kind::Apostrophe => {}
                Kind::Control => {}
                Kind::Separator => self.separator(c),
            },
        }
    }

    fn letter(&mut self, c: char, start: Position) {
        let (is_upper, is_lower) = match c {
            'a'..='z' => (false, true),
            'A'..='Z' => (true, false),
            '\0'..='\u{7F}' | 'ء'..='ي' => (false, false),
            _ => (c.is_uppercase(), c.is_lowercase()),
        };
        let end = self.end;
        let open = self.open.get_or_insert(Open {
            start,
            end,
            letters: 0,
            capitals: 0,
            cased: 0,
            is_capital: is_upper,
        });
        open.end = end;
        open.letters += 1;
        open.capitals += usize::from(is_upper);
        open.cased += usize::from(is_upper || is_lower);
    }

    fn extend(&mut self) {
        let end = self.end;
        if let Some(open) = &mut self.open {
            open.end = end;
        }
    }

    fn separator(&mut self, c: char) {
        self.end_word();
        let between = &mut self.between;
        match c {
            '\n' | '\u{2028}' => between.lines += 1,
            '\u{2029}' => between.lines += 2,
            '.' | '!' | '?' | '؟' | '…' | '۔' | '।' => between.stop = true,
            '。' | '！' | '？' => between.raise(Gap::Stop),
            ',' | '،' | ';' | '؛' | ':' | '、' | '，' | '：' | '；' => {
                between.raise(Gap::Comma);
            }
            _ if c.is_whitespace() => between.is_spaced = true,
            '-' | '‐' | '‑' | '/' | '&' | '·' | '・' | '_' => {}
            _ => between.raise(Gap::Mark),
        }
    }

    fn end_word(&mut self) {
        let Some(open) = self.open.take() else { return };
        let between = std::mem::take(&mut self.between);
        let gap = match self.words.last() {
            None => Gap::Paragraph,
            Some(before) => between.gap(before),
        };
        let case = match open {
            Open { cased: 0, .. } => Case::None,
            Open { capitals, cased, .. } if capitals == cased && cased > 1 => Case::Capitals,
            Open { is_capital: true, .. } => Case::Capital,
            _ => Case::Small,
        };
        self.words.push(RunningWord { span: Span::between(open.start, open.end), gap, case });
    }
}

impl Between {
    fn raise(&mut self, gap: Gap) {
        self.gap = self.gap.max(gap);
    }

    fn gap(&self, before: &RunningWord) -> Gap {
        let is_spaced = self.is_spaced || self.lines > 0;
        let spaced = match self.lines {
            0 if self.is_spaced => Gap::Space,
            0 => Gap::Joined,
            1 => Gap::Line,
            _ => Gap::Paragraph,
        };
        let stop = match self.stop {
            false => Gap::Joined,
            true if !is_spaced => Gap::Joined,
            // J. Smith, د. محمد.
            true if before.span.chars.len() == 1 => Gap::Mark,
            true => Gap::Stop,
        };
        self.gap.max(spaced).max(stop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Name;
    use proptest::prelude::*;

    fn check(text: &str, expected: &[(&str, Gap)]) {
        let words = running_words(text);
        let found: Vec<_> = words.iter().map(|word| (&text[word.bytes()], word.gap)).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn words_are_parted_by_what_stands_between_them() {
        use Gap::*;
        check("قال (لافروف)، أمس.", &[("قال", Paragraph), ("لافروف", Mark), ("أمس", Comma)]);
        check("كيم. جونغ\nأون", &[("كيم", Paragraph), ("جونغ", Stop), ("أون", Line)]);
        check("د. محمد", &[("د", Paragraph), ("محمد", Mark)]);
        check("U.S. troops", &[("U", Paragraph), ("S", Joined), ("troops", Mark)]);
        check("هواسونغ-15", &[("هواسونغ", Paragraph), ("15", Joined)]);
        check("أ\n\nب", &[("أ", Paragraph), ("ب", Paragraph)]);
        check("'Putin's'", &[("Putin's", Paragraph)]);
        check("…", &[]);
    }

    #[test]
    fn capitals_are_told_apart() {
        let cases = |text| running_words(text).iter().map(|word| word.case).collect::<Vec<_>>();
        use Case::*;
        assert_eq!(
            cases("The US said Лавров I لا 15"),
            [Capital, Capitals, Small, Capital, Capital, None, None]
        );
    }

    #[test]
    fn marks_over_letters_belong_to_their_word() {
        let text = "قَالَ مُحَمَّدٌ";
        let words = running_words(text);
        assert_eq!(
            words.iter().map(|word| &text[word.bytes()]).collect::<Vec<_>>(),
            ["قَالَ", "مُحَمَّدٌ"]
        );
    }

    proptest! {
        #[test]
        fn spans_say_the_same_in_three_units_and_stand_in_order(text in "\\PC{0,40}|[a-zA-Zء-ي .,\n'👍é-]{0,60}") {
            let mut before = 0;
            for word in running_words(&text) {
                let bytes = word.bytes();
                prop_assert!(before <= bytes.start && bytes.start < bytes.end);
                before = bytes.end;
                let utf16 = |part: &str| part.encode_utf16().count() as u32;
                let chars = |part: &str| part.chars().count() as u32;
                let (head, all) = (&text[..bytes.start], &text[..bytes.end]);
                prop_assert_eq!(word.span.utf16.clone(), utf16(head)..utf16(all));
                prop_assert_eq!(word.span.chars.clone(), chars(head)..chars(all));
            }
        }

        /// A word by itself makes the same name as in the text.
        #[test]
        fn words_are_those_of_a_name(text in "[a-zA-Zء-يٌَ .,'ʼ-]{0,60}") {
            let words: Vec<String> = running_words(&text)
                .iter()
                .map(|word| Name::new(&text[word.bytes()]).orthographic().to_owned())
                .filter(|word| !word.is_empty())
                .collect();
            let name = Name::observed(&text, &mut crate::trace::Silent);
            let tokens: Vec<String> = words.iter().map(|word| word.replace('أ', "ا")).collect();
            let expected: Vec<String> = name.tokens().iter().map(|token| token.orthographic().replace('أ', "ا")).collect();
            prop_assert_eq!(tokens, expected);
        }
    }
}
