//! Real names: which share a form, which must not, and what the orthographic stage makes of a text.
//!
//! One case a line. Adding a case is adding a line.

use names::{Name, Profile, romanize};

fn form(text: &str) -> String {
    Name::new(text).form().to_owned()
}

/// Spellings of one name, as the press, other countries and other keyboards write it.
const ONE_FORM: &[&[&str]] = &[
    &[
        "بيونغ يانغ",
        "بيونج يانج",
        "بيونغيانغ",
        "بيونجيانج",
        "بيونك يانك",
        "پیونگ\u{200C}یانگ",
        "بيونگ يانگ",
        "بيونغ-يانغ",
    ],
    &["سيرغي", "سيرجي", "سيرگي"],
    &["سيرغي لافروف", "سيرجي لافروف", "سيرغي لاڤروف"],
    &["البنتاغون", "البنتاجون", "البنتاگون"],
    &["كيم جونغ أون", "كيم جونج أون", "كيم جونغ اون", "کیم جونگ اون", "كيم جونغ-أون"],
    &["غورباتشوف", "جورباتشوف", "گورباتشوف", "غورباچوف"],
    &["أنجيلا ميركل", "أنغيلا ميركيل", "انجيلا ميركل"],
    &["غوتيريش", "جوتيريش"],
    &["يفغيني بريغوجين", "يفجيني بريجوجين"],
    &["هيلاري كلينتون", "هيلاري كلنتون"],
    &["فلاديمير بوتين", "فلاديمير بوتن", "فلاديمير پوتين"],
    &["زيلينسكي", "زيلنسكي"],
    &["واشنطن", "واشنطن"],
    &["لندن", "لندن"],
    &["عبد الرحمن", "عبدالرحمن", "عبد الرَّحمٰن"],
    &["عبد الله", "عبدالله", "عبد اللّٰه"],
    &["محمد بن سلمان", "محمد ابن سلمان"],
    &["أبو ظبي", "ابوظبي", "أبوظبي"],
    &["نيويورك", "نيو يورك"],
    &["هونغ كونغ", "هونج كونج", "هونغكونغ", "هونك كونك"],
    &["شنغهاي", "شنجهاي", "شانغهاي"],
    &["شي جين بينغ", "شي جينبينغ", "شي جين بينج"],
    &["غوانتانامو", "جوانتانامو"],
    &["هوغو تشافيز", "هوجو تشافيز", "هوغو چافيز"],
    &["أردوغان", "اردوجان", "أردوگان"],
    &["بلغاريا", "بلجاريا"],
    &["ميخائيل", "ميخاييل"],
    &["إبراهيم", "ابراهيم", "اِبراهيم"],
    &["أحمد", "احمد", "أَحْمَد"],
    &["فاطمة", "فاطمه", "فَاطِمَة"],
    &["مصطفى", "مصطفي", "مصطفی"],
    &["هدى", "هدي"],
    &["رئيس", "رييس"],
    &["فؤاد", "فواد"],
    &["محمد", "مُحَمَّد", "محـــمد", "ﻣﺤﻤﺪ"],
    &["الله", "ﷲ"],
    &["کریم", "كريم"],
    &["ڤينا", "فينا", "ڥينا"],
    &["أبرامز", "ابرامس"],
    &["وليامز", "ويليامز", "وليامس"],
    &["شرودر", "شرويدر"],
    &["ميلر", "ميللر"],
    &["بيريز", "بيريس"],
    &["أوباما", "واوباما"],
    &["شتاينر", "ستاينر"],
    &["البرزاني", "برزاني"],
    &["فاغنر", "واغنر", "فاجنر"],
    &["أبيغ", "ابيغ"],
    &["أكرمان", "اكرمان", "آكرمان"],
    &["Lavrov", "LAVROV", "lavrov"],
    &["Sana'a", "Sanaa", "Sana’a"],
    &["Al-Assad", "Al Assad", "AlAssad"],
    &["Dvořák", "Dvorak", "Dvor\u{30C}a\u{301}k"],
    &["Łukasz", "Lukasz"],
    &["Горбачёв", "Горбачев", "ГОРБАЧЕВ"],
    &[
        "김정은",
        "김 정은",
        "\u{1100}\u{1175}\u{11B7}\u{110C}\u{1165}\u{11BC}\u{110B}\u{1173}\u{11AB}",
    ],
    &["ラブロフ", "ﾗﾌﾞﾛﾌ"],
    &["Αθήνα", "ΑΘΗΝΑ", "Αθηνα"],
];

