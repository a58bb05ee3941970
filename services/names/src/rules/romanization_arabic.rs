//! How names in Arabic script are spelled in Latin: the letters, and the names whose unwritten vowels are
//! known.

/// Consonants of all languages that write with it; BGN/PCGN without its dots and bars. A letter that is not
/// here stands for a vowel or for nothing.
#[rustfmt::skip]
pub(crate) const LETTERS: &[(&str, &str)] = &[
    ("ب", "b"), ("ت", "t"), ("ث", "th"), ("ج", "j"), ("ح", "h"), ("خ", "kh"), ("د", "d"), ("ذ", "dh"),
    ("ر", "r"), ("ز", "z"), ("س", "s"), ("ش", "sh"), ("ص", "s"), ("ض", "d"), ("ط", "t"), ("ظ", "z"),
    ("غ", "gh"), ("ف", "f"), ("ق", "q"), ("ك", "k"), ("ک", "k"), ("ل", "l"), ("م", "m"), ("ن", "n"),
    ("ه", "h"), ("ہ", "h"), ("ھ", "h"), ("پ", "p"), ("چ", "ch"), ("ژ", "zh"), ("گ", "g"), ("ڤ", "v"),
    ("ڥ", "v"), ("ۋ", "v"), ("ڨ", "g"), ("ڭ", "g"), ("ݣ", "g"), ("ګ", "g"), ("ڠ", "ng"), ("ٹ", "t"),
    ("ټ", "t"), ("ڈ", "d"), ("ډ", "d"), ("ڑ", "r"), ("ړ", "r"), ("ڕ", "r"), ("ں", "n"), ("ڼ", "n"),
    ("ڵ", "l"), ("ښ", "sh"), ("ږ", "zh"), ("څ", "ts"), ("ځ", "dz"), ("تش", "ch"), ("نغ$", "ng"),
    ("نج$", "ng"), ("نگ$", "ng"),
];

/// What Egypt reads otherwise.
pub(crate) const EGYPT: &[(&str, &str)] = &[("ج", "g"), ("چ", "j"), ("نج$", "ng")];

/// French habits.
pub(crate) const MAGHREB: &[(&str, &str)] = &[("ش", "ch"), ("تش", "tch")];

/// Letters Arabic parts and Persian says alike.
pub(crate) const PERSIAN: &[(&str, &str)] =
    &[("ث", "s"), ("ذ", "z"), ("ض", "z"), ("ق", "gh"), ("نج$", "nj")];

/// Urdu keeps the q, and breathes its consonants.
#[rustfmt::skip]
pub(crate) const URDU: &[(&str, &str)] = &[
    ("ث", "s"), ("ذ", "z"), ("ض", "z"), ("نج$", "nj"), ("بھ", "bh"), ("پھ", "ph"), ("تھ", "th"),
    ("ٹھ", "th"), ("جھ", "jh"), ("چھ", "chh"), ("دھ", "dh"), ("ڈھ", "dh"), ("ڑھ", "rh"), ("کھ", "kh"),
    ("گھ", "gh"),
];

