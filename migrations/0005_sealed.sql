-- What HIPAA mode seals before it comes here (crates/sealing): transcript, summary, metadata and
-- numbers of calls; all that customers are. A sealed text begins with U+0001, which no text of
-- people does, and is longer than the plain one; sealed JSON is {"sealed": text}.

ALTER TABLE calls
    DROP CONSTRAINT calls_from_number_check,
    DROP CONSTRAINT calls_to_number_check,
    ADD CONSTRAINT calls_from_number_check CHECK (length(from_number) <= CASE WHEN starts_with(from_number, E'\x01') THEN 1024 ELSE 64 END),
    ADD CONSTRAINT calls_to_number_check CHECK (length(to_number) <= CASE WHEN starts_with(to_number, E'\x01') THEN 1024 ELSE 64 END),
    -- Id of the key that all of the row is sealed with; null where some of it is not.
    ADD COLUMN sealed_with bytea CHECK (length(sealed_with) = 4);

-- Sealed segments are not objects with a text, so nothing of them is searched; nor is a sealed summary.
DROP INDEX calls_search;
ALTER TABLE calls DROP COLUMN search;
ALTER TABLE calls ADD COLUMN search tsvector GENERATED ALWAYS AS (
    to_tsvector('simple', left(CASE WHEN starts_with(summary, E'\x01') THEN '' ELSE coalesce(summary, '') END || ' ' ||
        replace(jsonb_path_query_array(transcript, '$[*].text')::text, '\n', ' '), 200000))) STORED;
CREATE INDEX calls_search ON calls USING gin (organization_id, search);

ALTER TABLE customers
    DROP CONSTRAINT customers_name_check,
    DROP CONSTRAINT customers_phone_number_check,
    DROP CONSTRAINT customers_email_check,
    ADD CONSTRAINT customers_name_check CHECK (length(name) BETWEEN 1 AND CASE WHEN starts_with(name, E'\x01') THEN 1024 ELSE 128 END),
    ADD CONSTRAINT customers_phone_number_check CHECK (phone_number ~ '^\+[1-9][0-9]{6,14}$' OR starts_with(phone_number, E'\x01')),
    ADD CONSTRAINT customers_email_check CHECK (length(email) BETWEEN 3 AND CASE WHEN starts_with(email::text, E'\x01') THEN 1024 ELSE 254 END),
    ADD COLUMN sealed_with bytea CHECK (length(sealed_with) = 4),
    -- HMAC of a sealed telephone number, by which it is found and is unique.
    ADD COLUMN phone_index bytea CHECK (length(phone_index) = 16);
CREATE UNIQUE INDEX customers_phone_index ON customers (organization_id, phone_index)
    WHERE deleted_at IS NULL;

-- Keys that something here may be sealed with.
CREATE TABLE sealing_keys (
    id         bytea PRIMARY KEY CHECK (length(id) = 4),
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Calls whose time is over, of all organizations.
CREATE INDEX calls_created ON calls (created_at);
