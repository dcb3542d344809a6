-- Who works with the platform. Roles are separated by a space; password (a hash) and the secret of
-- the one-time codes are sealed; totp_step is the last step whose code was taken.
CREATE TABLE operators (
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    roles TEXT NOT NULL,
    password BLOB NOT NULL,
    totp BLOB NOT NULL,
    totp_step INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    disabled_at INTEGER,
    PRIMARY KEY (id),
    UNIQUE (name)
) STRICT;

CREATE TABLE operator_tokens (
    digest BLOB NOT NULL,
    operator INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    PRIMARY KEY (digest)
) STRICT;

CREATE INDEX operator_tokens_by_ends_at ON operator_tokens (ends_at);

-- Append-only, one hash chain. Carries no person's data and no look-up hash of one.
CREATE TABLE audit_log (
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    detail TEXT NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (seq)
) STRICT;

CREATE INDEX audit_log_by_target ON audit_log (target, seq);

-- Versions of policies: the canonical document, who wrote it, who signed it off. live_at: since
-- when it decided, until it was rolled back.
CREATE TABLE policies (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    share INTEGER,
    body BLOB NOT NULL,
    sha256 TEXT NOT NULL,
    author TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    signer TEXT,
    signed_at INTEGER,
    key_version INTEGER,
    signature BLOB,
    live_at INTEGER,
    PRIMARY KEY (name, version)
) STRICT;

CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log
BEGIN SELECT RAISE(ABORT, 'audit_log is append-only'); END;
CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log
BEGIN SELECT RAISE(ABORT, 'audit_log is append-only'); END;
