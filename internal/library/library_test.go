package library

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
)

// noon is what the clock of the tests shows.
var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// library returns a library whose clock shows noon.
func library(db *storage.DB) *Library {
	return New(db, Options{Now: func() time.Time { return noon }})
}

// words returns n words that end in a full stop, starting with a capital.
func words(n int) string { return "Wo" + strings.Repeat(" wo", n-1) + "." }

// draft is an article that is right, published days before noon.
func draft(source string, days int) Draft {
	return Draft{
		Source: source, Title: "Article " + source, Standfirst: "What it says.", Section: "Briefings",
		Byline: []string{"Ines Marvell", "Chidera Obanwu"}, Topics: []string{"Trade", "Law & justice"},
		Countries: []string{"Ghana", "Poland"}, Published: noon.AddDate(0, 0, -days),
		BodyHTML: "<p>First sentence of it. Second sentence of it.</p><p>" + words(50) + "</p><p>The last word.</p>",
	}
}

// save saves drafts that are right, and returns their ids.
func save(t testing.TB, l *Library, drafts ...Draft) []int64 {
	t.Helper()
	saved, err := l.SaveBatch(context.Background(), drafts)
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]int64, len(saved))
	for i, s := range saved {
		if s.Err != nil {
			t.Fatalf("save %q: %v", drafts[i].Title, s.Err)
		}
		ids[i] = s.ID
	}
	return ids
}

// numbered returns n drafts, the first the newest.
func numbered(n int) []Draft {
	out := make([]Draft, n)
	for i := range out {
		out[i] = draft(fmt.Sprintf("%03d", i), i+1)
	}
	return out
}

func bySlug(t testing.TB, l *Library, slug string) Article {
	t.Helper()
	a, err := l.BySlug(context.Background(), slug)
	if err != nil {
		t.Fatalf("article %s: %v", slug, err)
	}
	return a
}

// full is a decision that opens an article.
func full(article int64) access.Decision {
	return access.Decide(access.Facts{Article: access.Article{ID: article}, Level: access.Open})
}

func wantNotFound(t testing.TB, what string, err error) {
	t.Helper()
	if !fault.Is(err, fault.NotFound) {
		t.Errorf("%s: %v, want NotFound", what, err)
	}
}

func wantMoved(t testing.TB, l *Library, from, to string) {
	t.Helper()
	_, err := l.BySlug(context.Background(), from)
	var m *Moved
	if !errors.As(err, &m) || m.Slug != to {
		t.Errorf("%s: %v, want moved to %s", from, err, to)
	}
}

// lines counts the lines of the change log of a kind.
func lines(t testing.TB, db *storage.DB, kind string) (n int) {
	t.Helper()
	err := db.QueryRow(context.Background(), `SELECT COUNT(*) FROM changes WHERE kind = $1`, kind).Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
