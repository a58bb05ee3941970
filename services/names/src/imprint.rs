//! What comparing looks at in a name, in bytes: an index keeps them on disk and compares them where they lie.
//!
//! Texts that are only ever tested for being equal are kept as hashes, letters as codes. The layout: a head, a
//! record a token, then the classes of the name, the letters, classes and forms of its tokens, each behind each
//! other. It is of one `rules_version` and one `weights_version`; bytes that no [`Name`](crate::Name) has made mean
//! nothing, so whoever keeps them keeps a checksum too.

use xxhash_rust::xxh3::xxh3_64;

use crate::letters::{LETTERS_MAX, push_letters, push_sounds_of, script_of_letters};
use crate::likeness::Word;
use crate::skeleton::Skeleton;
use crate::{Role, Script, Token, known};

/// The tokens that are compared; what a longer name has beyond them is missing in every other name.
pub(crate) const TOKENS_MAX: usize = 16;

const HEAD: usize = 24;
const RECORD: usize = 16;
const STEM: usize = 4;

/// A name as it is compared: see [`Name::imprint`](crate::Name::imprint). Borrowed, and as small as a slice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imprint<'a>(&'a [u8]);

impl<'a> Imprint<'a> {
    /// An imprint from where it was kept.
    pub fn from_bytes(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The bytes to keep.
    pub fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// A hash of the form: two names of one form have one, others never in practice.
    pub fn form_key(self) -> u64 {
        self.u64(FORM_AT)
    }

    /// The script of the name.
    pub fn script(self) -> Script {
        Script::from_index(self.byte(1))
    }

    /// How many classes its skeleton has before it is made coarser; 255 if there are more.
    pub fn classes(self) -> usize {
        usize::from(self.byte(CLASSES_AT))
    }

    /// The words of the name, the first 16 of them.
    pub fn words(self) -> impl ExactSizeIterator<Item = ImprintWord<'a>> {
        let count = usize::from(self.byte(0)).min(TOKENS_MAX);
        let records = (0..count).map(|at| HEAD + at * RECORD);
        let (mut letters, mut classes, mut forms) = (0, 0, 0);
        for record in records {
            letters += usize::from(self.byte(record + 2));
            classes += usize::from(self.byte(record + 3));
            forms += usize::from(self.byte(record + 4));
        }
        let letters_at = HEAD + count * RECORD + self.classes() + usize::from(self.byte(MIXED_AT));
        let classes_at = letters_at + letters;
        Words { imprint: self, at: 0, count, classes_at, stem_at: classes_at + classes + forms }
    }

    pub(crate) fn view(self) -> View<'a> {
        let mut view = View::default();
        view.read(self);
        view
    }

    fn byte(self, at: usize) -> u8 {
        self.0.get(at).copied().unwrap_or(0)
    }

    fn u16(self, at: usize) -> u16 {
        self.array(at).map_or(0, u16::from_le_bytes)
    }

    fn u32(self, at: usize) -> u32 {
        self.array(at).map_or(0, u32::from_le_bytes)
    }

    fn u64(self, at: usize) -> u64 {
        self.array(at).map_or(0, u64::from_le_bytes)
    }

    fn array<const N: usize>(self, at: usize) -> Option<[u8; N]> {
        self.0.get(at..at + N)?.try_into().ok()
    }

    fn slice(self, at: usize, length: usize) -> &'a [u8] {
        self.0.get(at..at + length).unwrap_or_default()
    }
}

/// The words of a name, read one after another.
struct Words<'a> {
    imprint: Imprint<'a>,
    at: usize,
    count: usize,
    /// Where the classes of the next word start, and its stem if it has an article.
    classes_at: usize,
    stem_at: usize,
}

impl<'a> Iterator for Words<'a> {
    type Item = ImprintWord<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at == self.count {
            return None;
        }
        let (imprint, record) = (self.imprint, HEAD + self.at * RECORD);
        let (head, flags) = (imprint.byte(record), imprint.byte(record + 1));
        let has_article = flags & ARTICLE != 0;
        let form_key = imprint.u32(record + 12);
        let length = usize::from(imprint.byte(record + 3));
        let word = ImprintWord {
            role: Role::from_index(head & 15),
            has_article,
            letters: usize::from(imprint.byte(record + 2)),
            orthographic_key: imprint.u32(record + 8),
            form_key,
            stem_key: if has_article { imprint.u32(self.stem_at) } else { form_key },
            classes: imprint.slice(self.classes_at, length),
        };
        self.at += 1;
        self.classes_at += length;
        self.stem_at += if has_article { STEM } else { 0 };
        Some(word)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.count - self.at, Some(self.count - self.at))
    }
}

