-- How merchants are served by face 3; lists are separated by a space.
CREATE TABLE rong360 (
    merchant BIGINT NOT NULL,
    app_id TEXT COLLATE "C" NOT NULL,
    aliases TEXT COLLATE "C" NOT NULL,
    sign_types TEXT COLLATE "C" NOT NULL,
    success BIGINT NOT NULL,
    field_types TEXT COLLATE "C" NOT NULL,
    plain_json BIGINT NOT NULL,
    PRIMARY KEY (merchant),
    UNIQUE (app_id)
);
