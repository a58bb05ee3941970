//! Lists of words: titles, particles, legal forms, and the native names that keep their letters.
//!
//! The lists are set by hand, many words a line (`rustfmt::skip`), because they are read as prose.
//! Words stand here as the orthographic stage leaves them (a test checks it): اسامه, not أسامة.

/// All lists, for the version.
pub(crate) const LISTS: [&[&str]; 12] = [
    TITLES,
    PARTICLES,
    LEGAL_FORMS,
    LEGAL_PHRASES,
    NATIVE_NAMES,
    KNOWN_NAMES,
    LEXICAL,
    GIVEN_NAMES,
    DESCENT,
    SERVANT,
    FAMILY_ENDINGS,
    PATRONYMIC_ENDINGS,
];

/// What people are called before their name. Never deleted, only tagged.
#[rustfmt::skip]
pub(crate) const TITLES: &[&str] = &[
    "الرييس", "رييس", "السيد", "السيده", "سيد", "الشيخ", "شيخ", "الشيخه", "الدكتور", "دكتور",
    "الدكتوره", "الاستاذ", "استاذ", "المهندس", "الامير", "الاميره", "الملك", "الملكه", "السلطان",
    "الامام", "الحاج", "الوزير", "وزير", "السفير", "الجنرال", "اللوا", "العميد", "العقيد", "الفريق",
    "المشير", "القس", "البابا", "mr", "mrs", "ms", "miss", "dr", "prof", "professor", "sir", "dame",
    "lord", "lady", "president", "minister", "senator", "general", "gen", "colonel", "col",
    "captain", "capt", "king", "queen", "prince", "princess", "sheikh", "shaikh", "sheik", "emir",
    "amir", "haji", "hajji", "imam", "ayatollah", "mullah", "herr", "frau", "monsieur", "madame",
    "mme", "senor", "senora", "don", "dona", "президент", "министр", "господин", "госпожа",
    "доктор", "генерал", "премьер", "король", "принц", "шейх",
];

/// Small words that hold a name together.
#[rustfmt::skip]
pub(crate) const PARTICLES: &[&str] = &[
    "بن", "ابن", "بنت", "ابو", "ابا", "ابي", "ام", "عبد", "ولد", "ذو", "دي", "فان", "فون", "دو",
    "van", "von", "der", "den", "de", "del", "della", "di", "da", "dos", "du", "la", "le", "al",
    "el", "ul", "ibn", "bin", "bint", "ben", "abu", "abou", "abd", "ould", "ter", "zu", "y", "and",
    "of", "the", "фон", "ван", "де", "ибн", "бин", "аль", "эль", "абу",
];

/// Particles between a given name and the name of the father.
pub(crate) const DESCENT: &[&str] = &["بن", "ابن", "بنت", "ibn", "bin", "bint", "ибн", "бин"];

/// Particles that make one given name with the word after them.
pub(crate) const SERVANT: &[&str] = &["عبد", "abd"];

/// Given names that are hardly ever family names. A first word that is one is a given name, if words follow.
#[rustfmt::skip]
pub(crate) const GIVEN_NAMES: &[&str] = &[
    "محمد", "احمد", "محمود", "مصطفي", "علي", "حسن", "حسين", "عمر", "عثمان", "ابراهيم", "اسماعيل", "يوسف",
    "خالد", "وليد", "اسامه", "طارق", "هشام", "حسام", "عادل", "فيصل", "فهد", "ماجد", "نايف", "بندر", "ياسر",
    "ايمن", "عمرو", "جمال", "كمال", "كريم", "عبدالله", "عبدالرحمن", "عبدالعزيز", "عبدالكريم", "فاطمه",
    "عايشه", "خديجه", "زينب", "مريم", "ساره", "ليلي", "نوره", "امينه", "سميره", "فلاديمير", "سيرغي",
    "سيرجي", "دميتري", "ديمتري", "الكسندر", "ميخاييل", "نيكولاي", "يفغيني", "يوري", "دونالد", "باراك",
    "هيلاري", "انجيلا", "ايمانويل", "اولاف", "ريتشارد", "فرانسوا", "كريستين", "اليزابيث",
    "john", "william", "robert", "michael", "richard", "christopher", "matthew", "andrew", "kenneth",
    "mary", "elizabeth", "jennifer", "patricia", "linda", "barbara", "susan", "jessica", "sarah", "karen",
    "nancy", "margaret", "vladimir", "sergey", "sergei", "dmitry", "dmitri", "alexei", "aleksei", "aleksandr",
    "mikhail", "nikolai", "nikolay", "igor", "oleg", "yuri", "anatoly", "evgeny", "yevgeny", "olga",
    "tatiana", "natalia", "svetlana", "ekaterina", "francois", "jacques", "emmanuel", "giovanni", "giuseppe",
    "francesco", "heinrich", "wolfgang", "jose", "juan", "carlos", "luis", "miguel", "pedro", "mohammed",
    "muhammad", "mohamed", "mohammad", "ahmed", "ahmad", "mahmoud", "mustafa", "khaled", "khalid", "fatima",
    "aisha", "abdullah", "abdulrahman", "abdulaziz", "владимир", "сергей", "дмитрий", "александр", "алексей",
    "михаил", "николай", "иван", "андрей", "игорь", "олег", "юрий", "борис", "анатолий", "виктор", "евгений",
    "екатерина", "мария", "анна", "ольга", "татьяна", "наталья", "светлана", "елена", "ирина", "людмила",
];

