-- Whether the merchant's agreement lets it declare a person's consent (telecom, degree, face 3).
ALTER TABLE merchants ADD COLUMN declares_consent INTEGER NOT NULL DEFAULT 0;

-- A key of each person's own, sealed; deleting the row deletes all that is sealed under it.
CREATE TABLE subject_keys (
    subject BLOB NOT NULL,
    sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (subject)
) STRICT, WITHOUT ROWID;

-- Collection sessions. version fences; lease_until is in the machine's time, all else in the
-- clock's. due_at: when somebody has to look at it again by itself. mark: what is between the
-- session and its bill (0 held, 1 posted, 2 voided, 3 unknown).
CREATE TABLE sessions (
    open_id TEXT NOT NULL,
    merchant INTEGER NOT NULL,
    product TEXT NOT NULL,
    subject BLOB NOT NULL,
    state INTEGER NOT NULL,
    mark INTEGER NOT NULL,
    opened_at INTEGER NOT NULL,
    due_at INTEGER,
    lease_until INTEGER NOT NULL,
    lease_node TEXT NOT NULL,
    version INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (open_id)
) STRICT;

CREATE INDEX sessions_by_due ON sessions (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX sessions_by_lease ON sessions (lease_until) WHERE lease_until > 0;
CREATE INDEX sessions_by_subject ON sessions (subject);
CREATE INDEX sessions_by_mark ON sessions (mark, opened_at) WHERE mark = 3;

-- What a session collected, sealed under the person's key.
CREATE TABLE datasets (
    open_id TEXT NOT NULL,
    merchant INTEGER NOT NULL,
    subject BLOB NOT NULL,
    source TEXT NOT NULL,
    at INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (open_id)
) STRICT;

CREATE INDEX datasets_by_subject ON datasets (subject, source);
CREATE INDEX datasets_by_at ON datasets (at);

CREATE TABLE consents (
    id TEXT NOT NULL,
    merchant INTEGER NOT NULL,
    subject BLOB NOT NULL,
    source TEXT NOT NULL,
    purpose TEXT NOT NULL,
    account BLOB,
    kind TEXT NOT NULL,
    text_version TEXT NOT NULL,
    text_sha256 TEXT NOT NULL,
    from_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    withdrawn_at INTEGER,
    evidence BLOB NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

CREATE INDEX consents_by_subject ON consents (subject, merchant, source);

-- Codes that were sent again to a telephone (keyed hash), over all merchants.
CREATE TABLE resends (
    mobile BLOB NOT NULL,
    at INTEGER NOT NULL,
    open_id TEXT NOT NULL,
    PRIMARY KEY (mobile, at, open_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX resends_by_at ON resends (at);

-- Who looked at a person's data in the clear, and why.
CREATE TABLE unmasked_views (
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    subject BLOB NOT NULL,
    what TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

CREATE INDEX unmasked_views_by_at ON unmasked_views (at);
