-- How merchants are served by face 3; lists are separated by a space.
CREATE TABLE rong360 (
    merchant INTEGER NOT NULL,
    app_id TEXT NOT NULL,
    aliases TEXT NOT NULL,
    sign_types TEXT NOT NULL,
    success INTEGER NOT NULL,
    field_types TEXT NOT NULL,
    plain_json INTEGER NOT NULL,
    PRIMARY KEY (merchant),
    UNIQUE (app_id)
) STRICT;
