//! How well running text is annotated: the mentions that are found beside those that are marked.
//!
//! A mention is right when its stretch and its entity are. An answer that leaves the entity open claims
//! nothing: it misses a mark that names one, and is a false alarm only where nothing is marked.

use std::{collections::BTreeMap, path::Path};

use anyhow::ensure;

use super::{
    annotator::{Annotator, Found, Known},
    marked::{Mark, Marked, Means},
    report::{Failure, Figures, Report, key_part},
};

/// Measures what is found in the articles of the entities of a catalogue; of the starter catalogue when
/// none is named.
pub(super) fn measure(
    articles: &[Marked],
    catalogue: Option<&Path>,
    worst: usize,
    report: &mut Report,
) -> anyhow::Result<()> {
    if articles.is_empty() {
        return Ok(());
    }
    let annotator = Annotator::read(catalogue)?;
    check_ids(articles, annotator.known())?;
    let texts: Vec<&str> = articles.iter().map(|article| article.text.as_str()).collect();
    let found = annotator.find(&texts);
    let mut all = Tally::default();
    let mut by_article = Vec::with_capacity(articles.len());
    for (article, found) in articles.iter().zip(found) {
        let mut tally = Tally::default();
        tally.add(article, &found, annotator.known());
        by_article.push((format!("annotation.article.{}", key_part(&article.name)), tally.total));
        all.merge(tally);
    }
    add_figures(&all, &mut report.figures);
    for (key, counts) in by_article {
        report.figures.add(format!("{key}.f1"), counts.f1(), counts.marked);
    }
    all.false_alarms.sort_by(|a, b| b.score.total_cmp(&a.score));
    report.add_worst("annotation_missed", worst, all.missed);
    report.add_worst("annotation_false_alarms", worst, all.false_alarms);
    Ok(())
}

/// A mark that names nobody could never be found.
fn check_ids(articles: &[Marked], known: &Known) -> anyhow::Result<()> {
    for article in articles {
        for mark in &article.marks {
            let Means::Entity(ids) = &mark.means else { continue };
            let unknown = ids.iter().find(|id| !known.contains_key(*id));
            ensure!(
                unknown.is_none(),
                "in `{}`: no entity `{}` in the catalogue",
                article.name,
                unknown.map_or("", String::as_str)
            );
        }
    }
    Ok(())
}

fn add_figures(all: &Tally, figures: &mut Figures) {
    add_counts("annotation", &all.total, figures);
    add_counts("annotation.span", &all.span, figures);
    for (name, counts) in &all.types {
        add_counts(&format!("annotation.type.{name}"), counts, figures);
    }
}

fn add_counts(key: &str, counts: &Counts, figures: &mut Figures) {
    figures.add(format!("{key}.precision"), counts.precision(), counts.claimed());
    figures.add(format!("{key}.recall"), counts.recall(), counts.marked);
    figures.add(format!("{key}.f1"), counts.f1(), counts.marked);
}

/// What was marked, and of what was found what is right and what is wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    marked: usize,
    right: usize,
    wrong: usize,
}

impl Counts {
    fn claimed(&self) -> usize {
        self.right + self.wrong
    }

    fn precision(&self) -> Option<f64> {
        (self.claimed() > 0).then(|| self.right as f64 / self.claimed() as f64)
    }

    fn recall(&self) -> Option<f64> {
        (self.marked > 0).then(|| self.right as f64 / self.marked as f64)
    }

    /// An article without marks in which nothing is found is perfect.
    fn f1(&self) -> Option<f64> {
        let of = self.marked + self.claimed();
        Some(if of == 0 { 1.0 } else { 2.0 * self.right as f64 / of as f64 })
    }

    fn merge(&mut self, other: Self) {
        self.marked += other.marked;
        self.right += other.right;
        self.wrong += other.wrong;
    }
}

/// The counts of some articles, and what went wrong.
#[derive(Debug, Default)]
struct Tally {
    /// The stretch and the entity.
    total: Counts,
    /// The stretch alone.
    span: Counts,
    types: BTreeMap<&'static str, Counts>,
    missed: Vec<Failure>,
    false_alarms: Vec<Failure>,
}

