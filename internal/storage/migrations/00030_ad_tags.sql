-- +goose Up

-- What another company wrote, as it wrote it: shown in a frame on another host alone. '' for a picture or words.
ALTER TABLE ad_creatives ADD COLUMN tag TEXT NOT NULL DEFAULT '';
