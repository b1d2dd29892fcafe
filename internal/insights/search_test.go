package insights

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

func TestPlain(t *testing.T) {
	for query, want := range map[string]string{
		"  Grain  Trade ":                   "grain trade",
		`"Suez canal" -rail`:                `"suez canal" -rail`,
		"ÉNERGIE":                           "énergie",
		"1956":                              "1956",
		"year:2014..2019 water":             "year:2014..2019 water",
		"anna@example.org":                  "",
		"call +49 30 123 456":               "",
		"030/1234567":                       "",
		"192.0.2.7":                         "",
		"2001:db8::1":                       "",
		"https://example.org/a":             "",
		"":                                  "",
		" \t ":                              "",
		"a\x00b":                            "",
		"\xff":                              "",
		strings.Repeat("é", longestQuery):   strings.Repeat("é", longestQuery),
		strings.Repeat("é", longestQuery+1): "",
		strings.Repeat("a ", mostWords):     strings.TrimSpace(strings.Repeat("a ", mostWords)),
		strings.Repeat("a ", mostWords+1):   "",
		strings.Repeat(" ", 5*longestQuery): "",
		"1914 1918":                         "",
		"between 1914 and 1918":             "between 1914 and 1918",
	} {
		if have, ok := Plain(query); have != want || ok != (want != "") {
			t.Errorf("%q is counted as %q, %v; want %q", query, have, ok, want)
		}
	}
}

// asked returns queries as "text times total".
func asked(t *testing.T) func([]Query, error) []string {
	return func(list []Query, err error) (out []string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range list {
			out = append(out, fmt.Sprint(q.Text, " ", q.Times, " ", q.Total))
		}
		return out
	}
}

func TestSearches(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		for ago, asked := range map[int][]Query{
			0:  {{"grain", 2, 7}, {"GRAIN ", 1, 8}, {"suez", 3, 2}, {"atlantis", 4, 0}, {"once", 1, 1}, {"now there", 1, 0}, {"anna@example.org", 9, 0}},
			1:  {{"grain", 3, 6}, {"atlantis", 1, 0}, {"now there", 1, 5}},
			40: {{"suez", 50, 2}, {"long ago", 60, 0}},
		} {
			i := at(db, noon.AddDate(0, 0, -ago))
			for _, q := range asked {
				for range q.Times {
					i.Searched(q.Text, int(q.Total))
				}
			}
			flush(t, i)
			flush(t, i)
		}
		i, week := at(db, noon), noon.AddDate(0, 0, -7)
		for _, c := range []struct {
			what       string
			have, want []string
		}{
			{"most searched", asked(t)(i.MostSearched(t.Context(), week, 2, 10)), []string{"grain 6 8", "suez 3 2", "now there 2 5"}},
			{"the first of them", asked(t)(i.MostSearched(t.Context(), week, 2, 1)), []string{"grain 6 8"}},
			{"of all time", asked(t)(i.MostSearched(t.Context(), noon.AddDate(0, 0, -60), 10, 10)), []string{"suez 53 2"}},
			{"found nothing", asked(t)(i.FoundNothing(t.Context(), week, 2, 10)), []string{"atlantis 5 0"}},
		} {
			if !slices.Equal(c.have, c.want) {
				t.Errorf("%s: %q, want %q", c.what, c.have, c.want)
			}
		}
	})
}

func TestSearchesOutliveTroubleOfTheDatabase(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		i := at(db, noon)
		i.Searched("grain", 3)
		view(i, 1, 1)
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if err := i.Flush(gone); err == nil {
			t.Fatal("a write that was not done was answered")
		}
		i.Searched("grain", 4)
		flush(t, i)
		flush(t, i)
		if have := asked(t)(i.MostSearched(t.Context(), noon, 1, 10)); !slices.Equal(have, []string{"grain 2 4"}) {
			t.Errorf("counted %q", have)
		}
		i.searched = []searched{{"suez", 1, 1}}
		if err := i.writeSearches(t.Context(), i.batch, i.searched); err != nil { // committed, and nobody was told
			t.Fatal(err)
		}
		flush(t, i)
		if have := asked(t)(i.MostSearched(t.Context(), noon, 1, 10)); !slices.Equal(have, []string{"grain 2 4", "suez 1 1"}) {
			t.Errorf("counted %q", have)
		}
	})
}

func TestSearchesHaveAnEnd(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		i := at(db, noon)
		for n := range queriesWaiting + 10 {
			i.Searched(fmt.Sprintf("word %c%c%c%c", 'a'+n%26, 'a'+n/26%26, 'a'+n/676%26, 'a'+n/17576), 1)
		}
		if n := len(i.queries.found); n != queriesWaiting {
			t.Errorf("%d queries wait in memory", n)
		}
		i.queries.take()
		old := at(db, noon.AddDate(0, 0, -keepSearches-1))
		old.Searched("old", 1)
		flush(t, old)
		i.Searched("new", 1)
		flush(t, i)
		if have := asked(t)(i.MostSearched(t.Context(), noon.AddDate(-1, 0, 0), 1, 10)); !slices.Equal(have, []string{"new 1 1"}) {
			t.Errorf("kept %q", have)
		}
	})
}

func TestOpened(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		old := at(db, noon.AddDate(0, 0, -10))
		view(old, 1, 5)
		flush(t, old)
		i := at(db, noon)
		view(i, 1, 2)
		view(i, 2, 3)
		flush(t, i)
		have, err := i.Opened(t.Context(), []int64{1, 2, 3}, noon.AddDate(0, 0, -1))
		if err != nil || len(have) != 2 || have[1] != 2 || have[2] != 3 {
			t.Errorf("opened %v, %v", have, err)
		}
	})
}
