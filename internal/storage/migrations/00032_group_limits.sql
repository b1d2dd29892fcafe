-- +goose Up

-- Of which group an invitation was, so that a group sends so many a day.
ALTER TABLE group_invitations ADD COLUMN grp BIGINT NOT NULL DEFAULT 0;
