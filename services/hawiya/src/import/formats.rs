//! The formats of lists: one table, a line each.

use std::{fmt::Write as _, io::BufRead, sync::Arc};

use anyhow::bail;

use super::{
    Mapping, Outcome, Problem, Row, Rows, cities, companion::Companion, ftm, geonames, hawiya,
    input::Input, ofac, parquet, table, un, wikidata,
};
use crate::Usage;

/// A format of lists.
pub(crate) struct Format {
    pub(crate) name: &'static str,
    /// What it is, for the help.
    about: &'static str,
    /// The dataset of its entities when nobody says; `None`: called after the file.
    pub(crate) dataset: Option<&'static str>,
    /// How its rows are counted: by "line" or by "row".
    pub(crate) unit: &'static str,
    knows: fn(&Input) -> bool,
    reading: Reading,
}

/// How a format is read.
#[derive(Clone, Copy)]
enum Reading {
    /// Each file by itself.
    Alone(fn(Input, &Options) -> anyhow::Result<Rows>),
    /// All files together, with the names of companions.
    Joined(fn(Vec<Input>, Vec<Additions>, &Options) -> anyhow::Result<Rows>),
    /// A companion of the format of this name.
    Names(&'static str, fn(Input, &Options) -> anyhow::Result<Additions>),
    /// Each file by itself, by a mapping of columns.
    Mapped(fn(Input, &Options) -> anyhow::Result<Rows>),
}

/// The formats. Of those that know a file the first reads it.
const FORMATS: &[Format] = &[
    Format {
        name: "parquet",
        about: "Parquet, by a mapping of columns",
        dataset: None,
        unit: "row",
        knows: parquet::knows,
        reading: Reading::Mapped(parquet::open),
    },
    Format {
        name: "un",
        about: "the UN Security Council's consolidated list (XML)",
        dataset: Some("un"),
        unit: "row",
        knows: un::knows,
        reading: Reading::Alone(un::open),
    },
    Format {
        name: "wikidata",
        about: "Wikidata entities as JSON, an entity a line, as in its dumps",
        dataset: Some("wikidata"),
        unit: "line",
        knows: wikidata::knows,
        reading: Reading::Alone(wikidata::open),
    },
    Format {
        name: "ftm",
        about: "FollowTheMoney JSON lines, as OpenSanctions publishes them",
        dataset: None,
        unit: "line",
        knows: ftm::knows,
        reading: Reading::Alone(ftm::open),
    },
    Format {
        name: "ofac",
        about: "the US Treasury's list (sdn.csv)",
        dataset: Some("ofac"),
        unit: "line",
        knows: ofac::knows,
        reading: Reading::Joined(ofac::open),
    },
    Format {
        name: "ofac-names",
        about: "its alternative names (alt.csv), together with sdn.csv",
        dataset: None,
        unit: "line",
        knows: ofac::knows_names,
        reading: Reading::Names("ofac", ofac::open_names),
    },
    Format {
        name: "geonames",
        about: "GeoNames places (allCountries.txt, cities500.txt, EG.txt)",
        dataset: Some("geonames"),
        unit: "line",
        knows: geonames::knows,
        reading: Reading::Joined(geonames::open),
    },
    Format {
        name: "geonames-names",
        about: "their names (alternateNamesV2.txt), together with places",
        dataset: None,
        unit: "line",
        knows: geonames::knows_names,
        reading: Reading::Names("geonames", geonames::open_names),
    },
    Format {
        name: "world-cities",
        about: "world-cities.csv, cities in Arabic and English",
        dataset: Some("world-cities"),
        unit: "line",
        knows: cities::knows,
        reading: Reading::Alone(cities::open),
    },
    Format {
        name: "hawiya",
        about: "JSON lines as `hawiya export` writes them",
        dataset: None,
        unit: "line",
        knows: hawiya::knows,
        reading: Reading::Alone(hawiya::open),
    },
    Format {
        name: "tsv",
        about: "tab-separated values with a header, by a mapping of columns",
        dataset: None,
        unit: "line",
        knows: table::knows_tsv,
        reading: Reading::Mapped(table::open_tsv),
    },
    Format {
        name: "csv",
        about: "comma-separated values with a header, by a mapping of columns",
        dataset: None,
        unit: "line",
        knows: table::knows_csv,
        reading: Reading::Mapped(table::open_csv),
    },
    Format {
        name: "jsonl",
        about: "JSON lines, by a mapping of keys",
        dataset: None,
        unit: "line",
        knows: hawiya::knows,
        reading: Reading::Mapped(table::open_json_lines),
    },
];

/// What the user says about the reading of lists.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// Only names in these languages (BCP 47), and those of no stated language; empty: all.
    pub(crate) languages: Vec<String>,
    /// Which column means what.
    pub(crate) mapping: Mapping,
}

