-- +goose Up

-- Mailboxes that get no mail. mailbox is an HMAC of the canonical key, so that a line can outlive the reader it was made
-- for: deleting an account empties address and evidence and leaves the rest. scope is "all" or "letters".
CREATE TABLE suppressions (
    mailbox  TEXT   NOT NULL PRIMARY KEY,
    address  TEXT   NOT NULL,
    scope    TEXT   NOT NULL,
    reason   TEXT   NOT NULL,
    evidence TEXT   NOT NULL,
    source   TEXT   NOT NULL,
    at       BIGINT NOT NULL
);
CREATE INDEX suppressions_at ON suppressions (at, mailbox);

-- What came back. event makes a notification count once, however often it is delivered. weight is what the line counts
-- for: "hard", "soft", "policy", "complaint", "success", or nothing.
CREATE TABLE bounces (
    id         @identity@,
    event      TEXT   NOT NULL UNIQUE,
    source     TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    mailbox    TEXT   NOT NULL,
    reader     BIGINT NOT NULL,
    mailing    BIGINT NOT NULL,
    domain     TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    weight     TEXT   NOT NULL,
    status     TEXT   NOT NULL,
    reply_code TEXT   NOT NULL,
    said       TEXT   NOT NULL
);
CREATE INDEX bounces_mailbox ON bounces (mailbox, at);
CREATE INDEX bounces_domain ON bounces (domain, at);
CREATE INDEX bounces_at ON bounces (at);

-- Domains that refuse us: when the newsroom was told last, and how often mail to it was held back in a row.
CREATE TABLE refusing_domains (
    domain  TEXT   NOT NULL PRIMARY KEY,
    alerted BIGINT NOT NULL,
    pauses  BIGINT NOT NULL DEFAULT 0,
    until   BIGINT NOT NULL DEFAULT 0
);
