-- +goose Up

-- A contract is a subscription that somebody pays for: one life at one provider, from its first payment to its end.
-- record is the JSON of what the provider said when it was asked last; the columns beside it are what is searched for.
-- Reader 0 has deleted the account.
CREATE TABLE contracts (
    id        @identity@,
    source    TEXT   NOT NULL, -- the provider: "stripe", "test"
    ref       TEXT   NOT NULL, -- what the provider calls it
    reader    BIGINT NOT NULL,
    plan      TEXT   NOT NULL, -- slug of what is paid for
    campaign  TEXT   NOT NULL, -- what led there: "article:slug", "letter:12", or ""
    created   BIGINT NOT NULL,
    record    TEXT   NOT NULL,
    asked     BIGINT NOT NULL, -- when the question was asked that record answers: an older answer never replaces a newer
    look_next BIGINT NOT NULL, -- when the provider is to be asked again, or a mail is due; 0: never
    UNIQUE (source, ref)
);
CREATE INDEX contracts_reader ON contracts (reader);
CREATE INDEX contracts_look_next ON contracts (look_next) WHERE look_next > 0;

-- The mails that were written about a contract, each once.
CREATE TABLE contract_mails (
    contract BIGINT NOT NULL,
    mail     TEXT   NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (contract, mail)
);

-- What a contract covers is a line of subscriptions, so that what may be read depends on nothing else. 0: given by hand.
ALTER TABLE subscriptions ADD COLUMN contract BIGINT NOT NULL DEFAULT 0;
DROP INDEX subscriptions_open;
CREATE UNIQUE INDEX subscriptions_open ON subscriptions (reader, plan, source, contract) WHERE open = 1;
CREATE INDEX subscriptions_contract ON subscriptions (contract) WHERE contract > 0;

-- What was charged and returned: nothing here is changed or deleted. Amounts are in the smallest part of their currency;
-- what leaves the publication is negative. It names readers by number alone, and outlives them.
CREATE TABLE ledger (
    id       @identity@,
    at       BIGINT NOT NULL, -- when it happened
    booked   BIGINT NOT NULL, -- when it was written here
    kind     TEXT   NOT NULL, -- "charge", "refund", "dispute", "dispute won"
    contract BIGINT NOT NULL,
    reader   BIGINT NOT NULL,
    source   TEXT   NOT NULL,
    ref      TEXT   NOT NULL, -- what the source calls it
    plan     TEXT   NOT NULL,
    amount   BIGINT NOT NULL,
    currency TEXT   NOT NULL, -- ISO 4217
    starts   BIGINT NOT NULL, -- the time it pays for; 0: none
    ends     BIGINT NOT NULL,
    UNIQUE (source, kind, ref)
);
CREATE INDEX ledger_contract ON ledger (contract);
CREATE INDEX ledger_at ON ledger (at);

-- Checkouts that were begun. token and pass are hashes of secrets: of the address to come back to, and of the cookie of
-- the browser that paid, which reads without signing in until a time.
CREATE TABLE checkouts (
    token    TEXT   PRIMARY KEY,
    address  TEXT   NOT NULL, -- as typed; "" once it is paid or over
    reader   BIGINT NOT NULL, -- 0 until it is paid by somebody who is not signed in
    source   TEXT   NOT NULL,
    ref      TEXT   NOT NULL, -- what the provider calls the checkout
    offer    TEXT   NOT NULL, -- JSON of what is sold
    back     TEXT   NOT NULL, -- the path to return to, or ""
    campaign TEXT   NOT NULL,
    created  BIGINT NOT NULL,
    contract BIGINT NOT NULL, -- 0 until it is paid
    over     SMALLINT NOT NULL DEFAULT 0, -- nobody will pay it any more
    pass     TEXT   NOT NULL, -- "" until it is paid
    until    BIGINT NOT NULL
);
CREATE UNIQUE INDEX checkouts_ref ON checkouts (source, ref);
CREATE INDEX checkouts_open ON checkouts (created) WHERE contract = 0 AND over = 0;
CREATE INDEX checkouts_pass ON checkouts (pass) WHERE pass <> '';

-- Offers for newcomers that a person had: a keyed hash of a mailbox or a card.
CREATE TABLE offers_had (
    person   TEXT   NOT NULL,
    contract BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (person)
);

-- Uses of coupons. An unpaid checkout holds its use for a day.
CREATE TABLE coupon_uses (
    code     TEXT   NOT NULL,
    slot     BIGINT NOT NULL,
    checkout TEXT   NOT NULL, -- the token's hash
    held     BIGINT NOT NULL, -- until then; 0: for good
    PRIMARY KEY (code, slot)
);

-- What the test checkout keeps, as a provider of payments would: JSON by the name it gave.
CREATE TABLE test_payments (
    ref  TEXT PRIMARY KEY,
    kept TEXT NOT NULL
);
