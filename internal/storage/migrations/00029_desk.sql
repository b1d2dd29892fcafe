-- +goose Up
-- The text of an article that its editors work on, apart from the one that readers have. version is the revision that it
-- is, last the newest revision there is, filed the one that the library has, and filed_text a hash of what it had then.
CREATE TABLE desk_copies (
    article    BIGINT NOT NULL PRIMARY KEY,
    version    BIGINT NOT NULL,
    last       BIGINT NOT NULL,
    filed      BIGINT NOT NULL,
    filed_text TEXT   NOT NULL
);

-- Every revision. kind is "filed" (the library had it), "saved" (while writing), "kept" (by hand), "restored", "aside"
-- (sent when somebody else had written meanwhile: kept, and in no way lost). document is JSON of package document. key is
-- what the browser calls a save, so that one sent again is known, '' for none.
CREATE TABLE desk_revisions (
    article     BIGINT NOT NULL,
    version     BIGINT NOT NULL,
    base        BIGINT NOT NULL,
    kind        TEXT   NOT NULL,
    title       TEXT   NOT NULL,
    standfirst  TEXT   NOT NULL,
    document    TEXT   NOT NULL,
    words       BIGINT NOT NULL,
    writer      BIGINT NOT NULL,
    writer_name TEXT   NOT NULL,
    begun       BIGINT NOT NULL,
    saved       BIGINT NOT NULL,
    key         TEXT   NOT NULL,
    PRIMARY KEY (article, version)
);
CREATE INDEX desk_revisions_key ON desk_revisions (article, key);

-- Who writes an article now, in which window (token), until when unless they say so again.
CREATE TABLE desk_locks (
    article     BIGINT NOT NULL PRIMARY KEY,
    token       TEXT   NOT NULL,
    writer      BIGINT NOT NULL,
    writer_name TEXT   NOT NULL,
    since       BIGINT NOT NULL,
    until       BIGINT NOT NULL
);

-- What colleagues say of a passage. thread is the comment that it answers, its own id for the first. quote is the passage,
-- before and after what stands around it (W3C Web Annotation, TextQuoteSelector).
CREATE TABLE desk_comments (
    id          @identity@,
    article     BIGINT NOT NULL,
    thread      BIGINT NOT NULL,
    writer      BIGINT NOT NULL,
    writer_name TEXT   NOT NULL,
    text        TEXT   NOT NULL,
    quote       TEXT   NOT NULL,
    before      TEXT   NOT NULL,
    after       TEXT   NOT NULL,
    at          BIGINT NOT NULL,
    resolved    BIGINT NOT NULL DEFAULT 0,
    resolver    TEXT   NOT NULL DEFAULT ''
);
CREATE INDEX desk_comments_article ON desk_comments (article, thread);
