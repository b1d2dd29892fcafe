package cli

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gatefold/gatefold/internal/app"
	"github.com/gatefold/gatefold/internal/search"
)

// search is the command "search".
func (p Process) search() *cobra.Command {
	return group("search", "Build the index anew, set synonyms and pins, see what readers search for",
		p.reindex(), p.evaluate(), p.synonyms(), p.pins(), p.pin(), p.unpin(), p.reportSearches())
}

// building shows how far a build is.
func (p Process) building() (show func(search.State), done func()) {
	m := newMeter(p.Stderr)
	return func(st search.State) {
		m.show(fmt.Sprintf("%s %s of %s articles", bar(int64(st.Done), int64(st.Total)), grouped(st.Done), grouped(st.Total)))
	}, m.clear
}

func (p Process) reindex() *cobra.Command {
	return p.readerCommand(&cobra.Command{
		Use:   "reindex",
		Short: "Build the search index anew; the old one serves meanwhile",
		Long: `Build the search index anew; the old one serves meanwhile.

A running server does it itself when asked so, and so does every other node on
the same database.`,
		Args: takes(),
	}, func(ctx context.Context, j *app.Services, _ []string) error {
		show, done := p.building()
		err := j.Search.Reindex(ctx, show)
		done()
		if err != nil {
			return err
		}
		j.Search.Load(ctx)
		if n, size := j.Search.Articles(); n > 0 {
			_, err = fmt.Fprintf(p.Stdout, "The index holds %s articles in %s.\n", grouped(n), sized(size))
			return err
		}
		_, err = fmt.Fprintln(p.Stdout, "The index is built.")
		return err
	})
}

// sized writes a number of bytes for people.
func sized(bytes int64) string {
	if bytes < 1e6 {
		return fmt.Sprintf("%s KB", grouped(int(max(bytes/1e3, 1))))
	}
	return fmt.Sprintf("%s MB", grouped(int(bytes/1e6)))
}

func (p Process) evaluate() *cobra.Command {
	return p.readerCommand(&cobra.Command{
		Use:   "eval QUERIES.tsv QRELS.txt",
		Short: "Measure the ranking against judgments: nDCG@10, MAP, ms a query",
		Long: `Measure the ranking against judgments, as trec_eval does: nDCG@10 with linear
gain, MAP over the first 1,000.

QUERIES.tsv has an id and a text on each line, a tab between; all words of a text
are joined by "or". QRELS.txt has "query 0 document grade"; a document is the id
its article was imported with.`,
		Args: takes("QUERIES.tsv", "QRELS.txt"),
	}, func(ctx context.Context, j *app.Services, args []string) error {
		queries, err := readQueries(args[0])
		if err != nil {
			return err
		}
		judged, err := readJudgments(args[1])
		if err != nil {
			return err
		}
		show, done := p.building()
		err = j.Search.CatchUp(ctx, show)
		done()
		if err != nil {
			return err
		}
		r, err := j.Search.Judge(ctx, queries, judged)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.Stdout, "nDCG@10 %.4f\nMAP     %.4f\n%.2f ms a query, %d queries\n", r.NDCG, r.MAP,
			float64(r.PerQuery.Microseconds())/1000, r.Queries)
		return err
	})
}

