package web

import (
	"context"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/ads"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/page"
)

// A Frame is what every page has around its own content.
type Frame struct {
	Site      *Site
	Title     string // of the page, without the publication's name
	Lead      string // the description for search engines and previews
	Canonical string // absolute address
	Class     string // of the body: "front", "reading" or ""
	Here      string // path of the section the page belongs to
	NoIndex   bool
	Feeds     []Feed
	Card      *Card
	Data      template.JS // JSON-LD, "" for none
	Now       time.Time   // in the publication's time zone
	Nav       []library.TermCount
	Slots     []ads.Slot // none on the pages of those who pay

	advertised bool // for those who see advertising, whether any runs or not
}

// A Feed is an alternate form of a page.
type Feed struct{ Title, Type, Path string }

// A Card is what a shared link shows (Open Graph).
type Card struct {
	Type          string // "article" or "website"
	Image, Alt    string // absolute address
	Width, Height int
	Published     time.Time
	Section       string
}

// Publication is the name in the masthead.
func (f Frame) Publication() string { return f.Site.Config.Publication.Name }

// Tagline is the line under it.
func (f Frame) Tagline() string { return f.Site.Config.Publication.Tagline }

// Language is the BCP 47 tag of the texts.
func (f Frame) Language() string { return f.Site.Config.Publication.Language }

// Direction is "rtl" for languages written from right to left.
func (f Frame) Direction() string {
	switch base, _, _ := strings.Cut(f.Language(), "-"); base {
	case "ar", "fa", "he", "ur", "yi", "ps", "sd", "ug", "dv":
		return "rtl"
	}
	return "ltr"
}

// Logo is the path of the publication's logo, "" for its name in type.
func (f Frame) Logo() string { return f.Site.logo.path }

// HTMLTitle is the whole title of the document.
func (f Frame) HTMLTitle() string {
	if f.Title == "" {
		return f.Publication()
	}
	return f.Title + " · " + f.Publication()
}

// frame starts the frame of a page at a path.
func (s *Site) frame(ctx context.Context, title, path string) (Frame, error) {
	sections, err := s.termsOf(ctx, library.Section)
	if err != nil {
		return Frame{}, err
	}
	return Frame{Site: s, Title: title, Canonical: s.origin + path, Now: s.Now().In(s.zone), Nav: most(sections, navLimit)}, nil
}

// navLimit is how many sections stand in the masthead.
const navLimit = 9

// keepFor is how long a page is kept when nothing changes: what it says of other articles may be that old.
const keepFor = 10 * time.Minute

// shared serves a page that is the same for everyone but for its holes, rendering it when it is not kept.
func (s *Site) shared(w http.ResponseWriter, r *http.Request, key string, render func(ctx context.Context) ([]byte, error)) error {
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	return s.sharedFor(v, w, r, key, render)
}

// sharedFor is shared for a visit whose key already tells apart what depends on it.
func (s *Site) sharedFor(v visit, w http.ResponseWriter, r *http.Request, key string,
	render func(ctx context.Context) ([]byte, error)) error {
	p, err := s.kept(r.Context(), key, "text/html; charset=utf-8", render)
	if err != nil {
		return err
	}
	if v.common() {
		page.ServeShared(w, r, p)
		return nil
	}
	s.own(w, r, v, p, func(hole string) string { return s.personal(hole, v) })
	return nil
}

// kept returns a kept page or renders it: once, however many ask for it at the same time. Those who ask after
// something was dropped do not join a rendering begun before.
func (s *Site) kept(ctx context.Context, key, contentType string, render func(ctx context.Context) ([]byte, error)) (*page.Shared, error) {
	if p, ok := s.pages.Get(key); ok {
		return p, nil
	}
	generation := s.pages.Generation()
	v, err, _ := s.rendering.Do(fmt.Sprint(generation, " ", key), func() (any, error) {
		// The rendering outlives the request that began it: others wait for it.
		return s.keep(context.WithoutCancel(ctx), key, contentType, generation, render)
	})
	if err != nil {
		return nil, err
	}
	return v.(*page.Shared), nil
}

func (s *Site) keep(ctx context.Context, key, contentType string, generation uint64, render func(ctx context.Context) ([]byte, error)) (*page.Shared, error) {
	until, err := s.freshUntil(ctx) // before rendering: an article may appear meanwhile
	if err != nil {
		return nil, err
	}
	b, err := render(ctx)
	if err != nil {
		return nil, err
	}
	p := page.NewShared(contentType, b, s.defaults())
	s.pages.Put(key, p, p.Size(), until, generation)
	select {
	case s.better <- p:
	default: // the queue is full; the page stays as quickly compressed
	}
	return p, nil
}

// freshUntil is the last moment at which a page rendered now is right by itself: until the next scheduled article
// appears, a campaign begins or ends, or the date line changes, and for keepFor at most.
func (s *Site) freshUntil(ctx context.Context) (time.Time, error) {
	now := s.Now()
	until := now.Add(keepFor)
	l := now.In(s.zone)
	if midnight := time.Date(l.Year(), l.Month(), l.Day()+1, 0, 0, 0, 0, s.zone); midnight.Before(until) {
		until = midnight
	}
	for _, coming := range []func(context.Context) (time.Time, error){s.Library.NextScheduled, s.Ads.NextChange} {
		next, err := coming(ctx)
		if err != nil {
			return time.Time{}, err
		}
		if !next.IsZero() && next.Before(until) {
			until = next
		}
	}
	return until.Add(-time.Nanosecond), nil
}

// send serves a page made for this one request.
func (s *Site) send(w http.ResponseWriter, r *http.Request, status int, v visit, rendered []byte) {
	page.ServeOnce(w, r, status, rendered, func(hole string) string { return s.personal(hole, v) })
}

// defaults fill the holes of a page for those who are not signed in.
func (s *Site) defaults() map[string]string {
	return map[string]string{"doors": s.doors(visit{}), "follow": s.followButton(false), framesHole: s.frameQuestion(false)}
}

// personal fills the holes that every page has, for one visit.
func (s *Site) personal(hole string, v visit) string {
	switch hole {
	case "doors":
		return s.doors(v)
	case framesHole:
		return s.frameQuestion(v.framed)
	}
	return ""
}

// doors are the words at the right of the masthead.
func (s *Site) doors(v visit) string {
	link := func(href, class, text string) string {
		return `<a` + class + ` href="` + href + `">` + template.HTMLEscapeString(text) + `</a>`
	}
	switch {
	case !v.signedIn:
		return link("/sign-in", "", s.texts.T("door.sign-in")) + " " + link("/subscribe", ` class="first"`, s.texts.T("door.subscribe"))
	case !v.late.IsZero():
		return link("/account", ` class="first"`, s.texts.T("door.account")) + " " +
			link("/account#subscription", ` class="due"`, s.texts.T("door.due", s.when(v.late.Add(-time.Microsecond))))
	case v.paid:
		return link("/account", ` class="first"`, s.texts.T("door.account"))
	}
	return link("/account", "", s.texts.T("door.account")) + " " + link("/subscribe", ` class="first"`, s.texts.T("door.subscribe"))
}
