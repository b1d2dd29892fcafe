package web

import (
	"bytes"
	"cmp"
	"context"
	"html/template"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/gatefold/gatefold/internal/ads"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/page"
)

// adAssets are the style and the script of pages with advertisements, and of no other page.
var adAssets = map[string]string{"ad.css": "advertising/*.css", "ad.js": "advertising/*.js"}

type adScreens struct {
	adReport *page.Screen[adReportPage]
	adChoice *page.Screen[adChoicePage]
}

func newAdScreens(k *page.Kit, err *error) (s adScreens) {
	load(k, err, &s.adReport, "ad_report.html")
	load(k, err, &s.adChoice, "ad_choice.html")
	return s
}

func (s *Site) adRoutes() []Route {
	return []Route{
		{"GET /ads/go/{ticket}", s.followAd},
		{"POST /ads/seen", s.seenAd},
		{"GET /ads/choice", s.adChoice},
		{"POST /ads/choice", s.chooseAds},
		{"GET /ads/report/{token}", s.adReport},
		{"GET /ads/report/{token}/report.csv", s.adReportCSV},
	}
}

// advertise puts advertisements into the frame of a page. It is called for pages of those who see any, and for no
// others.
func (f *Frame) advertise(ctx context.Context, p ads.Page) (err error) {
	f.advertised = true
	f.Slots, err = f.Site.Ads.For(ctx, p)
	return err
}

// AdsAt are the places on the page that are in a position.
func (f Frame) AdsAt(position string) (out []ads.Slot) {
	for _, slot := range f.Slots {
		if slot.Place.Position == ads.Position(position) {
			out = append(out, slot)
		}
	}
	return out
}

// aboutArticle is what advertising beside an article may be meant for.
func aboutArticle(a library.Article) ads.Page {
	p := ads.Page{Kind: ads.ArticlePage, Path: "/articles/" + a.Slug}
	if a.Section.Slug != "" {
		p.Targets = append(p.Targets, "section:"+a.Section.Slug)
	}
	for _, t := range a.Topics {
		p.Targets = append(p.Targets, "topic:"+t.Slug)
	}
	for _, t := range a.Countries {
		p.Targets = append(p.Targets, "country:"+t.Slug)
	}
	return p
}

// aboutTerm is the same for the page of a term.
func aboutTerm(t library.Term, path string) ads.Page {
	return ads.Page{Kind: ads.ListingPage, Path: path, Targets: []string{string(t.Kind) + ":" + t.Slug}}
}

// A piece of a text, with the places after it.
type piece struct {
	Text  template.HTML
	Slots []ads.Slot
}

// pieces cuts a text where places in it stand.
func pieces(text template.HTML, slots []ads.Slot) (out []piece) {
	ends := paragraphEnds(string(text))
	rest, from := text, 0
	for n := range ends {
		var here []ads.Slot
		for _, slot := range slots {
			if slot.Place.Paragraph == n+1 && n+1 < len(ends) { // something has to come after it
				here = append(here, slot)
			}
		}
		if len(here) > 0 {
			out = append(out, piece{rest[:ends[n]-from], here})
			rest, from = rest[ends[n]-from:], ends[n]
		}
	}
	return append(out, piece{Text: rest})
}

// paragraphEnds returns where the paragraphs of a sanitized text end, in bytes: those that stand in nothing else.
func paragraphEnds(text string) (ends []int) {
	z := html.NewTokenizer(strings.NewReader(text))
	at, depth := 0, 0
	for {
		kind := z.Next()
		at += len(z.Raw())
		name, _ := z.TagName()
		tag := atom.Lookup(name)
		switch {
		case kind == html.ErrorToken:
			return ends
		case kind == html.StartTagToken && !alone[tag]:
			depth++
		case kind == html.EndTagToken && !alone[tag]:
			if depth--; depth == 0 && tag == atom.P {
				ends = append(ends, at)
			}
		}
	}
}

// alone are the elements of a text that have no end tag (HTML, 13.1.2).
var alone = map[atom.Atom]bool{atom.Br: true, atom.Hr: true, atom.Img: true, atom.Wbr: true, atom.Source: true, atom.Col: true, atom.Input: true}

// machine finds programs in what they call themselves. Those that call themselves a browser are found by what they do:
// they have nothing in view.
var machine = regexp.MustCompile(`(?i)bot\b|bot[/ -]|crawl|spider|slurp|preview|headless|lighthouse|monitor|scan|fetch|curl|wget|python|java/|http-client|go-http`)

