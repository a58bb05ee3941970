//! Reads articles: arguments, files, folders, standard input, JSON lines.
//!
//! An article that cannot be read (wrong UTF-8, broken JSON, no text) has an error of its own and
//! keeps its place.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{BufRead, BufReader, Read, stdin},
    path::{Path, PathBuf},
    thread,
};

use anyhow::{Context, anyhow};
use serde_json::{Map, Value};
use tokio::sync::mpsc;

use crate::{
    Usage,
    source::{Line, Lines},
};

/// The largest file of one text, and the longest line of an article.
const ARTICLE_BYTES_MAX: usize = 64 << 20;

/// Articles that are asked about together.
const BATCH_ARTICLES: usize = 100;

/// Bytes of articles after which fewer are asked about together.
const BATCH_BYTES: usize = 1 << 20;

/// Batches that are read ahead.
const BATCHES_AHEAD: usize = 2;

/// Keys of a JSON line in which the text is looked for when none is given.
const TEXT_FIELDS: [&str; 3] = ["text", "body", "content"];

/// Keys of a JSON line in which the id is looked for when none is given.
const ID_FIELDS: [&str; 3] = ["id", "document_id", "url"];

/// A text, or why there is none.
#[derive(Debug)]
pub(super) struct Article {
    /// What it is called in the answer.
    pub(super) id: String,
    pub(super) text: Result<String, String>,
}

/// The keys of JSON lines.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields {
    pub(super) text: Option<String>,
    pub(super) id: Option<String>,
}

/// Articles, some at a time.
pub(super) struct Batches {
    messages: mpsc::Receiver<Message>,
    is_over: bool,
}

enum Message {
    Articles(Vec<Article>),
    /// What the arguments name was read to its end, or why it was not.
    End(anyhow::Result<()>),
}

impl Batches {
    /// The next articles. A reader that is gone without a last message has not come to the end.
    pub(super) async fn next(&mut self) -> Option<anyhow::Result<Vec<Article>>> {
        if self.is_over {
            return None;
        }
        let end = match self.messages.recv().await {
            Some(Message::Articles(articles)) => return Some(Ok(articles)),
            Some(Message::End(end)) => end,
            None => Err(anyhow!("reading the articles broke off: this is a mistake of hawiya")),
        };
        self.is_over = true;
        end.err().map(Err)
    }
}

/// Opens what the arguments name: texts, files, folders, or `-`.
pub(super) fn open(arguments: &[String], fields: Fields) -> anyhow::Result<Batches> {
    let mut inputs = Vec::new();
    for (at, argument) in arguments.iter().enumerate() {
        add(argument, at + 1, &mut inputs)?;
    }
    Ok(spawn(move |batch| inputs.into_iter().try_for_each(|input| input.read(&fields, batch))))
}

/// Reads on a thread of its own, so that a slow disk or pipe holds up no socket.
fn spawn(read: impl FnOnce(&mut Batch) -> anyhow::Result<()> + Send + 'static) -> Batches {
    let (sender, messages) = mpsc::channel(BATCHES_AHEAD);
    thread::spawn(move || {
        let mut batch = Batch { sender, articles: Vec::new(), bytes: 0 };
        let end = read(&mut batch);
        batch.close(end);
    });
    Batches { messages, is_over: false }
}

#[derive(Debug)]
enum Input {
    Text { id: String, text: String },
    File(PathBuf),
    JsonLines(PathBuf),
    Stdin,
}

/// What an argument means. A file that cannot be opened is refused before anything is asked.
fn add(argument: &str, number: usize, inputs: &mut Vec<Input>) -> anyhow::Result<()> {
    let path = Path::new(argument);
    if argument == "-" {
        inputs.push(Input::Stdin);
    } else if path.is_dir() {
        inputs.extend(folder(path)?);
    } else if let Some(file) =
        file(path).or_else(|| path.is_file().then(|| Input::File(path.into())))
    {
        File::open(path).with_context(|| format!("cannot open `{argument}`"))?;
        inputs.push(file);
    } else {
        inputs.push(Input::Text { id: format!("text {number}"), text: argument.to_owned() });
    }
    Ok(())
}

