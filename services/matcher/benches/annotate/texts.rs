//! Texts to annotate, none of which comes twice: articles as they are, and news that are made up.
//!
//! Made-up news are sentences of our own with names and words drawn for them. Both are drawn as they occur in
//! languages, the word of rank n in proportion to 1/n (Zipf): so most tokens are words that were read before, and
//! every text has words that were not.

use std::{collections::HashMap, fs, path::Path};

/// Tokens of a made-up text, about as many as a short article has.
const TOKENS: usize = 208;

/// Different words that may be drawn.
const WORDS: usize = 60_000;

/// Names a text is about, some of which it says again, shorter.
const CAST: usize = 5;

/// `{w}`: a word; `{n}`: a name; `{s}`: a name of the cast, or the last word of one.
const SENTENCES: [&str; 24] = [
    "قال {n} إن {w} {w} في {n} سيتم خلال {w} {w}.",
    "وأضاف {s} أن {w} {w} لا {w} {w} من دون {w} مع {n}.",
    "والتقى {n} في {n} {w} {w} وبحث معه {w} {w} بين البلدين.",
    "وكان {s} قد {w} إلى {n} يوم الثلاثاء على رأس وفد {w} {w}.",
    "من جهته أكد {n} أن {w} {w} {w} تحتاج إلى {w} {w}، وأن {s} {w} ذلك.",
    "وفي {n} خرج {w} إلى {w} {w} مطالبين ب{w} {w} بعد {w} {w}.",
    "{w} {w} {n} بشأن {w} {w}: مصادر تكشف {w} {w}",
    "وذكرت {n} في بيان أن {w} {w} {w} بلغت نحو 40 في المئة.",
    "وسبق ل{s} أن {w} {n} العام الماضي، غير أن {w} {w} حال دون ذلك.",
    "وشدد وزير الخارجية {n} على {w} {w} في {n} و{n}.",
    "وقتل ثلاثة {w} في {w} {w} قرب {n}، وفق ما أعلن {w} {w}.",
    "يذكر أن {s} {w} {w} منذ عام 2019 وأنها {w} {w} {w}.",
    "وتراجع {w} {w} {w} بعدما {w} {n} {w} {w} الفائدة.",
    "وفاز {n} على {n} بهدفين مقابل هدف، {w} {w} {w} إلى {w} الثاني.",
    "ورأى {w} {w} {n} أن «{w} {w} {w}» هي {w} {w} {s}.",
    "وبحسب {n} فإن {w} {w} ل{w} {w} {w} {w} حتى نهاية العام.",
    "أما {s} فقد {w} {w} عن {w} {w} {w}، ورفض {w} {w} {w}.",
    "ووصلت {w} {w} إلى {n} قادمة من {n}، و{w} {w} {w} {w}.",
    "وتعهد رئيس الوزراء {n} ب{w} {w} {w} أمام {w} {w}.",
    "{n} و{n} يوقعان {w} {w} {w}",
    "وأفاد مراسلنا في {n} ب{w} {w} {w} {w} على {w} {w}.",
    "وعن {w} {w}، قالت {n} إنها {w} {w} مع {s} في {w} {w}.",
    "وتسعى {n} إلى {w} {w} {w} قبل {w} {w} {w}.",
    "وختم {s} بأن {w} {w} {w} لن {w} {w} {w} إلا ب{w}.",
];

/// The articles of some folders without their marks, by file.
pub(crate) fn articles(folders: &[&Path]) -> Vec<String> {
    let mut files: Vec<_> = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()))
        .filter(|file| file.extension().is_some_and(|ending| ending == "marked"))
        .collect();
    files.sort();
    files.iter().map(|file| without_marks(&fs::read_to_string(file).unwrap())).collect()
}

/// `[[سيرجي لافروف|Q58217]]` as سيرجي لافروف.
fn without_marks(marked: &str) -> String {
    let mut text = String::with_capacity(marked.len());
    let mut rest = marked;
    while let Some((before, after)) = rest.split_once("[[") {
        let (mark, after) = after.split_once("]]").unwrap();
        text.push_str(before);
        text.push_str(mark.rsplit_once('|').unwrap().0);
        rest = after;
    }
    text + rest
}

