//! Rows and their answers as text: CSV, TSV, JSON lines.
//!
//! A JSON line keeps its own text and gets keys at its end; a record is quoted anew where it must be.

use std::{borrow::Cow, io::Write};

use anyhow::Context;
use csv::{StringRecord, Writer, WriterBuilder};
use serde_json::Value;

use super::{
    pairs::{Pairs, cell},
    row::{Answered, Cells, Outcome},
};
use crate::import::Problem;

/// The columns that are added; their names are stable.
pub(super) const COLUMNS: [&str; 7] =
    ["canonical_id", "canonical_name", "entity_type", "score", "verdict", "reason", "form"];

/// The column that is added for names that nobody knows.
pub(super) const PROVISIONAL_COLUMN: &str = "provisional_id";

/// The verdict of a row that could not be asked about.
pub(super) const ERROR_VERDICT: &str = "error";

/// Formats of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextFormat {
    Delimited(u8),
    JsonLines,
}

/// The columns of the output.
#[derive(Clone, Debug)]
pub(super) struct Header {
    /// Of the file.
    pub(super) titles: Vec<String>,
    /// Those that are added.
    pub(super) added: Vec<String>,
}

impl Header {
    pub(super) fn new(titles: Vec<String>, prefix: &str, with_provisional: bool) -> Self {
        let provisional = with_provisional.then_some(PROVISIONAL_COLUMN);
        let added = COLUMNS.into_iter().chain(provisional);
        Self { titles, added: added.map(|name| format!("{prefix}{name}")).collect() }
    }

    /// The first added column that the file has already.
    pub(super) fn collision(&self) -> Option<&str> {
        self.added.iter().find(|name| self.titles.contains(name)).map(String::as_str)
    }
}

/// What is added to a row.
pub(super) struct Added<'a> {
    pub(super) texts: [Cow<'a, str>; 8],
    pub(super) score: Option<f64>,
}

impl<'a> Added<'a> {
    pub(super) fn of(outcome: &'a Outcome, provisional: Option<u64>) -> Self {
        let provisional = provisional.map_or_else(String::new, provisional_id);
        match outcome {
            Ok(answer) => Self {
                texts: [
                    Cow::from(&answer.canonical_id),
                    Cow::from(&answer.name),
                    Cow::from(answer.entity_type()),
                    Cow::from(answer.score.to_string()),
                    Cow::from(answer.verdict()),
                    Cow::from(&answer.reason),
                    Cow::from(&answer.form),
                    Cow::from(provisional),
                ],
                score: Some(answer.score),
            },
            Err(problems) => Self {
                texts: [
                    Cow::from(""),
                    Cow::from(""),
                    Cow::from(""),
                    Cow::from(""),
                    Cow::from(ERROR_VERDICT),
                    Cow::from(sentences(problems)),
                    Cow::from(""),
                    Cow::from(""),
                ],
                score: None,
            },
        }
    }
}

/// An id of a provisional entity as it is written.
pub(super) fn provisional_id(id: u64) -> String {
    format!("new:{id:016x}")
}

fn sentences(problems: &[Problem]) -> String {
    let sentence = |problem: &Problem| match problem.field.as_str() {
        "" => problem.error.clone(),
        field => format!("`{field}` {}", problem.error),
    };
    problems.iter().map(sentence).collect::<Vec<_>>().join("; ")
}

/// Writes rows as text.
pub(super) struct Encoder {
    format: TextFormat,
    header: Header,
    /// The added keys as JSON, each with the colon behind it.
    keys: Vec<String>,
    titles: Vec<String>,
}

impl Encoder {
    pub(super) fn new(format: TextFormat, header: Header) -> Self {
        let key = |name: &String| format!("{}:", Value::from(name.as_str()));
        let keys = header.added.iter().map(key).collect();
        let titles = header.titles.iter().map(key).collect();
        Self { format, keys, titles, header }
    }

    /// What stands before the first row.
    pub(super) fn header(&self) -> anyhow::Result<Vec<u8>> {
        let TextFormat::Delimited(delimiter) = self.format else { return Ok(Vec::new()) };
        let mut writer = writer(delimiter, 0);
        writer.write_record(self.header.titles.iter().chain(&self.header.added))?;
        text(writer)
    }

    pub(super) fn encode(
        &self,
        answered: &Answered,
        provisional: &[Option<u64>],
    ) -> anyhow::Result<Vec<u8>> {
        let rows = answered.rows.iter().zip(&answered.outcomes).zip(provisional);
        let rows = rows.map(|((row, (outcome, _)), id)| (&row.cells, Added::of(outcome, *id)));
        match self.format {
            TextFormat::Delimited(delimiter) => self.records(delimiter, rows),
            TextFormat::JsonLines => self.json_lines(rows),
        }
    }