/// The file of an ending that says what it holds.
fn file(path: &Path) -> Option<Input> {
    match path.extension().and_then(OsStr::to_str)?.to_ascii_lowercase().as_str() {
        "txt" => Some(Input::File(path.to_owned())),
        "jsonl" | "ndjson" => Some(Input::JsonLines(path.to_owned())),
        _ => None,
    }
}

/// The files of a folder that hold articles, in the order of their names.
fn folder(path: &Path) -> anyhow::Result<Vec<Input>> {
    let shown = || format!("cannot list `{}`", path.display());
    let entries = fs::read_dir(path).with_context(shown)?;
    let paths: Result<Vec<_>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut paths = paths.with_context(shown)?;
    paths.sort();
    let files: Vec<Input> =
        paths.iter().filter(|path| path.is_file()).filter_map(|path| file(path)).collect();
    if files.is_empty() {
        return Err(Usage(format!("`{}` has no .txt and no .jsonl file", path.display())).into());
    }
    Ok(files)
}

impl Input {
    fn read(self, fields: &Fields, batch: &mut Batch) -> anyhow::Result<()> {
        match self {
            Self::Text { id, text } => batch.push(Article { id, text: Ok(text) }),
            Self::File(path) => {
                let id = path.display().to_string();
                let file = File::open(&path).with_context(|| format!("cannot open `{id}`"))?;
                whole(id, file, batch)
            }
            Self::JsonLines(path) => {
                let id = path.display().to_string();
                let file = File::open(&path).with_context(|| format!("cannot open `{id}`"))?;
                json_lines(&id, BufReader::new(file), fields, batch)
            }
            Self::Stdin => standard_input(fields, batch),
        }
    }
}

/// One text, or JSON lines when it begins with an object.
fn standard_input(fields: &Fields, batch: &mut Batch) -> anyhow::Result<()> {
    let id = "standard input";
    let mut input = BufReader::new(stdin());
    let start = input.fill_buf()?.trim_ascii_start();
    if start.starts_with(b"{") {
        json_lines(id, input, fields, batch)
    } else {
        whole(id.to_owned(), input, batch)
    }
}

fn whole(id: String, from: impl Read, batch: &mut Batch) -> anyhow::Result<()> {
    let mut bytes = Vec::new();
    from.take(ARTICLE_BYTES_MAX as u64 + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("cannot read `{id}`"))?;
    let text = if bytes.len() > ARTICLE_BYTES_MAX {
        Err(format!("the text is longer than {} MiB", ARTICLE_BYTES_MAX >> 20))
    } else {
        String::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())
    };
    batch.push(Article { id, text })
}

fn json_lines(
    file: &str,
    from: impl BufRead,
    fields: &Fields,
    batch: &mut Batch,
) -> anyhow::Result<()> {
    for (line, number) in Lines::new(from, ARTICLE_BYTES_MAX).zip(1..) {
        let place = format!("{file}:{number}");
        match line.with_context(|| format!("cannot read `{file}`"))? {
            Line::Text(text) if text.trim().is_empty() => {}
            Line::Text(text) => batch.push(json_article(place, &text, fields))?,
            Line::Bad(_, error) => batch.push(Article { id: place, text: Err(error) })?,
        }
    }
    Ok(())
}

/// An article from a JSON line: an object with a key that holds the text.
fn json_article(place: String, line: &str, fields: &Fields) -> Article {
    let bad = |id: String, error: String| Article { id, text: Err(error) };
    let object: Map<String, Value> = match serde_json::from_str(line) {
        Ok(object) => object,
        Err(error) => return bad(place, format!("not a JSON object: {error}")),
    };
    let id = match value(&object, fields.id.as_deref(), &ID_FIELDS) {
        Some(Value::String(id)) => id.clone(),
        Some(Value::Number(id)) => id.to_string(),
        _ => place,
    };
    match value(&object, fields.text.as_deref(), &TEXT_FIELDS) {
        Some(Value::String(text)) => Article { id, text: Ok(text.clone()) },
        Some(_) => bad(id, "the text is not a string".to_owned()),
        None => {
            let wanted = fields.text.as_deref().unwrap_or(TEXT_FIELDS[0]);
            bad(id, format!("no key `{wanted}`: say `--text-field`"))
        }
    }
}

