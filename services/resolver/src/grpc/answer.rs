//! An answer on its way out: its bytes, and where they come from.
//!
//! What the cache knows is handed on without being taken apart and put together again, which would
//! be most of its cost. A message inside another is its bytes with their length before them
//! (<https://protobuf.dev/programming-guides/encoding/>), so a message read and written one level
//! deep, the level below as `bytes`, is the same on the wire. The types here mirror those of the
//! contract in that way, tag by tag; a test lays them beside each other.
//!
//! Only the origin differs from call to call. What is kept says LOCAL_CACHE, where it is mostly read
//! from; another origin is written behind it, because of a field that comes twice the last counts.

use bytes::{Bytes, BytesMut};
use cache::{Cached, Source};
use chassis::Fault;
use prost::Message;
use proto::resolution::v1 as wire;
use wire::resolve_outcome::Outcome;

/// `wire::ResolveOutcome`, one level deep: what the cache keeps, and what is sent of it.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Answer {
    #[prost(bytes = "bytes", optional, tag = "1")]
    resolution: Option<Bytes>,
    #[prost(bytes = "bytes", optional, tag = "2")]
    error: Option<Bytes>,
}

/// `wire::ItemOutcome`, one level deep.
#[derive(Clone, PartialEq, Message)]
pub(super) struct ItemAnswer {
    #[prost(int64, tag = "1")]
    item_number: i64,
    #[prost(bytes = "bytes", optional, tag = "2")]
    resolution: Option<Bytes>,
    #[prost(bytes = "bytes", optional, tag = "3")]
    error: Option<Bytes>,
}

/// `wire::StreamResolveResponse`, one level deep.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct MessageAnswer {
    #[prost(message, repeated, tag = "1")]
    pub(super) outcomes: Vec<ItemAnswer>,
}

/// What is counted of a `wire::Resolution`; the rest is skipped.
#[derive(Clone, PartialEq, Message)]
struct Glance {
    #[prost(enumeration = "proto::vocabulary::Verdict", tag = "4")]
    verdict: i32,
    #[prost(enumeration = "wire::AnswerOrigin", tag = "14")]
    origin: i32,
}

impl Answer {
    /// What is kept: as whoever finds it in memory gets it.
    pub(super) fn kept(mut resolution: wire::Resolution) -> Self {
        resolution.set_origin(wire::AnswerOrigin::LocalCache);
        Self::from(wire::ResolveOutcome { outcome: Some(Outcome::Resolution(resolution)) })
    }

    /// What the cache hands out, with the origin it has for this call.
    pub(super) fn found(found: Cached<Self>) -> Self {
        match found.source {
            Source::Local => found.value,
            Source::Redis => found.value.with_origin(wire::AnswerOrigin::SharedCache),
            Source::Computed | Source::Shared => {
                found.value.with_origin(wire::AnswerOrigin::Computed)
            }
        }
    }

    fn with_origin(mut self, origin: wire::AnswerOrigin) -> Self {
        if let Some(resolution) = &mut self.resolution {
            let last_word = wire::Resolution { origin: origin.into(), ..Default::default() };
            let mut bytes = BytesMut::with_capacity(resolution.len() + last_word.encoded_len());
            bytes.extend_from_slice(resolution);
            last_word.encode(&mut bytes).expect("a BytesMut grows");
            *resolution = bytes.freeze();
        }
        self
    }

    /// The same with another resolution, unless it is a refusal.
    pub(super) fn change(&mut self, change: impl FnOnce(&mut wire::Resolution)) {
        let mut outcome = self.whole();
        if let Some(Outcome::Resolution(resolution)) = &mut outcome.outcome {
            change(resolution);
            *self = Self::from(outcome);
        }
    }

    /// The message that it is.
    pub(super) fn whole(&self) -> wire::ResolveOutcome {
        // Made by `from`, or by another replica and sealed: only a value of another format fails.
        wire::ResolveOutcome::decode(self.encode_to_vec().as_slice()).unwrap_or_else(|error| {
            let fault = Fault::Internal(Box::new(error));
            wire::ResolveOutcome { outcome: Some(Outcome::Error(fault.into_item())) }
        })
    }

    /// The same as the outcome of an item of a stream.
    pub(super) fn of_item(self, item_number: i64) -> ItemAnswer {
        ItemAnswer { item_number, resolution: self.resolution, error: self.error }
    }

    /// Its verdict and its origin; nothing when it is a refusal.
    pub(super) fn labels(&self) -> Option<(&'static str, &'static str)> {
        let glance = Glance::decode(self.resolution.clone()?).ok()?;
        Some((glance.verdict().as_str_name(), glance.origin().as_str_name()))
    }
}

impl From<wire::ResolveOutcome> for Answer {
    fn from(outcome: wire::ResolveOutcome) -> Self {
        match outcome.outcome {
            Some(Outcome::Resolution(resolution)) => {
                Self { resolution: Some(resolution.encode_to_vec().into()), error: None }
            }
            Some(Outcome::Error(item)) => {
                Self { resolution: None, error: Some(item.encode_to_vec().into()) }
            }
            None => Self::default(),
        }
    }
}

