package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/page"
	"github.com/gatefold/gatefold/internal/search"
)

// searchScreens are the checked templates of searching.
type searchScreens struct {
	search *page.Screen[searchPage]
}

func newSearchScreens(k *page.Kit, err *error) (s searchScreens) {
	load(k, err, &s.search, "search.html")
	return s
}

// searchRoutes are everything that finds, and what readers do to find it again.
func (s *Site) searchRoutes() []Route {
	return []Route{
		{"GET /search", s.search},
		{"GET /search.json", s.searchJSON},
		{"GET /search/suggest", s.suggest},
		{"GET /search/{feed}", s.searchFeed},
		{"POST /search/save", s.saveSearch},
		{"POST /follow", s.follow},
	}
}

// searchPage is a reading list of what was found, or where to begin.
type searchPage struct {
	Frame
	Inquiry  inquiry
	Results  search.Results
	Narrowed []word // what the search is narrowed to; each leads to it without
	Facets   []facet
	Years    *histogram
	Orders   []word
	Pager    *pager
	Formats  []Feed // the feeds of this search
	Begin    []wordList
	SignedIn bool
	Saved    bool // the reader has saved this search
}

// Asked reports that there is something to find.
func (p searchPage) Asked() bool { return !p.Inquiry.Empty() }

// Count says how many articles were found.
func (p searchPage) Count() string {
	n := p.Results.Total
	return p.Site.texts.T("count.articles", n, p.Site.number(n))
}

// Meant is the search that may have been meant, nil when there is nothing to say.
func (p searchPage) Meant() *word {
	if p.Results.Meant == "" {
		return nil
	}
	return &word{Name: p.Results.Meant, Path: p.Inquiry.saying(p.Results.Meant).Path()}
}

// Wider is the search without what it is narrowed to, nil when that is this one.
func (p searchPage) Wider() *word {
	if p.Inquiry.Text == "" || !p.Inquiry.Narrowed() {
		return nil
	}
	return &word{Name: p.Inquiry.Text, Path: inquiry{Text: p.Inquiry.Text}.Path()}
}

// Kept are the parameters that a new search of the form takes with it.
func (p searchPage) Kept() (out []parameter) {
	for _, kind := range facetKinds {
		for _, slug := range p.Inquiry.Terms[kind] {
			out = append(out, parameter{string(kind), slug})
		}
	}
	if p.Inquiry.From != 0 {
		out = append(out, parameter{"from", strconv.Itoa(p.Inquiry.From)})
	}
	if p.Inquiry.To != 0 {
		out = append(out, parameter{"to", strconv.Itoa(p.Inquiry.To)})
	}
	return out
}

// How is the language of queries by example.
func (p searchPage) How() (out []parameter) {
	for _, example := range []string{"words", "phrase", "without", "field", "year", "title"} {
		out = append(out, parameter{p.Site.texts.T("search.how." + example), p.Site.texts.T("search.how." + example + "-finds")})
	}
	return out
}

// A parameter is a name and a value of an address.
type parameter struct{ Name, Value string }

// hitsPerPage is how many articles a page of what was found has.
const hitsPerPage = 20

func (s *Site) search(w http.ResponseWriter, r *http.Request) error {
	v, err := s.admitSearch(w, r, 1)
	if err != nil {
		return err
	}
	q := inquiryOf(r.URL.Query())
	p := searchPage{Inquiry: q, SignedIn: v.signedIn}
	if p.Frame, err = s.frame(r.Context(), s.texts.T("search.title"), searchPath); err != nil {
		return err
	}
	p.Here, p.Lead = searchPath, s.texts.T("search.lead", p.Publication())
	if q.Empty() {
		err = s.beginSearch(r.Context(), v, &p)
	} else {
		err = s.answerSearch(r, v, &p)
	}
	if err != nil {
		return err
	}
	b, err := s.screens.search.Render(p)
	if err != nil {
		return err
	}
	s.send(w, r, http.StatusOK, v, b)
	return nil
}

