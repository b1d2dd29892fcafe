-- +goose Up

-- When the reader showed last to have an address of the domains that the plan is for, if it is for some.
ALTER TABLE contracts ADD COLUMN shown BIGINT NOT NULL DEFAULT 0;
UPDATE contracts SET shown = created;
