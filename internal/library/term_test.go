package library

import (
	"context"
	"testing"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

func TestTerms(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		l, ctx := library(db), context.Background()
		a, b := draft("a", 1), draft("b", 2)
		b.Countries, b.Topics = []string{"Ghana"}, []string{"TRADE"} // the same term by its slug
		later := draft("later", -1)
		later.Topics = []string{"Coup"}
		save(t, l, a, b, later)
		countries, err := l.Terms(ctx, Country)
		if err != nil || len(countries) != 2 || countries[0].Name != "Ghana" || countries[0].Articles != 2 || countries[1].Articles != 1 {
			t.Errorf("countries %+v, %v", countries, err)
		}
		region, err := l.Term(ctx, Region, "africa")
		if err != nil || region.ID != countries[0].Parent || region.Name != "Africa" || region.Kind != Region {
			t.Errorf("region %+v, %v", region, err)
		}
		topics, err := l.Terms(ctx, Topic)
		if err != nil || len(topics) != 2 || topics[0].Name != "Law & justice" || topics[1].Name != "Trade" || topics[1].Articles != 2 {
			t.Errorf("topics %+v, %v", topics, err)
		}
		_, err = l.Term(ctx, Topic, "coup") // of a scheduled article alone
		wantNotFound(t, "a topic before its time", err)
		_, err = l.Term(ctx, Topic, "africa")
		wantNotFound(t, "a region as a topic", err)
		_, err = l.ContributorBySlug(ctx, "nobody")
		wantNotFound(t, "a contributor", err)
	})
}

func TestSaveTerm(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		l, ctx := library(db), context.Background()
		c := Contributor{Term: Term{Kind: Byline, Name: "Ines Marvell"}, Line: "Writes on shipping.", Biography: "Long.",
			Portrait: &Image{File: "p.jpg", Width: 10}}
		id, err := l.SaveContributor(ctx, c)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := l.SaveContributor(ctx, c); err != nil || again != id || lines(t, db, "term") != 1 {
			t.Errorf("saved again: %d, %v, %d lines", again, err, lines(t, db, "term"))
		}
		save(t, l, draft("a", 1))
		a := bySlug(t, l, "article-a")
		if b := a.Byline[0]; b.ID != id || b.Line != c.Line || b.Portrait == nil || b.Portrait.File != "p.jpg" {
			t.Errorf("byline %+v", b)
		}
		c.Name, c.Slug = "Inês Marvell", "ines-marvell"
		if again, err := l.SaveContributor(ctx, c); err != nil || again != id {
			t.Errorf("renamed: %d, %v", again, err)
		}
		save(t, l, draft("a", 1), draft("b", 1)) // by the old name, which has the same slug
		got, err := l.ContributorBySlug(ctx, "ines-marvell")
		if err != nil || got.Name != "Inês Marvell" || got.ID != id {
			t.Errorf("contributor %+v, %v", got, err)
		}
		if n, err := l.Terms(ctx, Byline); err != nil || len(n) != 2 || n[1].Articles != 2 {
			t.Errorf("contributors %+v, %v", n, err)
		}
		if _, err := l.SaveTerm(ctx, Term{Kind: Section, Name: "Columns", Description: "By people."}); err != nil {
			t.Error(err)
		}
		if s, err := l.Term(ctx, Section, "columns"); err != nil || s.Description != "By people." { // described, though empty
			t.Errorf("section %+v, %v", s, err)
		}
		for _, bad := range []Term{{Kind: Topic}, {Kind: Topic, Name: "x", Slug: "X y"}} {
			if _, err := l.SaveTerm(ctx, bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("saved %+v: %v", bad, err)
			}
		}
	})
}

func TestTermSlug(t *testing.T) {
	if a, b := termSlug("東京"), termSlug("大阪"); a == b || checkSlug(a) != nil || checkSlug(b) != nil {
		t.Errorf("slugs %q, %q", a, b)
	}
	if termSlug("Law & justice") != "law-and-justice" {
		t.Error(termSlug("Law & justice"))
	}
}
