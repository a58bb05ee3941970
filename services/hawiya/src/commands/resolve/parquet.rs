//! Rows and their answers as Parquet: columns of text, and the score as a number.

use std::{fs::File, path::Path, sync::Arc};

use anyhow::Context;
use parquet::{
    basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel},
    data_type::{ByteArray, ByteArrayType, DoubleType},
    file::{properties::WriterProperties, writer::SerializedFileWriter},
    schema::types::Type,
};

use super::{
    encoding::{Added, Header, record},
    row::Answered,
};

/// Rows of a group: what is in memory until it is written.
const GROUP_ROWS: usize = 20_000;

/// Where the score is among the added columns.
const SCORE_AT: usize = 3;

/// A Parquet file in the making. It has its table of contents at its end, and is none before.
pub(super) struct ParquetFile {
    writer: SerializedFileWriter<File>,
    header: Header,
    /// Of the columns of the file and of the added ones; the one of the score stays empty.
    columns: Vec<Vec<ByteArray>>,
    scores: Vec<Option<f64>>,
}

impl ParquetFile {
    pub(super) fn create(path: &Path, header: Header) -> anyhow::Result<Self> {
        let file = File::create(path)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_created_by(format!("hawiya {}", env!("CARGO_PKG_VERSION")));
        let schema = Arc::new(schema(&header)?);
        let writer = SerializedFileWriter::new(file, schema, Arc::new(properties.build()))?;
        let columns = vec![Vec::new(); header.titles.len() + header.added.len()];
        Ok(Self { writer, header, columns, scores: Vec::new() })
    }

    pub(super) fn write(
        &mut self,
        answered: &Answered,
        provisional: &[Option<u64>],
    ) -> anyhow::Result<()> {
        let rows = answered.rows.iter().zip(&answered.outcomes).zip(provisional);
        let (score_column, before) = (self.score_column(), self.header.titles.len());
        for ((row, (outcome, _)), id) in rows {
            for (column, cell) in
                self.columns.iter_mut().zip(&*record(&row.cells, &self.header.titles))
            {
                column.push(ByteArray::from(cell));
            }
            let added = Added::of(outcome, *id);
            for (at, text) in added.texts.iter().take(self.header.added.len()).enumerate() {
                if before + at != score_column {
                    self.columns[before + at].push(ByteArray::from(text.as_ref()));
                }
            }
            self.scores.push(added.score);
        }
        if self.scores.len() >= GROUP_ROWS { self.write_group() } else { Ok(()) }
    }

    fn score_column(&self) -> usize {
        self.header.titles.len() + SCORE_AT
    }

    fn write_group(&mut self) -> anyhow::Result<()> {
        let score_column = self.score_column();
        let mut group = self.writer.next_row_group()?;
        for (at, texts) in self.columns.iter_mut().enumerate() {
            let mut column = group.next_column()?.context("a column is missing")?;
            if at == score_column {
                let levels: Vec<i16> =
                    self.scores.iter().map(|score| i16::from(score.is_some())).collect();
                let scores: Vec<f64> = self.scores.iter().flatten().copied().collect();
                column.typed::<DoubleType>().write_batch(&scores, Some(&levels), None)?;
            } else {
                column.typed::<ByteArrayType>().write_batch(texts, None, None)?;
            }
            column.close()?;
            texts.clear();
        }
        group.close()?;
        self.scores.clear();
        Ok(())
    }

    /// Writes what is left, and the table of contents.
    pub(super) fn finish(mut self) -> anyhow::Result<()> {
        if !self.scores.is_empty() {
            self.write_group()?;
        }
        self.writer.finish()?;
        Ok(self.writer.inner().sync_data()?)
    }
}

fn schema(header: &Header) -> anyhow::Result<Type> {
    let before = header.titles.len();
    let column = |(at, name): (usize, &String)| {
        let (physical, logical, repetition) = match at.checked_sub(before) {
            Some(SCORE_AT) => (Physical::DOUBLE, None, Repetition::OPTIONAL),
            _ => (Physical::BYTE_ARRAY, Some(LogicalType::String), Repetition::REQUIRED),
        };
        let column = Type::primitive_type_builder(name, physical)
            .with_logical_type(logical)
            .with_repetition(repetition);
        Ok(Arc::new(column.build()?))
    };
    let columns = header.titles.iter().chain(&header.added).enumerate().map(column);
    let columns: Vec<_> = columns.collect::<anyhow::Result<_>>()?;
    Ok(Type::group_type_builder("resolved").with_fields(columns).build()?)
}
