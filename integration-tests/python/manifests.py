"""Reads Kubernetes manifests and says what is wrong with them: JSON in, JSON out.

    {"k8s/base": "…YAML…"}  →  [{"from", "resources", "problems", "unknown"}]

`resources` are the manifests, `problems` what the schemas of the versions of Kubernetes given as arguments refuse,
unknown fields included, and `unknown` the kinds for which there is no schema. Nothing is fetched.
"""

import json
import sys

import kubernetes_validate as kubernetes
import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# What many renderings have in common is validated once.
seen = {}


def problems_of(resource):
    key = json.dumps(resource, sort_keys=True)
    if key not in seen:
        seen[key] = [problem for version in sys.argv[1:] if (problem := refused(resource, version))]
    return seen[key]


def refused(resource, version):
    name = f"{resource['kind']}/{resource['metadata']['name']}"
    try:
        kubernetes.validate(resource, version, strict=True)
    except kubernetes.SchemaNotFoundError:
        return "unknown"
    except kubernetes.ValidationError as error:
        return f"{name}, {version}: {'.'.join(map(str, error.path))}: {error.message}"
    return None


def read(source, text):
    resources = [resource for resource in yaml.load_all(text, LOADER) if resource]
    found = [(resource["kind"], problem) for resource in resources for problem in problems_of(resource)]
    return {
        "from": source,
        "resources": resources,
        "problems": [problem for _, problem in found if problem != "unknown"],
        "unknown": sorted({kind for kind, problem in found if problem == "unknown"}),
    }


json.dump([read(source, text) for source, text in json.load(sys.stdin).items()], sys.stdout)