/// Names that a coarser form would take for one.
const DIFFERENT_FORMS: &[&[&str]] = &[
    &["محمد", "محمود", "حمد", "أحمد", "حامد"],
    &["عبد", "أبو"],
    &["سلمان", "سلطان", "سليمان", "سليم", "سالم"],
    &["حسن", "حسين", "حسان"],
    &["كريم", "كارم", "كرم"],
    &["علي", "عالي", "علاء"],
    &["كمال", "جمال", "كامل", "جميل"],
    &["غازي", "جازي"],
    &["جون", "غون", "جين", "جان"],
    &["بيل", "بيلي"],
    &["بيل كلينتون", "بيلي كلينتون"],
    &["ماري", "مارية"],
    &["فاس", "فأس"],
    &["تشاد", "شاد"],
    &["الكويت", "كويت"],
    &["طرابلس", "ترابلس"],
    &["سعيد", "سعد", "أسعد", "مسعود"],
    &["كريم سليم", "كارم سليم", "كريم سالم"],
    &["جمال عبد الناصر", "كمال عبد الناصر"],
    &["محمد بن سلمان", "محمد بن سليمان", "محمود بن سلمان"],
    &["رشيد", "راشد", "رشاد"],
    &["نبيل", "نبال"],
    &["وليد", "والد"],
    &["زيد", "زياد", "زايد"],
    &["جون سميث", "جان سميث"],
    &["ماري كوري", "ماريا كوري"],
    &["موريرو", "مورو"],
    &["لافروف", "لافرو"],
    &["ميركل", "ماكرون"],
    &["بوش", "بوتش"],
    &["بوتين", "بوتان"],
    &["هادي", "هدى"],
    &["كولير", "كوليرر"],
    &["توم كروز", "تيم كروز"],
    &["عنك", "عنغ"],
    &["سامية", "سمية"],
    &["أيمن نور", "أمين نور", "إيمان نور"],
    &["بشار الأسد", "بشير الأسد"],
    &["زاهر", "زهير"],
    &["ليبيا", "لبنان"],
    &["Lavrov", "Lavrova"],
    &["Ivan", "Ian"],
    &["Йод", "Иод"],
    &["김정은", "김정일"],
];

/// An input and its orthographic text.
const ORTHOGRAPHIC: &[(&str, &str)] = &[
    ("پیونگ\u{200C}یانگ", "پيونگيانگ"),
    ("كيم جونغ-أون", "كيم جونغ اون"),
    ("ٱلرَّحْمَٰنِ", "الرحمن"),
    ("آل سعود", "ال سعود"),
    ("إيران", "ايران"),
    ("مؤمن", "مومن"),
    ("رائد", "رايد"),
    ("علاء", "علا"),
    ("موسى", "موسي"),
    ("مدينة نصر", "مدينه نصر"),
    ("\u{200F}محمد\u{200E}", "محمد"),
    ("\u{202B}محمد\u{202C}", "محمد"),
    ("  محمد \t علي\u{A0}", "محمد علي"),
    ("ش.م.م", "ش م م"),
    ("بوينغ ٧٤٧", "بوينغ 747"),
    ("ایران ۱۴۰۳", "ايران 1403"),
    ("تہران", "تهران"),
    ("ھاشم", "هاشم"),
    ("«الأهرام»", "الاهرام"),
    ("طوكيو، اليابان", "طوكيو اليابان"),
    ("محمد👍علي", "محمد علي"),
    ("ﻻﻓﺮﻭﻑ", "لافروف"),
    ("Œuvre", "oeuvre"),
    ("Straße", "strasse"),
    ("STRASSE", "strasse"),
    ("Ørsted", "orsted"),
    ("İstanbul", "istanbul"),
    ("Iğdır", "igdir"),
    ("Nguyễn", "nguyen"),
    ("O’Brien", "obrien"),
    ("Jean-Luc", "jean luc"),
    ("J. R. R. Tolkien", "j r r tolkien"),
    ("Ｆｕｌｌ　ｗｉｄｔｈ", "full width"),
    ("ﬁnland", "finland"),
    ("Ёлкин", "елкин"),
    ("Чайковский", "чайковский"),
    ("Київ", "київ"),
    ("平壌", "平壌"),
    ("ﾌﾟｰﾁﾝ", "プーチン"),
    ("दिल्ली", "दिल्ली"),
    ("תֵּל אָבִיב", "תל אביב"),
    ("صنعاء (اليمن)", "صنعا اليمن"),
    ("", ""),
    ("   ", ""),
    ("\u{301}\u{64E}\u{200D}", ""),
    ("👍🏽‼", ""),
    ("...", ""),
    ("ء", ""),
    ("ـــ", ""),
];

