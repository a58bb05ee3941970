//! Surnames that Mandarin reads in another way than the same character elsewhere.

/// Two characters before one. Only at the start of a name of more characters than the surname has.
#[rustfmt::skip]
pub(crate) const SURNAMES: &[(&str, &[&str])] = &[
    ("尉迟", &["yu", "chi"]), ("尉遲", &["yu", "chi"]), ("万俟", &["mo", "qi"]), ("萬俟", &["mo", "qi"]),
    ("澹台", &["tan", "tai"]), ("曾", &["zeng"]), ("单", &["shan"]), ("單", &["shan"]),
    ("仇", &["qiu"]), ("区", &["ou"]), ("區", &["ou"]), ("查", &["zha"]), ("解", &["xie"]),
    ("翟", &["zhai"]), ("覃", &["qin"]), ("朴", &["piao"]), ("盖", &["ge"]),
    ("乐", &["yue"]), ("樂", &["yue"]), ("缪", &["miao"]), ("繆", &["miao"]), ("祭", &["zhai"]),
    ("种", &["chong"]), ("员", &["yun"]), ("員", &["yun"]), ("折", &["she"]), ("黑", &["he"]),
    ("秘", &["bi"]), ("卜", &["bu"]),
];
