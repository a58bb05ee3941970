#!/usr/bin/env bash
# Installs what the tests need and the machine lacks: a C and a C++ compiler, redis-server, PostgreSQL, kubectl, Python
# with grpcio and the schemas of Kubernetes, cargo-nextest, cargo-deny. A Docker engine is used where there is one.
set -euo pipefail
cd "$(dirname "$0")/.."

has() { command -v "$1" >/dev/null 2>&1; }

packages=()
{ has cc && has c++; } || packages+=(build-essential)
has redis-server || packages+=(redis-server)
# Debian keeps the programs of the server off the PATH.
has initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || packages+=(postgresql)
has python3 || packages+=(python3 python3-venv)
# The package of Debian 12 is too old to know components; that of 13 is not.
kubernetes=$(apt-cache policy kubernetes-client 2>/dev/null | sed -n 's/ *Candidate: \([0-9]*\.[0-9]*\).*/\1/p')
has kubectl || [ "$(printf '%s\n' 1.21 "${kubernetes:-0}" | sort -V | head -1)" != 1.21 ] || packages+=(kubernetes-client)

if [ ${#packages[@]} -gt 0 ]; then
    if ! has apt-get; then
        echo "missing: ${packages[*]}. Install them with the package manager of your system:" >&2
        echo "  Fedora: dnf install gcc gcc-c++ redis postgresql-server python3   macOS: brew install redis postgresql python" >&2
        echo "Tests that need what is missing are skipped, and say so." >&2
    else
        sudo=""
        [ "$(id -u)" = 0 ] || sudo=sudo
        echo "installing ${packages[*]}"
        $sudo apt-get update -qq
        # The packaged Redis and PostgreSQL need not run: the tests start their own.
        $sudo env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
    fi
fi

has cargo-nextest || cargo install --locked --quiet cargo-nextest --version 0.9.143
# Unoptimized: it runs for a second, which is not worth waiting for more.
has cargo-deny || cargo install --locked --quiet --debug cargo-deny --version 0.20.2 ||
    echo "cannot install cargo-deny; licences and sources are not checked" >&2

requirements=integration-tests/python/requirements.txt
if has python3 && [ ! -e .venv/ready -o "$requirements" -nt .venv/ready ]; then
    if python3 -m venv .venv 2>/dev/null && .venv/bin/pip install --quiet --disable-pip-version-check -r "$requirements"; then
        touch .venv/ready
    else
        echo "cannot install $requirements (on Debian: apt-get install python3-venv); the Python tests are skipped" >&2
    fi
fi
