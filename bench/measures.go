package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gatefold/gatefold/e2e/lighthouse"
)

// measure is one thing that is measured; its rows go into the table.
type measure struct {
	name  string
	take  func(context.Context, *stage) ([]row, error)
	alone bool // needs no journal
}

func allMeasures() []measure {
	return []measure{
		{name: "start", take: measureStart},
		{name: "size", take: measureSize},
		{name: "article", take: measureArticle},
		{name: "304", take: measureNotModified},
		{name: "signed-in", take: measureSignedIn},
		{name: "unlock", take: measureUnlock},
		{name: "listing", take: measureListing},
		{name: "lighthouse", take: measureLighthouse},
		{name: "search", take: measureSearch, alone: true},
		{name: "search-large", take: measureSearchLarge, alone: true},
		{name: "letters", take: measureLetters, alone: true},
		{name: "million", take: measureMillion, alone: true},
	}
}

func measureNames() []string {
	var names []string
	for _, m := range allMeasures() {
		names = append(names, m.name)
	}
	return names
}

// run sets up one journal and takes the measures that were asked for.
func run(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "gatefold-bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	s := &stage{options: o, dir: dir}
	var rows []row
	if slices.ContainsFunc(allMeasures(), func(m measure) bool { return o.wants(m) && !m.alone }) {
		if rows, err = s.open(ctx); err != nil {
			return err
		}
		defer func() { s.server.stop() }()
	}
	for _, m := range allMeasures() {
		if !o.wants(m) {
			continue
		}
		s.say("measuring: %s", m.name)
		more, err := m.take(ctx, s)
		if err != nil {
			return fmt.Errorf("measure %s: %w", m.name, err)
		}
		rows = append(rows, more...)
	}
	fmt.Println()
	return printTable(os.Stdout, rows)
}

func (o options) wants(m measure) bool { return len(o.only) == 0 || o.only[m.name] }

// open fills a journal, seeds its readers and serves it.
func (s *stage) open(ctx context.Context) ([]row, error) {
	rows, err := s.fill(ctx)
	if err != nil {
		return nil, err
	}
	s.say("seeding %d readers", unlockReaders)
	if err := s.seed(ctx); err != nil {
		return nil, err
	}
	return rows, s.serve(ctx)
}

// measureStart starts the server anew, as often as there are rounds: with its
// data on disk, from the process's start to the first 200 of /readyz.
func measureStart(ctx context.Context, s *stage) ([]row, error) {
	var times, sizes []float64
	for range s.rounds {
		s.server.stop()
		if err := s.serve(ctx); err != nil {
			return nil, err
		}
		mb, err := s.server.resident()
		if err != nil {
			return nil, err
		}
		times, sizes = append(times, s.started.Seconds()), append(sizes, mb)
	}
	same := func(v float64) float64 { return v }
	detail := fmt.Sprintf("%s documents, median of %d starts", figure(float64(s.documents)), s.rounds)
	return []row{
		{what: "start until ready", value: median(times, same), unit: " s", bar: 1, atMost: true, detail: detail},
		{what: "resident when ready", value: median(sizes, same), unit: " MB", bar: 150, atMost: true, detail: detail},
	}, nil
}

func measureSize(ctx context.Context, s *stage) ([]row, error) {
	info, err := os.Stat(s.binary)
	if err != nil {
		return nil, err
	}
	page, err := s.pageSize(ctx, s.article())
	if err != nil {
		return nil, err
	}
	return []row{
		{what: "binary", value: float64(info.Size()) / 1e6, unit: " MB", bar: 60, atMost: true},
		{what: "article page, gzip, with style and script", value: float64(page) / 1e3, unit: " KB", bar: 30, atMost: true, detail: s.article()},
	}, nil
}

// measureArticle holds an anonymous article against nginx on the same bytes.
func measureArticle(ctx context.Context, s *stage) ([]row, error) {
	yardstick, err := startNginx(ctx, filepath.Join(s.dir, "nginx-article"), s.base, []string{s.article()})
	if err != nil {
		return nil, err
	}
	defer yardstick.stop()
	headers := []string{codingGzip}
	ours, theirs, err := duel(ctx, s.options,
		contender{"gatefold", s.base + s.article(), headers, s.server},
		contender{"nginx", yardstick.base + s.article(), headers, yardstick.process})
	if err != nil {
		return nil, err
	}
	return againstNginx("anonymous article", ours, theirs), nil
}

// measureNotModified does the same for readers whose browser holds the page.
func measureNotModified(ctx context.Context, s *stage) ([]row, error) {
	yardstick, err := startNginx(ctx, filepath.Join(s.dir, "nginx-304"), s.base, []string{s.article()})
	if err != nil {
		return nil, err
	}
	defer yardstick.stop()
	var contenders []contender
	for _, c := range []contender{
		{"gatefold", s.base + s.article(), nil, s.server},
		{"nginx", yardstick.base + s.article(), nil, yardstick.process},
	} {
		tag, err := etag(ctx, c.url)
		if err != nil {
			return nil, err
		}
		c.headers = []string{codingGzip, "If-None-Match: " + tag}
		if err := expectStatus(ctx, c, 304); err != nil {
			return nil, err
		}
		contenders = append(contenders, c)
	}
	ours, theirs, err := duel(ctx, s.options, contenders[0], contenders[1])
	if err != nil {
		return nil, err
	}
	return againstNginx("304 not modified", ours, theirs)[:1], nil
}

// againstNginx returns the ratios of rate and of processor time a request.
func againstNginx(what string, ours, theirs result) []row {
	return []row{
		{what: what + " / nginx", value: ours.rate / theirs.rate, bar: 0.40,
			detail: fmt.Sprintf("gatefold %s; nginx %s", ours, theirs)},
		{what: what + ", CPU / nginx", value: ours.cpu.Seconds() / theirs.cpu.Seconds(), unit: " ×", bar: 3, atMost: true},
	}
}

