package library

import (
	"context"
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

func TestIntroduction(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		l, ctx := library(db), context.Background()
		id, err := l.SaveTerm(ctx, Term{Kind: Topic, Name: "Water"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.Term(ctx, Topic, "water"); !fault.Is(err, fault.NotFound) {
			t.Errorf("a term with nothing to show: %v", err)
		}
		if i, err := l.Introduction(ctx, id); err != nil || i != (Introduction{}) {
			t.Errorf("before there is one: %v, %v", i, err)
		}
		told := lines(t, db, "term")
		for _, source := range []string{"One.", "Rivers *cross* frontiers.\n\n<script>alert(1)</script>\n\n- [Law](/topics/law)"} {
			if err := l.Introduce(ctx, Topic, "water", " "+source+"\n"); err != nil {
				t.Fatal(err)
			}
			if i, err := l.Introduction(ctx, id); err != nil || i.Source != source {
				t.Errorf("kept %q, %v; want %q", i.Source, err, source)
			}
		}
		i, err := l.Introduction(ctx, id)
		if text := string(i.Text); err != nil || !strings.Contains(text, "<em>cross</em>") || !strings.Contains(text, `href="/topics/law"`) || strings.Contains(text, "script") {
			t.Errorf("shown as %s, %v", text, err)
		}
		if n := lines(t, db, "term") - told; n != 2 {
			t.Errorf("two changes are %d lines of the change log", n)
		}
		if _, err := l.Term(ctx, Topic, "water"); err != nil {
			t.Errorf("a term that is introduced: %v", err)
		}
		if err := l.Introduce(ctx, Topic, "water", " \n"); err != nil {
			t.Fatal(err)
		}
		if i, err := l.Introduction(ctx, id); err != nil || i != (Introduction{}) {
			t.Errorf("taken away: %v, %v", i, err)
		}
	})
}

func TestIntroductionsThatAreRefused(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		l, ctx := library(db), context.Background()
		if _, err := l.SaveTerm(ctx, Term{Kind: Topic, Name: "Water"}); err != nil {
			t.Fatal(err)
		}
		wantNotFound(t, "no such term", l.Introduce(ctx, Topic, "fire", "One."))
		wantNotFound(t, "a term of another kind", l.Introduce(ctx, Country, "water", "One."))
		if err := l.Introduce(ctx, Topic, "water", strings.Repeat("x", maxIntroduction+1)); !fault.Is(err, fault.Invalid) {
			t.Errorf("too long: %v", err)
		}
	})
}
