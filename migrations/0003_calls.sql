-- What a company owns: its agents, its customers, its calls. Foreign keys carry the organization,
-- so a call can never name an agent or a customer of another one.

CREATE EXTENSION IF NOT EXISTS btree_gin;

CREATE TABLE agents (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 128),
    system_prompt   text NOT NULL DEFAULT '' CHECK (length(system_prompt) <= 32768),
    greeting        text NOT NULL DEFAULT '' CHECK (length(greeting) <= 4096),
    voice           text NOT NULL CHECK (length(voice) <= 256),
    voice_gender    text CHECK (voice_gender IN ('female', 'male')),
    language        text NOT NULL DEFAULT 'en' CHECK (length(language) <= 16),
    -- Null: whatever LLM_PROVIDER has as its default.
    llm_model       text CHECK (length(llm_model) BETWEEN 1 AND 128),
    -- The number under which it answers, E.164; a number rings at one agent only.
    phone_number    text CHECK (phone_number ~ '^\+[1-9][0-9]{6,14}$'),
    settings        jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(settings) = 'object'),
    created_by      uuid REFERENCES users ON DELETE SET NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    -- Set instead of deleting where calls refer to it.
    deleted_at      timestamptz,
    UNIQUE (organization_id, id)
);
CREATE UNIQUE INDEX agents_phone_number ON agents (phone_number) WHERE deleted_at IS NULL;
CREATE INDEX agents_list ON agents (organization_id, created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX agents_created_by ON agents (created_by);

CREATE TABLE customers (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 128),
    phone_number    text CHECK (phone_number ~ '^\+[1-9][0-9]{6,14}$'),
    email           citext CHECK (length(email) BETWEEN 3 AND 254),
    metadata        jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(metadata) = 'object'),
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    deleted_at      timestamptz,
    UNIQUE (organization_id, id)
);
-- Callers are recognised by it.
CREATE UNIQUE INDEX customers_phone_number ON customers (organization_id, phone_number)
    WHERE deleted_at IS NULL;
CREATE INDEX customers_list ON customers (organization_id, created_at DESC, id DESC)
    WHERE deleted_at IS NULL;

CREATE TABLE calls (
    id                uuid PRIMARY KEY,
    organization_id   uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    agent_id          uuid NOT NULL,
    customer_id       uuid,
    started_by        uuid REFERENCES users ON DELETE SET NULL,
    direction         text NOT NULL CHECK (direction IN ('inbound', 'outbound', 'web')),
    -- Twilio's names, which everybody knows.
    status            text NOT NULL DEFAULT 'queued' CHECK (status IN
        ('queued', 'initiated', 'ringing', 'in-progress', 'completed', 'busy', 'no-answer', 'failed', 'canceled')),
    from_number       text CHECK (length(from_number) <= 64),
    to_number         text CHECK (length(to_number) <= 64),
    -- The call at the telephone company; Twilio's CallSid.
    provider_call_id  text UNIQUE CHECK (length(provider_call_id) <= 64),
    -- What machine detection said: human, machine_start, fax and the like.
    answered_by       text CHECK (length(answered_by) <= 64),
    -- [{speaker, text, start, end, metadata, ...}], in order.
    transcript        jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(transcript) = 'array'),
    metadata          jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(metadata) = 'object'),
    summary           text,
    -- Below RECORDINGS_DIR, in the folder of the organization; never an absolute path.
    recording_path    text CHECK (recording_path !~ '(^/|\.\.)' AND
        starts_with(recording_path, organization_id::text || '/')),
    -- Seconds between answer and end.
    duration          double precision CHECK (duration >= 0),
    -- Why it failed, in words.
    error             text,
    -- Idempotency-Key of the request that started it.
    idempotency_key   text CHECK (length(idempotency_key) BETWEEN 1 AND 128),
    -- SHA-256 of that request: the same key with another body is refused.
    request_hash      bytea CHECK (length(request_hash) = 32),
    created_at        timestamptz NOT NULL DEFAULT now(),
    answered_at       timestamptz,
    ended_at          timestamptz,
    updated_at        timestamptz NOT NULL DEFAULT now(),
    -- How it begins, so that lists need not read transcripts.
    excerpt           text NOT NULL GENERATED ALWAYS AS (
        left(btrim(coalesce(transcript #>> '{0,text}', '') || ' ' ||
            coalesce(transcript #>> '{1,text}', '') || ' ' ||
            coalesce(transcript #>> '{2,text}', '')), 200)) STORED,
    -- The first 200,000 characters: a tsvector holds a mebibyte at most.
    search            tsvector GENERATED ALWAYS AS (
        to_tsvector('simple', left(coalesce(summary, '') || ' ' ||
            replace(jsonb_path_query_array(transcript, '$[*].text')::text, '\n', ' '), 200000))) STORED,
    FOREIGN KEY (organization_id, agent_id) REFERENCES agents (organization_id, id),
    FOREIGN KEY (organization_id, customer_id) REFERENCES customers (organization_id, id)
);
CREATE UNIQUE INDEX calls_idempotency ON calls (organization_id, idempotency_key);
CREATE INDEX calls_list ON calls (organization_id, created_at DESC, id DESC);
CREATE INDEX calls_agent ON calls (organization_id, agent_id, created_at DESC, id DESC);
CREATE INDEX calls_customer ON calls (organization_id, customer_id, created_at DESC, id DESC);
CREATE INDEX calls_status ON calls (organization_id, status, created_at DESC, id DESC);
-- Those that may have been forgotten when a process died.
CREATE INDEX calls_queued ON calls (created_at) WHERE status = 'queued';
CREATE INDEX calls_started_by ON calls (started_by);
-- With the organization in it, so that nobody's words slow down another's search.
CREATE INDEX calls_search ON calls USING gin (organization_id, search);
