package web

import (
	"context"
	"embed"
	"html/template"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/ads"
	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/billing/rehearsal"
	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/follows"
	"github.com/gatefold/gatefold/internal/gifts"
	"github.com/gatefold/gatefold/internal/groups"
	"github.com/gatefold/gatefold/internal/insights"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/media"
	"github.com/gatefold/gatefold/internal/newsletters"
	"github.com/gatefold/gatefold/internal/outbox"
	"github.com/gatefold/gatefold/internal/page"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/search"
	"github.com/gatefold/gatefold/internal/storage"
)

// Files are the site's templates, styles, scripts and texts: what a theme may stand in for.
//
//go:embed *.html look/*.css script/*.js advertising/ad.* texts/*.toml
var Files embed.FS

// sharedTemplates are the files every screen may use.
var sharedTemplates = []string{"layout.html", "parts.html", "ad.html", "wall.html"}

// Deps are what the site stands on.
type Deps struct {
	Config      config.Config
	DB          *storage.DB
	Library     *library.Library
	Gate        *access.Gate
	Readers     *readers.Readers
	Plans       *billing.Billing
	Till        *billing.Till // nil when nothing is sold here
	Gifts       *gifts.Gifts  // nil when no gifts are sold here
	Groups      *groups.Groups
	Rehearsal   *rehearsal.Provider // the test checkout of the demonstration, else nil
	Outbox      *outbox.Outbox
	Media       *media.Images
	Insights    *insights.Insights
	Ads         *ads.Ads
	Newsletters *newsletters.Newsletters
	Search      *search.Search
	Follows     *follows.Follows
	Webhooks    []Route // addresses for machines that sign what they send, each a "POST /webhooks/…"
	Log         *slog.Logger
	Access      *page.AccessLog // nil writes none
	Metrics     *page.Metrics   // nil counts none
	Now         func() time.Time
	Lacks       func() []string // what a site that answers does without, for /readyz; nil for nothing
	Demo        bool            // shows the outbox, and pages say where they are
	PayAt       []string        // origins beside the site's own that forms may lead to: where money is taken
}

// A Site is the readers' site.
type Site struct {
	Deps
	kit       *page.Kit
	texts     *page.Texts
	chain     *page.Chain
	screens   screens
	routes    []Route
	zone      *time.Location
	origin    string
	heads     *page.Cache[string, *head]
	pages     *page.Cache[string, *page.Shared]
	rendering singleflight.Group // pages being rendered now
	better    chan *page.Shared  // pages to be compressed better in the background
	directory directory
	cookies   cookies
	frames    *frameHost        // nil for none
	rights    map[string]string // headers that state the rights reserved
	cards     cards
	logo      logo
	turnstile *turnstile // counts searches
	stamps    *stamps
	newsroom  Newsroom // nil for none
	popular   memo     // what is searched for most
}

// How much memory the kept pages may take, in bytes.
const (
	headsMemory = 8 << 20
	pagesMemory = 48 << 20
)

// New parses and checks every template and returns the site. An error names the template's file and line.
func New(ctx context.Context, d Deps) (*Site, error) {
	if d.Now == nil {
		d.Now = time.Now
	}
	zone := d.Config.Location()
	s := &Site{Deps: d, zone: zone, origin: d.Config.Origin().String(),
		heads:   page.NewCache[string, *head](headsMemory, d.Now),
		pages:   page.NewCache[string, *page.Shared](pagesMemory, d.Now),
		better:  make(chan *page.Shared, 256),
		cookies: newCookies(d.Config),
		rights:  rightsHeaders(d.Config.Robots), turnstile: newTurnstile(),
	}
	key, err := d.DB.Secret(ctx, "forms")
	if err != nil {
		return nil, err
	}
	s.stamps, s.frames = newStamps(key, d.Now), s.newFrameHost()
	if err := s.readLook(); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	s.chain = page.NewChain(mux, page.ChainOptions{Proxies: d.Config.Proxies(), MaxBody: int64(d.Config.Server.MaxBody),
		Foreign: s.foreign(), Headers: s.headers(), Log: d.Log, Access: d.Access, Metrics: d.Metrics, Error: s.fail})
	s.routes = s.table()
	for _, r := range s.routes {
		mux.Handle(r.Pattern, s.chain.Handle(r.Handle))
	}
	return s, nil
}

