//! The consolidated list of the UN Security Council, as XML: a person or organization an element.

mod names;

use std::{
    fmt::Write as _,
    io::{BufRead, Read},
};

use anyhow::{Context, bail};
use quick_xml::{Reader, escape::resolve_predefined_entity, events::Event};
use registry::{Entity, PartialDate, entity::EntityType};

use super::{
    Options, Problem, Row, Rows, countries, dates,
    draft::{EntityDraft, gender_of, one_line},
    input::Input,
};

/// The largest element of one person or organization. The largest of the list has 20 KiB.
const ELEMENT_BYTES_MAX: usize = 1 << 20;

pub(super) fn knows(input: &Input) -> bool {
    let wanted = b"<CONSOLIDATED_LIST";
    input.head.windows(wanted.len()).take(4_096).any(|bytes| bytes == wanted)
}

pub(super) fn open(input: Input, _: &Options) -> anyhow::Result<Rows> {
    let mut elements = Elements { reader: Reader::from_reader(input.reader), buffer: Vec::new() };
    let mut number = 0;
    let mut is_over = false;
    Ok(Box::new(std::iter::from_fn(move || {
        if is_over {
            return None;
        }
        number += 1;
        let row = match elements.next_listed() {
            Ok(Some(element)) => Ok(Row::new(number, entity(&element))),
            Ok(None) => return None,
            Err(error) => {
                is_over = true;
                Err(error.context(format!("the file cannot be read beyond row {}", number - 1)))
            }
        };
        Some(row)
    })))
}

/// An element with what is in it.
#[derive(Debug, Default)]
struct Element {
    name: String,
    text: String,
    children: Vec<Element>,
}

impl Element {
    /// The elements within of a name.
    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of the first element within of a name; empty when there is none.
    fn text(&self, name: &str) -> String {
        self.all(name).next().map_or_else(String::new, |child| one_line(&child.text))
    }

    /// The texts of `VALUE` in all elements of a name.
    fn values(&self, name: &str) -> Vec<String> {
        let values = self.all(name).flat_map(|child| child.all("VALUE"));
        values.map(|value| one_line(&value.text)).filter(|text| !text.is_empty()).collect()
    }
}

/// Reads one listed person or organization after the other.
struct Elements<R> {
    reader: Reader<R>,
    buffer: Vec<u8>,
}

impl<R: BufRead + Read> Elements<R> {
    fn next_listed(&mut self) -> anyhow::Result<Option<Element>> {
        loop {
            self.buffer.clear();
            match self.reader.read_event_into(&mut self.buffer)? {
                Event::Start(start) if matches!(start.name().as_ref(), "INDIVIDUAL" | "ENTITY") => {
                    let name = start.name().as_ref().to_owned();
                    return self.element(name).map(Some);
                }
                Event::End(end) if end.name().as_ref() == "CONSOLIDATED_LIST" => return Ok(None),
                Event::Eof => bail!("it ends early: fetch it again"),
                _ => {}
            }
        }
    }

    /// Reads on to the end of an element that has begun.
    fn element(&mut self, name: String) -> anyhow::Result<Element> {
        let start = self.reader.buffer_position();
        let mut open = vec![Element { name, ..Element::default() }];
        loop {
            if self.reader.buffer_position() - start > ELEMENT_BYTES_MAX as u64 {
                bail!("an element is larger than {ELEMENT_BYTES_MAX} bytes");
            }
            self.buffer.clear();
            let event = self.reader.read_event_into(&mut self.buffer)?;
            let innermost = open.last_mut().context("no element is open")?;
            match event {
                Event::Start(start) => {
                    let name = start.name().as_ref().to_owned();
                    open.push(Element { name, ..Element::default() });
                }
                Event::Text(text) => innermost.text.push_str(&text.xml10_content()),
                Event::CData(text) => innermost.text.push_str(&text.xml10_content()),
                Event::GeneralRef(reference) => match reference.resolve_char_ref()? {
                    Some(letter) => innermost.text.push(letter),
                    None => {
                        let name = reference.xml10_content();
                        let text = resolve_predefined_entity(&name);
                        innermost.text.push_str(text.context("an unknown `&…;` is in it")?);
                    }
                },
                Event::End(_) => {
                    let ended = open.pop().context("no element is open")?;
                    match open.last_mut() {
                        Some(parent) => parent.children.push(ended),
                        None => return Ok(ended),
                    }
                }
                Event::Eof => bail!("it ends early: fetch it again"),
                _ => {}
            }
        }
    }
}

