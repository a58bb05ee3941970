#!/usr/bin/env bash
# Builds what the image consists of: build-static.sh FOLDER [PROFILE].
#
# The binary is linked statically, so that the image needs no C library, loader or shell. Only the last step of
# the build differs from a usual one: everything compiled before is used again.
set -euo pipefail
folder=$(realpath -m "$1")
profile=${2:-release}
cd "$(dirname "$0")/.."

cargo rustc --locked --quiet --profile "$profile" --package hawiya --bin hawiya -- -C target-feature=+crt-static
[ "$profile" = dev ] && built=debug || built=$profile
install -D -s -m 0755 "${CARGO_TARGET_DIR:-target}/$built/hawiya" "$folder/usr/local/bin/hawiya"
mkdir -p "$folder/usr/share/doc/hawiya"
deploy/sbom.sh > "$folder/usr/share/doc/hawiya/sbom.cdx.json"
