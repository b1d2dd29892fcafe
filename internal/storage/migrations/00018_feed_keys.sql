-- +goose Up

-- The address of a reader's own feed, which holds what they may read in full: the SHA-256 of its token. One a reader;
-- it goes with them.
CREATE TABLE feed_keys (
    reader  BIGINT PRIMARY KEY REFERENCES readers (id) ON DELETE CASCADE,
    token   TEXT   NOT NULL UNIQUE,
    created BIGINT NOT NULL
);
