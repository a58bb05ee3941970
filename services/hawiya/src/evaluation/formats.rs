//! Labelled files: UTF-8, tab-separated, one header line by whose columns a file is known.
//!
//! No quotes and no escapes: a name may contain whatever is not a tab or the end of a line. The
//! table of the formats is in the help of `hawiya eval`.

use std::{fs, path::Path};

use anyhow::{Context, bail, ensure};

use super::marked::Marked;

/// The ending of annotated articles, which are no tables.
const ARTICLE_ENDING: &str = "marked";

/// What labelled files hold.
#[derive(Debug, Default)]
pub(crate) struct Labelled {
    /// Two spellings of one name.
    pub(crate) variants: Vec<Spellings>,
    /// Spellings of two names.
    pub(crate) distinct: Vec<Spellings>,
    pub(super) pairs: Vec<NamePair>,
    pub(crate) catalogues: Vec<Catalogue>,
    pub(super) entities: Vec<Entities>,
    pub(super) queries: Vec<Queries>,
    pub(super) articles: Vec<Marked>,
    /// Files of a folder that are of no format.
    pub(crate) skipped: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Spellings {
    /// Empty when the file does not say.
    pub(super) entity_type: String,
    pub(crate) a: String,
    pub(crate) b: String,
}

/// Two whole names.
#[derive(Debug)]
pub(super) struct NamePair {
    /// Empty when the file does not say, like the group.
    pub(super) entity_type: String,
    pub(super) group: String,
    pub(super) a: String,
    pub(super) b: String,
    pub(super) is_match: bool,
    /// What other systems score, by the name of the column; a pair may lack some.
    pub(super) rivals: Vec<(String, f64)>,
}

/// One entity a line, in several languages.
#[derive(Debug)]
pub(crate) struct Catalogue {
    /// The name of the file, without its ending.
    pub(crate) name: String,
    /// What is indexed.
    pub(crate) indexed: Vec<String>,
    /// What is asked: the id and every further column, each as long as `indexed`; an empty cell is
    /// not asked.
    pub(crate) asked: Vec<(String, Vec<String>)>,
}

#[derive(Debug)]
pub(super) struct Entities {
    pub(super) rows: Vec<EntityRow>,
}

#[derive(Debug)]
pub(super) struct EntityRow {
    pub(super) id: String,
    pub(super) entity_type: String,
    pub(super) name: String,
}

/// Queries whose answers are known.
#[derive(Debug)]
pub(super) struct Queries {
    /// The name of the file, without its ending.
    pub(super) name: String,
    pub(super) rows: Vec<QueryRow>,
}

#[derive(Debug)]
pub(super) struct QueryRow {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) text: String,
}

impl Labelled {
    /// Reads files, and of a folder every file that is of a format.
    pub(crate) fn read(paths: &[impl AsRef<Path>]) -> anyhow::Result<Self> {
        let mut labelled = Self::default();
        for path in paths.iter().map(AsRef::as_ref) {
            if path.is_dir() {
                labelled.add_folder(path)?;
            } else if let Some(header) = labelled.add_file(path)? {
                bail!(
                    "`{}` has the columns `{header}`: see `hawiya eval --help` for the formats",
                    path.display()
                );
            }
        }
        Ok(labelled)
    }

    fn add_folder(&mut self, folder: &Path) -> anyhow::Result<()> {
        let shown = || format!("cannot list `{}`", folder.display());
        let entries = fs::read_dir(folder).with_context(shown)?;
        let paths: Result<Vec<_>, _> =
            entries.map(|entry| entry.map(|entry| entry.path())).collect();
        let mut paths = paths.with_context(shown)?;
        paths.sort();
        for path in paths.into_iter().filter(|path| path.is_file()) {
            // Anything may lie in a folder: what is no table of ours is named and left alone.
            if self.add_file(&path)?.is_some() {
                self.skipped.push(path.display().to_string());
            }
        }
        Ok(())
    }

    /// Adds what a file holds. Of a file of no format nothing is added and the header returned.
    fn add_file(&mut self, path: &Path) -> anyhow::Result<Option<String>> {
        let bytes = fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        let Ok(text) = String::from_utf8(bytes) else { return Ok(Some("not UTF-8".to_owned())) };
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path.extension().is_some_and(|ending| ending == ARTICLE_ENDING) {
            let article = Marked::parse(name, &text);
            self.articles.push(article.with_context(|| format!("in `{}`", path.display()))?);
            return Ok(None);
        }
        let table = Table::parse(name, &text);
        let Some(format) = table.format() else { return Ok(Some(table.header.join("`, `"))) };
        self.add(format, table).with_context(|| format!("in `{}`", path.display()))?;
        Ok(None)
    }

