-- How PostgreSQL finds calls among 200,000: the plan and the time of each condition of GET /api/calls.
--
--   psql -X -d <an empty database> $(printf -- '-f %s ' migrations/*.sql) -f measure/call_plans.sql
--
-- Two organizations of 100,000 calls each, 20 agents and 5,000 customers; one is looked at. Every
-- call says a common word; one in a hundred an uncommon one, one in ten thousand a rare one.
\set ON_ERROR_STOP on
\set QUIET on
INSERT INTO users (id, email, auth_provider) VALUES (gen_random_uuid(), 'a@example.com', 'password');
INSERT INTO organizations (id, name, slug, owner_user_id)
    SELECT ('00000000-0000-0000-0000-00000000000' || n)::uuid, 'O', 'o' || n, id FROM users, generate_series(1, 2) n;
INSERT INTO agents (id, organization_id, name, voice)
    SELECT (left(o.id::text, 24) || lpad((n * 10 + right(o.id::text, 1)::int)::text, 12, '0'))::uuid, o.id, 'A', 'af_heart'
    FROM organizations o, generate_series(1, 20) n;
INSERT INTO customers (id, organization_id, name)
    SELECT (left(o.id::text, 19) || 'c000-' || lpad((n * 10 + right(o.id::text, 1)::int)::text, 12, '0'))::uuid, o.id, 'C'
    FROM organizations o, generate_series(1, 5000) n;
INSERT INTO calls (id, organization_id, agent_id, customer_id, direction, status, created_at, transcript, duration)
    SELECT gen_random_uuid(), o.id,
        (left(o.id::text, 24) || lpad(((n % 20 + 1) * 10 + right(o.id::text, 1)::int)::text, 12, '0'))::uuid,
        (left(o.id::text, 19) || 'c000-' || lpad(((n % 5000 + 1) * 10 + right(o.id::text, 1)::int)::text, 12, '0'))::uuid,
        'inbound', CASE WHEN n % 1000 = 0 THEN 'failed' WHEN n % 20 = 0 THEN 'busy' ELSE 'completed' END,
        now() - n * interval '5 minutes',
        jsonb_build_array(
            jsonb_build_object('speaker', 'agent', 'text', 'Hello, how can I help you today?'),
            jsonb_build_object('speaker', 'customer', 'text', 'My order ' || md5(n::text) || ' has not come' ||
                CASE WHEN n % 100 = 7 THEN ', I want a refund' ELSE '' END ||
                CASE WHEN n % 10000 = 7 THEN ' for the xylophone' ELSE '' END),
            jsonb_build_object('speaker', 'agent', 'text', repeat('Let me look that up for you, one moment please. ', 10))),
        60
    FROM organizations o, generate_series(1, 100000) n;
VACUUM ANALYZE;
\set QUIET off

-- As crates/data-model/src/calls/list.rs has it.
PREPARE plain AS
    SELECT id, agent_id, customer_id, direction, status, from_number, to_number, answered_by, excerpt,
           recording_path IS NOT NULL, duration, created_at, answered_at, ended_at
    FROM calls
    WHERE organization_id = $1
      AND (created_at, id) < (coalesce($2::timestamptz, 'infinity'), coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
      AND created_at >= coalesce($4::timestamptz, '-infinity') AND created_at < coalesce($5::timestamptz, 'infinity')
    ORDER BY created_at DESC, id DESC LIMIT $6;
PREPARE matching AS
    SELECT id, agent_id, customer_id, direction, status, from_number, to_number, answered_by, excerpt,
           recording_path IS NOT NULL, duration, created_at, answered_at, ended_at
    FROM calls
    WHERE organization_id = $1
      AND (created_at, id) < (coalesce($2::timestamptz, 'infinity'), coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
      AND created_at >= coalesce($4::timestamptz, '-infinity') AND created_at < coalesce($5::timestamptz, 'infinity')
      AND ($7::uuid IS NULL OR agent_id = $7) AND ($8::uuid IS NULL OR customer_id = $8)
      AND ($9::text IS NULL OR status = $9)
      AND ($10::text IS NULL OR search @@ websearch_to_tsquery('simple', $10))
    ORDER BY created_at DESC, id DESC LIMIT $6;
\set o '''00000000-0000-0000-0000-000000000001'''
\set a '''00000000-0000-0000-0000-000000000051'''
\set c '''00000000-0000-0000-c000-000000000051'''
\set e 'EXPLAIN (ANALYZE, COSTS off, TIMING off, BUFFERS off)'
SET plan_cache_mode = force_generic_plan;
\echo '== the newest'
:e EXECUTE plain(:o, NULL, NULL, NULL, NULL, 51);
\echo '== a page far down'
:e EXECUTE plain(:o, now() - interval '300 days', gen_random_uuid(), NULL, NULL, 51);
\echo '== of a week'
:e EXECUTE plain(:o, NULL, NULL, now() - interval '100 days', now() - interval '93 days', 51);
SET plan_cache_mode = force_custom_plan;
\echo '== of an agent'
:e EXECUTE matching(:o, NULL, NULL, NULL, NULL, 51, :a, NULL, NULL, NULL);
\echo '== of an agent, a page far down'
:e EXECUTE matching(:o, now() - interval '300 days', gen_random_uuid(), NULL, NULL, 51, :a, NULL, NULL, NULL);
\echo '== with a customer'
:e EXECUTE matching(:o, NULL, NULL, NULL, NULL, 51, NULL, :c, NULL, NULL);
\echo '== of an agent with a customer'
:e EXECUTE matching(:o, NULL, NULL, NULL, NULL, 51, :a, :c, NULL, NULL);
\echo '== in a frequent state'
:e EXECUTE matching(:o, NULL, NULL, NULL, NULL, 51, NULL, NULL, 'completed', NULL);
\echo '== in a rare state'
:e EXECUTE matching(:o, NULL, NULL, NULL, NULL, 51, NULL, NULL, 'failed', NULL);
\echo '== in a state that none is in'
:e EXECUTE matching(:o, NULL, NULL, NULL, NULL, 51, NULL, NULL, 'queued', NULL);
\echo '== of an agent in a rare state, of a month'
:e EXECUTE matching(:o, NULL, NULL, now() - interval '60 days', now() - interval '30 days', 51, :a, NULL, 'failed', NULL);
\echo '== a word of every call'
:e EXECUTE matching(:o, NULL, NULL, NULL, NULL, 51, NULL, NULL, NULL, 'hello');
\echo '== an uncommon word'
:e EXECUTE matching(:o, NULL, NULL, NULL, NULL, 51, NULL, NULL, NULL, 'refund');
\echo '== a rare word'
:e EXECUTE matching(:o, NULL, NULL, NULL, NULL, 51, NULL, NULL, NULL, 'xylophone');
\echo '== a phrase'
:e EXECUTE matching(:o, NULL, NULL, NULL, NULL, 51, NULL, NULL, NULL, '"for the xylophone"');
\echo '== a word that nobody said'
:e EXECUTE matching(:o, NULL, NULL, NULL, NULL, 51, NULL, NULL, NULL, 'zeppelin');
\echo '== all but a word'
:e EXECUTE matching(:o, NULL, NULL, NULL, NULL, 51, NULL, NULL, NULL, '-refund');
\echo '== an uncommon word of an agent'
:e EXECUTE matching(:o, NULL, NULL, NULL, NULL, 51, :a, NULL, NULL, 'refund');
\echo '== an uncommon word with a customer, in a state, of a year'
:e EXECUTE matching(:o, NULL, NULL, now() - interval '1 year', now(), 51, NULL, :c, 'completed', 'refund');
