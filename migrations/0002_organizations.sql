-- Companies, who belongs to them, and who is invited.

CREATE TABLE organizations (
    id            uuid PRIMARY KEY,
    name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 128),
    slug          citext NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$'),
    -- Who made it, or who it was handed to; one of its owners.
    owner_user_id uuid NOT NULL REFERENCES users,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX organizations_owner ON organizations (owner_user_id);

ALTER TABLE users
    ADD FOREIGN KEY (last_organization_id) REFERENCES organizations ON DELETE SET NULL;
ALTER TABLE user_sessions
    ADD FOREIGN KEY (organization_id) REFERENCES organizations ON DELETE SET NULL;
CREATE INDEX users_last_organization ON users (last_organization_id);

CREATE TABLE organization_memberships (
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    user_id         uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    role            text NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, user_id)
);
CREATE INDEX organization_memberships_user ON organization_memberships (user_id);

CREATE TABLE organization_invitations (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    email           citext NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
    role            text NOT NULL CHECK (role IN ('admin', 'member')),
    token_hash      bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    invited_by      uuid REFERENCES users ON DELETE SET NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz NOT NULL,
    accepted_at     timestamptz,
    accepted_by     uuid REFERENCES users ON DELETE SET NULL,
    revoked_at      timestamptz
);
-- One open invitation an address; a new one revokes the old.
CREATE UNIQUE INDEX organization_invitations_open ON organization_invitations (organization_id, email)
    WHERE accepted_at IS NULL AND revoked_at IS NULL;
CREATE INDEX organization_invitations_inviter ON organization_invitations (invited_by);
CREATE INDEX organization_invitations_accepter ON organization_invitations (accepted_by);
