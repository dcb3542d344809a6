-- Whether the merchant's agreement lets it declare a person's consent (telecom, degree, face 3).
ALTER TABLE merchants ADD COLUMN declares_consent BIGINT NOT NULL DEFAULT 0;

-- A key of each person's own, sealed; deleting the row deletes all that is sealed under it.
CREATE TABLE subject_keys (
    subject BYTEA NOT NULL,
    sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (subject)
);

-- Collection sessions. version fences; lease_until is in the machine's time, all else in the
-- clock's. due_at: when somebody has to look at it again by itself. mark: what is between the
-- session and its bill (0 held, 1 posted, 2 voided, 3 unknown).
CREATE TABLE sessions (
    open_id TEXT COLLATE "C" NOT NULL,
    merchant BIGINT NOT NULL,
    product TEXT COLLATE "C" NOT NULL,
    subject BYTEA NOT NULL,
    state BIGINT NOT NULL,
    mark BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    due_at BIGINT,
    lease_until BIGINT NOT NULL,
    lease_node TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (open_id)
);

CREATE INDEX sessions_by_due ON sessions (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX sessions_by_lease ON sessions (lease_until) WHERE lease_until > 0;
CREATE INDEX sessions_by_subject ON sessions (subject);
CREATE INDEX sessions_by_mark ON sessions (mark, opened_at) WHERE mark = 3;

-- What a session collected, sealed under the person's key.
CREATE TABLE datasets (
    open_id TEXT COLLATE "C" NOT NULL,
    merchant BIGINT NOT NULL,
    subject BYTEA NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (open_id)
);

CREATE INDEX datasets_by_subject ON datasets (subject, source);
CREATE INDEX datasets_by_at ON datasets (at);

CREATE TABLE consents (
    id TEXT COLLATE "C" NOT NULL,
    merchant BIGINT NOT NULL,
    subject BYTEA NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    purpose TEXT COLLATE "C" NOT NULL,
    account BYTEA,
    kind TEXT COLLATE "C" NOT NULL,
    text_version TEXT COLLATE "C" NOT NULL,
    text_sha256 TEXT COLLATE "C" NOT NULL,
    from_at BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    withdrawn_at BIGINT,
    evidence BYTEA NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX consents_by_subject ON consents (subject, merchant, source);

-- Codes that were sent again to a telephone (keyed hash), over all merchants.
CREATE TABLE resends (
    mobile BYTEA NOT NULL,
    at BIGINT NOT NULL,
    open_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (mobile, at, open_id)
);

CREATE INDEX resends_by_at ON resends (at);

-- Who looked at a person's data in the clear, and why.
CREATE TABLE unmasked_views (
    id TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    subject BYTEA NOT NULL,
    what TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX unmasked_views_by_at ON unmasked_views (at);
