package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// How many articles are made up: where there is no corpus, and beside it, so that the archive has a thousand pages.
const (
	generated       = 30_000
	generatedBeside = 2_000
)

// stage is a Gatefold with a full library, as it is shipped.
type stage struct {
	options
	dir       string // everything the run makes
	binary    string
	documents int
	server    *process
	started   time.Duration // from the server's start until it was ready
	base      string        // http://127.0.0.1:PORT

	readers    []person // confirmed, each with a session and all free articles
	subscriber person
	opener     person   // registered, who spends a free article on the one that is measured
	metered    []string // slugs of the newest articles behind the wall
}

func (s *stage) say(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

func (s *stage) data() string {
	if s.keep != "" {
		return s.keep
	}
	return filepath.Join(s.dir, "data")
}

// article is the path of the article that is measured: one behind the wall.
func (s *stage) article() string {
	if s.slug != "" {
		return "/articles/" + s.slug
	}
	return "/articles/" + s.metered[0]
}

// fill builds the binary and fills the library: with the corpus, whose import
// is measured, or with generated articles.
func (s *stage) fill(ctx context.Context) ([]row, error) {
	if err := s.build(ctx); err != nil {
		return nil, err
	}
	if s.filled() {
		return nil, nil
	}
	files, err := s.corpusFiles()
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		s.say("no corpus in %s: generating %d articles", s.corpus, generated)
		return nil, s.furnish(ctx, generated)
	}
	if err := s.furnish(ctx, generatedBeside); err != nil {
		return nil, err
	}
	lines := 0
	for _, file := range files {
		n, err := countLines(file)
		if err != nil {
			return nil, err
		}
		lines += n
	}
	s.say("importing %d documents", lines)
	began := time.Now()
	if err := s.importFiles(ctx, files); err != nil {
		return nil, err
	}
	took := time.Since(began)
	return []row{{what: "import", value: float64(lines) / took.Seconds(), unit: "/s", bar: 1000,
		detail: fmt.Sprintf("%s documents in %s", figure(float64(lines)), took.Round(100*time.Millisecond))}}, nil
}

// build builds the binary, as it is released.
func (s *stage) build(ctx context.Context) error {
	s.binary = filepath.Join(s.dir, "gatefold")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", s.binary, "./cmd/gatefold")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build gatefold: %w\n%s", err, out)
	}
	return nil
}

// beside is a stage with a journal of its own.
func (s *stage) beside(name string) *stage {
	out := &stage{options: s.options, dir: filepath.Join(s.dir, name)}
	if out.keep != "" {
		out.keep = filepath.Join(out.keep, name)
	}
	return out
}

// filled reports that there is a journal, of a run before this one.
func (s *stage) filled() bool {
	if _, err := os.Stat(filepath.Join(s.data(), databaseFile)); err != nil {
		return false
	}
	s.say("using the journal in %s", s.data())
	return true
}

// corpusFiles are the files to import, none where there is no corpus.
func (s *stage) corpusFiles() ([]string, error) {
	return filepath.Glob(filepath.Join(s.corpus, "*.jsonl.gz"))
}

func (s *stage) importFiles(ctx context.Context, files []string) error {
	imported := exec.CommandContext(ctx, s.binary, append([]string{"import", "jsonl", "--dir", s.data()}, files...)...)
	if out, err := imported.CombinedOutput(); err != nil {
		return fmt.Errorf("import: %w\n%s", err, out)
	}
	return nil
}

// furnish makes the demonstration journal with generated articles.
func (s *stage) furnish(ctx context.Context, articles int) error {
	if err := s.serve(ctx, "--articles", strconv.Itoa(articles)); err != nil {
		return err
	}
	s.server.stop()
	return nil
}

func countLines(file string) (int, error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", file, err)
	}
	in := bufio.NewReaderSize(z, 1<<20)
	for n := 0; ; {
		line, err := in.ReadSlice('\n')
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return 0, fmt.Errorf("%s: %w", file, err)
		}
		if line[len(line)-1] == '\n' {
			n++
		}
	}
}

