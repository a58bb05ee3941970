//! What a caller has to be allowed for each method of the suite.
//!
//! A method that is not in the table is refused to everybody, and a test that walks the descriptors
//! finds it before that happens.

use crate::caller::Scope;

/// What a method needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing: a probe has no credential.
    Nothing,
    /// This scope.
    Scope(Scope),
}

const READ: Need = Need::Scope(Scope::Read);
const WRITE: Need = Need::Scope(Scope::Write);
const ADMIN: Need = Need::Scope(Scope::Admin);

/// Every method, in the order of its path.
const METHODS: [(&str, Need); 41] = [
    ("/grpc.health.v1.Health/Check", Need::Nothing),
    ("/grpc.health.v1.Health/List", Need::Nothing),
    ("/grpc.health.v1.Health/Watch", Need::Nothing),
    ("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", READ),
    ("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", READ),
    ("/hawiya.matching.v1.MatchingService/BatchCompareNames", READ),
    ("/hawiya.matching.v1.MatchingService/BatchFindMentions", READ),
    ("/hawiya.matching.v1.MatchingService/BatchMatchEntities", READ),
    ("/hawiya.matching.v1.MatchingService/CompareNames", READ),
    ("/hawiya.matching.v1.MatchingService/GetIndexStatus", READ),
    ("/hawiya.matching.v1.MatchingService/MatchEntities", READ),
    ("/hawiya.matching.v1.MatchingService/StreamMatchEntities", READ),
    ("/hawiya.normalization.v1.NormalizationService/BatchNormalize", READ),
    ("/hawiya.normalization.v1.NormalizationService/GetRules", READ),
    ("/hawiya.normalization.v1.NormalizationService/Normalize", READ),
    ("/hawiya.normalization.v1.NormalizationService/StreamNormalize", READ),
    ("/hawiya.registry.v1.RegistryService/BatchGetEntities", READ),
    ("/hawiya.registry.v1.RegistryService/BatchLookupDecisions", READ),
    ("/hawiya.registry.v1.RegistryService/CreateDecision", WRITE),
    ("/hawiya.registry.v1.RegistryService/CreateEntity", WRITE),
    ("/hawiya.registry.v1.RegistryService/DeleteEntity", WRITE),
    ("/hawiya.registry.v1.RegistryService/ExportEntities", READ),
    ("/hawiya.registry.v1.RegistryService/GetEntity", READ),
    ("/hawiya.registry.v1.RegistryService/ImportEntities", ADMIN),
    ("/hawiya.registry.v1.RegistryService/ListChanges", READ),
    ("/hawiya.registry.v1.RegistryService/ListDecisions", READ),
    ("/hawiya.registry.v1.RegistryService/ListEntities", READ),
    ("/hawiya.registry.v1.RegistryService/LookupEntities", READ),
    ("/hawiya.registry.v1.RegistryService/MergeEntities", WRITE),
    ("/hawiya.registry.v1.RegistryService/ResolveIds", READ),
    ("/hawiya.registry.v1.RegistryService/RevertChange", WRITE),
    ("/hawiya.registry.v1.RegistryService/SplitEntity", WRITE),
    ("/hawiya.registry.v1.RegistryService/UpdateEntity", WRITE),
    ("/hawiya.registry.v1.RegistryService/WatchChanges", READ),
    ("/hawiya.resolution.v1.ResolutionService/AnnotateText", READ),
    ("/hawiya.resolution.v1.ResolutionService/BatchAnnotateTexts", READ),
    ("/hawiya.resolution.v1.ResolutionService/BatchResolve", READ),
    ("/hawiya.resolution.v1.ResolutionService/ListDecisions", READ),
    ("/hawiya.resolution.v1.ResolutionService/RecordDecision", WRITE),
    ("/hawiya.resolution.v1.ResolutionService/Resolve", READ),
    ("/hawiya.resolution.v1.ResolutionService/StreamResolve", READ),
];

/// What the method at `path` needs; nothing is known of a path that is not in the table.
#[must_use]
pub fn needed(path: &str) -> Option<Need> {
    let at = METHODS.binary_search_by_key(&path, |(known, _)| known).ok()?;
    Some(METHODS[at].1)
}

/// Whether a method changes anything.
#[must_use]
pub fn is_write(path: &str) -> bool {
    matches!(needed(path), Some(WRITE | ADMIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_so_that_it_can_be_searched() {
        assert!(METHODS.is_sorted_by_key(|(path, _)| *path));
        assert_eq!(needed("/grpc.health.v1.Health/Check"), Some(Need::Nothing));
        assert_eq!(needed("/hawiya.registry.v1.RegistryService/ImportEntities"), Some(ADMIN));
        assert_eq!(needed("/hawiya.registry.v1.RegistryService/Import"), None);
    }
}
