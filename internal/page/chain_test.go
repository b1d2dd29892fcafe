package page

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
)

// site is a chain before a few routes, with its logs.
type site struct {
	*Chain
	access *AccessLog
	lines  *output // of the access log
	log    *output // of the program
}

// output is a log that can be read while it is written.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

const secretWord = "xyzzy" // stands in panics and errors that no reader may see

func newSite(t testing.TB) *site {
	s := &site{lines: &output{}, log: &output{}}
	s.access = NewAccessLog(s.lines)
	t.Cleanup(s.access.Close)
	mux := http.NewServeMux()
	s.Chain = NewChain(mux, ChainOptions{MaxBody: 100, Headers: map[string]string{"x-content-type-options": "nosniff"},
		Log: slog.New(slog.NewTextHandler(s.log, nil)), Access: s.access,
		Error: func(w http.ResponseWriter, r *http.Request, status int, err error) {
			w.WriteHeader(status)
			var fe *fault.Error
			if errors.As(err, &fe) {
				fmt.Fprintf(w, "page %d of request %s: %s", status, RequestID(w), fe.Text)
				return
			}
			fmt.Fprintf(w, "page %d of request %s", status, RequestID(w))
		}})
	handle := func(pattern string, f func(w http.ResponseWriter, r *http.Request) error) {
		mux.Handle(pattern, s.Handle(f))
	}
	handle("GET /none/{what}", func(http.ResponseWriter, *http.Request) error {
		return fault.New(fault.NotFound, "There is no such page.")
	})
	handle("GET /articles/{slug}", func(w http.ResponseWriter, r *http.Request) error {
		_, err := fmt.Fprintf(w, "%s %s from %s", r.Method, r.PathValue("slug"), Client(w, r))
		return err
	})
	handle("POST /form", func(w http.ResponseWriter, r *http.Request) error {
		if err := r.ParseForm(); err != nil {
			return err
		}
		_, err := fmt.Fprintf(w, "got %d", len(r.PostForm.Get("text")))
		return err
	})
	handle("GET /panic", func(http.ResponseWriter, *http.Request) error { panic(secretWord) })
	handle("GET /late-panic", func(w http.ResponseWriter, _ *http.Request) error {
		_, _ = io.WriteString(w, "begun")
		panic(secretWord)
	})
	handle("GET /missing", func(http.ResponseWriter, *http.Request) error { return fault.New(fault.NotFound, "No such thing.") })
	return s
}

// ask sends a request through the chain.
func (s *site) ask(method, target, body string, header map[string]string) *http.Response {
	r := httptest.NewRequest(method, "http://journal.example"+target, strings.NewReader(body))
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result()
}

func TestChain(t *testing.T) {
	s := newSite(t)
	long := "text=" + strings.Repeat("a", 200)
	for _, c := range []struct {
		name, method, target, body string
		header                     map[string]string
		status                     int
		want                       string
	}{
		{"GET", "GET", "/articles/x?q=1", "", nil, 200, "GET x from 192.0.2.1"},
		{"HEAD is the GET of the route", "HEAD", "/articles/x", "", nil, 200, "HEAD x from 192.0.2.1"},
		{"nothing there", "GET", "/nothing", "", nil, 404, "page 404 of request "},
		{"nothing below an article", "GET", "/articles/x/y.css", "", nil, 404, "page 404 of request "},
		{"another method", "POST", "/articles/x", "", nil, 405, "page 405 of request "},
		{"a method nobody knows", "BREW", "/articles/x", "", nil, 405, "page 405 of request "},
		{"a handler's own 404", "GET", "/missing", "", nil, 404, "No such thing."},
		{"overrides are ignored", "GET", "/articles/x", "", map[string]string{"X-HTTP-Method-Override": "DELETE",
			"X-HTTP-Method": "DELETE", "X-Method-Override": "DELETE"}, 200, "GET x"},
		{"override in a form", "POST", "/form", "_method=GET&text=abc", nil, 200, "got 3"},
		{"forwarded headers without a proxy", "GET", "/articles/x", "", map[string]string{"X-Forwarded-For": "203.0.113.9"}, 200, "192.0.2.1"},
		{"panic", "GET", "/panic", "", nil, 500, "page 500 of request "},
		{"panic after the beginning", "GET", "/late-panic", "", nil, 200, "begun"},
		{"a form", "POST", "/form", "text=abc", nil, 200, "got 3"},
		{"a form of this site", "POST", "/form", "text=abc", map[string]string{"Sec-Fetch-Site": "same-origin"}, 200, "got 3"},
		{"typed into the address line", "POST", "/form", "text=abc", map[string]string{"Sec-Fetch-Site": "none"}, 200, "got 3"},
		{"of an older browser", "POST", "/form", "text=abc", map[string]string{"Origin": "http://journal.example"}, 200, "got 3"},
		{"from another site", "POST", "/form", "text=abc", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403, "sent from another site"},
		{"from a neighbor", "POST", "/form", "text=abc", map[string]string{"Sec-Fetch-Site": "same-site"}, 403, "sent from another site"},
		{"from another site, older browser", "POST", "/form", "text=abc", map[string]string{"Origin": "http://evil.example"}, 403, "sent from another site"},
		{"from a sandbox", "POST", "/form", "text=abc", map[string]string{"Origin": "null"}, 403, "sent from another site"},
		{"links from other sites", "GET", "/articles/x", "", map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example"}, 200, "GET x"},
		{"too large a body", "POST", "/form", long, nil, 413, "page 413"},
	} {
		r := s.ask(c.method, c.target, c.body, c.header)
		have := string(body(t, r))
		if r.StatusCode != c.status || !strings.Contains(have, c.want) {
			t.Errorf("%s: %d %q, want %d with %q", c.name, r.StatusCode, have, c.status, c.want)
		}
		if strings.Contains(have, secretWord) || strings.Contains(have, "goroutine") || strings.Contains(have, ".go:") {
			t.Errorf("%s: the page tells too much: %q", c.name, have)
		}
		if r.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: a header of every answer is missing", c.name)
		}
	}
}