impl Tally {
    fn add(&mut self, article: &Marked, found: &[Found], known: &Known) {
        let mut is_right = vec![false; article.marks.len()];
        let mut is_touched = vec![false; article.marks.len()];
        for found in found {
            let at = article.marks.iter().position(|mark| is_same(&article.text, mark, found));
            let touches = |mark: &&Mark| mark.start < found.end && found.start < mark.end;
            let is_uncounted =
                article.marks.iter().filter(touches).any(|mark| mark.means == Means::Uncounted);
            match at {
                _ if is_uncounted => {}
                Some(at) if !is_touched[at] => {
                    is_touched[at] = true;
                    is_right[at] = self.judge(article, &article.marks[at], found, known);
                }
                // A second mention of one stretch, or a stretch that is not marked.
                _ => {
                    self.span.wrong += 1;
                    self.false_alarm(article, None, found, known);
                }
            }
        }
        let marks = article.marks.iter().zip(is_right.into_iter().zip(is_touched));
        for (mark, (is_right, is_touched)) in marks {
            self.count_mark(article, mark, is_right, is_touched, found, known);
        }
    }

    /// Counts a mention whose stretch is marked; says whether its entity is right.
    fn judge(&mut self, article: &Marked, mark: &Mark, found: &Found, known: &Known) -> bool {
        match (&mark.means, &found.id) {
            (Means::Entity(ids), Some(id)) if ids.contains(id) => {
                self.total.right += 1;
                self.types.entry(type_of(id, known)).or_default().right += 1;
                true
            }
            (_, Some(_)) => {
                self.false_alarm(article, Some(mark), found, known);
                false
            }
            (_, None) => false,
        }
    }

    fn count_mark(
        &mut self,
        article: &Marked,
        mark: &Mark,
        is_right: bool,
        is_touched: bool,
        found: &[Found],
        known: &Known,
    ) {
        let Means::Entity(ids) = &mark.means else { return };
        self.total.marked += 1;
        self.span.marked += 1;
        self.span.right += usize::from(is_touched);
        self.types.entry(type_of(&ids[0], known)).or_default().marked += 1;
        if !is_right {
            let touching =
                found.iter().filter(|found| mark.start < found.end && found.start < mark.end);
            let instead: Vec<String> =
                touching.map(|found| shown(&article.text, found, known)).collect();
            self.missed.push(Failure {
                a: in_context(article, mark.start, mark.end),
                b: named(&ids[0], known),
                score: 0.0,
                found: Some(if instead.is_empty() {
                    "nothing".to_owned()
                } else {
                    instead.join(", ")
                }),
            });
        }
    }

    fn false_alarm(&mut self, article: &Marked, mark: Option<&Mark>, found: &Found, known: &Known) {
        self.total.wrong += 1;
        if let Some(id) = &found.id {
            self.types.entry(type_of(id, known)).or_default().wrong += 1;
        }
        let expected = match mark.map(|mark| &mark.means) {
            Some(Means::Entity(ids)) => named(&ids[0], known),
            Some(_) => "ambiguous".to_owned(),
            None => "nothing".to_owned(),
        };
        self.false_alarms.push(Failure {
            a: in_context(article, found.start, found.end),
            b: expected,
            score: found.score,
            found: Some(shown(&article.text, found, known)),
        });
    }

    fn merge(&mut self, other: Self) {
        self.total.merge(other.total);
        self.span.merge(other.span);
        for (name, counts) in other.types {
            self.types.entry(name).or_default().merge(counts);
        }
        self.missed.extend(other.missed);
        self.false_alarms.extend(other.false_alarms);
    }
}

/// Whether a mention stands where a mark does. Whether the article ال belongs to a name is a matter of
/// the catalogue («ناتو») and not of the text («الناتو», «للناتو»): both are right.
fn is_same(text: &str, mark: &Mark, found: &Found) -> bool {
    let (first, second) = (mark.start.min(found.start), mark.start.max(found.start));
    mark.end == found.end && matches!(text.get(first..second), Some("" | "ال" | "ل"))
}

fn type_of(id: &str, known: &Known) -> &'static str {
    known.get(id).map_or("unknown", |(name, _)| name)
}

fn named(id: &str, known: &Known) -> String {
    known.get(id).map_or_else(|| id.to_owned(), |(_, name)| format!("{name} ({id})"))
}