// readLook parses and checks what the site looks like: templates, texts, styles, those of the theme among them, and the logo.
func (s *Site) readLook() error {
	kit, err := page.NewKit(page.KitOptions{Files: Files, Theme: s.Config.Theme.Dir, Language: s.Config.Publication.Language,
		Prefix: AccentCSS(s.Config.Publication.Accent), Joined: adAssets, Shared: sharedTemplates, Funcs: s.functions()})
	if err != nil {
		return err
	}
	s.kit, s.texts, s.cards = kit, kit.Texts, newCards(s.Now)
	if err := s.addLogo(); err != nil {
		return err
	}
	s.screens, err = newScreens(kit)
	return err
}

// CheckLook says what New would refuse of the theme and the logo that a configuration names, without a database.
func CheckLook(c config.Config) error {
	s := &Site{Deps: Deps{Config: c, Now: time.Now}, zone: c.Location(), origin: c.Origin().String()}
	return s.readLook()
}

// Handler returns the site as one handler.
func (s *Site) Handler() http.Handler { return s.BesideFrames(s.chain) }

// Run compresses kept pages better in the background, until ctx ends.
func (s *Site) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case p := <-s.better:
			p.Improve()
		}
	}
}

// Changed drops what changes of the database make stale: once for all of them, as an import brings a thousand at a
// time. The app calls it with all that the change log says.
func (s *Site) Changed(cs []storage.Change) {
	var editions, advertised, everything bool
	var articles map[int64]bool
	for _, c := range cs {
		switch c.Kind {
		case "newsletter":
			editions = true
		case ads.ChangeKind:
			advertised = true
		case "article":
			everything = everything || c.Subject == 0
			if articles == nil {
				articles = make(map[int64]bool, len(cs))
			}
			articles[c.Subject] = true
		case "term", "site":
			everything = true
		}
	}
	if advertised {
		s.Ads.Forget() // before the pages that are made of it
		s.pages.Drop(func(string) bool { return true })
	}
	if everything || articles != nil {
		s.directory.drop() // what pages are made of goes before the pages, or they would be made of it again
		s.heads.Drop(func(string) bool { return true })
		s.pages.Drop(func(key string) bool {
			id, ok := articleOf(key)
			return everything || !ok || articles[id]
		})
		return
	}
	if editions {
		s.pages.Drop(func(key string) bool { return strings.HasPrefix(key, editionKey) })
	}
}

// policy is the Content-Security-Policy of pages.
func (s *Site) policy() string {
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
		"connect-src 'self'; form-action " + strings.Join(append([]string{"'self'"}, s.PayAt...), " ") + "; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; manifest-src 'self'"
}

// headers are sent with every response (S-09, S-10). Scripts and styles come from the site alone, and none stand in
// the page, so that no nonce is needed: a nonce in a page that many share would be no secret.
func (s *Site) headers() map[string]string {
	h := map[string]string{
		"Content-Security-Policy": s.policy(),
		"X-Content-Type-Options":  "nosniff",
		"Referrer-Policy":         "strict-origin-when-cross-origin",
		"Permissions-Policy":      "camera=(), microphone=(), geolocation=(), browsing-topics=()",
		"X-Frame-Options":         "DENY",
	}
	if s.Config.Origin().Scheme == "https" {
		h["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
	}
	for name, value := range s.rights {
		h[name] = value
	}
	return h
}

// functions are what templates may call beside the kit's own.
func (s *Site) functions() template.FuncMap {
	return template.FuncMap{
		"when":    s.when,
		"clock":   s.clock,
		"iso":     func(at time.Time) string { return at.UTC().Format(time.RFC3339) },
		"minutes": func(words int) int { return max(1, (words+119)/240) },
		"srcset":  s.srcset,
		"src":     s.src,
		"join":    strings.Join,
		"inc":     func(n int) int { return n + 1 },
		"number":  s.number,
		"tag":     s.tag,
		"names":   s.names,
		"picture": s.photograph,
		"stamp":   s.stamps.Stamp,
		"place":   s.placeName,
		"present": s.presentName,
	}
}
