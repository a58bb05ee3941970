//! Makes rows of a file, with the reader of each format that `hawiya import` has.
//!
//! A row that cannot be read keeps its place: it is a row with a problem.

use std::io::BufRead;

use anyhow::bail;
use chassis::checks::TEXT_CHARS_MAX;
use csv::{ByteRecord, StringRecord};
use proto::vocabulary::EntityType;
use serde_json::Value;

use super::{
    super::TYPE_NAMES,
    pairs::Pairs,
    row::{Cells, Query, Row},
};
use crate::{
    cli::InputFormat,
    import::{Input, Problem, Progress, SEPARATOR, parquet, table},
    records::Records,
    source::{self, LINE_BYTES_MAX, Line, Lines, column_of},
};

/// The column of names where the file has no columns.
const ONLY_COLUMN: &str = "input";

/// How many JSON lines are looked at to know the keys of all.
const KEYS_FROM_ROWS: usize = 1_000;

/// Characters of a country, language or type: far more than any has. One that is longer is a cell that
/// was never ended, and would fill a message by itself.
const HINT_CHARS_MAX: usize = 64;

/// Which columns are read.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    pub(super) name: Option<String>,
    pub(super) entity_type: Option<String>,
    pub(super) country: Option<String>,
    pub(super) language: Option<String>,
}

/// A file that is open.
pub(super) struct Table {
    pub(super) titles: Vec<String>,
    /// What the numbers of rows count: "line" or "row".
    pub(super) unit: &'static str,
    pub(super) rows: Rows,
    pub(super) progress: Progress,
}

pub(super) type Rows = Box<dyn Iterator<Item = anyhow::Result<Row>> + Send>;

impl Table {
    pub(super) fn open(
        input: Input,
        format: InputFormat,
        columns: &Columns,
    ) -> anyhow::Result<Self> {
        let progress = input.progress.clone();
        let (titles, unit, rows) = match format {
            InputFormat::Csv => delimited(input, b',', columns)?,
            InputFormat::Tsv => delimited(input, b'\t', columns)?,
            InputFormat::Jsonl => json_lines(input, columns)?,
            InputFormat::Lines => lines(input),
            InputFormat::Parquet => records(&input, columns)?,
        };
        Ok(Self { titles, unit, rows, progress })
    }
}

type Opened = (Vec<String>, &'static str, Rows);

fn delimited(input: Input, delimiter: u8, columns: &Columns) -> anyhow::Result<Opened> {
    let name = input.name;
    let mut records = Records::new(delimiter, input.reader);
    let Some((_, header)) = records.next().transpose()? else {
        bail!("`{name}` is empty: a header line with the names of the columns is needed");
    };
    let titles = match StringRecord::from_byte_record(header) {
        Ok(header) => header.iter().map(table::title).collect::<Vec<_>>(),
        Err(_) => bail!("the header of `{name}` is not UTF-8"),
    };
    let places = Places::of(columns, &titles)?;
    let width = titles.len();
    let rows = records.map(move |record| {
        let (number, record) = record?;
        let (cells, problems) = fitted(record, width);
        Ok(places.row(number, cells, problems))
    });
    Ok((titles, "line", Box::new(rows)))
}

/// The record with as many cells as there are columns, and what is wrong with it.
fn fitted(record: ByteRecord, width: usize) -> (StringRecord, Vec<Problem>) {
    let mut problems = Vec::new();
    let found = record.len();
    let mut cells = StringRecord::from_byte_record(record).unwrap_or_else(|error| {
        let cell = error.utf8_error().field() + 1;
        problems.extend(Problem::row(format!("cell {cell} is not UTF-8")));
        StringRecord::from_byte_record_lossy(error.into_byte_record())
    });
    if found > width {
        problems.extend(Problem::row(format!("has {found} cells, and there are {width} columns")));
        cells.truncate(width);
    }
    for _ in found..width {
        cells.push_field("");
    }
    (cells, problems)
}

fn records(input: &Input, columns: &Columns) -> anyhow::Result<Opened> {
    let (titles, records) = parquet::read(input)?;
    let places = Places::of(columns, &titles)?;
    let rows = records.map(move |record| {
        let (number, record) = record?;
        let cells = record.get_column_iter().map(|(_, field)| parquet::texts(field));
        let cells: StringRecord = cells.map(|texts| texts.join(&SEPARATOR.to_string())).collect();
        Ok(places.row(number, cells, Vec::new()))
    });
    Ok((titles, "row", Box::new(rows)))
}

fn lines(input: Input) -> Opened {
    let rows = (1..).zip(Lines::new(input.reader, LINE_BYTES_MAX)).map(|(number, line)| {
        let (text, problems) = match line? {
            Line::Text(text) => (text, Vec::new()),
            Line::Bad(bytes, error) => (shown(&bytes), Problem::row(error)),
        };
        let text = text.trim_start_matches('\u{FEFF}').to_owned();
        let cells = StringRecord::from(vec![text.as_str()]);
        let query = checked(Query { text, ..Query::default() }, problems);
        Ok(Row { number, cells: Cells::Record(cells), query })
    });
    (vec![ONLY_COLUMN.to_owned()], "line", Box::new(rows))
}

/// What cannot be read, as far as it can be shown.
fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().take(200).collect()
}

