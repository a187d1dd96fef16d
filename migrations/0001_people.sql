-- Who signs in, how, and what they did about it.
-- Secrets are never stored, only their SHA-256 (tokens) or argon2id (passwords).

CREATE EXTENSION IF NOT EXISTS citext;

CREATE TABLE users (
    id                   uuid PRIMARY KEY,
    email                citext UNIQUE CHECK (length(email) BETWEEN 3 AND 254),
    email_verified_at    timestamptz,
    name                 text CHECK (length(name) BETWEEN 1 AND 128),
    password_hash        text,
    auth_provider        text NOT NULL CHECK (auth_provider IN ('password', 'google', 'guest')),
    -- Told by the browser or telephone of a guest, so that support can find them.
    device_id            text CHECK (length(device_id) <= 128),
    last_organization_id uuid,
    last_login_at        timestamptz,
    created_at           timestamptz NOT NULL DEFAULT now(),
    updated_at           timestamptz NOT NULL DEFAULT now(),
    -- A guest has neither an address nor a password; everyone else has an address.
    CHECK ((auth_provider = 'guest') = (email IS NULL)),
    CHECK (auth_provider <> 'guest' OR password_hash IS NULL)
);
-- Those who do not come back are removed.
CREATE INDEX users_guests ON users (created_at) WHERE auth_provider = 'guest';

-- One row a refresh token. Each use replaces it by another of the same family; a family is one
-- sign-in on one device, and what access tokens name as their session.
CREATE TABLE user_sessions (
    id                 uuid PRIMARY KEY,
    family_id          uuid NOT NULL,
    user_id            uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    -- Which organization this device works in; null when it was left or deleted.
    organization_id    uuid,
    refresh_token_hash bytea NOT NULL UNIQUE CHECK (length(refresh_token_hash) = 32),
    device_info        text CHECK (length(device_info) <= 512),
    ip_address         inet,
    replaced_by        uuid REFERENCES user_sessions ON DELETE SET NULL,
    replaced_at        timestamptz,
    created_at         timestamptz NOT NULL DEFAULT now(),
    expires_at         timestamptz NOT NULL,
    revoked_at         timestamptz,
    CHECK (replaced_by IS NULL OR replaced_at IS NOT NULL)
);
CREATE INDEX user_sessions_family ON user_sessions (family_id);
CREATE INDEX user_sessions_user ON user_sessions (user_id);
CREATE INDEX user_sessions_expiry ON user_sessions (expires_at);
CREATE INDEX user_sessions_replacement ON user_sessions (replaced_by) WHERE replaced_by IS NOT NULL;
CREATE INDEX user_sessions_organization ON user_sessions (organization_id);

CREATE TABLE oauth_accounts (
    id               uuid PRIMARY KEY,
    user_id          uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    provider         text NOT NULL CHECK (provider IN ('google')),
    provider_user_id text NOT NULL CHECK (length(provider_user_id) BETWEEN 1 AND 255),
    email            citext,
    created_at       timestamptz NOT NULL DEFAULT now(),
    UNIQUE (provider, provider_user_id)
);
CREATE INDEX oauth_accounts_user ON oauth_accounts (user_id);

-- Asked for and not looked at yet. Whoever asks is answered when the row is here, before anybody
-- looks whether there is such an account: the answer takes the same time whether there is one or not.
CREATE TABLE password_reset_requests (
    id         uuid PRIMARY KEY,
    email      citext NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
    ip_address inet,
    user_agent text CHECK (length(user_agent) <= 512),
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE password_resets (
    id         uuid PRIMARY KEY,
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);
CREATE INDEX password_resets_user ON password_resets (user_id, created_at);
CREATE INDEX password_resets_expiry ON password_resets (expires_at);

CREATE TABLE email_verifications (
    id         uuid PRIMARY KEY,
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    -- The address that is being verified; the user may have another by the time of the answer.
    email      citext NOT NULL,
    token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);
CREATE INDEX email_verifications_user ON email_verifications (user_id, created_at);
CREATE INDEX email_verifications_expiry ON email_verifications (expires_at);

-- No foreign keys: what happened stays on record when the people and companies are gone.
CREATE TABLE audit_logs (
    id              uuid PRIMARY KEY,
    user_id         uuid,
    organization_id uuid,
    action          text NOT NULL CHECK (length(action) BETWEEN 1 AND 64),
    ip_address      inet,
    user_agent      text CHECK (length(user_agent) <= 512),
    details         jsonb NOT NULL DEFAULT '{}',
    created_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX audit_logs_organization ON audit_logs (organization_id, id DESC);
CREATE INDEX audit_logs_user ON audit_logs (user_id, id DESC);
