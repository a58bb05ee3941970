//! A page about a run, for people to send on: everything in one file, nothing from the network.
//!
//! Names stand in `<bdi>`, so that a right-to-left one does not reorder what is beside it (UAX #9, 2.7);
//! colours follow the reader's light or dark setting.

mod chart;

use std::time::{SystemTime, UNIX_EPOCH};

use self::chart::{Bar, bars, columns, curve, stack};
use super::{tally::Tally, tops::Top, writing::Counts};

/// How many entities and names each list has.
const LISTED: usize = 25;

/// The page of a run that read `input`.
pub(super) fn page(input: &str, counts: &Counts) -> String {
    let tally = &counts.tally;
    let sections = [
        tiles(tally),
        section("Verdicts", &verdicts(tally)),
        section("Scores of the best candidates", &scores(tally)),
        section("How what matched was alike", &bars(&named(tally.match_kinds()))),
        section("Why nothing matched", &bars(&named(tally.no_match_reasons()))),
        section("Where answers came from", &bars(&origins(tally))),
        section("Rows a second", &curve(&rates(tally), "seconds since the beginning")),
        section("Entities that were meant most often", &entities(&counts.entities)),
        section("Names that nobody knows", &names(&counts.unresolved)),
        section("Names that could be several", &names(&counts.ambiguous)),
        section("Versions", &versions(tally)),
    ];
    let (title, new) = (text(input), new_entities(counts));
    let (style, body, day) = (STYLE, sections.concat(), today());
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>Names of {title}</title>\n<style>{style}</style>\n</head>\n<body>\n\
         <h1>Names of <bdi>{title}</bdi></h1>\n<p class=\"muted\">Resolved by Hawiya on {day}.{new}</p>\n\
         {body}</body>\n</html>\n"
    )
}

fn new_entities(counts: &Counts) -> String {
    match counts.provisional.as_ref().map(super::provisional::Provisional::counts) {
        None => String::new(),
        Some((entities, _)) => format!(
            " The names that nobody knows were joined to {} new entities, to be reviewed.",
            number(entities as u64)
        ),
    }
}

fn section(title: &str, content: &str) -> String {
    if content.is_empty() {
        return String::new();
    }
    format!("<section>\n<h2>{title}</h2>\n{content}</section>\n")
}

fn tiles(tally: &Tally) -> String {
    let share = |count: u64| format!("{:.1} %", 100.0 * count as f64 / tally.rows.max(1) as f64);
    let tiles = [
        ("rows", number(tally.rows)),
        ("matched", share(tally.matched)),
        ("ambiguous", share(tally.ambiguous)),
        ("no match", share(tally.no_match)),
        ("errors", number(tally.errors)),
        ("rows a second", number(tally.rate().round() as u64)),
    ];
    let tile = |(title, value): &(&str, String)| {
        format!("<div class=\"tile\"><b>{value}</b><span>{title}</span></div>\n")
    };
    format!("<div class=\"tiles\">\n{}</div>\n", tiles.iter().map(tile).collect::<String>())
}

fn verdicts(tally: &Tally) -> String {
    stack(&[
        ("match", "good", tally.matched),
        ("ambiguous", "open", tally.ambiguous),
        ("no match", "none", tally.no_match),
        ("error", "bad", tally.errors),
    ])
}

fn scores(tally: &Tally) -> String {
    let step = 1.0 / tally.scores.len() as f64;
    let label = |at: usize| format!("{:.2}", at as f64 * step);
    let all = tally.scores.iter().enumerate().map(|(at, count)| (label(at), *count));
    columns(&all.collect::<Vec<_>>())
}

fn named(counts: Vec<(String, u64)>) -> Vec<Bar> {
    let bar = |(name, count): (String, u64)| Bar { label: text(&name.replace('_', " ")), count };
    counts.into_iter().map(bar).collect()
}

fn origins(tally: &Tally) -> Vec<Bar> {
    let shown = |name: &str| match name {
        "run" => "answered before in this run".to_owned(),
        "local_cache" => "memory of the service".to_owned(),
        "shared_cache" => "shared cache".to_owned(),
        other => other.to_owned(),
    };
    let some = tally.origins().filter(|(_, count)| *count > 0);
    some.map(|(name, count)| Bar { label: shown(name), count }).collect()
}

/// Seconds, and rows a second since the point before.
fn rates(tally: &Tally) -> Vec<(f64, f64)> {
    let mut before = (0.0, 0);
    let rate = |point: &(f64, u64)| {
        let ((second, rows), (second_before, rows_before)) = (*point, before);
        before = *point;
        let seconds = second - second_before;
        (second, rows.saturating_sub(rows_before) as f64 / seconds.max(0.001))
    };
    // One stretch in forty, or the curve would be of single chunks.
    let every = tally.points.len().div_ceil(40).max(1);
    tally.points.iter().skip(every - 1).step_by(every).map(rate).collect()
}

