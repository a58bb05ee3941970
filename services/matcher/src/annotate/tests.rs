//! Texts and what is found in them, with the starter catalogue: `[what stands there|whom it means]`, `?` where
//! it is ambiguous.

use std::{cell::Cell, collections::BTreeSet, fs, path::Path};

use proptest::prelude::*;
use proto::vocabulary::EntityType;

use super::{
    Annotator, Ground, Options, OutOfTime, Overlap,
    lexicon::Lexicon,
    text::{SENTENCE_WORDS_MAX, Text},
};
use crate::{
    index::{Builder, Index, Origin},
    local::{Entity, Local, Mention},
    query::Filter,
};

/// The starter catalogue, and what the tests need besides.
fn catalogue() -> &'static Local {
    static CATALOGUE: std::sync::LazyLock<Local> = std::sync::LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../hawiya/starter");
        let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        let mut entities: Vec<Entity> =
            files.flat_map(|file| starter(&fs::read_to_string(file).unwrap())).collect();
        let city = |id: &str, name: &str, country: &str| Entity {
            id: id.to_owned(),
            entity_type: EntityType::City,
            names: vec![name.to_owned()],
            country: country.to_owned(),
            prominence: 0.3,
        };
        entities.push(city("reading", "Reading", "GB"));
        entities.push(city("amal", "أمل", "EG"));
        Local::new(entities)
    });
    &CATALOGUE
}

fn starter(lines: &str) -> Vec<Entity> {
    let entity = |line: &str| {
        let entity: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let name = |name: &serde_json::Value| text(&name["text"]);
        let named = format!("ENTITY_TYPE_{}", text(&entity["type"]).to_uppercase());
        Entity {
            id: text(&entity["id"]),
            entity_type: EntityType::from_str_name(&named).unwrap_or_default(),
            names: entity["names"].as_array().unwrap().iter().map(name).collect(),
            country: text(&entity["country"]),
            prominence: entity["prominence"].as_f64().unwrap_or_default(),
        }
    };
    lines.lines().map(entity).collect()
}

fn annotate(text: &str) -> Vec<Mention> {
    catalogue().annotate(&[text], Overlap::Longest).remove(0)
}

/// The text with its mentions marked.
fn marked(text: &str) -> String {
    let (mut marked, mut at) = (String::new(), 0);
    for mention in annotate(text) {
        let bytes = mention.span.bytes.start as usize..mention.span.bytes.end as usize;
        let whom = if mention.ground.is_some() { mention.entities[0].id.as_str() } else { "?" };
        marked.push_str(&text[at..bytes.start]);
        marked.push_str(&format!("[{}|{whom}]", &text[bytes.clone()]));
        at = bytes.end;
    }
    marked + &text[at..]
}

/// Annotates the text without its marks.
fn check(expected: &str) {
    let mut text = String::new();
    for (at, piece) in expected.split('[').enumerate() {
        match piece.split_once(']') {
            Some((mention, rest)) if at > 0 => {
                text.push_str(mention.split('|').next().unwrap());
                text.push_str(rest);
            }
            _ => text.push_str(piece),
        }
    }
    assert_eq!(marked(&text), expected);
}

#[test]
fn the_longest_name_is_found_in_any_spelling() {
    check("زار [سيرجي لافروف|Q58217] [بيونج يانج|Q18808] ثم [بيونغيانغ|Q18808].");
    check("التقى [كيم جونج أون|Q56226] وفد [كوريا الشمالية|Q423] في [البيت الأبيض|Q35525].");
    check("أمام [مجلس الأمن الدولي|Q37470] أمس.");
    check("وصل إلى [القاهرة|Q85] ومن [لندن|Q84] على متن طائرة.");
}

#[test]
fn proclitics_are_peeled_where_the_catalogue_confirms_it() {
    check("طلب ل[لافروف|Q58217] موعدا، ول[موسكو|Q649] كذلك");
    check("بيان لل[أمم المتحدة|Q1065] ورسالة لل[قاهرة|Q85]");
    check("و[كوريا الشمالية|Q423] ب[القاهرة|Q85] و[القاهرة|Q85]");
    check("سافر إلى [واشنطن|Q61] و[فرنسا|Q142] و[لندن|Q84] و[باريس|Q90] و[واشنطن|Q61]");
}