// The mux's own 404 and 405 leave nothing behind but the status and what is allowed.
func TestHeldAnswersAreReplacedWhole(t *testing.T) {
	s := newSite(t)
	r := s.ask("DELETE", "/articles/x", "", nil)
	if r.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("405 allows %q", r.Header.Get("Allow"))
	}
	r = s.ask("GET", "/nothing", "", nil)
	if have := string(body(t, r)); strings.Contains(have, "404 page not found") || r.Header.Get("Allow") != "" ||
		r.Header.Get("Content-Type") != "" {
		t.Errorf("404 with headers %v: %q", r.Header, have)
	}
}

func TestPanicIsLoggedUnderItsId(t *testing.T) {
	s := newSite(t)
	page := string(body(t, s.ask("GET", "/panic", "", nil)))
	id := strings.TrimPrefix(page, "page 500 of request ")
	if log := s.log.String(); id == "" || !strings.Contains(log, "id="+id) || !strings.Contains(log, secretWord) || !strings.Contains(log, "chain_test.go") {
		t.Errorf("page %q, log %q", page, log)
	}
	defer func() {
		if recover() != http.ErrAbortHandler {
			t.Error("the server's own panic was swallowed")
		}
	}()
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	NewChain(mux, s.o).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
}

// A body over the limit ends the connection, so that nothing is left to be sent. The body fits the buffers between the
// two: what the server hangs up on while it is written may be an error before it is an answer.
// A site whose page of errors panics as well still answers, with the status alone, and logs both.
func TestPanicOfTheErrorPage(t *testing.T) {
	for path, panics := range map[string]int{ // at which status the page of errors panics
		"/nowhere": http.StatusNotFound,
		"/both":    http.StatusInternalServerError,
	} {
		t.Run(path, func(t *testing.T) {
			log, asked := &output{}, 0
			mux := http.NewServeMux()
			mux.HandleFunc("GET /both", func(http.ResponseWriter, *http.Request) { panic(secretWord) })
			chain := NewChain(mux, ChainOptions{Log: slog.New(slog.NewTextHandler(log, nil)),
				Error: func(w http.ResponseWriter, _ *http.Request, status int, _ error) {
					if asked++; status == panics {
						panic(secretWord)
					}
					w.WriteHeader(status)
				}})
			w := httptest.NewRecorder()
			chain.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
			if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), secretWord) {
				t.Errorf("%d: %s", w.Code, w.Body)
			}
			if asked == 0 || !strings.Contains(log.String(), secretWord) {
				t.Errorf("the page was asked for %d times, and the log says:\n%s", asked, log)
			}
		})
	}
}

func TestBodyLimitOverAConnection(t *testing.T) {
	s := newSite(t)
	server := httptest.NewServer(s)
	defer server.Close()
	r, err := http.Post(server.URL+"/form", "application/x-www-form-urlencoded", strings.NewReader("text="+strings.Repeat("a", 4<<10)))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusRequestEntityTooLarge || !r.Close {
		t.Errorf("%d, connection closes: %v", r.StatusCode, r.Close)
	}
}