    fn records<'a>(
        &self,
        delimiter: u8,
        rows: impl Iterator<Item = (&'a Cells, Added<'a>)>,
    ) -> anyhow::Result<Vec<u8>> {
        let mut writer = writer(delimiter, ROW_BYTES * rows.size_hint().0);
        for (cells, added) in rows {
            for cell in record(cells, &self.header.titles).iter() {
                writer.write_field(cell)?;
            }
            for text in added.texts.iter().take(self.header.added.len()) {
                writer.write_field(text.as_bytes())?;
            }
            writer.write_record(None::<&[u8]>)?;
        }
        text(writer)
    }

    fn json_lines<'a>(
        &self,
        rows: impl Iterator<Item = (&'a Cells, Added<'a>)>,
    ) -> anyhow::Result<Vec<u8>> {
        let mut out = Vec::with_capacity(ROW_BYTES * rows.size_hint().0);
        for (cells, added) in rows {
            self.begin_object(cells, &mut out)?;
            for (at, key) in self.keys.iter().enumerate() {
                push_comma(&mut out);
                out.extend_from_slice(key.as_bytes());
                match (at, added.score) {
                    (SCORE_AT, Some(score)) => write!(out, "{score}")?,
                    _ => push_value(&mut out, &added.texts[at])?,
                }
            }
            out.extend_from_slice(b"}\n");
        }
        Ok(out)
    }

    /// The object of a row without its end.
    fn begin_object(&self, cells: &Cells, out: &mut Vec<u8>) -> anyhow::Result<()> {
        match cells {
            Cells::Object(text) => {
                let open = text.trim_end().strip_suffix('}').unwrap_or(text);
                out.extend_from_slice(open.trim_end().as_bytes());
            }
            Cells::Text(text) => {
                out.extend_from_slice(b"{\"input\":");
                push_value(out, text)?;
            }
            Cells::Record(record) => {
                out.push(b'{');
                for (title, cell) in self.titles.iter().zip(record) {
                    push_comma(out);
                    out.extend_from_slice(title.as_bytes());
                    push_value(out, cell)?;
                }
            }
        }
        Ok(())
    }
}

/// Where the score is among the added columns.
const SCORE_AT: usize = 3;

/// Bytes of a row, about; only to begin with.
const ROW_BYTES: usize = 256;

fn writer(delimiter: u8, bytes: usize) -> Writer<Vec<u8>> {
    WriterBuilder::new().delimiter(delimiter).from_writer(Vec::with_capacity(bytes))
}

fn text(writer: Writer<Vec<u8>>) -> anyhow::Result<Vec<u8>> {
    writer.into_inner().map_err(csv::IntoInnerError::into_error).context("cannot write a record")
}

/// No comma before the first key.
fn push_comma(out: &mut Vec<u8>) {
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
}

/// A text as JSON has it; the empty one is nothing.
fn push_value(out: &mut Vec<u8>, text: &str) -> anyhow::Result<()> {
    if text.is_empty() {
        out.extend_from_slice(b"null");
    } else {
        serde_json::to_writer(out, text)?;
    }
    Ok(())
}

/// The cells of a row under the columns of the file.
pub(super) fn record<'a>(cells: &'a Cells, titles: &[String]) -> Cow<'a, StringRecord> {
    match cells {
        Cells::Record(record) => Cow::Borrowed(record),
        Cells::Object(text) => {
            let pairs: Pairs = serde_json::from_str(text).unwrap_or_default();
            Cow::Owned(titles.iter().map(|title| cell(pairs.get(title))).collect())
        }
        Cells::Text(text) => {
            let at = titles.iter().position(|title| title == "input").unwrap_or(0);
            let cell = |column| if column == at { text.as_str() } else { "" };
            Cow::Owned((0..titles.len()).map(cell).collect())
        }
    }
}

