//! `hawiya export`: the catalogue as a file that others read.
//!
//! JSON lines keep everything an entity has, and imported elsewhere they give the same catalogue.
//! CSV and FollowTheMoney keep what those formats have a place for.

mod csv;
mod ftm;

use std::{
    fs::{self, File},
    io::{BufWriter, Write, stdout},
    path::{Path, PathBuf},
};

use anyhow::Context;
use futures_util::StreamExt;
use proto::registry::v1::{self as wire, registry_service_client::RegistryServiceClient};
use registry::{Draft, entity::Proposal};
use serde::Serialize;

use super::parse_types;
use crate::{
    Done,
    cli::{self, ExportFormat, Service},
    client::Session,
    sink::{Line, Row, Sink},
};

pub(super) async fn run(command: cli::Export) -> anyhow::Result<Done> {
    let types = parse_types(&command.types)?;
    let format = command.format.unwrap_or_else(|| format_of(command.output.as_deref()));
    let mut target = Target::open(command.output.clone())?;
    let session = Session::open(&command.target).await?;
    let mut registry = RegistryServiceClient::new(session.channel(Service::Registry).await?);
    let dataset = command.dataset.unwrap_or_default();
    let request = wire::ExportEntitiesRequest { types, dataset, ..Default::default() };
    let mut answers = registry.export_entities(request).await?.into_inner();
    let mut exported = Exported::default();
    target.out.write_all(start(format).as_bytes())?;
    while let Some(answer) = answers.next().await {
        let answer = answer?;
        exported.catalogue_version = answer.catalogue_version;
        for entity in answer.entities {
            target.out.write_all(line(format, Proposal::from(entity).draft)?.as_bytes())?;
            exported.exported += 1;
        }
    }
    let is_file = target.path.is_some();
    target.close()?;
    session.close().await?;
    if is_file {
        let output = cli::Output { format: None, output: None };
        Sink::open(&output)?.write(&[Line::Answer(exported)])?;
    }
    Ok(Done::All)
}

/// What stands before the first entity.
fn start(format: ExportFormat) -> String {
    match format {
        ExportFormat::Csv => csv::header(),
        ExportFormat::Jsonl | ExportFormat::Ftm => String::new(),
    }
}

/// An entity with the end of its line.
fn line(format: ExportFormat, draft: Draft) -> anyhow::Result<String> {
    Ok(match format {
        ExportFormat::Jsonl => serde_json::to_string(&draft)? + "\n",
        ExportFormat::Csv => csv::line(&draft),
        ExportFormat::Ftm => serde_json::to_string(&ftm::thing(&draft))? + "\n",
    })
}

/// The format that the ending of a file says.
fn format_of(path: Option<&Path>) -> ExportFormat {
    let name = path.and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default();
    let ends = |ending: &str| name.to_lowercase().ends_with(ending);
    if ends(".csv") {
        ExportFormat::Csv
    } else if ends(".ftm.json") || ends(".ftm.jsonl") || ends(".ftm") {
        ExportFormat::Ftm
    } else {
        ExportFormat::Jsonl
    }
}

/// Where entities are written. A file gets its name when it is whole.
struct Target {
    out: Box<dyn Write + Send>,
    path: Option<PathBuf>,
}

impl Target {
    fn open(path: Option<PathBuf>) -> anyhow::Result<Self> {
        let out: Box<dyn Write + Send> = match &path {
            Some(path) => {
                let partial = partial(path);
                let cannot = || format!("cannot write `{}`", partial.display());
                Box::new(BufWriter::new(File::create(&partial).with_context(cannot)?))
            }
            None => Box::new(BufWriter::new(stdout())),
        };
        Ok(Self { out, path })
    }

    fn close(mut self) -> anyhow::Result<()> {
        self.out.flush()?;
        let Some(path) = &self.path else { return Ok(()) };
        let cannot = || format!("cannot write `{}`", path.display());
        fs::rename(partial(path), path).with_context(cannot)
    }
}

fn partial(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".partial");
    name.into()
}

/// What was exported, as programs read it; the names of the fields are stable.
#[derive(Debug, Default, Serialize)]
struct Exported {
    exported: u64,
    catalogue_version: i64,
}

impl Row for Exported {
    const COLUMNS: &'static [&'static str] = &["exported", "catalogue version"];

    fn cells(&self) -> Vec<String> {
        vec![self.exported.to_string(), self.catalogue_version.to_string()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    const ENTITY: &str = r#"{"id":"Q1","type":"person","country":"IQ","gender":"male","birth_date":"~1950-03","description":"sample","prominence":0.5,"names":[{"text":"Ali \"A\" Example","language":"en","script":"Latn","kind":"primary"},{"text":"علي","language":"ar","script":"Arab","kind":"alias"},{"text":"Aly","script":"Latn","kind":"former"},{"text":"The|Sample","script":"Latn","kind":"nickname"}],"external_ids":[{"scheme":"wikidata","value":"Q1"},{"scheme":"ours","value":"7"}],"dataset":"sample","attributes":{"k":"v"}}"#;

    fn check(format: ExportFormat, expected: Expect) {
        let draft = serde_json::from_str(ENTITY).unwrap();
        expected.assert_eq(&(start(format) + &line(format, draft).unwrap()));
    }

    #[test]
    fn json_lines_keep_everything() {
        let draft = serde_json::from_str(ENTITY).unwrap();
        assert_eq!(line(ExportFormat::Jsonl, draft).unwrap().trim_end(), ENTITY);
    }

    #[test]
    fn csv_and_ftm_keep_what_they_have_a_place_for() {
        check(
            ExportFormat::Csv,
            expect![[r#"
            id,type,name,alias,former,acronym,nickname,country,gender,birth_date,founding_date,description,prominence,external_ids,dataset
            Q1,person,"Ali ""A"" Example",علي,Aly,,The/Sample,IQ,male,~1950-03,,sample,0.5,wikidata:Q1|ours:7,sample
        "#]],
        );
        check(
            ExportFormat::Ftm,
            expect![[r#"
            {"id":"Q1","caption":"Ali \"A\" Example","schema":"Person","properties":{"alias":["علي"],"birthDate":["1950-03"],"gender":["male"],"keywords":["ours:7"],"name":["Ali \"A\" Example"],"nationality":["iq"],"notes":["sample"],"previousName":["Aly"],"weakAlias":["The|Sample"],"wikidataId":["Q1"]},"datasets":["sample"]}
        "#]],
        );
    }

    #[test]
    fn a_format_is_known_by_the_ending() {
        for (name, expected) in [
            ("a.csv", ExportFormat::Csv),
            ("a.ftm.json", ExportFormat::Ftm),
            ("a.jsonl", ExportFormat::Jsonl),
            ("a", ExportFormat::Jsonl),
        ] {
            assert_eq!(format_of(Some(Path::new(name))), expected, "{name}");
        }
    }
}
