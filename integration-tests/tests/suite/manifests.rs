//! The manifests of k8s/ are what Kubernetes takes, what the code has, and no more than is needed.

mod certificates;
mod network;

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use integration_tests::{
    Home, Process, Service, binary,
    catalogue::repository,
    manifests::{Manifests, Renderer, list, name, text},
};
use serde_json::Value;

/// Kinds of others, which their operators know.
const FOREIGN: [&str; 3] = ["Certificate", "Issuer", "ServiceMonitor"];

/// One test, because rendering is what costs.
#[test]
fn everything_in_k8s_is_what_kubernetes_takes_and_what_the_code_has() {
    let Some(renderer) = Renderer::find() else { return };
    let all = renderer.all();
    let find = |from: &str| all.iter().find(|manifests| manifests.from == from).unwrap();
    let (base, production) = (find("base"), find("overlays/production"));

    everything_is_what_the_schemas_of_kubernetes_ask(&all);
    every_pod_has_no_rights_and_says_what_it_needs(&all);
    ports_and_probes_are_those_of_the_code(&all);
    every_argument_is_one_of_the_command_line(&all);
    every_variable_is_one_that_the_code_reads(&all);
    a_pod_has_the_time_that_its_drain_may_take(&all);
    what_is_named_is_there(&all);
    every_service_starts_with_the_settings_of_the_cluster(base);

    network::pods_talk_to_the_neighbours_they_need_and_to_nobody_else(base);
    network::traces_go_where_the_settings_say(production);
    network::jobs_reach_one_service_each(base, production, find("jobs/batch"));

    certificates::no_neighbour_is_called_in_the_clear_and_each_has_the_name_it_is_called_by(
        production,
    );
    certificates::the_settings_name_files_of_the_secret_that_is_mounted(production);
    certificates::redis_is_believed_by_a_file_that_is_mounted(production);
    certificates::metrics_are_asked_for_under_the_port_that_services_have(production);
}

/// The Deployment of each service that a rendering has.
fn services(manifests: &Manifests) -> impl Iterator<Item = (Service, &Value)> {
    Service::ALL
        .into_iter()
        .filter_map(|service| Some((service, manifests.find("Deployment", service.name())?)))
}

fn container(deployment: &Value) -> &Value {
    &deployment["spec"]["template"]["spec"]["containers"][0]
}

fn port(service: Service) -> u64 {
    7700 + service as u64
}

fn everything_is_what_the_schemas_of_kubernetes_ask(all: &[Manifests]) {
    for manifests in all {
        assert_eq!(manifests.problems, Vec::<String>::new(), "{}", manifests.from);
        let strange = manifests.unknown.iter().find(|kind| !FOREIGN.contains(&kind.as_str()));
        assert_eq!(strange, None, "{}", manifests.from);
        assert!(!manifests.resources.is_empty());
    }
}

