//! What damage looks like: the code pages, the presentation forms and the words that damage is known by.
//!
//! The lists of words are set by hand, many a line (`rustfmt::skip`), as those of `words.rs`.

use super::{LetterRule, Stage::Repair};

/// All lists, for the version.
pub(crate) const LISTS: [&[&str]; 5] = [
    LAM_ALEF_WORDS,
    SPACED_NAMES,
    ENDINGS_AFTER_AL,
    NEVER_FIRST,
    &[WINDOWS_1252.0, WINDOWS_1256.0],
];

/// One row a rule, in the order they are tried.
pub(crate) const RULES: &[LetterRule] = &[
    LetterRule::by_code(
        Repair,
        "repair-mojibake",
        "UTF-8 that was read as Windows-1252, Latin-1 or Windows-1256 is read as UTF-8 again, when all of it \
         is Arabic then.",
        ("Ù…Ø\u{AD}Ù…Ø¯", "محمد"),
        "RFC 3629; the code pages as the WHATWG Encoding Standard has them",
    ),
    LetterRule::by_code(
        Repair,
        "repair-visual-order",
        "A line of presentation forms that fit together only backwards is turned round.",
        ("ﻑﻭﺮﻓﻻ", "لافروف"),
        "Unicode ch. 9.2 (joining); text of PDF files and old terminals",
    ),
    LetterRule::by_code(
        Repair,
        "repair-allah",
        "هللا and اهلل at the end of a word are الله.",
        ("عبد هللا", "عبد الله"),
        "the ligature ﷲ, taken apart from left to right",
    ),
    LetterRule::by_code(
        Repair,
        "repair-lam-alef",
        "ال that stands for لا is turned round: in اال at a word's start, in الء at its end, and in listed words.",
        ("االسالم", "الاسلام"),
        "the ligature ﻻ, taken apart from left to right by extraction from PDF files",
    ),
    LetterRule::by_code(
        Repair,
        "repair-spaced-letters",
        "Three or more single letters in a row that make up listed names are joined.",
        ("م ح م د", "محمد"),
        "headlines and forms set with wide letters",
    ),
];

/// The upper half of an 8-bit code page.
pub(crate) struct CodePage(&'static str);

impl CodePage {
    /// The byte a character stands for. What a code page leaves undefined is the control of Latin-1.
    pub(crate) fn byte(&self, c: char) -> Option<u8> {
        match c {
            '\0'..='\x7F' | '\u{80}'..='\u{9F}' => u8::try_from(c as u32).ok(),
            _ => {
                let at = self.0.chars().position(|other| other == c)?;
                u8::try_from(at + 0x80).ok()
            }
        }
    }

    /// The character a byte stands for.
    #[cfg(test)]
    pub(crate) fn char(&self, byte: u8) -> char {
        if byte < 0x80 {
            char::from(byte)
        } else {
            self.0.chars().nth(usize::from(byte - 0x80)).unwrap()
        }
    }
}

pub(crate) const WINDOWS_1252: CodePage = CodePage(concat!(
    "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8D}Ž\u{8F}\u{90}‘’“”•–—˜™š›œ\u{9D}žŸ",
    "\u{A0}¡¢£¤¥¦§¨©ª«¬\u{AD}®¯°±²³´µ¶·¸¹º»¼½¾¿",
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ",
));

pub(crate) const WINDOWS_1256: CodePage = CodePage(concat!(
    "€پ‚ƒ„…†‡ˆ‰ٹ‹Œچژڈگ‘’“”•–—ک™ڑ›œ\u{200C}\u{200D}ں",
    "\u{A0}،¢£¤¥¦§¨©ھ«¬\u{AD}®¯°±²³´µ¶·¸¹؛»¼½¾؟",
    "ہءآأؤإئابةتثجحخدذرزسشصض×طظعغـفقكàلâمنهوçèéêëىيîï",
    "\u{64B}\u{64C}\u{64D}\u{64E}ô\u{64F}\u{650}÷\u{651}ù\u{652}ûü\u{200E}\u{200F}ے",
));

/// How the glyph of a letter joins its neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Isolated,
    Final,
    Initial,
    Medial,
}

impl Shape {
    pub(crate) fn joins_previous(self) -> bool {
        matches!(self, Shape::Final | Shape::Medial)
    }

