# Builds and runs images with Docker, or, where there is none, with buildah, podman and runc as
# root. Sourced by docker/check.sh. Without an engine nothing can be pulled either: the two base
# images are then made of Debian's packages and of the Rust on this machine.
# shellcheck shell=bash

if docker info >/dev/null 2>&1; then engine=docker; else engine=podman; fi

pod() {
  if [ $engine = docker ]; then
    docker "$@"
  else
    CONTAINERS_CONF=$work/containers.conf podman --storage-driver overlay --runtime runc --cgroup-manager cgroupfs "$@"
  fi
}

# Registry settings of this machine, for the build only.
secrets() {
  local ca=${SSL_CERT_FILE:-} pip=${PIP_CONFIG_FILE:-/etc/pip.conf} npm=${NPM_CONFIG_USERCONFIG:-$HOME/.npmrc}
  [ ! -s "$ca" ] || printf '%s\0' --secret "id=ca,src=$ca"
  [ ! -s "$pip" ] || printf '%s\0' --secret "id=pip,src=$pip"
  [ ! -s "$npm" ] || printf '%s\0' --secret "id=npm,src=$npm"
  [ ! -s "${CARGO_HOME:-$HOME/.cargo}/config.toml" ] ||
    printf '%s\0' --secret "id=cargo,src=${CARGO_HOME:-$HOME/.cargo}/config.toml"
}

# build TAG ARGUMENTS...: the image of this checkout.
build() {
  local tag=$1 arguments
  shift
  mapfile -d '' -t arguments < <(secrets)
  if [ $engine = docker ]; then
    docker build --tag "$tag" "${arguments[@]}" "$@" .
  else
    buildah --storage-driver overlay build --isolation chroot --network host --format docker --layers --pull-never \
      --tag "$tag" "${arguments[@]}" "$@" .
  fi
}

# What running and building want; nothing with Docker.
prepare_engine() {
  [ $engine = podman ] || return 0
  cat >"$work/containers.conf" <<'CONF'
[containers]
default_ulimits=["nofile=20000:20000","nproc=4096:4096"]
CONF
  local missing=() tool
  for tool in buildah podman runc debootstrap; do
    command -v $tool >/dev/null || missing+=($tool)
  done
  if [ ${#missing[@]} -gt 0 ]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  fi
  buildah --storage-driver overlay inspect --type image docker.io/library/debian:bookworm-slim >/dev/null 2>&1 || debian_image
  buildah --storage-driver overlay inspect --type image docker.io/library/rust:1.95-slim-bookworm >/dev/null 2>&1 || rust_image
}

# Debian as its slim image: without manuals and translations, and as this machine's apt finds packages.
debian_image() {
  local root=$work/debian container
  debootstrap --variant=minbase bookworm "$root" >"$work/debootstrap.log"
  find "$root/usr/share/doc" -type f ! -name copyright -delete
  rm -rf "$root"/usr/share/{man,info,locale,groff,lintian}/* "$root"/var/cache/apt/*.bin "$root"/var/cache/apt/archives/*.deb \
    "$root"/var/lib/apt/lists/* "$root"/var/log/*
  cp /etc/apt/apt.conf.d/99* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
  if [ -e /etc/apt/sources.list.d/debian.sources ]; then
    rm -f "$root/etc/apt/sources.list"
    cp /etc/apt/sources.list.d/debian.sources "$root/etc/apt/sources.list.d/"
  fi
  container=$(buildah --storage-driver overlay from scratch)
  buildah --storage-driver overlay add -q "$container" "$root" /
  buildah --storage-driver overlay commit -q "$container" docker.io/library/debian:bookworm-slim
  buildah --storage-driver overlay rm "$container" >/dev/null
  rm -rf "$root"
}

# Rust 1.95 over it, as the official image has it.
rust_image() {
  local container
  container=$(buildah --storage-driver overlay from --pull-never docker.io/library/debian:bookworm-slim)
  buildah --storage-driver overlay run --isolation chroot --network host "$container" sh -c \
    'apt-get update -qq && apt-get install -y -qq --no-install-recommends ca-certificates gcc libc6-dev >/dev/null && rm -rf /var/lib/apt/lists/*'
  local sysroot
  sysroot=$(rustc +1.95 --print sysroot 2>/dev/null || rustc --print sysroot)
  buildah --storage-driver overlay add -q "$container" "$sysroot/bin" /usr/local/bin
  buildah --storage-driver overlay add -q "$container" "$sysroot/lib" /usr/local/lib
  buildah --storage-driver overlay config --env CARGO_HOME=/usr/local/cargo "$container"
  buildah --storage-driver overlay commit -q "$container" docker.io/library/rust:1.95-slim-bookworm
  buildah --storage-driver overlay rm "$container" >/dev/null
}
