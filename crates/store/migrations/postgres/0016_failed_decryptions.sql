-- When a text that a merchant encrypted to the platform did not open: so many an hour are borne.
CREATE TABLE failed_decryptions (
    merchant BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (merchant, at)
);

CREATE INDEX failed_decryptions_by_at ON failed_decryptions (at);
