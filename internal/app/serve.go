package app

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"regexp"
	"runtime/debug"
	"sync"
	"time"

	"github.com/gatefold/gatefold/internal/page"
	"github.com/gatefold/gatefold/internal/search"
	"github.com/gatefold/gatefold/internal/storage"
)

// maxHeaderBytes bounds the headers of a request.
const maxHeaderBytes = 32 << 10

// levelOfRequests is the level at which requests are logged.
const levelOfRequests = slog.LevelInfo

func (a *App) newServer(h http.Handler) *http.Server {
	c := a.Config.Server
	return &http.Server{
		Handler:                      h,
		DisableGeneralOptionsHandler: true, // OPTIONS * passes the chain like everything else
		ReadHeaderTimeout:            c.ReadHeaderTimeout,
		ReadTimeout:                  c.ReadTimeout,
		WriteTimeout:                 c.WriteTimeout,
		IdleTimeout:                  c.IdleTimeout,
		MaxHeaderBytes:               maxHeaderBytes,
		ConnContext:                  page.ConnContext,
		ErrorLog:                     log.New(serverLog{a.Log}, "", 0),
	}
}

// gcPercent lets the heap grow to three times what is in use before it is collected. Most of what is in use are pages
// kept to be sent, which are marked in vain; at Go's own 100 the marking took a twentieth of a page's processor time.
const gcPercent = 200

// tuneMemory sets gcPercent unless the operator has set GOGC, be it to Go's own 100. GOMEMLIMIT is left as it is, and
// holds whatever the percentage (package runtime, "Environment Variables").
func tuneMemory(gogc string) {
	if gogc == "" {
		debug.SetGCPercent(gcPercent)
	}
}

// serverLog takes what net/http has to say, without the clients it says it of (S-18).
type serverLog struct{ log *slog.Logger }

var clientAddress = regexp.MustCompile(`(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-fA-F:.%]+\])(:\d+)?`)

// Write implements io.Writer.
func (l serverLog) Write(line []byte) (int, error) {
	l.log.Warn("http server", "said", clientAddress.ReplaceAllString(string(line), "[client]"))
	return len(line), nil
}

// Run serves until ctx ends, or until serving itself breaks, which is an error. Then it stops in this order: no new
// connection, requests under way are finished (server.shutdown_grace, then they are cut off), the workers end, the last
// counts and logs are written. Run is called once.
func (a *App) Run(ctx context.Context) error {
	tuneMemory(os.Getenv("GOGC"))
	background, stopWorkers := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWorkers()
	var workers sync.WaitGroup
	for _, w := range a.workers() {
		workers.Go(func() { w(background) })
	}
	broken := make(chan error, 2)
	serve := func(s *http.Server, l net.Listener) {
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			broken <- err
		}
	}
	go serve(a.server, page.Listener(a.listener))
	if a.metricsListener != nil {
		go serve(a.metricsServer, a.metricsListener)
	}
	a.announce()
	var err error
	select {
	case <-ctx.Done():
	case err = <-broken:
	}
	a.tell(notifyStopping)
	a.Log.Info("stopping")
	a.drain(ctx)
	stopWorkers()
	workers.Wait()
	a.Log.Info("stopped")
	return err
}

func (a *App) announce() {
	c := a.Config
	for _, w := range a.warnings() {
		a.Log.Warn(w)
	}
	attrs := []any{"publication", c.Publication.Name, "url", c.Publication.URL, "listen", a.Addr().String(),
		"database", a.DB.Dialect().String()}
	if m := a.MetricsAddr(); m != nil {
		attrs = append(attrs, "metrics", m.String())
	}
	a.Log.Info("serving", attrs...)
	a.greet()
	a.tell(notifyReady)
}

// greet gives the link by which the first owner joins the newsroom, as long as nobody works there. It goes to the log,
// where whoever runs the publication finds it and nobody else does.
func (a *App) greet() {
	if a.options.Demo {
		return // which prints links of its own
	}
	link, err := a.Staff.FirstLink(context.Background())
	switch {
	case err != nil:
		a.Log.Error("link of the first owner", "error", err)
	case link != "":
		a.Log.Info("nobody works in the newsroom yet: this link makes its holder the first owner, once, within seven days", "link", link)
	}
}

// warnings are what an operator should know of a publication that starts.
func (a *App) warnings() []string {
	if a.options.Demo {
		return nil
	}
	var out []string
	if !a.Config.MailLeaves() {
		out = append(out, "mail.smtp_url is empty: mails wait in the outbox, and nobody can sign in")
	}
	if a.Config.Server.InsecureCookies {
		out = append(out, "server.insecure_cookies is on: for trying things out on one machine only")
	}
	return out
}

// lacks are what the publication does without at this moment.
func (a *App) lacks() []string {
	out := a.warnings()
	if state := a.Search.Health(); state.Phase != search.Ready {
		out = append(out, "search: "+state.String())
	}
	if behind := a.follower.Behind(); behind >= storage.FarBehind {
		out = append(out, fmt.Sprintf("change log: %v behind, so that readers may see what is no more", behind.Round(time.Second)))
	}
	return out
}

// tell gives the service manager the news. That it cannot be reached stops nothing.
func (a *App) tell(state string) {
	if err := notify(a.options.NotifySocket, state); err != nil {
		a.Log.Warn("the service manager cannot be reached", "error", err)
	}
}

// drain lets requests under way finish within server.shutdown_grace, then cuts them off.
func (a *App) drain(ctx context.Context) {
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.Config.Server.ShutdownGrace)
	defer cancel()
	var all sync.WaitGroup
	for _, s := range []*http.Server{a.server, a.metricsServer} {
		all.Go(func() {
			if err := s.Shutdown(grace); err != nil {
				a.Log.Warn("requests were cut off", "grace", a.Config.Server.ShutdownGrace.String())
				_ = s.Close() // the connections are given up
			}
		})
	}
	all.Wait()
}
