-- Reported persons, by keyed hash. seq rises in the order of commits: nodes follow it to learn of
-- new hashes.
CREATE TABLE blacklist (
    seq BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    kind BIGINT NOT NULL,
    reason BIGINT NOT NULL,
    from_at BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    listed_at BIGINT NOT NULL,
    removed_at BIGINT,
    disputed_at BIGINT,
    PRIMARY KEY (seq),
    UNIQUE (hash, source)
);

CREATE INDEX blacklist_by_until ON blacklist (until_at);
