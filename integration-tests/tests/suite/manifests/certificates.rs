//! Certificates are for the names under which services are called, and lie where the settings say.

use integration_tests::{
    Service,
    manifests::{Manifests, list, text},
};
use serde_json::Value;

pub(super) fn no_neighbour_is_called_in_the_clear_and_each_has_the_name_it_is_called_by(
    manifests: &Manifests,
) {
    let resolver = manifests.find("Deployment", "resolver").unwrap();
    let resolver = &resolver["spec"]["template"]["spec"]["containers"][0];
    for service in [Service::Normalizer, Service::Matcher, Service::Registry] {
        let variable = format!("HAWIYA_{}_URL", service.name().to_uppercase());
        let environment = manifests.environment(resolver);
        let (_, url) = environment.iter().find(|(name, _)| *name == variable).unwrap();
        let host = url.strip_prefix("https://").unwrap_or_else(|| panic!("{url} is in the clear"));
        let (host, port) = host.split_once(':').unwrap();
        assert_eq!(port, (7700 + service as u16).to_string());
        let certificate = manifests.find("Certificate", service.name()).unwrap();
        let names: Vec<_> = list(&certificate["spec"]["dnsNames"]).iter().map(text).collect();
        assert!(names.contains(&host) && names.contains(&"localhost"), "{names:?}");
        // The first is the one that callers.toml knows it by.
        assert_eq!(names[0], format!("{}.hawiya.svc", service.name()));
    }
}

pub(super) fn the_settings_name_files_of_the_secret_that_is_mounted(manifests: &Manifests) {
    for (owner, template) in manifests.pods() {
        let (pod, container) = (&template["spec"], &template["spec"]["containers"][0]);
        let find = |list: &'_ [Value], key: &str, value: &str| {
            list.iter()
                .find(|item| item[key] == value)
                .cloned()
                .unwrap_or_else(|| panic!("{owner}: {value}"))
        };
        let mount = find(list(&container["volumeMounts"]), "mountPath", "/tls");
        assert_eq!(mount["readOnly"], true, "{owner}");
        let volume = find(list(&pod["volumes"]), "name", text(&mount["name"]));
        let own = if owner == "import" { "client-tls".to_owned() } else { format!("{owner}-tls") };
        assert_eq!(volume["secret"]["secretName"], own);
        for (name, value) in manifests.environment(container) {
            if name.starts_with("HAWIYA_TLS_") {
                let file = value.strip_prefix("/tls/").unwrap_or_else(|| panic!("{name}: {value}"));
                assert!(["tls.crt", "tls.key", "ca.crt"].contains(&file), "{name}: {file}");
            }
        }
    }
}

/// Who is told of authorities for Redis has them where they are said to be, and no secret beside them.
pub(super) fn redis_is_believed_by_a_file_that_is_mounted(manifests: &Manifests) {
    let mut told = 0;
    for (owner, template) in manifests.pods() {
        let (pod, container) = (&template["spec"], &template["spec"]["containers"][0]);
        let environment = manifests.environment(container);
        let Some((_, path)) = environment.iter().find(|(name, _)| name == "HAWIYA_REDIS_CA") else {
            continue;
        };
        let (folder, file) = path.rsplit_once('/').unwrap();
        let mut mounts = list(&container["volumeMounts"]).iter();
        let mount = mounts.find(|mount| mount["mountPath"] == folder);
        let name = &mount.unwrap_or_else(|| panic!("{owner}: {folder}"))["name"];
        let volume = list(&pod["volumes"]).iter().find(|volume| volume["name"] == *name).unwrap();
        let files = list(&volume["secret"]["items"]).iter();
        let files: Vec<_> = files.map(|item| text(&item["path"])).collect();
        assert_eq!(files, [file], "{owner}");
        told += 1;
    }
    assert_eq!(told, Service::ALL.len(), "{}", manifests.from);
}

pub(super) fn metrics_are_asked_for_under_the_port_that_services_have(manifests: &Manifests) {
    let monitor = manifests.of_kind("ServiceMonitor").next().unwrap();
    let wanted = monitor["spec"]["selector"]["matchLabels"].as_object().unwrap();
    let endpoint = &monitor["spec"]["endpoints"][0];
    for service in Service::ALL {
        let found = manifests.find("Service", service.name()).unwrap();
        assert!(wanted.iter().all(|(key, value)| found["metadata"]["labels"][key] == *value));
        assert!(list(&found["spec"]["ports"]).iter().any(|port| port["name"] == endpoint["port"]));
    }
    let dashboard = manifests.find("ConfigMap", "hawiya-dashboard").unwrap();
    let dashboard: Value = serde_json::from_str(text(&dashboard["data"]["hawiya.json"])).unwrap();
    assert!(dashboard["panels"].is_array());
}
