-- What merchants are told at addresses of theirs. lane: a keyed hash of merchant and user, whose
-- callbacks go one by one, in the order of seq. due_at is set while one is open (state 0; 1 delivered,
-- 2 dead, 3 not registered); attempts numbers and fences them, tries counts those since the last
-- replay; lease_until is in the machine's time, all else in the clock's. sealed: user, fields,
-- address, reference.
CREATE TABLE callbacks (
    id BYTEA NOT NULL,
    merchant BIGINT NOT NULL,
    lane BYTEA NOT NULL,
    seq BIGINT NOT NULL,
    receiver TEXT COLLATE "C" NOT NULL,
    subject BYTEA,
    is_test BIGINT NOT NULL,
    state BIGINT NOT NULL,
    outcome TEXT COLLATE "C",
    attempts BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    due_at BIGINT,
    lease_until BIGINT NOT NULL,
    lease_node TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at BIGINT,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (lane, seq)
);

CREATE INDEX callbacks_by_receiver ON callbacks (receiver, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX callbacks_by_due ON callbacks (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX callbacks_by_merchant ON callbacks (merchant, id);
CREATE INDEX callbacks_by_end ON callbacks (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX callbacks_by_subject ON callbacks (subject) WHERE subject IS NOT NULL;

-- Each attempt, from when it begins; without an outcome it goes on, or was cut off with its node.
CREATE TABLE callback_attempts (
    callback BYTEA NOT NULL,
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    took_us BIGINT,
    outcome TEXT COLLATE "C",
    PRIMARY KEY (callback, number)
);

-- Where a merchant may be called back.
CREATE TABLE callback_addresses (
    merchant BIGINT NOT NULL,
    url TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (merchant, url)
);

-- How a merchant takes its callbacks, and which version of the platform's key signs them.
CREATE TABLE callback_forms (
    merchant BIGINT NOT NULL,
    form TEXT COLLATE "C" NOT NULL,
    key_version BIGINT NOT NULL,
    PRIMARY KEY (merchant)
);
