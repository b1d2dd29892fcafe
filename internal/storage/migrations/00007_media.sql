-- +goose Up

-- Pictures whose files are all written. Width and height are those of the largest rendition, in pixels. Where the
-- files lie follows from the name.
CREATE TABLE media (
    name    TEXT   NOT NULL PRIMARY KEY,
    width   BIGINT NOT NULL,
    height  BIGINT NOT NULL,
    created BIGINT NOT NULL
);
