-- +goose Up

-- One row per spent free article. The slot is a row of the reader's period: the primary key is what makes "exactly N"
-- hold under any concurrency on both databases (W-28).
CREATE TABLE unlocks (
    reader  BIGINT NOT NULL,
    period  TEXT   NOT NULL,
    slot    BIGINT NOT NULL,
    article BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    PRIMARY KEY (reader, period, slot),
    UNIQUE (reader, period, article)
);
CREATE INDEX unlocks_at ON unlocks (at);

-- The article given at once for an address. Address is the HMAC of the canonical key, network of the /24 or /64.
CREATE TABLE courtesies (
    visitor TEXT   NOT NULL,
    article BIGINT NOT NULL,
    address TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    ends    BIGINT NOT NULL,
    PRIMARY KEY (visitor, article)
);
CREATE INDEX courtesies_ends ON courtesies (ends);

-- What a courtesy uses up, a row for each limit: the visitor's and the address's one a period, the network's few a
-- day. The primary key makes the limits exact.
CREATE TABLE courtesy_slots (
    holder TEXT   NOT NULL,
    slot   BIGINT NOT NULL,
    ends   BIGINT NOT NULL,
    PRIMARY KEY (holder, slot)
);
CREATE INDEX courtesy_slots_ends ON courtesy_slots (ends);
