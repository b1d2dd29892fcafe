package web

import (
	"cmp"
	"context"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/library"
)

// feedLength is how many articles a feed holds.
const feedLength = 30

// A feed is the newest articles of a listing. Each entry holds the teaser, whatever the level of the article and
// whoever asks: a feed is fetched without a session and kept by others. A reader's own feed is told by its address.
type feed struct {
	Title, Summary string
	Path           string // of the listing
	Self           string // of the feed
	Entries        []feedEntry
}

// A feedEntry is an article as feeds tell of it.
type feedEntry struct {
	library.Summary
	ID    string // stays when the slug changes
	URL   string
	Image string // "" without one
	Text  string // the teaser, and more in a reader's own feed: HTML with absolute addresses
}

// Updated is when the article was last changed.
func (e feedEntry) Updated() time.Time {
	if e.Summary.Updated.After(e.Published) {
		return e.Summary.Updated
	}
	return e.Published
}

// Updated is when the newest change of an article in the feed was made.
func (f feed) Updated() (at time.Time) {
	for _, e := range f.Entries {
		if u := e.Updated(); u.After(at) {
			at = u
		}
	}
	return at
}

// A feedFormat is one of the ways a feed is written.
type feedFormat struct {
	name   string // as people call it
	media  string // type
	render func(s *Site, f feed) ([]byte, error)
}

// feedFormats by the last part of the feed's address.
var feedFormats = map[string]feedFormat{
	"feed.xml":  {"RSS", "application/rss+xml", (*Site).rss},
	"feed.atom": {"Atom", "application/atom+xml", (*Site).atom},
	"feed.json": {"JSON Feed", "application/feed+json", (*Site).jsonFeed},
}

// feedOrder is the order in which a page names its feeds.
var feedOrder = []string{"feed.xml", "feed.atom", "feed.json"}

// feedsFor returns the feeds of a listing at a path; "/" is the whole site.
func feedsFor(title, path string) []Feed {
	out := make([]Feed, len(feedOrder))
	for i, name := range feedOrder {
		f := feedFormats[name]
		out[i] = Feed{Title: title + " (" + f.name + ")", Type: f.media, Path: strings.TrimSuffix(path, "/") + "/" + name}
	}
	return out
}

// siteFeed serves the feed of everything.
func (s *Site) siteFeed(name string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		return s.serveFeed(w, r, "/"+name, name, func(context.Context) (feed, library.Filter, error) {
			c := s.Config.Publication
			return feed{Title: c.Name, Summary: cmp.Or(c.Tagline, c.Name), Path: "/"}, library.Filter{}, nil
		})
	}
}

// termFeed serves the feed of a section, a topic, a contributor.
func (s *Site) termFeed(l listing) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		name, slug := r.PathValue("feed"), r.PathValue("slug")
		if _, ok := feedFormats[name]; !ok {
			return errNoPage
		}
		path := l.path + "/" + slug
		return s.serveFeed(w, r, path+"/"+name, name, func(ctx context.Context) (feed, library.Filter, error) {
			t, err := s.Library.Term(ctx, l.kind, slug)
			title := t.Name + " · " + s.Config.Publication.Name
			return feed{Title: title, Summary: cmp.Or(t.Description, title), Path: path}, library.Filter{Kind: l.kind, Term: t.ID}, err
		})
	}
}

func (s *Site) serveFeed(w http.ResponseWriter, r *http.Request, self, name string,
	of func(context.Context) (feed, library.Filter, error)) error {
	format := feedFormats[name]
	return s.file(w, r, "feed "+self, format.media+"; charset=utf-8", func(ctx context.Context) ([]byte, error) {
		f, filter, err := of(ctx)
		if err != nil {
			return nil, err
		}
		f.Self = s.origin + self
		if f.Entries, err = s.feedEntries(ctx, filter); err != nil {
			return nil, err
		}
		return format.render(s, f)
	})
}

// feedEntries reads the newest articles of a listing, and their teasers: there is no body in any of it.
func (s *Site) feedEntries(ctx context.Context, filter library.Filter) ([]feedEntry, error) {
	l, err := s.Library.List(ctx, filter, library.Cursor{}, feedLength)
	if err != nil {
		return nil, err
	}
	return s.entriesOf(ctx, l.Items)
}

// entriesOf are articles as feeds tell of them.
func (s *Site) entriesOf(ctx context.Context, items []library.Summary) ([]feedEntry, error) {
	ids := make([]int64, len(items))
	for i, a := range items {
		ids[i] = a.ID
	}
	teasers, err := s.Library.Teasers(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]feedEntry, len(items))
	for i, a := range items {
		e := feedEntry{Summary: a, ID: s.entryID(a.ID), URL: s.origin + "/articles/" + a.Slug, Text: s.absolute(string(teasers[a.ID]))}
		if a.Hero != nil {
			e.Image = s.origin + s.src(a.Hero, 1280)
		}
		out[i] = e
	}
	return out, nil
}

// rootLink is a link to a path of the site, or a picture of it, as sanitized HTML has it.
var rootLink = regexp.MustCompile(` (href|src)="/([^/])`)

// absolute gives the links and pictures of sanitized HTML the site's origin: a feed is read elsewhere.
func (s *Site) absolute(html string) string {
	return rootLink.ReplaceAllString(html, ` ${1}="`+s.origin+`/${2}`)
}

// feedsPage lists the feeds for people.
type feedsPage struct {
	Frame
	Groups []feedGroup
}

// A feedGroup is the feeds of one kind of listing.
type feedGroup struct {
	Heading string
	Rows    []feedRow
	More    string // the page that has the rest, "" when there is none
}

// A feedRow is one listing and its feeds.
type feedRow struct {
	Name, Path string
	Feeds      []Feed
}

// groupLimit is how many listings of one kind stand on the page of feeds.
const groupLimit = 60

func (s *Site) feedsIndex(w http.ResponseWriter, r *http.Request) error {
	return s.shared(w, r, "feeds", func(ctx context.Context) ([]byte, error) {
		f, err := s.frame(ctx, s.texts.T("feeds.title"), "/feeds")
		if err != nil {
			return nil, err
		}
		f.Lead, f.Feeds = s.texts.T("feeds.lead"), feedsFor(s.Config.Publication.Name, "/")
		p := feedsPage{Frame: f, Groups: []feedGroup{{Heading: s.Config.Publication.Name,
			Rows: []feedRow{{s.texts.T("feeds.everything"), "/", feedRowOf("/")}}}}}
		for _, l := range listings {
			g, err := s.feedGroup(ctx, l)
			if err != nil {
				return nil, err
			}
			if len(g.Rows) > 0 {
				p.Groups = append(p.Groups, g)
			}
		}
		return s.screens.feeds.Render(p)
	})
}

func (s *Site) feedGroup(ctx context.Context, l listing) (feedGroup, error) {
	terms, err := s.termsOf(ctx, l.kind)
	if err != nil {
		return feedGroup{}, err
	}
	g := feedGroup{Heading: s.texts.T("feeds." + string(l.kind))}
	if len(terms) > groupLimit {
		terms, g.More = terms[:groupLimit], l.path
	}
	for _, t := range terms {
		path := l.path + "/" + t.Slug
		g.Rows = append(g.Rows, feedRow{t.Name, path, feedRowOf(path)})
	}
	return g, nil
}

// feedRowOf is feedsFor with the names of the formats alone.
func feedRowOf(path string) []Feed {
	feeds := feedsFor("", path)
	for i, name := range feedOrder {
		feeds[i].Title = feedFormats[name].name
	}
	return feeds
}
