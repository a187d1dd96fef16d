-- API tokens (hashes only) and one row per request. Times are milliseconds since 1970, UTC.

CREATE TABLE tokens (
    id           TEXT PRIMARY KEY,
    hash         BLOB NOT NULL UNIQUE,
    user_id      TEXT NOT NULL,
    label        TEXT NOT NULL,
    prefix       TEXT NOT NULL,
    admin        INTEGER NOT NULL,
    created_ms   INTEGER NOT NULL,
    last_used_ms INTEGER,
    revoked_ms   INTEGER,
    rpm          INTEGER,
    streams      INTEGER
) STRICT;

CREATE TABLE usage (
    id            INTEGER PRIMARY KEY,
    time_ms       INTEGER NOT NULL,
    token_id      TEXT NOT NULL,
    user_id       TEXT NOT NULL,
    service       TEXT NOT NULL,
    method        TEXT NOT NULL,
    route         TEXT NOT NULL,
    status        INTEGER NOT NULL,
    bytes_in      INTEGER NOT NULL,
    bytes_out     INTEGER NOT NULL,
    audio_seconds REAL NOT NULL,
    characters    INTEGER NOT NULL,
    milliseconds  INTEGER NOT NULL
) STRICT;

-- Pages run through usage newest first, with or without a user.
CREATE INDEX usage_by_time ON usage (time_ms, id);
CREATE INDEX usage_by_user ON usage (user_id, time_ms, id);
