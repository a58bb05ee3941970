//! What spelling traditions mean by letters that the form settles otherwise, one row a reading.
//!
//! The form settles what most of the press writes. A reading is another form to look up when the first is
//! not found. Rows stand in the order they are tried: the likeliest of those that any text may mean first.
//! Letters are those of the orthographic text.

use super::{Rule, Stage::Reading};
use crate::Profile::{self, Egypt, Gulf, Iraq, Levant, Maghreb, Persian, Urdu};

/// One way to read some letters.
pub(crate) struct ReadingRule {
    pub(crate) rule: Rule,
    /// Made at every place at once; of several that fit at a place, the first. Empty: `readings.rs` does it.
    pub(crate) changes: &'static [Change],
    /// The profiles in which it is tried first.
    pub(crate) profiles: &'static [Profile],
    /// Where else it is tried.
    pub(crate) scope: Scope,
}

impl ReadingRule {
    /// All that the version depends on, text by text.
    pub(crate) fn hash(&self, text: &mut impl FnMut(&str)) {
        text(&format!("{:?} {:?}", self.profiles, self.scope));
        for change in self.changes {
            text(&format!("{:?} {} {}", change.place, change.from, change.to));
        }
    }
}

/// Letters, and what they are read as.
pub(crate) struct Change {
    pub(crate) place: Place,
    pub(crate) from: &'static str,
    pub(crate) to: &'static str,
}

/// Where in a word letters are read so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Anywhere,
    /// With three letters or more after them.
    Start,
    /// With two letters or more before them.
    End,
    /// Neither at the start nor at the end.
    Inside,
}

/// In which texts a reading is tried that is not of the profile asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// In any.
    Any,
    /// In any without a letter that foreign names are hardly ever written with.
    Foreign,
    /// In none.
    Profile,
}

/// The most readings of a text.
pub(crate) const READINGS_MAX: usize = 8;