fn entity(element: &Element) -> Result<Entity, Vec<Problem>> {
    let is_person = element.name == "INDIVIDUAL";
    let reference = element.text("REFERENCE_NUMBER");
    let kind = if is_person { EntityType::Person } else { EntityType::Organization };
    let mut draft = EntityDraft::new(format!("un:{reference}"), kind);
    draft.external_id("un", &reference);
    draft.external_id("un-dataid", &element.text("DATAID"));
    let prefix = if is_person { "INDIVIDUAL" } else { "ENTITY" };
    names::add(element, prefix, &mut draft);
    if is_person {
        draft.gender(gender_of(&element.text("GENDER")));
        let dates: Vec<_> = element.all("INDIVIDUAL_DATE_OF_BIRTH").filter_map(date).collect();
        draft.dates(&dates);
    }
    add_countries(element, is_person, &mut draft);
    add_texts(element, prefix, &mut draft);
    draft.finish()
}

/// A person's nationality; for an organization, where its addresses are.
fn add_countries(element: &Element, is_person: bool, draft: &mut EntityDraft) {
    let stated = match is_person {
        true => element.values("NATIONALITY"),
        false => element.all("ENTITY_ADDRESS").map(|address| address.text("COUNTRY")).collect(),
    };
    let codes: Vec<&str> = stated.iter().filter_map(|name| countries::code(name)).collect();
    draft.country(&codes);
    if is_person {
        draft.attribute("nationality", &stated.join("; "));
    }
}

fn date(element: &Element) -> Option<PartialDate> {
    let number = |name: &str| element.text(name).parse::<i32>().ok();
    let exact = ["DATE", "YEAR"].iter().find_map(|name| dates::parse(&element.text(name)));
    let between = || dates::between(number("FROM_YEAR")?, number("TO_YEAR")?);
    let date = exact.or_else(between).or_else(|| dates::parse(&element.text("NOTE")))?;
    let is_about = element.text("TYPE_OF_DATE") == "APPROXIMATELY";
    Some(if is_about { date.approximately() } else { date })
}

/// What has no field of its own.
fn add_texts(element: &Element, prefix: &str, draft: &mut EntityDraft) {
    let texts = [
        ("list", "UN_LIST_TYPE"),
        ("listed_on", "LISTED_ON"),
        ("submitted_by", "SUBMITTED_BY"),
        ("comments", "COMMENTS1"),
    ];
    for (key, name) in texts {
        draft.attribute(key, &element.text(name));
    }
    draft.attribute("title", &element.values("TITLE").join("; "));
    draft.attribute("designation", &element.values("DESIGNATION").join("; "));
    let parts = [
        ("address", format!("{prefix}_ADDRESS")),
        ("birth_place", "INDIVIDUAL_PLACE_OF_BIRTH".to_owned()),
        ("document", "INDIVIDUAL_DOCUMENT".to_owned()),
    ];
    for (key, name) in &parts {
        element.all(name).for_each(|part| draft.attribute(key, &sentence(part)));
    }
    for document in element.all("INDIVIDUAL_DOCUMENT") {
        let scheme = match document.text("TYPE_OF_DOCUMENT").as_str() {
            "Passport" => "passport",
            "National Identification Number" => "national-id",
            _ => continue,
        };
        draft.external_id(scheme, &document.text("NUMBER"));
    }
}

