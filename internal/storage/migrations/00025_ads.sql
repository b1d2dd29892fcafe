-- +goose Up

-- The places for advertising on pages and in letters. paragraph is the one after which an "article" place stands; pages
-- are the kinds of page that have it, parted by spaces. state is "running", "paused" or "ended".
CREATE TABLE ad_places (
    slug      TEXT   PRIMARY KEY,
    position  TEXT   NOT NULL,
    paragraph BIGINT NOT NULL,
    format    TEXT   NOT NULL,
    pages     TEXT   NOT NULL,
    state     TEXT   NOT NULL
);

-- What was sold, and what the house shows where nothing is. ends 0: no end. cap: how often a visitor is shown it in a day,
-- 0 for any number. targets and places are words parted by spaces, '' for all. report is the SHA-256 of the token of the
-- sponsor's report, '' while there is none.
CREATE TABLE ad_campaigns (
    id      @identity@,
    slug    TEXT     NOT NULL UNIQUE,
    sponsor TEXT     NOT NULL,
    house   SMALLINT NOT NULL,
    state   TEXT     NOT NULL,
    starts  BIGINT   NOT NULL,
    ends    BIGINT   NOT NULL,
    weight  BIGINT   NOT NULL,
    cap     BIGINT   NOT NULL,
    targets TEXT     NOT NULL,
    places  TEXT     NOT NULL,
    report  TEXT     NOT NULL DEFAULT '',
    created BIGINT   NOT NULL
);
CREATE UNIQUE INDEX ad_campaigns_report ON ad_campaigns (report) WHERE report <> '';

-- A picture with its alternative text, or words; and where the link leads.
CREATE TABLE ad_creatives (
    id       @identity@,
    campaign BIGINT NOT NULL REFERENCES ad_campaigns (id) ON DELETE CASCADE,
    state    TEXT   NOT NULL,
    url      TEXT   NOT NULL,
    picture  TEXT   NOT NULL,
    width    BIGINT NOT NULL,
    height   BIGINT NOT NULL,
    alt      TEXT   NOT NULL,
    headline TEXT   NOT NULL,
    line     TEXT   NOT NULL,
    label    TEXT   NOT NULL,
    created  BIGINT NOT NULL
);
CREATE INDEX ad_creatives_campaign ON ad_creatives (campaign, id);

-- How often a creative was in view and clicked in a place on a day ("2026-11-24", UTC); nothing in it tells of a person.
CREATE TABLE ad_counts (
    creative BIGINT NOT NULL,
    day      TEXT   NOT NULL,
    place    TEXT   NOT NULL,
    seen     BIGINT NOT NULL,
    clicked  BIGINT NOT NULL,
    PRIMARY KEY (creative, day, place)
);

-- The advertisement that all copies of an edition have, chosen when it began to be sent; creative 0: none. url is where
-- its link leads in the letter.
CREATE TABLE edition_ads (
    edition  BIGINT PRIMARY KEY,
    creative BIGINT NOT NULL,
    url      TEXT   NOT NULL
);