    pub(crate) fn joins_next(self) -> bool {
        matches!(self, Shape::Initial | Shape::Medial)
    }
}

/// The shape of a presentation form of a letter; none of any other character.
pub(crate) fn shape(c: char) -> Option<Shape> {
    const SHAPES: [Shape; 4] = [Shape::Isolated, Shape::Final, Shape::Initial, Shape::Medial];
    let of_letter =
        LETTERS.iter().find(|(first, count)| (*first..*first + count).contains(&(c as u32)))?;
    SHAPES.get((c as u32 - of_letter.0) as usize).copied()
}

/// The letters of the blocks Arabic Presentation Forms-A and -B: the first form and how many there are. The
/// forms of a letter stand in the order isolated, final, initial, medial (UnicodeData.txt).
#[rustfmt::skip]
const LETTERS: &[(u32, u32)] = &[
    (0xFB50, 2), (0xFB52, 4), (0xFB56, 4), (0xFB5A, 4), (0xFB5E, 4), (0xFB62, 4), (0xFB66, 4), (0xFB6A, 4),
    (0xFB6E, 4), (0xFB72, 4), (0xFB76, 4), (0xFB7A, 4), (0xFB7E, 4), (0xFB82, 2), (0xFB84, 2), (0xFB86, 2),
    (0xFB88, 2), (0xFB8A, 2), (0xFB8C, 2), (0xFB8E, 4), (0xFB92, 4), (0xFB96, 4), (0xFB9A, 4), (0xFB9E, 2),
    (0xFBA0, 4), (0xFBA4, 2), (0xFBA6, 4), (0xFBAA, 4), (0xFBAE, 2), (0xFBB0, 2), (0xFBD3, 4), (0xFBD7, 2),
    (0xFBD9, 2), (0xFBDB, 2), (0xFBDE, 2), (0xFBE0, 2), (0xFBE2, 2), (0xFBE4, 4), (0xFBFC, 4),
    (0xFE80, 1), (0xFE81, 2), (0xFE83, 2), (0xFE85, 2), (0xFE87, 2), (0xFE89, 4), (0xFE8D, 2), (0xFE8F, 4),
    (0xFE93, 2), (0xFE95, 4), (0xFE99, 4), (0xFE9D, 4), (0xFEA1, 4), (0xFEA5, 4), (0xFEA9, 2), (0xFEAB, 2),
    (0xFEAD, 2), (0xFEAF, 2), (0xFEB1, 4), (0xFEB5, 4), (0xFEB9, 4), (0xFEBD, 4), (0xFEC1, 4), (0xFEC5, 4),
    (0xFEC9, 4), (0xFECD, 4), (0xFED1, 4), (0xFED5, 4), (0xFED9, 4), (0xFEDD, 4), (0xFEE1, 4), (0xFEE5, 4),
    (0xFEE9, 4), (0xFEED, 2), (0xFEEF, 2), (0xFEF1, 4), (0xFEF5, 2), (0xFEF7, 2), (0xFEF9, 2), (0xFEFB, 2),
];

/// Words no name starts with.
pub(crate) const NEVER_FIRST: &[&str] = &["بن", "ابن", "بنت", "bin", "ibn"];

/// What follows an ال that is meant, in a word that is damaged elsewhere: الاعمال, الاجمالي, الاهالي.
pub(crate) const ENDINGS_AFTER_AL: &[&str] =
    &["", "ي", "يه", "ين", "ون", "ه", "هم", "ات", "يين", "يون", "يات"];

