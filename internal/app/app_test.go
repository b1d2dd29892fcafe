package app

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/outbox"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// logbook is what an App logged.
type logbook struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// node is an App that runs until it is stopped.
type node struct {
	*App
	t    *testing.T
	url  string
	log  *logbook
	end  context.CancelFunc
	done chan error
	once sync.Once
}

// onBoth runs a test on both databases.
func onBoth(t *testing.T, f func(t *testing.T, c config.Config)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) { f(t, testConfig(t.TempDir(), "")) })
	t.Run("PostgreSQL", func(t *testing.T) { f(t, testConfig(t.TempDir(), storagetest.Postgres(t))) })
}

func start(t *testing.T, c config.Config, change ...func(*App, *Options)) *node {
	t.Helper()
	n := &node{t: t, log: &logbook{}, done: make(chan error, 1)}
	o := Options{Version: "v0.0.0-test", Log: n.log}
	for _, f := range change {
		f(nil, &o)
	}
	var err error
	if n.App, err = New(t.Context(), c, o); err != nil {
		t.Fatal(err)
	}
	for _, f := range change {
		f(n.App, &o)
	}
	n.url = "http://" + n.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	n.end = cancel
	go func() { n.done <- n.Run(ctx) }()
	t.Cleanup(n.stop)
	return n
}

// stop ends a node in order, once.
func (n *node) stop() {
	n.t.Helper()
	n.once.Do(func() {
		n.end()
		select {
		case err := <-n.done:
			if err := errors.Join(err, n.Close()); err != nil {
				n.t.Errorf("it ended with %v", err)
			}
		case <-time.After(30 * time.Second):
			n.t.Fatal("the node does not stop")
		}
	})
}

