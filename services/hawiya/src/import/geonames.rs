//! GeoNames: places (allCountries.txt, cities500.txt, EG.txt), and alternateNamesV2.txt with their
//! names by language.
//!
//! Tab-separated, without a header and without quotes; the columns are those of GeoNames' readme.

use std::io::BufRead;

use registry::{
    Entity,
    entity::{EntityType, NameKind},
};

use super::{
    Options, Outcome, Problem, Row, Rows,
    companion::Addition,
    draft::{EntityDraft, prominence_of_population},
    formats::{self, Additions},
    input::Input,
};
use crate::source::{Line, Lines};

const COLUMNS: usize = 19;
const NAMES_COLUMNS_MIN: usize = 4;

/// The longest line that is read.
const LINE_BYTES_MAX: usize = 1 << 20;

/// What stands in the column of languages and is none: an id in another scheme.
const SCHEMES: [(&str, &str); 6] = [
    ("wkdt", "wikidata"),
    ("iata", "iata"),
    ("icao", "icao"),
    ("faac", "faa"),
    ("unlc", "unlocode"),
    ("tcid", "unlocode"),
];

/// And what is neither a name nor an id: postal codes, links, telephone and other numbers.
const NO_NAMES: [&str; 4] = ["post", "link", "phon", "lauc"];

pub(super) fn knows(input: &Input) -> bool {
    first_line(input).is_some_and(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        cells.len() == COLUMNS && cells[0].parse::<u64>().is_ok()
    })
}

pub(super) fn knows_names(input: &Input) -> bool {
    first_line(input).is_some_and(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        (NAMES_COLUMNS_MIN..=10).contains(&cells.len())
            && cells[..2].iter().all(|cell| cell.parse::<u64>().is_ok())
    })
}

fn first_line(input: &Input) -> Option<&str> {
    let end = input.head.iter().position(|byte| *byte == b'\n')?;
    str::from_utf8(&input.head[..end]).ok()
}

/// Reads alternateNamesV2.txt: names in the languages that are wanted, and ids.
pub(super) fn open_names(input: Input, options: &Options) -> anyhow::Result<Additions> {
    let mut additions = Additions::new(&input.name);
    for (number, line) in lines(input.reader) {
        match line?.and_then(|line| addition(number, &line, options)) {
            Ok(Some(addition)) => additions.companion.push(addition)?,
            Ok(None) => {}
            Err(problems) => additions.refuse(number, problems)?,
        }
    }
    additions.sealed()
}

fn addition(number: i64, line: &str, options: &Options) -> Result<Option<Addition>, Vec<Problem>> {
    let cells: Vec<&str> = line.split('\t').collect();
    let [_, key, language, name, ..] = cells[..] else {
        return Err(Problem::row(format!("has {} cells: expected 10", cells.len())));
    };
    let is_id = SCHEMES.iter().any(|(known, _)| *known == language);
    let is_unwanted = NO_NAMES.contains(&language) || !(is_id || options.wants(language));
    if is_unwanted {
        return Ok(None);
    }
    let key = key
        .parse()
        .map_err(|_| vec![Problem::new("geonameid", format!("is `{key}`: expected a number"))])?;
    let flag = |at: usize| cells.get(at).is_some_and(|cell| *cell == "1");
    let kind = match language {
        _ if flag(7) || language.ends_with("_1793") => "former",
        "abbr" => "acronym",
        _ if flag(6) => "nickname",
        _ if flag(4) => "preferred",
        _ => "",
    };
    let text = format!("{language}\t{kind}\t{name}");
    Ok(Some(Addition { key, line: number.unsigned_abs(), text }))
}

/// Reads places. Names of places that do not come, as with cities500.txt, are only counted.
pub(super) fn open(
    inputs: Vec<Input>,
    mut additions: Vec<Additions>,
    _: &Options,
) -> anyhow::Result<Rows> {
    let refused = formats::take_refused(&mut additions);
    let mut lines = formats::by_file(inputs, lines);
    let mut is_over = false;
    let rows = std::iter::from_fn(move || {
        if let Some((file, (number, line))) = lines.next() {
            let row = line.and_then(|line| place(number, line, &mut additions));
            return Some(row.map(|row| Row { file, ..row }));
        }
        let left: u64 = additions.iter().map(|names| names.companion.left_count()).sum();
        let is_told = std::mem::replace(&mut is_over, true);
        let outcome = Outcome::Skipped(left);
        (!is_told && left > 0).then_some(Ok(Row { file: None, number: 0, outcome }))
    });
    Ok(Box::new(refused.into_iter().map(Ok).chain(rows)))
}

