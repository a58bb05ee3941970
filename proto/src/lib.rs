//! The contract: every message, client and server of Hawiya, generated from `hawiya/**/*.proto`.
//!
//! Nothing here is written by hand but this page. The protos are the documentation; read
//! `proto/README.md` first. `make proto` generates the code again after a change.
//!
//! A crate that speaks to one area says `use proto::matching::v1 as wire;`, so that a wire type is
//! always written `wire::X` and one glance shows the layer. Messages are named only in a crate's
//! `grpc` module; the enums in [`vocabulary`] are the words of the domain and are used everywhere.

#![allow(missing_docs, unreachable_pub, reason = "generated; the comments are in the protos")]
#![allow(clippy::all, clippy::pedantic, reason = "generated")]

/// The enums that all areas share. An enum needs no decoding behind the edge, and a second copy of
/// it would only be a chance to disagree.
pub mod vocabulary {
    pub use crate::matching::v1::MentionGround;
    pub use crate::r#type::v1::{
        Agreement, DecisionKind, EntityType, Gender, LadderStage, MatchKind, NameKind,
        NoMatchReason, SpellingProfile, TokenRole, Verdict,
    };
}

/// Value messages that more than one service speaks.
pub mod r#type {
    pub mod v1 {
        include!("generated/hawiya.type.v1.rs");
    }
}

/// How names are written.
pub mod normalization {
    pub mod v1 {
        include!("generated/hawiya.normalization.v1.rs");
        /// What the service shows by reflection.
        pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!("generated/normalization.binpb");
    }
}

/// Which entities a name could mean.
pub mod matching {
    pub mod v1 {
        include!("generated/hawiya.matching.v1.rs");
        /// What the service shows by reflection.
        pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!("generated/matching.binpb");
    }
}

/// Entities and their canonical ids.
pub mod registry {
    pub mod v1 {
        include!("generated/hawiya.registry.v1.rs");
        /// What the service shows by reflection.
        pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!("generated/registry.binpb");
    }
}

/// Names in, canonical ids out.
pub mod resolution {
    pub mod v1 {
        include!("generated/hawiya.resolution.v1.rs");
        /// What the service shows by reflection.
        pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!("generated/resolution.binpb");
    }
}
