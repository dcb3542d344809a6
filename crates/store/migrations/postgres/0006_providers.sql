-- Ways to sources: the sandbox's institutions, and connectors with their sealed secret.
CREATE TABLE providers (
    name TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    url TEXT COLLATE "C",
    secret BYTEA,
    number BIGINT NOT NULL,
    weight BIGINT NOT NULL,
    is_enabled BIGINT NOT NULL,
    licence TEXT COLLATE "C",
    authorisation TEXT COLLATE "C",
    in_flight_max BIGINT NOT NULL,
    rate_per_second BIGINT NOT NULL,
    step_deadline_us BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (name)
);
