-- +goose Up

-- Who may be written to about a subject, by their ids.
CREATE INDEX consents_subject ON consents (subject, reader) WHERE withdrawn = 0;

-- The newsletters of the publication. sender is the name in front of the sender's address, '' for the publication's.
-- audience is the standing one needs, rule what else must hold; both are read when a mailing begins and again when a
-- mail leaves. blocks are the kinds of block a draft is made of. stopped: no schedule drafts it.
CREATE TABLE newsletters (
    id          @identity@,
    slug        TEXT     NOT NULL UNIQUE,
    name        TEXT     NOT NULL,
    description TEXT     NOT NULL,
    sender      TEXT     NOT NULL,
    language    TEXT     NOT NULL,
    audience    TEXT     NOT NULL,
    rule        TEXT     NOT NULL,
    schedule    TEXT     NOT NULL,
    blocks      TEXT     NOT NULL,
    tracking    TEXT     NOT NULL,
    unattended  SMALLINT NOT NULL,
    archived    SMALLINT NOT NULL,
    instant     SMALLINT NOT NULL,
    stopped     SMALLINT NOT NULL,
    position    BIGINT   NOT NULL,
    since       BIGINT   NOT NULL
);

-- The issues of a newsletter. slot is what the edition was drafted for, a scheduled time or an article: the row decides
-- which node drafts. source is the Markdown an editor sees; version counts its changes. Articles from covers (in) until
-- covered (out) were there to be drafted from. mailing is the run that sends it, 0 before.
CREATE TABLE editions (
    id         @identity@,
    newsletter BIGINT   NOT NULL,
    slot       TEXT     NOT NULL,
    number     BIGINT   NOT NULL,
    state      TEXT     NOT NULL,
    subject    TEXT     NOT NULL,
    source     TEXT     NOT NULL,
    version    BIGINT   NOT NULL,
    edited     SMALLINT NOT NULL,
    instant    SMALLINT NOT NULL,
    covers     BIGINT   NOT NULL,
    covered    BIGINT   NOT NULL,
    due        BIGINT   NOT NULL,
    created    BIGINT   NOT NULL,
    approved   BIGINT   NOT NULL,
    started    BIGINT   NOT NULL,
    mailing    BIGINT   NOT NULL,
    note       TEXT     NOT NULL,
    UNIQUE (newsletter, slot)
);
CREATE INDEX editions_newest ON editions (newsletter, id);
CREATE INDEX editions_state ON editions (state, due);
CREATE INDEX editions_mailing ON editions (mailing);

-- Links with a title and a line on each. The editions that have a place for them take those added in the time they cover.
CREATE TABLE basket (
    id    @identity@,
    url   TEXT   NOT NULL UNIQUE,
    title TEXT   NOT NULL,
    line  TEXT   NOT NULL,
    added BIGINT NOT NULL
);
CREATE INDEX basket_added ON basket (added, id);

-- What the world has planned, by day ("2026-11-24").
CREATE TABLE calendar (
    id    @identity@,
    day   TEXT   NOT NULL,
    event TEXT   NOT NULL,
    added BIGINT NOT NULL
);
CREATE INDEX calendar_day ON calendar (day, id);

-- Articles an editor marked as important.
CREATE TABLE stars (
    article BIGINT PRIMARY KEY,
    at      BIGINT NOT NULL
);
CREATE INDEX stars_at ON stars (at);

-- What a reader chose of a newsletter they have: pace "daily" or "published"; followed: only what they follow.
CREATE TABLE newsletter_choices (
    reader     BIGINT   NOT NULL,
    newsletter BIGINT   NOT NULL,
    pace       TEXT     NOT NULL,
    followed   SMALLINT NOT NULL,
    PRIMARY KEY (reader, newsletter)
);

-- The language a reader wants letters in, where a publication writes in several.
CREATE TABLE newsletter_languages (
    reader   BIGINT PRIMARY KEY,
    language TEXT   NOT NULL
);

-- Where the links of an edition lead. A redirect goes nowhere else.
CREATE TABLE edition_links (
    edition BIGINT NOT NULL,
    link    BIGINT NOT NULL,
    url     TEXT   NOT NULL,
    PRIMARY KEY (edition, link)
);
CREATE UNIQUE INDEX edition_links_url ON edition_links (edition, url);

-- Clicks by people, and those that were taken for machines, by link; nothing in it tells of a person.
CREATE TABLE edition_clicks (
    edition  BIGINT NOT NULL,
    link     BIGINT NOT NULL,
    people   BIGINT NOT NULL,
    machines BIGINT NOT NULL,
    PRIMARY KEY (edition, link)
);

-- Who clicked, only for newsletters that measure by person and readers who agreed to that.
CREATE TABLE reader_clicks (
    reader  BIGINT NOT NULL,
    edition BIGINT NOT NULL,
    link    BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    PRIMARY KEY (reader, edition, link)
);

-- What an edition led to: "visit", "registration", "subscription", "leave".
CREATE TABLE edition_results (
    edition BIGINT NOT NULL,
    kind    TEXT   NOT NULL,
    n       BIGINT NOT NULL,
    PRIMARY KEY (edition, kind)
);
