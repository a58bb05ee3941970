#!/bin/sh
# Compiles a crate of ours (cargo runs it in the place of rustc). Those that parse are compiled as libFuzzer wants it,
# with counters at every edge and comparison. Dependencies stay as every other build has them, so that none is compiled
# twice.
set -eu
case " $* " in
*" --crate-name names "* | *" --crate-name matcher "* | *" --crate-name chassis "* | *" --crate-name hawiya "* | *" --crate-name fuzz "*)
    exec "$@" --cfg fuzzing -Copt-level=1 -Cpasses=sancov-module \
        -Cllvm-args=-sanitizer-coverage-level=4 \
        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
        -Cllvm-args=-sanitizer-coverage-pc-table \
        -Cllvm-args=-sanitizer-coverage-trace-compares
    ;;
esac
exec "$@"
