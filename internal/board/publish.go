package board

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
)

// A Filing is what an article is filed under, and for whom it is.
type Filing struct {
	Kind      string
	Level     access.Level // "" for the publication's default
	Section   string
	Byline    []string
	Topics    []string
	Countries []string
	Series    string
	Part      int
	Slug      string // the last part of its address
}

// File changes what an article is filed under. A new slug leaves the old one leading to it.
func (b *Board) File(ctx context.Context, id int64, f Filing, who string) error {
	return b.revise(ctx, id, who, "file", func(d *library.Draft) (string, string, error) {
		before := describe(*d)
		d.Kind, d.Level, d.Section, d.Series, d.Part = f.Kind, f.Level, f.Section, f.Series, f.Part
		d.Byline, d.Topics, d.Countries, d.Slug = f.Byline, f.Topics, f.Countries, f.Slug
		return before, describe(*d), nil
	})
}

// Refile changes what many articles have in common: a section, a level, a topic more. What is empty stays. It returns how
// many were changed, up to the first that could not be.
func (b *Board) Refile(ctx context.Context, ids []int64, section string, level access.Level, topic, who string) (done int, err error) {
	for _, id := range ids {
		err := b.revise(ctx, id, who, "file", func(d *library.Draft) (string, string, error) {
			before := describe(*d)
			if section != "" {
				d.Section = section
			}
			if level != "" {
				d.Level = level
			}
			if topic != "" && !slices.Contains(d.Topics, topic) {
				d.Topics = append(d.Topics, topic)
			}
			return before, describe(*d), nil
		})
		if err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}

// describe says in words where an article is filed, for the audit log.
func describe(d library.Draft) string {
	return strings.Join(slices.DeleteFunc([]string{d.Kind, string(d.Level), d.Section, d.Series, strings.Join(d.Topics, ", "),
		strings.Join(d.Countries, ", ")}, func(s string) bool { return s == "" }), " · ")
}

// Illustrate gives an article the picture that leads it; one without a file takes the picture away.
func (b *Board) Illustrate(ctx context.Context, id int64, image library.Image, who string) error {
	return b.revise(ctx, id, who, "photograph", func(d *library.Draft) (string, string, error) {
		before := ""
		if d.Hero != nil {
			before = d.Hero.File
		}
		d.Hero = &image
		return before, image.File, nil
	})
}

// Publish lets readers see an article from a time on: at once for a time that is not ahead. Invalid for one without a
// text, or with a picture nobody is credited for.
func (b *Board) Publish(ctx context.Context, id int64, at time.Time, who string) error {
	what := "publish"
	if at.After(b.now()) {
		what = "schedule"
	}
	return b.revise(ctx, id, who, what, func(d *library.Draft) (string, string, error) {
		if strings.TrimSpace(d.BodyHTML+d.BodyMarkdown) == "" {
			return "", "", fault.Field("text", "There is no text yet. Write it before the article is published.")
		}
		if d.Hero != nil && strings.TrimSpace(d.Hero.Credit) == "" {
			return "", "", fault.Field("credit", "The picture has no credit. Say whose it is before the article is published.")
		}
		before := whenOf(*d)
		d.State, d.Published = library.Published, at
		return before, whenOf(*d), nil
	})
}

// Unpublish takes an article back: readers find nothing at its address, and it is at the stage edit again.
func (b *Board) Unpublish(ctx context.Context, id int64, reason, who string) error {
	return b.revise(ctx, id, who, "unpublish", func(d *library.Draft) (string, string, error) {
		before := whenOf(*d)
		d.State = library.Drafted
		return before, reason, nil
	}, func(tx *storage.DB, id int64) error {
		_, err := tx.Exec(ctx, `UPDATE articles SET stage = $1 WHERE id = $2`, Edit, id)
		return err
	})
}

func whenOf(d library.Draft) string {
	if d.State != library.Published {
		return "not published"
	}
	return d.Published.UTC().Format(time.RFC3339)
}

// Correct adds a note to readers of what was wrong. Invalid for an empty one.
func (b *Board) Correct(ctx context.Context, id int64, note, who string) error {
	note = strings.Join(strings.Fields(note), " ")
	if note == "" {
		return fault.Field("note", "Say what was wrong, and what is right.")
	}
	return b.revise(ctx, id, who, "correct", func(d *library.Draft) (string, string, error) {
		d.Corrections = append(d.Corrections, library.Correction{At: b.now(), Text: note})
		d.Updated = b.now()
		return "", note, nil
	})
}

// Uncorrect takes a note away, by the moment it was given.
func (b *Board) Uncorrect(ctx context.Context, id int64, at time.Time, who string) error {
	return b.revise(ctx, id, who, "take back a correction", func(d *library.Draft) (string, string, error) {
		i := slices.IndexFunc(d.Corrections, func(c library.Correction) bool { return c.At.Equal(at) })
		if i < 0 {
			return "", "", fault.New(fault.Conflict, "This note is gone already.")
		}
		before := d.Corrections[i].Text
		d.Corrections = slices.Delete(slices.Clone(d.Corrections), i, i+1)
		if len(d.Corrections) == 0 {
			d.Corrections = []library.Correction{} // empty and not nil: none are left
		}
		return before, "", nil
	})
}

// revise changes an article and records what the change says of itself, in one transaction (S-18).
func (b *Board) revise(ctx context.Context, id int64, who, what string, f func(*library.Draft) (before, after string, err error), also ...library.Also) error {
	var before, after string
	err := b.library.Revise(ctx, id, func(d *library.Draft) (err error) {
		before, after, err = f(d)
		return err
	}, append(also, func(tx *storage.DB, id int64) error {
		return b.record(ctx, tx, readers.Event{Who: who, What: what, Subject: Subject(id), Before: before, After: after})
	})...)
	if err != nil {
		return fmt.Errorf("%s article %d: %w", what, id, err)
	}
	return nil
}