/// Endings of family names of Slavs, Georgians and Armenians, on words of five letters or more.
#[rustfmt::skip]
pub(crate) const FAMILY_ENDINGS: &[&str] = &[
    "ov", "ova", "enko", "ski", "sky", "skaya", "shvili", "adze", "idze", "osyan", "anyan", "ов", "ова",
    "ев", "ева", "енко", "ский", "ская", "швили", "дзе", "осян", "анян",
];

/// Endings of the father's name in Russian.
pub(crate) const PATRONYMIC_ENDINGS: &[&str] =
    &["ovich", "evich", "ovna", "evna", "ович", "евич", "овна", "евна"];

/// What a company is in law; dotted ones without their dots.
#[rustfmt::skip]
pub(crate) const LEGAL_FORMS: &[&str] = &[
    "شمم", "شمل", "شمس", "ذمم", "شركه", "المحدوده", "محدوده", "llc", "ltd", "limited", "inc",
    "incorporated", "corp", "corporation", "co", "company", "plc", "lp", "llp", "gmbh", "ag", "kg",
    "ohg", "sa", "sarl", "sas", "spa", "srl", "nv", "bv", "ab", "as", "oy", "oyj", "jsc", "ojsc",
    "cjsc", "pjsc", "pte", "pty", "bhd", "sdn", "fze", "fzco", "fzc", "dmcc", "wll", "kk", "ooo",
    "oao", "ооо", "оао", "зао", "пао", "ао", "тоо", "гмбх",
];

/// The same in words, and languages that write them out.
pub(crate) const LEGAL_PHRASES: &[&str] = &[
    "joint stock company",
    "open joint stock company",
    "closed joint stock company",
    "public joint stock company",
    "limited liability company",
    "limited liability partnership",
    "public limited company",
    "private limited company",
    "limited partnership",
    "aktiengesellschaft",
    "aktiebolag",
    "aksjeselskap",
    "naamloze vennootschap",
    "besloten vennootschap",
    "sociedad anonima",
    "societe anonyme",
    "societa per azioni",
    "spolka akcyjna",
    "sp z o o",
    "s a de c v",
    "s de r l",
    "societatea cu raspundere limitata",
    "общество с ограниченной ответственностью",
    "акционерное общество",
    "публичное акционерное общество",
    "открытое акционерное общество",
    "закрытое акционерное общество",
    "شركه مساهمه",
    "شركه ذات مسووليه محدوده",
];

/// Arabic names spelled without a letter only Arabic uses, which one vowel or a ج tells apart from another
/// word. Wherever one stands in a name, it keeps its letters; so only names of four letters or more, which
/// rarely stand inside a foreign one by chance. Doubled letters are written once.
#[rustfmt::skip]
pub(crate) const NATIVE_NAMES: &[&str] = &[
    "سليمان", "سلمان", "سليم", "سالم", "سلام", "سلامه", "كريم", "كارم", "كمال", "كامل", "جمال",
    "جميل", "جلال", "جليل", "جابر", "جبريل", "جودت", "جواد", "ماجد", "مجيد", "امجد", "نجيب", "ناجي",
    "خالد", "خليل", "خليفه", "وليد", "وسيم", "وسام", "نبيل", "نادر", "رشيد", "راشد", "رشاد",
    "فريد", "فراس", "فارس", "فيروز", "فهيم", "قاسم", "قادر", "قدير", "امين", "امير",
    "منير", "منار", "مازن", "مروان", "مريم", "مالك", "هشام", "هاشم", "بشير", "بشار", "باسم", "بسام",
    "بسيم", "بلال", "تيسير", "ياسر", "ياسين", "يسري", "يونس", "يوسف", "ابراهيم", "اسامه",
    "ادريس", "انيس", "اكرم", "اشرف", "زياد", "زايد", "شريف", "شاكر", "شكري", "غازي", "جازي", "غانم",
    "غالب", "غسان", "فواد", "فايز", "فوزي", "رمزي", "رايد", "دانيه", "سمير", "سامر", "ساميه",
    "تامر", "ايمن", "ايمان", "زاهر", "زهير", "نزار", "نزيه", "نذير", "سهيل", "نوال",
    "منال", "نايف", "ماهر", "سميه", "ناديه", "هانيه", "هنيه", "فاديه", "شاديه",
    "اسيل", "باسل", "جاسم", "نوره", "ايناس", "هادي", "سامي", "شادي", "فادي", "مهدي",
];