// measureSignedIn holds the pages of readers, which are put together for each, against the anonymous article, and the
// whole text of a subscriber against what a registered reader has: the same text, opened with a free article, and the
// opening alone, which has fewer bytes.
func measureSignedIn(ctx context.Context, s *stage) ([]row, error) {
	if err := s.openArticle(ctx, s.opener); err != nil {
		return nil, err
	}
	anonymous := contender{"anonymous", s.base + s.article(), []string{codingGzip}, s.server}
	var rows []row
	var signedIn []contender
	for _, reader := range []struct{ what, cookie string }{
		{"reader at the wall", s.readers[0].cookie},
		{"subscriber, whole text", s.subscriber.cookie},
	} {
		c := contender{reader.what, anonymous.url, []string{codingGzip, "Cookie: " + reader.cookie}, s.server}
		if err := expectAccount(ctx, s.base, reader.cookie); err != nil {
			return nil, err
		}
		ours, theirs, err := duel(ctx, s.options, c, anonymous)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row{what: reader.what + " / anonymous", value: ours.rate / theirs.rate, bar: 0.7,
			detail: fmt.Sprintf("%s; anonymous %s", ours, theirs)})
		signedIn = append(signedIn, c)
	}
	opened := contender{"reader who opened it", anonymous.url, []string{codingGzip, "Cookie: " + s.opener.cookie}, s.server}
	for _, reader := range []contender{opened, signedIn[0]} {
		paid, free, err := duel(ctx, s.options, signedIn[1], reader)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row{what: "subscriber's article, CPU / " + reader.name, value: paid.cpu.Seconds() / free.cpu.Seconds(), unit: " ×",
			bar: 1.5, atMost: true, detail: fmt.Sprintf("%s; %s %s", paid, reader.name, free)})
	}
	return rows, nil
}

// codingGzip is the header by which browsers ask for what is compressed.
const codingGzip = "Accept-Encoding: gzip"

// openArticle lets a reader spend a free article on the one that is measured.
func (s *stage) openArticle(ctx context.Context, reader person) error {
	host := strings.TrimPrefix(s.base, "http://")
	v, err := fire(ctx, host, 1, [][]byte{post(host, s.article()+"/unlock", reader.cookie, "")})
	if err == nil && v.statuses[http.StatusSeeOther] != 1 {
		err = fmt.Errorf("opening the article: %v, want 303", v.statuses)
	}
	return err
}

// expectAccount makes sure that a cookie signs in: the account is shown to no one else.
func expectAccount(ctx context.Context, base, cookie string) error {
	return expectStatus(ctx, contender{name: "account", url: base + "/account", headers: []string{"Cookie: " + cookie}}, http.StatusOK)
}

// measureListing walks the archive of a server that was just started, so that every page is made for this one asking,
// and compares the last pages with the first.
func measureListing(ctx context.Context, s *stage) ([]row, error) {
	const deep, ends = 1000, 50
	if err := s.serve(ctx); err != nil {
		return nil, err
	}
	pages, err := s.walkArchive(ctx, deep)
	if err != nil {
		return nil, err
	}
	if len(pages) < 2*ends {
		return nil, fmt.Errorf("the archive has %d pages, and the measure needs %d", len(pages), 2*ends)
	}
	if err := s.serve(ctx); err != nil { // none of them is kept
		return nil, err
	}
	var first, last []time.Duration
	for i := range ends { // by turns, so that what else the machine does hits both
		near, err := s.timed(ctx, pages[i])
		if err != nil {
			return nil, err
		}
		far, err := s.timed(ctx, pages[len(pages)-1-i])
		if err != nil {
			return nil, err
		}
		first, last = append(first, near), append(last, far)
	}
	middle := func(d []time.Duration) time.Duration { return percentile(slices.Sorted(slices.Values(d)), 0.5) }
	near, far := middle(first), middle(last)
	return []row{{
		what: fmt.Sprintf("listing page %s / page 1", figure(float64(len(pages)))), value: far.Seconds() / near.Seconds(), unit: " ×",
		bar: 1.5, atMost: true,
		detail: fmt.Sprintf("medians of %d pages at each end, first asked for: %s and %s", ends, far.Round(time.Microsecond), near.Round(time.Microsecond)),
	}}, nil
}

// measureLighthouse scores performance on front page and article: the median of a few runs, as one run alone depends on
// what else the machine does in those seconds.
func measureLighthouse(ctx context.Context, s *stage) ([]row, error) {
	const runs = 3
	var rows []row
	for _, path := range []string{"/", s.article()} {
		for _, device := range []string{"phone", "desktop"} {
			var reports []lighthouse.Report
			for range runs {
				report, err := lighthouse.Run(ctx, s.base+path, lighthouse.Options{
					Modules: filepath.Join("e2e", "node_modules"), Desktop: device == "desktop", Categories: []string{lighthouse.Performance},
				})
				if err != nil {
					return nil, err
				}
				reports = append(reports, report)
			}
			rows = append(rows, row{
				what:  "Lighthouse performance, " + device + ", " + path,
				value: median(reports, func(r lighthouse.Report) float64 { return float64(r.Scores[lighthouse.Performance]) }), bar: 100,
				detail: fmt.Sprintf("medians of %d: LCP %s ms, CLS %.3f", runs,
					figure(median(reports, func(r lighthouse.Report) float64 { return r.LCP })),
					median(reports, func(r lighthouse.Report) float64 { return r.CLS })),
			})
		}
	}
	return rows, nil
}
