-- Whether the merchant may encrypt applications in RSA blocks (PKCS#1 v1.5).
ALTER TABLE merchants ADD COLUMN takes_blocks INTEGER NOT NULL DEFAULT 0;

-- Applications for a loan. content (the application) and sealed (its course) are sealed under the
-- person's key; what is beside them serves finding, waking and fencing. state: 0 arriving,
-- 1 waiting, 2 in review, 3 approved, 4 refused. needs_people: in review, or appealed.
CREATE TABLE applications (
    open_id TEXT NOT NULL,
    merchant INTEGER NOT NULL,
    order_id TEXT NOT NULL,
    subject BLOB NOT NULL,
    fingerprint BLOB NOT NULL,
    at INTEGER NOT NULL,
    state INTEGER NOT NULL,
    needs_people INTEGER NOT NULL,
    due_at INTEGER,
    lease_until INTEGER NOT NULL,
    lease_node TEXT NOT NULL,
    version INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (open_id),
    UNIQUE (merchant, order_id)
) STRICT;

CREATE INDEX applications_by_subject ON applications (subject);
CREATE INDEX applications_by_at ON applications (at, open_id);
CREATE INDEX applications_by_due ON applications (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX applications_for_people ON applications (at, open_id) WHERE needs_people = 1;

-- What policies decided, sealed: the one that counts is number 0, the others ran in its shadow.
CREATE TABLE decisions (
    open_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    subject BLOB NOT NULL,
    at INTEGER NOT NULL,
    policy TEXT NOT NULL,
    policy_version INTEGER NOT NULL,
    outcome INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (open_id, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX decisions_by_subject ON decisions (subject);

-- Who applied from which device (keyed hash).
CREATE TABLE devices (
    device BLOB NOT NULL,
    subject BLOB NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (device, subject)
) STRICT, WITHOUT ROWID;

CREATE INDEX devices_by_subject ON devices (subject);
CREATE INDEX devices_by_last_at ON devices (last_at);