fn entities(top: &Top) -> String {
    let row = |(id, name, count): (&str, &str, u64)| [text(name), code(id), number(count)];
    table(["name", "id", "mentions"], top.first(LISTED).into_iter().map(row))
}

fn names(top: &Top) -> String {
    let row = |(name, reason, count): (&str, &str, u64)| [text(name), text(reason), number(count)];
    table(["name", "why", "mentions"], top.first(LISTED).into_iter().map(row))
}

fn code(id: &str) -> String {
    format!("<code>{}</code>", text(id))
}

fn table(titles: [&str; 3], rows: impl Iterator<Item = [String; 3]>) -> String {
    let row = |[name, what, count]: [String; 3]| {
        format!(
            "<tr><td dir=\"auto\"><bdi>{name}</bdi></td><td><bdi>{what}</bdi></td><td>{count}</td></tr>\n"
        )
    };
    let rows: String = rows.map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    let titles = titles.map(|title| format!("<th>{title}</th>")).concat();
    format!("<table>\n<thead><tr>{titles}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n")
}

fn versions(tally: &Tally) -> String {
    let catalogue = match tally.catalogue_versions {
        None => "none".to_owned(),
        Some((lowest, highest)) if lowest == highest => number(lowest.unsigned_abs()),
        Some((lowest, highest)) => format!("{lowest} to {highest}"),
    };
    let resumed = match tally.resumed {
        0 => String::new(),
        times => format!("; gone on with {times} times"),
    };
    format!(
        "<p>Hawiya {}; catalogue version {catalogue}; rules <code>{}</code>; {:.1} seconds{resumed}.</p>\n",
        env!("CARGO_PKG_VERSION"),
        text(&tally.rules_version),
        tally.seconds
    )
}

/// A text as HTML has it.
fn text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            control if control.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A number with its thousands apart.
fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// The date in UTC (Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`).
fn today() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    date(since.as_secs() / 86_400)
}

fn date(days: u64) -> String {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

const STYLE: &str = "
:root { color-scheme: light dark; --ink: #1c2330; --paper: #fff; --muted: #667085; --line: #d8dde6;
  --good: #2e8b57; --open: #d9a400; --none: #8a94a6; --bad: #c0392b; --bar: #3b6fb6; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --paper: #14181f; --muted: #98a2b3;
  --line: #333b48; --good: #4fb37a; --open: #e5bd3d; --none: #7c879a; --bad: #e06656; --bar: #6fa0e0; } }
body { font: 15px/1.5 system-ui, 'Noto Sans', 'Noto Naskh Arabic', sans-serif; color: var(--ink);
  background: var(--paper); max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: 0; } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
.muted, th, .tile span, .key { color: var(--muted); }
.tiles { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.5rem 0; }
.tile { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .9rem; min-width: 7rem; }
.tile b { display: block; font-size: 1.3rem; } .tile span { font-size: .85rem; }
svg { width: 100%; height: auto; display: block; } svg text { fill: var(--muted); font-size: 11px; }
.good { fill: var(--good); } .open { fill: var(--open); } .none { fill: var(--none); } .bad { fill: var(--bad); }
.bar { fill: var(--bar); } .axis { stroke: var(--line); } .curve { stroke: var(--bar); fill: none; stroke-width: 2; }
.key span { margin-inline-end: 1.2rem; } .key svg { display: inline; width: .8em; height: .8em; }
table { border-collapse: collapse; width: 100%; } th { text-align: start; font-weight: normal; }
td, th { padding: .25rem .5rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td:last-child, th:last-child { text-align: end; font-variant-numeric: tabular-nums; }
.bars td:first-child { width: 30%; } .bars td:nth-child(2) { width: 55%; } .bars svg { height: 1em; }
@media print { body { margin: 0; } section { break-inside: avoid; } }
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_whole_and_shows_names_as_they_are() {
        let mut counts = Counts::default();
        counts.tally.rows = 1_234;
        counts.tally.matched = 1_000;
        counts.tally.scores[19] = 1_000;
        counts.tally.points = (1..200).map(|second| (f64::from(second), 7)).collect();
        counts.entities.count("Q1", "سيرغي \"<b>\" لافروف");
        counts.unresolved.count("زيد & \u{7}", "no known name");
        let page = page("names <1>.csv", &counts);
        for part in [
            "<bdi>سيرغي &quot;&lt;b&gt;&quot; لافروف</bdi>",
            "<bdi>زيد &amp;  </bdi>",
            "names &lt;1&gt;.csv",
            "1,234",
            "prefers-color-scheme: dark",
        ] {
            assert!(page.contains(part), "no `{part}` in {page}");
        }
        let is_of_the_network = page.contains("http://") || page.contains("https://");
        assert!(!is_of_the_network && !page.contains("<script") && !page.contains("NaN"), "{page}");
        assert!(!page.contains("Names that could be several"), "an empty list is left out");
    }

    #[test]
    fn days_are_dates() {
        assert_eq!(
            [0, 59, 11_016, 20_785].map(date),
            ["1970-01-01", "1970-03-01", "2000-02-29", "2026-11-28"]
        );
    }
}
