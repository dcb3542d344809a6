-- Ways to sources: the sandbox's institutions, and connectors with their sealed secret.
CREATE TABLE providers (
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    url TEXT,
    secret BLOB,
    number INTEGER NOT NULL,
    weight INTEGER NOT NULL,
    is_enabled INTEGER NOT NULL,
    licence TEXT,
    authorisation TEXT,
    in_flight_max INTEGER NOT NULL,
    rate_per_second INTEGER NOT NULL,
    step_deadline_us INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (name)
) STRICT, WITHOUT ROWID;
