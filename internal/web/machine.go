package web

import (
	"context"
	"net/http"

	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/page"
)

// machineScreens are the pages for people about what is there for machines.
type machineScreens struct {
	feeds *page.Screen[feedsPage]
}

func newMachineScreens(k *page.Kit, err *error) (s machineScreens) {
	load(k, err, &s.feeds, "feeds.html")
	return s
}

// machineRoutes are what feed readers, crawlers and supervisors ask for, and the pictures.
func (s *Site) machineRoutes() []Route {
	routes := []Route{
		{"GET /feeds", s.feedsIndex},
		{"GET /feeds/{token}/{feed}", s.ownFeed},
		{"GET /sitemap.xml", s.sitemapIndex},
		{"GET /sitemaps/{name}", s.sitemap},
		{"GET /robots.txt", s.robotsFile},
		{"GET /ads.txt", s.adsFile},
		{"GET /.well-known/security.txt", s.securityFile},
		{"GET /.well-known/tdmrep.json", s.tdmFile},
		{"GET /icon.svg", s.iconSVG},
		{"GET /favicon.ico", s.iconICO},
		{"GET /media/{width}/{name}", s.picture},
		{"GET /cards/{name}", s.shareCard},
		{"GET /healthz", s.alive},
		{"GET /readyz", s.ready},
	}
	for name := range feedFormats {
		routes = append(routes, Route{"GET /" + name, s.siteFeed(name)})
	}
	for _, l := range listings {
		routes = append(routes, Route{"GET " + l.path + "/{slug}/{feed}", s.termFeed(l)})
	}
	return routes
}

// A listing is a kind of page that holds the articles filed under a term.
type listing struct {
	kind library.TermKind
	path string
}

// listings are the pages that have feeds, and whose terms are in the sitemaps.
var listings = []listing{
	{library.Section, "/sections"},
	{library.Topic, "/topics"},
	{library.Country, "/countries"},
	{library.Region, "/regions"},
	{library.Byline, "/contributors"},
	{library.Series, "/series"},
}

// file serves what is written for machines and is the same for everyone: rendered once, kept, 304 for who has it.
func (s *Site) file(w http.ResponseWriter, r *http.Request, key, contentType string, render func(ctx context.Context) ([]byte, error)) error {
	p, err := s.kept(r.Context(), key, contentType, render)
	if err != nil {
		return err
	}
	page.ServeShared(w, r, p)
	return nil
}

const plainText = "text/plain; charset=utf-8"
