//! The US Treasury's list of specially designated nationals: sdn.csv, and alt.csv with further names.
//!
//! Neither has a header; "-0-" is an empty cell; a Ctrl-Z ends the file, as DOS did. Columns:
//! number, name, type, programs, title, call sign, type of vessel, tonnage, gross tonnage, flag,
//! owner, remarks; in alt.csv: number of the entity, own number, kind, name, remarks.

mod remarks;

use std::io::BufRead;

use csv::StringRecord;
use registry::{
    Entity,
    entity::{EntityType, NameKind},
};

use super::{
    Options, Outcome, Problem, Row, Rows,
    companion::Addition,
    countries,
    draft::EntityDraft,
    formats::{self, Additions},
    input::Input,
    table,
};

const COLUMNS: usize = 12;
const NAMES_COLUMNS: usize = 5;

/// The kinds of names of alt.csv: also, formerly and now known as.
const KINDS: [(&str, NameKind); 3] =
    [("aka", NameKind::Alias), ("fka", NameKind::Former), ("nka", NameKind::Alias)];

pub(super) fn knows(input: &Input) -> bool {
    first_record(input).is_some_and(|cells| cells.len() == COLUMNS && key(&cells).is_some())
}

pub(super) fn knows_names(input: &Input) -> bool {
    first_record(input).is_some_and(|cells| {
        cells.len() == NAMES_COLUMNS && key(&cells).is_some() && kind_of(&cells[2]).is_some()
    })
}

fn first_record(input: &Input) -> Option<StringRecord> {
    let record = table::records(b',', &input.head[..]).next();
    record?.ok()?.1.ok()
}

/// The number of an entity.
fn key(cells: &StringRecord) -> Option<u64> {
    cells.get(0)?.trim().parse().ok()
}

fn kind_of(text: &str) -> Option<NameKind> {
    KINDS.iter().find(|(known, _)| *known == text.trim()).map(|(_, kind)| *kind)
}

/// Reads alt.csv.
pub(super) fn open_names(input: Input, _: &Options) -> anyhow::Result<Additions> {
    let mut additions = Additions::new(&input.name);
    for record in records(input.reader) {
        let (line, cells) = record?;
        match cells.and_then(|cells| addition(line, &cells)) {
            Ok(addition) => additions.companion.push(addition)?,
            Err(problems) => additions.refuse(line, problems)?,
        }
    }
    additions.sealed()
}

fn addition(line: i64, cells: &StringRecord) -> Result<Addition, Vec<Problem>> {
    let [_, _, kind, name, remarks] = row(cells)?;
    let key = key(cells).ok_or_else(|| {
        vec![Problem::new("ent_num", format!("is `{}`: expected a number", &cells[0]))]
    })?;
    if kind_of(kind).is_none() {
        return Err(vec![Problem::new(
            "alt_type",
            format!("is `{kind}`: expected aka, fka or nka"),
        )]);
    }
    let text = format!("{kind}\t{name}\t{remarks}");
    Ok(Addition { key, line: line.unsigned_abs(), text })
}

/// Reads sdn.csv with the names of alt.csv; those that belong to nobody come last, refused.
pub(super) fn open(
    inputs: Vec<Input>,
    mut additions: Vec<Additions>,
    _: &Options,
) -> anyhow::Result<Rows> {
    let refused = formats::take_refused(&mut additions);
    let mut rows = formats::by_file(inputs, records);
    let mut left: Option<Rows> = None;
    let entities = std::iter::from_fn(move || {
        let Some((file, record)) = rows.next() else {
            return left.get_or_insert_with(|| nobodys(std::mem::take(&mut additions))).next();
        };
        let row =
            record.and_then(|(line, cells)| Ok(Row::new(line, entity(cells, &mut additions)?)));
        Some(row.map(|row| Row { file, ..row }))
    });
    Ok(Box::new(refused.into_iter().map(Ok).chain(entities)))
}

/// The names whose entity did not come.
fn nobodys(additions: Vec<Additions>) -> Rows {
    Box::new(additions.into_iter().flat_map(|Additions { file, companion, .. }| -> Rows {
        let left = match companion.left() {
            Ok(left) => left,
            Err(error) => return Box::new(std::iter::once(Err(error.into()))),
        };
        Box::new(left.map(move |addition| {
            let addition = addition?;
            let text = format!("is `{}`: no entity has this number", addition.key);
            let outcome = Outcome::NameRefused(vec![Problem::new("ent_num", text)]);
            Ok(Row { file: Some(file.clone()), number: addition.line as i64, outcome })
        }))
    }))
}