/// The first key of an object that is no column; it would be lost in a table.
pub(super) fn lost_key(cells: &Cells, titles: &[String]) -> Option<String> {
    let Cells::Object(text) = cells else { return None };
    let pairs: Pairs = serde_json::from_str(text).ok()?;
    pairs.0.into_iter().map(|(key, _)| key).find(|key| !titles.contains(key))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use expect_test::{Expect, expect};
    use proto::vocabulary::{EntityType, MatchKind, NoMatchReason, Verdict};

    use super::{
        super::{
            answer::Answer,
            row::{Origin, Query, Row},
        },
        *,
    };

    fn check(format: TextFormat, titles: &[&str], cells: Vec<Cells>, expected: Expect) {
        let answer = Answer {
            verdict: Verdict::Match,
            canonical_id: "T1".to_owned(),
            name: "Zayd, \"Z\"".to_owned(),
            entity_type: EntityType::Person,
            score: 0.9751,
            reason: "another spelling of `زيد`".to_owned(),
            form: "زيد".to_owned(),
            kind: MatchKind::SameForm,
            no_match_reason: NoMatchReason::Unspecified,
            catalogue_version: 1,
            is_degraded: false,
        };
        let outcomes: Vec<Outcome> =
            vec![Ok(Arc::new(answer)), Err(Arc::new(vec![Problem::new("type", "is `x`")]))];
        let rows: Vec<Row> = cells
            .into_iter()
            .map(|cells| Row { number: 1, cells, query: Ok(Query::default()) })
            .collect();
        let outcomes =
            outcomes.into_iter().cycle().take(rows.len()).map(|it| (it, Origin::Run)).collect();
        let answered = Answered { rows, outcomes };
        let titles = titles.iter().map(|title| (*title).to_owned()).collect();
        let encoder = Encoder::new(format, Header::new(titles, "r_", true));
        let ids = vec![Some(255); answered.rows.len()];
        let mut all = encoder.header().unwrap();
        all.extend(encoder.encode(&answered, &ids).unwrap());
        expected.assert_eq(&String::from_utf8(all).unwrap());
    }

    fn rows() -> Vec<Cells> {
        vec![
            Cells::Record(StringRecord::from(vec!["1", "a,b\nc"])),
            Cells::Record(StringRecord::from(vec!["", "x"])),
        ]
    }

    #[test]
    fn a_record_is_quoted_where_it_must_be() {
        check(
            TextFormat::Delimited(b','),
            &["id", "name"],
            rows(),
            expect![[r#"
                id,name,r_canonical_id,r_canonical_name,r_entity_type,r_score,r_verdict,r_reason,r_form,r_provisional_id
                1,"a,b
                c",T1,"Zayd, ""Z""",person,0.9751,match,another spelling of `زيد`,زيد,new:00000000000000ff
                ,x,,,,,error,`type` is `x`,,
            "#]],
        );
    }

    #[test]
    fn a_json_line_keeps_its_own_text() {
        check(
            TextFormat::JsonLines,
            &["id"],
            vec![
                Cells::Object("{ \"id\": 1.50 }".to_owned()),
                Cells::Text("{".to_owned()),
                Cells::Object("{}".to_owned()),
            ],
            expect![[r#"
                { "id": 1.50,"r_canonical_id":"T1","r_canonical_name":"Zayd, \"Z\"","r_entity_type":"person","r_score":0.9751,"r_verdict":"match","r_reason":"another spelling of `زيد`","r_form":"زيد","r_provisional_id":"new:00000000000000ff"}
                {"input":"{","r_canonical_id":null,"r_canonical_name":null,"r_entity_type":null,"r_score":null,"r_verdict":"error","r_reason":"`type` is `x`","r_form":null,"r_provisional_id":null}
                {"r_canonical_id":"T1","r_canonical_name":"Zayd, \"Z\"","r_entity_type":"person","r_score":0.9751,"r_verdict":"match","r_reason":"another spelling of `زيد`","r_form":"زيد","r_provisional_id":"new:00000000000000ff"}
            "#]],
        );
    }

    #[test]
    fn a_table_becomes_json_lines_and_back() {
        check(
            TextFormat::JsonLines,
            &["id", "name"],
            rows(),
            expect![[r#"
                {"id":"1","name":"a,b\nc","r_canonical_id":"T1","r_canonical_name":"Zayd, \"Z\"","r_entity_type":"person","r_score":0.9751,"r_verdict":"match","r_reason":"another spelling of `زيد`","r_form":"زيد","r_provisional_id":"new:00000000000000ff"}
                {"id":null,"name":"x","r_canonical_id":null,"r_canonical_name":null,"r_entity_type":null,"r_score":null,"r_verdict":"error","r_reason":"`type` is `x`","r_form":null,"r_provisional_id":null}
            "#]],
        );
        let object = Cells::Object("{\"b\":[1],\"a\":null,\"c\":\"x\"}".to_owned());
        let titles = ["a", "b"].map(str::to_owned);
        assert_eq!(*record(&object, &titles), StringRecord::from(vec!["", "[1]"]));
        assert_eq!(lost_key(&object, &titles).as_deref(), Some("c"));
    }
}
