//! `hawiya annotate` as a person or a pipeline uses it: what it reads, prints, and how it exits.

use std::{fs, path::PathBuf};

use integration_tests::{Ended, Home, catalogue::repository};
use quick_xml::{Reader, events::Event};
use serde_json::{Value, json};

const TEXT: &str =
    "وصل وزير الخارجية الروسي سيرجي لافروف إلى القاهرة. وقال لافروف إن لموسكو مصلحة في ذلك.";

/// The keys of an object, in order.
fn keys(object: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = object.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[track_caller]
fn ended_well(ended: &Ended) -> Vec<Value> {
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
    ended.lines()
}

/// What was found: the text of each mention with its proclitics before `+`, and its id.
fn found(line: &Value) -> Vec<(String, &str)> {
    let mention = |mention: &'_ Value| {
        let [clitics, surface] =
            ["clitics", "surface"].map(|key| mention[key].as_str().unwrap().to_owned());
        if clitics.is_empty() { surface } else { format!("{clitics}+{surface}") }
    };
    let mentions = line["mentions"].as_array().unwrap();
    mentions.iter().map(|of| (mention(of), of["canonical_id"].as_str().unwrap_or("?"))).collect()
}

fn of_text() -> [(String, &'static str); 4] {
    [("سيرجي لافروف", "Q58217"), ("القاهرة", "Q85"), ("لافروف", "Q58217"), ("ل+موسكو", "Q649")]
        .map(|(surface, id)| (surface.to_owned(), id))
}

const MENTION: [&str; 16] = [
    "bound_to",
    "byte_end",
    "byte_start",
    "canonical_id",
    "clitics",
    "code_point_end",
    "code_point_start",
    "form",
    "name",
    "reason",
    "score",
    "surface",
    "type",
    "utf16_end",
    "utf16_start",
    "verdict",
];

#[test]
fn a_text_is_a_json_line_with_its_mentions() {
    let lines = ended_well(&Home::default().run(&["annotate", "😀 قال لافروف", TEXT]));
    assert_eq!(lines.len(), 2);
    assert_eq!(keys(&lines[0]), ["catalogue_version", "id", "mentions", "rules_version"]);
    assert_eq!((&lines[0]["id"], &lines[1]["id"]), (&json!("text 1"), &json!("text 2")));
    assert_eq!(found(&lines[1]), of_text());
    let mention = &lines[0]["mentions"][0];
    assert_eq!(keys(mention), MENTION);
    assert_eq!((&mention["verdict"], &mention["type"]), (&json!("match"), &json!("person")));
    assert_eq!((&mention["byte_start"], &mention["byte_end"]), (&json!(12), &json!(24)));
    assert_eq!((&mention["utf16_start"], &mention["utf16_end"]), (&json!(7), &json!(13)));
    assert_eq!((&mention["code_point_start"], &mention["code_point_end"]), (&json!(6), &json!(12)));
    // The second «لافروف» is short for the first mention.
    assert_eq!(lines[1]["mentions"][2]["bound_to"], 0, "{lines:?}");
}

#[test]
fn types_languages_and_candidates_are_asked_for() {
    let home = Home::default();
    let cities = ended_well(&home.run(&["annotate", "--type", "city", "--language", "ar", TEXT]));
    assert_eq!(found(&cities[0]), [of_text()[1].clone(), of_text()[3].clone()]);
    assert_eq!(cities[0]["mentions"][0]["name"], "القاهرة");
    let wrong = home.run(&["annotate", "--type", "planet", TEXT]);
    assert_eq!(wrong.code, Some(64), "{wrong:?}");
    let wrong = home.run(&["annotate", "--candidates", "101", TEXT]);
    assert_eq!(wrong.code, Some(64), "{wrong:?}");
}

#[test]
fn files_folders_and_standard_input_are_read() {
    let home = Home::default();
    let text = home.file("a.txt", TEXT.as_bytes());
    let articles = format!("{}\n\n{}\n", json!({"id": 7, "body": TEXT}), json!({"text": TEXT}));
    let jsonl = home.file("b.jsonl", articles.as_bytes());
    let _no_article = home.file("notes.md", b"Lavrov");
    let folder = PathBuf::from(&text).parent().unwrap().to_str().unwrap().to_owned();
    let by_folder = ended_well(&home.run(&["annotate", &folder]));
    let ids: Vec<&str> = by_folder.iter().map(|line| line["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [text.as_str(), "7", &format!("{jsonl}:3")]);
    for line in &by_folder {
        assert_eq!(found(line), of_text());
    }
    assert_eq!(ended_well(&home.run(&["annotate", &text, &jsonl])), by_folder);
    for (input, id) in [(TEXT, "standard input"), (articles.as_str(), "7")] {
        let piped = ended_well(&home.pipe(&["annotate", "-"], input));
        assert_eq!((found(&piped[0]), &piped[0]["id"]), (of_text().to_vec(), &json!(id)));
    }
    let fields = json!({"key": "x", "story": TEXT}).to_string();
    let named = ["annotate", "-", "--text-field", "story", "--id-field", "key"];
    assert_eq!(ended_well(&home.pipe(&named, &fields))[0]["id"], "x");
}

#[test]
fn a_bad_text_fails_alone() {
    let home = Home::default();
    let wrong = home.file("wrong.txt", b"\xFF");
    let empty = home.file("empty.txt", b"");
    let lines = "{\"id\":\"no text\"}\n{\n{\"id\":\"good\",\"text\":\"Lavrov\"}\n";
    let jsonl = home.file("articles.jsonl", lines.as_bytes());
    let ended = home.run(&["annotate", &wrong, &empty, &jsonl]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(1), ""), "{ended:?}");
    let lines = ended.lines();
    let inputs: Vec<&str> =
        lines.iter().map(|line| line["input"].as_str().unwrap_or_default()).collect();
    assert_eq!(inputs, [&wrong, &empty, "no text", &format!("{jsonl}:2"), ""]);
    assert_eq!(
        (&lines[0]["error"], keys(&lines[1])),
        (&json!("not UTF-8"), vec!["error", "input"])
    );
    assert_eq!(found(&lines[4]), [("Lavrov".to_owned(), "Q58217")]);
}

#[test]
fn a_file_that_is_not_there_and_a_folder_without_articles_are_failures_of_the_command() {
    let home = Home::default();
    let ended = home.run(&["annotate", "missing.txt"]);
    assert_eq!((ended.code, ended.err.lines().count()), (Some(2), 1), "{ended:?}");
    assert!(ended.err.contains("missing.txt"), "{ended:?}");
    let folder = repository().join("deploy/samples/articles");
    let ended = home.run(&["annotate", folder.to_str().unwrap()]);
    assert_eq!(ended.code, Some(64), "{ended:?}");
}

#[test]
fn a_text_over_the_limit_is_read_in_pieces_and_says_so() {
    // Three paragraphs of 40,000 characters, most of them spaces: two fit a piece.
    let text = format!("{TEXT}{}\n\n", " ".repeat(40_000)).repeat(3);
    let ended = Home::default().pipe(&["annotate", "-"], &text);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(ended.err.contains("100000 characters: it is read in 2 pieces"), "{}", ended.err);
    let line = &ended.lines()[0];
    assert_eq!(line["pieces"], 2);
    let mentions = line["mentions"].as_array().unwrap();
    assert_eq!(mentions.len(), 4 * 3);
    for mention in mentions {
        let offset = |key: &str| usize::try_from(mention[key].as_u64().unwrap()).unwrap();
        let stretch = &text[offset("byte_start")..offset("byte_end")];
        assert_eq!(stretch, mention["surface"]);
        assert_eq!(text[..offset("byte_start")].chars().count(), offset("code_point_start"));
    }
}

#[test]
fn people_read_a_table() {
    let ended = Home::default().run(&["annotate", "--format", "table", TEXT, "نص بلا أسماء"]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
    for shown in ["text 1", "CANONICAL ID", "Sergey Lavrov", "Q649", "nobody known is mentioned"] {
        assert!(ended.out.contains(shown), "{shown}: {}", ended.out);
    }
}

/// An element of a page: its name and its attributes.
type Element = (String, Vec<(String, String)>);

/// The elements of a page and its text; fails where the page is not well formed.
fn parsed(page: &str) -> (Vec<Element>, String) {
    let mut reader = Reader::from_str(page);
    let (mut elements, mut text) = (Vec::new(), String::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) | Event::Empty(element) => {
                let attributes = element.attributes().map(|attribute| {
                    let attribute = attribute.unwrap();
                    (attribute.key.as_ref().to_owned(), attribute.value.to_string())
                });
                elements.push((element.name().as_ref().to_owned(), attributes.collect()));
            }
            Event::Text(part) => text.push_str(&part),
            Event::Eof => return (elements, text),
            _ => {}
        }
    }
}

#[test]
fn a_page_marks_the_mentions_and_lets_nothing_out_of_its_place() {
    let home = Home::default();
    let hostile =
        format!("<script>alert(1)</script>\" onload='x' &amp; ]]> <!-- \u{1}\n{TEXT}\n</article>");
    let file = home.file("\"><script>.txt", hostile.as_bytes());
    let page = home.file("page.html", b"");
    let wrong = home.file("wrong.txt", b"\xFF");
    let ended = home.run(&["annotate", &file, &wrong, "--html", &page, "--output", "/dev/null"]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(1), ""), "{ended:?}");
    let html = fs::read_to_string(&page).unwrap();
    let (elements, text) = parsed(&html);
    let named = |name: &str| elements.iter().filter(|(known, _)| known == name).count();
    assert_eq!((named("script"), named("article"), named("mark")), (0, 2, 4), "{html}");
    assert!(text.contains("alert(1)") && text.contains("not UTF-8"));
    let mut attributes = elements.iter().flat_map(|(_, attributes)| attributes);
    assert!(attributes.all(|(key, _)| !key.starts_with("on")), "{html}");
    let marks: Vec<_> = elements.iter().filter(|(name, _)| name == "mark").collect();
    assert_eq!(marks[0].1[1].1, "person");
    assert!(marks[0].1[2].1.contains("Q58217"), "{marks:?}");
    let paragraphs: Vec<_> = elements.iter().filter(|(name, _)| name == "p").collect();
    assert!(paragraphs.iter().filter(|(_, attributes)| !attributes.is_empty()).count() >= 3);
    // The table says what Lavrov was called, and how often.
    assert!(html.contains("<bdi>سيرجي لافروف</bdi> <small>1</small>"), "{html}");
    assert!(!html.contains("http:") && !html.contains("https:"), "nothing comes from a network");
}

#[test]
fn the_annotated_articles_are_found_as_well_as_they_must_be() {
    let samples = repository().join("deploy/samples");
    let path = |name: &str| samples.join(name).to_str().unwrap().to_owned();
    let (articles, held_out, limits) =
        (path("articles"), path("articles/held-out"), path("annotation.toml"));
    let ended =
        Home::default().run(&["eval", "--worst", "20", &articles, &held_out, "--check", &limits]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
}