/// The records of a file up to its end, which a Ctrl-Z may mark.
fn records(
    reader: Box<dyn BufRead + Send>,
) -> impl Iterator<Item = anyhow::Result<table::Record>> + Send {
    let is_end = |record: &anyhow::Result<table::Record>| matches!(record, Ok((_, Ok(cells))) if cells.len() == 1 && cells[0] == *"\u{1A}");
    table::records(b',', reader).take_while(move |record| !is_end(record))
}

/// The cells of a row without the spaces around them; an empty one is "".
fn row<const N: usize>(cells: &StringRecord) -> Result<[&str; N], Vec<Problem>> {
    let texts: Vec<&str> = cells
        .iter()
        .map(|cell| match cell.trim() {
            "-0-" => "",
            text => text,
        })
        .collect();
    let count = texts.len();
    texts.try_into().map_err(|_| Problem::row(format!("has {count} cells: expected {N}")))
}

fn entity(
    cells: Result<StringRecord, Vec<Problem>>,
    additions: &mut [Additions],
) -> anyhow::Result<Result<Entity, Vec<Problem>>> {
    let (cells, key) = match cells.and_then(|cells| {
        let text = || format!("is `{}`: expected a number", cells.get(0).unwrap_or_default());
        let key = key(&cells).ok_or_else(|| vec![Problem::new("ent_num", text())])?;
        Ok((cells, key))
    }) {
        Ok(read) => read,
        Err(problems) => return Ok(Err(problems)),
    };
    let mut names = Vec::new();
    for Additions { companion, .. } in additions {
        names.extend(companion.take(key)?);
    }
    Ok(row(&cells).and_then(|cells| draft(key, cells, &names).finish()))
}

fn draft(key: u64, cells: [&str; COLUMNS], names: &[Addition]) -> EntityDraft {
    let [
        _,
        name,
        kind,
        programs,
        title,
        call_sign,
        vessel_type,
        tonnage,
        gross,
        flag,
        owner,
        notes,
    ] = cells;
    let mut draft = EntityDraft::new(format!("ofac:{key}"), type_of(kind));
    draft.external_id("ofac", &key.to_string());
    draft.primary(name, "");
    names.iter().for_each(|addition| add_name(&mut draft, &addition.text));
    draft.external_id("call-sign", call_sign);
    // Programs are written "SDGT] [IFSR".
    draft.attribute("programs", &programs.replace("] [", ", "));
    let attributes = [
        ("title", title),
        ("vessel_type", vessel_type),
        ("tonnage", tonnage),
        ("gross_tonnage", gross),
        ("flag", flag),
        ("owner", owner),
        ("remarks", notes),
    ];
    attributes.iter().for_each(|(key, text)| draft.attribute(key, text));
    draft.country(countries::code(flag).as_slice());
    remarks::read(notes, &mut draft);
    draft
}

fn type_of(kind: &str) -> EntityType {
    match kind {
        "individual" => EntityType::Person,
        "vessel" => EntityType::Vessel,
        "aircraft" => EntityType::Aircraft,
        _ => EntityType::Organization,
    }
}

