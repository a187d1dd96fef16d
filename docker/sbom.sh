#!/bin/sh
# sbom.sh rust: in a clone, what Rust packages the programs are made of, as the part of a CycloneDX document.
# sbom.sh document RUST MODELS PACKAGES: the whole document, of that part, of `models licences --json` and of a
# list of Debian packages (dpkg-query's name, version and architecture, with tabs). Wants jq, and for `rust` cargo.
set -eu
here=$(dirname "$0")

rust() {
  programs="-p gateway -p asr-server -p tts-server -p voice-bot -p agent -p model-store"
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  target=$(rustc -vV | sed -n 's/^host: //p')
  # What is compiled in, and what compiles it; nothing that only tests use.
  # shellcheck disable=SC2086 # words
  cargo tree --locked $programs --features agent/local --edges normal,build --target "$target" --prefix none --format '{p}' |
    awk '{ sub(/^v/, "", $2); print $1 "@" $2 }' | sort -u >"$work/used"
  awk -F '"' '/^name = /{n=$2} /^version = /{v=$2} /^checksum = /{print n "@" v "\t" $2}' Cargo.lock >"$work/sums"
  cargo metadata --locked --format-version 1 --features agent/local --filter-platform "$target" |
    jq --rawfile used "$work/used" --rawfile sums "$work/sums" -f "$here/sbom-rust.jq"
}

case ${1:-} in
  rust) rust ;;
  document)
    jq -n --slurpfile rust "$2" --slurpfile models "$3" --rawfile packages "$4" \
      --arg made "$(date -u +%Y-%m-%dT%H:%M:%SZ)" -f "$here/sbom.jq"
    ;;
  *) echo "Usage: sbom.sh rust | sbom.sh document RUST MODELS PACKAGES" >&2; exit 2 ;;
esac