// How many searches pass in a minute for each that the limit allows: for those who are signed in, and of suggestions,
// which are asked for while somebody types.
const (
	readersPass     = 10
	suggestionsPass = 10
)

// admitSearch reads who asks and counts the request. It returns TooMany when the network, or the reader, has
// asked too often; ease is how many requests of this kind count as one search.
func (s *Site) admitSearch(w http.ResponseWriter, r *http.Request, ease int) (visit, error) {
	v, err := s.visit(r)
	if err != nil {
		return v, err
	}
	guest, limit := strconv.Itoa(ease)+" "+network(w, r).String(), s.Config.Limits.SearchesPerMinute*ease
	text := s.texts.T("search.too-many")
	if v.signedIn {
		guest, limit = strconv.Itoa(ease)+" reader "+strconv.FormatInt(v.person.Reader, 10), limit*readersPass
		text = s.texts.T("search.too-many-reader")
	}
	if wait := s.turnstile.pass(guest, limit, s.Now()); wait > 0 {
		return v, fault.Limited(wait, "%s", text)
	}
	return v, nil
}

// answerSearch fills the page of a search that asks for something.
func (s *Site) answerSearch(r *http.Request, v visit, p *searchPage) (err error) {
	ctx, q := r.Context(), p.Inquiry
	p.NoIndex, p.Canonical = true, ""
	if q.Text != "" {
		p.Title = s.texts.T("search.title-of", q.Text)
	}
	p.Formats = feedsOfSearch(q, "")
	p.Feeds = feedsOfSearch(q, p.Title)
	if p.Results, err = s.Search.Find(ctx, q.request(v.standing, hitsPerPage)); err != nil {
		return err
	}
	if len(p.Results.Hits) == 0 && q.Page > 1 {
		return errNoPage
	}
	if plainSearch(r, q) && !p.Results.Titles {
		s.Insights.Searched(q.Text, p.Results.Total)
	}
	if p.Narrowed, err = s.narrowed(ctx, q); err != nil {
		return err
	}
	p.Facets = s.facets(q, p.Results.Facets)
	if p.Years, err = s.histogramOf(ctx, v.standing, q, p.Results); err != nil {
		return err
	}
	p.Orders, p.Pager = s.ordersOf(q), pagesOf(q, p.Results.Total)
	if p.Results.Total == 0 {
		if p.Begin, err = s.whereToBegin(ctx); err != nil {
			return err
		}
	}
	if v.signedIn {
		p.Saved, err = s.isSaved(ctx, v.person.Reader, q)
	}
	return err
}

// plainSearch reports that a person asked by words alone, for the first time: what is counted.
func plainSearch(r *http.Request, q inquiry) bool {
	return r.Method == http.MethodGet && !prefetched(r) && q.Text != "" && !q.Narrowed() && q.Page == 1 && q.Sort == search.ByRelevance
}

func (s *Site) isSaved(ctx context.Context, reader int64, q inquiry) (bool, error) {
	saved, err := s.Follows.Saved(ctx, reader)
	query := q.Query()
	for _, one := range saved {
		if one.Query == query {
			return true, err
		}
	}
	return false, err
}

// pagesOf leads to the pages beside the one of an inquiry, nil when there are none.
func pagesOf(q inquiry, total int) *pager {
	var p pager
	if q.Page > 1 {
		p.Newer = q.onPage(q.Page - 1).Path()
	}
	if q.Page*hitsPerPage < total && q.Page < lastPage {
		p.Older = q.onPage(q.Page + 1).Path()
	}
	if p == (pager{}) {
		return nil
	}
	return &p
}