fn add_name(draft: &mut EntityDraft, text: &str) {
    let mut parts = text.splitn(3, '\t');
    let mut part = || parts.next().unwrap_or_default();
    let (kind, name, remarks) = (part(), part(), part());
    draft.name(name, "", kind_of(kind).unwrap_or(NameKind::Alias));
    if !remarks.is_empty() {
        draft.attribute("name_remarks", &format!("{name}: {remarks}"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        formats::tests::{check, check_files},
        fuzzing::tests::survive,
    };
    use expect_test::expect;

    const SDN: &str = "\
        7,\"SAMPLE TRADING CO., LTD.\",-0- ,\"CUBA] [SDGT\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"a.k.a. 'STC'.\"\r\n\
        8,\"EXAMPLE, Ali Hassan\",\"individual\",\"IRAN\",\"Director\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"DOB circa 1961; alt. DOB 01 Jan 1962; POB Baghdad, Iraq; nationality Iran; Gender Male; Passport A123 (Iran); Linked To: SAMPLE TRADING CO., LTD.\"\r\n\
        9,\"SEA SAMPLE\",\"vessel\",\"DPRK\",-0- ,\"HMAB2\",\"General Cargo\",\"-0-\",-0- ,\"Democratic People's Republic of Korea\",-0- ,\"Vessel Registration Identification IMO 1234567; MMSI 445123000.\"\r\n\
        10,\"SHORT\"\r\n\
        \u{1A}";

    const ALT: &str = "\
        8,1,\"aka\",\"EXAMPLE, Aly\",-0- \r\n\
        7,2,\"fka\",\"OLD SAMPLE\",\"until 1999\"\r\n\
        99,3,\"aka\",\"NOBODY\",-0- \r\n\
        7,4,\"xyz\",\"ODD\",-0- \r\n\
        \u{1A}";

    #[test]
    fn an_entity_has_what_its_columns_and_remarks_say() {
        check(
            "sdn.csv",
            SDN,
            expect![[r#"
                1 {"id":"ofac:7","type":"organization","names":[{"text":"SAMPLE TRADING CO., LTD.","script":"Latn","kind":"primary"},{"text":"STC","script":"Latn","kind":"acronym"}],"external_ids":[{"scheme":"ofac","value":"7"}],"attributes":{"programs":"CUBA, SDGT","remarks":"a.k.a. 'STC'."}}
                2 {"id":"ofac:8","type":"person","country":"IR","gender":"male","birth_date":"~1961","names":[{"text":"EXAMPLE, Ali Hassan","script":"Latn","kind":"primary"}],"external_ids":[{"scheme":"ofac","value":"8"},{"scheme":"passport","value":"A123"}],"attributes":{"dates":"~1961, 1962-01-01","programs":"IRAN","remarks":"DOB circa 1961; alt. DOB 01 Jan 1962; POB Baghdad, Iraq; nationality Iran; Gender Male; Passport A123 (Iran); Linked To: SAMPLE TRADING CO., LTD.","title":"Director"}}
                3 {"id":"ofac:9","type":"vessel","country":"KP","names":[{"text":"SEA SAMPLE","script":"Latn","kind":"primary"}],"external_ids":[{"scheme":"ofac","value":"9"},{"scheme":"call-sign","value":"HMAB2"},{"scheme":"imo","value":"1234567"},{"scheme":"mmsi","value":"445123000"}],"attributes":{"flag":"Democratic People's Republic of Korea","programs":"DPRK","remarks":"Vessel Registration Identification IMO 1234567; MMSI 445123000.","vessel_type":"General Cargo"}}
                4 !: has 2 cells: expected 12
            "#]],
        );
    }

    #[test]
    fn damaged_lists_are_no_reason_to_panic() {
        survive(&[("sdn.csv", SDN.as_bytes()), ("alt.csv", ALT.as_bytes())], "");
        survive(&[("alt.csv", ALT.as_bytes()), ("sdn.csv", SDN.as_bytes())], "");
    }

    #[test]
    fn names_of_the_other_file_find_their_entity_or_are_told() {
        check_files(
            &[("alt.csv", ALT), ("sdn.csv", SDN)],
            expect![[r#"
                alt.csv 4 !alt_type: is `xyz`: expected aka, fka or nka
                1 {"id":"ofac:7","type":"organization","names":[{"text":"SAMPLE TRADING CO., LTD.","script":"Latn","kind":"primary"},{"text":"OLD SAMPLE","script":"Latn","kind":"former"},{"text":"STC","script":"Latn","kind":"acronym"}],"external_ids":[{"scheme":"ofac","value":"7"}],"attributes":{"name_remarks":"OLD SAMPLE: until 1999","programs":"CUBA, SDGT","remarks":"a.k.a. 'STC'."}}
                2 {"id":"ofac:8","type":"person","country":"IR","gender":"male","birth_date":"~1961","names":[{"text":"EXAMPLE, Ali Hassan","script":"Latn","kind":"primary"},{"text":"EXAMPLE, Aly","script":"Latn","kind":"alias"}],"external_ids":[{"scheme":"ofac","value":"8"},{"scheme":"passport","value":"A123"}],"attributes":{"dates":"~1961, 1962-01-01","programs":"IRAN","remarks":"DOB circa 1961; alt. DOB 01 Jan 1962; POB Baghdad, Iraq; nationality Iran; Gender Male; Passport A123 (Iran); Linked To: SAMPLE TRADING CO., LTD.","title":"Director"}}
                3 {"id":"ofac:9","type":"vessel","country":"KP","names":[{"text":"SEA SAMPLE","script":"Latn","kind":"primary"}],"external_ids":[{"scheme":"ofac","value":"9"},{"scheme":"call-sign","value":"HMAB2"},{"scheme":"imo","value":"1234567"},{"scheme":"mmsi","value":"445123000"}],"attributes":{"flag":"Democratic People's Republic of Korea","programs":"DPRK","remarks":"Vessel Registration Identification IMO 1234567; MMSI 445123000.","vessel_type":"General Cargo"}}
                4 !: has 2 cells: expected 12
                alt.csv 3 !ent_num: is `99`: no entity has this number
            "#]],
        );
    }
}