// serve starts the server on the filled data and waits until it is ready.
func (s *stage) serve(ctx context.Context, args ...string) error {
	if s.server != nil {
		s.server.stop()
	}
	address, err := freeAddress()
	if err != nil {
		return err
	}
	s.base = "http://" + address
	// It logs requests as a served journal does; the demonstration by itself would not.
	args = append([]string{"demo", "--dir", s.data(), "--listen", address, "--set", "log.level=info", "--set", "log.format=json"}, args...)
	log, err := os.Create(filepath.Join(s.dir, "log"))
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	if s.server, err = startLogging(ctx, log, s.binary, args...); err != nil {
		return err
	}
	if s.started, err = s.server.ready(ctx, s.base+"/readyz", 10*time.Minute); err != nil {
		s.server.stop()
	}
	return err
}

var (
	nextLink  = regexp.MustCompile(`<(?:a|link)\s[^>]*rel="next"[^>]*>`)
	styleLink = regexp.MustCompile(`<link\s[^>]*rel="stylesheet"[^>]*>`)
	scriptTag = regexp.MustCompile(`<script\s[^>]*src=[^>]*>`)
	reference = regexp.MustCompile(`\s(?:href|src)="([^"]*)"`)
)

// text returns a page as a person's browser would unpack it.
func text(ctx context.Context, address string) (string, error) {
	body, _, err := fetch(ctx, address, "identity")
	return string(body), err
}

// referenced returns the address that the first matching tag refers to.
func referenced(base, page string, tag *regexp.Regexp) (string, bool) {
	match := reference.FindStringSubmatch(tag.FindString(page))
	if match == nil {
		return "", false
	}
	from, err := url.Parse(base)
	if err != nil {
		return "", false
	}
	to, err := from.Parse(strings.ReplaceAll(match[1], "&amp;", "&"))
	if err != nil {
		return "", false
	}
	return to.String(), true
}

// pageSize returns the compressed bytes of a page with its styles and scripts.
func (s *stage) pageSize(ctx context.Context, path string) (int, error) {
	page, err := text(ctx, s.base+path)
	if err != nil {
		return 0, err
	}
	addresses := []string{s.base + path}
	for _, tags := range []*regexp.Regexp{styleLink, scriptTag} {
		for _, tag := range tags.FindAllString(page, -1) {
			if address, ok := referenced(s.base+path, tag, tags); ok {
				addresses = append(addresses, address)
			}
		}
	}
	size := 0
	for _, address := range addresses {
		body, _, err := fetch(ctx, address, "gzip")
		if err != nil {
			return 0, err
		}
		size += len(body)
	}
	return size, nil
}

// walkArchive follows "next" from the archive's first page to page deep, or to the last one there is, and returns their
// paths.
func (s *stage) walkArchive(ctx context.Context, deep int) ([]string, error) {
	var pages []string
	at := s.base + "/archive"
	for len(pages) < deep {
		body, err := text(ctx, at)
		if err != nil {
			return nil, err
		}
		pages = append(pages, strings.TrimPrefix(at, s.base))
		next, ok := referenced(at, body, nextLink)
		if !ok {
			break
		}
		at = next
	}
	return pages, nil
}

// timed asks for a page and returns how long it took.
func (s *stage) timed(ctx context.Context, path string) (time.Duration, error) {
	began := time.Now()
	_, err := text(ctx, s.base+path)
	return time.Since(began), err
}

// expectStatus asks once as the contender will be asked, so that no wrong
// answer is measured.
func expectStatus(ctx context.Context, c contender, want int) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url, nil)
	if err != nil {
		return err
	}
	for _, header := range c.headers {
		name, value, _ := strings.Cut(header, ": ")
		request.Header.Set(name, value)
	}
	r, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return err
	}
	_ = r.Body.Close()
	if r.StatusCode != want {
		return fmt.Errorf("%s answers %d, want %d", c.name, r.StatusCode, want)
	}
	return nil
}