#[test]
fn usual_spellings_of_one_name_share_a_form() {
    for spellings in ONE_FORM {
        for spelling in *spellings {
            assert_eq!(form(spelling), form(spellings[0]), "{spelling} and {}", spellings[0]);
        }
    }
}

#[test]
fn different_names_have_different_forms() {
    for names in DIFFERENT_FORMS {
        for (at, a) in names.iter().enumerate() {
            for b in &names[at + 1..] {
                assert_ne!(form(a), form(b), "{a} and {b}");
            }
        }
    }
}

#[test]
fn orthographic_text_keeps_the_letters_and_folds_how_they_are_typed() {
    for (input, expected) in ORTHOGRAPHIC {
        assert_eq!(Name::new(input).orthographic(), *expected, "{input:?}");
    }
}

/// A word and its form without the article.
const STEMS: &[(&str, &str)] = &[
    ("الكرملين", "كرملن"),
    ("الكويت", "كويت"),
    ("ألبرت", "البرت"),
    ("إلياس", "الس"),
    ("الي", "الي"),
    ("السد", "السد"),
    ("القدس", "غدس"),
    ("السعودية", "سعوديه"),
];

#[test]
fn an_article_is_a_bare_alef_and_lam_before_three_letters() {
    for (word, stem) in STEMS {
        assert_eq!(Name::new(word).tokens()[0].stem(), *stem, "{word}");
    }
}

