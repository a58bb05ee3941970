//! `hawiya normalize`: names on the ladder, and with `--explain` every step to it.

mod picture;

use std::{collections::HashMap, sync::Arc};

use chassis::Channel;
use futures_util::StreamExt;
use proto::{
    normalization::v1::{self as wire, normalization_service_client::NormalizationServiceClient},
    r#type::v1::{self as shared, SpellingProfile},
};
use serde::Serialize;

use super::{item_error, pipeline, value_name};
use crate::{
    Done,
    cli::{self, Profile, Service},
    client::Session,
    sink::{Answer, Line, Row, Sink},
    source::{self, Chunks},
};

/// As many names as a message may ask a trace for.
const TRACED_ITEMS_MAX: usize = 100;

pub(super) async fn run(command: cli::Normalize) -> anyhow::Result<Done> {
    let chunk_items = if command.explain { TRACED_ITEMS_MAX } else { source::CHUNK_ITEMS };
    let items = &command.items;
    let chunks = source::open(&items.items, items.column.as_deref(), chunk_items)?;
    let mut sink = Sink::open(&items.output)?;
    let session = Session::open(&items.target).await?;
    let mut normalizer =
        NormalizationServiceClient::new(session.channel(Service::Normalizer).await?);
    let options = options(&command);
    let wants_readings = command.readings;
    let done = if command.explain {
        let rules = Arc::new(Rules::fetch(&mut normalizer).await?);
        let explained = move |name| Explained::new(name, &rules, wants_readings);
        stream(normalizer, options, chunks, &mut sink, explained).await?
    } else {
        let normalized = move |name| Normalized::new(name, wants_readings);
        stream(normalizer, options, chunks, &mut sink, normalized).await?
    };
    session.close().await?;
    Ok(done)
}

fn options(command: &cli::Normalize) -> wire::NormalizeOptions {
    let mut options = wire::NormalizeOptions::default();
    options.set_profile(command.profile.map_or(SpellingProfile::Unspecified, spelling_profile));
    if command.readings {
        options.set_readings(wire::ReadingView::Full);
    }
    if command.explain {
        options.set_trace(wire::TraceView::Full);
        options.set_tokens(wire::TokenView::Full);
    }
    options
}

fn spelling_profile(profile: Profile) -> SpellingProfile {
    match profile {
        Profile::Eg => SpellingProfile::Eg,
        Profile::Lev => SpellingProfile::Lev,
        Profile::Iq => SpellingProfile::Iq,
        Profile::Gulf => SpellingProfile::Gulf,
        Profile::Maghreb => SpellingProfile::Maghreb,
        Profile::Fa => SpellingProfile::Fa,
        Profile::Ur => SpellingProfile::Ur,
    }
}

/// Normalizes every item; `read` makes an answer of a name.
async fn stream<T: Answer>(
    mut normalizer: NormalizationServiceClient<Channel>,
    options: wire::NormalizeOptions,
    chunks: Chunks,
    sink: &mut Sink,
    read: impl Fn(wire::NormalizedName) -> T,
) -> anyhow::Result<Done> {
    let request = move |texts| wire::StreamNormalizeRequest { texts, options: Some(options) };
    let answer = |outcome: wire::NormalizeOutcome| match outcome.outcome {
        Some(wire::normalize_outcome::Outcome::Name(name)) => Ok(read(name)),
        Some(wire::normalize_outcome::Outcome::Error(item)) => Err(item_error(&item)),
        None => Err("the server sent no outcome".to_owned()),
    };
    let answer = &answer;
    let ask = async move |requests: pipeline::Requests| {
        let answers = normalizer.stream_normalize(requests.map(request)).await?.into_inner();
        Ok(answers.map(move |message| Ok(message?.outcomes.into_iter().map(answer).collect())))
    };
    pipeline::run(chunks, sink, ask).await
}

/// A name on the ladder as programs read it; the names of the fields are stable.
#[derive(Debug, Serialize)]
struct Normalized {
    input: String,
    orthographic: String,
    form: String,
    skeleton: String,
    script: String,
    romanization: String,
    /// Only when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    readings: Option<Vec<Reading>>,
    /// Only when the input was damaged.
    #[serde(skip_serializing_if = "String::is_empty")]
    repaired: String,
}

#[derive(Debug, Serialize)]
struct Reading {
    form: String,
    rule_id: String,
}

impl Normalized {
    fn new(name: wire::NormalizedName, wants_readings: bool) -> Self {
        let reading =
            |reading: wire::Reading| Reading { form: reading.form, rule_id: reading.rule_id };
        Self {
            readings: wants_readings.then(|| name.readings.into_iter().map(reading).collect()),
            input: name.text,
            orthographic: name.orthographic,
            form: name.form,
            skeleton: name.skeleton,
            script: name.script,
            romanization: name.romanization,
            repaired: name.repaired,
        }
    }