#[test]
fn a_short_mention_is_bound_to_the_fuller_one_before() {
    let text = "وصل سيرغي لافروف. وقال لافروف إنه راض.";
    let found = annotate(text);
    assert_eq!(found[1].ground, Some(Ground::FullerMention));
    assert_eq!((found[1].bound_to, found[1].entities[0].id.as_str()), (Some(0), "Q58217"));
    check("وصل [كيم جونغ أون|Q56226]. وقال [كيم|Q56226] إنه راض.");
    let id = id_of("محمد بن سلمان");
    check(&format!("وصل [محمد بن سلمان|{id}]. وقال [بن سلمان|{id}] إنه راض، ورحب محمد بالضيف."));
}

#[test]
fn a_headline_is_bound_to_what_comes_after_it() {
    check("[كيم|Q56226] يزور موقعا\n\nزار الزعيم [كيم جونغ أون|Q56226] الموقع.");
}

#[test]
fn a_family_name_of_one_person_means_this_one_and_of_others_nobody() {
    check("قال [لافروف|Q58217] إنه راض.");
    check("قال [كيم|?] إنه راض.");
    check("رأيت كيم هناك.");
    check("وقال أندريه لافروف، وهو شاعر، إنه راض.");
    check("ذهب محمد وعلي وجون إلى السوق.");
}

#[test]
fn a_sentence_decides_between_namesakes() {
    check("زارت مدينة [عمان|Q3805] ثم [سلطنة عمان|Q842].");
    check("في العاصمة الأردنية [عمان|Q3805].");
    check("من [مسقط|Q3826] إلى حدود [عمان|Q842].");
    check("تقع [عمان|?] هنا.");
}

#[test]
fn ordinary_words_are_names_only_with_support() {
    check("عنده أمل كبير، وفي مدينة [أمل|amal] سوق.");
    check("Reading is fun in May. She lives in the city of [Reading|reading].");
    check("كتب الوفد الروسي للجانب الأمريكي عن الملف السعودي والكويتي.");
    check("Let us see who will help.");
}

#[test]
fn a_name_that_is_an_adjective_too_is_one_behind_a_noun() {
    check("شكر [السعودية|Q851] و[الأردن|Q810]، وقالت الحكومة السعودية إنها راضية.");
}

#[test]
fn other_spellings_of_well_known_names_are_close() {
    check("قالت [أميركا|Q30] و[أوكرانيا|Q212] إنهما راضيتان عن [الناتو|Q7184].");
    check("وصل [انطونيو غوتيريس|Q1253] أمس.".replace("Q1253", &id_of("أنطونيو غوتيريش")).as_str());
}

#[test]
fn stray_punctuation_and_line_ends_do_not_break_a_name() {
    check("قال [كيم. جونغ أون|Q56226] ذلك.");
    check("قال [كيم\nجونغ أون|Q56226] ذلك.");
    check("زار كيم\n\nجونغ أون هنا.");
    check("وصل محمد، وعلي.");
}

#[test]
fn other_scripts_are_read_too() {
    check(
        "[Sergey Lavrov|Q58217] met [Kim Jong Un|Q56226] in [Pyongyang|Q18808]. [Lavrov|Q58217]'s visit helped the [US|Q30].",
    );
    check(
        "[Сергей Лавров|Q58217] в [Москве|Q649] говорил с [Владимиром Путиным|Q7747]. [Путину|Q7747] звонили.",
    );
    check("[سرگئی لاوروف|Q58217] با [ولادیمیر پوتین|Q7747] در [مسکو|Q649] دیدار کرد.");
    check("[김정은|Q56226]은 [평양|Q18808]에서 연설했다.");
    check(
        "[王毅|Q389519]在[北京|Q956]会见[联合国|Q1065]代表。"
            .replace("Q389519", &id_of("王毅"))
            .as_str(),
    );
}

/// Whom a name means by itself.
fn id_of(name: &str) -> String {
    annotate(name)[0].entities[0].id.clone()
}

