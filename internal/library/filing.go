package library

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/gatefold/gatefold/internal/storage"
)

// everything is the term, without a row in terms, that all articles are filed under: the archive is a listing like any
// other.
const everything int64 = 0

// A filing puts an article under a term.
type filing struct {
	term     int64
	position int
}

// filings are all the terms of an article.
type filings struct {
	all     []filing
	section int64
	series  int64
}

// add files an article under a term, once.
func (f *filings) add(term int64, position int) {
	for _, have := range f.all {
		if have.term == term {
			return
		}
	}
	f.all = append(f.all, filing{term, position})
}

// termKey is what tells terms apart.
type termKey struct {
	kind TermKind
	slug string
}

// termIs is what filing needs of a term.
type termIs struct{ id, parent int64 }

// termCache keeps the terms that drafts name, as an import names the same few again and again. Terms keep their id for
// good; only those of committed transactions are kept.
type termCache struct {
	mu    sync.Mutex
	terms map[termKey]termIs
}

// termCacheLimit bounds the cache; past it, it starts anew.
const termCacheLimit = 100_000

func newTermCache() *termCache { return &termCache{terms: map[termKey]termIs{}} }

func (c *termCache) find(k termKey) (termIs, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, ok := c.terms[k]
	return t, ok
}

func (c *termCache) forget(kind TermKind, slug string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.terms, termKey{kind, slug})
}

func (c *termCache) view() *termView { return &termView{cache: c, fresh: map[termKey]termIs{}} }

// A termView is the cache as one transaction sees it.
type termView struct {
	cache *termCache
	fresh map[termKey]termIs // found or made in the transaction
}

// keep takes what the transaction found into the cache, after its commit.
func (v *termView) keep() {
	v.cache.mu.Lock()
	defer v.cache.mu.Unlock()
	if len(v.cache.terms)+len(v.fresh) > termCacheLimit {
		clear(v.cache.terms)
	}
	for k, t := range v.fresh {
		v.cache.terms[k] = t
	}
}

// filings returns what a draft is filed under, making the terms that are not there yet.
func (v *termView) filings(ctx context.Context, tx *storage.DB, d *Draft) (filings, error) {
	out := filings{all: []filing{{term: everything}}}
	if d.Section != "" {
		t, err := v.find(ctx, tx, Section, d.Section)
		if err != nil {
			return out, err
		}
		out.section = t.id
		out.add(t.id, 0)
	}
	if d.Series != "" {
		t, err := v.find(ctx, tx, Series, d.Series)
		if err != nil {
			return out, err
		}
		out.series = t.id
		out.add(t.id, d.Part)
	}
	for _, list := range []struct {
		kind  TermKind
		names []string
	}{{Byline, d.Byline}, {Topic, d.Topics}, {Country, d.Countries}} {
		for i, name := range list.names {
			t, err := v.find(ctx, tx, list.kind, name)
			if err != nil {
				return out, err
			}
			out.add(t.id, i)
			if t.parent != 0 {
				out.add(t.parent, i)
			}
		}
	}
	return out, nil
}

// makeTerms makes the terms that drafts name and that are not there yet, in a transaction of its own and in one order.
// Writers of many articles that make the same terms each in the order of their articles would wait for one another
// until PostgreSQL ends one of them (deadlock_detected), again and again.
func (l *Library) makeTerms(ctx context.Context, jobs []*job) error {
	missing := l.terms.missing(jobs)
	if len(missing) == 0 {
		return nil
	}
	var view *termView
	err := l.db.Write(ctx, func(tx *storage.DB) error {
		view = l.terms.view()
		for _, m := range missing {
			if _, err := view.find(ctx, tx, m.kind, m.name); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		view.keep()
	}
	return err
}

// namedTerm is a term as drafts name it.
type namedTerm struct {
	termKey
	name string
}

// missing returns the terms of drafts that are not in the cache, regions first, as countries lie in them.
func (c *termCache) missing(jobs []*job) []namedTerm {
	found := map[termKey]namedTerm{}
	need := func(kind TermKind, names ...string) {
		for _, name := range names {
			k := termKey{kind, termSlug(name)}
			if _, ok := c.find(k); !ok && found[k].name == "" && name != "" {
				found[k] = namedTerm{k, name}
			}
		}
	}
	for _, j := range jobs {
		d := &j.draft
		need(Section, d.Section)
		need(Series, d.Series)
		need(Byline, d.Byline...)
		need(Topic, d.Topics...)
		need(Country, d.Countries...)
		for _, country := range d.Countries {
			need(Region, RegionOf(country))
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b namedTerm) int {
		return cmp.Or(cmp.Compare(rank(a.kind), rank(b.kind)), cmp.Compare(a.kind, b.kind), cmp.Compare(a.slug, b.slug))
	})
}

func rank(k TermKind) int {
	if k == Region {
		return 0
	}
	return 1
}

// find returns the term of a kind and name, making it when it is not there, a country in its region.
func (v *termView) find(ctx context.Context, tx *storage.DB, kind TermKind, name string) (termIs, error) {
	k := termKey{kind, termSlug(name)}
	if t, ok := v.fresh[k]; ok {
		return t, nil
	}
	if t, ok := v.cache.find(k); ok {
		return t, nil
	}
	var t termIs
	err := tx.QueryRow(ctx, `SELECT id, parent FROM terms WHERE kind = $1 AND slug = $2`, kind, k.slug).Scan(&t.id, &t.parent)
	if errors.Is(err, sql.ErrNoRows) {
		t, err = v.create(ctx, tx, k, name)
	}
	if err != nil {
		return t, err
	}
	v.fresh[k] = t
	return t, nil
}

func (v *termView) create(ctx context.Context, tx *storage.DB, k termKey, name string) (termIs, error) {
	var t termIs
	if region := RegionOf(name); k.kind == Country && region != "" {
		r, err := v.find(ctx, tx, Region, region)
		if err != nil {
			return t, err
		}
		t.parent = r.id
	}
	err := tx.QueryRow(ctx, `INSERT INTO terms (kind, slug, name, parent) VALUES ($1, $2, $3, $4)
		ON CONFLICT (kind, slug) DO NOTHING RETURNING id`, k.kind, k.slug, name, t.parent).Scan(&t.id)
	if errors.Is(err, sql.ErrNoRows) { // made by someone else in between
		err = tx.QueryRow(ctx, `SELECT id, parent FROM terms WHERE kind = $1 AND slug = $2`, k.kind, k.slug).
			Scan(&t.id, &t.parent)
		return t, err
	}
	if err != nil {
		return t, err
	}
	return t, tx.Changed(ctx, "term", t.id)
}
