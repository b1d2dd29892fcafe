-- +goose Up

-- Mail on its way out. due is when the row is next to be taken up: the time of the next try, or, while a worker has
-- it, the end of that worker's lease. NULL: nothing more is to be done.
CREATE TABLE outbox (
    id        @identity@,
    recipient TEXT   NOT NULL,
    subject   TEXT   NOT NULL,
    body_text TEXT   NOT NULL,
    body_html TEXT   NOT NULL,
    kind      TEXT   NOT NULL,
    links     TEXT   NOT NULL,
    created   BIGINT NOT NULL,
    useless   BIGINT NOT NULL,
    state     TEXT   NOT NULL,
    due       BIGINT,
    tries     BIGINT NOT NULL DEFAULT 0,
    settled   BIGINT NOT NULL DEFAULT 0,
    error     TEXT   NOT NULL DEFAULT ''
);
CREATE INDEX outbox_due ON outbox (due);
CREATE INDEX outbox_recipient ON outbox (recipient, id);
CREATE INDEX outbox_settled ON outbox (settled);
