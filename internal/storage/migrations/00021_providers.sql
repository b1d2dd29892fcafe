-- +goose Up

-- Why a contract is undone as soon as it is made: "twice", "had", or "" for a good one.
ALTER TABLE contracts ADD COLUMN refused TEXT NOT NULL DEFAULT '';

-- When the provider is to be asked again what has become of an unpaid checkout.
ALTER TABLE checkouts ADD COLUMN look_next BIGINT NOT NULL DEFAULT 0;
DROP INDEX checkouts_open;
CREATE INDEX checkouts_open ON checkouts (look_next) WHERE contract = 0 AND over = 0;

-- What a payment is found by, whatever it was for.
CREATE INDEX ledger_ref ON ledger (source, ref);

-- Events that providers told of and that were dealt with: each has its effect once.
CREATE TABLE provider_events (
    source TEXT   NOT NULL,
    event  TEXT   NOT NULL, -- what the provider calls it
    at     BIGINT NOT NULL,
    PRIMARY KEY (source, event)
);
CREATE INDEX provider_events_at ON provider_events (at);