impl Options {
    /// Whether names in a language are wanted; "zh" wants "zh-Hant" too.
    pub(super) fn wants(&self, language: &str) -> bool {
        let is_wanted = |wanted: &String| {
            let rest = language.strip_prefix(wanted.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        self.languages.is_empty() || language.is_empty() || self.languages.iter().any(is_wanted)
    }
}

/// Names that a companion adds.
pub(crate) struct Additions {
    pub(super) file: Arc<str>,
    pub(super) companion: Companion,
    /// The lines that cannot be read.
    pub(super) refused: Vec<Row>,
}

impl Additions {
    pub(super) fn new(file: &str) -> Self {
        let (companion, refused) = Default::default();
        Self { file: file.into(), companion, refused }
    }

    /// Ends the taking in of lines.
    pub(super) fn sealed(self) -> anyhow::Result<Self> {
        Ok(Self { companion: self.companion.sealed()?, ..self })
    }

    /// Notes a line that cannot be read.
    pub(super) fn refuse(&mut self, number: i64, problems: Vec<Problem>) -> anyhow::Result<()> {
        let file = Some(Arc::clone(&self.file));
        self.refused.push(Row { file, number, outcome: Outcome::NameRefused(problems) });
        if self.refused.len() > REFUSED_MAX {
            bail!("`{}` has more than {REFUSED_MAX} broken lines: is it what it seems?", self.file);
        }
        Ok(())
    }
}

/// The lines of companions that cannot be read.
pub(super) fn take_refused(additions: &mut [Additions]) -> Vec<Row> {
    additions.iter_mut().flat_map(|additions| std::mem::take(&mut additions.refused)).collect()
}

/// What `read` finds in each file, with the file where there are several.
pub(super) fn by_file<T, I: Iterator<Item = T>>(
    inputs: Vec<Input>,
    read: fn(Box<dyn BufRead + Send>) -> I,
) -> impl Iterator<Item = (Option<Arc<str>>, T)> {
    let are_several = inputs.len() > 1;
    inputs.into_iter().flat_map(move |input| {
        let file: Option<Arc<str>> = are_several.then(|| input.name.as_str().into());
        read(input.reader).map(move |item| (file.clone(), item))
    })
}

/// How many broken lines of a companion are told one by one.
const REFUSED_MAX: usize = 10_000;

/// Files that are imported together.
pub(crate) struct Plan {
    pub(crate) format: &'static Format,
    pub(crate) inputs: Vec<Input>,
    companions: Vec<(&'static Format, Input)>,
}

impl Plan {
    /// The rows of the files.
    pub(crate) fn open(self, options: &Options) -> anyhow::Result<Rows> {
        let Self { format, inputs, companions } = self;
        let names = |(format, input): (&Format, Input)| match format.reading {
            Reading::Names(_, read) => read(input, options),
            _ => unreachable!("a plan has only companions as companions"),
        };
        match format.reading {
            Reading::Alone(open) | Reading::Mapped(open) => {
                let opened = inputs.into_iter().map(|input| open(input, options));
                let opened: Vec<Rows> = opened.collect::<anyhow::Result<_>>()?;
                Ok(Box::new(opened.into_iter().flatten()))
            }
            Reading::Joined(open) => {
                let additions = companions.into_iter().map(names).collect::<anyhow::Result<_>>()?;
                open(inputs, additions, options)
            }
            Reading::Names(..) => unreachable!("a companion is never planned alone"),
        }
    }
}

/// Which files are imported together, and how: in the order of the files.
pub(crate) fn plan(
    files: &[String],
    format: Option<&str>,
    options: &Options,
) -> anyhow::Result<Vec<Plan>> {
    let named = format.map(|name| by_name(name, options)).transpose()?;
    let (mut plans, mut names): (Vec<Plan>, Vec<(&Format, Input)>) = Default::default();
    for file in files {
        let input = Input::open(file)?;
        let format = match named {
            Some(named) => companion_of(named, &input).unwrap_or(named),
            None => recognized(&input, options)?,
        };
        let together = plans.iter_mut().find(|plan| {
            plan.format.name == format.name && matches!(format.reading, Reading::Joined(_))
        });
        match (format.reading, together) {
            (Reading::Names(..), _) => names.push((format, input)),
            (_, Some(plan)) => plan.inputs.push(input),
            _ => plans.push(Plan { format, inputs: vec![input], companions: Vec::new() }),
        }
    }
    for (format, input) in names {
        companions_place(&mut plans, format, &input)?.companions.push((format, input));
    }
    Ok(plans)
}

/// The plan that a companion adds to.
fn companions_place<'a>(
    plans: &'a mut [Plan],
    format: &Format,
    input: &Input,
) -> anyhow::Result<&'a mut Plan> {
    let Reading::Names(of, _) = format.reading else { unreachable!("only companions are placed") };
    let refused = || {
        let name = &input.name;
        Usage(format!(
            "`{name}` only adds names to entities: import it together with theirs ({of})"
        ))
    };
    Ok(plans.iter_mut().find(|plan| plan.format.name == of).ok_or_else(refused)?)
}

/// JSON lines without a mapping are ours, as `hawiya export --format jsonl` calls them.
fn by_name(name: &str, options: &Options) -> anyhow::Result<&'static Format> {
    let name = if name == "jsonl" && options.mapping.is_empty() { "hawiya" } else { name };
    let names = || FORMATS.iter().map(|format| format.name).collect::<Vec<_>>().join(", ");
    let refused = || Usage(format!("--format is `{name}`: expected one of {}", names()));
    Ok(FORMATS.iter().find(|format| format.name == name).ok_or_else(refused)?)
}

