-- Who works with the platform. Roles are separated by a space; password (a hash) and the secret of
-- the one-time codes are sealed; totp_step is the last step whose code was taken.
CREATE TABLE operators (
    id BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    roles TEXT COLLATE "C" NOT NULL,
    password BYTEA NOT NULL,
    totp BYTEA NOT NULL,
    totp_step BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    disabled_at BIGINT,
    PRIMARY KEY (id),
    UNIQUE (name)
);

CREATE TABLE operator_tokens (
    digest BYTEA NOT NULL,
    operator BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    PRIMARY KEY (digest)
);

CREATE INDEX operator_tokens_by_ends_at ON operator_tokens (ends_at);

-- Append-only, one hash chain. Carries no person's data and no look-up hash of one.
CREATE TABLE audit_log (
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    target TEXT COLLATE "C" NOT NULL,
    detail TEXT COLLATE "C" NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (seq)
);

CREATE INDEX audit_log_by_target ON audit_log (target, seq);

-- Versions of policies: the canonical document, who wrote it, who signed it off. live_at: since
-- when it decided, until it was rolled back.
CREATE TABLE policies (
    name TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    share BIGINT,
    body BYTEA NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL,
    author TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    signer TEXT COLLATE "C",
    signed_at BIGINT,
    key_version BIGINT,
    signature BYTEA,
    live_at BIGINT,
    PRIMARY KEY (name, version)
);

CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
FOR EACH STATEMENT EXECUTE FUNCTION append_only();
