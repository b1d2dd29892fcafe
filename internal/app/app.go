package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/newsroom"
	"github.com/gatefold/gatefold/internal/page"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/web"
)

// An App is one node: a publication with its site on a listener.
type App struct {
	*Services
	site     *web.Site
	newsroom *newsroom.Newsroom
	options  Options
	access   *page.AccessLog   // nil when requests are not logged
	follower *storage.Follower // of the change log, from where it ended before anything of the site was kept in memory

	listener        net.Listener
	server          *http.Server
	metricsListener net.Listener // nil without metrics
	metricsServer   *http.Server
}

// New opens a publication and its listeners: it fails when a port is taken, the database cannot be reached or a
// template is wrong. Connections wait until Run. A port 0 in server.listen is any free one, which then also takes the
// place of a port 0 in publication.url. The caller closes the App.
func New(ctx context.Context, c config.Config, o Options) (*App, error) {
	if o.Log == nil {
		o.Log = os.Stderr
	}
	o.Log = &wholeLines{out: o.Log}
	if c.Till.Provider == billing.TestSource && !o.Demo {
		return nil, errTestCheckout
	}
	a := &App{options: o}
	if err := a.listen(ctx, &c); err != nil {
		return nil, err
	}
	var err error
	if a.Services, err = Open(ctx, c, o); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	if err := a.build(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// listen binds the ports, before anything is done that takes long or changes something.
func (a *App) listen(ctx context.Context, c *config.Config) (err error) {
	var lc net.ListenConfig
	if a.listener, err = lc.Listen(ctx, "tcp", c.Server.Listen); err != nil {
		return fmt.Errorf("server.listen: %w", err)
	}
	if base, ok := strings.CutSuffix(c.Publication.URL, ":0"); ok {
		c.Publication.URL = fmt.Sprintf("%s:%d", base, a.listener.Addr().(*net.TCPAddr).Port)
	}
	if c.Server.MetricsListen == "" {
		return nil
	}
	if a.metricsListener, err = lc.Listen(ctx, "tcp", c.Server.MetricsListen); err != nil {
		return errors.Join(fmt.Errorf("server.metrics_listen: %w", err), a.listener.Close())
	}
	return nil
}

func (a *App) build(ctx context.Context) error {
	after, err := a.DB.LastChange(ctx)
	if err != nil {
		return fmt.Errorf("read the change log: %w", err)
	}
	a.follower = a.DB.Follower(after, a.changed, a.Log)
	a.Search.Load(ctx)
	registry := a.newRegistry()
	if a.Config.LogLevel() <= levelOfRequests {
		a.access = page.NewAccessLog(a.options.Log)
	}
	hooks, err := a.webhooks(a.fetcher())
	if err != nil {
		return err
	}
	metrics := page.NewMetrics(registry)
	a.site, err = web.New(ctx, web.Deps{
		Config: a.Config, DB: a.DB, Library: a.Library, Gate: a.Gate, Readers: a.Readers, Plans: a.Plans, Till: a.Till, Gifts: a.Gifts, Groups: a.Groups, Rehearsal: a.Rehearsal, Outbox: a.Outbox,
		Media: a.Media, Insights: a.Insights, Newsletters: a.Newsletters, Ads: a.Ads, Search: a.Search, Follows: a.Follows,
		Webhooks: hooks, Log: a.Log, Access: a.access, Metrics: metrics, Now: a.now, Lacks: a.lacks,
		Demo: a.options.Demo, PayAt: a.payAt(),
	})
	if err != nil {
		return err
	}
	if a.newsroom, err = a.newNewsroom(metrics); err != nil {
		return err
	}
	a.site.Beside(a.newsroom)
	a.server = a.newServer(a.surfaces())
	a.metricsServer = a.newServer(metricsHandler(registry))
	return nil
}

// Addr is the address of the site's listener.
func (a *App) Addr() net.Addr { return a.listener.Addr() }

// MetricsAddr is the address of the metrics' listener, nil without one.
func (a *App) MetricsAddr() net.Addr {
	if a.metricsListener == nil {
		return nil
	}
	return a.metricsListener.Addr()
}

// Close closes the listeners, writes out the log of requests and closes the services. Run must have returned, or never
// have been called.
func (a *App) Close() error {
	var errs []error
	for _, l := range []net.Listener{a.listener, a.metricsListener} {
		if l == nil {
			continue
		}
		if err := l.Close(); !errors.Is(err, net.ErrClosed) { // Run closed them
			errs = append(errs, err)
		}
	}
	if a.access != nil {
		a.access.Close()
		a.access = nil
	}
	if a.Services != nil {
		errs = append(errs, a.Services.Close())
	}
	return errors.Join(errs...)
}

// newRegistry holds the metrics of this App and of the process it runs in.
func (a *App) newRegistry() *prometheus.Registry {
	r := prometheus.NewRegistry()
	registerProcess(r, a.options.Version)
	registerOutbox(r, a.Outbox)
	registerFollower(r, a.follower)
	r.MustRegister(a.returned)
	return r
}