/// With `--format ofac`, alt.csv is still what it is.
fn companion_of(named: &Format, input: &Input) -> Option<&'static Format> {
    let is_its = |format: &&Format| {
        matches!(format.reading, Reading::Names(of, _) if of == named.name) && (format.knows)(input)
    };
    FORMATS.iter().find(is_its)
}

/// The format of a file by its content, or else by its name. A mapping is for formats that need one.
fn recognized(input: &Input, options: &Options) -> anyhow::Result<&'static Format> {
    let fits = |format: &&Format| {
        let is_mapped = matches!(format.reading, Reading::Mapped(_));
        (options.mapping.is_empty() || is_mapped) && (format.knows)(input)
    };
    let refused = || {
        let name = &input.name;
        Usage(format!(
            "`{name}` has no format that is known: say `--format`, see `hawiya import --help`"
        ))
    };
    Ok(FORMATS.iter().find(fits).ok_or_else(refused)?)
}

/// The formats as the help lists them.
pub(crate) fn describe() -> String {
    let mut text = String::new();
    for Format { name, about, .. } in FORMATS {
        writeln!(text, "  {name:15} {about}").expect("a text takes more text");
    }
    text
}

#[cfg(test)]
pub(super) mod tests {
    use std::fs;

    use expect_test::{Expect, expect};

    use super::*;

    /// Reads a file as an import does and compares its rows with what is expected.
    pub(in crate::import) fn check(name: &str, text: &str, expected: Expect) {
        check_files(&[(name, text)], expected);
    }

