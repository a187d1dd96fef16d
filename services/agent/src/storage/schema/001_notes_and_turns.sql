CREATE TABLE notes (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    tenant TEXT NOT NULL,
    user TEXT NOT NULL,
    text TEXT NOT NULL,
    language TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
-- ids sort by time
CREATE INDEX notes_of_user ON notes (tenant, user, id);

CREATE VIRTUAL TABLE notes_words USING fts5 (
    text, content = 'notes', content_rowid = 'row', tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TRIGGER notes_added AFTER INSERT ON notes BEGIN
    INSERT INTO notes_words (rowid, text) VALUES (new.row, new.text);
END;
CREATE TRIGGER notes_deleted AFTER DELETE ON notes BEGIN
    INSERT INTO notes_words (notes_words, rowid, text) VALUES ('delete', old.row, old.text);
END;

CREATE TABLE turns (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL,
    user TEXT NOT NULL,
    device TEXT NOT NULL,
    role TEXT NOT NULL,
    text TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX turns_of_device ON turns (tenant, user, device, row);