/// Where in a record what is asked stands.
struct Places {
    name: usize,
    entity_type: Option<usize>,
    country: Option<usize>,
    language: Option<usize>,
}

impl Places {
    fn of(columns: &Columns, titles: &[String]) -> anyhow::Result<Self> {
        let place = |column: &Option<String>| {
            column.as_deref().map(|column| column_of(titles, Some(column))).transpose()
        };
        Ok(Self {
            name: column_of(titles, columns.name.as_deref())?,
            entity_type: place(&columns.entity_type)?,
            country: place(&columns.country)?,
            language: place(&columns.language)?,
        })
    }

    fn row(&self, number: i64, cells: StringRecord, mut problems: Vec<Problem>) -> Row {
        let cell = |place: Option<usize>| place.and_then(|at| cells.get(at)).unwrap_or_default();
        let entity_type = entity_type(cell(self.entity_type), &mut problems);
        let query = Query {
            text: cell(Some(self.name)).to_owned(),
            entity_type,
            country: country(cell(self.country)),
            language: cell(self.language).trim().to_owned(),
        };
        Row { number, cells: Cells::Record(cells), query: checked(query, problems) }
    }
}

/// What is asked, unless something is wrong with the row. A cell that is too long is found here, because
/// the server would refuse the whole message and with it the run.
fn checked(query: Query, mut problems: Vec<Problem>) -> Result<Query, Vec<Problem>> {
    let cells = [
        ("name", &query.text, TEXT_CHARS_MAX),
        ("country", &query.country, HINT_CHARS_MAX),
        ("language", &query.language, HINT_CHARS_MAX),
    ];
    for (field, text, chars_max) in cells {
        problems.extend(is_long(text, chars_max).then(|| too_long(field, chars_max)));
    }
    if problems.is_empty() { Ok(query) } else { Err(problems) }
}

fn is_long(text: &str, chars_max: usize) -> bool {
    text.len() > chars_max && text.chars().nth(chars_max).is_some()
}

fn too_long(field: &str, chars_max: usize) -> Problem {
    let cure = "look for a quote that is not closed";
    Problem::new(field, format!("has more than {chars_max} characters: {cure}"))
}

fn country(text: &str) -> String {
    text.trim().to_ascii_uppercase()
}

/// A type by its name; a word that is none is a problem of the row.
fn entity_type(text: &str, problems: &mut Vec<Problem>) -> EntityType {
    let wanted = text.trim();
    if wanted.is_empty() {
        return EntityType::Unspecified;
    }
    if is_long(wanted, HINT_CHARS_MAX) {
        problems.push(too_long("type", HINT_CHARS_MAX));
        return EntityType::Unspecified;
    }
    let known = TYPE_NAMES.iter().find(|(_, name)| name.eq_ignore_ascii_case(wanted));
    match known {
        Some((entity_type, _)) => *entity_type,
        None => {
            let names = TYPE_NAMES.map(|(_, name)| name).join(", ");
            problems.push(Problem::new("type", format!("is `{wanted}`: expected one of {names}")));
            EntityType::Unspecified
        }
    }
}