/// What is in an element, in its order.
fn sentence(element: &Element) -> String {
    let mut text = String::new();
    for child in &element.children {
        let part = one_line(&child.text);
        if !part.is_empty() {
            let separator = if text.is_empty() { "" } else { ", " };
            write!(text, "{separator}{part}").expect("a text takes more text");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::{formats::tests::check, fuzzing::tests::survive};
    use expect_test::expect;

    const LIST: &str = "<?xml version=\"1.0\"?>
<CONSOLIDATED_LIST dateGenerated=\"2026-01-01\">
  <INDIVIDUALS>
    <INDIVIDUAL>
      <DATAID>1</DATAID><FIRST_NAME>ALI</FIRST_NAME><SECOND_NAME>EXAMPLE</SECOND_NAME>
      <NAME_ORIGINAL_SCRIPT>علي مثال</NAME_ORIGINAL_SCRIPT>
      <UN_LIST_TYPE>Sample</UN_LIST_TYPE><REFERENCE_NUMBER>XXi.001</REFERENCE_NUMBER><GENDER>Male</GENDER>
      <COMMENTS1>He &amp; his &#x62F; firm</COMMENTS1>
      <NATIONALITY><VALUE>Iran (Islamic Republic of)</VALUE></NATIONALITY>
      <INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Aly Example; Alee (original script: Али)</ALIAS_NAME></INDIVIDUAL_ALIAS>
      <INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>The Sample</ALIAS_NAME><NOTE>in 1999</NOTE></INDIVIDUAL_ALIAS>
      <INDIVIDUAL_ALIAS><QUALITY/><ALIAS_NAME/></INDIVIDUAL_ALIAS>
      <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>APPROXIMATELY</TYPE_OF_DATE><YEAR>1961</YEAR></INDIVIDUAL_DATE_OF_BIRTH>
      <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1962</FROM_YEAR><TO_YEAR>1966</TO_YEAR></INDIVIDUAL_DATE_OF_BIRTH>
      <INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>A1</NUMBER><ISSUING_COUNTRY>Iran</ISSUING_COUNTRY></INDIVIDUAL_DOCUMENT>
    </INDIVIDUAL>
    <INDIVIDUAL><DATAID>2</DATAID></INDIVIDUAL>
  </INDIVIDUALS>
  <ENTITIES>
    <ENTITY>
      <DATAID>3</DATAID><FIRST_NAME>SAMPLE MOVEMENT</FIRST_NAME><REFERENCE_NUMBER>XXe.002</REFERENCE_NUMBER>
      <ENTITY_ALIAS><QUALITY>f.k.a.</QUALITY><ALIAS_NAME>Old Movement (OM)</ALIAS_NAME></ENTITY_ALIAS>
      <ENTITY_ALIAS><QUALITY>a.k.a.</QUALITY><ALIAS_NAME>حركة مثال (Harakat Mithal; Haraket Mithal)</ALIAS_NAME></ENTITY_ALIAS>
      <ENTITY_ADDRESS><CITY>Tripoli</CITY><COUNTRY>Libya</COUNTRY></ENTITY_ADDRESS>
    </ENTITY>
  </ENTITIES>
</CONSOLIDATED_LIST>
";

    #[test]
    fn a_listed_person_or_organization_has_what_its_elements_say() {
        check(
            "list.xml",
            LIST,
            expect![[r#"
            1 {"id":"un:XXi.001","type":"person","country":"IR","gender":"male","birth_date":"~1961","names":[{"text":"ALI EXAMPLE","script":"Latn","kind":"primary"},{"text":"علي مثال","script":"Arab","kind":"alias"},{"text":"Aly Example","script":"Latn","kind":"alias"},{"text":"Alee","script":"Latn","kind":"alias"},{"text":"Али","script":"Cyrl","kind":"alias"},{"text":"The Sample","script":"Latn","kind":"nickname"}],"external_ids":[{"scheme":"un","value":"XXi.001"},{"scheme":"un-dataid","value":"1"},{"scheme":"passport","value":"A1"}],"attributes":{"alias_notes":"The Sample: in 1999","comments":"He & his د firm","dates":"~1961, ~1964","document":"Passport, A1, Iran","list":"Sample","nationality":"Iran (Islamic Republic of)"}}
            2 !names: is empty: give at least one item
            3 {"id":"un:XXe.002","type":"organization","country":"LY","names":[{"text":"SAMPLE MOVEMENT","script":"Latn","kind":"primary"},{"text":"Old Movement","script":"Latn","kind":"former"},{"text":"OM","script":"Latn","kind":"acronym"},{"text":"حركة مثال","script":"Arab","kind":"alias"},{"text":"Harakat Mithal","script":"Latn","kind":"alias"},{"text":"Haraket Mithal","script":"Latn","kind":"alias"}],"external_ids":[{"scheme":"un","value":"XXe.002"},{"scheme":"un-dataid","value":"3"}],"attributes":{"address":"Tripoli, Libya"}}
        "#]],
        );
    }

    #[test]
    fn a_damaged_list_is_no_reason_to_panic() {
        survive(&[("list.xml", LIST.as_bytes())], "");
    }

    #[test]
    fn a_list_that_ends_early_says_so_after_what_can_be_read() {
        let end = LIST.find("</ENTITY>").unwrap();
        check(
            "list.xml",
            &LIST[..end],
            expect![[r#"
            1 {"id":"un:XXi.001","type":"person","country":"IR","gender":"male","birth_date":"~1961","names":[{"text":"ALI EXAMPLE","script":"Latn","kind":"primary"},{"text":"علي مثال","script":"Arab","kind":"alias"},{"text":"Aly Example","script":"Latn","kind":"alias"},{"text":"Alee","script":"Latn","kind":"alias"},{"text":"Али","script":"Cyrl","kind":"alias"},{"text":"The Sample","script":"Latn","kind":"nickname"}],"external_ids":[{"scheme":"un","value":"XXi.001"},{"scheme":"un-dataid","value":"1"},{"scheme":"passport","value":"A1"}],"attributes":{"alias_notes":"The Sample: in 1999","comments":"He & his د firm","dates":"~1961, ~1964","document":"Passport, A1, Iran","list":"Sample","nationality":"Iran (Islamic Republic of)"}}
            2 !names: is empty: give at least one item
            !the file cannot be read beyond row 2: it ends early: fetch it again
        "#]],
        );
    }
}