type NumberedLine = (i64, anyhow::Result<Result<String, Vec<Problem>>>);

/// The lines that are not empty.
fn lines(reader: Box<dyn BufRead + Send>) -> impl Iterator<Item = NumberedLine> + Send {
    let lines = Lines::new(reader, LINE_BYTES_MAX).map(|line| {
        Ok(match line? {
            Line::Text(text) => Ok(text),
            Line::Bad(_, error) => Err(Problem::row(error)),
        })
    });
    (1..).zip(lines).filter(|(_, line)| !matches!(line, Ok(Ok(text)) if text.is_empty()))
}

fn place(
    number: i64,
    line: Result<String, Vec<Problem>>,
    additions: &mut [Additions],
) -> anyhow::Result<Row> {
    let line = match line {
        Ok(line) => line,
        Err(problems) => return Ok(Row::new(number, Err(problems))),
    };
    let cells: Vec<&str> = line.split('\t').collect();
    let count = cells.len();
    let Ok(cells) = <[&str; COLUMNS]>::try_from(cells) else {
        let problems = Problem::row(format!("has {count} cells: expected {COLUMNS}"));
        return Ok(Row::new(number, Err(problems)));
    };
    let Ok(key) = cells[0].parse() else {
        let error = format!("is `{}`: expected a number", cells[0]);
        return Ok(Row::new(number, Err(vec![Problem::new("geonameid", error)])));
    };
    let mut names = Vec::new();
    for Additions { companion, .. } in additions {
        names.extend(companion.take(key)?);
    }
    Ok(Row::new(number, entity(key, &cells, &names)))
}

fn entity(key: u64, cells: &[&str; COLUMNS], names: &[Addition]) -> Result<Entity, Vec<Problem>> {
    let [_, name, ascii, others, latitude, longitude, class, code, country, ..] = *cells;
    let mut draft = EntityDraft::new(format!("geonames:{key}"), type_of(class, code, country));
    draft.external_id("geonames", &key.to_string());
    // Names with a language first: the same text without one then says nothing new.
    names.iter().for_each(|addition| add(&mut draft, &addition.text));
    draft.primary(name, "");
    draft.alias(ascii, "");
    others.split(',').for_each(|other| draft.alias(other, ""));
    draft.country(if country.is_empty() { &[] } else { std::slice::from_ref(&country) });
    let population = cells[14].parse().unwrap_or(0);
    draft.prominence(prominence_of_population(population));
    let attributes = [
        ("feature", format!("{class}.{code}")),
        ("admin1", cells[10].to_owned()),
        ("latitude", latitude.to_owned()),
        ("longitude", longitude.to_owned()),
        ("population", if population > 0 { population.to_string() } else { String::new() }),
    ];
    attributes.iter().for_each(|(key, text)| draft.attribute(key, text));
    draft.finish()
}

/// The type of a feature (GeoNames' feature codes).
fn type_of(class: &str, code: &str, country: &str) -> EntityType {
    match (class, code) {
        // A part of a place is no place of its own kind, and an abandoned one no city.
        ("P", "PPLX" | "PPLQ" | "PPLH" | "PPLW") => EntityType::Location,
        ("P", _) => EntityType::City,
        ("A", "PCL" | "PCLI" | "PCLD" | "PCLF" | "PCLS" | "PCLIX" | "TERR")
            if !country.is_empty() =>
        {
            EntityType::Country
        }
        _ => EntityType::Location,
    }
}

fn add(draft: &mut EntityDraft, text: &str) {
    let mut parts = text.splitn(3, '\t');
    let mut part = || parts.next().unwrap_or_default();
    let (language, kind, name) = (part(), part(), part());
    if let Some((_, scheme)) = SCHEMES.iter().find(|(known, _)| *known == language) {
        return draft.external_id(scheme, name);
    }
    // "abbr" and "piny" say what a name is, not in which language.
    let language = match language {
        "abbr" => "",
        "piny" => "zh-Latn",
        "fr_1793" => "fr",
        language => language,
    };
    let kind = match kind {
        "former" => NameKind::Former,
        "acronym" => NameKind::Acronym,
        "nickname" => NameKind::Nickname,
        _ => NameKind::Alias,
    };
    draft.name(name, language, kind);
}

