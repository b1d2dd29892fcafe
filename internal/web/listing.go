package web

import (
	"context"
	"net/http"
	"net/url"

	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/page"
)

// listingScreens are the checked templates of everything that lists articles or leads to lists.
type listingScreens struct {
	listing   *page.Screen[listingPage]
	index     *page.Screen[indexPage]
	archive   *page.Screen[archivePage]
	subscribe *page.Screen[subscribePage]
}

func newListingScreens(k *page.Kit, err *error) (s listingScreens) {
	load(k, err, &s.listing, "listing.html")
	load(k, err, &s.index, "indexes.html")
	load(k, err, &s.archive, "archive.html")
	load(k, err, &s.subscribe, "subscribe.html")
	return s
}

// pathOf is the address of the index of a kind of term; "/sections" for sections.
func pathOf(kind library.TermKind) string {
	for _, l := range listings {
		if l.kind == kind {
			return l.path
		}
	}
	return "/"
}

// termPath is the address of a term's listing.
func termPath(kind library.TermKind, slug string) string { return pathOf(kind) + "/" + slug }

func (s *Site) listingRoutes() []Route {
	routes := []Route{
		{"GET /archive", s.archive},
		{"GET /archive/{year}", s.archiveYear},
		{"GET /archive/{year}/{month}", s.archiveMonth},
		{"GET /subscribe", s.subscribe},
		{"GET /regions", s.regions},
	}
	for _, l := range listings {
		routes = append(routes, Route{"GET " + l.path + "/{slug}", s.listing(l.kind)})
		if l.kind != library.Region {
			routes = append(routes, Route{"GET " + l.path, s.index(l.kind)})
		}
	}
	return routes
}

// perPage is how many articles a page of a listing has.
const perPage = 30

// A place is where in a listing a page begins, as its address says.
type place struct{ cursor library.Cursor }

// placeOf reads ?before= and ?after=, which hold a library.Cursor of their own direction. Anything else is no page.
func placeOf(query url.Values) (p place, err error) {
	for _, side := range []struct{ name, letter string }{{"before", "o"}, {"after", "n"}} {
		if text := query.Get(side.name); text != "" {
			if text[:1] != side.letter || !p.cursor.IsZero() {
				return p, errNoPage
			}
			if p.cursor, err = library.ParseCursor(text); err != nil {
				return p, errNoPage
			}
		}
	}
	return p, nil
}

// key is what the kept page of this place of a listing is kept under: a cursor has no space in it.
func (p place) key(path string) string { return "list " + p.cursor.String() + " " + path }

// first reports whether this is the first page of a listing.
func (p place) first() bool { return p.cursor.IsZero() }

// A storyList is one page of a listing.
type storyList struct {
	Items  []library.Summary
	Labels bool // the section stands over each headline
	Parts  bool // of a series: the number of the part does
	Under  bool // headlines are one rank lower, under a heading
	Pager  *pager
}

// A pager leads to the pages beside one; "" where there is none.
type pager struct{ Newer, Older string }

// list reads a page of a listing. A place past its end is no page.
func (s *Site) list(ctx context.Context, f library.Filter, at place, path string) (storyList, error) {
	l, err := s.Library.List(ctx, f, at.cursor, perPage)
	if err != nil {
		return storyList{}, err
	}
	if len(l.Items) == 0 && !at.first() {
		return storyList{}, errNoPage
	}
	out := storyList{Items: l.Items, Labels: f.Kind != library.Section}
	if p := (pager{link(path, "after", l.Newer), link(path, "before", l.Older)}); p != (pager{}) {
		out.Pager = &p
	}
	return out, nil
}

func link(path, name string, c library.Cursor) string {
	if c.IsZero() {
		return ""
	}
	return path + "?" + name + "=" + c.String()
}

// A word leads to a listing.
type word struct {
	Name     string
	Path     string
	Articles int
	Here     bool // this is the page it leads to
}

