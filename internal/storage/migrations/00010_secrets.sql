-- +goose Up

-- What every node of an installation must share and nobody outside may know, made at first use. Base64url.
CREATE TABLE secrets (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
