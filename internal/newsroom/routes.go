package newsroom

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/gatefold/gatefold/internal/page"
	"github.com/gatefold/gatefold/internal/staff"
)

// A Route is one line of what the newsroom answers. It states for whom it is: a route for nobody is a mistake that New
// refuses to make. A test walks the table as every role (S-21).
type Route struct {
	Pattern string // as http.ServeMux takes it, with its method
	For     staff.Roles
	Handle  func(w http.ResponseWriter, r *http.Request, v visit) error

	Public bool // for everybody, signed in or not: signing in itself
	Early  bool // for members who have not secured their sign-in yet
	Grave  bool // asks for a second factor shown within the last minutes (S-05)
}

// checkRoutes returns an error for a route that is for nobody, or for some and for everybody at once.
func checkRoutes(routes []Route) error {
	for _, r := range routes {
		if r.Public == (r.For != 0) {
			return fmt.Errorf("newsroom: %s is for nobody, or both public and for roles", r.Pattern)
		}
	}
	return nil
}

// takesPicture reports whether a picture may be sent to the route, which its path says.
func (r Route) takesPicture() bool {
	return strings.HasSuffix(r.Pattern, "/photograph") || strings.HasSuffix(r.Pattern, "/pictures")
}

// Routes returns every route of the newsroom.
func (n *Newsroom) Routes() []Route { return n.routes }

func (n *Newsroom) table() []Route {
	routes := []Route{
		{Pattern: "GET " + assets + "{name}", Public: true, Handle: n.asset},
	}
	routes = append(routes, n.deskRoutes()...)
	routes = append(routes, n.pieceRoutes()...)
	routes = append(routes, n.entryRoutes()...)
	routes = append(routes, n.securityRoutes()...)
	routes = append(routes, n.articleRoutes()...)
	return append(routes, n.peopleRoutes()...)
}

func (n *Newsroom) asset(w http.ResponseWriter, r *http.Request, _ visit) error {
	if !n.kit.Assets.Serve(w, r, r.PathValue("name")) {
		return errNoPage()
	}
	return nil
}

// screens are the checked templates of the newsroom.
type screens struct {
	problem  *page.Screen[problemPage]
	front    *page.Screen[frontPage]
	board    *page.Screen[boardPage]
	calendar *page.Screen[calendarPage]
	piece    *page.Screen[piecePage]
	signIn   *page.Screen[signInPage]
	prove    *page.Screen[provePage]
	join     *page.Screen[joinPage]
	security *page.Screen[securityPage]
	people   *page.Screen[peoplePage]
	audit    *page.Screen[auditPage]

	write     *page.Screen[writePage]
	revisions *page.Screen[revisionsPage]
	revision  *page.Screen[revisionPage]
	comments  *page.Screen[commentsPage]
}

func newScreens(k *page.Kit) (s screens, err error) {
	load(k, &err, &s.problem, "problem.html")
	load(k, &err, &s.front, "front.html")
	load(k, &err, &s.board, "board.html")
	load(k, &err, &s.calendar, "calendar.html")
	load(k, &err, &s.piece, "piece.html")
	load(k, &err, &s.signIn, "sign_in.html")
	load(k, &err, &s.prove, "prove.html")
	load(k, &err, &s.join, "join.html")
	load(k, &err, &s.security, "security.html")
	load(k, &err, &s.people, "people.html")
	load(k, &err, &s.audit, "audit.html")
	load(k, &err, &s.write, "write.html")
	load(k, &err, &s.revisions, "revisions.html")
	load(k, &err, &s.revision, "revision.html")
	load(k, &err, &s.comments, "comments.html")
	return s, err
}

// load parses one screen, unless an earlier one failed.
func load[T any](k *page.Kit, err *error, into **page.Screen[T], name string) {
	if *err == nil {
		*into, *err = page.NewScreen[T](k, name)
	}
}
