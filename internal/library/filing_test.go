package library

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// TestTermsOfAFailedWrite: what a transaction made that then failed is not remembered.
func TestTermsOfAFailedWrite(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		l, ctx := library(db), context.Background()
		failed := errors.New("failed")
		err := db.Write(ctx, func(tx *storage.DB) error {
			v := l.terms.view()
			if _, err := v.find(ctx, tx, Topic, "Trade"); err != nil {
				return err
			}
			return failed
		})
		if !errors.Is(err, failed) {
			t.Fatal(err)
		}
		save(t, l, draft("a", 1))
		if a := bySlug(t, l, "article-a"); len(a.Topics) != 2 || a.Topics[0].Name != "Trade" {
			t.Errorf("topics %+v", a.Topics)
		}
	})
}

func TestFilings(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		l, ctx := library(db), context.Background()
		d := Draft{Section: "Trade", Series: "S", Part: 4, Byline: []string{"B", "A", "b"}, Topics: []string{"Trade", "TRADE"},
			Countries: []string{"Ghana", "Mali", "Atlantis"}}
		var fs filings
		err := db.Write(ctx, func(tx *storage.DB) (err error) {
			fs, err = l.terms.view().filings(ctx, tx, &d)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		// The archive, section, series, two contributors, one topic, three countries, one region of two of them.
		if len(fs.all) != 10 || fs.all[0] != (filing{term: everything}) || fs.section == 0 || fs.series == 0 || fs.section == fs.series {
			t.Errorf("filings %+v", fs)
		}
		seen := map[int64]bool{}
		for _, f := range fs.all {
			if seen[f.term] {
				t.Errorf("filed twice under %d", f.term)
			}
			seen[f.term] = true
			if f.term == fs.series && f.position != 4 {
				t.Errorf("part %d of the series", f.position)
			}
		}
	})
}

// TestManyFilings saves articles whose filings fill one statement, less, and many.
func TestManyFilings(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		l := library(db)
		var drafts []Draft
		for _, n := range []int{0, 1, filingRows - 2, filingRows - 1, filingRows, 3*filingRows + 1, 299} {
			d := draft(fmt.Sprint(n), 1)
			d.Section, d.Byline, d.Topics, d.Countries = "", nil, nil, nil
			for i := range n {
				d.Topics = append(d.Topics, fmt.Sprint("Topic ", i))
			}
			drafts = append(drafts, d)
		}
		save(t, l, drafts...)
		for _, d := range drafts {
			if a := bySlug(t, l, Slug(d.Title)); strings.Join(names(a.Topics), "|") != strings.Join(d.Topics, "|") {
				t.Errorf("%s: topics %q", d.Source, names(a.Topics))
			}
		}
	})
}

// TestRegionFollowsItsCountry: where the newsroom puts a country, its articles are filed when they are saved next.
func TestRegionFollowsItsCountry(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		l, ctx := library(db), context.Background()
		d := draft("a", 1)
		d.Countries = []string{"Atlantis"}
		save(t, l, d)
		if a := bySlug(t, l, "article-a"); len(a.Regions) != 0 || a.Countries[0].Parent != 0 {
			t.Errorf("regions %+v", a.Regions)
		}
		sea, err := l.SaveTerm(ctx, Term{Kind: Region, Name: "The Sea"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.SaveTerm(ctx, Term{Kind: Country, Name: "Atlantis", Parent: sea}); err != nil {
			t.Fatal(err)
		}
		d.Standfirst = "Changed."
		save(t, l, d)
		if a := bySlug(t, l, "article-a"); len(a.Regions) != 1 || a.Regions[0].ID != sea || a.Countries[0].Parent != sea {
			t.Errorf("regions %+v of %+v", a.Regions, a.Countries)
		}
	})
}

func TestTermCacheIsBounded(t *testing.T) {
	c := newTermCache()
	v := c.view()
	for i := range termCacheLimit {
		v.fresh[termKey{Topic, fmt.Sprint(i)}] = termIs{id: int64(i)}
	}
	v.keep()
	if got, ok := c.find(termKey{Topic, "7"}); !ok || got.id != 7 {
		t.Errorf("found %+v, %v", got, ok)
	}
	v = c.view()
	v.fresh[termKey{Topic, "one more"}] = termIs{id: 1}
	v.keep()
	if len(c.terms) != 1 {
		t.Errorf("%d terms are kept, the limit is %d", len(c.terms), termCacheLimit)
	}
	c.forget(Topic, "one more")
	if _, ok := c.find(termKey{Topic, "one more"}); ok {
		t.Error("a forgotten term is found")
	}
}
