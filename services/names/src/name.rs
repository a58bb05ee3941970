//! A name after the whole ladder, and the tokens it is made of.

use crate::form::Speller;
use crate::imprint::{Imprint, imprint};
use crate::letters::sound_bits;
use crate::orthographic::{Orthographic, Word};
use crate::skeleton::{Skeleton, Skeletons};
use crate::trace::{Observer, Silent};
use crate::{Ladder, Repair, Script, Span, repair, roles};

/// One normalized name. Building it costs one to four microseconds for a name of one to three words (two
/// shared cores, neighbours busy; `benches/names.rs`) and is
/// linear in the length of the text; nothing about it can fail.
///
/// ```
/// use names::{Name, Script};
///
/// let name = Name::new("كيم جونج أون");
/// assert_eq!(name.orthographic(), "كيم جونج اون");
/// assert_eq!(name.form(), Name::new("كيم جونغ اون").form());
/// assert_eq!(name.skeleton(), "GMGN");
/// assert_eq!(name.script(), Script::Arab);
/// assert_eq!(name.tokens().len(), 3);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    orthographic: String,
    form: String,
    skeleton: Skeleton,
    script: Script,
    tokens: Vec<Token>,
    imprint: Box<[u8]>,
}

impl Name {
    /// Normalizes any text. Limit its length before: a name of a megabyte is a mistake of the caller, and
    /// costs in proportion.
    pub fn new(text: &str) -> Name {
        match repair(text) {
            None => Name::observed(text, &mut Silent),
            Some(repair) => Name::observed(&repair.text, &mut Silent).standing_in(&repair),
        }
    }

    /// The name of a repaired text, with the spans of the damaged one.
    pub(crate) fn standing_in(mut self, repair: &Repair) -> Name {
        for token in &mut self.tokens {
            token.span = repair.original(&token.span);
        }
        self
    }

    pub(crate) fn observed(text: &str, observer: &mut impl Observer) -> Name {
        let mut ladder = Ladder::default();
        ladder.text.read(text, observer);
        let form = ladder.speller.name(&ladder.text, observer).to_owned();
        let Ladder { text, mut speller } = ladder;
        let (tokens, skeleton) = tokens(&text, &form, &mut speller, observer);
        let script = Script::dominant(&text.text);
        let imprint = imprint(&text.text, &form, script, &tokens, &skeleton);
        Name { form, skeleton, script, tokens, imprint, orthographic: text.text }
    }

    /// The same letters: Unicode and Arabic orthography folded, words separated by one space, lower case
    /// where a script has case. Empty exactly when [`is_empty`](Name::is_empty).
    pub fn orthographic(&self) -> &str {
        &self.orthographic
    }

    /// The one form: usual spellings of one name share it, and different names rarely do. Without spaces,
    /// in the letters of the script. `form(form(x)) == form(x)` for any text. Compare forms only within one
    /// [`rules_version`](crate::rules_version).
    pub fn form(&self) -> &str {
        &self.form
    }

    /// Upper-case ASCII consonant classes, the same for all supported scripts, without spaces. For retrieval
    /// only: many names share one, and the longer it is the coarser it gets. Empty when every letter is of a
    /// script without a table, which is [`Script::Other`].
    pub fn skeleton(&self) -> &str {
        self.skeleton.coarse()
    }

    /// What comparing looks at.
    pub fn imprint(&self) -> Imprint<'_> {
        Imprint::from_bytes(&self.imprint)
    }

    /// A bit for each sound in the name. Names that differ in many bits share few letters: sorts candidates
    /// before they are compared, across scripts too.
    pub fn sounds(&self) -> u64 {
        let whole = self.imprint().view().whole;
        sound_bits(whole.codes, whole.is_arabic)
    }

    /// The script of most of the letters; [`Script::Other`] without letters.
    pub fn script(&self) -> Script {
        self.script
    }

    /// The words in the order of the text.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// Nothing is left: the text was empty or only marks, emoji and punctuation.
    pub fn is_empty(&self) -> bool {
        self.orthographic.is_empty()
    }
}

/// The letters of a text as [`Name::orthographic`] has them, without the rest of the ladder.
///
/// ```
/// assert_eq!(names::orthographic("أوكرانيا"), names::Name::new("أوكرانيا").orthographic());
/// ```
pub fn orthographic(text: &str) -> String {
    let mut orthographic = Orthographic::default();
    match repair(text) {
        None => orthographic.read(text, &mut Silent),
        Some(repair) => orthographic.read(&repair.text, &mut Silent),
    }
    orthographic.text
}