fn value<'a>(
    object: &'a Map<String, Value>,
    wanted: Option<&str>,
    usual: &[&str],
) -> Option<&'a Value> {
    match wanted {
        Some(wanted) => object.get(wanted),
        None => usual.iter().find_map(|field| object.get(*field)),
    }
}

/// Articles on their way.
struct Batch {
    sender: mpsc::Sender<Message>,
    articles: Vec<Article>,
    bytes: usize,
}

impl Batch {
    fn push(&mut self, article: Article) -> anyhow::Result<()> {
        self.bytes += article.text.as_ref().map_or(0, String::len);
        self.articles.push(article);
        if self.articles.len() == BATCH_ARTICLES || self.bytes >= BATCH_BYTES {
            self.send()?;
        }
        Ok(())
    }

    fn send(&mut self) -> anyhow::Result<()> {
        self.bytes = 0;
        // Nobody receives any more only when the run has failed, and the run says why.
        let articles = std::mem::take(&mut self.articles);
        self.sender.blocking_send(Message::Articles(articles)).map_err(|_| anyhow!("not wanted"))
    }

    /// What was read before a failure is still answered.
    fn close(mut self, end: anyhow::Result<()>) {
        let rest = if self.articles.is_empty() { Ok(()) } else { self.send() };
        if rest.is_ok() {
            drop(self.sender.blocking_send(Message::End(end)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    #[tokio::test]
    async fn a_reader_that_is_gone_without_a_last_message_is_no_end() {
        let article = || Article { id: "a".to_owned(), text: Ok("x".to_owned()) };
        let mut whole = spawn(move |batch| batch.push(article()));
        assert_eq!(whole.next().await.unwrap().unwrap().len(), 1);
        assert!(whole.next().await.is_none() && whole.next().await.is_none());
        let mut broken = spawn(|_| panic!("a reader may have a mistake"));
        assert!(broken.next().await.unwrap().is_err());
    }

    fn check(line: &str, fields: &Fields, expected: Expect) {
        let article = json_article("file:3".to_owned(), line, fields);
        expected.assert_eq(&format!("{} | {:?}", article.id, article.text));
    }

    #[test]
    fn a_json_line_is_an_article_under_usual_keys_or_those_that_are_named() {
        let usual = Fields::default();
        check(r#"{"id":7,"body":"نص"}"#, &usual, expect![[r#"7 | Ok("نص")"#]]);
        check(r#"{"text":"a","url":"u"}"#, &usual, expect![[r#"u | Ok("a")"#]]);
        check(r#"{"text":"a"}"#, &usual, expect![[r#"file:3 | Ok("a")"#]]);
        check(
            r#"{"id":"x","text":["a"]}"#,
            &usual,
            expect![[r#"x | Err("the text is not a string")"#]],
        );
        check(
            r#"{"id":"x","title":"a"}"#,
            &usual,
            expect![[r#"x | Err("no key `text`: say `--text-field`")"#]],
        );
        check(
            "[]",
            &usual,
            expect![[
                r#"file:3 | Err("not a JSON object: invalid type: sequence, expected a map at line 1 column 0")"#
            ]],
        );
        let named = Fields { text: Some("title".to_owned()), id: Some("key".to_owned()) };
        check(r#"{"key":"k","id":"x","title":"a"}"#, &named, expect![[r#"k | Ok("a")"#]]);
    }

    #[test]
    fn an_argument_is_a_file_by_its_ending_and_otherwise_a_text() {
        assert!(matches!(file(Path::new("day.JSONL")), Some(Input::JsonLines(_))));
        assert!(matches!(file(Path::new("a.txt")), Some(Input::File(_))));
        let mut inputs = Vec::new();
        add("وصل لافروف إلى القاهرة.", 1, &mut inputs).unwrap();
        assert!(matches!(&inputs[..], [Input::Text { id, .. }] if id == "text 1"));
        let error = add("/nowhere/a.txt", 2, &mut inputs).unwrap_err();
        assert_eq!(error.to_string(), "cannot open `/nowhere/a.txt`");
    }
}
