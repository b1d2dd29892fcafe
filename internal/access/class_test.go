package access

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// A letter holds what a standing opens by itself: nothing that has to be chosen, and what the rules of the day say.
func TestAdmitClass(t *testing.T) {
	now := time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)
	g := NewGate(nil, Policy{Free: 3, Rules: []Rule{{OlderThan: 90 * 24 * time.Hour, Level: Subscriber}}}, nil, slog.New(slog.DiscardHandler),
		func() time.Time { return now })
	for _, c := range []struct {
		standing Standing
		plan     Grant
		level    Level
		days     int
		full     bool
		ads      bool
	}{
		{Visitor, None, Open, 1, true, true}, {Visitor, None, Registered, 1, false, true},
		{Reader, None, Open, 1, true, true}, {Reader, None, Registered, 1, true, true}, {Reader, None, Metered, 1, false, true},
		{Reader, None, Subscriber, 1, false, true}, {Reader, None, Open, 100, false, true},
		{Paid, BySubscription, Metered, 1, true, false}, {Paid, BySubscription, Subscriber, 100, true, false},
		{Paid, None, Subscriber, 1, false, false}, // a standing without a grant opens nothing
		{Newsroom, None, Subscriber, 1, true, false},
	} {
		d := g.AdmitClass(c.standing, c.plan, Article{ID: 7, Level: c.level, Published: now.AddDate(0, 0, -c.days)})
		if d.Full() != c.full || d.Ads != c.ads || d.Article() != 7 {
			t.Errorf("%s, %s, %d days: full %v, ads %v", c.standing, c.level, c.days, d.Full(), d.Ads)
		}
	}
}

// What readers opened is theirs, for the period they opened it in.
func TestOpenedAmong(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		now := time.Date(2026, 11, 30, 23, 0, 0, 0, time.UTC)
		g := NewGate(db, Policy{Free: 3}, plans{}, slog.New(slog.DiscardHandler), func() time.Time { return now })
		var articles []int64
		for id := int64(1); id <= 30; id++ { // more than one statement asks for
			articles = append(articles, id)
		}
		for reader, opens := range map[int64][]int64{5: {3, 29}, 6: {3}, 9: {40}} {
			for _, id := range opens {
				if _, err := g.Unlock(t.Context(), Person{Reader: reader}, Article{ID: id, Level: Metered}); err != nil {
					t.Fatal(err)
				}
			}
		}
		opened, err := g.OpenedAmong(t.Context(), []int64{5, 7, 9}, articles)
		if err != nil || len(opened) != 1 || !slices.Equal(opened[5].Articles(), []int64{3, 29}) {
			t.Errorf("%+v, %v", opened, err)
		}
		for _, c := range []struct {
			o     Opened
			id    int64
			level Level
			want  Grant
		}{{opened[5], 29, Metered, ByMeteredUnlock}, {opened[5], 4, Metered, None}, {opened[5], 29, Subscriber, None},
			{Opened{}, 29, Metered, None}, {Opened{}, 29, Registered, ByRegistration}} {
			if d := g.AdmitOpened(c.o, Article{ID: c.id, Level: c.level}); d.Grant != c.want || d.Full() != (c.want != None) {
				t.Errorf("%d, %s: %q", c.id, c.level, d.Grant)
			}
		}
		now = now.Add(2 * time.Hour)
		if opened, err := g.OpenedAmong(t.Context(), []int64{5}, articles); err != nil || len(opened) != 0 {
			t.Errorf("in December: %+v, %v", opened, err)
		}
	})
}
