-- +goose Up

-- Sections, topics, countries, regions, series and contributors. Parent is the region of a country, 0 for none.
CREATE TABLE terms (
    id          @identity@,
    kind        TEXT   NOT NULL,
    slug        TEXT   NOT NULL,
    name        TEXT   NOT NULL,
    description TEXT   NOT NULL DEFAULT '',
    parent      BIGINT NOT NULL DEFAULT 0,
    line        TEXT   NOT NULL DEFAULT '',
    biography   TEXT   NOT NULL DEFAULT '',
    portrait    TEXT   NOT NULL DEFAULT '',
    UNIQUE (kind, slug)
);

-- Shown is the time from which readers see an article: published, or never (2^63-1) for a draft. Every query of
-- theirs compares it with the clock. Source is NULL for articles that were not imported. Hero and corrections are JSON.
CREATE TABLE articles (
    id           @identity@,
    source       TEXT   UNIQUE,
    slug         TEXT   NOT NULL,
    kind         TEXT   NOT NULL,
    level        TEXT   NOT NULL,
    state        TEXT   NOT NULL,
    title        TEXT   NOT NULL,
    standfirst   TEXT   NOT NULL,
    section      BIGINT NOT NULL,
    series       BIGINT NOT NULL,
    part         BIGINT NOT NULL,
    published    BIGINT NOT NULL,
    shown        BIGINT NOT NULL,
    updated      BIGINT NOT NULL,
    words        BIGINT NOT NULL,
    version      BIGINT NOT NULL,
    hash         TEXT   NOT NULL,
    hero         TEXT   NOT NULL,
    canonical    TEXT   NOT NULL,
    origin       TEXT   NOT NULL,
    licence      TEXT   NOT NULL,
    corrections  TEXT   NOT NULL,
    teaser_words BIGINT NOT NULL,
    teaser_html  TEXT   NOT NULL
);
CREATE INDEX articles_teaser_words ON articles (teaser_words, id);

-- The text, apart from everything else so that no query for a teaser or a list can touch it. Source_text is what was
-- handed in, '' when that is body_html to the byte.
CREATE TABLE article_bodies (
    article       BIGINT PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
    body_html     TEXT NOT NULL,
    source_text   TEXT NOT NULL,
    source_format TEXT NOT NULL
);

-- What an article is filed under: its terms, and term 0, which all articles are under. Shown is the article's, so that
-- a listing is one range of the primary key. Position is the place in a byline, or the number of the part in a series.
CREATE TABLE filings (
    term     BIGINT NOT NULL,
    shown    BIGINT NOT NULL,
    article  BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    PRIMARY KEY (term, shown, article)
);
CREATE INDEX filings_article ON filings (article);

-- Every slug an article has or had. A slug is never given to another article.
CREATE TABLE slugs (
    slug    TEXT   PRIMARY KEY,
    article BIGINT NOT NULL,
    current BIGINT NOT NULL
);
CREATE INDEX slugs_article ON slugs (article);