    fn add(&mut self, format: Format, table: Table) -> anyhow::Result<()> {
        table.check_widths()?;
        match format {
            Format::Variants => self.variants.extend(table.spellings()?),
            Format::Distinct => self.distinct.extend(table.spellings()?),
            Format::Pairs => self.pairs.extend(table.pairs()?),
            Format::Queries => self.queries.push(table.queries()?),
            Format::Entities => self.entities.push(table.entities()?),
            Format::Catalogue => self.catalogues.push(table.catalogue()?),
        }
        Ok(())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Variants,
    Distinct,
    Pairs,
    Queries,
    Entities,
    Catalogue,
}

/// The formats and the columns each needs; a table is of the first it has all columns of.
const FORMATS: [(Format, &[&str]); 5] = [
    (Format::Distinct, &["latin_a", "latin_b", "spelling_a", "spelling_b"]),
    (Format::Variants, &["latin", "spelling_a", "spelling_b"]),
    (Format::Pairs, &["name_a", "name_b", "is_match"]),
    (Format::Queries, &["id", "kind", "query"]),
    (Format::Entities, &["id", "type", "name"]),
];

/// A file as it is.
#[derive(Debug)]
struct Table {
    /// The name of the file, without its ending.
    name: String,
    header: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    line: usize,
    cells: Vec<String>,
}

impl Table {
    fn parse(name: String, text: &str) -> Self {
        let split = |line: &str| line.split('\t').map(str::to_owned).collect::<Vec<_>>();
        let mut lines = text.trim_start_matches('\u{FEFF}').lines();
        let header = split(lines.next().unwrap_or_default());
        let row = |(line, text): (usize, &str)| {
            let mut cells = split(text);
            // Empty cells at the end may be left out.
            cells.resize(cells.len().max(header.len()), String::new());
            Row { line, cells }
        };
        let rows = (2..).zip(lines).filter(|(_, text)| !text.is_empty()).map(row).collect();
        Self { name, header, rows }
    }

    fn check_widths(&self) -> anyhow::Result<()> {
        let wide = self.rows.iter().find(|row| row.cells.len() > self.header.len());
        ensure!(
            wide.is_none(),
            "line {} has more cells than the header",
            wide.map_or(0, |row| row.line)
        );
        Ok(())
    }

    fn format(&self) -> Option<Format> {
        let has = |column: &&str| self.column(column).is_some();
        let known = FORMATS.iter().find(|(_, columns)| columns.iter().all(has));
        let is_catalogue = self.header.len() > 1 && self.header[0] == "id";
        known.map(|(format, _)| *format).or(is_catalogue.then_some(Format::Catalogue))
    }

    fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|column| column == name)
    }

    /// The cell of a column, empty where the table has no such column.
    fn optional(&self, row: &Row, column: &str) -> String {
        self.column(column).map(|at| row.cells[at].clone()).unwrap_or_default()
    }

    /// The cell of a column that must not be empty.
    fn cell(&self, row: &Row, column: &str) -> anyhow::Result<String> {
        let cell = self.optional(row, column);
        ensure!(!cell.is_empty(), "line {}: `{column}` is empty", row.line);
        Ok(cell)
    }

    fn spellings(&self) -> anyhow::Result<Vec<Spellings>> {
        let spellings = |row: &Row| {
            Ok(Spellings {
                entity_type: self.optional(row, "type"),
                a: self.cell(row, "spelling_a")?,
                b: self.cell(row, "spelling_b")?,
            })
        };
        self.rows.iter().map(spellings).collect()
    }

    fn pairs(&self) -> anyhow::Result<Vec<NamePair>> {
        let pair = |row: &Row| {
            Ok(NamePair {
                entity_type: self.optional(row, "type"),
                group: self.optional(row, "group"),
                a: self.cell(row, "name_a")?,
                b: self.cell(row, "name_b")?,
                is_match: self.is_match(row)?,
                rivals: self.rivals(row)?,
            })
        };
        self.rows.iter().map(pair).collect()
    }

    fn is_match(&self, row: &Row) -> anyhow::Result<bool> {
        let cell = self.cell(row, "is_match")?;
        match cell.to_lowercase().as_str() {
            "true" | "yes" | "1" => Ok(true),
            "false" | "no" | "0" => Ok(false),
            _ => bail!("line {}: `is_match` is `{cell}`, neither true nor false", row.line),
        }
    }

    /// The cells of every column whose name ends in `_score`; an empty one is no score.
    fn rivals(&self, row: &Row) -> anyhow::Result<Vec<(String, f64)>> {
        let columns = self
            .header
            .iter()
            .filter(|column| column.ends_with("_score") && !self.optional(row, column).is_empty());
        let rival = |column: &String| {
            let cell = self.cell(row, column)?;
            let score = cell.parse();
            let score = score.with_context(|| {
                format!("line {}: `{column}` is `{cell}`, not a number", row.line)
            })?;
            Ok((column.clone(), score))
        };
        columns.map(rival).collect()
    }

    fn queries(self) -> anyhow::Result<Queries> {
        let query = |row: &Row| {
            Ok(QueryRow {
                id: self.cell(row, "id")?,
                kind: self.optional(row, "kind"),
                text: self.cell(row, "query")?,
            })
        };
        let rows: anyhow::Result<Vec<_>> = self.rows.iter().map(query).collect();
        Ok(Queries { rows: rows?, name: self.name })
    }

    fn entities(&self) -> anyhow::Result<Entities> {
        let entity = |row: &Row| {
            Ok(EntityRow {
                id: self.cell(row, "id")?,
                entity_type: self.optional(row, "type"),
                name: self.cell(row, "name")?,
            })
        };
        let rows: anyhow::Result<Vec<_>> = self.rows.iter().map(entity).collect();
        Ok(Entities { rows: rows? })
    }

    fn catalogue(self) -> anyhow::Result<Catalogue> {
        let column = |at: usize| self.rows.iter().map(|row| row.cells[at].clone()).collect();
        for row in &self.rows {
            self.cell(row, &self.header[1])?;
        }
        let asked = (0..self.header.len()).filter(|at| *at != 1);
        Ok(Catalogue {
            indexed: column(1),
            asked: asked.map(|at| (self.header[at].clone(), column(at))).collect(),
            name: self.name,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Table {
        Table::parse("names".to_owned(), text)
    }

    #[test]
    fn a_table_is_known_by_its_columns() {
        let cases = [
            ("latin\ttype\tspelling_a\tspelling_b", Some(Format::Variants)),
            ("latin_a\tlatin_b\tspelling_a\tspelling_b", Some(Format::Distinct)),
            ("is_match\tname_b\tname_a", Some(Format::Pairs)),
            ("id\tkind\tquery", Some(Format::Queries)),
            ("id\ttype\tname", Some(Format::Entities)),
            ("id\tar\tru", Some(Format::Catalogue)),
            ("id", None),
            ("name\tid", None),
            ("", None),
        ];
        for (header, format) in cases {
            assert_eq!(table(header).format(), format, "{header}");
        }
    }

    #[test]
    fn a_mark_of_byte_order_line_ends_and_missing_cells_do_no_harm() {
        let table = table("\u{FEFF}id\tar\tru\r\nx\tس\r\n\r\n");
        assert_eq!((table.header[0].as_str(), table.rows.len()), ("id", 1));
        assert_eq!(table.rows[0].cells, ["x", "س", ""]);
    }

    #[test]
    fn a_quote_is_a_letter_like_any_other() {
        let catalogue = table("id\tar\n\"x\"\tس").catalogue().unwrap();
        assert_eq!(catalogue.asked[0].1, ["\"x\""]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let cases = [
            (Format::Catalogue, "id\tar\nx\ty\tz", "line 2 has more cells than the header"),
            (Format::Catalogue, "id\tar\n\nx", "line 3: `ar` is empty"),
            (
                Format::Pairs,
                "name_a\tname_b\tis_match\na\tb\tmaybe",
                "line 2: `is_match` is `maybe`, neither true nor false",
            ),
            (
                Format::Pairs,
                "name_a\tname_b\tis_match\tour_score\na\tb\t1\tx",
                "line 2: `our_score` is `x`, not a number",
            ),
        ];
        for (format, text, expected) in cases {
            let error = Labelled::default().add(format, table(text)).unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
    }
}
