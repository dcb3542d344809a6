-- The first schema. Columns are BIGINT (time in microseconds, money in 1/10,000 fen), TEXT and bytes.

-- One value per name: check value of the root key, configuration version, sandbox clock.
CREATE TABLE settings (
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (name)
) STRICT, WITHOUT ROWID;

-- Keys sealed under the root key.
CREATE TABLE keys (
    purpose TEXT NOT NULL,
    version INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (purpose, version)
) STRICT, WITHOUT ROWID;

-- Live nodes; rates are shared out among them.
CREATE TABLE nodes (
    id TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE merchants (
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    state INTEGER NOT NULL,
    rate_per_second INTEGER,
    sandbox INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (name)
) STRICT;

CREATE TABLE credentials (
    id INTEGER NOT NULL,
    merchant INTEGER NOT NULL,
    kind TEXT NOT NULL,
    sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    ends_at INTEGER,
    PRIMARY KEY (id)
) STRICT;

CREATE TABLE entitlements (
    merchant INTEGER NOT NULL,
    product TEXT NOT NULL,
    app TEXT NOT NULL,
    is_default INTEGER NOT NULL,
    model TEXT NOT NULL,
    price INTEGER NOT NULL,
    package INTEGER,
    test INTEGER,
    daily INTEGER,
    tag_key TEXT NOT NULL,
    PRIMARY KEY (merchant, product, app)
) STRICT, WITHOUT ROWID;

CREATE TABLE models (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    card TEXT NOT NULL,
    body BLOB NOT NULL,
    sha256 TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (name, version)
) STRICT;

-- Keyed hash of an id of a person -> keyed hash of the subject.
CREATE TABLE id_mappings (
    id_hash BLOB NOT NULL,
    subject BLOB NOT NULL,
    PRIMARY KEY (id_hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE behaviours (
    subject BLOB NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    at INTEGER NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (subject, kind, name, at)
) STRICT, WITHOUT ROWID;

-- The claim of a key, for good: at most one bill per row.
CREATE TABLE calls (
    merchant INTEGER NOT NULL,
    product TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    biz BLOB NOT NULL,
    state INTEGER NOT NULL,
    code INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (merchant, product, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE counters (
    merchant INTEGER NOT NULL,
    product TEXT NOT NULL,
    app TEXT NOT NULL,
    kind TEXT NOT NULL,
    day INTEGER NOT NULL,
    used INTEGER NOT NULL,
    PRIMARY KEY (merchant, product, app, kind, day)
) STRICT, WITHOUT ROWID;

-- signed_seq: up to where checkpoints have signed the lane; a hint that spares reading them all.
CREATE TABLE lanes (
    id INTEGER NOT NULL,
    node TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    signed_seq INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
) STRICT;

-- Append-only, hash-chained per lane. Carries no look-up hash of a person.
CREATE TABLE journal (
    lane INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    phase INTEGER NOT NULL,
    merchant INTEGER NOT NULL,
    product TEXT NOT NULL,
    app TEXT NOT NULL,
    key TEXT NOT NULL,
    biz BLOB NOT NULL,
    code INTEGER NOT NULL,
    billed INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (lane, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoints (
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    heads TEXT NOT NULL,
    hash BLOB NOT NULL,
    key_version INTEGER NOT NULL,
    signature BLOB NOT NULL,
    PRIMARY KEY (seq)
) STRICT;

-- Sealed answers for replay, kept 72 hours; biz is a UUIDv7, so purging is a range.
CREATE TABLE answers (
    biz BLOB NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (biz)
) STRICT, WITHOUT ROWID;

-- Sealed: exact score, reasons, features and model of a call. With a rowid: rows of more than 1 KB
-- would each fill a page of their own in an index tree.
CREATE TABLE explanations (
    biz BLOB NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (biz)
) STRICT;

-- Who asked about whom; erasable, therefore not in the journal.
CREATE TABLE inquiries (
    subject BLOB NOT NULL,
    at INTEGER NOT NULL,
    merchant INTEGER NOT NULL,
    biz BLOB NOT NULL,
    PRIMARY KEY (subject, at, biz)
) STRICT, WITHOUT ROWID;

CREATE TABLE nonces (
    scope TEXT NOT NULL,
    nonce TEXT NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (scope, nonce)
) STRICT, WITHOUT ROWID;

-- Recurring and queued work; the lease token fences a late holder.
CREATE TABLE jobs (
    name TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    lease_token INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    last_error TEXT,
    PRIMARY KEY (name)
) STRICT, WITHOUT ROWID;

CREATE INDEX journal_by_merchant ON journal (merchant, at);
CREATE INDEX nonces_by_until ON nonces (until);
CREATE INDEX credentials_by_merchant ON credentials (merchant);

CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'journal is append-only'); END;
CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'journal is append-only'); END;
CREATE TRIGGER checkpoints_no_update BEFORE UPDATE ON checkpoints
BEGIN SELECT RAISE(ABORT, 'checkpoints is append-only'); END;
CREATE TRIGGER checkpoints_no_delete BEFORE DELETE ON checkpoints
BEGIN SELECT RAISE(ABORT, 'checkpoints is append-only'); END;