    pub(in crate::import) fn check_files(files: &[(&str, &str)], expected: Expect) {
        expected.assert_eq(&rows(files, &Options::default()));
    }

    /// The rows of files, a line each.
    pub(in crate::import) fn rows(files: &[(&str, &str)], options: &Options) -> String {
        let folder = tempfile::tempdir().unwrap();
        let write = |(name, text): &(&str, &str)| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let paths: Vec<String> = files.iter().map(write).collect();
        shown(&paths, options)
    }

    /// The rows of files that are there.
    pub(in crate::import) fn shown(paths: &[String], options: &Options) -> String {
        let plans = plan(paths, None, options).unwrap();
        plans.into_iter().flat_map(|plan| plan.open(options).unwrap()).map(line).collect()
    }

    fn line(row: anyhow::Result<Row>) -> String {
        let row = match row {
            Ok(row) => row,
            Err(error) => return format!("!{error:#}\n"),
        };
        let file = row.file.map_or_else(String::new, |file| {
            format!("{} ", file.rsplit('/').next().unwrap_or_default())
        });
        let text = match row.outcome {
            Outcome::Entity(entity) => serde_json::to_string(&entity).unwrap(),
            Outcome::Skipped(count) => format!("skipped {count}"),
            Outcome::Refused(problems) | Outcome::NameRefused(problems) => {
                let text = |problem: &crate::import::Problem| {
                    format!("!{}: {}", problem.field, problem.error)
                };
                problems.iter().map(text).collect::<Vec<_>>().join(" ")
            }
        };
        format!("{file}{} {text}\n", row.number)
    }

    #[test]
    fn a_file_that_nobody_knows_is_refused_with_the_cure() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.txt");
        fs::write(&path, "nothing\n").unwrap();
        let files = [path.to_str().unwrap().to_owned()];
        let error = plan(&files, None, &Options::default()).err().unwrap().to_string();
        assert!(
            error.ends_with(
                "has no format that is known: say `--format`, see `hawiya import --help`"
            )
        );
        let error = plan(&files, Some("xyz"), &Options::default()).err().unwrap().to_string();
        assert!(error.starts_with("--format is `xyz`: expected one of parquet, un,"), "{error}");
    }

    #[test]
    fn a_companion_without_its_entities_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("alt.csv");
        fs::write(&path, "36,12,\"aka\",\"X\",-0- \n").unwrap();
        let files = [path.to_str().unwrap().to_owned()];
        let error = plan(&files, None, &Options::default()).err().unwrap().to_string();
        assert!(error.ends_with("import it together with theirs (ofac)"), "{error}");
    }

    #[test]
    fn a_row_that_cannot_be_read_does_not_keep_the_others_out() {
        check(
            "list.jsonl",
            "{\"id\":\"a\",\"type\":\"city\",\"names\":[{\"text\":\"طنطا\"}]}\n\n{\n{\"id\":\"b\",\"type\":\"city\"}\n",
            expect![[r#"
                1 {"id":"a","type":"city","names":[{"text":"طنطا","script":"Arab","kind":"primary"}]}
                3 !: EOF while parsing an object at column 1
                4 !names: is empty: give at least one item
            "#]],
        );
    }

    #[test]
    fn json_lines_without_a_mapping_are_ours() {
        let format = |options: &Options| by_name("jsonl", options).unwrap().name;
        let mapping = Mapping::parse("columns.id = 'ref'").unwrap();
        assert_eq!(format(&Options::default()), "hawiya");
        assert_eq!(format(&Options { mapping, ..Options::default() }), "jsonl");
    }

    #[test]
    fn a_language_is_wanted_with_its_kinds() {
        let options =
            Options { languages: vec!["zh".to_owned(), "ar".to_owned()], ..Options::default() };
        let wanted = ["zh", "zh-Hant", "ar", "", "zhx", "en"].map(|tag| options.wants(tag));
        assert_eq!(wanted, [true, true, true, true, false, false]);
    }
}
