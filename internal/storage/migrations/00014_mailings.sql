-- +goose Up

-- The sending of editions. filled is the last reader whose row Start has written, taken the last whose row was leased:
-- both go up through the readers in order of their ids.
CREATE TABLE mailings (
    id         @identity@,
    edition    BIGINT NOT NULL UNIQUE,
    newsletter TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    started    BIGINT NOT NULL,
    useless    BIGINT NOT NULL,
    finished   BIGINT NOT NULL DEFAULT 0,
    filled     BIGINT NOT NULL DEFAULT 0,
    taken      BIGINT NOT NULL DEFAULT 0,
    total      BIGINT NOT NULL DEFAULT 0,
    trouble    TEXT   NOT NULL DEFAULT ''
);

-- One row a reader and mailing. due is when a row that waits is to be taken up: the time of the next try or, while a
-- node has it, the end of its lease. NULL for rows that are done with, and for those that wait for their first turn,
-- which comes in order of readers: so the usual row changes once after it was written, and no index with it.
CREATE TABLE deliveries (
    mailing BIGINT NOT NULL,
    reader  BIGINT NOT NULL,
    state   TEXT   NOT NULL DEFAULT 'queued',
    due     BIGINT,
    tries   BIGINT NOT NULL DEFAULT 0,
    at      BIGINT NOT NULL DEFAULT 0,
    kind    TEXT   NOT NULL DEFAULT '',
    reason  TEXT   NOT NULL DEFAULT '',
    PRIMARY KEY (mailing, reader)
);
CREATE INDEX deliveries_due ON deliveries (mailing, due, reader) WHERE due IS NOT NULL;

-- Who has the rows of which readers in hand, from low to high, and until when.
CREATE TABLE mailing_leases (
    id      @identity@,
    mailing BIGINT NOT NULL,
    low     BIGINT NOT NULL,
    high    BIGINT NOT NULL,
    until   BIGINT NOT NULL,
    holder  TEXT   NOT NULL
);
CREATE INDEX mailing_leases_mailing ON mailing_leases (mailing, until);

-- Recipient domains that are held back.
CREATE TABLE paused_domains (
    domain TEXT   PRIMARY KEY,
    until  BIGINT NOT NULL,
    reason TEXT   NOT NULL
);

-- Mails accepted a day (days since 1970, UTC), counted while the sender warms up.
CREATE TABLE mailing_days (
    day  BIGINT PRIMARY KEY,
    sent BIGINT NOT NULL
);