/// Writes news, each text another one.
pub(crate) struct Newsroom {
    random: Random,
    names: Vec<String>,
    words: Vec<String>,
}

impl Newsroom {
    /// `names` by how often they are in the news; words of the articles come first, words that are made up after
    /// them.
    pub(crate) fn new(seed: u64, names: Vec<String>, articles: &[String]) -> Self {
        let mut words = words_of(articles);
        words.extend((words.len()..WORDS).map(made_up));
        Self { random: Random(seed), names, words }
    }

    pub(crate) fn text(&mut self) -> String {
        let cast: Vec<String> = (0..CAST).map(|_| self.name()).collect();
        let mut text = String::new();
        while names::running_words(&text).len() < TOKENS {
            let sentence = SENTENCES[self.random.below(SENTENCES.len())];
            self.write(sentence, &cast, &mut text);
            text.push(if self.random.below(4) == 0 { '\n' } else { ' ' });
        }
        text
    }

    pub(crate) fn texts(&mut self, count: usize) -> Vec<String> {
        (0..count).map(|_| self.text()).collect()
    }

    fn write(&mut self, sentence: &str, cast: &[String], text: &mut String) {
        let mut rest = sentence;
        while let Some((before, after)) = rest.split_once('{') {
            let (slot, after) = after.split_once('}').unwrap();
            text.push_str(before);
            let drawn = match slot {
                "w" => self.words[self.random.rank(self.words.len())].clone(),
                "n" => self.name(),
                _ => self.said_again(cast),
            };
            text.push_str(&drawn);
            rest = after;
        }
        text.push_str(rest);
    }

    fn name(&mut self) -> String {
        self.names[self.random.rank(self.names.len())].clone()
    }

    fn said_again(&mut self, cast: &[String]) -> String {
        let name = &cast[self.random.below(cast.len())];
        let is_whole = self.random.below(2) == 0;
        let last = name.rsplit(' ').next().filter(|_| !is_whole);
        last.unwrap_or(name).to_owned()
    }
}

/// The Arabic words of some texts, the most frequent first.
fn words_of(texts: &[String]) -> Vec<String> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for text in texts {
        for word in names::running_words(text) {
            *counts.entry(&text[word.bytes()]).or_default() += 1;
        }
    }
    let is_arabic = |word: &&str| word.starts_with(|c| ('ء'..='ي').contains(&c));
    let mut words: Vec<&str> = counts.keys().copied().filter(is_arabic).collect();
    words.sort_by_key(|word| (usize::MAX - counts[word], *word));
    words.into_iter().map(str::to_owned).collect()
}

/// A word as Arabic derives and inflects them: a root in a pattern, with what is written before and behind it.
fn made_up(rank: usize) -> String {
    const LETTERS: &str = "بتثجحخدذرزسشصضطعغفقكلمنهوي";
    const PATTERNS: [&str; 12] = [
        "123",
        "1ا23",
        "م12و3",
        "ت12ي3",
        "است12ا3",
        "ا1ت2ا3",
        "م1ا23ة",
        "1و3ية",
        "م123",
        "ت1ا23",
        "1ي2ا3",
        "م12ا3ات",
    ];
    const BEFORE: [&str; 10] = ["", "", "ال", "ال", "وال", "و", "ب", "لل", "ي", "بال"];
    const BEHIND: [&str; 8] = ["", "", "", "ها", "هم", "ات", "ين", "ه"];
    let mut random = Random(rank as u64 + 1);
    let letters: Vec<char> = LETTERS.chars().collect();
    let root: Vec<char> = (0..3).map(|_| letters[random.below(letters.len())]).collect();
    let mut word = BEFORE[random.below(BEFORE.len())].to_owned();
    for letter in PATTERNS[random.below(PATTERNS.len())].chars() {
        word.push(letter.to_digit(10).map_or(letter, |digit| root[digit as usize - 1]));
    }
    word + BEHIND[random.below(BEHIND.len())]
}

/// Numbers that are the same in every run (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// A rank below `end`, the n-th in proportion to 1/n.
    fn rank(&mut self, end: usize) -> usize {
        let share = (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        let rank = ((end as f64 + 1.0).ln() * share).exp() as usize;
        rank.clamp(1, end) - 1
    }
}
