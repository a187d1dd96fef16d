#!/usr/bin/env bash
# `fuzz.sh [TARGET [SECONDS]]`: fuzzes one target of fuzz/, or each in turn, for SECONDS (60); what was
# run and found is a table at the end. Builds cargo-fuzz once if it is not installed; needs a nightly
# toolchain. docs/fuzzing.md.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${2:-60}

rustup run nightly rustc --version >/dev/null || { echo "A nightly toolchain is missing: rustup toolchain install nightly" >&2; exit 1; }
command -v cargo-fuzz >/dev/null || cargo install --locked --quiet cargo-fuzz

# A line for each target: its name and the feature it needs, or `default`.
targets() {
  awk -F '"' '/^name = /{name=$2} /^path = "targets/{on=1} /^required-features/{feature=$2}
    /^$/{if (on) print name, feature ? feature : "default"; on=0; feature=""}' fuzz/Cargo.toml <(echo)
}
all=$(targets)
if [ -n "${1:-}" ]; then
  all=$(grep "^$1 " <<<"$all") || { echo "There is no target $1, but: $(targets | cut -d ' ' -f 1 | xargs)" >&2; exit 1; }
fi

# What is fuzzed has the dependencies of what ships.
cp Cargo.lock fuzz/Cargo.lock
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
failed=0
while read -r target feature; do
  corpus=fuzz/corpus/$target
  mkdir -p "$corpus"
  seeds=("fuzz/seeds/$target")
  case $target in
    language_model) seeds+=(crates/language-model/tests/data) ;;
    recipes) cp models/*.toml "$corpus" ;;
  esac
  options=(-max_total_time="$time" -timeout=20 -rss_limit_mb=1024 -print_final_stats=1)
  case $target in
    # What takes time in proportion to more than its length shows only where it is long.
    text | spoken) options+=(-max_len=16384 -dict=fuzz/dictionaries/text.dict) ;;
    asr_stream | tts_stream | calls | ctc) options+=(-dict=fuzz/dictionaries/json.dict) ;;
    audio | sdp | language_model | upload) options+=(-max_len=16384 -dict="fuzz/dictionaries/$target.dict") ;;
  esac
  existing=()
  for folder in "${seeds[@]}"; do [ -d "$folder" ] && existing+=("$folder"); done
  # Without a sanitizer: our code is safe Rust, and what is looked for are panics, overflows and hangs.
  cargo +nightly fuzz run --fuzz-dir fuzz --sanitizer none --features "$feature" "$target" \
    "$corpus" "${existing[@]}" -- "${options[@]}" </dev/null 2>&1 | tee "$logs/$target" || failed=1
done <<<"$all"

echo
printf '%-16s %12s %10s %8s  %s\n' target executions branches MB outcome
while read -r target _; do
  awk -v target="$target" '
    / cov: /{for (i = 1; i < NF; i++) if ($i == "cov:") branches = $(i + 1)}
    /stat::number_of_executed_units/{runs = $2} /stat::peak_rss_mb/{mb = $2}
    /Test unit written to|^error/{found = $0}
    END {printf "%-16s %12s %10s %8s  %s\n", target, runs, branches, mb, found ? found : "nothing found"}' "$logs/$target"
done <<<"$all"
exit "$failed"
