-- Refusals of a policy that two people overturned. As long as one holds, a refusal of the same
-- person's by the same merchant's policy is looked at by people instead.
CREATE TABLE overrides (
    open_id TEXT NOT NULL,
    merchant INTEGER NOT NULL,
    subject BLOB NOT NULL,
    until_at INTEGER NOT NULL,
    PRIMARY KEY (open_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX overrides_by_subject ON overrides (subject, merchant, until_at);
CREATE INDEX overrides_by_until ON overrides (until_at);
