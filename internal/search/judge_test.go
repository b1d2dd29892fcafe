package search

import (
	"bufio"
	"encoding/json"
	"html"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/library"
)

// cranfieldBar is what the ranking must reach on Cranfield, with nothing tuned to it.
const cranfieldBar = 0.52

// The ranking on a judged collection, as trec_eval measures. It runs wherever ../shared/fixtures/ir is.
func TestCranfield(t *testing.T) {
	dir := filepath.Join(shared(t, filepath.Join("fixtures", "ir")), "cranfield")
	s := onFile(t)
	var drafts []library.Draft
	lines(t, filepath.Join(dir, "docs.jsonl"), func(line string) {
		var d struct {
			ID          int
			Title, Text string
		}
		must(t, json.Unmarshal([]byte(line), &d))
		if strings.TrimSpace(d.Title+d.Text) == "" {
			return
		}
		title := d.Title
		if title == "" {
			title = "Untitled"
		}
		drafts = append(drafts, library.Draft{Source: strconv.Itoa(d.ID), Title: title, BodyHTML: "<p>" + html.EscapeString(d.Text) + " </p>",
			Published: noon.AddDate(-1, 0, 0)})
	})
	s.put(drafts...)
	s.catchUp()
	var queries []Judged
	lines(t, filepath.Join(dir, "queries.tsv"), func(line string) {
		id, text, _ := strings.Cut(line, "\t")
		queries = append(queries, Judged{id, text})
	})
	judged := Judgments{}
	lines(t, filepath.Join(dir, "qrels.txt"), func(line string) {
		f := strings.Fields(line)
		if judged[f[0]] == nil {
			judged[f[0]] = map[string]int{}
		}
		grade, err := strconv.Atoi(f[3])
		must(t, err)
		judged[f[0]][f[2]] = grade
	})
	v, err := s.Judge(t.Context(), queries, judged)
	must(t, err)
	t.Logf("nDCG@10 %.4f, MAP %.4f, %s a query, %d queries", v.NDCG, v.MAP, v.PerQuery, v.Queries)
	if v.NDCG < cranfieldBar || v.Queries < 200 {
		t.Errorf("nDCG@10 is %.4f over %d queries, want %.2f", v.NDCG, v.Queries, cranfieldBar)
	}
}

// lines calls f for every line of a file that is not empty.
func lines(t *testing.T, name string, f func(string)) {
	t.Helper()
	file, err := os.Open(name)
	must(t, err)
	defer func() { _ = file.Close() }()
	in := bufio.NewScanner(file)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		if strings.TrimSpace(in.Text()) != "" {
			f(in.Text())
		}
	}
	must(t, in.Err())
}

// The measures on rankings that were worked out by hand.
func TestMeasures(t *testing.T) {
	grades := map[string]int{"a": 3, "b": 2, "c": 0, "d": 1}
	for name, c := range map[string]struct {
		ranking    []int
		ndcg, map_ float64
	}{
		"ideal":   {[]int{3, 2, 1}, 1, 1},
		"nothing": {[]int{0, 0}, 0, 0},
		"late":    {[]int{0, 3}, 3 / 1.5849625 / (3 + 2/1.5849625 + 0.5), 0.5 / 3},
	} {
		if got := ndcg(c.ranking, grades); got < c.ndcg-1e-6 || got > c.ndcg+1e-6 {
			t.Errorf("%s: nDCG %v, want %v", name, got, c.ndcg)
		}
		if got := averagePrecision(c.ranking, grades); got < c.map_-1e-6 || got > c.map_+1e-6 {
			t.Errorf("%s: MAP %v, want %v", name, got, c.map_)
		}
	}
}
