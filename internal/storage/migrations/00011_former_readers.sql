-- +goose Up

-- Readers who deleted themselves, by the HMAC of their mailbox: one who comes back within the time is the same reader
-- to the meter, so that deleting an account is no way to new free articles.
CREATE TABLE former_readers (
    mailbox TEXT   NOT NULL PRIMARY KEY,
    reader  BIGINT NOT NULL,
    at      BIGINT NOT NULL
);
CREATE INDEX former_readers_at ON former_readers (at);
