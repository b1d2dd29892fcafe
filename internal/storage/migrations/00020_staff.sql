-- +goose Up

-- Who works here, and as what: readers with a role. handle is what a passkey knows them by. totp is the secret of their
-- authenticator, '' for none, and totp_step the time step of the last code that was taken, so that none works twice.
CREATE TABLE staff (
    reader    BIGINT NOT NULL PRIMARY KEY,
    role      TEXT   NOT NULL,
    name      TEXT   NOT NULL,
    handle    TEXT   NOT NULL UNIQUE,
    joined    BIGINT NOT NULL,
    totp      TEXT   NOT NULL DEFAULT '',
    totp_step BIGINT NOT NULL DEFAULT 0,
    tries     BIGINT NOT NULL DEFAULT 0,
    tried     BIGINT NOT NULL DEFAULT 0
);

-- Sessions in the newsroom, by the SHA-256 of the token. proved is when a second factor was shown last.
CREATE TABLE staff_sessions (
    id      TEXT   NOT NULL PRIMARY KEY,
    reader  BIGINT NOT NULL,
    created BIGINT NOT NULL,
    seen    BIGINT NOT NULL,
    proved  BIGINT NOT NULL,
    agent   TEXT   NOT NULL
);
CREATE INDEX staff_sessions_reader ON staff_sessions (reader, seen);

-- Invitations, by the SHA-256 of the link's token. mailbox is '' for the first owner's.
CREATE TABLE invitations (
    id      TEXT   NOT NULL PRIMARY KEY,
    address TEXT   NOT NULL,
    mailbox TEXT   NOT NULL,
    role    TEXT   NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    used    BIGINT NOT NULL DEFAULT 0,
    ended   BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX invitations_mailbox ON invitations (mailbox);

-- Passkeys (W3C WebAuthn) by the id of the credential, which is JSON.
CREATE TABLE passkeys (
    id         TEXT   NOT NULL PRIMARY KEY,
    reader     BIGINT NOT NULL,
    name       TEXT   NOT NULL,
    credential TEXT   NOT NULL,
    created    BIGINT NOT NULL,
    used       BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX passkeys_reader ON passkeys (reader);

-- Recovery codes by their SHA-256; used is when, 0 for not yet.
CREATE TABLE recovery_codes (
    code   TEXT   NOT NULL PRIMARY KEY,
    reader BIGINT NOT NULL,
    used   BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX recovery_codes_reader ON recovery_codes (reader);

-- Passkeys being made (reader) or used (0): the challenge that is open, by the SHA-256 of the cookie's token.
CREATE TABLE ceremonies (
    id      TEXT   NOT NULL PRIMARY KEY,
    reader  BIGINT NOT NULL,
    purpose TEXT   NOT NULL,
    data    TEXT   NOT NULL,
    expires BIGINT NOT NULL
);
