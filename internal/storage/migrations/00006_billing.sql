-- +goose Up

-- What a reader may read everything under, from starts until ends (exclusive). A subscription that is ended early has
-- its end moved. Source says where it comes from: "complimentary" was given. It is open until it was ended or followed
-- by another: of each source a reader has at most one that is.
CREATE TABLE subscriptions (
    id     @identity@,
    reader BIGINT   NOT NULL,
    plan   TEXT     NOT NULL,
    source TEXT     NOT NULL,
    starts BIGINT   NOT NULL,
    ends   BIGINT   NOT NULL,
    reason TEXT     NOT NULL,
    open   SMALLINT NOT NULL DEFAULT 1
);
CREATE INDEX subscriptions_reader ON subscriptions (reader, ends);
CREATE UNIQUE INDEX subscriptions_open ON subscriptions (reader, plan, source) WHERE open = 1;