/// Names and words with لا whose damaged spelling with ال is no word. So not سلام (سالم), صلاح (صالح), فلاح
/// (فالح), علام (عالم), طلاب (طالب), خلاد (خالد), ملاك (مالك), ولا (وال), لاهور (الهور), كلاين (كالين).
#[rustfmt::skip]
pub(crate) const LAM_ALEF_WORDS: &[&str] = &[
    // Names of Arabic, Persian and Turkish.
    "جلال", "بلال", "هلال", "طلال", "دلال", "ظلال", "زلال", "علال", "جلالي", "هلالي", "بلالي", "جلاله",
    "غلام", "غلامي", "غلامرضا", "غلامحسين", "غلامعلي", "غلامالدين", "اسلام", "اسلامي", "اسلاميه",
    "اسلاموف", "اسلامبولي", "علاوي", "علاونه", "كيلاني", "جيلاني", "عسقلاني", "زلاتان", "ارسلان", "رسلان",
    "روسلان", "اردلان", "اصلان", "اصلانوف", "غيلان", "عدلان", "غزلان", "فلاته", "ولايتي", "كلانتري",
    "لاريجاني", "مولانا", "كربلا", "كربلايي", "ميلاد", "ميلادي", "بلاسم", "حلاوه", "شلاش", "حلاق",
    "عقلا", "بهلا", "صلاله", "سلاله", "قلاوون", "خلايله", "علايلي", "طلالي", "اقبالا", "جلايلي",
    // Names from elsewhere.
    "لافروف", "فلاديمير", "فلاديميروف", "فلاديميروفيتش", "فلاديسلاف", "فلاديفوستوك", "فلاد", "فلاسوف",
    "فلاسيتش", "كلارا", "كلارك", "كلاوديو", "كلاوديا", "كلاوس", "بلاتيني", "بلاتر", "بلانش", "بلانك",
    "بلانشيت", "ستانيسلاف", "ياروسلاف", "ميروسلاف", "فياتشيسلاف", "بوريسلاف", "سفياتوسلاف",
    "نيكولاي", "نيقولاي", "نيكولاس", "نيقولاس", "نيكولا", "نيقولا", "نيكولايف", "نيكولايفيتش", "دوغلاس",
    "دوجلاس", "سالامانكا", "انجيلا", "انغيلا", "باميلا", "جميلا", "مانويلا", "ستيلا", "رولاند", "هولاند",
    "اورلاندو", "لاغارد", "لاجارد", "لابورت", "لامبارد", "لاندري", "لاورا", "فلامنغو", "فلامنكو",
    "ايلاريون", "غلادستون", "ميلانوفيتش", "سلافكوف",
    // Places.
    "ولايات", "اللاذقيه", "بلاد", "اوكلاند", "اوكلاهوما", "كليفلاند", "بورتلاند",
    "فلاندرز", "غلاسكو", "جلاسكو", "اتلانتا", "اتلانتيك", "ميلان", "ميلانو", "تايلاند",
    "نيوزيلاندا", "ايسلاندا", "ايرلاندا", "غرينلاند", "جرينلاند", "فنلاندا", "هولاندا",
    "سريلانكا", "بنغلادش", "بنغلاديش", "بنجلاديش", "بيلاروسيا", "بيلاروس", "يوغوسلافيا", "لاتفيا",
    "لاغوس", "لاجوس", "لاباز", "مالاوي", "ملاوي", "غواتيمالا", "جواتيمالا", "فنزويلا", "كمبالا", "مانيلا",
    "انغولا", "انجولا", "كوالالمبور", "مالاغا", "مالاجا", "بريتيسلافا", "براتيسلافا", "كلايبيدا", "بلاكبيرن",
    "لاسفيغاس", "اسلاماباد", "جلالاباد", "ملاقا", "مقلاد", "بولاق",
    // What organizations are called after.
    "علاقات", "اولاد", "احتلال", "استقلال", "اتلاف", "ايتلاف", "اعلام", "اصلاح", "اصلاحي", "سلاح", "ثلاثين",
    "ملايين", "اتصالات", "احتمالات", "وكالات", "عملات", "فلاحين", "انقلاب", "اطلاق", "اخلاق", "اغلاق",
    "ميلاديه", "بلاغات", "سلاسل", "ثلاثا", "خلال", "هلاليه", "حلال", "جلاد", "شلالات",
];

/// What is left of words with ﷲ, and the words.
pub(crate) const ALLAH_WORDS: &[(&str, &str)] = &[
    ("اهلل", "الله"),
    ("عبداهلل", "عبدالله"),
    ("باهلل", "بالله"),
    ("نصراهلل", "نصرالله"),
    ("عطااهلل", "عطاالله"),
];

/// Names of three letters that are not the initials of anything.
pub(crate) const SPACED_NAMES: &[&str] = &["علي", "عمر", "حسن", "سعد", "فهد", "الله"];