pub(crate) const RULES: &[ReadingRule] = &[
    ReadingRule {
        rule: rule(
            "reading-dagger-alef",
            "A dagger alef is read as a written ا.",
            ("الرحمٰن", "الرحمان"),
            "camel_tools issue 114",
        ),
        changes: &[],
        profiles: &[],
        scope: Scope::Any,
    },
    ReadingRule {
        rule: rule(
            "reading-unwritten-alef",
            "Names from the Quran are written with and without their long a.",
            ("عبد الرحمن", "عبدالرحمان"),
            "the spelling of the Quran, and of the Maghreb",
        ),
        changes: &[
            anywhere("رحمان", "رحمن"),
            anywhere("رحمن", "رحمان"),
            anywhere("اسماعيل", "اسمعيل"),
            anywhere("اسمعيل", "اسماعيل"),
            anywhere("اسحاق", "اسحق"),
            anywhere("اسحق", "اسحاق"),
            anywhere("هارون", "هرون"),
            anywhere("هرون", "هارون"),
            anywhere("الحارث", "الحرث"),
            anywhere("الحرث", "الحارث"),
            anywhere("معاويه", "معويه"),
            anywhere("معويه", "معاويه"),
        ],
        profiles: &[Maghreb],
        scope: Scope::Any,
    },
    ReadingRule {
        rule: rule(
            "reading-cheh-j",
            "چ is a j.",
            ("چلبي", "غلب"),
            "Egypt writes j with چ, Iraq names of Turkish origin",
        ),
        changes: &[anywhere("چ", "ج")],
        profiles: &[Egypt, Iraq],
        scope: Scope::Any,
    },
    ReadingRule {
        rule: rule(
            "reading-cheh-k",
            "چ is the Iraqi sound of a ك.",
            ("چاظم", "كاظم"),
            "the dialect of Baghdad",
        ),
        changes: &[anywhere("چ", "ك")],
        profiles: &[Iraq],
        scope: Scope::Profile,
    },
    ReadingRule {
        rule: rule(
            "reading-cheh-g",
            "چ is a hard g.",
            ("چوردون", "غوردن"),
            "street signs of Israel and Palestine",
        ),
        changes: &[anywhere("چ", "غ")],
        profiles: &[Levant],
        scope: Scope::Profile,
    },
    ReadingRule {
        rule: rule(
            "reading-gaf-k",
            "گ and ڭ are the g of a word that Arabic writes with ك.",
            ("أڭادير", "اكدر"),
            "Moroccan and Iraqi place names: أكادير, كركوك",
        ),
        changes: &[anywhere("گ", "ك"), anywhere("ڭ", "ك"), anywhere("ݣ", "ك")],
        profiles: &[Maghreb, Iraq, Persian],
        scope: Scope::Any,
    },
    ReadingRule {
        rule: rule(
            "reading-gaf-qaf",
            "ڨ and گ are the g of a word that Arabic writes with ق.",
            ("ڨفصة", "قفصه"),
            "Tunisian and Gulf place names: قفصة",
        ),
        changes: &[anywhere("ڨ", "ق"), anywhere("گ", "ق"), anywhere("ڭ", "ق")],
        profiles: &[Maghreb, Gulf],
        scope: Scope::Any,
    },
    ReadingRule {
        rule: rule(
            "reading-qaf-j",
            "ق is heard as j, and written ج.",
            ("قاسم", "جاسم"),
            "dialects of the Gulf and of southern Iraq",
        ),
        changes: &[anywhere("ق", "ج"), anywhere("ج", "ق")],
        profiles: &[Gulf, Iraq],
        scope: Scope::Profile,
    },
    ReadingRule {
        rule: rule(
            "reading-qaf-g",
            "ق is heard as a hard g.",
            ("قعيد", "غعيد"),
            "the Gulf, Libya, Sudan and the Bedouin: القذافي",
        ),
        changes: &[anywhere("ق", "غ")],
        profiles: &[Gulf, Maghreb],
        scope: Scope::Profile,
    },
    ReadingRule {
        rule: rule(
            "reading-bu",
            "بو at the start is أبو.",
            ("بوتفليقة", "ابتفلغا"),
            "the Maghreb and the Gulf: بومدين, بوشهري",
        ),
        changes: &[start("بو", "ابو ")],
        profiles: &[Maghreb, Gulf],
        scope: Scope::Profile,
    },
    ReadingRule {
        rule: rule(
            "reading-bel",
            "بل at the start is أبو ال.",
            ("بلقاسم", "ابلقاسم"),
            "the Maghreb",
        ),
        changes: &[start("بال", "ابو ال"), start("بل", "ابو ال")],
        profiles: &[Maghreb],
        scope: Scope::Profile,
    },
    ReadingRule {
        rule: rule(
            "reading-retroflex",
            "ٹ, ڈ, ڑ and ں are ت, د, ر and ن.",
            ("ٹیپو", "تيبو"),
            "Urdu",
        ),
        changes: &[anywhere("ٹ", "ت"), anywhere("ڈ", "د"), anywhere("ڑ", "ر"), anywhere("ں", "ن")],
        profiles: &[Urdu],
        scope: Scope::Any,
    },
    ReadingRule {
        rule: rule("reading-tteh-tah", "ٹ is ط.", ("ٹیپو", "طيبو"), "Urdu"),
        changes: &[anywhere("ٹ", "ط"), anywhere("ڈ", "د"), anywhere("ڑ", "ر"), anywhere("ں", "ن")],
        profiles: &[Urdu],
        scope: Scope::Any,
    },
    ReadingRule {
        rule: rule(
            "reading-aspirate",
            "A consonant with an h after it is the consonant.",
            ("بھٹو", "بتو"),
            "Urdu ھ; Arabic hears no aspiration",
        ),
        changes: &[
            anywhere("به", "ب"),
            anywhere("په", "پ"),
            anywhere("ته", "ت"),
            anywhere("ٹه", "ت"),
            anywhere("ٹ", "ت"),
            anywhere("جه", "ج"),
            anywhere("چه", "چ"),
            anywhere("ده", "د"),
            anywhere("ڈه", "د"),
            anywhere("ڈ", "د"),
            anywhere("ڑه", "ر"),
            anywhere("ڑ", "ر"),
            anywhere("كه", "ك"),
            anywhere("گه", "گ"),
            anywhere("ں", "ن"),
        ],
        profiles: &[Urdu],
        scope: Scope::Profile,
    },
    ReadingRule {
        rule: rule(
            "reading-emphatic",
            "The letters of Arabic alone are those that any language has: ط is ت, ص is س, ح is ه.",
            ("طوكيو", "توكيو"),
            "ANETAC: 90 ط and 56 ص in foreign names against 23,331 ت",
        ),
        changes: &[
            anywhere("ط", "ت"),
            anywhere("ص", "س"),
            anywhere("ض", "د"),
            anywhere("ظ", "ز"),
            anywhere("ح", "ه"),
        ],
        profiles: &[Persian, Urdu],
        scope: Scope::Any,
    },
    ReadingRule {
        rule: rule(
            "reading-unwritten-waw",
            "A short name may leave out a و inside.",
            ("بولتن", "بلتن"),
            "ANETAC: longer names leave it out in the form",
        ),
        changes: &[inside("و", "")],
        profiles: &[],
        scope: Scope::Foreign,
    },
    ReadingRule {
        rule: rule(
            "reading-unwritten-ya",
            "A short name may leave out a ي.",
            ("بيلي", "بل"),
            "ANETAC: longer names leave it out in the form",
        ),
        changes: &[inside("ي", ""), end("ي", "")],
        profiles: &[],
        scope: Scope::Foreign,
    },
    ReadingRule {
        rule: rule(
            "reading-final-e",
            "A final ه is an e, which others write ي or leave out.",
            ("بورصه", "بورصي"),
            "Persian and Turkish names end in e",
        ),
        changes: &[end("ه", "ي")],
        profiles: &[Persian],
        scope: Scope::Foreign,
    },
    ReadingRule {
        rule: rule(
            "reading-kaf-g",
            "ك is a hard g.",
            ("كراج", "غرغ"),
            "Lebanon and Syria: كراج, إنكلترا",
        ),
        changes: &[anywhere("ك", "غ")],
        profiles: &[Levant],
        scope: Scope::Foreign,
    },
    ReadingRule {
        rule: rule(
            "reading-final-heh",
            "A final ه is the ا of a foreign name, and the other way round.",
            ("سورية", "سوريا"),
            "سوريا and سورية are one country",
        ),
        changes: &[end("ه", "ا"), end("ا", "ه")],
        profiles: &[],
        scope: Scope::Any,
    },
    ReadingRule {
        rule: rule(
            "reading-waw-v",
            "و before or after an ا, before a ي and at the start is a v.",
            ("لاوروف", "لفرف"),
            "Persian and Urdu write v with و",
        ),
        changes: &[
            start("و", "ف"),
            anywhere("او", "اف"),
            anywhere("وا", "فا"),
            anywhere("وي", "في"),
        ],
        profiles: &[Persian, Urdu],
        scope: Scope::Foreign,
    },
    ReadingRule {
        rule: rule(
            "reading-tsh",
            "In a short name تش is ش, and ش is تش.",
            ("تشارل", "شرل"),
            "ANETAC: ch is ش in 41 % and تش in 28 %",
        ),
        changes: &[anywhere("تش", "ش"), anywhere("ش", "تش")],
        profiles: &[Maghreb],
        scope: Scope::Foreign,
    },
    ReadingRule {
        rule: rule(
            "reading-theh-s",
            "ث is an s.",
            ("إليزابيث", "السبس"),
            "what Egypt and Persian hear in ث",
        ),
        changes: &[anywhere("ث", "س")],
        profiles: &[Egypt, Persian],
        scope: Scope::Foreign,
    },
    ReadingRule {
        rule: rule(
            "reading-first-sh",
            "ش at the start is س.",
            ("شميدت", "سمدت"),
            "s before a consonant is heard as sh in German",
        ),
        changes: &[start("ش", "س")],
        profiles: &[],
        scope: Scope::Foreign,
    },
    ReadingRule {
        rule: rule(
            "reading-jim-g",
            "ج at the start of a short name is a hard g, and غ a ج.",
            ("جوته", "غوته"),
            "Egypt; longer names are read so by the form",
        ),
        changes: &[start("ج", "غ"), start("غ", "ج")],
        profiles: &[Egypt],
        scope: Scope::Foreign,
    },
    ReadingRule {
        rule: rule(
            "reading-first-ya-j",
            "ي at the start is a ج, and ج a ي.",
            ("ياكوب", "غكوب"),
            "ANETAC: j is ج in 87 % and ي in 8 %: German and Slavic",
        ),
        changes: &[start("ي", "ج"), start("ج", "ي")],
        profiles: &[],
        scope: Scope::Foreign,
    },
    ReadingRule {
        rule: rule(
            "reading-and",
            "و before an ا at the start is the word and.",
            ("وأنقرة", "انغرا"),
            "Arabic writes و attached to the next word; see `peelings`",
        ),
        changes: &[start("وا", "ا")],
        profiles: &[],
        scope: Scope::Any,
    },
    ReadingRule {
        rule: rule(
            "reading-first-alef-waw",
            "او at the start is و.",
            ("أوستن", "فستن"),
            "ANETAC: w is و, and o is او or و",
        ),
        changes: &[start("او", "و")],
        profiles: &[],
        scope: Scope::Foreign,
    },
    ReadingRule {
        rule: rule(
            "reading-thal-z",
            "ذ is ز, and ز is ذ.",
            ("معاذ", "معاز"),
            "what Egypt and Persian hear in ذ",
        ),
        changes: &[anywhere("ذ", "ز"), anywhere("ز", "ذ")],
        profiles: &[Egypt, Persian],
        scope: Scope::Foreign,
    },
];

const fn anywhere(from: &'static str, to: &'static str) -> Change {
    Change { place: Place::Anywhere, from, to }
}

const fn start(from: &'static str, to: &'static str) -> Change {
    Change { place: Place::Start, from, to }
}

const fn end(from: &'static str, to: &'static str) -> Change {
    Change { place: Place::End, from, to }
}

const fn inside(from: &'static str, to: &'static str) -> Change {
    Change { place: Place::Inside, from, to }
}

const fn rule(
    id: &'static str,
    summary: &'static str,
    example: (&'static str, &'static str),
    source: &'static str,
) -> Rule {
    Rule { id, stage: Reading, summary, example, source }
}