/// More Arabic names that everybody knows apart. Two names of this list and of [`NATIVE_NAMES`] that have
/// different forms are two names, however alike: محمد is not محمود.
#[rustfmt::skip]
pub(crate) const KNOWN_NAMES: &[&str] = &[
    "محمد", "محمود", "احمد", "حمد", "حامد", "حمود", "حميد", "حماد", "حمدي", "حمدان", "محسن", "حسن", "حسين",
    "حسان", "حسني", "سعد", "سعيد", "اسعد", "مسعود", "سعود", "سعاد", "علي", "علا", "عالي", "عاليه", "عليا",
    "عمر", "عمرو", "عامر", "عمار", "عمران", "صالح", "صلاح", "صبري", "صابر", "صادق", "صديق", "طاهر", "ظاهر",
    "طارق", "طلال", "طالب", "عادل", "عدنان", "عارف", "عزيز", "عزت", "عصام", "عاصم", "فيصل", "فهد", "فهمي",
    "طه", "يحيي", "عيسي", "موسي", "مصطفي", "رضا", "راضي", "رياض", "رضوان", "حازم", "حاتم", "حمزه", "حيدر",
    "حسام", "حبيب", "حافظ", "حفيظ", "مراد", "نصر", "ناصر", "منصور", "نصير", "نصار", "وحيد", "سلطان", "سلمي",
    "سلوي", "هدي", "عبدالله", "عبدالرحمن", "عبدالرحيم", "عبدالكريم", "عبدالعزيز", "عبدالحميد", "عبدالحكيم",
    "عبدالملك", "عبدالسلام", "عبدالقادر", "فاطمه", "فاطم", "زينب", "عايشه", "خديجه", "فاضل", "فضل", "فاروق",
    "فرج", "فرح", "فارح", "قيس", "ليلي", "معاذ", "معتز", "معين", "مجدي", "نزيه", "نعيم", "نعمان", "هاني",
    "هيثم", "وايل", "جعفر", "شعبان", "رمضان", "رجب", "عثمان", "عفان", "عبدو", "عبيد", "عابد", "عباس", "علوي",
    "علوان", "غالي", "لطفي", "لطيف", "مطر", "مطلق", "طلعت", "صباح", "صبيح", "صفوت", "ضيا", "عوض", "عواد",
];

/// Words that begin with a letter that could be a clitic, and do not hold one.
#[rustfmt::skip]
pub(crate) const LEXICAL: &[&str] = &[
    "فرنسا", "فنلندا", "فيتنام", "فلسطين", "باريس", "برلين", "بغداد", "بيروت", "بوتين", "بكين",
    "بيونغ", "بريطانيا", "كوريا", "كندا", "كييف", "كينيا", "كوبا", "كيم", "لندن",
    "لبنان", "ليبيا", "لاتفيا", "واشنطن", "وارسو", "وليد", "والد", "وسام", "وايل", "فارس",
    "فواد", "فيصل", "بشار", "باسم", "بلال", "كمال", "كريم", "كامل", "فاطمه", "ليلي",
    "ولايه", "وزير", "وكاله", "فريق", "بنك", "كتاب",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Name;

    #[test]
    fn words_stand_as_the_orthographic_stage_leaves_them() {
        for word in LISTS.iter().flat_map(|list| list.iter()) {
            assert_eq!(Name::new(word).orthographic(), *word);
        }
    }

    #[test]
    fn a_word_stands_in_one_list_of_roles() {
        for word in TITLES.iter().chain(PARTICLES) {
            assert!(!LEGAL_FORMS.contains(word), "{word}");
        }
        assert!(TITLES.iter().all(|word| !PARTICLES.contains(word)));
        let others = [TITLES, PARTICLES, LEGAL_FORMS].concat();
        assert!(GIVEN_NAMES.iter().all(|word| !others.contains(word)));
    }

    #[test]
    fn native_names_are_their_own_form() {
        for word in NATIVE_NAMES {
            assert_eq!(Name::new(word).form(), *word);
        }
    }
}