/// Names in several scripts and the skeleton they share.
const SKELETONS: &[(&str, &[&str])] = &[
    ("LFRF", &["لافروف", "Lavrov", "Lavroff", "Лавров", "Λαβρόφ", "Լավրով", "ლავროვი", "लावरोव"]),
    ("SRGLFRF", &["سيرغي لافروف", "سيرجي لافروف", "Sergey Lavrov", "Сергей Лавров"]),
    (
        "FLDMRBTN",
        &["فلاديمير بوتين", "Vladimir Putin", "Владимир Путин", "Βλαντίμιρ Πούτιν", "ולדימיר פוטין"],
    ),
    ("BNN", &["بيونغ يانغ", "بيونغيانغ", "Pyongyang", "Pyong-yang", "평양"]),
    ("MSK", &["موسكو", "Moscow"]),
    ("SGFSG", &["تشايكوفسكي", "Tchaikovsky", "Чайковский", "Τσαϊκόφσκι", "ჩაიკოვსკი"]),
    ("MHMD", &["محمد", "Muhammad", "Mohammed", "محمود"]),
    ("AMRBGD", &["عمر البغدادي", "Omar al-Baghdadi", "Omar El Baghdadi", "Омар аль-Багдади"]),
    ("BSRSD", &["بشار الأسد", "Bashar al-Assad", "Bashar Assad"]),
    ("ALSD", &["الأسد", "al-Assad", "ไทย al-Assad"]),
    ("RHMN", &["الرحمن", "Ar-Rahman", "al Rahman"]),
    (
        "ABDRMN",
        &[
            "عبد الرحمن",
            "عبدالرحمن",
            "Abdul Rahman",
            "Abdulrahman",
            "Abdurrahman",
            "Abd al-Rahman",
            "Abd ar-Rahman",
            "Абдул Рахман",
            "Абдуррахман",
        ],
    ),
    ("ABDL", &["عبد الله", "عبدالله", "Abdullah", "Abdallah", "Abd Allah", "Абдулла"]),
    ("ABDS", &["عبد العزيز", "عبدالعزيز", "Abdulaziz", "Abdel Aziz", "Abd al-Aziz"]),
    (
        "NRDN",
        &[
            "نور الدين",
            "نورالدين",
            "Noureddine",
            "Nur al-Din",
            "Nuruddin",
            "Nour ed-Din",
            "Нуреддин",
        ],
    ),
    ("ABGR", &["أبو الخير", "أبوالخير", "Abul Khair", "Abu al-Khayr"]),
    ("ABSB", &["أبو ظبي", "ابوظبي", "Abu Dhabi"]),
    ("GSNDR", &["ألكسندر", "الكسندر", "Alexander", "Александр"]),
    ("GRGSMSTGS", &["كيرياكوس ميتسوتاكيس", "Kyriakos Mitsotakis", "Κυριάκος Μητσοτάκης"]),
    ("BNMNTN", &["بنيامين نتنياهو", "Benjamin Netanyahu", "בנימין נתניהו"]),
    ("NGLBSN", &["نيكول باشينيان", "Nikol Pashinyan", "Նիկոլ Փաշինյան"]),
    ("ARFN", &["يريفان", "Yerevan", "Ереван", "Երևան", "ერევანი"]),
    ("SFRDNDS", &["شيفاردنادزه", "Shevardnadze", "Шеварднадзе", "შევარდნაძე"]),
    ("MNMNSN", &["مانموهان سينغ", "Manmohan Singh", "मनमोहन सिंह"]),
    ("MTBNRG", &["ماماتا بانيرجي", "Mamata Banerjee", "ममता बनर्जी"]),
    ("BSN", &["باتشان", "Bachchan", "बच्चन"]),
    ("GRSN", &["كريشنا", "Krishna", "कृष्ण"]),
    ("SGNBN", &["شي جين بينغ", "Xi Jinping", "Си Цзиньпин", "习近平", "習近平"]),
    ("DNSBN", &["دنغ شياو بينغ", "Deng Xiaoping", "邓小平"]),
    ("MSDBRSN", &["مسعود بارزاني", "مەسعوود بارزانی"]),
];

#[test]
fn names_share_a_skeleton_across_scripts() {
    for (skeleton, names) in SKELETONS {
        for name in *names {
            assert_eq!(Name::new(name).skeleton(), *skeleton, "{name}");
        }
    }
}