fn every_pod_has_no_rights_and_says_what_it_needs(all: &[Manifests]) {
    for manifests in all {
        for (owner, template) in manifests.pods() {
            let (pod, at) = (&template["spec"], format!("{}: {owner}", manifests.from));
            assert_eq!(pod["automountServiceAccountToken"], false, "{at}");
            assert_eq!(pod["enableServiceLinks"], false, "{at}");
            assert_eq!(pod["securityContext"]["runAsNonRoot"], true, "{at}");
            assert!(pod["securityContext"]["runAsUser"].as_u64() > Some(0), "{at}");
            assert_eq!(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault", "{at}");
            let account = text(&pod["serviceAccountName"]);
            let account = manifests.find("ServiceAccount", account);
            assert_eq!(
                account.map(|it| &it["automountServiceAccountToken"]),
                Some(&Value::from(false)),
                "{at}"
            );
            for container in list(&pod["containers"]) {
                let security = &container["securityContext"];
                assert_eq!(security["readOnlyRootFilesystem"], true, "{at}");
                assert_eq!(security["allowPrivilegeEscalation"], false, "{at}");
                assert_eq!(security["capabilities"]["drop"], serde_json::json!(["ALL"]), "{at}");
                for bound in ["requests", "limits"] {
                    let bound = &container["resources"][bound];
                    assert!(
                        bound["cpu"].is_string() && bound["memory"].is_string(),
                        "{at}: {bound}"
                    );
                }
            }
        }
    }
}

fn ports_and_probes_are_those_of_the_code(all: &[Manifests]) {
    for manifests in all {
        for (service, deployment) in services(manifests) {
            let (container, at) =
                (container(deployment), format!("{}: {service:?}", manifests.from));
            assert_eq!(container["args"], serde_json::json!(["serve", service.name()]), "{at}");
            let ports = list(&container["ports"]).iter();
            let ports: Vec<_> =
                ports.map(|port| (text(&port["name"]), port["containerPort"].as_u64())).collect();
            assert_eq!(ports, [("grpc", Some(port(service))), ("metrics", Some(9464))], "{at}");
            let environment = manifests.environment(container);
            let has =
                |variable: &str, value: String| environment.contains(&(variable.to_owned(), value));
            assert!(has("HAWIYA_LISTEN", format!("0.0.0.0:{}", port(service))), "{at}");
            assert!(has("HAWIYA_METRICS_LISTEN", "0.0.0.0:9464".to_owned()), "{at}");
            let spec = &manifests.find("Service", service.name()).unwrap()["spec"];
            assert_eq!(spec["clusterIP"], "None", "{at}");
            assert_eq!(spec["ports"][0]["port"].as_u64(), Some(port(service)), "{at}");
            // Who restarts asks whether the process lives, and nothing that a neighbour could spoil.
            probes(&container["startupProbe"], "live", "--live", service, &at);
            probes(&container["livenessProbe"], "live", "--live", service, &at);
            probes(&container["readinessProbe"], service.wire_name(), "health", service, &at);
        }
    }
}

/// A probe asks the health of this name by gRPC, or runs the binary with this last word.
fn probes(probe: &Value, health: &str, last: &str, service: Service, at: &str) {
    if probe["exec"].is_null() {
        assert_eq!(probe["grpc"]["port"].as_u64(), Some(port(service)), "{at}");
        assert_eq!(probe["grpc"]["service"], health, "{at}");
        return;
    }
    let words: Vec<_> = list(&probe["exec"]["command"]).iter().map(text).collect();
    assert_eq!((words[0], *words.last().unwrap()), ("/usr/local/bin/hawiya", last), "{at}");
    assert_accepted(&words[1..], at);
}

fn every_argument_is_one_of_the_command_line(all: &[Manifests]) {
    for manifests in all {
        for (owner, template) in manifests.pods() {
            let containers = list(&template["spec"]["containers"]).iter();
            for container in
                containers.filter(|container| text(&container["image"]).contains("hawiya"))
            {
                let words: Vec<_> = list(&container["args"]).iter().map(text).collect();
                assert_accepted(&words, &format!("{}: {owner}", manifests.from));
            }
        }
    }
}

/// `--help` at the end: everything before it is checked, and nothing is done.
fn assert_accepted(words: &[&str], at: &str) {
    let output = Command::new(binary()).args(words).arg("--help").output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{at}: `{}`: {told}", words.join(" "));
}

fn every_variable_is_one_that_the_code_reads(all: &[Manifests]) {
    let known = variables_of_the_code();
    for manifests in all {
        for (owner, template) in manifests.pods().into_iter().filter(|(owner, _)| *owner != "redis")
        {
            for (variable, _) in manifests.environment(&template["spec"]["containers"][0]) {
                assert!(
                    known.contains(&variable),
                    "{}: {owner}: nobody reads {variable}",
                    manifests.from
                );
            }
        }
    }
}

/// The names in quotes, in code that is not a test.
fn variables_of_the_code() -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    let mut folders = vec![repository().join("services")];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let is_code = path.extension() == Some("rs".as_ref());
            match path.is_dir() {
                true => folders.push(path),
                false if is_code => known.extend(variables_of(&path)),
                false => {}
            }
        }
    }
    known
}

fn variables_of(path: &Path) -> Vec<String> {
    let code = fs::read_to_string(path).unwrap();
    let code = code.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
    let is_variable = |word: &&str| {
        let ours = word.starts_with("HAWIYA_") || ["REDIS_URL", "DATABASE_URL"].contains(word);
        ours && word.bytes().all(|letter| letter.is_ascii_uppercase() || letter == b'_')
    };
    code.split('"').filter(is_variable).map(str::to_owned).collect()
}

/// Not by name alone: with what a pod is given, each service starts. Only where it listens and keeps files is
/// changed, because here it is a process among others.
fn every_service_starts_with_the_settings_of_the_cluster(base: &Manifests) {
    for (service, deployment) in services(base) {
        let home = Home::default();
        let mut command = home.command(&["serve", service.name()]);
        command.envs(base.environment(container(deployment)));
        command.env("HAWIYA_LISTEN", "127.0.0.1:0").env("HAWIYA_METRICS_LISTEN", "127.0.0.1:0");
        command.env("HAWIYA_INDEX_DIR", "index").env("DATABASE_URL", "sqlite::memory:");
        let process = Process::spawn(&mut command);
        assert!(process.address("listening").starts_with("127.0.0.1:"), "{service:?}");
    }
}

