-- How far bulk loads got, so that one that was broken off is taken up where it was left.
CREATE TABLE loads (
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    file TEXT NOT NULL,
    rows_done INTEGER NOT NULL,
    rows_bad INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
