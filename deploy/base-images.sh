#!/usr/bin/env bash
# Makes the images that others are built on from programs of this machine, for where no registry is reachable:
# base-images.sh PREFIX makes PREFIX-shell, PREFIX-redis and PREFIX-postgres.
#
#   deploy/base-images.sh local
#   make prebuilt
#   docker build -f deploy/Dockerfile -t hawiya:local --build-arg BUILD_IMAGE=local-shell --build-arg PREBUILT=1 .
#   REDIS_IMAGE=local-redis POSTGRES_IMAGE=local-postgres docker-compose -f deploy/compose.yaml up
#
# Each holds the programs, the libraries they are linked with, and no package manager. PREFIX-postgres takes
# the variables of the official image that deploy/compose.yaml sets, and no others.
set -euo pipefail

prefix=${1:?give a prefix for the names of the images}
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

# Copies files to where they are, with every library they are linked with.
put() {
    local file
    for file in "$@"; do
        mkdir -p "$root$(dirname "$file")"
        cp -L "$file" "$root$file"
        # A script or a static program has none.
        { ldd "$file" 2>/dev/null | grep -o '/[^ ]*' || true; } | while read -r library; do
            mkdir -p "$root$(dirname "$library")"
            cp -L -n "$library" "$root$library"
        done
    done
}

import() {
    local name=$1
    shift
    tar -C "$root" -c . | docker import "$@" - "$name" >/dev/null
    echo "$name"
    rm -rf "${root:?}"/*
}

shell() {
    put /bin/sh /bin/cat /bin/chmod /bin/chown /bin/cp /bin/mkdir /bin/rm
    mkdir -p "$root/tmp" "$root/etc"
    chmod 1777 "$root/tmp"
}

shell
import "$prefix-shell"

put /usr/bin/redis-server /usr/bin/redis-cli
mkdir -p "$root/data"
import "$prefix-redis"

bin=$(dirname "$(find /usr/lib/postgresql -name initdb | sort -V | tail -1)")
version=$(basename "$(dirname "$bin")")
shell
put "$bin"/{initdb,postgres,pg_isready,psql}
# What the server loads while it runs; without the compiler of queries, which is larger than all the rest.
put $(find "/usr/lib/postgresql/$version/lib" -name '*.so' ! -name 'llvmjit*')
mkdir -p "$root/usr/share/postgresql" "$root/usr/share" "$root/var/run/postgresql" "$root/var/lib/postgresql/data"
cp -r "/usr/share/postgresql/$version" "$root/usr/share/postgresql/"
[ -d /usr/share/zoneinfo ] && mkdir -p "$root/usr/share/zoneinfo" && cp -rL /usr/share/zoneinfo/{Etc,UTC} "$root/usr/share/zoneinfo/"
# The program asks for the name of its user.
echo 'postgres:x:999:999::/var/lib/postgresql:/bin/sh' > "$root/etc/passwd"
cat > "$root/entrypoint" <<'ENTRYPOINT'
#!/bin/sh
set -e
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    echo "$POSTGRES_PASSWORD" > /tmp/password
    initdb --username "$POSTGRES_USER" --pwfile /tmp/password --auth scram-sha-256 --encoding UTF8 --no-locale
    rm /tmp/password
    echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
    echo "CREATE DATABASE \"$POSTGRES_DB\"" | postgres --single postgres
fi
exec postgres -c 'listen_addresses=*'
ENTRYPOINT
chmod +x "$root/entrypoint"
chown -R 999:999 "$root/var/lib/postgresql" "$root/var/run/postgresql"
import "$prefix-postgres" --change "ENV PATH=$bin:/bin:/usr/bin PGDATA=/var/lib/postgresql/data" \
    --change 'ENTRYPOINT ["/entrypoint"]'
