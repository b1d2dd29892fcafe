package search

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"unicode"

	"github.com/gatefold/gatefold/internal/library"
)

func TestOneSlip(t *testing.T) {
	for pair, want := range map[[2]string]bool{
		{"water", "watr"}: true, {"water", "waater"}: true, {"water", "wader"}: true, {"water", "wtaer"}: true,
		{"water", "water"}: false, {"water", "wtare"}: false, {"water", "wa"}: false, {"müll", "mull"}: true, {"", "a"}: true,
		{"ab", "ba"}: true, {"abc", "cba"}: false,
	} {
		if oneSlip(pair[0], pair[1]) != want || oneSlip(pair[1], pair[0]) != want {
			t.Errorf("%q: want %v", pair, want)
		}
	}
}

// The query that may have been meant keeps all that was right in it.
func TestMeant(t *testing.T) {
	s := onFile(t)
	s.put(journal()...)
	s.catchUp()
	for query, want := range map[string]string{
		"zambai":                          "zambia",
		`coper -tin "water treaty" trea*`: `copper -tin "water treaty" trea*`,
		"year:2014 autor:nobody econmy":   "year:2014 autor:nobody economy",
		"copper zambia economy":           "",
		"zzzzzz":                          "",
		"cop":                             "",
		"ethiopa builds topic:water":      "ethiopia builds topic:water",
		`"zambai"`:                        "",
	} {
		if have := s.find(Request{Query: query}).Meant; have != want {
			t.Errorf("%s: meant %q, want %q", query, have, want)
		}
	}
}

// correctedBar is the share of one-letter slips that must be put right.
const correctedBar = 0.85

// Of one-letter slips in the words of titles, at least 85 % are put right. The slips are made by a fixed rule from the
// articles of ../shared/corpus; a slip that is a word of the library itself is none.
func TestSlipsAreCorrected(t *testing.T) {
	drafts := corpus(t, filepath.Join(shared(t, "corpus"), "wikinews.jsonl.gz"), 4000)
	s := onFile(t)
	s.put(drafts...)
	s.catchUp()
	set := s.live.Load().Set()
	seen := map[string]bool{}
	var vocabulary []string
	for _, d := range drafts {
		for tok := range s.language.Tokens(d.Title) {
			if !seen[tok.Word] && len(tok.Word) >= 5 && !s.language.Stop(tok.Word) && letters(tok.Word) {
				seen[tok.Word] = true
				vocabulary = append(vocabulary, tok.Word)
			}
		}
	}
	r := rand.New(rand.NewPCG(85, 15))
	tried, right := 0, 0
	var wrong []string
	for tried < 1000 {
		word := vocabulary[r.IntN(len(vocabulary))]
		slip := slipped(r, word)
		if n, err := docsOf(set, s.language.Stem(slip)); err != nil || n > 0 {
			must(t, err)
			continue
		}
		tried++
		have, err := s.correct(set, slip)
		must(t, err)
		if have == word || s.language.Stem(have) == s.language.Stem(word) {
			right++
		} else if len(wrong) < 20 {
			wrong = append(wrong, slip+"→"+have+" ("+word+")")
		}
	}
	t.Logf("%d of %d slips are put right; not: %q", right, tried, wrong)
	if share := float64(right) / float64(tried); share < correctedBar {
		t.Errorf("%.3f of the slips are put right, want %.2f", share, correctedBar)
	}
}

func letters(word string) bool {
	for _, r := range word {
		if !unicode.IsLetter(r) || r > 'z' {
			return false
		}
	}
	return true
}

// slipped is a word with one letter wrong, missing or too many, or two that have changed places.
func slipped(r *rand.Rand, word string) string {
	b := []byte(word)
	i := r.IntN(len(b))
	letter := byte('a' + r.IntN(26))
	switch r.IntN(4) {
	case 0:
		b[i] = letter
	case 1:
		b = slices.Delete(b, i, i+1)
	case 2:
		b = slices.Insert(b, i, letter)
	default:
		i = min(i, len(b)-2)
		b[i], b[i+1] = b[i+1], b[i]
	}
	return string(b)
}

// corpus reads up to n articles of a file of the corpus, all open.
func corpus(t *testing.T, name string, n int) (drafts []library.Draft) {
	t.Helper()
	file, err := os.Open(name)
	must(t, err)
	defer func() { _ = file.Close() }()
	z, err := gzip.NewReader(file)
	must(t, err)
	for in := json.NewDecoder(z); len(drafts) < n; {
		var d struct {
			ID, Title, Subtitle string
			Body                string `json:"body_html"`
		}
		if err := in.Decode(&d); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if len(d.Body) < 30_000 {
			drafts = append(drafts, library.Draft{Source: d.ID, Title: d.Title, Standfirst: d.Subtitle, BodyHTML: d.Body, Published: noon.AddDate(-2, 0, 0)})
		}
	}
	return drafts
}
