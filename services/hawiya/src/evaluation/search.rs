//! Queries against an index in this process: how often the right answer is among the first.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    num::NonZero,
    thread,
    time::{Duration, Instant},
};

use matcher::local::{Entity, Local, Ranked};

use super::{
    entity_type_named,
    formats::{Entities, Queries},
    metrics::Labelled,
    report::{Failure, Figures, Report, key_part},
};

/// How far down a list is read.
const PLACES: [usize; 3] = [1, 5, 20];
const CANDIDATES_MAX: usize = PLACES[2];

/// Asks every list of queries against the entities it belongs to.
pub(super) fn measure(
    entities: &[Entities],
    queries: &[Queries],
    worst: usize,
    report: &mut Report,
) -> anyhow::Result<()> {
    for queries in queries {
        let Some(entities) = entities_of(queries, entities) else {
            anyhow::bail!("no file of entities has an id of the queries `{}`", queries.name);
        };
        let key = key_part(&queries.name);
        let (mut search, names) = (Search::new(index(entities)), names_by_id(entities));
        let mut places = Vec::new();
        for kind in kinds(queries) {
            let asked = queries.rows.iter().filter(|query| query.kind == kind);
            let asked = asked.map(|query| Asked {
                text: &query.text,
                expected: Expected::Id(&query.id),
                shown: names.get(query.id.as_str()).copied().unwrap_or(&query.id),
            });
            let asked: Vec<Asked<'_>> = asked.collect();
            let key = format!("{key}.kind.{}", key_part(kind));
            places.extend(search.ask(&key, &asked, worst, report));
        }
        add_recall(&key, &places, &mut report.figures);
        search.add_speed(&format!("{key}.search"), &mut report.figures);
    }
    Ok(())
}

/// Rows of one id are the names of one entity.
fn index(entities: &Entities) -> Local {
    let mut by_id: BTreeMap<&str, Entity> = BTreeMap::new();
    for row in &entities.rows {
        let entity = by_id.entry(&row.id).or_insert_with(|| Entity {
            id: row.id.clone(),
            entity_type: entity_type_named(&row.entity_type),
            ..Entity::default()
        });
        entity.names.push(row.name.clone());
    }
    Local::new(by_id.into_values())
}

fn names_by_id(entities: &Entities) -> HashMap<&str, &str> {
    entities.rows.iter().map(|row| (row.id.as_str(), row.name.as_str())).collect()
}

/// The entities that have most of the ids asked for; `None` when none has any.
fn entities_of<'a>(queries: &Queries, entities: &'a [Entities]) -> Option<&'a Entities> {
    let known = |entities: &&Entities| {
        let ids = names_by_id(entities);
        queries.rows.iter().filter(|query| ids.contains_key(query.id.as_str())).count()
    };
    entities.iter().max_by_key(known).filter(|entities| known(entities) > 0)
}

