-- +goose Up

-- mailbox is the canonical key of the address (W-26): one mailbox, one reader. address is where mail goes. confirmed
-- and banned are times, 0 when not. kept: made or wanted by staff, so that it stays although never confirmed.
CREATE TABLE readers (
    id        @identity@,
    mailbox   TEXT     NOT NULL UNIQUE,
    address   TEXT     NOT NULL,
    name      TEXT     NOT NULL DEFAULT '',
    created   BIGINT   NOT NULL,
    confirmed BIGINT   NOT NULL DEFAULT 0,
    banned    BIGINT   NOT NULL DEFAULT 0,
    staff     SMALLINT NOT NULL DEFAULT 0,
    kept      SMALLINT NOT NULL DEFAULT 0
);
CREATE INDEX readers_confirmed ON readers (confirmed, created);

-- Browsers that asked for something, by the SHA-256 of the token in their cookie.
CREATE TABLE visitors (
    id      TEXT   NOT NULL PRIMARY KEY,
    created BIGINT NOT NULL,
    seen    BIGINT NOT NULL
);
CREATE INDEX visitors_seen ON visitors (seen);

-- One row for each mail with a link and a code that was asked for. token is the SHA-256 of the link's token, code the
-- HMAC of the code. A row that is silent had its mail withheld: neither its link nor its code works.
CREATE TABLE attempts (
    token    TEXT     NOT NULL PRIMARY KEY,
    purpose  TEXT     NOT NULL,
    reader   BIGINT   NOT NULL,
    visitor  TEXT     NOT NULL,
    address  TEXT     NOT NULL,
    mailbox  TEXT     NOT NULL,
    code     TEXT     NOT NULL,
    goal     TEXT     NOT NULL,
    consent  TEXT     NOT NULL,
    wording  TEXT     NOT NULL,
    network  TEXT     NOT NULL,
    created  BIGINT   NOT NULL,
    expires  BIGINT   NOT NULL,
    tries    BIGINT   NOT NULL DEFAULT 0,
    used     BIGINT   NOT NULL DEFAULT 0,
    ended    BIGINT   NOT NULL DEFAULT 0,
    silent   SMALLINT NOT NULL
);
CREATE INDEX attempts_reader ON attempts (reader);
CREATE INDEX attempts_visitor ON attempts (visitor, created);
CREATE INDEX attempts_created ON attempts (created);

CREATE TABLE sessions (
    id      TEXT   NOT NULL PRIMARY KEY,
    reader  BIGINT NOT NULL,
    created BIGINT NOT NULL,
    seen    BIGINT NOT NULL,
    agent   TEXT   NOT NULL
);
CREATE INDEX sessions_reader ON sessions (reader, seen);
CREATE INDEX sessions_seen ON sessions (seen);
CREATE INDEX sessions_created ON sessions (created);

-- What a reader agreed to, in which words, when and from which network. Rows stay when a consent is withdrawn.
CREATE TABLE consents (
    id        @identity@,
    reader    BIGINT NOT NULL,
    subject   TEXT   NOT NULL,
    wording   TEXT   NOT NULL,
    given     BIGINT NOT NULL,
    network   TEXT   NOT NULL,
    withdrawn BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX consents_reader ON consents (reader);
CREATE UNIQUE INDEX consents_active ON consents (reader, subject) WHERE withdrawn = 0;

-- Mails of the last day to one mailbox (S-07): their times as a JSON array, under the HMAC of the canonical key, so
-- that the limit outlives a deleted reader without keeping the address. The row is also the lock that makes it exact.
CREATE TABLE mail_limits (
    mailbox TEXT   NOT NULL PRIMARY KEY,
    recent  TEXT   NOT NULL,
    last    BIGINT NOT NULL
);
CREATE INDEX mail_limits_last ON mail_limits (last);

-- Forms sent by one network in one hour.
CREATE TABLE asks (
    network TEXT   NOT NULL,
    form    TEXT   NOT NULL,
    hour    BIGINT NOT NULL,
    count   BIGINT NOT NULL,
    PRIMARY KEY (network, form, hour)
);
CREATE INDEX asks_hour ON asks (hour);
