//! The schemes of external ids: who gives them, in the words of the contract.

/// Schemes that lists write and that are no slip of the pen.
const KNOWN: &[&str] = &[
    "bic",
    "call-sign",
    "cedula",
    "duns",
    "eori",
    "fips",
    "geonames",
    "gnd",
    "iata",
    "icao",
    "imdb",
    "imo",
    "imo-company",
    "inn",
    "isin",
    "isni",
    "iso3166-1",
    "iso3166-2",
    "lei",
    "loc",
    "mmsi",
    "msn",
    "national-id",
    "nit",
    "npi",
    "ofac",
    "ogrn",
    "okpo",
    "opensanctions",
    "orcid",
    "osm",
    "passport",
    "permid",
    "registration",
    "ric",
    "ruc",
    "tail-number",
    "tax",
    "ticker",
    "uei",
    "un",
    "un-dataid",
    "unlocode",
    "vat",
    "viaf",
    "wikidata",
];

/// Splits "imo:9187629", or says what is wrong. A scheme that is not known is refused unless it is
/// `declared`: a misspelled one would never be found again.
pub(super) fn parse<'a>(text: &'a str, declared: &[String]) -> Result<(&'a str, &'a str), String> {
    let Some((scheme, value)) = text.split_once(':') else {
        return Err(format!("is `{text}`, which has no scheme: write `scheme:value`"));
    };
    let is_known = KNOWN.contains(&scheme) || declared.iter().any(|known| known == scheme);
    if is_known {
        return Ok((scheme, value));
    }
    Err(format!("has the unknown scheme `{scheme}`: if it is meant, say `--scheme {scheme}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_has_to_be_known_or_declared() {
        assert_eq!(parse("imo:9187629", &[]), Ok(("imo", "9187629")));
        assert_eq!(parse("ours:a:b", &["ours".to_owned()]), Ok(("ours", "a:b")));
        assert!(parse("wikdata:Q1", &[]).unwrap_err().contains("`--scheme wikdata`"));
        assert!(parse("Q1", &[]).unwrap_err().contains("no scheme"));
    }
}