#[cfg(test)]
mod tests {
    use super::super::{
        Options,
        formats::tests::{check_files, rows},
        fuzzing::tests::survive,
    };
    use expect_test::expect;

    const PLACES: &str = "\
        1\tSample City\tSample City\tSampleville,مدينة\t30.1\t31.2\tP\tPPLC\tEG\t\t11\t\t\t\t9000000\t\t23\tAfrica/Cairo\t2026-01-01\n\
        2\tRîver\tRiver\t\t1\t2\tH\tSTM\t\t\t\t\t\t\t0\t\t\t\t2026-01-01\n\
        3\tbroken\n\
        4\tSampleland\tSampleland\t\t1\t2\tA\tPCLI\tXS\t\t\t\t\t\t5\t\t\t\t2026-01-01\n";

    const NAMES: &str = "\
        10\t1\tar\tمدينة\t1\t\t\t\t\t\n\
        11\t1\ten\tSample\t\t1\t1\t\t\t\n\
        12\t1\ten\tOldtown\t\t\t\t1\t\t\n\
        13\t1\twkdt\tQ1\t\t\t\t\t\t\n\
        14\t1\tpost\t12345\t\t\t\t\t\t\n\
        15\t77\tar\tغيرها\t\t\t\t\t\t\n\
        16\tx\tar\tغيرها\t\t\t\t\t\t\n";

    #[test]
    fn a_place_has_its_names_by_language_and_its_ids() {
        check_files(
            &[("EG.txt", PLACES), ("alternateNamesV2.txt", NAMES)],
            expect![[r#"
            alternateNamesV2.txt 7 !geonameid: is `x`: expected a number
            1 {"id":"geonames:1","type":"city","country":"EG","prominence":0.915,"names":[{"text":"مدينة","language":"ar","script":"Arab","kind":"alias"},{"text":"Sample","language":"en","script":"Latn","kind":"nickname"},{"text":"Oldtown","language":"en","script":"Latn","kind":"former"},{"text":"Sample City","script":"Latn","kind":"primary"},{"text":"Sampleville","script":"Latn","kind":"alias"}],"external_ids":[{"scheme":"geonames","value":"1"},{"scheme":"wikidata","value":"Q1"}],"attributes":{"admin1":"11","feature":"P.PPLC","latitude":"30.1","longitude":"31.2","population":"9000000"}}
            2 {"id":"geonames:2","type":"location","names":[{"text":"Rîver","script":"Latn","kind":"primary"},{"text":"River","script":"Latn","kind":"alias"}],"external_ids":[{"scheme":"geonames","value":"2"}],"attributes":{"feature":"H.STM","latitude":"1","longitude":"2"}}
            3 !: has 2 cells: expected 19
            4 {"id":"geonames:4","type":"country","country":"XS","prominence":0.102,"names":[{"text":"Sampleland","script":"Latn","kind":"primary"}],"external_ids":[{"scheme":"geonames","value":"4"}],"attributes":{"feature":"A.PCLI","latitude":"1","longitude":"2","population":"5"}}
            0 skipped 1
        "#]],
        );
    }

    #[test]
    fn damaged_files_are_no_reason_to_panic() {
        survive(&[("EG.txt", PLACES.as_bytes()), ("names.txt", NAMES.as_bytes())], "");
        survive(&[("names.txt", NAMES.as_bytes()), ("EG.txt", PLACES.as_bytes())], "");
    }

    #[test]
    fn of_several_files_a_row_is_told_with_its_file() {
        let broken = "x\n";
        let place = PLACES.lines().next().unwrap().replace("1\tSample", "9\tSample");
        let files = [("EG.txt", PLACES), ("IQ.txt", &format!("{place}\n{broken}"))];
        let shown = rows(&files, &Options::default());
        assert!(shown.contains("EG.txt 3 !: has 2 cells"), "{shown}");
        assert!(shown.contains("IQ.txt 2 !: has 1 cells"), "{shown}");
    }

    #[test]
    fn names_come_in_the_languages_that_are_wanted() {
        let options = Options { languages: vec!["ar".to_owned()], ..Options::default() };
        let files = [("EG.txt", PLACES), ("names.txt", NAMES)];
        let shown = rows(&files, &options);
        assert!(shown.contains("مدينة") && !shown.contains("Oldtown"), "{shown}");
    }
}
