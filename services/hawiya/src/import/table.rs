//! Lists of rows and columns: CSV, TSV and JSON lines of which a mapping says what means what.

use std::io::Read;

use anyhow::bail;
use csv::{ByteRecord, StringRecord};
use serde_json::Value;

use super::{Options, Problem, Row, Rows, input::Input, json};
use crate::records::Records;

pub(super) fn knows_csv(input: &Input) -> bool {
    input.file_name().ends_with(".csv")
}

pub(super) fn knows_tsv(input: &Input) -> bool {
    [".tsv", ".tab"].iter().any(|ending| input.file_name().ends_with(ending))
}

pub(super) fn open_csv(input: Input, options: &Options) -> anyhow::Result<Rows> {
    delimited(input, b',', options)
}

pub(super) fn open_tsv(input: Input, options: &Options) -> anyhow::Result<Rows> {
    delimited(input, b'\t', options)
}

fn delimited(input: Input, delimiter: u8, options: &Options) -> anyhow::Result<Rows> {
    let name = input.name;
    let mut records = records(delimiter, input.reader);
    let Some(header) = records.next().transpose()? else { return Ok(Box::new(std::iter::empty())) };
    let titles = match header.1 {
        Ok(titles) => titles.iter().map(title).collect::<Vec<_>>(),
        Err(_) => bail!("the header of `{name}` is not UTF-8"),
    };
    let reading = options.mapping.reading(Some(&titles))?;
    let columns: Vec<usize> =
        reading.columns.iter().filter_map(|wanted| position(&titles, wanted)).collect();
    Ok(Box::new(records.map(move |record| {
        let (line, cells) = record?;
        let values = cells.map(|cells| values(&cells, &columns));
        Ok(Row::new(line, values.and_then(|values| reading.entity(&values))))
    })))
}

pub(crate) fn title(title: &str) -> String {
    title.trim_start_matches('\u{FEFF}').trim().to_owned()
}

fn position(titles: &[String], wanted: &str) -> Option<usize> {
    titles.iter().position(|title| title == wanted)
}

fn values(cells: &StringRecord, columns: &[usize]) -> Vec<Vec<String>> {
    let value = |column: &usize| cells.get(*column).map(str::to_owned).into_iter().collect();
    columns.iter().map(value).collect()
}

/// JSON lines: a value may be a list, and a key may lead into an object (`address.country`).
pub(super) fn open_json_lines(input: Input, options: &Options) -> anyhow::Result<Rows> {
    let reading = options.mapping.reading(None)?;
    Ok(json::rows(input, move |line| {
        let value: Value = serde_json::from_str(line).map_err(json::problems)?;
        if !value.is_object() {
            return Err(Problem::row("is no JSON object"));
        }
        let values: Vec<Vec<String>> =
            reading.columns.iter().map(|column| json_texts(at(&value, column))).collect();
        reading.entity(&values).map(Some)
    }))
}

fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    match value.get(path) {
        Some(found) => found,
        None => path.split('.').fold(value, |value, key| &value[key]),
    }
}

/// The texts of a JSON value.
pub(super) fn json_texts(value: &Value) -> Vec<String> {
    match value {
        Value::Null | Value::Object(_) => Vec::new(),
        Value::String(text) => vec![text.clone()],
        Value::Array(values) => values.iter().flat_map(json_texts).collect(),
        other => vec![other.to_string()],
    }
}

/// A record with the line it begins at, or what is wrong with it.
pub(super) type Record = (i64, Result<StringRecord, Vec<Problem>>);

/// The records of an input; what cannot be read is an error of the whole file.
pub(super) fn records<R: Read>(
    delimiter: u8,
    input: R,
) -> impl Iterator<Item = anyhow::Result<Record>> {
    Records::new(delimiter, input).map(|record| record.map(texts))
}

fn texts((line, record): (i64, ByteRecord)) -> Record {
    let texts = StringRecord::from_byte_record(record).map_err(|error| {
        let cell = error.utf8_error().field() + 1;
        Problem::row(format!("cell {cell} is not UTF-8"))
    });
    (line, texts)
}

#[cfg(test)]
mod tests {
    use super::super::{Mapping, Options, formats::tests::check};
    use expect_test::expect;

    #[test]
    fn a_row_keeps_its_line_whatever_ends_lines_and_spans_them() {
        let text = "id,type,name\r\na,city,\"Tan\r\nta\"\r\n\r\nb,city,Qena\r\nc,city\r\n";
        check(
            "list.csv",
            text,
            expect![[r#"
            2 {"id":"a","type":"city","names":[{"text":"Tan ta","script":"Latn","kind":"primary"}]}
            5 {"id":"b","type":"city","names":[{"text":"Qena","script":"Latn","kind":"primary"}]}
            6 !names: is empty: give at least one item
        "#]],
        );
    }

    #[test]
    fn a_column_that_is_not_there_is_told_before_a_row_is_read() {
        let mapping = Mapping::parse("columns.id = 'ref'").unwrap();
        let options = Options { mapping, ..Options::default() };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.csv");
        std::fs::write(&path, "id,name\n").unwrap();
        let files = [path.to_str().unwrap().to_owned()];
        let plan = super::super::plan(&files, None, &options).unwrap().pop().unwrap();
        let error = plan.open(&options).err().unwrap().to_string();
        assert_eq!(error, "no column `ref`: the file has `id`, `name`");
    }

    #[test]
    fn keys_of_json_lines_lead_into_objects_and_lists() {
        let mapping = Mapping::parse(
            "columns = { id = 'ref', name = 'names.en', alias = 'also', country = 'at.country' }\nvalues.type = 'city'",
        );
        let options = Options { mapping: mapping.unwrap(), ..Options::default() };
        let text = r#"{"ref":7,"names":{"en":"Tanta"},"also":["طنطا","Tantah"],"at":{"country":"EG"}}
["no object"]
"#;
        let shown = super::super::formats::tests::rows(&[("list.jsonl", text)], &options);
        expect![[r#"
            1 {"id":"7","type":"city","country":"EG","names":[{"text":"طنطا","script":"Arab","kind":"alias"},{"text":"Tantah","script":"Latn","kind":"alias"},{"text":"Tanta","script":"Latn","kind":"primary"}]}
            2 !: is no JSON object
        "#]].assert_eq(&shown);
    }
}
