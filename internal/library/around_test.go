package library

import (
	"context"
	"fmt"
	"testing"

	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

func TestAround(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		l, ctx := library(db), context.Background()
		about := func(source string, days, length int, by string, topics ...string) Draft {
			d := draft(source, days)
			d.Topics, d.Countries, d.Byline, d.BodyHTML = topics, nil, []string{by}, "<p>"+words(length)+"</p><p>End.</p>"
			return d
		}
		hidden := about("hidden", 1, 900, "Nobody", "Water", "Secret")
		hidden.State = Drafted
		ids := save(t, l, about("a", 1, 100, "Ruth", "Water", "Law"), about("b", 2, 300, "Ines", "Water", "Law"),
			about("c", 3, 200, "Ruth", "Water", "Trade"), about("d", 4, 500, "Ines", "Law"), about("later", -1, 800, "Nobody", "Water", "Secret"), hidden)
		water, err := l.Term(ctx, Topic, "water")
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			kind TermKind
			n    int
			want string
		}{{Byline, 10, "Ruth 2, Ines 1, "}, {Byline, 1, "Ruth 2, "}, {Topic, 10, "Law 2, Trade 1, "}, {Country, 10, ""}} {
			list, err := l.Beside(ctx, water.ID, c.kind, c.n)
			have := ""
			for _, b := range list {
				have += fmt.Sprint(b.Name, " ", b.Articles, ", ")
			}
			if err != nil || have != c.want {
				t.Errorf("%d of kind %s: %q, %v; want %q", c.n, c.kind, have, err, c.want)
			}
		}
		longest, err := l.Longest(ctx, water.ID, 2)
		if err != nil || fmt.Sprint(longest) != fmt.Sprint([]int64{ids[1], ids[2]}) {
			t.Errorf("the longest are %v, %v; want %v", longest, err, ids[1:3])
		}
		if none, err := l.Longest(ctx, 1<<40, 2); err != nil || len(none) != 0 {
			t.Errorf("the longest under nothing: %v, %v", none, err)
		}
	})
}
