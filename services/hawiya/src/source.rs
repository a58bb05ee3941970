//! Reads the items of a command: arguments, a file, or standard input.
//!
//! An item that cannot be read (wrong UTF-8, broken JSON, a missing column) is an item with an
//! error of its own: it keeps its place, and the rest goes on.

use std::{
    ffi::OsStr,
    fs::File,
    io::{BufRead, BufReader, IsTerminal, Read, stdin},
    path::Path,
    thread,
};

use anyhow::{Context, bail};
use serde_json::Value;
use tokio::sync::mpsc;

use crate::records::{self, Bounded};

/// Items that are sent together where nothing asks for fewer.
pub(crate) const CHUNK_ITEMS: usize = 500;

/// Bytes after which a chunk is sent though it has fewer items: with the longest item on top, the
/// message and its answer stay below gRPC's 4 MiB.
const CHUNK_BYTES: usize = 512 << 10;

/// Chunks that are read ahead.
const CHUNKS_AHEAD: usize = 4;

/// The longest line that is read; a longer one is an item with an error.
pub(crate) const LINE_BYTES_MAX: usize = 1 << 20;

/// The columns in which a name is looked for when none is given.
pub(crate) const COLUMNS: [&str; 3] = ["name", "text", "input"];

/// One item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    /// The item as it was read, for the answer; what could not be read is replaced.
    pub(crate) input: String,
    /// Why it could not be read.
    pub(crate) error: Option<String>,
}

impl Item {
    fn good(input: String) -> Self {
        Self { input, error: None }
    }

    fn bad(input: &[u8], error: impl Into<String>) -> Self {
        let shown: String = String::from_utf8_lossy(input).chars().take(200).collect();
        Self { input: shown, error: Some(error.into()) }
    }
}

/// The items of a command, a chunk at a time.
pub(crate) type Chunks = mpsc::Receiver<anyhow::Result<Vec<Item>>>;

/// Opens what the arguments name: names, one file, or `-`. A chunk has `chunk_items` at most.
pub(crate) fn open(
    arguments: &[String],
    column: Option<&str>,
    chunk_items: usize,
) -> anyhow::Result<Chunks> {
    match arguments {
        [only] if only == "-" => {
            // On a terminal each line is answered at once.
            let chunk_items = if stdin().is_terminal() { 1 } else { chunk_items };
            Ok(lines(stdin(), chunk_items))
        }
        [only] => match format_of(Path::new(only)) {
            Some(format) => open_file(Path::new(only), format, column, chunk_items),
            None => Ok(names(arguments, chunk_items)),
        },
        _ => Ok(names(arguments, chunk_items)),
    }
}

/// The names of a file; where its ending says no format, a name a line.
pub(crate) fn open_list(path: &Path, column: Option<&str>) -> anyhow::Result<Chunks> {
    open_file(path, format_of(path).unwrap_or(Format::Lines), column, CHUNK_ITEMS)
}

/// One item of two names, as a line of tab-separated names would be.
pub(crate) fn pair(a: &str, b: &str) -> Chunks {
    names(&[format!("{a}\t{b}")], CHUNK_ITEMS)
}

