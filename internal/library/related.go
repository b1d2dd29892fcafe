package library

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// How Related weighs.
const (
	rarityLimit  = 500  // articles under a term that are counted; more are as common as that
	newest       = 40   // candidates a term gives: its newest,
	nearest      = 20   // and those just before and just after the article
	halfLifeDays = 730. // in which half of the worth of being new, or of the same time, is lost
)

var relatedWeight = map[TermKind]float64{Country: 3, Topic: 2, Byline: 1.5, Section: 0.3}

// Related returns up to n articles to read after one, at most half of them its neighbors in a series, which come
// first, then those that share most with it: countries, topics, contributors; rare ones count more, and so does what
// is new or of the same time. Its cost is bounded by the terms of the article, not by the size of the library.
func (l *Library) Related(ctx context.Context, article int64, n int) ([]Summary, error) {
	terms, err := l.shared(ctx, article)
	if err != nil {
		return nil, err
	}
	picked, err := l.neighbors(ctx, article, terms, (n+1)/2)
	if err != nil {
		return nil, err
	}
	worth, err := l.candidates(ctx, article, terms)
	if err != nil {
		return nil, err
	}
	for _, id := range picked {
		delete(worth, id)
	}
	ranked := make([]int64, 0, len(worth))
	for id := range worth {
		ranked = append(ranked, id)
	}
	slices.SortFunc(ranked, func(a, b int64) int {
		return cmp.Or(cmp.Compare(worth[b].score, worth[a].score), cmp.Compare(worth[b].shown, worth[a].shown), cmp.Compare(b, a))
	})
	picked = append(picked, ranked...)
	return l.Summaries(ctx, picked[:min(n, len(picked))])
}

// A sharedTerm is a term of the article, with the article's place under it.
type sharedTerm struct {
	id       int64
	kind     TermKind
	shown    int64
	position int
	articles int // up to rarityLimit
}

func (l *Library) shared(ctx context.Context, article int64) ([]sharedTerm, error) {
	rows, err := l.db.Query(ctx, `SELECT f.term, t.kind, f.shown, f.position, (SELECT COUNT(*) FROM (SELECT 1 FROM filings x
		WHERE x.term = f.term AND x.shown <= $2 LIMIT $3) c) FROM filings f JOIN terms t ON t.id = f.term
		WHERE f.article = $1 ORDER BY t.id`, article, l.now(), rarityLimit)
	var out []sharedTerm
	err = eachRow(rows, err, func() error {
		var t sharedTerm
		err := rows.Scan(&t.id, &t.kind, &t.shown, &t.position, &t.articles)
		out = append(out, t)
		return err
	})
	return out, err
}

// neighbors returns the parts of the article's series nearest to it, the next before the previous one.
func (l *Library) neighbors(ctx context.Context, article int64, terms []sharedTerm, n int) ([]int64, error) {
	for _, t := range terms {
		if t.kind != Series {
			continue
		}
		keys, err := readKeys(l.db.Query(ctx, `SELECT shown, article FROM filings WHERE term = $1 AND shown <= $2
			AND article <> $3 ORDER BY ABS(position - $4), position DESC, article LIMIT $5`,
			t.id, l.now(), article, t.position, n))
		return ids(keys), err
	}
	return nil, nil
}

// worth is what speaks for a candidate.
type worth struct {
	shown int64
	score float64
}

// candidates weighs the articles near an article, in time or to now, under each of its terms.
func (l *Library) candidates(ctx context.Context, article int64, terms []sharedTerm) (map[int64]worth, error) {
	now := l.now()
	found := map[int64]worth{}
	for _, t := range terms {
		weight := relatedWeight[t.kind]
		if weight == 0 {
			continue
		}
		weight /= math.Log2(2 + float64(t.articles))
		keys, err := l.near(ctx, t, now)
		if err != nil {
			return nil, err
		}
		for _, k := range keys {
			if k.id == article {
				continue
			}
			age := math.Min(float64(now-k.shown), math.Abs(float64(t.shown-k.shown))) / (24 * 3600 * 1e6)
			w := found[k.id]
			found[k.id] = worth{k.shown, w.score + weight*(0.5+math.Exp2(-age/halfLifeDays))}
		}
	}
	return found, nil
}

// near returns the candidates one term gives, each once.
func (l *Library) near(ctx context.Context, t sharedTerm, now int64) ([]key, error) {
	latest, err := readKeys(l.db.Query(ctx, `SELECT shown, article FROM filings WHERE term = $1 AND shown <= $2
		ORDER BY shown DESC, article DESC LIMIT $3`, t.id, now, newest))
	if err != nil || len(latest) < newest {
		return latest, err // that is all of them
	}
	before, err := readKeys(l.db.Query(ctx, `SELECT shown, article FROM filings WHERE term = $1 AND shown <= $2
		ORDER BY shown DESC, article DESC LIMIT $3`, t.id, min(t.shown, now), nearest))
	if err != nil {
		return nil, err
	}
	after, err := readKeys(l.db.Query(ctx, `SELECT shown, article FROM filings WHERE term = $1 AND shown > $2
		AND shown <= $3 ORDER BY shown, article LIMIT $4`, t.id, t.shown, now, nearest))
	if err != nil {
		return nil, err
	}
	out := slices.Concat(latest, before, after)
	slices.SortFunc(out, func(a, b key) int { return cmp.Compare(a.id, b.id) })
	return slices.Compact(out), nil
}