impl ExactSizeIterator for Words<'_> {}

/// A word of a name that was kept as an imprint. Keys are hashes: two words with one key are the same in
/// practice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImprintWord<'a> {
    /// What it does in the name.
    pub role: Role,
    /// Whether it starts with an article.
    pub has_article: bool,
    /// How many letters it has; 255 if there are more.
    pub letters: usize,
    /// A hash of the word; of a number, the number.
    pub orthographic_key: u32,
    /// A hash of its form.
    pub form_key: u32,
    /// A hash of its form without the article.
    pub stem_key: u32,
    /// Its skeleton before its length makes it coarser.
    pub classes: &'a [u8],
}

// The head: tokens, script, flags, classes, letters of a mixed name, characters of the form (one byte each), tokens
// beyond the records (two), then two hashes.
const FLAGS_AT: usize = 2;
const CLASSES_AT: usize = 3;
const MIXED_AT: usize = 4;
const FORM_CHARS_AT: usize = 5;
const BEYOND_AT: usize = 6;
const FORM_AT: usize = 8;
const ORTHOGRAPHIC_AT: usize = 16;

// Flags of a name.
const ARABIC: u8 = 1;
const ENDS_IN_AN: u8 = 2;

// Flags of a token.
const ARTICLE: u8 = 2;
const KNOWN: u8 = 4;
const NICKNAME: u8 = 8;
const DESCENT: u8 = 16;
const NUMBER: u8 = 32;

/// An imprint taken apart. It keeps its memory from one imprint to the next.
#[derive(Default)]
pub(crate) struct View<'a> {
    imprint: Imprint<'a>,
    /// The name as one word, without spaces.
    pub(crate) whole: Word<'a>,
    /// At most [`TOKENS_MAX`].
    pub(crate) tokens: Vec<Word<'a>>,
    /// How much each token counts, in tenths of a word.
    pub(crate) weights: [u32; TOKENS_MAX],
    /// Tokens that are not compared.
    pub(crate) beyond: usize,
    pub(crate) form_chars: usize,
    pub(crate) ends_in_an: bool,
    pub(crate) form: u64,
    pub(crate) orthographic: u64,
}

impl<'a> View<'a> {
    pub(crate) fn read(&mut self, imprint: Imprint<'a>) {
        let count = usize::from(imprint.byte(0)).min(TOKENS_MAX);
        let records = (0..count).map(|at| HEAD + at * RECORD);
        let sum = |field: usize| -> usize {
            records.clone().map(|record| usize::from(imprint.byte(record + field))).sum()
        };
        let classes = usize::from(imprint.byte(CLASSES_AT));
        let mixed = usize::from(imprint.byte(MIXED_AT));
        let (letters, token_classes, forms) = (sum(2), sum(3), sum(4));
        let classes_at = HEAD + count * RECORD;
        let mixed_at = classes_at + classes;
        let letters_at = mixed_at + mixed;
        let token_classes_at = letters_at + letters;
        let forms_at = token_classes_at + token_classes;
        let mut places = Places {
            letters: letters_at,
            classes: token_classes_at,
            form: forms_at,
            stem: forms_at + forms,
        };
        self.tokens.clear();
        self.tokens.extend(records.map(|record| token(imprint, record, &mut places)));
        self.imprint = imprint;
        self.weights = weights(&self.tokens);
        let flags = imprint.byte(FLAGS_AT);
        let form = imprint.u64(FORM_AT);
        let codes = if mixed > 0 {
            imprint.slice(mixed_at, mixed)
        } else {
            imprint.slice(letters_at, letters.min(LETTERS_MAX))
        };
        self.whole = Word {
            codes,
            is_arabic: flags & ARABIC != 0,
            form,
            spelled: imprint.slice(forms_at, forms),
            skeleton: imprint.slice(classes_at, classes),
            script: Script::from_index(imprint.byte(1)),
            ..Word::default()
        };
        self.beyond = usize::from(imprint.u16(BEYOND_AT));
        self.form_chars = usize::from(imprint.byte(FORM_CHARS_AT));
        self.ends_in_an = flags & ENDS_IN_AN != 0;
        self.form = form;
        self.orthographic = imprint.u64(ORTHOGRAPHIC_AT);
    }

