//! How unpointed Hebrew is spelled in Latin, and the names whose vowels are known.

/// The Academy's rules of 2006, simplified; `^` is the start of the word and `$` its end.
#[rustfmt::skip]
pub(crate) const LETTERS: &[(&str, &str)] = &[
    ("ב", "v"), ("^ב", "b"), ("ג", "g"), ("ד", "d"), ("ה", "h"), ("^ו", "v"), ("וו", "v"), ("ז", "z"),
    ("ח", "h"), ("ט", "t"), ("^י", "y"), ("כ", "k"), ("ך", "kh"), ("ל", "l"), ("מ", "m"), ("ם", "m"),
    ("נ", "n"), ("ן", "n"), ("ס", "s"), ("^פ", "p"), ("פ", "f"), ("פ$", "p"), ("ף", "f"), ("צ", "ts"),
    ("ץ", "ts"), ("ק", "k"), ("ר", "r"), ("ש", "sh"), ("ת", "t"),
];

/// Letters that stand for vowels; tried before the consonants.
#[rustfmt::skip]
pub(crate) const VOWELS: &[(&str, &str)] = &[
    ("^א", "a"), ("א", "a"), ("^ע", "a"), ("ע", ""), ("ו", "o"), ("י", "i"), ("יי", "ai"), ("ה$", "a"),
    ("^אי", "i"), ("^או", "o"), ("^עו", "o"), ("^עי", "i"),
];

/// Frequent names.
#[rustfmt::skip]
pub(crate) const NAMES: &[(&str, &str)] = &[
    ("בנימין", "binyamin"), ("נתניהו", "netanyahu"), ("ישראל", "yisrael"), ("משה", "moshe"),
    ("דוד", "david"), ("יוסף", "yosef"), ("יעקב", "yaakov"), ("אברהם", "avraham"), ("יצחק", "yitzhak"),
    ("שרה", "sara"), ("רחל", "rachel"), ("מרים", "miriam"), ("חיים", "haim"), ("שמעון", "shimon"),
    ("אריאל", "ariel"), ("שרון", "sharon"), ("פרס", "peres"), ("רבין", "rabin"), ("אהוד", "ehud"),
    ("ברק", "barak"), ("כהן", "cohen"), ("לוי", "levi"), ("בן", "ben"), ("בת", "bat"), ("תל", "tel"),
    ("אביב", "aviv"), ("ירושלים", "yerushalayim"), ("חיפה", "haifa"), ("גולדה", "golda"), ("מאיר", "meir"),
];
