-- Whether the merchant may encrypt applications in RSA blocks (PKCS#1 v1.5).
ALTER TABLE merchants ADD COLUMN takes_blocks BIGINT NOT NULL DEFAULT 0;

-- Applications for a loan. content (the application) and sealed (its course) are sealed under the
-- person's key; what is beside them serves finding, waking and fencing. state: 0 arriving,
-- 1 waiting, 2 in review, 3 approved, 4 refused. needs_people: in review, or appealed.
CREATE TABLE applications (
    open_id TEXT COLLATE "C" NOT NULL,
    merchant BIGINT NOT NULL,
    order_id TEXT COLLATE "C" NOT NULL,
    subject BYTEA NOT NULL,
    fingerprint BYTEA NOT NULL,
    at BIGINT NOT NULL,
    state BIGINT NOT NULL,
    needs_people BIGINT NOT NULL,
    due_at BIGINT,
    lease_until BIGINT NOT NULL,
    lease_node TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (open_id),
    UNIQUE (merchant, order_id)
);

CREATE INDEX applications_by_subject ON applications (subject);
CREATE INDEX applications_by_at ON applications (at, open_id);
CREATE INDEX applications_by_due ON applications (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX applications_for_people ON applications (at, open_id) WHERE needs_people = 1;

-- What policies decided, sealed: the one that counts is number 0, the others ran in its shadow.
CREATE TABLE decisions (
    open_id TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    subject BYTEA NOT NULL,
    at BIGINT NOT NULL,
    policy TEXT COLLATE "C" NOT NULL,
    policy_version BIGINT NOT NULL,
    outcome BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (open_id, number)
);

CREATE INDEX decisions_by_subject ON decisions (subject);

-- Who applied from which device (keyed hash).
CREATE TABLE devices (
    device BYTEA NOT NULL,
    subject BYTEA NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (device, subject)
);

CREATE INDEX devices_by_subject ON devices (subject);
CREATE INDEX devices_by_last_at ON devices (last_at);
