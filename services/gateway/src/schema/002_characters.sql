-- Characters to be spoken a minute with this token, where it differs from the default.
ALTER TABLE tokens ADD COLUMN characters INTEGER;
