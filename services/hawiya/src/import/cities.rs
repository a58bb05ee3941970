//! world-cities.csv: cities by country, each in Arabic and English, with their population.
//!
//! The file gives no ids, so one is made of the country and the English name; of several cities
//! with one id the second gets ":2". A newer file that leaves their order alone keeps their ids.

use std::collections::HashMap;

use registry::{Entity, entity::EntityType};

use super::{
    Options, Problem, Row, Rows, countries,
    draft::{EntityDraft, prominence_of_population},
    input::Input,
    table,
};

const HEADER: &[u8] = b"CountryNameAr,CountryNameEn,CityNameAr,CityNameEn,Population";

pub(super) fn knows(input: &Input) -> bool {
    input.head.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(&input.head).starts_with(HEADER)
}

pub(super) fn open(input: Input, _: &Options) -> anyhow::Result<Rows> {
    let records = table::records(b',', input.reader);
    let mut given = HashMap::new();
    Ok(Box::new(records.skip(1).map(move |record| {
        let (line, cells) = record?;
        let entity = cells.and_then(|cells| city(&cells, &mut given));
        Ok(Row::new(line, entity))
    })))
}

fn city(
    cells: &csv::StringRecord,
    given: &mut HashMap<String, u32>,
) -> Result<Entity, Vec<Problem>> {
    let [_, country, arabic, english, population]: [&str; 5] = cells
        .iter()
        .collect::<Vec<_>>()
        .try_into()
        .map_err(|_| Problem::row(format!("has {} cells: expected 5", cells.len())))?;
    let code = countries::code(country);
    let id = format!("city:{}:{}", code.unwrap_or(&label(country)), label(english));
    let times = given.entry(id.clone()).or_insert(0);
    *times += 1;
    let id = if *times > 1 { format!("{id}:{times}") } else { id };
    let mut draft = EntityDraft::new(id, EntityType::City);
    draft.primary(english, "en");
    draft.alias(arabic, "ar");
    match code {
        Some(code) => draft.country(&[code]),
        None => draft.attribute("country", country),
    }
    match population.trim().parse() {
        Ok(inhabitants) => {
            draft.prominence(prominence_of_population(inhabitants));
            draft.attribute("population", population);
        }
        Err(_) => draft.problem("population", format!("is `{population}`: expected a number")),
    }
    draft.finish()
}

/// A name in the letters an id may have: others by their number.
fn label(name: &str) -> String {
    let letter = |letter: char| match letter {
        letter if letter.is_ascii_alphanumeric() => letter.to_ascii_lowercase().to_string(),
        letter if letter.is_ascii() => "-".to_owned(),
        letter => format!("_{:x}", letter as u32),
    };
    name.trim().chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::super::formats::tests::check;
    use expect_test::expect;

    #[test]
    fn a_city_has_two_names_and_an_id_of_its_own() {
        let text = "\u{FEFF}CountryNameAr,CountryNameEn,CityNameAr,CityNameEn,Population\n\
            \"مصر\",\"Egypt\",\"طنطا\",\"Tanta\",404901\n\
            \"مصر\",\"Egypt\",\"طنطا\",\"Tanta\",404901\n\
            \"البوسنة\",\"Bosnia and Herzevina\",\"موستار\",\"Mostar\",many\n\
            \"مصر\",\"Egypt\"\n\
            \"أطلانتس\",\"Atlantis\",\"ميناء\",\"Ös Port\",5\n";
        check(
            "world-cities.csv",
            text,
            expect![[r#"
            2 {"id":"city:EG:tanta","type":"city","country":"EG","prominence":0.738,"names":[{"text":"Tanta","language":"en","script":"Latn","kind":"primary"},{"text":"طنطا","language":"ar","script":"Arab","kind":"alias"}],"attributes":{"population":"404901"}}
            3 {"id":"city:EG:tanta:2","type":"city","country":"EG","prominence":0.738,"names":[{"text":"Tanta","language":"en","script":"Latn","kind":"primary"},{"text":"طنطا","language":"ar","script":"Arab","kind":"alias"}],"attributes":{"population":"404901"}}
            4 !population: is `many`: expected a number
            5 !: has 2 cells: expected 5
            6 {"id":"city:atlantis:_d6s-port","type":"city","prominence":0.102,"names":[{"text":"Ös Port","language":"en","script":"Latn","kind":"primary"},{"text":"ميناء","language":"ar","script":"Arab","kind":"alias"}],"attributes":{"country":"Atlantis","population":"5"}}
        "#]],
        );
    }
}
