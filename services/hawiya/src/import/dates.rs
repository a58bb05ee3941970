//! Dates as lists write them: ISO 8601, "14 Jun 1975", "circa 1950", "1961 to 1963".

use registry::PartialDate;

/// The date a text means, or `None` when it means none or could mean two. A range is about its
/// middle year.
pub(crate) fn parse(text: &str) -> Option<PartialDate> {
    let text = text.trim();
    let (exact, is_about) = without_doubt(text);
    let date = one(exact).or_else(|| range(exact))?;
    Some(if is_about { date.approximately() } else { date })
}

/// About the middle of two years.
pub(crate) fn between(from: i32, to: i32) -> Option<PartialDate> {
    let middle = from.midpoint(to);
    PartialDate::try_new(middle, 0, 0).ok().map(PartialDate::approximately)
}

/// Takes "circa" and its like off.
fn without_doubt(text: &str) -> (&str, bool) {
    const DOUBTS: [&str; 9] =
        ["circa", "approximately", "approx.", "about", "ca.", "c.", "ca", "c", "~"];
    let bare = |doubt: &&str| {
        let rest = text.get(..doubt.len()).filter(|start| start.eq_ignore_ascii_case(doubt));
        let rest = rest.map(|_| &text[doubt.len()..])?;
        // "c" and "ca" are words of their own.
        (!doubt.ends_with(char::is_alphabetic) || rest.starts_with(' ')).then(|| rest.trim())
    };
    DOUBTS.iter().find_map(bare).map_or((text, false), |rest| (rest, true))
}

fn one(text: &str) -> Option<PartialDate> {
    iso(text).or_else(|| in_words(text)).or_else(|| in_numbers(text))
}

/// ISO 8601, with or without a time behind it.
fn iso(text: &str) -> Option<PartialDate> {
    let day =
        text.split(['T', ' ']).next().filter(|day| text.len() == day.len() || day.len() == 10);
    day?.parse().ok()
}

/// "14 Jun 1975", "Jun. 1975", "14 June 1975", "June 14, 1975".
fn in_words(text: &str) -> Option<PartialDate> {
    let words: Vec<&str> = text.split([' ', ',', '-']).filter(|word| !word.is_empty()).collect();
    let number = |word: &str| word.parse::<i32>().ok();
    match words[..] {
        [month, year] => date(number(year)?, month_of(month)?, 0),
        [a, b, year] => match (number(a), number(b)) {
            (Some(day), None) => date(number(year)?, month_of(b)?, day),
            (None, Some(day)) => date(number(year)?, month_of(a)?, day),
            _ => None,
        },
        _ => None,
    }
}

/// "21.03.1950", "1950/03/21"; "21/03/1950" where only one of its numbers can be the month.
fn in_numbers(text: &str) -> Option<PartialDate> {
    let parts: Vec<&str> = text.split(['.', '/']).map(str::trim).collect();
    let [a, b, c] = parts[..] else { return None };
    let [first, second, third]: [i32; 3] = [a.parse().ok()?, b.parse().ok()?, c.parse().ok()?];
    match (a.len(), c.len()) {
        (4, _) => date(first, second, third),
        (_, 4) if text.contains('.') || first > 12 || first == second => date(third, second, first),
        (_, 4) if second > 12 => date(third, first, second),
        _ => None,
    }
}

fn range(text: &str) -> Option<PartialDate> {
    let (from, to) = text.split_once(" to ").or_else(|| text.split_once('-'))?;
    let (from, to) = (one(from.trim())?, one(to.trim())?);
    if from.year() == to.year() {
        return Some(date(from.year(), 0, 0)?.approximately());
    }
    between(from.year(), to.year())
}

fn date(year: i32, month: i32, day: i32) -> Option<PartialDate> {
    PartialDate::try_new(year, month, day).ok()
}

fn month_of(word: &str) -> Option<i32> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let word = word.trim_end_matches('.').to_lowercase();
    let at = MONTHS
        .iter()
        .position(|month| word.len() >= 3 && month.starts_with(&word))
        .or_else(|| (word == "sept").then_some(8))?;
    i32::try_from(at + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_lists_write_them() {
        for (text, expected) in [
            ("1950", "1950"),
            ("1950-03", "1950-03"),
            ("1950-03-21", "1950-03-21"),
            ("1950-03-21T00:00:00Z", "1950-03-21"),
            ("14 Jun 1975", "1975-06-14"),
            ("Sept. 1975", "1975-09"),
            ("14 June 1975", "1975-06-14"),
            ("June 14, 1975", "1975-06-14"),
            ("21.03.1950", "1950-03-21"),
            ("21/03/1950", "1950-03-21"),
            ("03/21/1950", "1950-03-21"),
            ("1950/03/21", "1950-03-21"),
            ("circa 1950", "~1950"),
            ("c. 1950", "~1950"),
            ("~1950", "~1950"),
            ("circa Jan 1961", "~1961-01"),
            ("1961 to 1963", "~1962"),
            ("circa 1979-1982", "~1980"),
            ("01 Jan 1961 to 31 Dec 1963", "~1962"),
            ("01 Jan 1961 to 31 Dec 1961", "~1961"),
        ] {
            assert_eq!(
                parse(text).map(|date| date.to_string()).as_deref(),
                Some(expected),
                "{text}"
            );
        }
    }

    #[test]
    fn a_date_that_could_be_two_is_none() {
        for text in ["03/04/1950", "", "unknown", "31 Feb 1950", "century", "12 1950", "c1950x"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
