package library

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

func sources(t testing.TB, l *Library, items []Summary) (out []string) {
	t.Helper()
	for _, s := range items {
		out = append(out, bySlug(t, l, s.Slug).Source)
	}
	return out
}

// TestPaging walks a listing from page to page, down and up again, with many articles of one time.
func TestPaging(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		l, ctx := library(db), context.Background()
		const all, n = 23, 5
		drafts := numbered(all)
		for i := 8; i < 16; i++ {
			drafts[i].Published = drafts[8].Published // ties: the later saved first
		}
		for i := range drafts {
			if i%2 == 0 {
				drafts[i].Topics = []string{"Even"}
			}
		}
		save(t, l, drafts...)
		even, err := l.Term(ctx, Topic, "even")
		if err != nil {
			t.Fatal(err)
		}
		var want, wantEven []string
		for i := range all {
			at := i
			if i >= 8 && i < 16 {
				at = 23 - i
			}
			want = append(want, drafts[at].Source)
			if at%2 == 0 {
				wantEven = append(wantEven, drafts[at].Source)
			}
		}
		for _, tt := range []struct {
			filter Filter
			want   []string
		}{{Filter{}, want}, {Filter{Kind: Topic, Term: even.ID}, wantEven}} {
			walk(t, l, tt.filter, n, tt.want)
		}
	})
}

// walk pages through a listing to its end and back.
func walk(t *testing.T, l *Library, f Filter, n int, want []string) {
	t.Helper()
	ctx := context.Background()
	var got []string
	var pages [][]string
	var at Cursor
	var last Listing
	for {
		page, err := l.List(ctx, f, at, n)
		if err != nil {
			t.Fatal(err)
		}
		if page.Newer.IsZero() != (len(pages) == 0) {
			t.Errorf("page %d: newer %q", len(pages)+1, page.Newer)
		}
		pages = append(pages, sources(t, l, page.Items))
		got = append(got, pages[len(pages)-1]...)
		last = page
		if page.Older.IsZero() {
			break
		}
		if at, err = ParseCursor(page.Older.String()); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("down: %v\nwant  %v", got, want)
	}
	for i := len(pages) - 2; i >= 0; i-- {
		page, err := l.List(ctx, f, last.Newer, n)
		if err != nil {
			t.Fatal(err)
		}
		if up := sources(t, l, page.Items); !slices.Equal(up, pages[i]) {
			t.Errorf("up, page %d: %v, want %v", i+1, up, pages[i])
		}
		if page.Newer.IsZero() != (i == 0) || page.Older.IsZero() {
			t.Errorf("up, page %d: newer %q, older %q", i+1, page.Newer, page.Older)
		}
		last = page
	}
}

// TestNewerReachesTheFirstPage: going up from an odd place ends on the first page, whole.
func TestNewerReachesTheFirstPage(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		l, ctx := library(db), context.Background()
		save(t, l, numbered(9)...)
		first, err := l.List(ctx, Filter{}, Cursor{}, 2)
		if err != nil {
			t.Fatal(err)
		}
		odd := Cursor{newer: true, shown: first.Older.shown, id: first.Older.id}
		page, err := l.List(ctx, Filter{}, odd, 4)
		if got := sources(t, l, page.Items); err != nil || fmt.Sprint(got) != "[000 001 002 003]" || !page.Newer.IsZero() || page.Older.IsZero() {
			t.Errorf("%v, %+v, %v", got, page.Newer, err)
		}
		empty, err := l.List(ctx, Filter{Term: 1 << 40}, Cursor{}, 4)
		if err != nil || len(empty.Items) != 0 || !empty.Newer.IsZero() || !empty.Older.IsZero() {
			t.Errorf("an empty listing: %+v, %v", empty, err)
		}
		whole, err := l.List(ctx, Filter{}, Cursor{}, 9)
		if err != nil || len(whole.Items) != 9 || !whole.Older.IsZero() {
			t.Errorf("a page of all: %d, %+v, %v", len(whole.Items), whole.Older, err)
		}
	})
}