// A wordList is a heading and words under it.
type wordList struct {
	Heading, Path string
	Words         []word
	All           *word // leads to the rest
}

// listingPage is what is filed under one term.
type listingPage struct {
	Frame
	Term     library.Contributor // of any kind; what only a contributor has is empty for the others
	Articles int
	Formats  []Feed // the feeds, named by their format alone
	List     storyList
	Side     []wordList
	First    bool          // of its pages
	Intro    *introduction // on the first of them, nil when there is nothing to say
}

// Followable reports that readers can follow the term.
func (p listingPage) Followable() bool { return followable(p.Term.Kind) }

// Label is the word over the heading: what kind of term it is.
func (p listingPage) Label() string { return p.Site.texts.T("kind." + string(p.Term.Kind)) }

// Standfirst is what is said of the term under its name.
func (p listingPage) Standfirst() string {
	if p.Term.Line != "" {
		return p.Term.Line
	}
	return p.Term.Description
}

// Count says how many articles there are, "" for none.
func (p listingPage) Count() string {
	if p.Articles == 0 {
		return ""
	}
	return p.Site.texts.T("count.articles", p.Articles, p.Site.number(p.Articles))
}

// Biography stands beside the list of a contributor's articles.
func (p listingPage) Biography() string {
	if p.First {
		return p.Term.Biography
	}
	return ""
}

// listing shows what is filed under a term of a kind, newest first; a series part after part.
func (s *Site) listing(kind library.TermKind) func(w http.ResponseWriter, r *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		at, err := placeOf(r.URL.Query())
		if err != nil {
			return err
		}
		if kind == library.Series {
			at = place{}
		}
		slug := r.PathValue("slug")
		return s.showTerm(w, r, at.key(termPath(kind, slug)), kind, slug, func(ctx context.Context, advertise bool) ([]byte, error) {
			return s.renderListing(ctx, kind, slug, at, advertise)
		})
	}
}

func (s *Site) renderListing(ctx context.Context, kind library.TermKind, slug string, at place, advertise bool) ([]byte, error) {
	p := listingPage{First: at.first()}
	var err error
	if p.Term, err = s.termOf(ctx, kind, slug); err != nil {
		return nil, err
	}
	path := termPath(kind, p.Term.Slug)
	if kind == library.Series {
		p.List.Parts = true
		p.List.Items, err = s.Library.Parts(ctx, p.Term.ID)
	} else {
		p.List, err = s.list(ctx, library.Filter{Kind: kind, Term: p.Term.ID}, at, path)
	}
	if err != nil {
		return nil, err
	}
	if p.Frame, err = s.listingFrame(ctx, p.Term.Name, path, at); err != nil {
		return nil, err
	}
	p.Formats = feedRowOf(path)
	if p.Lead = p.Standfirst(); p.Lead == "" {
		p.Lead = s.texts.T("listing.lead", p.Term.Name, p.Publication())
	}
	if p.Articles, err = s.articlesUnder(ctx, p.Term.Term); err != nil {
		return nil, err
	}
	if p.Side, err = s.beside(ctx, p.Term.Term); err != nil {
		return nil, err
	}
	if p.First {
		if err := s.openTerm(ctx, &p); err != nil {
			return nil, err
		}
	}
	if advertise {
		if err := p.advertise(ctx, aboutTerm(p.Term.Term, path)); err != nil {
			return nil, err
		}
	}
	return s.screens.listing.Render(p)
}

// openTerm fills what only the first page of a term has.
func (s *Site) openTerm(ctx context.Context, p *listingPage) (err error) {
	if p.Intro, err = s.introduce(ctx, p.Term.Term, p.Articles); err != nil {
		return err
	}
	p.List.Under = p.Intro != nil
	near, err := s.around(ctx, p.Term.Term)
	if len(near) > 0 && p.Term.Kind == library.Topic && near[0].Path != "" {
		p.Side = nil // the related topics are there, and the way to all
	}
	p.Side = append(near, p.Side...)
	return err
}

