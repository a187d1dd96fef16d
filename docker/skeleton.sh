#!/bin/sh
# skeleton.sh FROM TO: the workspace without its code: every Cargo.toml, the lock file, and empty
# programs and libraries. Dependencies compiled for it are right until one of those files changes,
# so they get an image layer of their own. All times are equal: the layer is found again.
set -eu
from=$1 to=$2
mkdir -p "$to"
cp -r "$from/.cargo" "$from/Cargo.toml" "$from/Cargo.lock" "$to/"
mkdir -p "$to/docker"
cp "$from/docker/build.sh" "$to/docker/"

cd "$from"
for manifest in crates/*/Cargo.toml services/*/Cargo.toml measure/Cargo.toml tests/Cargo.toml; do
  member=$(dirname "$manifest")
  mkdir -p "$to/$member/src"
  cp "$manifest" "$to/$member/"
  [ ! -e "$member/src/lib.rs" ] || : >"$to/$member/src/lib.rs"
  [ ! -e "$member/build.rs" ] || echo 'fn main() {}' >"$to/$member/build.rs"
  # Programs, tests and examples: where cargo looks for them, and where the manifest says.
  {
    [ ! -e "$member/src/main.rs" ] || echo src/main.rs
    sed -n 's/^path = "\([^"]*\.rs\)"$/\1/p' "$manifest"
    for kind in test example; do
      sed -n "/^\\[\\[$kind\\]\\]/,/^\$/s/^name = \"\\(.*\\)\"\$/\\1/p" "$manifest" | while read -r name; do
        # Beside the real one, cargo would not know which is meant.
        program=${kind}s/$name.rs
        [ -e "$member/$program" ] || program=${kind}s/$name/main.rs
        echo "$program"
      done
    done
  } | while read -r program; do
    mkdir -p "$to/$member/$(dirname "$program")"
    echo 'fn main() {}' >"$to/$member/$program"
  done
done
find "$to" -exec touch -d @0 {} +
