//! Who may talk to whom in the cluster: exactly who has to.

use std::collections::BTreeSet;

use integration_tests::manifests::{Manifests, list, name, text};
use serde_json::Value;

use super::{container, services};

/// The edges of the picture in ARCHITECTURE.md, and the port of each.
const NEEDED: [(&str, &str, u64); 8] = [
    ("resolver", "normalizer", 7701),
    ("resolver", "matcher", 7702),
    ("resolver", "registry", 7703),
    ("matcher", "registry", 7703),
    ("resolver", "redis", 6379),
    ("normalizer", "redis", 6379),
    ("matcher", "redis", 6379),
    ("registry", "redis", 6379),
];

/// An edge from a pod to a pod, as a policy of either allows it.
type Edge = (String, String, u64);

pub(super) fn pods_talk_to_the_neighbours_they_need_and_to_nobody_else(base: &Manifests) {
    denied_unless_allowed(base);
    let needed: BTreeSet<Edge> =
        NEEDED.into_iter().map(|(from, to, port)| (from.into(), to.into(), port)).collect();
    assert_eq!(edges(base, "egress"), needed, "where edges leave");
    let arriving = edges(base, "ingress");
    assert_eq!(arriving, needed, "where edges arrive");
}

/// One collector, at the port and in the namespace that the services are told, from each of them.
pub(super) fn traces_go_where_the_settings_say(production: &Manifests) {
    let policy = &production.find("NetworkPolicy", "traces").unwrap()["spec"];
    let pods = &policy["podSelector"]["matchExpressions"][0];
    assert_eq!((text(&pods["key"]), text(&pods["operator"])), ("app.kubernetes.io/name", "In"));
    let [rule] = list(&policy["egress"]) else { panic!("{policy}") };
    let ([peer], [port]) = (list(&rule["to"]), list(&rule["ports"])) else { panic!("{rule}") };
    let label = |selector: &str, label: &str| text(&peer[selector]["matchLabels"][label]);
    let namespace = label("namespaceSelector", "kubernetes.io/metadata.name");
    let collector = label("podSelector", "app.kubernetes.io/name");
    let allowed = format!("http://{collector}.{namespace}.svc:{}", port["port"]);
    for (service, deployment) in services(production) {
        assert!(list(&pods["values"]).contains(&service.name().into()), "{service:?}");
        let environment = production.environment(container(deployment));
        let told = environment.iter().find(|(name, _)| name == "HAWIYA_OTLP_ENDPOINT");
        assert_eq!(told.map(|(_, value)| value), Some(&allowed), "{service:?}");
    }
}

/// The tools that components bring reach what they need, and their edge arrives.
pub(super) fn jobs_reach_one_service_each(
    base: &Manifests,
    production: &Manifests,
    batch: &Manifests,
) {
    for (manifests, job, service, port) in
        [(production, "import", "registry", 7703), (batch, "batch", "resolver", 7700)]
    {
        let reaches = edges(manifests, "egress").into_iter().filter(|(from, _, _)| from == job);
        let reaches: Vec<_> = reaches.collect();
        assert_eq!(reaches, [(job.to_owned(), service.to_owned(), port)]);
        let pods = manifests.pods();
        let (_, template) = pods.iter().find(|(owner, _)| *owner == job).unwrap();
        assert_eq!(template["metadata"]["labels"]["hawiya/calls"], service);
        let policy = base.find("NetworkPolicy", service).unwrap();
        let sources = list(&policy["spec"]["ingress"][0]["from"]);
        let by_label =
            |source: &Value| source["podSelector"]["matchLabels"]["hawiya/calls"] == service;
        assert!(sources.iter().any(by_label), "{service} lets no job in");
    }
}

fn denied_unless_allowed(manifests: &Manifests) {
    let policy = manifests.find("NetworkPolicy", "default-deny").expect("there is one");
    assert_eq!(policy["spec"]["podSelector"], serde_json::json!({}));
    assert_eq!(policy["spec"]["policyTypes"], serde_json::json!(["Ingress", "Egress"]));
    assert!(policy["spec"]["egress"].is_null() && policy["spec"]["ingress"].is_null());
}

/// The edges between pods of the namespace that policies allow in a direction.
fn edges(manifests: &Manifests, direction: &str) -> BTreeSet<Edge> {
    let (peers, is_egress) = if direction == "egress" { ("to", true) } else { ("from", false) };
    let mut edges = BTreeSet::new();
    for policy in manifests.of_kind("NetworkPolicy") {
        let own = text(&policy["spec"]["podSelector"]["matchLabels"]["app.kubernetes.io/name"]);
        for rule in list(&policy["spec"][direction]) {
            let ports = list(&rule["ports"]).iter().filter_map(|port| port["port"].as_u64());
            let ports: Vec<_> = ports.collect();
            assert!(!ports.is_empty(), "{}: a rule for every port", name(policy));
            for peer in list(&rule[peers]).iter().filter_map(pod) {
                let (from, to) = if is_egress { (own, peer) } else { (peer, own) };
                edges.extend(ports.iter().map(|port| (from.to_owned(), to.to_owned(), *port)));
            }
        }
    }
    edges
}

/// The pods of the namespace that a peer means, if it means some by name.
fn pod(peer: &Value) -> Option<&str> {
    peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"].as_str()
}