fn a_pod_has_the_time_that_its_drain_may_take(all: &[Manifests]) {
    let seconds = |environment: &[(String, String)], variable: &str| {
        let found = environment.iter().find(|(name, _)| name == variable);
        found.map_or(0, |(_, value)| value.trim_end_matches('s').parse().unwrap())
    };
    for manifests in all {
        for (service, deployment) in services(manifests) {
            let environment = manifests.environment(container(deployment));
            let pause =
                container(deployment)["lifecycle"]["preStop"]["sleep"]["seconds"].as_u64().unwrap();
            let drain = seconds(&environment, "HAWIYA_DRAIN_DELAY")
                + seconds(&environment, "HAWIYA_DRAIN_TIMEOUT");
            let grace =
                deployment["spec"]["template"]["spec"]["terminationGracePeriodSeconds"].as_u64();
            assert!(
                drain > 0 && grace >= Some(pause + drain + 5),
                "{}: {service:?}",
                manifests.from
            );
        }
    }
}

fn what_is_named_is_there(all: &[Manifests]) {
    let secrets = secrets_of_the_readme();
    for manifests in all {
        let at = &manifests.from;
        for (owner, template) in manifests.pods() {
            let spec = &template["spec"];
            for volume in list(&spec["volumes"]) {
                if let Some(claim) = volume["persistentVolumeClaim"]["claimName"].as_str() {
                    assert!(
                        manifests.find("PersistentVolumeClaim", claim).is_some(),
                        "{at}: {owner}: {claim}"
                    );
                }
                if let Some(map) = volume["configMap"]["name"].as_str() {
                    assert!(manifests.find("ConfigMap", map).is_some(), "{at}: {owner}: {map}");
                }
                if let Some(secret) = volume["secret"]["secretName"].as_str() {
                    assert!(is_made(manifests, &secrets, secret), "{at}: {owner}: {secret}");
                }
            }
            for container in list(&spec["containers"]) {
                let mounts = list(&container["volumeMounts"]).iter().map(|mount| &mount["name"]);
                let volumes: Vec<_> =
                    list(&spec["volumes"]).iter().map(|volume| &volume["name"]).collect();
                assert!(mounts.into_iter().all(|mount| volumes.contains(&mount)), "{at}: {owner}");
                for variable in list(&container["env"]) {
                    if let Some(secret) = variable["valueFrom"]["secretKeyRef"]["name"].as_str() {
                        assert!(secrets.contains(secret), "{at}: {owner}: {secret}");
                    }
                }
            }
        }
        selected(manifests);
        for resource in manifests.resources.iter().filter(|it| it["kind"] != "Namespace") {
            assert_eq!(resource["metadata"]["namespace"], "hawiya", "{at}: {}", name(resource));
        }
    }
}

/// The Secrets that an operator is told to make: `create secret generic NAME`.
fn secrets_of_the_readme() -> BTreeSet<String> {
    let readme = fs::read_to_string(repository().join("k8s/README.md")).unwrap();
    let commands = readme.split("create secret generic ").skip(1);
    commands.filter_map(|rest| rest.split_whitespace().next()).map(str::to_owned).collect()
}

fn is_made(manifests: &Manifests, by_hand: &BTreeSet<String>, secret: &str) -> bool {
    let mut certificates = manifests.of_kind("Certificate");
    by_hand.contains(secret) || certificates.any(|it| it["spec"]["secretName"] == secret)
}

/// Services, budgets and autoscalers mean pods that are there.
fn selected(manifests: &Manifests) {
    let at = &manifests.from;
    let labels =
        |template: &Value| template["metadata"]["labels"].as_object().cloned().unwrap_or_default();
    let pods: Vec<_> = manifests.pods().into_iter().map(|(_, template)| labels(template)).collect();
    let means_one = |selector: &Value| {
        let wanted = selector.as_object().unwrap();
        pods.iter()
            .filter(|pod| wanted.iter().all(|(key, value)| pod.get(key) == Some(value)))
            .count()
            == 1
    };
    for service in manifests.of_kind("Service") {
        assert!(means_one(&service["spec"]["selector"]), "{at}: {}", name(service));
    }
    for budget in manifests.of_kind("PodDisruptionBudget") {
        assert!(means_one(&budget["spec"]["selector"]["matchLabels"]), "{at}: {}", name(budget));
    }
    for scaler in manifests.of_kind("HorizontalPodAutoscaler") {
        let scaled = text(&scaler["spec"]["scaleTargetRef"]["name"]);
        let deployment =
            manifests.find("Deployment", scaled).unwrap_or_else(|| panic!("{at}: {scaled}"));
        assert!(deployment["spec"]["replicas"].is_null(), "{at}: {scaled} is scaled by two");
    }
}
