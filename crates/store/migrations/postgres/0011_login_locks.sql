-- Wrong passwords in a row for an account of an institution (keyed hash), at one merchant.
CREATE TABLE login_locks (
    merchant BIGINT NOT NULL,
    login BYTEA NOT NULL,
    wrong BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (merchant, login)
);

CREATE INDEX login_locks_by_last_at ON login_locks (last_at);
