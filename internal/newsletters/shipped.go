package newsletters

import (
	"context"
	"errors"
	"fmt"

	"database/sql"

	"github.com/gatefold/gatefold/internal/storage"
)

// shipped are the newsletters that a publication has from its first start on.
func shipped() []Newsletter {
	on := func(text string) Schedule {
		s, err := ParseSchedule(text)
		if err != nil {
			panic(err) // a test reads every one
		}
		return s
	}
	all := []Newsletter{
		{Slug: freeSlug, Name: "The free newsletter", Audience: Everyone, Schedule: on("friday 12:00"),
			Description: "What we published this week, chosen by an editor, with a line on why it matters.",
			Blocks:      []Kind{Take, Latest, Roundup, Sponsor}},
		{Slug: "today", Name: "Today’s Articles", Audience: Everyone, Schedule: on("weekdays 06:00"), Unattended: true, Instant: true,
			Description: "The day’s articles by mail: in full for subscribers, the opening and a link for everyone else.",
			Blocks:      []Kind{Articles, Sponsor}},
		{Slug: "daily-review", Name: "The Daily Review", Audience: Subscribers, Schedule: on("weekdays 07:00"),
			Description: "Our take on the most important news of the day, our latest analysis, and what is on our radar.",
			Blocks:      []Kind{Take, Latest, Roundup, Radar}},
		{Slug: "weekly-review", Name: "The Weekly Review", Audience: Subscribers, Schedule: on("saturday 08:00"),
			Description: "Quick summaries of the week’s most important coverage, and what is to come.",
			Blocks:      []Kind{Take, Important, Roundup, ToCome}},
	}
	for i := range all {
		all[i].Tracking, all[i].Archived, all[i].Position = Aggregate, true, i+1
	}
	return all
}

// ship makes the shipped newsletters at the first start. What a publication changed of them, or made in their place,
// stays as it is.
func (l *Newsletters) ship(ctx context.Context) error {
	var any int
	err := l.db.QueryRow(ctx, `SELECT 1 FROM newsletters LIMIT 1`).Scan(&any)
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	err = l.db.Write(ctx, func(tx *storage.DB) error {
		for _, n := range shipped() {
			if err := l.put(ctx, tx, n); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("make the newsletters: %w", err)
	}
	return nil
}