fn json_lines(input: Input, columns: &Columns) -> anyhow::Result<Opened> {
    let columns = columns.clone();
    let mut rows = json_rows(input.reader, columns);
    let first: Vec<anyhow::Result<Row>> = rows.by_ref().take(KEYS_FROM_ROWS).collect();
    let mut titles = Vec::new();
    for row in first.iter().filter_map(|row| row.as_ref().ok()) {
        match &row.cells {
            Cells::Object(object) => {
                let pairs = serde_json::from_str::<Pairs>(object).unwrap_or_default();
                for (key, _) in pairs.0 {
                    if !titles.contains(&key) {
                        titles.push(key);
                    }
                }
            }
            Cells::Record(_) | Cells::Text(_) => {}
        }
    }
    if titles.is_empty() {
        titles.push(ONLY_COLUMN.to_owned());
    }
    Ok((titles, "line", Box::new(first.into_iter().chain(rows))))
}

fn json_rows(
    reader: impl BufRead + Send + 'static,
    columns: Columns,
) -> impl Iterator<Item = anyhow::Result<Row>> + Send {
    let lines = (1..).zip(Lines::new(reader, LINE_BYTES_MAX));
    lines.filter_map(move |(number, line)| match line {
        Err(error) => Some(Err(error)),
        Ok(Line::Bad(bytes, error)) => {
            let (cells, query) = (Cells::Text(shown(&bytes)), Err(Problem::row(error)));
            Some(Ok(Row { number, cells, query }))
        }
        Ok(Line::Text(line)) => {
            let line = line.trim_start_matches('\u{FEFF}').trim();
            (!line.is_empty()).then(|| Ok(json_row(number, line, &columns)))
        }
    })
}

fn json_row(number: i64, line: &str, columns: &Columns) -> Row {
    let bad = |error: String| Row {
        number,
        cells: Cells::Text(line.to_owned()),
        query: Err(Problem::row(error)),
    };
    if line.starts_with('"') {
        return match serde_json::from_str::<String>(line) {
            Ok(text) => {
                let asked = Query { text: text.clone(), ..Query::default() };
                let query = checked(asked, Vec::new());
                Row { number, cells: Cells::Text(text), query }
            }
            Err(error) => bad(format!("not JSON: {error}")),
        };
    }
    match serde_json::from_str::<Pairs>(line) {
        Ok(pairs) => {
            Row { number, cells: Cells::Object(line.to_owned()), query: asked(&pairs, columns) }
        }
        Err(error) if error.is_data() => bad("neither a string nor an object".to_owned()),
        Err(error) => bad(format!("not JSON: {error}")),
    }
}