/// The most frequent Arabic names and particles, as the orthographic stage leaves them; sorted by nothing
/// but family. Particles are lower case.
#[rustfmt::skip]
pub(crate) const NAMES: &[(&str, &str)] = &[
    ("بن", "bin"), ("ابن", "ibn"), ("بنت", "bint"), ("ابو", "Abu"), ("ابي", "Abi"), ("ام", "Umm"),
    ("عبد", "Abd"), ("عبدالله", "Abdullah"), ("الله", "Allah"), ("الدين", "al-Din"), ("ذو", "Dhu"),
    ("محمد", "Muhammad"), ("احمد", "Ahmad"), ("محمود", "Mahmud"), ("حمد", "Hamad"), ("حامد", "Hamid"),
    ("حمدان", "Hamdan"), ("حميد", "Hamid"), ("مصطفي", "Mustafa"), ("مرتضي", "Murtada"), ("علي", "Ali"),
    ("حسن", "Hasan"), ("حسين", "Husayn"), ("حسني", "Husni"), ("محسن", "Muhsin"), ("عمر", "Umar"),
    ("عمرو", "Amr"), ("عمار", "Ammar"), ("معمر", "Muammar"), ("عثمان", "Uthman"), ("بكر", "Bakr"),
    ("خالد", "Khalid"), ("خليل", "Khalil"), ("خليفه", "Khalifa"), ("سلمان", "Salman"),
    ("سليمان", "Sulayman"), ("سالم", "Salim"), ("سليم", "Salim"), ("سلام", "Salam"), ("سلطان", "Sultan"),
    ("سعود", "Saud"), ("سعيد", "Said"), ("سعد", "Saad"), ("اسعد", "Asad"), ("مسعود", "Masud"),
    ("فيصل", "Faysal"), ("فهد", "Fahd"), ("فهيم", "Fahim"), ("نايف", "Nayif"), ("تركي", "Turki"),
    ("بندر", "Bandar"), ("بدر", "Badr"), ("ماجد", "Majid"), ("مجيد", "Majid"), ("راشد", "Rashid"),
    ("رشيد", "Rashid"), ("زايد", "Zayid"), ("زيد", "Zayd"), ("زياد", "Ziyad"), ("مكتوم", "Maktum"),
    ("تميم", "Tamim"), ("جابر", "Jabir"), ("صباح", "Sabah"), ("قابوس", "Qabus"), ("هيثم", "Haytham"),
    ("طارق", "Tariq"), ("هشام", "Hisham"), ("هاشم", "Hashim"), ("وليد", "Walid"), ("يزيد", "Yazid"),
    ("مروان", "Marwan"), ("معاويه", "Muawiya"), ("معاذ", "Muadh"), ("انس", "Anas"), ("اسامه", "Usama"),
    ("ابراهيم", "Ibrahim"), ("اسماعيل", "Ismail"), ("اسحاق", "Ishaq"), ("يعقوب", "Yaqub"),
    ("يوسف", "Yusuf"), ("موسي", "Musa"), ("عيسي", "Isa"), ("يحيي", "Yahya"), ("زكريا", "Zakariya"),
    ("داود", "Dawud"), ("ادم", "Adam"), ("نوح", "Nuh"), ("ايوب", "Ayyub"), ("يونس", "Yunus"),
    ("ادريس", "Idris"), ("الياس", "Ilyas"), ("جبريل", "Jibril"), ("ناصر", "Nasir"), ("نصر", "Nasr"),
    ("منصور", "Mansur"), ("انور", "Anwar"), ("منير", "Munir"), ("نور", "Nur"), ("نوري", "Nuri"),
    ("بشير", "Bashir"), ("بشار", "Bashshar"), ("اسد", "Asad"), ("حافظ", "Hafiz"), ("كريم", "Karim"),
    ("رحيم", "Rahim"), ("رحمن", "Rahman"), ("عزيز", "Aziz"), ("جبار", "Jabbar"), ("قادر", "Qadir"),
    ("قدوس", "Quddus"), ("ملك", "Malik"), ("مالك", "Malik"), ("لطيف", "Latif"), ("مجدي", "Majdi"),
    ("جمال", "Jamal"), ("كمال", "Kamal"), ("جلال", "Jalal"), ("بلال", "Bilal"), ("نبيل", "Nabil"),
    ("عادل", "Adil"), ("فاروق", "Faruq"), ("فؤاد", "Fuad"), ("فواد", "Fuad"), ("سمير", "Samir"),
    ("ماهر", "Mahir"), ("طه", "Taha"), ("ياسر", "Yasir"), ("عرفات", "Arafat"), ("عباس", "Abbas"),
    ("جعفر", "Jafar"), ("صادق", "Sadiq"), ("باقر", "Baqir"), ("مقتدي", "Muqtada"), ("صدر", "Sadr"),
    ("مهدي", "Mahdi"), ("هادي", "Hadi"), ("صدام", "Saddam"), ("قصي", "Qusayy"), ("عدي", "Uday"),
    ("مبارك", "Mubarak"), ("مرسي", "Mursi"), ("سيسي", "Sisi"), ("قذافي", "Qadhafi"), ("سيف", "Sayf"),
    ("اسلام", "Islam"), ("شمس", "Shams"), ("صلاح", "Salah"), ("حمزه", "Hamza"), ("طلحه", "Talha"),
    ("فاطمه", "Fatima"), ("عايشه", "Aisha"), ("خديجه", "Khadija"), ("زينب", "Zaynab"), ("مريم", "Maryam"),
    ("امنه", "Amina"), ("سميه", "Sumayya"), ("هدي", "Huda"), ("ليلي", "Layla"), ("سلمي", "Salma"),
    ("رقيه", "Ruqayya"), ("حفصه", "Hafsa"), ("اسما", "Asma"), ("سعاد", "Suad"), ("ايمن", "Ayman"),
    ("ايمان", "Iman"), ("امين", "Amin"), ("نصرالله", "Nasrallah"), ("هنيه", "Haniyya"),
    ("بغداد", "Baghdad"), ("بغدادي", "Baghdadi"), ("دمشق", "Dimashq"), ("مصر", "Misr"), ("مصري", "Misri"),
    ("مكه", "Makka"), ("قدس", "Quds"), ("بصره", "Basra"), ("تونس", "Tunis"), ("مغرب", "Maghrib"),
    ("بيروت", "Bayrut"), ("لبنان", "Lubnan"), ("حلب", "Halab"), ("حمص", "Hims"), ("عدن", "Adan"),
    ("قاهره", "Qahira"), ("كرملين", "Kremlin"), ("واشنطن", "Washington"), ("حياه", "Hayat"),
    ("مومن", "Mumin"), ("فتاح", "Fattah"), ("شريف", "Sharif"), ("فريد", "Farid"), ("مشرف", "Musharraf"),
    ("غسان", "Ghassan"), ("عمران", "Imran"), ("كرم", "Karam"), ("اكرم", "Akram"), ("اشرف", "Ashraf"),
    ("حكيم", "Hakim"), ("رضا", "Rida"), ("صبري", "Sabri"), ("شكري", "Shukri"), ("عبير", "Abir"),
    ("عبيد", "Ubayd"), ("عبيده", "Ubayda"), ("رجب", "Rajab"), ("رمضان", "Ramadan"), ("شعبان", "Shaban"),
    ("قطر", "Qatar"), ("كويت", "Kuwayt"), ("رياض", "Riyad"), ("جده", "Jidda"), ("ظبي", "Dhabi"),
];

/// What Persian says otherwise; tried first.
#[rustfmt::skip]
pub(crate) const PERSIAN_NAMES: &[(&str, &str)] = &[
    ("محمد", "Mohammad"), ("حسين", "Hossein"), ("مصطفي", "Mostafa"), ("مرتضي", "Morteza"),
    ("رضا", "Reza"), ("علي", "Ali"), ("خامنه", "Khamene"), ("فاطمه", "Fatemeh"), ("موسوي", "Mousavi"),
    ("خميني", "Khomeini"), ("روحاني", "Rouhani"), ("حسن", "Hassan"), ("احمد", "Ahmad"),
    ("عمر", "Omar"), ("تهران", "Tehran"), ("قم", "Qom"), ("قاسم", "Qasem"), ("سليماني", "Soleimani"),
    ("احمدينژاد", "Ahmadinezhad"), ("خامنهاي", "Khamenei"), ("رييسي", "Raisi"), ("كاظم", "Kazem"),
];
