-- Reported persons, by keyed hash. seq rises in the order of commits: nodes follow it to learn of
-- new hashes.
CREATE TABLE blacklist (
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    source TEXT NOT NULL,
    kind INTEGER NOT NULL,
    reason INTEGER NOT NULL,
    from_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    listed_at INTEGER NOT NULL,
    removed_at INTEGER,
    disputed_at INTEGER,
    PRIMARY KEY (seq),
    UNIQUE (hash, source)
) STRICT;

CREATE INDEX blacklist_by_until ON blacklist (until_at);