/// A text and its spelling for people.
const ROMANIZED: &[(&str, &str)] = &[
    ("سيرغي لافروف", "Sirghi Lafruf"),
    ("محمد بن سلمان", "Muhammad bin Salman"),
    ("محمّد", "Muhammad"),
    ("مُحَمَّد", "Muhammad"),
    ("أَحْمَد", "Ahmad"),
    ("حُسَيْن", "Husayn"),
    ("عُمَر البغدادي", "Umar al-Baghdadi"),
    ("عبد الرحمن", "Abd al-Rahman"),
    ("عبد الله", "Abd Allah"),
    ("نور الدين", "Nur al-Din"),
    ("القاهرة", "al-Qahira"),
    ("حسن نصر الله", "Hasan Nasr Allah"),
    ("سعد الحريري", "Saad al-Hariri"),
    ("بشار الأسد", "Bashshar al-Asad"),
    ("معمر القذافي", "Muammar al-Qadhafi"),
    ("فاطمة الزهراء", "Fatima al-Zahra"),
    ("مصطفى", "Mustafa"),
    ("فؤاد", "Fuad"),
    ("دونالد ترامب", "Dunald Tramb"),
    ("إيمانويل ماكرون", "Imanwil Makrun"),
    ("كيم جونغ أون", "Kim Jung Un"),
    ("ميخائيل غورباتشوف", "Mikhail Ghurbachuf"),
    ("تشايكوفسكي", "Chaikufski"),
    ("ﻻﻓﺮﻭﻑ", "Lafruf"),
    ("محمد-علي", "Muhammad-Ali"),
    ("Сергей Лавров", "Sergey Lavrov"),
    ("Пётр Ильич Чайковский", "Pyotr Ilich Chaikovsky"),
    ("Горбачёв", "Gorbachov"),
    ("Борис Ельцин", "Boris Yeltsin"),
    ("Хрущёв", "Khrushchov"),
    ("Зеленський", "Zelensky"),
    ("Ђоковић", "Djokovic"),
    ("Анна-Мария", "Anna-Mariya"),
    ("Κυριάκος Μητσοτάκης", "Kyriakos Mitsotakis"),
    ("Αθήνα", "Athina"),
    ("Ευαγγελία", "Evangelia"),
    ("Μπάμπης", "Bampis"),
    ("בנימין נתניהו", "Binyamin Netanyahu"),
    ("לברוב", "Lavrov"),
    ("תל אביב", "Tel Aviv"),
    ("Նիկոլ Փաշինյան", "Nikol Pashinyan"),
    ("Երևան", "Yerevan"),
    ("Սերժ Սարգսյան", "Serzh Sargsyan"),
    ("სააკაშვილი", "Saakashvili"),
    ("თბილისი", "Tbilisi"),
    ("김정은", "Kim Jeongeun"),
    ("김 정은", "Kim Jeongeun"),
    ("문재인", "Moon Jaein"),
    ("서울", "Seoul"),
    ("평양", "Pyeongyang"),
    ("한라", "Halla"),
    ("ラブロフ", "Raburofu"),
    ("とうきょう", "Tokyo"),
    ("きょうと", "Kyoto"),
    ("にっぽん", "Nippon"),
    ("しんばし", "Shimbashi"),
    ("ジョー・バイデン", "Jo Baiden"),
    ("习近平", "Xi Jinping"),
    ("習近平", "Xi Jinping"),
    ("毛泽东", "Mao Zedong"),
    ("曾国藩", "Zeng Guofan"),
    ("诸葛亮", "Zhuge Liang"),
    ("北京", "Beijing"),
    ("平壌", "Pingrang"),
    ("नरेंद्र मोदी", "Narendra Modi"),
    ("अमिताभ बच्चन", "Amitabh Bachchan"),
    ("मनमोहन सिंह", "Manmohan Singh"),
    ("कृष्ण", "Krishna"),
    ("महात्मा गांधी", "Mahatma Gandhi"),
    (" Société  Générale ", "Société Générale"),
    ("X لافروف", "X Lafruf"),
    ("قطر 2022", "Qatar 2022"),
    ("ไทย", "ไทย"),
    ("", ""),
];

/// The same, as a country spells it.
const ROMANIZED_BY_PROFILE: &[(Profile, &str, &str)] = &[
    (Profile::Egypt, "جمال عبد الناصر", "Gamal Abd el-Nasir"),
    (Profile::Egypt, "جورج", "Gurg"),
    (Profile::Maghreb, "شكيب بن موسى", "Chakib ben Musa"),
    (Profile::Maghreb, "بوشوشة", "Bouchoucha"),
    (Profile::Persian, "پرویز", "Parviz"),
    (Profile::Persian, "جواد ظریف", "Javad Zarif"),
    (Profile::Persian, "محمود احمدی\u{200C}نژاد", "Mahmud Ahmadinezhad"),
    (Profile::Persian, "خاله", "Khale"),
    (Profile::Urdu, "نواز شریف", "Nawaz Sharif"),
    (Profile::Urdu, "پرویز مشرف", "Parwiz Musharraf"),
    (Profile::Urdu, "بھٹو", "Bhatu"),
    (Profile::Gulf, "قطر", "Qatar"),
];

#[test]
fn names_are_spelled_in_latin_for_people() {
    for (text, expected) in ROMANIZED {
        assert_eq!(romanize(text, None), *expected, "{text}");
    }
    for (profile, text, expected) in ROMANIZED_BY_PROFILE {
        assert_eq!(romanize(text, Some(*profile)), *expected, "{text} {profile:?}");
    }
}
