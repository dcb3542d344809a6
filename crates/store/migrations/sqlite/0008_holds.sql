-- Calls whose outcome is open: those that no session stands behind any more are looked for.
CREATE INDEX calls_held ON calls (at) WHERE state = 0;

-- What an operator said became of a call whose outcome could not be told, and why.
CREATE TABLE resolutions (
    biz BLOB NOT NULL,
    open_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (biz)
) STRICT, WITHOUT ROWID;

CREATE INDEX resolutions_by_at ON resolutions (at);

-- The banks that a connector listed when it was checked last, as JSON.
ALTER TABLE providers ADD COLUMN banks TEXT;
