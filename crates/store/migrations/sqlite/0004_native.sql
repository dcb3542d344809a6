-- What the native surface needs: bearer tokens, the measured coverage, batches.

-- By a keyed digest; the token itself is nowhere.
CREATE TABLE tokens (
    digest BLOB NOT NULL,
    merchant INTEGER NOT NULL,
    scope TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    PRIMARY KEY (digest)
) STRICT, WITHOUT ROWID;

CREATE INDEX tokens_by_end ON tokens (ends_at);

-- How many answers of each code an application had, by quarters of an hour.
CREATE TABLE coverage (
    at INTEGER NOT NULL,
    merchant INTEGER NOT NULL,
    app TEXT NOT NULL,
    code INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    PRIMARY KEY (at, merchant, app, code)
) STRICT, WITHOUT ROWID;

-- Files of ids to score. The row is the run's bill and stays. name: a keyed hash of the name that its
-- merchant gave it, so that the same file is not run twice.
CREATE TABLE batches (
    id BLOB NOT NULL,
    merchant INTEGER NOT NULL,
    app TEXT NOT NULL,
    name BLOB,
    content BLOB NOT NULL,
    state TEXT NOT NULL,
    rows INTEGER NOT NULL,
    rows_done INTEGER NOT NULL,
    codes TEXT NOT NULL,
    billed INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at INTEGER,
    PRIMARY KEY (id),
    UNIQUE (name)
) STRICT, WITHOUT ROWID;

CREATE INDEX batches_by_state ON batches (state, created_at);

-- Their rows, sealed, and what came of them, sealed; gone some days after the end. With a rowid:
-- large rows would each fill pages of their own in an index tree.
CREATE TABLE batch_chunks (
    batch BLOB NOT NULL,
    chunk INTEGER NOT NULL,
    input BLOB NOT NULL,
    output BLOB,
    lease_until INTEGER NOT NULL,
    PRIMARY KEY (batch, chunk)
) STRICT;