fn asked(pairs: &Pairs, columns: &Columns) -> Result<Query, Vec<Problem>> {
    let mut problems = Vec::new();
    let text = match &columns.name {
        Some(column) => pairs.get(column),
        None => source::COLUMNS.iter().find_map(|column| pairs.get(column)),
    };
    let text = match text {
        Some(Value::String(text)) => text.clone(),
        Some(_) => return Err(Problem::row("the name is not a string")),
        None => {
            let column = columns.name.as_deref().unwrap_or("name");
            return Err(Problem::row(format!("no key `{column}`: say `--column`")));
        }
    };
    let mut hint = |column: &Option<String>| match column.as_deref().and_then(|key| pairs.get(key))
    {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(_) => {
            let key = column.clone().unwrap_or_default();
            problems.push(Problem::new(key, "is not a string"));
            String::new()
        }
    };
    let (type_name, country_code) = (hint(&columns.entity_type), hint(&columns.country));
    let language = hint(&columns.language);
    let entity_type = entity_type(&type_name, &mut problems);
    checked(Query { text, entity_type, country: country(&country_code), language }, problems)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(name: &str, text: &[u8], format: InputFormat, columns: &Columns, expected: Expect) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let input = Input::open(path.to_str().unwrap()).unwrap();
        let table = Table::open(input, format, columns).unwrap();
        let mut shown = format!("{}\n", table.titles.join("|"));
        for row in table.rows {
            let row = row.unwrap();
            let query = match row.query {
                Ok(query) => format!(
                    "{:?} {} {} {}",
                    query.entity_type, query.text, query.country, query.language
                ),
                Err(problems) => format!("!{}", problems[0].error),
            };
            shown.push_str(&format!("{} {:?} {}\n", row.number, row.cells, query.trim_end()));
        }
        expected.assert_eq(&shown);
    }

    #[test]
    fn a_record_has_a_cell_for_each_column_whatever_its_line_had() {
        check(
            "names.csv",
            b"\xEF\xBB\xBFid,name\r\n1,\"Lavrov, S.\"\r\n2\r\n3,\xFF\n4,x,y\n5,z\n\n",
            InputFormat::Csv,
            &Columns::default(),
            expect![[r#"
                id|name
                2 Record(StringRecord(["1", "Lavrov, S."])) Unspecified Lavrov, S.
                3 Record(StringRecord(["2", ""])) Unspecified
                4 Record(StringRecord(["3", "�"])) !cell 2 is not UTF-8
                5 Record(StringRecord(["4", "x"])) !has 3 cells, and there are 2 columns
                6 Record(StringRecord(["5", "z"])) Unspecified z
            "#]],
        );
    }

    #[test]
    fn hints_are_read_from_their_columns_and_a_wrong_one_is_told() {
        let columns = Columns {
            entity_type: Some("kind".to_owned()),
            country: Some("at".to_owned()),
            language: Some("lang".to_owned()),
            ..Columns::default()
        };
        check(
            "names.tsv",
            "name\tkind\tat\tlang\nQena\tCity\teg\tar\nTanta\ttown\t\t\n".as_bytes(),
            InputFormat::Tsv,
            &columns,
            expect![[r#"
                name|kind|at|lang
                2 Record(StringRecord(["Qena", "City", "eg", "ar"])) City Qena EG ar
                3 Record(StringRecord(["Tanta", "town", "", ""])) !is `town`: expected one of person, organization, location, country, city, vessel, aircraft, event, product, other
            "#]],
        );
    }

    #[test]
    fn a_json_line_is_a_string_or_an_object_with_a_name() {
        check(
            "names.jsonl",
            "\"طنطا\"\n\n{\"id\":1.50,\"name\":\"Qena\"}\n{\"id\":1}\n[]\n{\n\"\\ud800\"\n"
                .as_bytes(),
            InputFormat::Jsonl,
            &Columns::default(),
            expect![[r#"
                id|name
                1 Text("طنطا") Unspecified طنطا
                3 Object("{\"id\":1.50,\"name\":\"Qena\"}") Unspecified Qena
                4 Object("{\"id\":1}") !no key `name`: say `--column`
                5 Text("[]") !neither a string nor an object
                6 Text("{") !not JSON: EOF while parsing an object at line 1 column 1
                7 Text("\"\\ud800\"") !not JSON: unexpected end of hex escape at line 1 column 8
            "#]],
        );
    }

    #[test]
    fn a_cell_that_was_never_ended_is_a_problem_of_its_row_and_of_no_other() {
        let columns = Columns {
            entity_type: Some("type".to_owned()),
            country: Some("country".to_owned()),
            language: Some("language".to_owned()),
            ..Columns::default()
        };
        let longest = "ن".repeat(TEXT_CHARS_MAX);
        let rest = "x,,,\n".repeat(2_000);
        let text = format!(
            "name,type,country,language\n{longest},,,\n{longest}ن,,,\na,{rest:?},,\nb,,{rest:?},\n\
             c,,,{rest:?}\nd,,,\n\"{rest}"
        );
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("names.csv");
        std::fs::write(&path, text).unwrap();
        let input = Input::open(path.to_str().unwrap()).unwrap();
        let table = Table::open(input, InputFormat::Csv, &columns).unwrap();
        let wrong = table.rows.map(|row| match row.unwrap().query {
            Ok(_) => String::new(),
            Err(problems) => format!("{} {}", problems[0].field, problems[0].error),
        });
        let long = |field, chars| {
            format!("{field} has more than {chars} characters: look for a quote that is not closed")
        };
        assert_eq!(
            wrong.collect::<Vec<_>>(),
            [
                String::new(),
                long("name", 1_000),
                long("type", 64),
                long("country", 64),
                long("language", 64),
                String::new(),
                long("name", 1_000),
            ]
        );
    }

    #[test]
    fn a_name_that_is_too_long_is_refused_in_every_format() {
        let long = "n".repeat(TEXT_CHARS_MAX + 1);
        let columns = Columns::default();
        let object = format!("{{\"name\":\"{long}\"}}");
        for row in [json_row(1, &format!("\"{long}\""), &columns), json_row(1, &object, &columns)] {
            assert_eq!(row.query.unwrap_err()[0].field, "name");
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("names.txt");
        std::fs::write(&path, long).unwrap();
        let (_, _, mut rows) = lines(Input::open(path.to_str().unwrap()).unwrap());
        assert_eq!(rows.next().unwrap().unwrap().query.unwrap_err()[0].field, "name");
    }
}