// listingFrame is the frame of a page of a listing. Its first page is the one to be found by; the others are not.
func (s *Site) listingFrame(ctx context.Context, title, path string, at place) (Frame, error) {
	f, err := s.frame(ctx, title, path)
	if err != nil {
		return f, err
	}
	f.Here, f.Feeds = path, feedsFor(title, path)
	f.Card = &Card{Type: "website"}
	if !at.first() {
		f.NoIndex, f.Canonical, f.Card = true, "", nil
		f.Title = s.texts.T("listing.earlier", title)
	}
	return f, nil
}

func (s *Site) termOf(ctx context.Context, kind library.TermKind, slug string) (library.Contributor, error) {
	if kind == library.Byline {
		return s.Library.ContributorBySlug(ctx, slug)
	}
	t, err := s.Library.Term(ctx, kind, slug)
	return library.Contributor{Term: t}, err
}

func (s *Site) articlesUnder(ctx context.Context, t library.Term) (int, error) {
	all, err := s.termsOf(ctx, t.Kind)
	if err != nil {
		return 0, err
	}
	for _, c := range all {
		if c.ID == t.ID {
			return c.Articles, nil
		}
	}
	return 0, nil
}

// besideLimit is how many words stand in the side column.
const besideLimit = 24

// beside is the side column of a listing: the terms next to this one. A contributor has none.
func (s *Site) beside(ctx context.Context, t library.Term) ([]wordList, error) {
	switch t.Kind {
	case library.Country:
		return s.besideCountry(ctx, t)
	case library.Region:
		countries, err := s.termsOf(ctx, library.Country)
		return wordLists(s.siblings(s.texts.T("nav.countries"), "", under(countries, t.ID), t)), err
	case library.Section, library.Topic, library.Series:
		all, err := s.termsOf(ctx, t.Kind)
		l := s.siblings(s.texts.T("side."+string(t.Kind)), "", all, t)
		l.All = s.rest(t.Kind, all)
		return wordLists(l), err
	}
	return nil, nil
}

// besideCountry is the country's region and the countries there.
func (s *Site) besideCountry(ctx context.Context, t library.Term) ([]wordList, error) {
	countries, err := s.termsOf(ctx, library.Country)
	if err != nil || t.Parent == 0 {
		return nil, err
	}
	regions, err := s.termsOf(ctx, library.Region)
	if err != nil {
		return nil, err
	}
	for _, r := range regions {
		if r.ID == t.Parent {
			l := s.siblings(r.Name, termPath(library.Region, r.Slug), under(countries, r.ID), t)
			l.All = s.rest(library.Country, countries)
			return wordLists(l), nil
		}
	}
	return nil, nil
}

// rest leads to the index of a kind when the side column cannot hold all of it.
func (s *Site) rest(kind library.TermKind, all []library.TermCount) *word {
	if len(all) <= besideLimit && kind != library.Country {
		return nil
	}
	return &word{Name: s.texts.T("side.all-" + string(kind)), Path: pathOf(kind)}
}

// under returns the countries of a region.
func under(countries []library.TermCount, region int64) (out []library.TermCount) {
	for _, c := range countries {
		if c.Parent == region {
			out = append(out, c)
		}
	}
	return out
}

// siblings lists the terms with the most articles, but for the one the page is about.
func (s *Site) siblings(heading, path string, terms []library.TermCount, here library.Term) wordList {
	l := wordList{Heading: heading, Path: path}
	for _, t := range most(terms, besideLimit) {
		if t.ID != here.ID {
			l.Words = append(l.Words, wordOf(t))
		}
	}
	return l
}

func wordOf(t library.TermCount) word {
	return word{Name: t.Name, Path: termPath(t.Kind, t.Slug), Articles: t.Articles}
}

// wordLists leaves out lists without words.
func wordLists(lists ...wordList) (out []wordList) {
	for _, l := range lists {
		if len(l.Words) > 0 {
			out = append(out, l)
		}
	}
	return out
}
