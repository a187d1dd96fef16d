#!/usr/bin/env bash
# `sbom.sh OUT [IMAGE]`: the bill of materials as CycloneDX JSON: Rust packages, the models of all variants with their
# licences, and, of an image that Docker has, the Debian packages. The image has its own in /usr/share/doc/whissle-gateway.
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:?OUT}
image=${2:-}

command -v jq >/dev/null || { echo "jq is missing; install the package jq." >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
docker/sbom.sh rust >"$work/rust.json"
cargo run --quiet --locked -p model-store --bin models -- licences --json >"$work/models.json"
: >"$work/packages"
if [ -n "$image" ]; then
  docker run --rm --entrypoint cat "$image" /usr/share/doc/whissle-gateway/packages.tsv >"$work/packages"
fi
docker/sbom.sh document "$work/rust.json" "$work/models.json" "$work/packages" >"$work/sbom.json"
mv "$work/sbom.json" "$out"
jq -r 'def kind: if .type == "machine-learning-model" then "models" elif .purl then .purl | ltrimstr("pkg:") | sub("/.*"; "") else "own" end;
  "\(.components | length) components: " + ([.components[] | kind] | group_by(.) | map("\(length) \(.[0])") | join(", "))' "$out"
