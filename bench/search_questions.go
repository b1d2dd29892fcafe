package main

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/gatefold/gatefold/internal/storage"
)

// A question is one of those that are asked of every engine.
type question struct {
	words   []string
	phrase  bool   // the words in this order
	prefix  bool   // the word is the beginning of one
	topic   string // slug to narrow to
	year    int    // first year to narrow to
	newest  bool   // sorted by date
	heading string // the title that it is taken from
}

// The kinds of question, and how many there are of each: 200 in all.
const (
	questionKinds = 8
	ofEachKind    = 25
)

// A heading is the title of an article, with what it is filed under.
type heading struct {
	title, topic string
	year         int
}

// readTitles returns the titles of the library, in the order of their ids.
func readTitles(ctx context.Context, db *storage.DB) (out []heading, err error) {
	topics := map[int64]string{}
	rows, err := db.Query(ctx, `SELECT f.article, MIN(t.slug) FROM terms t JOIN filings f ON f.term = t.id WHERE t.kind = 'topic' GROUP BY f.article`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var topic string
		if err := rows.Scan(&id, &topic); err != nil {
			return nil, err
		}
		topics[id] = topic
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	titles, err := db.Query(ctx, `SELECT id, title, published FROM articles WHERE state = 'published' ORDER BY id`)
	if err != nil {
		return nil, err
	}
	defer titles.Close()
	for titles.Next() {
		var h heading
		var id, micros int64
		if err := titles.Scan(&id, &h.title, &micros); err != nil {
			return nil, err
		}
		h.topic, h.year = topics[id], time.UnixMicro(micros).UTC().Year()
		out = append(out, h)
	}
	return out, titles.Err()
}

// longWords are the words of a title that somebody might search for.
func longWords(title string) []string {
	all := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool { return !unicode.IsLetter(r) })
	return slices.DeleteFunc(all, func(w string) bool { return len(w) < 4 || w == "from" || w == "with" || w == "that" || w == "this" })
}

// questionsOf makes questions of titles: common and rare words, two and three words, phrases, beginnings, with a topic,
// and by date.
func questionsOf(all []heading) (out []question) {
	counts := map[string]int{}
	var full []heading // with three words
	for _, h := range all {
		words := longWords(h.title)
		for _, w := range words {
			counts[w]++
		}
		if len(words) >= 3 && h.topic != "" {
			full = append(full, h)
		}
	}
	byCount := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(counts[b]-counts[a], cmp.Compare(a, b)) })
	if len(full) == 0 || len(byCount) == 0 {
		return nil
	}
	for n := range questionKinds * ofEachKind {
		i, h := n/questionKinds, full[n*len(full)/(questionKinds*ofEachKind)]
		words := longWords(h.title)
		q := question{words: words[:1], heading: h.title}
		switch n % questionKinds {
		case 0:
			q.words = []string{byCount[min(i, len(byCount)-1)]}
		case 1:
			q.words = []string{byCount[max(0, len(byCount)-1-i*len(byCount)/(2*ofEachKind))]}
		case 2:
			q.words = words[:2]
		case 3:
			q.words = words[:3]
		case 4:
			q.words, q.phrase = phraseOf(h.title), true
		case 5:
			q.words, q.prefix = []string{words[0][:min(len(words[0]), 3+i%2)]}, true
		case 6:
			q.topic = h.topic
		case 7:
			q.year, q.newest = h.year, i%2 == 0
		}
		out = append(out, q)
	}
	return out
}

// phraseOf returns the first words of a title that stand side by side and can be searched for.
func phraseOf(title string) []string {
	fields := strings.Fields(strings.ToLower(title))
	for i := range len(fields) - 1 {
		if pair := fields[i : i+2]; len(longWords(strings.Join(pair, " "))) == 2 {
			return pair
		}
	}
	return longWords(title)[:1]
}

// address is the query of the question's address.
func (q question) address() string {
	text := strings.Join(q.words, " ")
	if q.phrase {
		text = `"` + text + `"`
	}
	if q.prefix {
		text += "*"
	}
	v := url.Values{"q": {text}}
	if q.topic != "" {
		v.Set("topic", q.topic)
	}
	if q.year != 0 {
		v.Set("from", strconv.Itoa(q.year))
	}
	if q.newest {
		v.Set("sort", "newest")
	}
	return v.Encode()
}

// match is the question in the language of FTS5; loose says that one of the words will do.
func (q question) match(loose bool) string {
	var terms []string
	for _, w := range q.words {
		terms = append(terms, `"`+strings.ReplaceAll(w, `"`, ``)+`"`)
	}
	switch {
	case q.phrase:
		return `"` + strings.ReplaceAll(strings.Join(q.words, " "), `"`, ``) + `"`
	case q.prefix:
		return terms[0] + "*"
	case loose:
		return strings.Join(terms, " OR ")
	}
	return strings.Join(terms, " AND ")
}

// beginnings are what a field holds while the titles of the questions are typed.
func beginnings(all []question) []question {
	out := make([]question, len(all))
	for i, q := range all {
		letters := []rune(q.heading)
		out[i] = question{words: []string{string(letters[:min(len(letters), 2+i%16)])}}
	}
	return out
}

// folderSize adds up the files below a folder, in megabytes.
func folderSize(dir string) (mb float64, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return fmt.Errorf("size of %s: %w", path, err)
		}
		mb += float64(info.Size()) / 1e6
		return nil
	})
	return mb, err
}
