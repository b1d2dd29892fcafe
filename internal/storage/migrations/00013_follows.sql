-- +goose Up

-- What readers follow: terms, and searches as their address says them. Both go with the reader.
CREATE TABLE follows (
    reader BIGINT NOT NULL REFERENCES readers (id) ON DELETE CASCADE,
    term   BIGINT NOT NULL REFERENCES terms (id) ON DELETE CASCADE,
    at     BIGINT NOT NULL,
    PRIMARY KEY (reader, term)
);
CREATE INDEX follows_term ON follows (term, reader);

CREATE TABLE saved_searches (
    id     @identity@,
    reader BIGINT NOT NULL REFERENCES readers (id) ON DELETE CASCADE,
    query  TEXT   NOT NULL,
    at     BIGINT NOT NULL,
    UNIQUE (reader, query)
);

-- What staff write to introduce a term, in Markdown, and what is shown of it. Apart from the terms themselves, which
-- every listing reads.
CREATE TABLE introductions (
    term        BIGINT PRIMARY KEY REFERENCES terms (id) ON DELETE CASCADE,
    source_text TEXT   NOT NULL,
    body_html   TEXT   NOT NULL
);

-- What was searched for, by day in UTC: how often, and how many articles the last of these found. Nothing in
-- it tells of a person.
CREATE TABLE searches (
    day   TEXT   NOT NULL,
    query TEXT   NOT NULL,
    n     BIGINT NOT NULL,
    total BIGINT NOT NULL,
    PRIMARY KEY (day, query)
);