/// One word of a name.
///
/// ```
/// use names::{Name, Role};
///
/// let name = Name::new("الرئيس فلاديمير بوتين");
/// let token = &name.tokens()[0];
/// assert_eq!((token.orthographic(), token.role()), ("الرييس", Role::Title));
/// assert_eq!(token.span().chars, 0..6);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    orthographic: String,
    form: String,
    /// Only of a word with an article.
    stem: Option<String>,
    skeleton: Skeleton,
    role: Role,
    span: Span,
}

impl Token {
    /// The word as [`Name::orthographic`] has it.
    pub fn orthographic(&self) -> &str {
        &self.orthographic
    }

    /// The form of the word by itself, with its article. The form of a name is made from all its letters
    /// at once, so it may be shorter than its tokens' forms together.
    pub fn form(&self) -> &str {
        &self.form
    }

    /// The form of the word without its article, for comparing الكرملين with كرملين; the form itself when
    /// there is no article. ألبرت has none: its alef carries a hamza.
    pub fn stem(&self) -> &str {
        self.stem.as_deref().unwrap_or(&self.form)
    }

    /// Whether the word starts with an article: a bare alef and a lam before three letters or more.
    pub fn has_article(&self) -> bool {
        self.stem.is_some()
    }

    /// The consonant classes of the word; A for a word of vowels, empty for a script without a table. That of
    /// the name is not made of these: what a long skeleton loses depends on all of it.
    pub fn skeleton(&self) -> &str {
        self.skeleton.coarse()
    }

    /// The skeleton before its length made it coarser, for comparing.
    pub(crate) fn fine_skeleton(&self) -> &str {
        self.skeleton.fine()
    }

    /// What the word does in the name.
    pub fn role(&self) -> Role {
        self.role
    }

    /// Whether the word says whose child somebody is: بن, bint.
    pub(crate) fn is_descent(&self) -> bool {
        self.role == Role::Particle && roles::is_descent(&self.orthographic)
    }

    /// Where the word stands in the input, from the start of its first character to the end of its last.
    pub fn span(&self) -> &Span {
        &self.span
    }
}

/// What a word does in a name. A word is a given or a family name only where that is certain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// A word that carries the name.
    #[default]
    Word,
    /// A given name: محمد before another word, the word before بن.
    Given,
    /// A family name: the word after آل, Чайковский.
    Family,
    /// ال standing alone.
    Article,
    /// A title: الرئيس, Dr, президент.
    Title,
    /// A word that holds a name together: بن, أبو, van, de.
    Particle,
    /// A single letter: the J of "J. Smith".
    Initial,
    /// What a company is in law: ش.م.م, LLC, GmbH, ООО.
    LegalForm,
}

impl Role {
    const ALL: [Role; 8] = [
        Role::Word,
        Role::Given,
        Role::Family,
        Role::Article,
        Role::Title,
        Role::Particle,
        Role::Initial,
        Role::LegalForm,
    ];

    /// The role that is so many after the first one.
    pub(crate) fn from_index(index: u8) -> Role {
        Role::ALL.get(usize::from(index)).copied().unwrap_or_default()
    }

    /// Whether the word carries the name, as a given name, a family name or either.
    pub fn carries_name(self) -> bool {
        matches!(self, Role::Word | Role::Given | Role::Family)
    }
}

/// The tokens, and the skeleton of them all.
fn tokens(
    text: &Orthographic,
    form: &str,
    speller: &mut Speller,
    observer: &mut impl Observer,
) -> (Vec<Token>, Skeleton) {
    let mut skeletons = Skeletons::default();
    let roles = roles::roles(text).into_iter().enumerate();
    let is_single = text.words.len() == 1;
    let tokens = roles.map(|(at, role)| {
        let word = &text.words[at];
        let orthographic = text.word(word);
        let has_article = has_article(orthographic, word);
        Token {
            // A name of one word is its own token.
            form: if is_single { form.to_owned() } else { speller.word(text, at, 0).to_owned() },
            stem: has_article.then(|| speller.word(text, at, ARTICLE_LETTERS).to_owned()),
            skeleton: skeletons.word(orthographic, has_article, &word.span, observer),
            orthographic: orthographic.to_owned(),
            role,
            span: word.span.clone(),
        }
    });
    let tokens = tokens.collect();
    (tokens, skeletons.joined(observer))
}

const ARTICLE_LETTERS: usize = 2;

/// Not أل, إل or آل, which begin names: ألبرت, إلياس, آلاء.
fn has_article(orthographic: &str, word: &Word) -> bool {
    const LETTERS_AFTER_MIN: usize = 3;
    let stem = orthographic.strip_prefix("ال").filter(|_| word.first == 'ا');
    stem.is_some_and(|stem| stem.chars().count() >= LETTERS_AFTER_MIN)
}