/// Prose in which nobody is named.
const PROSE: &str = "كان الصباح باردا حين خرج العجوز من بيته الصغير عند طرف القرية. حمل سلته القديمة \
    ومشى ببطء نحو السوق، وكانت رائحة الخبز الساخن تملأ الأزقة الضيقة. رأى جارته تسقي الورد أمام الباب فحياها \
    بابتسامة، ثم تذكر أن عليه أن يشتري بعض الدواء لزوجته المريضة. جلس قليلا على حجر كبير يراقب الأطفال، وعاد \
    بذاكرته إلى سنوات بعيدة كان فيها يلعب هنا مع إخوته. تحتاج هذه الوصفة إلى كوبين من الطحين وملعقة صغيرة من \
    الملح، وتقدم مع الجبن والزيتون. يعد تعلم البرمجة مهارة أساسية، وتعتمد لغاتها على قواعد صارمة.";

#[test]
fn nobody_is_named_in_ordinary_prose() {
    assert_eq!(marked(PROSE), PROSE);
}

#[test]
fn ordinary_prose_names_hardly_anybody_of_thirty_thousand() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/eval/catalogue.tsv");
    let Ok(rows) = fs::read_to_string(path) else {
        println!("SKIPPED: no catalogue.tsv beside the project");
        return;
    };
    let entity = |(at, row): (usize, &str)| Entity {
        id: at.to_string(),
        names: row.split('\t').skip(1).take(1).map(str::to_owned).collect(),
        ..Entity::default()
    };
    let local = Local::new(rows.lines().skip(1).enumerate().map(entity));
    let found = local.annotate(&[PROSE], Overlap::Longest).remove(0);
    let words = names::running_words(PROSE).len();
    assert!(found.len() * 50 <= words, "{} of {words}: {found:?}", found.len());
}

#[test]
fn overlapping_mentions_are_returned_as_asked() {
    let text = "زار جامعة القاهرة في كوريا الشمالية";
    let entity = |id: &str, name: &str| Entity {
        id: id.to_owned(),
        names: vec![name.to_owned()],
        prominence: 0.5,
        ..Entity::default()
    };
    let entities = [
        entity("university", "جامعة القاهرة"),
        entity("cairo", "القاهرة"),
        entity("cairo-in-korea", "القاهرة في كوريا"),
        entity("north-korea", "كوريا الشمالية"),
    ];
    let local = Local::new(entities);
    let ids = |overlap| -> Vec<String> {
        let found = local.annotate(&[text], overlap).remove(0);
        found.into_iter().map(|mention| mention.entities[0].id.clone()).collect()
    };
    assert_eq!(ids(Overlap::Longest), ["cairo-in-korea"]);
    assert_eq!(ids(Overlap::NotContained), ["university", "cairo-in-korea", "north-korea"]);
    assert_eq!(ids(Overlap::All), ["university", "cairo-in-korea", "cairo", "north-korea"]);
}

/// Paragraphs to be put together.
const PARAGRAPHS: [&str; 8] = [
    "قال سيرغي لافروف إن موسكو راضية، وزار القاهرة وللقاهرة مكانة.",
    "تقع عمان هنا. في العاصمة الأردنية عمان سوق 👍 كبير.",
    "وقال كيم إن بوتين وعد. ثم وصل كيم جونغ أون.",
    "Lavrov met Putin in Moscow. Kim stayed at home.",
    "عقد مجلس الأمن الدولي جلسة في نيويورك",
    "ذهب الأطفال إلى المدرسة.",
    "Путину звонили из Москвы.",
    "王毅在北京。",
];

