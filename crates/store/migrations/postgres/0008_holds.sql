-- Calls whose outcome is open: those that no session stands behind any more are looked for.
CREATE INDEX calls_held ON calls (at) WHERE state = 0;

-- What an operator said became of a call whose outcome could not be told, and why.
CREATE TABLE resolutions (
    biz BYTEA NOT NULL,
    open_id TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    verdict TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (biz)
);

CREATE INDEX resolutions_by_at ON resolutions (at);

-- The banks that a connector listed when it was checked last, as JSON.
ALTER TABLE providers ADD COLUMN banks TEXT COLLATE "C";