    /// Some neighbouring tokens as one word, without what only a whole word has. Nothing when not all of them
    /// are Arabic, or only some.
    pub(crate) fn joined(&self, tokens: std::ops::Range<usize>) -> Option<Word<'a>> {
        let tokens = self.tokens.get(tokens)?;
        let first = tokens.first()?;
        let is_alike = tokens.iter().all(|token| token.is_arabic == first.is_arabic);
        let sum = |length: fn(&Word<'_>) -> usize| tokens.iter().map(length).sum();
        is_alike.then(|| Word {
            codes: self.imprint.slice(first.letters_at.into(), sum(|token| token.codes.len())),
            skeleton: self
                .imprint
                .slice(first.classes_at.into(), sum(|token| token.skeleton.len())),
            spelled: self.imprint.slice(first.spelled_at.into(), sum(|token| token.spelled.len())),
            is_arabic: first.is_arabic,
            script: first.script,
            ..Word::default()
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }
}

/// How much a word counts.
pub(crate) const WORD: u32 = 10;

/// The last word of a name is the surname more often than not.
fn weights(tokens: &[Word<'_>]) -> [u32; TOKENS_MAX] {
    const LAST_WORD: u32 = 12;
    const INITIAL: u32 = 3;
    const LIGHT: u32 = 2;
    let last = tokens.iter().rposition(|token| token.role.carries_name());
    let mut weights = [0; TOKENS_MAX];
    for (at, (weight, token)) in weights.iter_mut().zip(tokens).enumerate() {
        *weight = match token.role {
            Role::Word | Role::Given | Role::Family if last == Some(at) => LAST_WORD,
            Role::Word | Role::Given | Role::Family => WORD,
            Role::Initial => INITIAL,
            Role::Article | Role::Title | Role::Particle | Role::LegalForm => LIGHT,
        };
    }
    weights
}

/// Where the parts of the next token start.
struct Places {
    letters: usize,
    classes: usize,
    form: usize,
    stem: usize,
}

fn token<'a>(imprint: Imprint<'a>, record: usize, places: &mut Places) -> Word<'a> {
    let length = |field: usize| usize::from(imprint.byte(record + field));
    let (letters, classes, spelled) = (length(2), length(3), length(4));
    let flags = imprint.byte(record + 1);
    let head = imprint.byte(record);
    let form = u64::from(imprint.u32(record + 12));
    let script = Script::from_index(head >> 4);
    let has_article = flags & ARTICLE != 0;
    let word = Word {
        codes: imprint.slice(places.letters, letters),
        is_arabic: flags & ARABIC != 0,
        form,
        stem: if has_article { u64::from(imprint.u32(places.stem)) } else { form },
        spelled: imprint.slice(places.form, spelled),
        skeleton: imprint.slice(places.classes, classes),
        script,
        role: Role::from_index(head & 15),
        has_article,
        is_known: flags & KNOWN != 0,
        has_nickname: flags & NICKNAME != 0,
        is_descent: flags & DESCENT != 0,
        is_number: flags & NUMBER != 0,
        first: imprint.u16(record + 6),
        orthographic: imprint.u32(record + 8),
        // An imprint has a few thousand bytes at most.
        letters_at: places.letters as u16,
        classes_at: places.classes as u16,
        spelled_at: places.form as u16,
    };
    places.letters += letters;
    places.classes += classes;
    places.form += spelled;
    places.stem += if has_article { STEM } else { 0 };
    word
}

/// The imprint of a name that was just made.
pub(crate) fn imprint(
    orthographic: &str,
    form: &str,
    script: Script,
    tokens: &[Token],
    skeleton: &Skeleton,
) -> Box<[u8]> {
    let count = tokens.len().min(TOKENS_MAX);
    let (records, mut letters, mut classes, mut forms, mut stems) =
        (count * RECORD, Vec::with_capacity(32), Vec::with_capacity(16), Vec::new(), Vec::new());
    let mut bytes = Vec::with_capacity(HEAD + records + 64);
    bytes.resize(HEAD, 0);
    let (mut is_all_arabic, mut is_any_arabic) = (true, false);
    for token in &tokens[..count] {
        let starts = (letters.len(), classes.len(), forms.len());
        let is_arabic = push_letters(token.orthographic(), &mut letters);
        is_all_arabic &= is_arabic;
        is_any_arabic |= is_arabic;
        classes.extend_from_slice(short(token.fine_skeleton().as_bytes()));
        if !is_arabic {
            forms.extend_from_slice(short_text(token.form()).as_bytes());
        }
        if token.has_article() {
            stems.extend_from_slice(&word_key(token.stem()).to_le_bytes());
        }
        let script = script_of_letters(token.orthographic());
        bytes.push(token.role() as u8 | (script as u8) << 4);
        bytes.push(flags(token, is_arabic));
        bytes.push((letters.len() - starts.0) as u8);
        bytes.push((classes.len() - starts.1) as u8);
        bytes.push((forms.len() - starts.2) as u8);
        bytes.push(0);
        let first = token.orthographic().chars().next().map_or(0, u32::from);
        bytes.extend_from_slice(&(first as u16).to_le_bytes());
        let number = known::number(token.orthographic());
        let orthographic = number.unwrap_or_else(|| word_key(token.orthographic()));
        bytes.extend_from_slice(&orthographic.to_le_bytes());
        bytes.extend_from_slice(&word_key(token.form()).to_le_bytes());
    }
    let name_classes = short(skeleton.fine().as_bytes());
    bytes.extend_from_slice(name_classes);
    let mixed_at = bytes.len();
    if is_any_arabic && !is_all_arabic {
        push_sounds_of(tokens[..count].iter().map(Token::orthographic), &mut bytes);
    }
    bytes[0] = count as u8;
    bytes[1] = script as u8;
    bytes[FLAGS_AT] = if is_all_arabic { ARABIC } else { 0 }
        | if form.ends_with("ان") { ENDS_IN_AN } else { 0 };
    bytes[CLASSES_AT] = name_classes.len() as u8;
    bytes[MIXED_AT] = (bytes.len() - mixed_at) as u8;
    bytes[FORM_CHARS_AT] = form.chars().take(255).count() as u8;
    let beyond = u16::try_from(tokens.len() - count).unwrap_or(u16::MAX);
    bytes[BEYOND_AT..FORM_AT].copy_from_slice(&beyond.to_le_bytes());
    bytes[FORM_AT..ORTHOGRAPHIC_AT].copy_from_slice(&xxh3_64(form.as_bytes()).to_le_bytes());
    bytes[ORTHOGRAPHIC_AT..HEAD].copy_from_slice(&xxh3_64(orthographic.as_bytes()).to_le_bytes());
    [letters, classes, forms, stems].iter().for_each(|part| bytes.extend_from_slice(part));
    bytes.into()
}

fn flags(token: &Token, is_arabic: bool) -> u8 {
    let word = token.orthographic();
    [
        (is_arabic, ARABIC),
        (token.has_article(), ARTICLE),
        (is_arabic && known::is_known(word), KNOWN),
        (!is_arabic && known::has_nickname(word), NICKNAME),
        (token.is_descent(), DESCENT),
        (known::number(word).is_some(), NUMBER),
    ]
    .iter()
    .fold(0, |flags, (is_set, flag)| if *is_set { flags | flag } else { flags })
}

/// The hash of a form, as [`Imprint::form_key`] has it.
pub fn form_key(form: &str) -> u64 {
    xxh3_64(form.as_bytes())
}

/// A hash of a word, for finding what is known about it.
pub(crate) fn word_key(text: &str) -> u32 {
    xxh3_64(text.as_bytes()) as u32
}

/// What a byte can count.
fn short(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len().min(255)]
}

fn short_text(text: &str) -> &str {
    &text[..text.floor_char_boundary(255)]
}