/// What does not depend on other sentences: where it stands in its paragraph, and whom it means.
fn independent(found: &[Mention], from: u32, to: u32) -> BTreeSet<(u32, u32, String)> {
    let is_free = |mention: &&Mention| {
        use Ground::{FullerMention, Part};
        !matches!(mention.ground, None | Some(FullerMention | Part))
    };
    let inside =
        |mention: &&Mention| from <= mention.span.bytes.start && mention.span.bytes.end <= to;
    let found = found.iter().filter(inside).filter(is_free);
    found
        .map(|mention| {
            let bytes = &mention.span.bytes;
            (bytes.start - from, bytes.end - from, mention.entities[0].id.clone())
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// However long the text is around it; but for short mentions, which may be bound.
    #[test]
    fn mentions_do_not_depend_on_the_length_of_the_text(places in prop::collection::vec(0..PARAGRAPHS.len(), 1..7)) {
        let text = places.iter().map(|at| PARAGRAPHS[*at]).collect::<Vec<_>>().join("\n\n");
        let found = annotate(&text);
        let mut from = 0;
        for at in places {
            let alone = PARAGRAPHS[at];
            let to = from + alone.len() as u32;
            let expected = independent(&annotate(alone), 0, alone.len() as u32);
            prop_assert_eq!(independent(&found, from, to), expected);
            from = to + 2;
        }
    }

    /// What came before says nothing: neither the words, nor their spaces and stops, nor a ه that may be a ة.
    #[test]
    fn a_text_means_what_it_means_whatever_was_read_before(
        texts in prop::collection::vec((0..PARAGRAPHS.len(), 0..5usize), 1..8)
    ) {
        let respelled = |(at, how): (usize, usize)| match how {
            0 => PARAGRAPHS[at].to_owned(),
            1 => PARAGRAPHS[at].replace(' ', "-"),
            2 => PARAGRAPHS[at].replace(' ', " و"),
            3 => PARAGRAPHS[at].replace('ة', "ه"),
            _ => PARAGRAPHS[at].replace(' ', ". "),
        };
        let local = catalogue().with_empty_memory();
        for text in texts.into_iter().map(respelled) {
            let expected = catalogue().with_empty_memory().annotate(&[&text], Overlap::All);
            prop_assert_eq!(local.annotate(&[&text], Overlap::All), expected);
        }
    }

    #[test]
    fn spans_are_where_the_text_stands_in_three_units(places in prop::collection::vec(0..PARAGRAPHS.len(), 1..4), noise in "[é👍ـًء \n.]{0,5}") {
        let text: String = places.iter().map(|at| format!("{noise}{} ", PARAGRAPHS[*at])).collect();
        for overlap in [Overlap::Longest, Overlap::All] {
            let mut before = 0;
            for mention in catalogue().annotate(&[&text], overlap).remove(0) {
                let span = mention.span;
                prop_assert!(before <= span.bytes.start);
                before = span.bytes.start;
                let (head, all) = (&text[..span.bytes.start as usize], &text[..span.bytes.end as usize]);
                let utf16 = |text: &str| text.encode_utf16().count() as u32;
                let chars = |text: &str| text.chars().count() as u32;
                prop_assert_eq!(span.utf16, utf16(head)..utf16(all));
                prop_assert_eq!(span.chars, chars(head)..chars(all));
                prop_assert!(head.ends_with(&mention.clitics));
            }
        }
    }

    #[test]
    fn any_text_can_be_annotated(text in "\\PC{0,60}") {
        for mention in annotate(&text) {
            prop_assert!(mention.bound_to.is_none_or(|_| mention.ground == Some(Ground::FullerMention)));
            prop_assert!(!mention.entities.is_empty());
        }
    }
}

#[test]
fn a_very_long_sentence_is_looked_at_around_a_word_only() {
    let text = "وصل سيرغي لافروف وقال عمان ".repeat(2_000);
    let entities = catalogue();
    let found = entities.annotate(&[&text], Overlap::NotContained).remove(0);
    assert_eq!(found.len(), 4_000);
    let index = Index::of(Builder::default(), Origin::default());
    let reader = index.reader();
    let filter = Filter::default();
    let mut lexicon = Lexicon::new(&reader, &filter);
    let text = Text::new(&text, &mut lexicon, &|| true).unwrap();
    for at in [0, 7, 5_000, text.len() - 1] {
        let sentence = text.sentence(at);
        assert!(sentence.contains(&at) && sentence.len() <= 2 * SENTENCE_WORDS_MAX);
    }
}

#[test]
fn a_text_is_left_when_its_time_is_over() {
    let index = Index::of(Builder::default(), Origin::default());
    let reader = index.reader();
    let filter = Filter::default();
    let options = Options::default();
    let text = "وصل سيرغي لافروف. ".repeat(1_000);
    let looks = Cell::new(0);
    let has_time = || {
        looks.set(looks.get() + 1);
        looks.get() < 3
    };
    let found = Annotator::new(&reader, &filter, &options).annotate(&text, &has_time);
    assert_eq!(found.map(|found| found.len()), Err(OutOfTime));
    assert_eq!(looks.get(), 3, "in the middle of the text");
}
