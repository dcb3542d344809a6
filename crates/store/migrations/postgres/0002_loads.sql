-- How far bulk loads got, so that one that was broken off is taken up where it was left.
CREATE TABLE loads (
    id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    file TEXT COLLATE "C" NOT NULL,
    rows_done BIGINT NOT NULL,
    rows_bad BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (id)
);