// ordersOf are the ways to sort, this one among them.
func (s *Site) ordersOf(q inquiry) (out []word) {
	for _, by := range []search.Order{search.ByRelevance, search.Newest, search.Oldest} {
		if by == search.ByRelevance && q.Text == "" {
			continue // without words nothing is more relevant than the rest
		}
		out = append(out, word{Name: s.texts.T("search.order." + strconv.Itoa(int(by))), Path: q.sorted(by).Path(),
			Here: q.Sort == by || q.Text == "" && q.Sort == search.ByRelevance && by == search.Newest})
	}
	return out
}

// beginSearch fills the page of a search that asks for nothing yet.
func (s *Site) beginSearch(ctx context.Context, v visit, p *searchPage) (err error) {
	if v.signedIn {
		saved, err := s.savedSearches(ctx, v.person.Reader)
		if err != nil {
			return err
		}
		p.Begin = wordLists(wordList{Heading: s.texts.T("search.saved"), Path: "/account#follows", Words: saved[:min(len(saved), besideLimit)]})
	}
	begin, err := s.whereToBegin(ctx)
	p.Begin = append(p.Begin, begin...)
	return err
}

// What is suggested to search for: asked often enough, and not long ago.
const (
	popularTimes  = 10
	popularDays   = 30
	popularShown  = 8
	topicsToBegin = 16
)

// whereToBegin are words to begin with: what others search for, and what the library holds.
func (s *Site) whereToBegin(ctx context.Context) ([]wordList, error) {
	popular, err := s.popular.list(s.Now(), func() ([]word, error) {
		queries, err := s.Insights.MostSearched(ctx, s.Now().AddDate(0, 0, -popularDays), popularTimes, popularShown)
		out := make([]word, len(queries))
		for i, q := range queries {
			out[i] = word{Name: q.Text, Path: inquiry{Text: q.Text}.Path()}
		}
		return out, err
	})
	if err != nil {
		return nil, err
	}
	topics, err := s.termsOf(ctx, library.Topic)
	if err != nil {
		return nil, err
	}
	regions, err := s.termsOf(ctx, library.Region)
	return wordLists(wordList{Heading: s.texts.T("search.popular"), Words: popular},
		wordList{Heading: s.texts.T("nav.topics"), Path: pathOf(library.Topic), Words: wordsOf(most(topics, topicsToBegin))},
		wordList{Heading: s.texts.T("front.regions"), Path: pathOf(library.Country), Words: wordsOf(regions)}), err
}

// related returns articles to read after one.
func (s *Site) related(ctx context.Context, article int64, n int) ([]library.Summary, error) {
	if s.Search.Health().Phase != search.Ready {
		return s.Library.Related(ctx, article, n)
	}
	return s.Search.Related(ctx, article, n)
}

// narrowed are the terms and years an inquiry is narrowed to, each leading to it without.
func (s *Site) narrowed(ctx context.Context, q inquiry) (out []word, err error) {
	for _, kind := range facetKinds {
		for _, slug := range q.Terms[kind] {
			terms, err := s.termsOf(ctx, kind)
			if err != nil {
				return nil, err
			}
			name := slug
			if i := slices.IndexFunc(terms, func(t library.TermCount) bool { return t.Slug == slug }); i >= 0 {
				name = terms[i].Name
			}
			out = append(out, word{Name: name, Path: q.toggled(kind, slug).Path()})
		}
	}
	if years := s.yearsText(q.From, q.To); years != "" {
		out = append(out, word{Name: years, Path: q.within(0, 0).Path()})
	}
	return out, nil
}

// yearsText writes the years an inquiry is narrowed to, "" for all.
func (s *Site) yearsText(from, to int) string {
	switch {
	case from == 0 && to == 0:
		return ""
	case from == to:
		return strconv.Itoa(from)
	case from == 0:
		return s.texts.T("search.until", to)
	case to == 0:
		return s.texts.T("search.since", from)
	}
	return s.texts.T("search.from-to", from, to)
}

// popularFor is how long the list of popular searches is kept.
const popularFor = 10 * time.Minute
