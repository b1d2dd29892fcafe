-- +goose Up

-- How far an article is that nobody can see (idea, draft, edit, ready), the member of staff who has it, 0 for nobody, and
-- the day it is due, 0 for none.
ALTER TABLE articles ADD COLUMN stage TEXT NOT NULL DEFAULT 'draft';
ALTER TABLE articles ADD COLUMN assignee BIGINT NOT NULL DEFAULT 0;
ALTER TABLE articles ADD COLUMN due BIGINT NOT NULL DEFAULT 0;
CREATE INDEX articles_stage ON articles (stage, id) WHERE state = 'draft';
CREATE INDEX articles_assignee ON articles (assignee, shown, id) WHERE assignee <> 0;
CREATE INDEX articles_due ON articles (due) WHERE due <> 0;

-- The titles in the order of the desk's lists: looking for words in them reads this index alone.
CREATE INDEX articles_titles ON articles (shown, id, title);
