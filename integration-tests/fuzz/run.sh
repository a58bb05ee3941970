#!/usr/bin/env bash
# Fuzzes each target, or those that are named, for FUZZ_SECONDS (20). What makes one fail is left in
# the target folder, fuzz/<target>/, and its name is printed: put it into integration-tests/fuzz/seeds/<target>/ and mend what it shows.
set -euo pipefail
cd "$(dirname "$0")/../.."
built=${CARGO_TARGET_DIR:-target}

if ! command -v "${CXX:-c++}" >/dev/null; then
    echo "*** SKIPPED: there is no C++ compiler; nothing was fuzzed ***" >&2
    [ "${HAWIYA_REQUIRE_ALL:-}" != 1 ]
    exit
fi

# The whole workspace, so that dependencies have the features that every other build gives them.
RUSTC_WORKSPACE_WRAPPER=$PWD/integration-tests/fuzz/instrumented.sh \
    "${CARGO:-cargo}" build --quiet --workspace --bin fuzz --target-dir "$built" --features fuzz/engine

[ $# -gt 0 ] || set -- $(sed -n 's/^    ("\([a-z]*\)", .*/\1/p' integration-tests/fuzz/src/lib.rs)
failed=()
for target in "$@"; do
    seeds=integration-tests/fuzz/seeds/$target found=$built/fuzz/$target
    # What an earlier run found is a good place to begin.
    mkdir -p "$found/corpus"
    if FUZZ_TARGET=$target "$built/debug/fuzz" "$found/corpus" "$seeds" -artifact_prefix="$found/" \
        -max_total_time="${FUZZ_SECONDS:-20}" -timeout=10 -rss_limit_mb=1024 -max_len=4096 \
        -print_final_stats=1 >"$found/log" 2>&1
    then
        echo "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$found/log") inputs"
    else
        tail -40 "$found/log"
        failed+=("$target")
    fi
done
[ ${#failed[@]} -eq 0 ] || { echo "failed: ${failed[*]}" >&2; exit 1; }