fn shown(text: &str, found: &Found, known: &Known) -> String {
    let id = found.id.as_deref().map_or_else(|| "ambiguous".to_owned(), |id| named(id, known));
    format!("{}: {id}", text.get(found.start..found.end).unwrap_or_default())
}

/// Characters of the text that are shown on each side of a failure.
const CONTEXT_CHARS: usize = 24;

fn in_context(article: &Marked, start: usize, end: usize) -> String {
    let text = &article.text;
    let before: Vec<char> = text[..start].chars().rev().take(CONTEXT_CHARS).collect();
    let before: String = before.into_iter().rev().collect();
    let after: String = text[end..].chars().take(CONTEXT_CHARS).collect();
    format!("{}: {before}[{}]{after}", article.name, &text[start..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn known() -> Known {
        let entity =
            |id: &str, name: &'static str| (id.to_owned(), (name, format!("name of {id}")));
        HashMap::from([entity("Q1", "person"), entity("Q2", "city"), entity("Q3", "person")])
    }

    fn tally(written: &str, found: &[(&str, Option<&str>)]) -> Tally {
        let article = Marked::parse("a".to_owned(), written).unwrap();
        let found = found.iter().map(|(surface, id)| {
            let start = article.text.find(surface).unwrap();
            let id = id.map(str::to_owned);
            Found { start, end: start + surface.len(), id, score: 0.9 }
        });
        let found: Vec<Found> = found.collect();
        let mut tally = Tally::default();
        tally.add(&article, &found, &known());
        tally
    }

    fn counts(marked: usize, right: usize, wrong: usize) -> Counts {
        Counts { marked, right, wrong }
    }

    const TEXT: &str = "[[لافروف|Q1]] في [[موسكو|Q2 Q3]] مع [[كيم|?]] و[[عون|~]] وأمل";

    #[test]
    fn right_is_the_stretch_and_the_entity() {
        let tally = tally(TEXT, &[("لافروف", Some("Q1")), ("موسكو", Some("Q3"))]);
        assert_eq!((tally.total, tally.span), (counts(2, 2, 0), counts(2, 2, 0)));
        assert_eq!(tally.total.f1(), Some(1.0));
    }

    #[test]
    fn another_entity_is_missed_and_a_false_alarm_and_an_open_answer_only_missed() {
        let other = tally(TEXT, &[("لافروف", Some("Q3")), ("موسكو", None)]);
        assert_eq!((other.total, other.span), (counts(2, 0, 1), counts(2, 2, 0)));
        assert_eq!((other.missed.len(), other.false_alarms.len()), (2, 1));
        assert_eq!(other.types["person"], counts(1, 0, 1));
    }

    #[test]
    fn what_is_not_marked_is_a_false_alarm_open_or_not() {
        assert_eq!(tally(TEXT, &[("أمل", Some("Q3"))]).total, counts(2, 0, 1));
        assert_eq!(tally(TEXT, &[("أمل", None)]).total, counts(2, 0, 1));
        assert_eq!(tally(TEXT, &[("لافروف في", Some("Q1"))]).total, counts(2, 0, 1));
    }

    #[test]
    fn an_open_mark_wants_no_entity_and_an_uncounted_one_takes_any() {
        assert_eq!(tally(TEXT, &[("كيم", None), ("عون", Some("Q3"))]).total, counts(2, 0, 0));
        assert_eq!(tally(TEXT, &[("كيم", Some("Q3"))]).total, counts(2, 0, 1));
    }

    #[test]
    fn an_article_may_be_inside_or_outside() {
        let text = "[[الناتو|Q1]] ولل[[يونيفيل|Q1]] و[[كريم|Q3]]";
        assert_eq!(
            tally(text, &[("ناتو", Some("Q1")), ("ليونيفيل", Some("Q1"))]).total,
            counts(3, 2, 0)
        );
        assert_eq!(tally(text, &[("يم", Some("Q3"))]).total, counts(3, 0, 1));
    }

    #[test]
    fn a_failure_is_shown_where_it_stands() {
        let missed = &tally("قال [[لافروف|Q1]] أمس", &[("لافروف", None)]).missed[0];
        assert_eq!(missed.a, "a: قال [لافروف] أمس");
        assert_eq!(
            (missed.b.as_str(), missed.found.as_deref()),
            ("name of Q1 (Q1)", Some("لافروف: ambiguous"))
        );
    }
}
