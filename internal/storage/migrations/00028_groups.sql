-- +goose Up

-- Groups of readers who share seats that one pays for, or that the publication grants.
CREATE TABLE reader_groups (
    id       @identity@,
    name     TEXT   NOT NULL,
    seats    BIGINT NOT NULL, -- 0 until they are paid for
    until    BIGINT NOT NULL, -- when reading under them ends
    owner    BIGINT NOT NULL, -- reader; 0 for an account that is deleted
    price    BIGINT NOT NULL, -- of one seat a period, in the smallest part of the currency; 0: they are granted
    created  BIGINT NOT NULL
);
CREATE INDEX reader_groups_owner ON reader_groups (owner) WHERE owner > 0;

-- Seats that somebody has, or that wait for who was invited. The primary key makes "exactly N" hold under any
-- concurrency, and a mailbox has one seat of a group.
CREATE TABLE group_seats (
    grp     BIGINT NOT NULL,
    slot    BIGINT NOT NULL,
    mailbox TEXT   NOT NULL, -- canonical key of who has it or was invited
    address TEXT   NOT NULL, -- as it was typed
    reader  BIGINT NOT NULL, -- 0 while the invitation waits
    token   TEXT   NOT NULL, -- hash of the invitation's, "" without one
    since   BIGINT NOT NULL,
    manages SMALLINT NOT NULL DEFAULT 0,
    PRIMARY KEY (grp, slot),
    UNIQUE (grp, mailbox)
);
CREATE UNIQUE INDEX group_seats_reader ON group_seats (grp, reader) WHERE reader > 0;
CREATE INDEX group_seats_by_reader ON group_seats (reader) WHERE reader > 0;
CREATE UNIQUE INDEX group_seats_token ON group_seats (token) WHERE token <> '';

-- Domains whose readers take a seat by themselves.
CREATE TABLE group_domains (
    domain TEXT   NOT NULL,
    grp    BIGINT NOT NULL,
    PRIMARY KEY (domain, grp)
);

-- Invitations that went to a mailbox, one a day whoever invites.
CREATE TABLE group_invitations (
    mailbox TEXT NOT NULL, -- a keyed hash
    day     TEXT NOT NULL,
    PRIMARY KEY (mailbox, day)
);
