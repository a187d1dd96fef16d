#!/bin/sh
# build.sh dependencies|programs: compiles for the image. `dependencies` runs in the skeleton of
# the workspace and leaves nothing of the skeleton itself; `programs` puts what runs into /out,
# and what it is made of.
set -eu
export CARGO_INCREMENTAL=0

programs="gateway asr-server tts-server voice-bot agent models"
build() {
  cargo build --release --locked --features agent/local \
    -p gateway -p asr-server -p tts-server -p voice-bot -p agent -p model-store
}

case $1 in
  dependencies)
    build
    # Else cargo would take the empty crates for ours: it compares times, and ours are older.
    ours=$(for manifest in */*/Cargo.toml */Cargo.toml; do
      sed -n '/^name = /{s/^name = "\(.*\)"$/-p \1/p;q}' "$manifest"
    done)
    # shellcheck disable=SC2086 # words
    cargo clean --release --quiet $ours
    ;;
  programs)
    build
    mkdir -p /out
    for program in $programs; do strip -o "/out/$program" "target/release/$program"; done
    sh docker/sbom.sh rust >/out/rust.json
    ;;
esac