/// The lines of a file or, for `-`, of standard input, as they are.
pub(crate) fn raw_lines(file: &str) -> anyhow::Result<Chunks> {
    match file {
        "-" => Ok(lines(stdin(), CHUNK_ITEMS)),
        path => {
            let file = File::open(path).with_context(|| format!("cannot open `{path}`"))?;
            Ok(lines(file, CHUNK_ITEMS))
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Lines,
    Delimited(u8),
    JsonLines,
}

/// The format of a file by its ending; no ending of ours, no file.
fn format_of(path: &Path) -> Option<Format> {
    match path.extension().and_then(OsStr::to_str)?.to_ascii_lowercase().as_str() {
        "txt" => Some(Format::Lines),
        "csv" => Some(Format::Delimited(b',')),
        "tsv" => Some(Format::Delimited(b'\t')),
        "jsonl" | "ndjson" => Some(Format::JsonLines),
        _ => None,
    }
}

fn open_file(
    path: &Path,
    format: Format,
    column: Option<&str>,
    chunk_items: usize,
) -> anyhow::Result<Chunks> {
    let file = File::open(path).with_context(|| format!("cannot open `{}`", path.display()))?;
    match format {
        Format::Lines => Ok(lines(file, chunk_items)),
        Format::Delimited(delimiter) => delimited(file, delimiter, column, chunk_items),
        Format::JsonLines => Ok(json_lines(file, column, chunk_items)),
    }
}

fn names(arguments: &[String], chunk_items: usize) -> Chunks {
    let items: Vec<Item> = arguments.iter().cloned().map(Item::good).collect();
    read(items.into_iter().map(Ok), chunk_items)
}

/// An item a line.
fn lines(input: impl Read + Send + 'static, chunk_items: usize) -> Chunks {
    let lines = Lines::new(BufReader::new(input), LINE_BYTES_MAX).map(|line| {
        line.map(|line| match line {
            Line::Text(text) => Item::good(text),
            Line::Bad(bytes, error) => Item::bad(&bytes, error),
        })
    });
    read(lines, chunk_items)
}

fn json_lines(
    input: impl Read + Send + 'static,
    column: Option<&str>,
    chunk_items: usize,
) -> Chunks {
    let column = column.map(str::to_owned);
    let lines = Lines::new(BufReader::new(input), LINE_BYTES_MAX).map(move |line| {
        line.map(|line| match line {
            Line::Text(text) => json_item(&text, column.as_deref()),
            Line::Bad(bytes, error) => Item::bad(&bytes, error),
        })
    });
    read(lines, chunk_items)
}

/// A name from a JSON line: a string, or an object with a key that holds one.
fn json_item(line: &str, column: Option<&str>) -> Item {
    let bad = |error: String| Item::bad(line.as_bytes(), error);
    match serde_json::from_str(line) {
        Ok(Value::String(name)) => Item::good(name),
        Ok(Value::Object(object)) => {
            let found = match column {
                Some(column) => object.get(column),
                None => COLUMNS.iter().find_map(|column| object.get(*column)),
            };
            match found {
                Some(Value::String(name)) => Item::good(name.clone()),
                Some(_) => bad("the name is not a string".to_owned()),
                None => bad(format!("no key `{}`: say `--column`", column.unwrap_or("name"))),
            }
        }
        Ok(_) => bad("neither a string nor an object".to_owned()),
        Err(error) => bad(format!("not JSON: {error}")),
    }
}

fn delimited(
    input: impl Read + Send + 'static,
    delimiter: u8,
    column: Option<&str>,
    chunk_items: usize,
) -> anyhow::Result<Chunks> {
    let mut builder = csv::ReaderBuilder::new();
    let mut reader = builder.delimiter(delimiter).flexible(true).from_reader(Bounded::new(input));
    let header = reader.byte_headers().context("cannot read the header line")?;
    let titles: Vec<String> = header
        .iter()
        .map(|title| String::from_utf8_lossy(title).trim_start_matches('\u{FEFF}').to_owned())
        .collect();
    let at = column_of(&titles, column)?;
    let mut record = csv::ByteRecord::new();
    let items = std::iter::from_fn(move || match records::read(&mut reader, &mut record) {
        Ok(true) => Some(Ok(field_item(record.get(at)))),
        Ok(false) => None,
        Err(error) => Some(Err(error)),
    });
    Ok(read(items, chunk_items))
}

fn field_item(field: Option<&[u8]>) -> Item {
    match field.map(|field| (field, str::from_utf8(field))) {
        Some((_, Ok(text))) => Item::good(text.to_owned()),
        Some((bytes, Err(_))) => Item::bad(bytes, NOT_UTF8),
        None => Item::bad(&[], "the row is too short: it has no such column"),
    }
}

pub(crate) fn column_of(titles: &[String], column: Option<&str>) -> anyhow::Result<usize> {
    let find = |wanted: &str| titles.iter().position(|title| title == wanted);
    match column {
        None => Ok(COLUMNS.iter().find_map(|wanted| find(wanted)).unwrap_or(0)),
        Some(wanted) => match find(wanted) {
            Some(at) => Ok(at),
            None => bail!("no column `{wanted}`: the file has `{}`", titles.join("`, `")),
        },
    }
}

const NOT_UTF8: &str = "not UTF-8";

/// A line, or why it is none.
pub(crate) enum Line {
    Text(String),
    Bad(Vec<u8>, String),
}

/// The lines of an input, without their ends; the text after the last end is a line when there is
/// any. Of a line that is too long only the beginning is kept.
pub(crate) struct Lines<R> {
    from: R,
    bytes_max: usize,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn new(from: R, bytes_max: usize) -> Self {
        Self { from, bytes_max }
    }

    /// What remains of a line that is too long is not even read into memory.
    fn too_long(&mut self, line: Vec<u8>) -> anyhow::Result<Line> {
        self.from.skip_until(b'\n')?;
        Ok(Line::Bad(line, format!("the line is longer than {} MiB", self.bytes_max >> 20)))
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = anyhow::Result<Line>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut line = Vec::new();
        match self.from.by_ref().take(self.bytes_max as u64).read_until(b'\n', &mut line) {
            Ok(0) => return None,
            Ok(_) => {}
            Err(error) => return Some(Err(error.into())),
        }
        if line.len() == self.bytes_max && !line.ends_with(b"\n") {
            return Some(self.too_long(line));
        }
        let end = line.strip_suffix(b"\n").unwrap_or(&line);
        let end = end.strip_suffix(b"\r").unwrap_or(end).len();
        line.truncate(end);
        Some(Ok(match String::from_utf8(line) {
            Ok(text) => Line::Text(text),
            Err(error) => Line::Bad(error.into_bytes(), NOT_UTF8.to_owned()),
        }))
    }
}

/// Reads items on a thread of their own, so that a slow disk or pipe holds up no socket.
fn read(
    items: impl Iterator<Item = anyhow::Result<Item>> + Send + 'static,
    chunk_items: usize,
) -> Chunks {
    let (sender, chunks) = mpsc::channel(CHUNKS_AHEAD);
    thread::spawn(move || {
        let (mut chunk, mut bytes) = (Vec::new(), 0);
        for item in items {
            match item {
                Ok(item) => {
                    bytes += item.input.len();
                    chunk.push(item);
                }
                Err(error) => {
                    // What was read before the failure is still answered.
                    let rest = sender.blocking_send(Ok(std::mem::take(&mut chunk)));
                    drop(rest.and_then(|()| sender.blocking_send(Err(error))));
                    return;
                }
            }
            if chunk.len() == chunk_items || bytes >= CHUNK_BYTES {
                bytes = 0;
                if sender.blocking_send(Ok(std::mem::take(&mut chunk))).is_err() {
                    return;
                }
            }
        }
        if !chunk.is_empty() {
            drop(sender.blocking_send(Ok(chunk)));
        }
    });
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(mut chunks: Chunks, expected: Expect) {
        let mut shown = String::new();
        while let Some(chunk) = chunks.blocking_recv() {
            for item in chunk.unwrap() {
                let error = item.error.map(|error| format!(" !{error}")).unwrap_or_default();
                shown.push_str(&format!("{}{error}\n", item.input));
            }
        }
        expected.assert_eq(&shown);
    }

    #[test]
    fn a_line_that_is_not_utf8_keeps_its_place() {
        check(
            lines(&b"a\r\n\xFF\n\nb"[..], CHUNK_ITEMS),
            expect![[r#"
                a
                � !not UTF-8

                b
            "#]],
        );
    }

    #[test]
    fn a_line_too_long_is_one_bad_item() {
        let long = [&vec![b'a'; LINE_BYTES_MAX + 5][..], b"\nb"].concat();
        let mut chunks = lines(std::io::Cursor::new(long), CHUNK_ITEMS);
        let chunk = chunks.blocking_recv().unwrap().unwrap();
        assert_eq!(
            (chunk.len(), chunk[0].error.is_some(), chunk[1].input.as_str()),
            (2, true, "b")
        );
    }

    #[test]
    fn json_lines_are_strings_or_objects_with_a_name() {
        let text = "\"لافروف\"\n{\"id\":1,\"name\":\"Lavrov\"}\n{\"id\":1}\n\"\\ud800\"\n[]\n{\n";
        check(
            json_lines(text.as_bytes(), None, CHUNK_ITEMS),
            expect![[r#"
                لافروف
                Lavrov
                {"id":1} !no key `name`: say `--column`
                "\ud800" !not JSON: unexpected end of hex escape at line 1 column 8
                [] !neither a string nor an object
                { !not JSON: EOF while parsing an object at line 1 column 1
            "#]],
        );
    }

    #[test]
    fn a_csv_file_has_quotes_and_a_column_of_names() {
        check(
            delimited(
                &b"\xEF\xBB\xBFrow,name\n1,\"Lavrov, Sergey\"\n2\n3,\xFF\n"[..],
                b',',
                None,
                2,
            )
            .unwrap(),
            expect![[r#"
                Lavrov, Sergey
                 !the row is too short: it has no such column
                � !not UTF-8
            "#]],
        );
        let error = delimited(&b"a,b\n"[..], b',', Some("c"), 2).unwrap_err();
        assert_eq!(error.to_string(), "no column `c`: the file has `a`, `b`");
    }

    #[test]
    fn an_argument_is_a_file_only_by_its_ending() {
        assert_eq!(format_of(Path::new("names.CSV")), Some(Format::Delimited(b',')));
        assert_eq!(format_of(Path::new("St. Petersburg")), None);
    }
}