func TestFromUntilAndMonths(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		ctx := context.Background()
		zone := time.FixedZone("Lagos", 3600)
		l := New(db, Options{Zone: zone, Now: func() time.Time { return noon }})
		var drafts []Draft
		for _, at := range []string{"2026-04-30T22:59:59Z", "2026-04-30T23:00:00Z", "2026-01-10T00:00:00Z", "1970-01-01T00:00:00Z",
			"1969-12-31T22:59:59Z", "1790-01-08T12:00:00Z", "2026-05-01T12:00:01Z", "2026-03-31T23:00:00Z"} {
			d := draft(at, 0)
			var err error
			if d.Published, err = time.Parse(time.RFC3339, at); err != nil {
				t.Fatal(err)
			}
			drafts = append(drafts, d)
		}
		save(t, l, drafts...)
		april := Filter{From: time.Date(2026, 4, 1, 0, 0, 0, 0, zone), Until: time.Date(2026, 5, 1, 0, 0, 0, 0, zone)}
		page, err := l.List(ctx, april, Cursor{}, 10)
		if got := sources(t, l, page.Items); err != nil || fmt.Sprint(got) != "[2026-04-30T22:59:59Z 2026-03-31T23:00:00Z]" {
			t.Errorf("April: %v, %v", got, err)
		}
		walk(t, l, april, 1, sources(t, l, page.Items))
		may := Filter{From: april.Until, Until: april.Until.AddDate(0, 1, 0)}
		page, err = l.List(ctx, may, Cursor{}, 10)
		if got := sources(t, l, page.Items); err != nil || fmt.Sprint(got) != "[2026-04-30T23:00:00Z]" {
			t.Errorf("May so far: %v, %v", got, err)
		}
		page, err = l.List(ctx, april, Cursor{shown: never - 1, id: 1}, 10) // a cursor from outside of the span
		if err != nil || len(page.Items) != 2 {
			t.Errorf("from a later cursor: %d, %v", len(page.Items), err)
		}
		months, err := l.Months(ctx)
		want := []YearCount{{2026, [12]int{1, 0, 0, 2, 1}}, {1970, [12]int{1}}, {1969, [12]int{11: 1}}, {1790, [12]int{1}}}
		if err != nil || !slices.Equal(months, want) {
			t.Errorf("months %v, %v\nwant   %v", months, err, want)
		}
		if a := bySlug(t, l, "article-1970-01-01t00-00-00z"); a.Published.Unix() != 0 {
			t.Errorf("the first second of 1970 came back as %v", a.Published)
		}
	})
}

func TestSummaries(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		l, ctx := library(db), context.Background()
		drafts := numbered(50)
		drafts[0].Hero = &Image{File: "a.jpg", Caption: "C"}
		drafts[1].Section, drafts[1].Byline = "", nil
		ids := save(t, l, drafts...)
		slices.Reverse(ids)
		got, err := l.Summaries(ctx, append([]int64{1 << 40, 0, -1}, ids...))
		if err != nil || len(got) != 50 {
			t.Fatalf("%d summaries, %v", len(got), err)
		}
		for i, s := range got {
			if s.ID != ids[i] {
				t.Fatalf("summary %d is of %d, want %d", i, s.ID, ids[i])
			}
		}
		s := got[49]
		if s.Title != "Article 000" || s.Hero == nil || s.Hero.Caption != "C" || fmt.Sprint(s.Byline) != "[Ines Marvell Chidera Obanwu]" ||
			s.Section.Name != "Briefings" || s.Section.Kind != Section || s.Words != 61 || s.Version != 1 || !s.Published.Equal(drafts[0].Published) {
			t.Errorf("summary %+v", s)
		}
		if s := got[48]; s.Section != (Term{}) || len(s.Byline) != 0 {
			t.Errorf("summary %+v", s)
		}
		if none, err := l.Summaries(ctx, nil); err != nil || len(none) != 0 {
			t.Errorf("summaries of none: %v, %v", none, err)
		}
		teasers, err := l.Teasers(ctx, ids)
		if err != nil || len(teasers) != 50 || teasers[ids[0]] != "<p>First sentence of it. Second sentence of it.</p>" {
			t.Errorf("teasers %v, %v", teasers, err)
		}
	})
}