fn kinds(queries: &Queries) -> Vec<&str> {
    let mut kinds: Vec<&str> = queries.rows.iter().map(|query| query.kind.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// A query and its right answer.
pub(super) struct Asked<'a> {
    pub(super) text: &'a str,
    pub(super) expected: Expected<'a>,
    /// The right answer as people know it.
    pub(super) shown: &'a str,
}

/// By what a right answer is known.
#[derive(Clone, Copy)]
pub(super) enum Expected<'a> {
    Id(&'a str),
    Name(&'a str),
}

impl Expected<'_> {
    fn is(self, ranked: &Ranked) -> bool {
        match self {
            Self::Id(id) => ranked.id == id,
            Self::Name(name) => ranked.name == name,
        }
    }
}

/// An index that is asked, and how long it took.
pub(super) struct Search {
    local: Local,
    asked: usize,
    spent: Duration,
}

impl Search {
    pub(super) fn new(local: Local) -> Self {
        Self { local, asked: 0, spent: Duration::ZERO }
    }

    /// Asks queries and adds how often the right answer was among the first. Returns its places.
    pub(super) fn ask(
        &mut self,
        key: &str,
        asked: &[Asked<'_>],
        worst: usize,
        report: &mut Report,
    ) -> Vec<Place> {
        let answers = self.answers(asked);
        let places = answers.iter().map(|answer| answer.place).collect::<Vec<_>>();
        add_recall(key, &places, &mut report.figures);
        let first = answers.iter().filter_map(Answer::first).collect::<Vec<_>>();
        report.add_reliability(key, &first);
        let wrong = asked.iter().zip(&answers).filter(|(_, answer)| answer.place != Some(0));
        let mut wrong: Vec<Failure> = wrong.map(|(asked, answer)| failure(asked, answer)).collect();
        wrong.sort_by(|a, b| b.score.total_cmp(&a.score));
        report.add_worst(key, worst, wrong);
        places
    }

    /// How many queries one core answers in a second.
    pub(super) fn add_speed(&self, key: &str, figures: &mut Figures) {
        let spent = self.spent.as_secs_f64();
        let speed = (spent > 0.0).then(|| self.asked as f64 / spent);
        figures.add(format!("{key}.queries_per_second"), speed, self.asked);
    }

    /// Answers in the order of the queries, on all cores.
    fn answers(&mut self, asked: &[Asked<'_>]) -> Vec<Answer> {
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        let share = asked.len().div_ceil(threads).max(1);
        let local = &self.local;
        let parts: Vec<(Vec<Answer>, Duration)> = thread::scope(|scope| {
            let start = |part| scope.spawn(move || answer_all(local, part));
            let running: Vec<_> = asked.chunks(share).map(start).collect();
            let join = |thread: thread::ScopedJoinHandle<'_, _>| {
                thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            running.into_iter().map(join).collect()
        });
        self.asked += asked.len();
        self.spent += parts.iter().map(|(_, spent)| *spent).sum::<Duration>();
        parts.into_iter().flat_map(|(answers, _)| answers).collect()
    }
}

/// Where the right answer stands, from 0; `None` when it is not listed.
pub(super) type Place = Option<usize>;

struct Answer {
    place: Place,
    best: Option<Ranked>,
}

impl Answer {
    /// The score of the first candidate, and whether it is the right one.
    fn first(&self) -> Option<Labelled> {
        self.best.as_ref().map(|best| (best.score, self.place == Some(0)))
    }
}

fn add_recall(key: &str, places: &[Place], figures: &mut Figures) {
    for first in PLACES {
        let hits = places.iter().filter(|place| place.is_some_and(|place| place < first)).count();
        figures.add_share(format!("{key}.recall_at_{first}"), hits, places.len());
    }
}

fn answer_all(local: &Local, asked: &[Asked<'_>]) -> (Vec<Answer>, Duration) {
    let clock = Clock::start();
    let answer = |asked: &Asked<'_>| {
        let ranked = local.ask(asked.text, None, CANDIDATES_MAX);
        let place = ranked.iter().position(|ranked| asked.expected.is(ranked));
        Answer { place, best: ranked.into_iter().next() }
    };
    (asked.iter().map(answer).collect(), clock.spent())
}

fn failure(asked: &Asked<'_>, answer: &Answer) -> Failure {
    let best = answer.best.as_ref();
    Failure {
        a: asked.text.to_owned(),
        b: asked.shown.to_owned(),
        score: best.map_or(0.0, |best| best.score),
        found: Some(best.map(|best| best.name.clone()).unwrap_or_default()),
    }
}

/// Measures the CPU time of its thread where the system tells it, so that busy neighbours do not
/// count, and else the time that passes.
struct Clock {
    cpu: Option<Duration>,
    started: Instant,
}

impl Clock {
    fn start() -> Self {
        Self { cpu: cpu_time(), started: Instant::now() }
    }

    fn spent(&self) -> Duration {
        let cpu = self.cpu.zip(cpu_time()).map(|(start, end)| end.saturating_sub(start));
        cpu.unwrap_or_else(|| self.started.elapsed())
    }
}

/// Linux only: nanoseconds on a core are the first number of `/proc/thread-self/schedstat`.
fn cpu_time() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(text.split_whitespace().next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    use super::super::formats::{EntityRow, QueryRow};

    fn entities(rows: &[(&str, &str)]) -> Entities {
        let row = |(id, name): &(&str, &str)| EntityRow {
            id: (*id).to_owned(),
            entity_type: "PERSON".to_owned(),
            name: (*name).to_owned(),
        };
        Entities { rows: rows.iter().map(row).collect() }
    }

    fn queries(rows: &[(&str, &str)]) -> Queries {
        let row = |(id, text): &(&str, &str)| QueryRow {
            id: (*id).to_owned(),
            kind: "alias".to_owned(),
            text: (*text).to_owned(),
        };
        Queries { name: "people".to_owned(), rows: rows.iter().map(row).collect() }
    }

    #[test]
    fn queries_are_asked_of_the_entities_that_have_their_ids() {
        let lists = [
            entities(&[("x", "Kim")]),
            entities(&[("a", "Lavrov"), ("b", "Putin"), ("a", "Foreign Minister")]),
        ];
        let queries = queries(&[("a", "لافروف"), ("b", "ميركل")]);
        let mut report = Report::default();
        measure(&lists, &[queries], 5, &mut report).unwrap();
        assert_eq!(report.figures.get("people.kind.alias.recall_at_1").unwrap().value, 0.5);
        let worst = &report.worst["people.kind.alias"];
        assert_eq!((worst.len(), worst[0].a.as_str(), worst[0].b.as_str()), (1, "ميركل", "Putin"));
    }

    #[test]
    fn queries_without_their_entities_are_an_error() {
        let queries = queries(&[("a", "لافروف")]);
        let error = measure(&[entities(&[("x", "Kim")])], &[queries], 0, &mut Report::default())
            .unwrap_err();
        assert_eq!(error.to_string(), "no file of entities has an id of the queries `people`");
    }
}
