-- +goose Up

-- The end that the reader of a given subscription was reminded of. 0: of none.
ALTER TABLE subscriptions ADD COLUMN reminded BIGINT NOT NULL DEFAULT 0;
CREATE INDEX subscriptions_given ON subscriptions (ends) WHERE contract = 0 AND open = 1;
