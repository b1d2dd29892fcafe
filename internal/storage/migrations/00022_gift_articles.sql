-- +goose Up

-- Articles that subscribers gave away. The slot is one of the giver's month: the primary key is what makes "exactly N"
-- hold under any concurrency. The same article in the same month is the same gift, under another link.
CREATE TABLE gifts (
    giver   BIGINT NOT NULL,
    period  TEXT   NOT NULL, -- the calendar month, as "2026-11"
    slot    BIGINT NOT NULL,
    article BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    PRIMARY KEY (giver, period, slot),
    UNIQUE (giver, period, article)
);
CREATE INDEX gifts_at ON gifts (at);

-- Links to gifts. token is the hash of what stands in the address.
CREATE TABLE gift_links (
    token   TEXT   PRIMARY KEY,
    giver   BIGINT NOT NULL,
    period  TEXT   NOT NULL,
    article BIGINT NOT NULL,
    ends    BIGINT NOT NULL
);
CREATE INDEX gift_links_gift ON gift_links (giver, period, article);
CREATE INDEX gift_links_ends ON gift_links (ends);

-- Browsers that opened a gift: one a slot, and one slot a browser.
CREATE TABLE gift_devices (
    giver   BIGINT NOT NULL,
    period  TEXT   NOT NULL,
    article BIGINT NOT NULL,
    slot    BIGINT NOT NULL,
    visitor TEXT   NOT NULL,
    ends    BIGINT NOT NULL,
    PRIMARY KEY (giver, period, article, slot),
    UNIQUE (giver, period, article, visitor)
);
CREATE INDEX gift_devices_visitor ON gift_devices (visitor, article);
CREATE INDEX gift_devices_ends ON gift_devices (ends);
