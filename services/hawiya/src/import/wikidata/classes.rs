//! What an item is, by the classes it is an instance of (P31).
//!
//! Wikidata has a hundred thousand classes. Those that most items of the news have are listed; for
//! the others the properties tell: who was born is a person, what has coordinates is a place.

use registry::entity::EntityType;

use super::item::Claims;

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Entity(EntityType),
    /// A page of the wiki or a name as such: it would make every bearer of the name ambiguous.
    NoEntity,
}

/// Disambiguation, category, template, list, module and internal pages; family and given names.
const NO_ENTITIES: &[&str] = &[
    "Q4167410",
    "Q22808320",
    "Q4167836",
    "Q11266439",
    "Q13406463",
    "Q15184295",
    "Q17442446",
    "Q17362920",
    "Q14204246",
    "Q101352",
    "Q202444",
    "Q11879590",
    "Q12308941",
    "Q3409032",
];

const PERSONS: &[&str] = &["Q5", "Q15632617", "Q20643955", "Q4271324", "Q95074"];

/// Businesses, parties, ministries, universities, broadcasters, clubs, armed groups.
const ORGANIZATIONS: &[&str] = &[
    "Q43229",
    "Q4830453",
    "Q783794",
    "Q6881511",
    "Q891723",
    "Q161726",
    "Q7278",
    "Q327333",
    "Q192350",
    "Q163740",
    "Q79913",
    "Q484652",
    "Q245065",
    "Q3918",
    "Q875538",
    "Q31855",
    "Q22687",
    "Q46970",
    "Q1616075",
    "Q15265344",
    "Q11032",
    "Q192283",
    "Q476028",
    "Q17149090",
    "Q176799",
    "Q37726",
    "Q772547",
    "Q17127659",
    "Q47913",
    "Q215380",
    "Q2659904",
    "Q35749",
    "Q41487",
    "Q33506",
    "Q16917",
    "Q3914",
];

/// Cities, towns, villages, communes and municipalities.
const CITIES: &[&str] = &[
    "Q515",
    "Q1549591",
    "Q1637706",
    "Q200250",
    "Q5119",
    "Q486972",
    "Q3957",
    "Q532",
    "Q5084",
    "Q15284",
    "Q484170",
    "Q747074",
    "Q262166",
    "Q42744322",
    "Q1093829",
    "Q7930989",
    "Q702492",
];

/// Islands, rivers, mountains, seas, regions, buildings, and states without a code of their own.
const LOCATIONS: &[&str] = &[
    "Q6256",
    "Q3624078",
    "Q3024240",
    "Q2221906",
    "Q23442",
    "Q33837",
    "Q4022",
    "Q8502",
    "Q46831",
    "Q23397",
    "Q165",
    "Q37901",
    "Q39594",
    "Q12284",
    "Q34763",
    "Q8514",
    "Q5107",
    "Q35657",
    "Q10864048",
    "Q56061",
    "Q82794",
    "Q1221156",
    "Q107390",
    "Q149621",
    "Q28575",
    "Q34876",
    "Q123705",
    "Q22674925",
    "Q245016",
    "Q1248784",
    "Q44782",
    "Q16970",
    "Q32815",
    "Q44539",
    "Q12280",
    "Q79007",
    "Q34442",
    "Q41176",
];

const VESSELS: &[&str] = &["Q11446", "Q1229765", "Q2811", "Q17205", "Q575727", "Q12859788"];

/// Wars, battles, elections, treaties, attacks, disasters, festivals.
const EVENTS: &[&str] = &[
    "Q198",
    "Q8465",
    "Q103495",
    "Q178561",
    "Q1261499",
    "Q188055",
    "Q180684",
    "Q645883",
    "Q1190554",
    "Q1656682",
    "Q40231",
    "Q131569",
    "Q2223653",
    "Q3199915",
    "Q124757",
    "Q10931",
    "Q45382",
    "Q273120",
    "Q7944",
    "Q744913",
    "Q132241",
    "Q16510064",
    "Q27020041",
];

/// Models of weapons, ships, aircraft, cars and telephones; software.
const PRODUCTS: &[&str] = &[
    "Q15142894",
    "Q559026",
    "Q15056993",
    "Q15056995",
    "Q3231690",
    "Q19723451",
    "Q7397",
    "Q166142",
    "Q7889",
    "Q9135",
];

const AIRCRAFT: &[&str] = &["Q11436"];

/// The tables, in the order in which they are asked: a member of two is what the first says.
const TABLES: [(&[&str], EntityType); 8] = [
    (PERSONS, EntityType::Person),
    (CITIES, EntityType::City),
    (ORGANIZATIONS, EntityType::Organization),
    (VESSELS, EntityType::Vessel),
    (AIRCRAFT, EntityType::Aircraft),
    (EVENTS, EntityType::Event),
    (PRODUCTS, EntityType::Product),
    (LOCATIONS, EntityType::Location),
];

/// What an item with these claims is.
pub(super) fn of(claims: &Claims) -> Class {
    let classes: Vec<&str> = claims.ids("P31").collect();
    let is_any = |table: &[&str]| classes.iter().any(|class| table.contains(class));
    if is_any(NO_ENTITIES) {
        return Class::NoEntity;
    }
    // A country is what has a code in ISO 3166-1.
    if claims.has("P297") {
        return Class::Entity(EntityType::Country);
    }
    let by_table = TABLES.iter().find(|(table, _)| is_any(table)).map(|(_, kind)| *kind);
    Class::Entity(by_table.unwrap_or_else(|| by_properties(claims)))
}

/// Birth and gender make a person, coordinates a place.
fn by_properties(claims: &Claims) -> EntityType {
    let has = |property: &&str| claims.has(property);
    if ["P569", "P21", "P27"].iter().any(has) {
        EntityType::Person
    } else if claims.has("P625") {
        EntityType::Location
    } else {
        EntityType::Other
    }
}
