package access

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/gatefold/gatefold/internal/storage"
)

// AdmitClass decides what everyone of a standing may read of an article now by that alone, with nothing spent: what a
// letter to many may hold. Plan is the grant of a standing that pays. For a reader who chose the article there is
// AdmitOpened.
func (g *Gate) AdmitClass(standing Standing, plan Grant, a Article) Decision {
	return Decide(Facts{Article: a, Level: g.policy.Level(a, g.now()), Standing: standing, Plan: plan, Free: g.policy.Free})
}

// Opened are articles on which a reader spent free articles in the current period. The gate alone makes one that holds
// any.
type Opened struct{ articles map[int64]bool }

// Articles are their ids, in ascending order.
func (o Opened) Articles() []int64 { return slices.Sorted(maps.Keys(o.articles)) }

// AdmitOpened decides what readers may read of an article now who have opened those: what a letter to each may hold.
func (g *Gate) AdmitOpened(o Opened, a Article) Decision {
	return Decide(Facts{Article: a, Level: g.policy.Level(a, g.now()), Standing: Reader, Unlocked: o.articles[a.ID], Free: g.policy.Free})
}

// openedArticles is how many articles one statement asks for.
const openedArticles = 12

// OpenedAmong returns which of some articles each of some readers opened in the current period; who opened none is left
// out.
func (g *Gate) OpenedAmong(ctx context.Context, readers, articles []int64) (map[int64]Opened, error) {
	out := map[int64]Opened{}
	if len(readers) == 0 {
		return out, nil
	}
	asked := make(map[int64]bool, len(readers))
	for _, id := range readers {
		asked[id] = true
	}
	for part := range slices.Chunk(articles, openedArticles) {
		if err := g.readOpened(ctx, out, asked, slices.Min(readers), slices.Max(readers), part); err != nil {
			return nil, fmt.Errorf("articles opened by %d readers: %w", len(readers), err)
		}
	}
	return out, nil
}

func (g *Gate) readOpened(ctx context.Context, out map[int64]Opened, asked map[int64]bool, from, to int64, articles []int64) error {
	now := g.now()
	args := []any{g.policy.Period(now), storage.Micros(g.policy.countsFrom(now)), from, to}
	for i := range openedArticles { // the last is repeated where there are fewer
		args = append(args, articles[min(i, len(articles)-1)])
	}
	rows, err := g.db.Query(ctx, `SELECT reader, article FROM unlocks WHERE period = $1 AND at >= $2 AND reader >= $3 AND reader <= $4
		AND article IN ($5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var reader, article int64
		if err := rows.Scan(&reader, &article); err != nil {
			return err
		}
		switch o := out[reader]; {
		case !asked[reader]:
		case o.articles == nil:
			out[reader] = Opened{map[int64]bool{article: true}}
		default:
			o.articles[article] = true
		}
	}
	return rows.Err()
}
