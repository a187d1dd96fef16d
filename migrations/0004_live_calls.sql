-- Calls that may have been forgotten when the process that led them died.
CREATE INDEX calls_in_progress ON calls (answered_at) WHERE status = 'in-progress';
