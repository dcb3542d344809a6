-- Refusals of a policy that two people overturned. As long as one holds, a refusal of the same
-- person's by the same merchant's policy is looked at by people instead.
CREATE TABLE overrides (
    open_id TEXT COLLATE "C" NOT NULL,
    merchant BIGINT NOT NULL,
    subject BYTEA NOT NULL,
    until_at BIGINT NOT NULL,
    PRIMARY KEY (open_id)
);

CREATE INDEX overrides_by_subject ON overrides (subject, merchant, until_at);
CREATE INDEX overrides_by_until ON overrides (until_at);