// line is a line of the access log.
type line struct {
	Time                          time.Time
	Level, Msg, ID, Method, Route string
	Path                          string
	Status, Bytes, Us             int
}

// written returns the lines of the access log so far; each has to be JSON by itself.
func (s *site) written(t *testing.T) (out []line) {
	t.Helper()
	s.access.Flush()
	for text := range strings.Lines(s.lines.String()) {
		d := json.NewDecoder(strings.NewReader(text))
		d.DisallowUnknownFields()
		var l line
		if err := d.Decode(&l); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		out = append(out, l)
	}
	return out
}

func TestAccessLog(t *testing.T) {
	s := newSite(t)
	s.ask("GET", "/articles/x?email=ada%40example.org", "", map[string]string{"Cookie": "session=topsecret", "Referer": "http://r.example", "User-Agent": "agent"})
	s.ask("POST", "/form", "text=ada@example.org", nil)
	s.ask("GET", "/confirm/topsecret?token=topsecret", "", nil)
	s.ask("GET", "/none/ada@example.org", "", nil)
	s.ask("GET", "/panic", "", nil)
	lines := s.written(t)
	want := []line{
		{Method: "GET", Route: "GET /articles/{slug}", Path: "/articles/x", Status: 200, Bytes: len("GET x from 192.0.2.1")},
		{Method: "POST", Route: "POST /form", Path: "/form", Status: 200, Bytes: len("got 15")},
		{Method: "GET", Status: 404}, // what matches no route may hold anything, so its path is not told
		{Method: "GET", Route: "GET /none/{what}", Status: 404},
		{Method: "GET", Route: "GET /panic", Path: "/panic", Status: 500},
	}
	if len(lines) != len(want) {
		t.Fatalf("%d lines, want %d", len(lines), len(want))
	}
	ids := map[string]bool{}
	for i, l := range lines {
		if l.Level != "INFO" || l.Msg != "request" || l.ID == "" || ids[l.ID] || time.Since(l.Time) > time.Minute {
			t.Errorf("line %+v", l)
		}
		ids[l.ID] = true
		if want[i].Bytes == 0 {
			want[i].Bytes = l.Bytes
		}
		l.Time, l.Level, l.Msg, l.ID, l.Us = time.Time{}, "", "", "", 0
		if l != want[i] {
			t.Errorf("line %d: %+v\nwant %+v", i+1, l, want[i])
		}
	}
	for _, secret := range []string{"ada", "example.org", "topsecret", "agent", "192.0.2.1", "?"} {
		if strings.Contains(s.lines.String(), secret) {
			t.Errorf("the log tells of %q: %s", secret, s.lines.String())
		}
	}
}

func TestAccessLogIsWrittenWithoutBeingAsked(t *testing.T) {
	out := &output{}
	l := NewAccessLog(out)
	c := NewChain(http.NewServeMux(), ChainOptions{Access: l, Error: func(w http.ResponseWriter, _ *http.Request, status int, _ error) { w.WriteHeader(status) }})
	ask := func() { c.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)) }
	for out.String() == "" { // more than the buffer holds
		ask()
	}
	if n := strings.Count(out.String(), "\n"); n < 100 {
		t.Errorf("%d lines were written at once, want a buffer's worth", n)
	}
	ask()
	l.Close()
	if have := out.String(); !strings.HasSuffix(have, "}\n") || strings.Count(have, "\n") < 2 {
		t.Error("Close left lines unwritten")
	}
}

func FuzzAccessLog(f *testing.F) {
	f.Add("GET", "/articles/x", "a=b")
	f.Add("GET", "/articles/\"},{\"x\":\"\n\r\x00\x7f\\", "")
	f.Add("P\"OST", "/articles/äöü\u2028\xff", "token=1")
	f.Add("GET", "/articles/"+strings.Repeat("%", 400), "")
	s := newSite(f)
	f.Fuzz(func(t *testing.T, method, path, query string) {
		r := httptest.NewRequest("GET", "http://journal.example/", nil)
		r.Method, r.URL = method, &url.URL{Path: path, RawQuery: query}
		s.lines.mu.Lock()
		s.lines.b.Reset()
		s.lines.mu.Unlock()
		s.ServeHTTP(httptest.NewRecorder(), r)
		lines := s.written(t)
		if len(lines) != 1 {
			t.Fatalf("%d lines: %q", len(lines), s.lines.String())
		}
		for i, b := range []byte(s.lines.String()) {
			if (b < ' ' || b > '~') && b != '\n' {
				t.Fatalf("byte %d is %#x", i, b)
			}
		}
		if len(s.lines.String()) > 2000 {
			t.Fatalf("%d bytes", len(s.lines.String()))
		}
	})
}
