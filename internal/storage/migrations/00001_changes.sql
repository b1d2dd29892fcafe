-- +goose Up
CREATE TABLE changes (
    id      @identity@,
    at      BIGINT NOT NULL,
    kind    TEXT NOT NULL,
    subject BIGINT NOT NULL,
    tx      @xid@
);
CREATE INDEX changes_at ON changes (at);
CREATE INDEX changes_order ON changes (tx, id);