func (n *node) get(path string) (status int, body string) {
	n.t.Helper()
	resp, err := http.Get(n.url + path)
	if err != nil {
		n.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		n.t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

func eventually(t *testing.T, within time.Duration, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(within); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("not within %s: %s", within, what)
}

func TestServesAndStops(t *testing.T) {
	onBoth(t, func(t *testing.T, c config.Config) {
		c.Server.MetricsListen = "127.0.0.1:0"
		socket := filepath.Join(t.TempDir(), "notify")
		manager := listenNotify(t, socket)
		n := start(t, c, func(_ *App, o *Options) { o.NotifySocket = socket })
		if got := nextState(t, manager); got != notifyReady {
			t.Errorf("the manager was told %q first", got)
		}
		for _, path := range []string{"/", "/healthz", "/readyz"} {
			if status, body := n.get(path); status != http.StatusOK {
				t.Errorf("GET %s is %d:\n%s", path, status, body)
			}
		}
		if status, _ := n.get("/metrics"); status != http.StatusNotFound {
			t.Errorf("the site answers /metrics with %d", status)
		}
		if _, body := n.get("/readyz"); !strings.Contains(body, "mail.smtp_url is empty") {
			t.Errorf("/readyz does not tell that no mail goes out: %q", body)
		}
		if n.Config.Publication.URL != n.url {
			t.Errorf("publication.url is %s, and the site is at %s", n.Config.Publication.URL, n.url)
		}
		n.stop()
		if got := nextState(t, manager); got != notifyStopping {
			t.Errorf("the manager was told %q last", got)
		}
		if c, err := net.Dial("tcp", n.Addr().String()); err == nil {
			_ = c.Close()
			t.Error("after Run somebody still listens")
		}
		for _, want := range []string{`"msg":"serving"`, `"route":"GET /readyz"`, `"msg":"stopped"`, "mail.smtp_url is empty"} {
			if !strings.Contains(n.log.String(), want) {
				t.Errorf("the log lacks %s:\n%s", want, n.log)
			}
		}
	})
}

func TestMetrics(t *testing.T) {
	c := testConfig(t.TempDir(), "")
	c.Server.MetricsListen = "127.0.0.1:0"
	n := start(t, c)
	n.get("/healthz")
	putMail(t, n.Services, "ann@mail.example")
	resp, err := http.Get("http://" + n.MetricsAddr().String() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`(?m)^gatefold_build_info\{go="go1[^"]*",version="v0.0.0-test"\} 1$`,
		`(?m)^gatefold_http_requests_total\{route="GET /healthz",status="200"\} 1$`,
		`(?m)^gatefold_http_request_seconds_count\{route="GET /healthz"\} 1$`,
		`(?m)^gatefold_outbox_waiting 1$`,
		`(?m)^gatefold_outbox_oldest_seconds `,
		`(?m)^gatefold_changes_behind_seconds 0$`,
		`(?m)^go_goroutines `,
		`(?m)^process_resident_memory_bytes `,
	} {
		if !regexp.MustCompile(want).Match(body) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	if strings.Contains(string(body), "ann@") {
		t.Error("the metrics hold an address")
	}
}

func putMail(t *testing.T, s *Services, to string) {
	t.Helper()
	ctx := context.Background()
	err := s.DB.Write(ctx, func(tx *storage.DB) error {
		return s.Outbox.Put(ctx, tx, outbox.Mail{To: to, Subject: "Hello", Text: "Hello.", Kind: "test"})
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Outbox.Wake()
}

// Mail leaves through the configured server.
func TestMailLeaves(t *testing.T) {
	onBoth(t, func(t *testing.T, c config.Config) {
		url, taken := mailServer(t, "")
		c.Mail.SMTPURL = config.Secret(url)
		n := start(t, c)
		putMail(t, n.Services, "ann@mail.example")
		select {
		case m := <-taken:
			if !strings.Contains(m, "To: ann@mail.example") {
				t.Errorf("the server was given\n%s", m)
			}
		case <-time.After(15 * time.Second):
			t.Fatal("no mail reached the server")
		}
		eventually(t, 10*time.Second, "the mail is marked as sent", func() bool {
			es, err := n.Outbox.List(context.Background(), 1, "")
			return err == nil && len(es) == 1 && es[0].State == outbox.Sent
		})
	})
}

// Without a server mail waits, and in the demonstration it lies untouched in the outbox.
func TestMailWaits(t *testing.T) {
	for _, demo := range []bool{false, true} {
		n := start(t, testConfig(t.TempDir(), ""), func(_ *App, o *Options) { o.Demo = demo })
		putMail(t, n.Services, "ann@mail.example")
		entry := func() outbox.Entry {
			es, err := n.Outbox.List(context.Background(), 1, "")
			if err != nil || len(es) != 1 {
				t.Fatalf("the outbox holds %v, %v", es, err)
			}
			return es[0]
		}
		if demo {
			time.Sleep(50 * time.Millisecond)
			if e := entry(); e.State != outbox.Queued || e.Tries != 0 {
				t.Errorf("the demonstration tried to send: %+v", e)
			}
			continue
		}
		eventually(t, 10*time.Second, "a try is noted", func() bool {
			e := entry()
			return e.State == outbox.Queued && e.Tries == 1 && e.Error == errNoServer.Error()
		})
	}
}

// What one node changes the other knows within two seconds (S-16 allows sixty).
func TestTwoNodes(t *testing.T) {
	ctx := context.Background()
	database := storagetest.Postgres(t)
	a := start(t, testConfig(t.TempDir(), database))
	b := start(t, testConfig(t.TempDir(), database))
	reader, err := a.Readers.Add(ctx, "ann@mail.example")
	if err != nil {
		t.Fatal(err)
	}
	standing := func(n *node) access.Standing {
		s, _, err := n.Gate.Standing(ctx, access.Person{Reader: reader.ID})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if got := standing(b); got != access.Reader {
		t.Fatalf("before the grant the standing is %s", got)
	}
	if err := a.Plans.Grant(ctx, reader.ID, billing.AllAccess, time.Now().Add(time.Hour), "test"); err != nil {
		t.Fatal(err)
	}
	eventually(t, 2*time.Second, "the other node knows of the grant", func() bool { return standing(b) == access.Paid })
	if _, err := a.Plans.Revoke(ctx, reader.ID, "test"); err != nil {
		t.Fatal(err)
	}
	eventually(t, 2*time.Second, "the other node knows of the end", func() bool { return standing(b) == access.Reader })

	token := signIn(t, a.Services, reader.ID)
	session, err := b.Readers.Session(ctx, token)
	if err != nil {
		t.Fatalf("the other node does not know the session: %v", err)
	}
	if err := a.Readers.EndSession(ctx, reader.ID, session.ID); err != nil {
		t.Fatal(err)
	}
	eventually(t, 2*time.Second, "the other node refuses the session", func() bool {
		_, err := b.Readers.Session(ctx, token)
		return err != nil
	})
}

// signIn opens a session of a reader, as by the link of a mail.
func signIn(t *testing.T, s *Services, reader int64) (token string) {
	t.Helper()
	ctx := context.Background()
	link, err := s.Readers.SignInLink(ctx, reader, "/", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	_, secret, _ := strings.Cut(link, "token=")
	e, err := s.Readers.UseLink(ctx, secret, readers.Device{})
	if err != nil {
		t.Fatal(err)
	}
	return e.Session
}

// slowly makes a node answer after a while, and tells when it has begun to.
func slowly(begun chan<- struct{}, after <-chan struct{}) func(*App, *Options) {
	return func(a *App, _ *Options) {
		if a == nil {
			return
		}
		a.server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			begun <- struct{}{}
			select {
			case <-after:
				_, _ = io.WriteString(w, "finished")
			case <-r.Context().Done():
			}
		})
	}
}

func TestStopFinishesRequests(t *testing.T) {
	begun, after := make(chan struct{}, 1), make(chan struct{})
	n := start(t, testConfig(t.TempDir(), ""), slowly(begun, after))
	body := make(chan string, 1)
	go func() { _, b := n.get("/"); body <- b }()
	<-begun
	n.end()
	time.Sleep(50 * time.Millisecond)
	select {
	case <-n.done:
		t.Fatal("Run returned while a request was under way")
	default:
	}
	close(after)
	if got := <-body; got != "finished" {
		t.Errorf("the request under way was answered %q", got)
	}
}

func TestStopCutsOffAfterTheGrace(t *testing.T) {
	c := testConfig(t.TempDir(), "")
	c.Server.ShutdownGrace = 100 * time.Millisecond
	begun := make(chan struct{}, 1)
	n := start(t, c, slowly(begun, nil))
	cut := make(chan error, 1)
	go func() {
		resp, err := http.Get(n.url)
		if err == nil {
			err = errors.Join(resp.Body.Close(), errors.New("it was answered"))
		}
		cut <- err
	}()
	<-begun
	begin := time.Now()
	n.end()
	if err := <-cut; err == nil || strings.Contains(err.Error(), "answered") {
		t.Errorf("the request ended with %v", err)
	}
	eventually(t, 10*time.Second, "the log tells of it", func() bool { return strings.Contains(n.log.String(), "requests were cut off") })
	if took := time.Since(begin); took < 100*time.Millisecond {
		t.Errorf("it was cut off after %s", took)
	}
}

func TestNewRefuses(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	theme := t.TempDir()
	if err := os.WriteFile(filepath.Join(theme, "front.html"), []byte("{{define \"main\"}}\n{{.Nonsense}}{{end}}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*config.Config)
		want   string
	}{
		"port taken":         {func(c *config.Config) { c.Server.Listen = taken.Addr().String() }, "server.listen: "},
		"metrics port taken": {func(c *config.Config) { c.Server.MetricsListen = taken.Addr().String() }, "server.metrics_listen: "},
		"broken theme":       {func(c *config.Config) { c.Theme.Dir = theme }, "front.html:2"},
		"no data folder":     {func(c *config.Config) { c.Data.Dir = filepath.Join(theme, "front.html", "x") }, "data.dir"},
		"no domains file":    {func(c *config.Config) { c.Wall.DisposableDomainsFile = theme + "/none" }, "wall.disposable_domains_file"},
		"no database": {func(c *config.Config) { c.Database.URL = "postgres://gatefold:hunter2@127.0.0.1:1/x" },
			"reach PostgreSQL at 127.0.0.1:1"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := testConfig(t.TempDir(), "")
			c.change(&cfg)
			a, err := New(t.Context(), cfg, Options{Log: io.Discard})
			if err == nil {
				_ = a.Close()
				t.Fatal("it was accepted")
			}
			if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("got %v, want one that tells %q and no password", err, c.want)
			}
		})
	}
}

// An App that never ran can be closed, and its port is free again.
func TestCloseWithoutRun(t *testing.T) {
	a, err := New(t.Context(), testConfig(t.TempDir(), ""), Options{Log: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", a.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	if err := a.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
}
