//! Parquet, of which a mapping says which column means what.

use std::fs::File;

use anyhow::Context;
use parquet::{
    file::reader::{FileReader, SerializedFileReader},
    record::{Field, Row as Record},
};

use super::{Options, Row, Rows, input::Input};
use crate::Usage;

pub(super) fn knows(input: &Input) -> bool {
    input.head.starts_with(b"PAR1")
}

/// A row at a time; of the file, a page of each column is in memory.
pub(super) fn open(input: Input, options: &Options) -> anyhow::Result<Rows> {
    let (titles, records) = read(&input)?;
    let reading = options.mapping.reading(Some(&titles))?;
    Ok(Box::new(records.map(move |record| {
        let (number, record) = record?;
        let values: Vec<_> =
            reading.columns.iter().map(|column| texts_of(&record, column)).collect();
        Ok(Row::new(number, reading.entity(&values)))
    })))
}

/// Rows with their numbers.
pub(crate) type Records = Box<dyn Iterator<Item = anyhow::Result<(i64, Record)>> + Send>;

/// The names of the columns, and the rows with their numbers. It is read from its end, so it has to
/// be a file.
pub(crate) fn read(input: &Input) -> anyhow::Result<(Vec<String>, Records)> {
    let path = input.path().ok_or_else(|| {
        Usage("Parquet cannot be read from standard input: name the file".to_owned())
    })?;
    let cannot = || format!("cannot read `{}`", input.name);
    let file = SerializedFileReader::new(File::open(path)?).with_context(cannot)?;
    let schema = file.metadata().file_metadata().schema_descr().root_schema().clone();
    let titles = schema.get_fields().iter().map(|field| field.name().to_owned()).collect();
    let records = (1..).zip(file).map(|(number, record)| {
        let record = record.with_context(|| format!("the file is damaged at row {number}"))?;
        Ok((number, record))
    });
    Ok((titles, Box::new(up_to_the_first_error(records))))
}

/// The reader goes on after an error, for as many rows as the file says it has; if that is what is damaged, they
/// are without end.
fn up_to_the_first_error<T>(
    rows: impl Iterator<Item = anyhow::Result<T>>,
) -> impl Iterator<Item = anyhow::Result<T>> {
    rows.scan(false, |is_over, row| {
        let was_over = std::mem::replace(is_over, row.is_err());
        (!was_over).then_some(row)
    })
}

fn texts_of(record: &Record, column: &str) -> Vec<String> {
    let found = record.get_column_iter().find(|(name, _)| *name == column);
    found.map_or_else(Vec::new, |(_, field)| texts(field))
}

/// The texts of a value; a list has several.
pub(crate) fn texts(field: &Field) -> Vec<String> {
    match field {
        Field::Null => Vec::new(),
        Field::Str(text) => vec![text.clone()],
        Field::Bytes(bytes) => bytes.as_utf8().map(str::to_owned).into_iter().collect(),
        Field::ListInternal(list) => list.elements().iter().flat_map(texts).collect(),
        // Without quotes, dates as ISO 8601.
        other => vec![other.to_string().trim_matches('"').to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use std::{path::Path, sync::Arc};

    use expect_test::expect;
    use parquet::{
        basic::Compression,
        data_type::{ByteArray, ByteArrayType},
        file::{properties::WriterProperties, writer::SerializedFileWriter},
        schema::parser::parse_message_type,
    };

    use super::*;
    use crate::import::{Mapping, formats::tests::shown, fuzzing::tests::survive};

    /// A file of two columns of texts.
    fn write(path: &Path, compression: Compression, columns: [&[&str]; 2]) {
        let schema =
            "message list { REQUIRED BYTE_ARRAY ref (UTF8); REQUIRED BYTE_ARRAY title (UTF8); }";
        let schema = Arc::new(parse_message_type(schema).unwrap());
        let properties = WriterProperties::builder().set_compression(compression).build();
        let file = File::create(path).unwrap();
        let mut writer = SerializedFileWriter::new(file, schema, Arc::new(properties)).unwrap();
        let mut group = writer.next_row_group().unwrap();
        for texts in columns {
            let texts: Vec<ByteArray> = texts.iter().map(|text| ByteArray::from(*text)).collect();
            let mut column = group.next_column().unwrap().unwrap();
            column.typed::<ByteArrayType>().write_batch(&texts, None, None).unwrap();
            column.close().unwrap();
        }
        group.close().unwrap();
        writer.close().unwrap();
    }

    #[test]
    fn rows_are_read_whatever_compresses_them() {
        let mapping = "columns = { id = 'ref', name = 'title' }\nvalues.type = 'city'";
        let options = Options { mapping: Mapping::parse(mapping).unwrap(), ..Options::default() };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.parquet");
        let compressions = [
            Compression::UNCOMPRESSED,
            Compression::SNAPPY,
            Compression::GZIP(Default::default()),
            Compression::ZSTD(Default::default()),
        ];
        let read = |compression| {
            write(&path, compression, [&["a", "b c"], &["طنطا", "Qena"]]);
            shown(&[path.to_str().unwrap().to_owned()], &options)
        };
        let mut shown: Vec<String> = compressions.map(read).to_vec();
        shown.dedup();
        expect![[r#"
            1 {"id":"a","type":"city","names":[{"text":"طنطا","script":"Arab","kind":"primary"}]}
            2 !canonical_id: is `b c`: give 1 to 128 characters of [A-Za-z0-9._:-]
        "#]]
        .assert_eq(&shown.concat());
    }

    #[test]
    fn a_damaged_file_is_told_and_nothing_panics() {
        let mapping = "columns = { id = 'ref', name = 'title' }\nvalues.type = 'city'";
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.parquet");
        for compression in [Compression::UNCOMPRESSED, Compression::ZSTD(Default::default())] {
            write(&path, compression, [&["a", "b"], &["طنطا", "Qena"]]);
            survive(&[("list.parquet", &std::fs::read(&path).unwrap())], mapping);
        }
    }
}
