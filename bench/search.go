package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/billing"
)

// Readers search a library of this many articles: that of the corpus, or as many generated ones, and a larger one that
// is always generated.
const (
	searchedSmall = 28_000
	searchedLarge = 100_000
)

func measureSearch(ctx context.Context, s *stage) ([]row, error) {
	lib := s.beside("search")
	files, err := lib.corpusFiles()
	if err != nil {
		return nil, err
	}
	fill := func() error { return lib.furnish(ctx, searchedSmall) }
	if len(files) > 0 {
		fill = func() error { return lib.importFiles(ctx, files) }
	}
	return lib.measureFinding(ctx, fill, searchBars{query: 20, resident: 250})
}

func measureSearchLarge(ctx context.Context, s *stage) ([]row, error) {
	lib := s.beside("search-large")
	return lib.measureFinding(ctx, func() error { return lib.furnish(ctx, searchedLarge) }, searchBars{query: 60, resident: 500})
}

// searchBars are what is to be reached, in milliseconds and megabytes.
type searchBars struct{ query, resident float64 }

// measureFinding fills a library, builds its index, and asks the same questions of Gatefold as it is shipped, over HTTP,
// and of FTS5, which is asked in the process of the benchmark and so spared HTTP and JSON.
func (s *stage) measureFinding(ctx context.Context, fill func() error, bars searchBars) ([]row, error) {
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return nil, err
	}
	if err := s.build(ctx); err != nil {
		return nil, err
	}
	if !s.filled() {
		if err := fill(); err != nil {
			return nil, err
		}
	}
	if err := s.command(ctx, "migrate"); err != nil { // a kept journal may be of an older program
		return nil, err
	}
	began := time.Now()
	if err := s.command(ctx, "search", "reindex"); err != nil {
		return nil, err
	}
	built := time.Since(began)
	questions, err := s.prepareSearch(ctx)
	if err != nil {
		return nil, err
	}
	size, err := folderSize(filepath.Join(s.data(), "search"))
	if err != nil {
		return nil, err
	}
	theirs, err := s.openFTS(ctx)
	if err != nil {
		return nil, fmt.Errorf("FTS5: %w", err)
	}
	defer theirs.close()
	what := "search of " + figure(float64(s.documents))
	rows := []row{{what: what + ", index built", value: float64(s.documents) / built.Seconds(), unit: "/s", bar: 700,
		detail: fmt.Sprintf("%.0f MB; FTS5 %s/s, %.0f MB", size, figure(theirs.rate(s.documents)), theirs.size)}}
	if err := s.serve(ctx, "--set", "limits.searches_per_minute=100000"); err != nil {
		return nil, err
	}
	defer s.server.stop()
	more, err := s.askAll(ctx, questions, theirs, what, bars)
	return append(rows, more...), err
}

// command runs a command of the binary on the journal.
func (s *stage) command(ctx context.Context, args ...string) error {
	if out, err := exec.CommandContext(ctx, s.binary, append(args, "--dir", s.data())...).CombinedOutput(); err != nil {
		return fmt.Errorf("gatefold %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}

// prepareSearch makes a reader who may read everything, and the questions.
func (s *stage) prepareSearch(ctx context.Context) ([]question, error) {
	db, err := s.database(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }()
	people, err := addReaders(ctx, db, 1)
	if err != nil {
		return nil, err
	}
	s.subscriber = people[0]
	if err := billing.New(db, time.Now).Grant(ctx, s.subscriber.id, billing.AllAccess, time.Now().AddDate(1, 0, 0), "benchmark"); err != nil {
		return nil, err
	}
	if err := db.QueryRow(ctx, `SELECT COUNT(*) FROM articles WHERE state = 'published'`).Scan(&s.documents); err != nil {
		return nil, err
	}
	known, err := readTitles(ctx, db)
	if err != nil {
		return nil, err
	}
	return questionsOf(known), nil
}

// The rounds of questions: the first, which is not counted, brings the files into memory.
const (
	searchRounds = 2
	manyClients  = 8
)

// askAll asks everything in every way.
func (s *stage) askAll(ctx context.Context, all []question, theirs *fts, what string, bars searchBars) ([]row, error) {
	var rows []row
	fts := make([]string, 2)
	for i, clients := range []int{1, manyClients} {
		v, err := theirs.ask(ctx, all, clients)
		if err != nil {
			return nil, err
		}
		fts[i] = v.String()
	}
	for _, way := range []struct {
		name, path, cookie string
		bar                float64
		of                 []question
	}{
		{"visitor", "/search.json?limit=20&", "", bars.query, all},
		{"subscriber", "/search.json?limit=20&", s.subscriber.cookie, bars.query, all},
		{"page, subscriber", "/search?", s.subscriber.cookie, bars.query, all},
		{"suggestions", "/search/suggest?", "", 10, beginnings(all)},
	} {
		one, err := s.ask(ctx, way.path, way.cookie, way.of, 1)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", way.name, err)
		}
		many, err := s.ask(ctx, way.path, way.cookie, way.of, manyClients)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", way.name, err)
		}
		r := row{what: what + ", " + way.name + ", p95", value: one.at(0.95), unit: " ms", bar: way.bar, atMost: true,
			detail: fmt.Sprintf("%s; %d clients %s", one, manyClients, many)}
		if way.name != "suggestions" {
			r.detail += fmt.Sprintf("; FTS5 %s; %d clients %s", fts[0], manyClients, fts[1])
		}
		rows = append(rows, r)
	}
	mb, err := s.server.resident()
	if err != nil {
		return nil, err
	}
	return append(rows, row{what: what + ", resident after it", value: mb, unit: " MB", bar: bars.resident, atMost: true,
		detail: "the whole server"}), nil
}

// ask sends the questions over some connections, and returns how long the answers took.
func (s *stage) ask(ctx context.Context, path, cookie string, all []question, clients int) (latencies, error) {
	host := strings.TrimPrefix(s.base, "http://")
	var requests [][]byte
	for _, q := range all {
		requests = append(requests, get(host, path+q.address(), cookie))
	}
	var times []time.Duration
	took := time.Duration(0)
	for round := range searchRounds + 1 {
		v, err := fire(ctx, host, clients, requests)
		if err != nil {
			return latencies{}, err
		}
		if v.statuses[200] != len(requests) {
			return latencies{}, fmt.Errorf("answered %v", v.statuses)
		}
		if round > 0 {
			times, took = append(times, v.times...), took+v.took
		}
	}
	return newLatencies(times, took), nil
}

// latencies are how long answers took, sorted, and how long all of them together.
type latencies struct {
	times []time.Duration
	took  time.Duration
}

func newLatencies(times []time.Duration, took time.Duration) latencies {
	slices.Sort(times)
	return latencies{times, took}
}

// at is a percentile in milliseconds.
func (l latencies) at(p float64) float64 { return percentile(l.times, p).Seconds() * 1e3 }

func (l latencies) String() string {
	return fmt.Sprintf("p50 %.1f p95 %.1f p99 %.1f ms, %s/s", l.at(0.5), l.at(0.95), l.at(0.99),
		figure(float64(len(l.times))/l.took.Seconds()))
}
