-- +goose Up

-- Who did what to whom, when, and what it changed (S-18). Rows are only ever added. No addresses: readers appear by
-- their id, so that a deleted reader leaves nothing personal here.
CREATE TABLE audit (
    id      @identity@,
    at      BIGINT NOT NULL,
    who     TEXT   NOT NULL,
    what    TEXT   NOT NULL,
    subject TEXT   NOT NULL,
    was     TEXT   NOT NULL,
    became  TEXT   NOT NULL
);
CREATE INDEX audit_subject ON audit (subject, id);
CREATE INDEX audit_what ON audit (what, id);
