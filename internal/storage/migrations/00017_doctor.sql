-- +goose Up

-- When a reader took the address they have, where it was not their first: what comes back to an older one is not about
-- them any more.
ALTER TABLE readers ADD COLUMN moved BIGINT NOT NULL DEFAULT 0;

-- What the doctor found, a line a check, in the order of asking. about is what was asked about: another sender or mail
-- server makes what was found worthless.
CREATE TABLE findings (
    name    TEXT   NOT NULL PRIMARY KEY,
    place   BIGINT NOT NULL,
    state   TEXT   NOT NULL,
    finding TEXT   NOT NULL,
    remedy  TEXT   NOT NULL,
    about   TEXT   NOT NULL,
    at      BIGINT NOT NULL
);

-- Checks that letters go out in spite of: who said so, when, and why.
CREATE TABLE overrides (
    name   TEXT   NOT NULL PRIMARY KEY,
    who    TEXT   NOT NULL,
    reason TEXT   NOT NULL,
    at     BIGINT NOT NULL
);
