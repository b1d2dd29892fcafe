package library

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// TestStaleWrite: a draft that was prepared against an article as it no longer is does not get in, and nothing of its
// transaction does; through Save it is prepared anew.
func TestStaleWrite(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		l, ctx := library(db), context.Background()
		d := draft("a", 1)
		id := save(t, l, d)[0]
		write := func(js []*job) error {
			return db.Write(ctx, func(tx *storage.DB) error {
				b := batch{tx: tx, terms: l.terms.view(), teaserWords: 120}
				if err := b.claimSlugs(ctx, js); err != nil {
					return err
				}
				for _, j := range js {
					if err := b.write(ctx, j); err != nil {
						return err
					}
				}
				return b.flush(ctx)
			})
		}
		d.Standfirst = "Mine."
		stale, err := l.prepare(ctx, []Draft{draft("new", 1), d}, make([]Saved, 2))
		if err != nil || len(stale) != 2 {
			t.Fatal(stale, err)
		}
		theirs := d
		theirs.Standfirst = "Theirs."
		save(t, l, theirs)
		if err := write(stale); !errors.Is(err, errRaced) {
			t.Errorf("a stale write: %v", err)
		}
		_, err = l.BySlug(ctx, "article-new")
		wantNotFound(t, "the other article of the write", err)
		if a := bySlug(t, l, "article-a"); a.Standfirst != "Theirs." || a.Version != 2 || len(a.Topics) != 2 {
			t.Errorf("read %+v", a)
		}
		if again := save(t, l, d)[0]; again != id || bySlug(t, l, "article-a").Standfirst != "Mine." {
			t.Errorf("saved again as %d, want %d", again, id)
		}
		twin, err := l.prepare(ctx, []Draft{draft("new", 1)}, make([]Saved, 1))
		if err != nil {
			t.Fatal(err)
		}
		save(t, l, draft("new", 1))
		if err := write(twin); !errors.Is(err, errRaced) {
			t.Errorf("a second article of one source: %v", err)
		}
	})
}

// TestTextIsKeptOnce: where the text needed no change, what was handed in is not kept a second time.
func TestTextIsKeptOnce(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		l, ctx := library(db), context.Background()
		clean, dirty, marked := draft("clean", 1), draft("dirty", 1), draft("marked", 1)
		dirty.BodyHTML += "<script>x</script>"
		marked.BodyMarkdown, marked.BodyHTML = "One. Two.", ""
		for i, id := range save(t, l, clean, dirty, marked) {
			var source, format string
			err := db.QueryRow(ctx, `SELECT source_text, source_format FROM article_bodies WHERE article = $1`, id).Scan(&source, &format)
			want := [][2]string{{"", "html"}, {dirty.BodyHTML, "html"}, {"One. Two.", "markdown"}}[i]
			if err != nil || source != want[0] || format != want[1] {
				t.Errorf("article %d keeps %q as %s, %v", i, source, format, err)
			}
		}
	})
}

// TestReadersQueriesKnowTheTime reads the sources: a query on articles, their texts or filings that a reader's page can
// reach asks when the article is shown.
func TestReadersQueriesKnowTheTime(t *testing.T) {
	queries := 0
	for _, file := range []string{"read.go", "summary.go", "list.go", "related.go", "term.go"} {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			q, err := strconv.Unquote(lit.Value)
			if err != nil || !regexp.MustCompile(`^SELECT .* FROM (\w+ \w+ JOIN )?(articles|article_bodies|filings|slugs)`).MatchString(strings.Join(strings.Fields(q), " ")) {
				return true
			}
			queries++
			ofOne := strings.Contains(q, "WHERE f.article = $1") // the terms of an article that was found
			if !regexp.MustCompile(`shown(, article\))? (<=|<) `).MatchString(q) && !ofOne {
				t.Errorf("%s: the query does not ask for the time:\n%s", file, q)
			}
			return true
		})
	}
	if queries < 12 {
		t.Errorf("%d queries were found", queries)
	}
}

// TestBodyIsReadInFourPlaces: the text is selected where a decision is asked for, where teasers are cut anew, where it goes
// into the index, and where it goes to those who write it.
func TestBodyIsReadInFourPlaces(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		b, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		if regexp.MustCompile(`(FROM|JOIN) article_bodies`).Match(b) {
			found = append(found, f.Name())
		}
	}
	if fmt.Sprint(found) != "[read.go recut.go revise.go whole.go]" {
		t.Errorf("the text is read in %v", found)
	}
}

// TestPlans: on SQLite, listings walk one index, without sorting and without looking at what they do not return.
func TestPlans(t *testing.T) {
	db := storagetest.Open(t, storagetest.SQLite(t))
	for name, q := range map[string]string{
		"older": `SELECT shown, article FROM filings WHERE term = $1 AND (shown, article) < ($2, $3)
			AND shown >= $4 ORDER BY shown DESC, article DESC LIMIT $5`,
		"newer": `SELECT shown, article FROM filings WHERE term = $1 AND (shown, article) > ($2, $3)
			AND shown <= $4 ORDER BY shown, article LIMIT $5`,
	} {
		source, err := os.ReadFile("list.go")
		if err != nil {
			t.Fatal(err)
		}
		if flat := strings.Join(strings.Fields(string(source)), " "); !strings.Contains(flat, strings.Join(strings.Fields(q), " ")) {
			t.Errorf("%s: list.go asks something else than this test", name)
		}
		rows, err := db.Query(context.Background(), "EXPLAIN QUERY PLAN "+q, 1, 2, 3, 4, 5)
		var plan []string
		err = eachRow(rows, err, func() error {
			var id, parent, unused int
			var step string
			err := rows.Scan(&id, &parent, &unused, &step)
			plan = append(plan, step)
			return err
		})
		if err != nil || len(plan) != 1 || !strings.Contains(plan[0], "COVERING INDEX") || !strings.Contains(plan[0], "(shown,article)") {
			t.Errorf("%s: %q, %v", name, plan, err)
		}
	}
}
