#!/usr/bin/env bash
# Prints the software bill of materials of the `hawiya` binary: CycloneDX 1.5, JSON.
#
# What is linked in is what `cargo tree` says for the target; checksums are those of Cargo.lock. Crates that
# only run while building are left out. The same sources give the same bytes: no time, no random number.
set -euo pipefail
cd "$(dirname "$0")/.."

target=${1:-$(rustc -vV | sed -n 's/^host: //p')}

{
    # name version checksum, from the lock file.
    awk -F'"' '/^\[\[package\]\]/ { if (name) print "L", name, version, sum; sum = "" }
        /^name = /     { name = $2 }
        /^version = /  { version = $2 }
        /^checksum = / { sum = $2 }
        END { print "L", name, version, sum }' Cargo.lock
    # name version license: one line a crate, however often the tree has it.
    cargo tree --locked --package hawiya --edges normal --target "$target" --prefix none --no-dedupe \
        --format 'T {p}|{l}' | sed -E 's/ v([^ |]+)[^|]*\|/ \1 /' | LC_ALL=C sort -u
} | awk '
    # "MIT/Apache-2.0" is how licenses were written before SPDX expressions.
    function license(text) { gsub(/\//, " OR ", text); return text }
    $1 == "L" { sum[$2 " " $3] = $4; next }
    {
        name = $2; version = $3; text = license(substr($0, length($1 $2 $3) + 4))
        component = "\"type\": \"" (name == "hawiya" ? "application" : "library") "\", \"bom-ref\": \"" name "@" version \
            "\", \"name\": \"" name "\", \"version\": \"" version "\""
        if (text != "") component = component ", \"licenses\": [{\"expression\": \"" text "\"}]"
        if (sum[name " " version] != "") component = component \
            ", \"hashes\": [{\"alg\": \"SHA-256\", \"content\": \"" sum[name " " version] "\"}]" \
            ", \"purl\": \"pkg:cargo/" name "@" version "\""
        if (name == "hawiya") { subject = component; next }
        components = components (components == "" ? "" : ",\n    ") "{" component "}"
    }
    END {
        print "{"
        print "  \"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.5\", \"version\": 1,"
        print "  \"metadata\": {\"component\": {" subject "}},"
        print "  \"components\": [\n    " components "\n  ]"
        print "}"
    }'
