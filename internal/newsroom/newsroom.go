package newsroom

import (
	"embed"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"github.com/gatefold/gatefold/internal/board"
	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/desk"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/media"
	"github.com/gatefold/gatefold/internal/page"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/search"
	"github.com/gatefold/gatefold/internal/staff"
	"github.com/gatefold/gatefold/internal/storage"
)

// Files are the newsroom's templates, styles, scripts and texts.
//
//go:embed *.html look/*.css script/*.js texts/*.toml
var Files embed.FS

// sharedTemplates are the files every screen may use.
var sharedTemplates = []string{"layout.html", "parts.html"}

// Site is what the newsroom needs of the readers' site.
type Site interface {
	// Reader returns who is signed in there in the browser that sent a request, and false for nobody.
	Reader(r *http.Request) (readers.Reader, bool, error)
	// Admit signs the browser in there as a reader.
	Admit(w http.ResponseWriter, r *http.Request, reader int64) error
	// Leave ends the browser's session there.
	Leave(w http.ResponseWriter, r *http.Request) error
}

// Deps are what the newsroom stands on.
type Deps struct {
	Config  config.Config
	DB      *storage.DB
	Staff   *staff.Staff
	Library *library.Library
	Board   *board.Board
	Media   *media.Images
	Desk    *desk.Desk
	Search  *search.Search
	Pages   Pages
	Readers *readers.Readers
	Site    Site
	Look    []fs.FS // files of the site: the newsroom has its type, its colors and its texts
	Prefix  string  // CSS before the stylesheet, as the site has it
	Log     *slog.Logger
	Access  *page.AccessLog // nil writes none
	Metrics *page.Metrics   // nil counts none
	Now     func() time.Time
}

// A Newsroom is the staff's surface.
type Newsroom struct {
	Deps
	kit     *page.Kit
	texts   *page.Texts
	chain   *page.Chain
	screens screens
	routes  []Route
	zone    *time.Location
	cookies cookies
	rich    bool // the rich editor is in this binary
}

// New parses and checks every template and returns the newsroom. An error names the template's file and line.
func New(d Deps) (*Newsroom, error) {
	if d.Now == nil {
		d.Now = time.Now
	}
	n := &Newsroom{Deps: d, zone: d.Config.Location(), cookies: newCookies(d.Config)}
	var err error
	n.kit, err = page.NewKit(page.KitOptions{Under: d.Look, Files: Files, Language: d.Config.Publication.Language, Assets: assets,
		Prefix: d.Prefix, Shared: sharedTemplates, Funcs: n.functions()})
	if err != nil {
		return nil, err
	}
	n.texts = n.kit.Texts
	if err := n.addEditor(); err != nil {
		return nil, err
	}
	if n.screens, err = newScreens(n.kit); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	n.chain = page.NewChain(mux, page.ChainOptions{Proxies: d.Config.Proxies(), MaxBody: maxBody, Headers: n.headers(), Log: d.Log,
		Access: d.Access, Metrics: d.Metrics, Error: n.fail})
	n.routes = n.table()
	if err := checkRoutes(n.routes); err != nil {
		return nil, err
	}
	for _, r := range n.routes {
		mux.Handle(r.Pattern, n.chain.Handle(n.guard(r)))
	}
	return n, nil
}

// assets is the path under which styles and scripts are served.
const assets = "/newsroom/assets/"

// maxBody is the most a form may bring: a picture, and what is around it. Forms that strangers can send may bring less.
const (
	maxBody    = media.MaxBytes + 1<<20
	formBody   = 1 << 20 // of a form that has no picture
	publicBody = 64 << 10
)

// Handler returns the newsroom as one handler, for every path under /newsroom.
func (n *Newsroom) Handler() http.Handler { return n.chain }

// headers are sent with every response (S-09, S-10).
func (n *Newsroom) headers() map[string]string {
	h := map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; " +
			"connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'",
		"X-Content-Type-Options": "nosniff",
		"Referrer-Policy":        "same-origin",
		"Permissions-Policy":     "camera=(), microphone=(), geolocation=(), browsing-topics=()",
		"X-Frame-Options":        "DENY",
		"X-Robots-Tag":           "noindex, nofollow",
		"Cache-Control":          "private, no-store",
	}
	if n.Config.Origin().Scheme == "https" {
		h["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
	}
	return h
}

// functions are what templates may call beside the kit's own.
func (n *Newsroom) functions() template.FuncMap {
	return template.FuncMap{
		"when":    func(at time.Time) string { return n.texts.Day(at.In(n.zone)) },
		"clock":   func(at time.Time) string { return at.In(n.zone).Format("15:04") },
		"stamp":   n.stamp,
		"weekday": func(at time.Time) string { return n.texts.Weekday(at.In(n.zone)) },
		"minutes": func(words int) int { return max(1, (words+119)/240) },
		"iso":     func(at time.Time) string { return at.UTC().Format(time.RFC3339) },
	}
}

// stamp writes a moment for tables: "29 November 2026, 14:05", "" for never.
func (n *Newsroom) stamp(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	at = at.In(n.zone)
	return n.texts.Day(at) + ", " + at.Format("15:04")
}