    /// What most names have not: a repair, other readings.
    fn note(&self) -> String {
        let repaired = (!self.repaired.is_empty()).then(|| format!("repaired: {}", self.repaired));
        let forms: Vec<&str> =
            self.readings.iter().flatten().map(|reading| reading.form.as_str()).collect();
        let readings = (!forms.is_empty()).then(|| format!("or: {}", forms.join(", ")));
        repaired.into_iter().chain(readings).collect::<Vec<_>>().join("; ")
    }
}

impl Row for Normalized {
    const COLUMNS: &'static [&'static str] =
        &["input", "orthographic", "form", "skeleton", "script", "romanization", "note"];

    fn cells(&self) -> Vec<String> {
        let cells = [&self.input, &self.orthographic, &self.form, &self.skeleton, &self.script];
        let mut cells = cells.map(Clone::clone).to_vec();
        cells.extend([self.romanization.clone(), self.note()]);
        cells
    }
}

/// A name and every step that led to it, as programs read it; the names of the fields are stable.
#[derive(Debug, Serialize)]
struct Explained {
    #[serde(flatten)]
    name: Normalized,
    tokens: Vec<Token>,
    trace: Vec<Applied>,
    rules_version: String,
}

#[derive(Debug, Serialize)]
struct Token {
    role: String,
    orthographic: String,
    form: String,
    skeleton: String,
    offsets: Offsets,
}

/// One application of a rule.
#[derive(Debug, Serialize)]
struct Applied {
    rule_id: String,
    stage: String,
    from: String,
    to: String,
    offsets: Offsets,
    /// What the rule says of itself.
    summary: String,
}

/// Where a piece stands in the input, in the three units that clients count in.
#[derive(Debug, Default, Serialize)]
struct Offsets {
    byte_start: i32,
    byte_end: i32,
    utf16_start: i32,
    utf16_end: i32,
    code_point_start: i32,
    code_point_end: i32,
}

impl Explained {
    fn new(mut name: wire::NormalizedName, rules: &Rules, wants_readings: bool) -> Self {
        let tokens = std::mem::take(&mut name.tokens).into_iter().map(Token::from).collect();
        let trace = std::mem::take(&mut name.trace);
        Self {
            name: Normalized::new(name, wants_readings),
            tokens,
            trace: trace.into_iter().map(|applied| rules.explain(applied)).collect(),
            rules_version: rules.version.clone(),
        }
    }
}

impl From<shared::Token> for Token {
    fn from(token: shared::Token) -> Self {
        Self {
            role: value_name(token.role().as_str_name(), "TOKEN_ROLE_"),
            orthographic: token.orthographic,
            form: token.form,
            skeleton: token.skeleton,
            offsets: token.offsets.map(Offsets::from).unwrap_or_default(),
        }
    }
}

impl From<shared::Offsets> for Offsets {
    fn from(offsets: shared::Offsets) -> Self {
        Self {
            byte_start: offsets.byte_start,
            byte_end: offsets.byte_end,
            utf16_start: offsets.utf16_start,
            utf16_end: offsets.utf16_end,
            code_point_start: offsets.code_point_start,
            code_point_end: offsets.code_point_end,
        }
    }
}

/// The sentences of the rules, by their ids.
struct Rules {
    version: String,
    summaries: HashMap<String, String>,
}

impl Rules {
    async fn fetch(normalizer: &mut NormalizationServiceClient<Channel>) -> anyhow::Result<Self> {
        let rules = normalizer.get_rules(wire::GetRulesRequest {}).await?.into_inner();
        let summaries = rules.rules.into_iter().map(|rule| (rule.rule_id, rule.summary));
        Ok(Self { version: rules.rules_version, summaries: summaries.collect() })
    }

    fn explain(&self, applied: shared::RuleApplication) -> Applied {
        Applied {
            stage: value_name(applied.stage().as_str_name(), "LADDER_STAGE_"),
            summary: self.summaries.get(&applied.rule_id).cloned().unwrap_or_default(),
            rule_id: applied.rule_id,
            from: applied.from,
            to: applied.to,
            offsets: applied.offsets.map(Offsets::from).unwrap_or_default(),
        }
    }
}

impl Answer for Explained {
    fn text(lines: &[Line<Self>], _: bool) -> Vec<String> {
        let picture = |line: &Line<Self>| match line {
            Line::Answer(explained) => picture::draw(explained),
            Line::Failed { input, error } => picture::refused(input, error),
        };
        lines.iter().flat_map(picture).collect()
    }
}
