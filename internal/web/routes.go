package web

import (
	"net/http"

	"github.com/gatefold/gatefold/internal/page"
)

// A Route is one line of what the site answers. Tests walk the table: a route they do not know fails them.
type Route struct {
	Pattern string // as http.ServeMux takes it, with its method
	Handle  func(w http.ResponseWriter, r *http.Request) error
}

// Routes returns every route of the site.
func (s *Site) Routes() []Route { return s.routes }

// table is the whole site. Each kind of address has a fixed first segment.
func (s *Site) table() []Route {
	routes := []Route{
		{"GET /{$}", s.front},
		{"GET /articles/{slug}", s.article},
		{"POST /articles/{slug}/unlock", s.unlock},
		{"GET /assets/{name}", s.asset},
	}
	routes = append(routes, s.listingRoutes()...)
	routes = append(routes, s.readerRoutes()...)
	routes = append(routes, s.letterRoutes()...)
	routes = append(routes, s.machineRoutes()...)
	routes = append(routes, s.searchRoutes()...)
	routes = append(routes, s.tillRoutes()...)
	routes = append(routes, s.giftRoutes()...)
	routes = append(routes, s.adRoutes()...)
	routes = append(routes, s.presentRoutes()...)
	routes = append(routes, s.groupRoutes()...)
	if s.Demo {
		routes = append(routes, s.demoRoutes()...)
	}
	return append(routes, s.Webhooks...)
}

// foreign are the routes that take what other sites and machines send, without the rule for forms: a mail program's
// button, and webhooks, which believe a signature and nothing else.
func (s *Site) foreign() []string {
	patterns := []string{leaveRoute}
	for _, r := range s.Webhooks {
		patterns = append(patterns, r.Pattern)
	}
	return patterns
}

func (s *Site) asset(w http.ResponseWriter, r *http.Request) error {
	if !s.kit.Assets.Serve(w, r, r.PathValue("name")) {
		return errNoPage
	}
	return nil
}

// screens are the checked templates of the site.
type screens struct {
	front   *page.Screen[frontPage]
	article *page.Screen[articlePage]
	notice  *page.Screen[noticePart]
	problem *page.Screen[problemPage]
	listingScreens
	readerScreens
	letterScreens
	machineScreens
	searchScreens
	tillScreens
	giftScreens
	adScreens
	presentScreens
	groupScreens
}

func newScreens(k *page.Kit) (s screens, err error) {
	load(k, &err, &s.front, "front.html")
	load(k, &err, &s.article, "article.html")
	load(k, &err, &s.problem, "problem.html")
	if err == nil {
		s.notice, err = page.NewPart[noticePart](k, "notice.html", "notice")
	}
	s.listingScreens = newListingScreens(k, &err)
	s.readerScreens = newReaderScreens(k, &err)
	s.letterScreens = newLetterScreens(k, &err)
	s.machineScreens = newMachineScreens(k, &err)
	s.searchScreens = newSearchScreens(k, &err)
	s.tillScreens = newTillScreens(k, &err)
	s.giftScreens = newGiftScreens(k, &err)
	s.adScreens = newAdScreens(k, &err)
	s.presentScreens = newPresentScreens(k, &err)
	s.groupScreens = newGroupScreens(k, &err)
	return s, err
}

// load parses one screen, unless an earlier one failed.
func load[T any](k *page.Kit, err *error, into **page.Screen[T], name string) {
	if *err == nil {
		*into, *err = page.NewScreen[T](k, name)
	}
}