impl MessageAnswer {
    /// The message that it is.
    pub(super) fn whole(&self) -> Result<wire::StreamResolveResponse, Fault> {
        let message = wire::StreamResolveResponse::decode(self.encode_to_vec().as_slice());
        message.map_err(|error| Fault::Internal(Box::new(error)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, option, prelude::*};
    use proto::{r#type::v1 as shared, vocabulary::Verdict};

    use super::*;

    fn candidate() -> impl Strategy<Value = shared::Candidate> {
        (".{0,9}", ".{0,9}", 0..9_i32, 0.0..1.0_f64).prop_map(|(id, name, kind, score)| {
            shared::Candidate {
                canonical_id: id,
                matched_name: name,
                kind,
                score,
                ..Default::default()
            }
        })
    }

    prop_compose! {
        fn resolution()(
            text in ".{0,20}",
            verdict in 0..4_i32,
            description in option::of(".{0,200}"),
            (score, margin) in (0.0..1.0_f64, 0.0..1.0_f64),
            candidates in vec(candidate(), 0..6),
            catalogue_version in any::<i64>(),
            origin in 0..4_i32,
            degradations in vec(0..4_i32, 0..3),
            partial in any::<bool>(),
        ) -> wire::Resolution {
            let entity = description.map(|description| {
                wire::EntitySummary { description, ..Default::default() }
            });
            wire::Resolution {
                text, verdict, entity, score, margin, candidates, catalogue_version, origin,
                degradations, partial, ..Default::default()
            }
        }
    }

    fn outcome() -> impl Strategy<Value = wire::ResolveOutcome> {
        let refusal = ".{0,20}".prop_map(|text| Fault::invalid("query.text", text).into_item());
        let outcome = prop_oneof![
            4 => resolution().prop_map(Outcome::Resolution),
            1 => refusal.prop_map(Outcome::Error),
        ];
        option::weighted(0.9, outcome).prop_map(|outcome| wire::ResolveOutcome { outcome })
    }

    const SOURCES: [(Source, wire::AnswerOrigin); 4] = [
        (Source::Local, wire::AnswerOrigin::LocalCache),
        (Source::Redis, wire::AnswerOrigin::SharedCache),
        (Source::Computed, wire::AnswerOrigin::Computed),
        (Source::Shared, wire::AnswerOrigin::Computed),
    ];

    /// The slow way: every message taken apart, its origin set, and put together again.
    fn item_of(
        item_number: i64,
        mut outcome: wire::ResolveOutcome,
        origin: Option<wire::AnswerOrigin>,
    ) -> wire::ItemOutcome {
        if let (Some(Outcome::Resolution(resolution)), Some(origin)) =
            (&mut outcome.outcome, origin)
        {
            resolution.set_origin(origin);
        }
        let outcome = outcome.outcome.map(|outcome| match outcome {
            Outcome::Resolution(resolution) => wire::item_outcome::Outcome::Resolution(resolution),
            Outcome::Error(item) => wire::item_outcome::Outcome::Error(item),
        });
        wire::ItemOutcome { item_number, outcome }
    }

    fn check(fast: Vec<ItemAnswer>, slow: Vec<wire::ItemOutcome>) {
        let sent = MessageAnswer { outcomes: fast }.encode_to_vec();
        let read = wire::StreamResolveResponse::decode(sent.as_slice()).unwrap();
        assert_eq!(read, wire::StreamResolveResponse { outcomes: slow });
    }

    proptest! {
        #[test]
        fn what_is_sent_as_bytes_reads_as_what_is_encoded(
            outcomes in vec((any::<i64>(), outcome()), 0..5)
        ) {
            let fast = |(number, outcome): &(i64, wire::ResolveOutcome)| {
                Answer::from(outcome.clone()).of_item(*number)
            };
            let slow = |(number, outcome): &(i64, wire::ResolveOutcome)| {
                item_of(*number, outcome.clone(), None)
            };
            check(outcomes.iter().map(fast).collect(), outcomes.iter().map(slow).collect());
        }

        #[test]
        fn what_the_cache_kept_says_where_it_was_found(
            resolution in resolution(), number in any::<i64>()
        ) {
            for (source, origin) in SOURCES {
                // Through bytes, as the cache has it.
                let kept = Answer::kept(resolution.clone()).encode_to_vec();
                let value = Answer::decode(kept.as_slice()).unwrap();
                let answer = Answer::found(Cached { value, source });
                let verdict = Verdict::try_from(resolution.verdict).unwrap_or_default();
                prop_assert_eq!(answer.labels(), Some((verdict.as_str_name(), origin.as_str_name())));
                let outcome = Some(Outcome::Resolution(resolution.clone()));
                let outcome = wire::ResolveOutcome { outcome };
                let slow = item_of(number, outcome.clone(), Some(origin));
                check(vec![answer.clone().of_item(number)], vec![slow.clone()]);
                prop_assert_eq!(item_of(number, answer.whole(), None), slow);
            }
        }

        #[test]
        fn an_answer_that_is_changed_is_the_changed_message(outcome in outcome()) {
            let mut answer = Answer::from(outcome.clone());
            answer.change(|resolution| resolution.decision_id.push('x'));
            let mut expected = outcome;
            if let Some(Outcome::Resolution(resolution)) = &mut expected.outcome {
                resolution.decision_id.push('x');
            }
            prop_assert_eq!(answer.whole(), expected);
        }
    }

    #[test]
    fn what_cannot_be_read_is_an_internal_error_of_one_item() {
        let answer = Answer { resolution: Some(Bytes::from_static(b"\xff")), error: None };
        let Some(Outcome::Error(item)) = answer.whole().outcome else { panic!("{answer:?}") };
        assert_eq!(item.code, tonic::Code::Internal as i32);
    }
}
