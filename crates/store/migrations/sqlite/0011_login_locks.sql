-- Wrong passwords in a row for an account of an institution (keyed hash), at one merchant.
CREATE TABLE login_locks (
    merchant INTEGER NOT NULL,
    login BLOB NOT NULL,
    wrong INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (merchant, login)
) STRICT, WITHOUT ROWID;

CREATE INDEX login_locks_by_last_at ON login_locks (last_at);
