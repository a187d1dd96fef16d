#!/usr/bin/env bash
# Checks that the programs this project needs are there, and installs Debian packages for
# those that are not: `setup.sh run|test|bench|eval`. Installs only as root or with
# password-less sudo; otherwise prints the one command to type.
set -euo pipefail

purpose=${1:-run}

# program=package
needs=(cc=build-essential cmake=cmake curl=curl npm=npm python3=python3 pip3=python3-pip supervisord=supervisor)
case $purpose in
  run) ;;
  test) needs+=(ffmpeg=ffmpeg node=nodejs ps=procps openssl=openssl chromium=chromium turnserver=coturn faketime=faketime) ;; # procps: `kill`
  bench | eval) needs+=(ffmpeg=ffmpeg) ;;
  *) echo "setup.sh: unknown purpose '$purpose'; use run, test, bench or eval" >&2; exit 2 ;;
esac

if ! command -v cargo >/dev/null; then
  echo "Rust is missing. Install it with rustup (1.95 or newer), then run this again." >&2
  exit 1
fi

missing=()
for need in "${needs[@]}"; do
  command -v "${need%%=*}" >/dev/null || missing+=("${need#*=}")
done
# llama.cpp's headers are read with it while building.
ls /usr/lib/llvm-*/lib/libclang.so* >/dev/null 2>&1 || missing+=(libclang-dev)
# Debian keeps it off the path.
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing+=(postgresql)
case $purpose in
  test | bench | eval) python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv) ;;
esac
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! sudo -n true 2>/dev/null; then
    echo "These Debian packages are missing: ${missing[*]}" >&2
    echo "Install them and run this again:" >&2
    echo "    sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo -n)
fi
echo "Installing Debian packages: ${missing[*]}"
"${as_root[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
