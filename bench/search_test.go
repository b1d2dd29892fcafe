package main

import (
	"net/url"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/storage"
)

func TestQuestionsAreOfEveryKind(t *testing.T) {
	var all []heading
	for _, title := range []string{"Dispatch from the harbor: cotton rising", "A treaty about northern rivers", "Cotton mills closing everywhere"} {
		for range 40 {
			all = append(all, heading{title, "trade", 2014})
		}
	}
	got := questionsOf(all)
	if len(got) != questionKinds*ofEachKind {
		t.Fatalf("%d questions", len(got))
	}
	for what, is := range map[string]func(question) bool{
		"one word":    func(q question) bool { return len(q.words) == 1 && !q.prefix && q.topic == "" && q.year == 0 },
		"two words":   func(q question) bool { return len(q.words) == 2 && !q.phrase },
		"three words": func(q question) bool { return len(q.words) == 3 },
		"a phrase":    func(q question) bool { return q.phrase && len(q.words) == 2 },
		"a beginning": func(q question) bool { return q.prefix },
		"a topic":     func(q question) bool { return q.topic == "trade" },
		"a year":      func(q question) bool { return q.year == 2014 },
		"by date":     func(q question) bool { return q.newest },
	} {
		if !slices.ContainsFunc(got, is) {
			t.Errorf("none asks for %s", what)
		}
	}
	for _, q := range got {
		if v, err := url.ParseQuery(q.address()); err != nil || v.Get("q") == "" {
			t.Errorf("%+v asks %q", q, q.address())
		}
	}
	if questionsOf(nil) != nil {
		t.Error("questions about nothing")
	}
}

// The yardstick finds what it is asked for, in the language of its own.
func TestYardstickFinds(t *testing.T) {
	s := &stage{dir: t.TempDir()}
	s.keep = s.dir
	ctx, published := t.Context(), time.Date(2020, 5, 1, 6, 0, 0, 0, time.UTC)
	db, err := storage.Open(ctx, filepath.Join(s.data(), databaseFile), storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	lib := library.New(db, library.Options{})
	for i, title := range []string{"Treaty of the rivers", "Rivers of the north", "Cotton"} {
		d := library.Draft{Source: title, Title: title, BodyHTML: "<p>It was <em>signed</em> at dawn.</p>", Level: access.Open, Topics: []string{"Trade"}[:i%2],
			Published: published}
		if _, err := lib.Save(ctx, d); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := s.openFTS(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	conn, err := f.db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		q    question
		want int64
	}{
		{question{words: []string{"river"}}, 2},
		{question{words: []string{"river", "treaty"}}, 1},
		{question{words: []string{"signed", "at"}, phrase: true}, 3},
		{question{words: []string{"trea"}, prefix: true}, 1},
		{question{words: []string{"river"}, topic: "trade"}, 1},
		{question{words: []string{"river"}, year: published.Year() + 1}, 0},
	} {
		if err := f.answer(ctx, c.q); err != nil {
			t.Error(err)
		}
		if _, err := conn.ExecContext(ctx, `CREATE TEMP TABLE IF NOT EXISTS hits (id INTEGER PRIMARY KEY, score REAL NOT NULL)`); err != nil {
			t.Fatal(err)
		}
		if n, err := f.collect(ctx, conn, c.q, false); err != nil || n != c.want {
			t.Errorf("%+v finds %d, want %d, %v", c.q, n, c.want, err)
		}
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
}
