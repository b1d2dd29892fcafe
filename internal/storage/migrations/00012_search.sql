-- +goose Up

-- What the newsroom tells the search: words that mean the same, a group a row, one to a line; and articles that stand
-- first for a query, which is kept as its words in lower case without accents.
CREATE TABLE search_synonyms (
    id    @identity@,
    words TEXT NOT NULL
);
CREATE TABLE search_pins (
    query    TEXT   NOT NULL,
    article  BIGINT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (query, article)
);

-- Every node compares its index with the versions of all articles when it starts: the rows are wide.
CREATE INDEX articles_versions ON articles (shown, id, version);
