-- +goose Up

-- What was bought: "" for the buyer's own subscription, else what its kind and number say, as "gift:12".
ALTER TABLE contracts ADD COLUMN bought_for TEXT NOT NULL DEFAULT '';
ALTER TABLE checkouts ADD COLUMN bought_for TEXT NOT NULL DEFAULT '';
CREATE INDEX contracts_bought_for ON contracts (bought_for) WHERE bought_for <> '';

-- Subscriptions that are given: drafted when the checkout is begun, good from the payment on. code is the hash of what
-- the receiver types.
CREATE TABLE gift_subscriptions (
    id        @identity@,
    code      TEXT     NOT NULL,
    months    SMALLINT NOT NULL,
    giver     BIGINT   NOT NULL, -- reader; 0 until it is paid, and once the account is deleted
    signed    TEXT     NOT NULL, -- the giver's name, as the receiver reads it
    note      TEXT     NOT NULL,
    receiver  TEXT     NOT NULL, -- address it is sent to; "" when the giver hands over a card
    drafted   BIGINT   NOT NULL,
    deliver   BIGINT   NOT NULL, -- when it is to be sent
    delivered BIGINT   NOT NULL DEFAULT 0,
    paid      BIGINT   NOT NULL DEFAULT 0,
    revoked   BIGINT   NOT NULL DEFAULT 0, -- its payment went back
    reader    BIGINT   NOT NULL DEFAULT 0, -- who redeemed it
    starts    BIGINT   NOT NULL DEFAULT 0, -- what it covers for them
    ends      BIGINT   NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX gift_subscriptions_code ON gift_subscriptions (code);
CREATE INDEX gift_subscriptions_giver ON gift_subscriptions (giver) WHERE giver > 0;
CREATE INDEX gift_subscriptions_reader ON gift_subscriptions (reader) WHERE reader > 0;
CREATE INDEX gift_subscriptions_due ON gift_subscriptions (deliver) WHERE delivered = 0 AND paid > 0 AND receiver <> '';
CREATE INDEX gift_subscriptions_drafts ON gift_subscriptions (drafted) WHERE paid = 0;
