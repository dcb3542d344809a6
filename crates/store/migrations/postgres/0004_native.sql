-- What the native surface needs: bearer tokens, the measured coverage, batches.

-- By a keyed digest; the token itself is nowhere.
CREATE TABLE tokens (
    digest BYTEA NOT NULL,
    merchant BIGINT NOT NULL,
    scope TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    PRIMARY KEY (digest)
);

CREATE INDEX tokens_by_end ON tokens (ends_at);

-- How many answers of each code an application had, by quarters of an hour.
CREATE TABLE coverage (
    at BIGINT NOT NULL,
    merchant BIGINT NOT NULL,
    app TEXT COLLATE "C" NOT NULL,
    code BIGINT NOT NULL,
    calls BIGINT NOT NULL,
    PRIMARY KEY (at, merchant, app, code)
);

-- Files of ids to score. The row is the run's bill and stays. name: a keyed hash of the name that its
-- merchant gave it, so that the same file is not run twice.
CREATE TABLE batches (
    id BYTEA NOT NULL,
    merchant BIGINT NOT NULL,
    app TEXT COLLATE "C" NOT NULL,
    name BYTEA,
    content BYTEA NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    rows BIGINT NOT NULL,
    rows_done BIGINT NOT NULL,
    codes TEXT COLLATE "C" NOT NULL,
    billed BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (id),
    UNIQUE (name)
);

CREATE INDEX batches_by_state ON batches (state, created_at);

-- Their rows, sealed, and what came of them, sealed; gone some days after the end.
CREATE TABLE batch_chunks (
    batch BYTEA NOT NULL,
    chunk BIGINT NOT NULL,
    input BYTEA NOT NULL,
    output BYTEA,
    lease_until BIGINT NOT NULL,
    PRIMARY KEY (batch, chunk)
);
