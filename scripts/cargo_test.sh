#!/usr/bin/env bash
# `cargo test` with these arguments. Calls and streams are tested in real time, and a busy machine
# can miss a moment: up to three tests that fail run once more by themselves, and are named whether
# they pass or not. A target that ends in any other way than by failed tests is not forgiven.
set -euo pipefail

log=$(mktemp)
trap 'rm -f "$log"' EXIT
cargo test --no-fail-fast "$@" 2>&1 | tee "$log" && exit 0

mapfile -t failed < <(sed -n '/^failures:$/,/^test result:/s/^    \([^ ]\+\)$/\1/p' "$log")
counted=$(sed -n 's/^test result: FAILED.* \([0-9]\+\) failed;.*/\1/p' "$log" | awk '{ sum += $1 } END { print sum + 0 }')
targets=$(sed -n 's/^    `\(-p .*\|--.*\)`$/\1/p' "$log" | wc -l)
reported=$(grep -c '^test result: FAILED' "$log" || true)
printf '\n== failed: %s\n' "${failed[*]}"
if [ "${#failed[@]}" -gt 3 ] || [ "${#failed[@]}" -ne "$counted" ] || [ "$targets" -ne "$reported" ]; then
  exit 1
fi
printf '== once more, by themselves\n'
cargo test "$@" -- --exact "${failed[@]}"
printf '\n== passed only the second time, and need mending: %s\n' "${failed[*]}"