// sees reports whether a person who sees advertising may be behind a request: no program, no browser that only
// prepares, nobody who pays, and none of the staff.
func (s *Site) sees(r *http.Request) (bool, error) {
	if prefetched(r) || r.UserAgent() == "" || machine.MatchString(r.UserAgent()) {
		return false, nil
	}
	v, err := s.visit(r)
	return !v.paid, err
}

func adClient(w http.ResponseWriter, r *http.Request) ads.Client {
	return ads.Client{Network: network(w, r).String(), Program: r.UserAgent()}
}

// followAd leads on to where an advertisement's link goes, and to nowhere else. Browsers say of a click that somebody
// made it on a page of ours (Fetch Metadata); what says nothing is led on, and not counted.
func (s *Site) followAd(w http.ResponseWriter, r *http.Request) error {
	person, err := s.sees(r)
	if err != nil {
		return err
	}
	person = person && r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Site") == "same-origin" && r.Header.Get("Sec-Fetch-Mode") == "navigate"
	address, err := s.Ads.Follow(r.Context(), r.PathValue("ticket"), adClient(w, r), person)
	if err != nil {
		return err
	}
	h := w.Header()
	h["Cache-Control"] = []string{"private, no-store"}
	h["X-Robots-Tag"] = []string{"noindex, nofollow"}
	http.Redirect(w, r, address, http.StatusFound)
	return nil
}

// mostSeen bounds how many advertisements one report of a browser names.
const mostSeen = 8

// seenAd takes the tickets, parted by spaces, of what a browser had in view for a second.
func (s *Site) seenAd(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 2000))
	if err != nil {
		return err
	}
	person, err := s.sees(r)
	if err != nil {
		return err
	}
	if tickets := strings.Fields(string(body)); person && len(tickets) <= mostSeen {
		client := adClient(w, r)
		for _, ticket := range tickets {
			s.Ads.Seen(ticket, client)
		}
	}
	w.Header()["Cache-Control"] = []string{"private, no-store"}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// adReportPage is what a sponsor sees of a campaign, at an address that nobody can guess.
type adReportPage struct {
	Frame
	Report ads.Report
	Token  string
}

// Sponsor is whom the report is for.
func (p adReportPage) Sponsor() string {
	return cmp.Or(p.Report.Campaign.Sponsor, p.Publication())
}

// placeName is what a place is called: those that are there from the start have names.
func (s *Site) placeName(slug string) string {
	if key := "ad.place-" + slug; s.texts.Has(key) {
		return s.texts.T(key)
	}
	return slug
}

// Number writes a count.
func (p adReportPage) Number(n int64) string { return p.Site.number(int(n)) }

// An adTable is a table of sums.
type adTable struct {
	Heading, Name string
	Rows          []adRow
}

// An adRow is a line of one.
type adRow struct{ Name, Seen, Clicked, Rate string }

// Table sets sums: by "day", "place" or "creative".
func (p adReportPage) Table(by string, sums []ads.Total) adTable {
	t := adTable{Heading: p.Site.texts.T("ad.by-" + by), Name: p.Site.texts.T("ad." + by)}
	for _, sum := range sums {
		name := sum.Name
		if by == "place" {
			name = p.Site.placeName(name)
		}
		if at, err := time.Parse(time.DateOnly, name); by == "day" && err == nil {
			name = p.Site.texts.Day(at)
		}
		t.Rows = append(t.Rows, adRow{name, p.Number(sum.Seen), p.Number(sum.Clicked), sum.Rate()})
	}
	return t
}

func (s *Site) adReport(w http.ResponseWriter, r *http.Request) error {
	report, err := s.Ads.ReportBehind(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	p := adReportPage{Report: report, Token: r.PathValue("token")}
	if p.Frame, err = s.frame(r.Context(), s.texts.T("ad.report", p.Report.Campaign.Slug), ""); err != nil {
		return err
	}
	p.Canonical, p.NoIndex = "", true
	b, err := s.screens.adReport.Render(p)
	if err != nil {
		return err
	}
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	w.Header()["Referrer-Policy"] = []string{"no-referrer"}
	s.send(w, r, http.StatusOK, v, b)
	return nil
}

func (s *Site) adReportCSV(w http.ResponseWriter, r *http.Request) error {
	report, err := s.Ads.ReportBehind(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := report.WriteCSV(&b); err != nil {
		return err
	}
	h := w.Header()
	h["Content-Type"] = []string{"text/csv; charset=utf-8"}
	h["Content-Disposition"] = []string{`attachment; filename="` + report.Campaign.Slug + `.csv"`}
	h["Cache-Control"] = []string{"private, no-store"}
	h["X-Robots-Tag"] = []string{"noindex, nofollow"}
	_, err = w.Write(b.Bytes())
	return err
}
