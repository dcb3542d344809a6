-- What merchants are told at addresses of theirs. lane: a keyed hash of merchant and user, whose
-- callbacks go one by one, in the order of seq. due_at is set while one is open (state 0; 1 delivered,
-- 2 dead, 3 not registered); attempts numbers and fences them, tries counts those since the last
-- replay; lease_until is in the machine's time, all else in the clock's. sealed: user, fields,
-- address, reference.
CREATE TABLE callbacks (
    id BLOB NOT NULL,
    merchant INTEGER NOT NULL,
    lane BLOB NOT NULL,
    seq INTEGER NOT NULL,
    receiver TEXT NOT NULL,
    subject BLOB,
    is_test INTEGER NOT NULL,
    state INTEGER NOT NULL,
    outcome TEXT,
    attempts INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    due_at INTEGER,
    lease_until INTEGER NOT NULL,
    lease_node TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at INTEGER,
    sealed BLOB NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (lane, seq)
) STRICT;

CREATE INDEX callbacks_by_receiver ON callbacks (receiver, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX callbacks_by_due ON callbacks (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX callbacks_by_merchant ON callbacks (merchant, id);
CREATE INDEX callbacks_by_end ON callbacks (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX callbacks_by_subject ON callbacks (subject) WHERE subject IS NOT NULL;

-- Each attempt, from when it begins; without an outcome it goes on, or was cut off with its node.
CREATE TABLE callback_attempts (
    callback BLOB NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    took_us INTEGER,
    outcome TEXT,
    PRIMARY KEY (callback, number)
) STRICT, WITHOUT ROWID;

-- Where a merchant may be called back.
CREATE TABLE callback_addresses (
    merchant INTEGER NOT NULL,
    url TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (merchant, url)
) STRICT, WITHOUT ROWID;

-- How a merchant takes its callbacks, and which version of the platform's key signs them.
CREATE TABLE callback_forms (
    merchant INTEGER NOT NULL,
    form TEXT NOT NULL,
    key_version INTEGER NOT NULL,
    PRIMARY KEY (merchant)
) STRICT;