// eachLine calls f for the fields of every line of a file that is not empty.
func eachLine(name string, split func(string) []string, fields int, f func([]string) error) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	in := bufio.NewScanner(file)
	in.Buffer(nil, 1<<20)
	for n := 1; in.Scan(); n++ {
		if strings.TrimSpace(in.Text()) == "" {
			continue
		}
		parts := split(in.Text())
		if len(parts) != fields {
			return fmt.Errorf("%s:%d: expected %d fields, got %d", name, n, fields, len(parts))
		}
		if err := f(parts); err != nil {
			return fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
	return in.Err()
}

func readQueries(name string) (out []search.Judged, err error) {
	err = eachLine(name, func(s string) []string { return strings.SplitN(s, "\t", 2) }, 2, func(f []string) error {
		out = append(out, search.Judged{ID: f[0], Text: f[1]})
		return nil
	})
	return out, err
}

func readJudgments(name string) (search.Judgments, error) {
	out := search.Judgments{}
	return out, eachLine(name, strings.Fields, 4, func(f []string) error {
		grade, err := strconv.Atoi(f[3])
		if err != nil {
			return fmt.Errorf("expected a grade, got %q", f[3])
		}
		if out[f[0]] == nil {
			out[f[0]] = map[string]int{}
		}
		out[f[0]][f[2]] = grade
		return nil
	})
}

func (p Process) synonyms() *cobra.Command {
	add := p.readerCommand(&cobra.Command{Use: "add WORDS WORDS…", Short: "Make words or phrases mean the same",
		Example: `  gatefold search synonym add EU "European Union"`, Args: takes("WORDS", "WORDS…")},
		func(ctx context.Context, j *app.Services, args []string) error {
			if err := j.Search.AddSynonyms(ctx, args); err != nil {
				return err
			}
			_, err := fmt.Fprintf(p.Stdout, "The search takes these as one: %s.\n", strings.Join(args, ", "))
			return err
		})
	remove := p.readerCommand(&cobra.Command{Use: "remove NUMBER", Short: "Take a line of the list away", Args: takes("NUMBER")},
		func(ctx context.Context, j *app.Services, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return fmt.Errorf("expected a number of the list, got %q", args[0])
			}
			if err := j.Search.RemoveSynonyms(ctx, id); err != nil {
				return err
			}
			_, err = fmt.Fprintf(p.Stdout, "Line %d is off the list.\n", id)
			return err
		})
	list := p.readerCommand(&cobra.Command{Use: "list", Short: "List what means the same", Args: takes()},
		func(ctx context.Context, j *app.Services, _ []string) error {
			all, err := j.Search.Synonyms(ctx)
			for _, g := range all {
				fmt.Fprintf(p.Stdout, "%d\t%s\n", g.ID, strings.Join(g.Words, " = "))
			}
			return err
		})
	return group("synonym", "Words that mean the same to the search", add, remove, list)
}

func (p Process) pins() *cobra.Command {
	return p.readerCommand(&cobra.Command{Use: "pins", Short: "List what stands first for a query", Args: takes()},
		func(ctx context.Context, j *app.Services, _ []string) error {
			all, err := j.Search.Pins(ctx)
			if err != nil {
				return err
			}
			for _, pin := range all {
				list, err := j.Library.Summaries(ctx, []int64{pin.Article})
				if err != nil {
					return err
				}
				slug := fmt.Sprintf("article %d, which nobody can see", pin.Article)
				if len(list) > 0 {
					slug = list[0].Slug
				}
				fmt.Fprintf(p.Stdout, "%s\t%s\n", pin.Query, slug)
			}
			return nil
		})
}

func (p Process) pin() *cobra.Command {
	return p.readerCommand(&cobra.Command{Use: "pin QUERY SLUG", Short: "Put an article first for a query", Args: takes("QUERY", "SLUG")},
		func(ctx context.Context, j *app.Services, args []string) error {
			a, err := j.Library.BySlug(ctx, args[1])
			if err != nil {
				return err
			}
			if err := j.Search.Pin(ctx, args[0], a.ID); err != nil {
				return err
			}
			_, err = fmt.Fprintf(p.Stdout, "“%s” stands first for “%s”.\n", a.Title, args[0])
			return err
		})
}

func (p Process) unpin() *cobra.Command {
	return p.readerCommand(&cobra.Command{Use: "unpin QUERY SLUG", Short: "Take it away again", Args: takes("QUERY", "SLUG")},
		func(ctx context.Context, j *app.Services, args []string) error {
			a, err := j.Library.BySlug(ctx, args[1])
			if err != nil {
				return err
			}
			if err := j.Search.Unpin(ctx, args[0], a.ID); err != nil {
				return err
			}
			_, err = fmt.Fprintf(p.Stdout, "“%s” is pinned to “%s” no more.\n", a.Title, args[0])
			return err
		})
}
