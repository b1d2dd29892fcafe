package web

import (
	"encoding/json"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/page"
	"github.com/gatefold/gatefold/internal/search"
)

// feedsOfSearch are the feeds of an inquiry: named by their format alone when there is no title.
func feedsOfSearch(q inquiry, title string) []Feed {
	feeds := feedRowOf(searchPath)
	if title != "" {
		feeds = feedsFor(title, searchPath)
	}
	q.Sort, q.Page = search.ByRelevance, 1 // a feed has an order of its own
	for i := range feeds {
		feeds[i].Path = q.at(feeds[i].Path)
	}
	return feeds
}

// searchFeed serves what a search finds, the newest first, as feeds tell of articles. Whoever asks gets what a visitor
// would find: a feed is fetched without a session and kept by others.
func (s *Site) searchFeed(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("feed")
	format, ok := feedFormats[name]
	q := inquiryOf(r.URL.Query())
	if !ok || q.Empty() {
		return errNoPage
	}
	if _, err := s.admitSearch(w, r, 1); err != nil {
		return err
	}
	q.Sort, q.Page = search.Newest, 1
	found, err := s.Search.Find(r.Context(), q.request(access.Visitor, feedLength))
	if err != nil {
		return err
	}
	items := make([]library.Summary, len(found.Hits))
	for i, h := range found.Hits {
		items[i] = h.Summary
	}
	q.Sort = search.ByRelevance
	f := feed{Title: s.texts.T("search.title") + " · " + s.Config.Publication.Name, Path: q.Path(), Self: s.origin + q.at(searchPath+"/"+name)}
	if q.Text != "" {
		f.Title = s.texts.T("search.title-of", q.Text) + " · " + s.Config.Publication.Name
	}
	f.Summary = f.Title
	if f.Entries, err = s.entriesOf(r.Context(), items); err != nil {
		return err
	}
	b, err := format.render(s, f)
	if err != nil {
		return err
	}
	page.ServeShared(w, r, page.NewShared(format.media+"; charset=utf-8", b, nil))
	return nil
}

// What a search finds, for programs: the same as the page shows.
type foundDocument struct {
	Query  string                `json:"query"`
	Page   string                `json:"url"`
	Total  int                   `json:"total"`
	Took   float64               `json:"took_ms"`
	Any    bool                  `json:"any,omitempty"`         // few articles hold all the words: these hold some
	Titles bool                  `json:"titles_only,omitempty"` // the texts are being indexed
	Meant  string                `json:"did_you_mean,omitempty"`
	Hits   []foundHit            `json:"hits"`
	Facets map[string][]foundBin `json:"facets"`
	Next   string                `json:"next,omitempty"` // the page after this one
}

type foundHit struct {
	Title     string    `json:"title"`
	URL       string    `json:"url"`
	Snippet   string    `json:"snippet"`
	Marked    string    `json:"snippet_html"` // with <mark>
	Section   string    `json:"section,omitempty"`
	Authors   []string  `json:"authors,omitempty"`
	Published time.Time `json:"date_published"`
	Level     string    `json:"level"`
	Pinned    bool      `json:"pinned,omitempty"`
}

type foundBin struct {
	Slug string `json:"slug"`
	Name string `json:"name"`
	N    int    `json:"count"`
}

// How many hits ?limit= gives.
const (
	defaultLimit = 20
	maxLimit     = 100
)

// searchJSON serves a search for programs.
func (s *Site) searchJSON(w http.ResponseWriter, r *http.Request) error {
	v, err := s.admitSearch(w, r, 1)
	if err != nil {
		return err
	}
	q, limit := inquiryOf(r.URL.Query()), defaultLimit
	if n, ok := numeral(r.URL.Query().Get("limit"), maxLimit); ok {
		limit = n
	}
	found, err := s.Search.Find(r.Context(), q.request(v.standing, limit))
	if err != nil {
		return err
	}
	out := foundDocument{Query: q.Text, Page: s.origin + q.Path(), Total: found.Total, Took: float64(found.Took.Microseconds()) / 1000,
		Any: found.Any, Titles: found.Titles, Meant: found.Meant, Hits: []foundHit{}, Facets: s.bins(found.Facets)}
	for _, h := range found.Hits {
		out.Hits = append(out.Hits, foundHit{Title: h.Summary.Title, URL: s.origin + "/articles/" + h.Slug, Snippet: plainOf(h.Snippet),
			Marked: markedOf(h.Snippet), Section: h.Section.Name, Authors: h.Byline, Published: h.Published.UTC(),
			Level: string(s.Gate.Policy().Level(h.Facts(), s.Now())), Pinned: h.Pinned})
	}
	if q.Page*limit < found.Total && q.Page < lastPage {
		out.Next = s.origin + q.onPage(q.Page+1).at("/search.json")
		if limit != defaultLimit {
			out.Next += "&limit=" + strconv.Itoa(limit)
		}
	}
	return sendJSON(w, r, out)
}

// bins are the counts of what was found, by the names of the parameters that narrow to them.
func (s *Site) bins(f search.Facets) map[string][]foundBin {
	out := map[string][]foundBin{"year": {}}
	for kind, counts := range map[library.TermKind][]search.FacetCount{library.Section: f.Sections, library.Topic: f.Topics,
		library.Country: f.Countries, library.Region: f.Regions, library.Byline: f.Contributors} {
		out[string(kind)] = []foundBin{}
		for _, c := range counts {
			out[string(kind)] = append(out[string(kind)], foundBin{c.Slug, c.Name, c.N})
		}
	}
	for _, y := range f.Years {
		year := strconv.Itoa(y.Year)
		out["year"] = append(out["year"], foundBin{year, year, y.N})
	}
	return out
}

// plainOf joins fragments without their marks.
func plainOf(all []search.Fragment) string {
	var b strings.Builder
	for _, f := range all {
		b.WriteString(f.Text)
	}
	return b.String()
}

// markedOf writes fragments as HTML.
func markedOf(all []search.Fragment) string {
	var b strings.Builder
	for _, f := range all {
		text := template.HTMLEscapeString(f.Text)
		if f.Marked {
			text = "<mark>" + text + "</mark>"
		}
		b.WriteString(text)
	}
	return b.String()
}

// sendJSON answers a program that asked for itself: nobody else keeps it.
func sendJSON(w http.ResponseWriter, r *http.Request, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	h := w.Header()
	h["Content-Type"] = []string{"application/json; charset=utf-8"}
	h["Cache-Control"] = []string{"private, no-store"}
	h["X-Robots-Tag"] = []string{"noindex"}
	if r.Method == http.MethodHead { // its length would be another: it tells the time it took
		return nil
	}
	h["Content-Length"] = []string{strconv.Itoa(len(b) + 1)}
	_, err = w.Write(append(b, '\n'))
	return err
}
