-- +goose Up

-- How often each article was opened, by day in UTC ("2026-11-23"). Nothing in it tells of a person.
CREATE TABLE views (
    day     TEXT   NOT NULL,
    article BIGINT NOT NULL,
    n       BIGINT NOT NULL,
    PRIMARY KEY (day, article)
);

-- The last batch of counts that each running process wrote, so that a batch whose answer was lost is not added twice.
CREATE TABLE view_batches (
    process TEXT   NOT NULL PRIMARY KEY,
    batch   BIGINT NOT NULL,
    at      BIGINT NOT NULL
);
