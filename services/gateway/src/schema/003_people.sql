-- Who usage rows are about, where their names are sealed (HIPAA mode): a row of usage then has
-- U+0001 and the number of a row here as its user_id. A name may stand here more than once.
CREATE TABLE people (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL
) STRICT;
