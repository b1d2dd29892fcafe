package web

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/library"
)

// sitemapLength is how many addresses stand in one sitemap. The protocol allows 50,000 (sitemaps.org/protocol.html);
// a month is cut by its days and a kind of term by number before that.
const (
	sitemapLength = 5_000
	newsLength    = 1_000 // the most that a news sitemap may hold
	newsAge       = 48 * time.Hour
)

const sitemapType = "application/xml; charset=utf-8"

type sitemapList struct {
	XMLName  xml.Name     `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 sitemapindex"`
	Sitemaps []sitemapURL `xml:"sitemap"`
}

type sitemapSet struct {
	XMLName xml.Name     `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
	News    string       `xml:"xmlns:news,attr,omitempty"`
	URLs    []sitemapURL `xml:"url"`
}

type sitemapURL struct {
	Address string       `xml:"loc"`
	Changed string       `xml:"lastmod,omitempty"` // W3C datetime
	News    *sitemapNews `xml:"news:news"`
}

// sitemapNews is Google's extension for articles of the last two days.
type sitemapNews struct {
	Publication sitemapPublication `xml:"news:publication"`
	Published   string             `xml:"news:publication_date"`
	Title       string             `xml:"news:title"`
}

type sitemapPublication struct {
	Name     string `xml:"news:name"`
	Language string `xml:"news:language"`
}

// sitemapIndex names the sitemaps: the fixed pages, the last two days, each kind of term, each month that has articles.
func (s *Site) sitemapIndex(w http.ResponseWriter, r *http.Request) error {
	return s.file(w, r, "sitemap", sitemapType, func(ctx context.Context) ([]byte, error) {
		names := []string{"pages", "news"}
		for _, l := range listings {
			terms, err := s.termsOf(ctx, l.kind)
			if err != nil {
				return nil, err
			}
			for n := 0; n < len(terms); n += sitemapLength {
				names = append(names, numbered(strings.TrimPrefix(l.path, "/"), n/sitemapLength+1))
			}
		}
		years, err := s.monthsOf(ctx)
		if err != nil {
			return nil, err
		}
		for _, y := range years {
			names = append(names, monthSitemaps(y)...)
		}
		var out sitemapList
		for _, name := range names {
			out.Sitemaps = append(out.Sitemaps, sitemapURL{Address: s.origin + "/sitemaps/" + name + ".xml"})
		}
		return writeXML(out)
	})
}

// numbered is the name of the n-th sitemap of a kind; the first has no number.
func numbered(kind string, n int) string {
	if n == 1 {
		return kind
	}
	return kind + "-" + strconv.Itoa(n)
}

// monthSitemaps names the sitemaps of a year, the latest month first. A month of very many articles is cut by its days.
func monthSitemaps(y library.YearCount) (names []string) {
	for i := len(y.Months) - 1; i >= 0; i-- {
		month := time.Date(y.Year, time.Month(i+1), 1, 0, 0, 0, 0, time.UTC)
		switch {
		case y.Months[i] == 0:
		case y.Months[i] <= sitemapLength:
			names = append(names, month.Format("2006-01"))
		default:
			for day := month.AddDate(0, 1, -1); !day.Before(month); day = day.AddDate(0, 0, -1) {
				names = append(names, day.Format(time.DateOnly))
			}
		}
	}
	return names
}

var termSitemap = regexp.MustCompile(`^([a-z]+)(?:-([2-9]|[1-9][0-9]{1,3}))?$`)

// sitemap serves one of the sitemaps that the index names.
func (s *Site) sitemap(w http.ResponseWriter, r *http.Request) error {
	name, ok := strings.CutSuffix(r.PathValue("name"), ".xml")
	if !ok || len(name) > 40 {
		return errNoPage
	}
	return s.file(w, r, "sitemap "+name, sitemapType, func(ctx context.Context) ([]byte, error) {
		set := sitemapSet{}
		var err error
		if name == "news" {
			set.News = "http://www.google.com/schemas/sitemap-news/0.9"
		}
		if set.URLs, err = s.sitemapURLs(ctx, name); err != nil {
			return nil, err
		}
		return writeXML(set)
	})
}

func (s *Site) sitemapURLs(ctx context.Context, name string) ([]sitemapURL, error) {
	switch name {
	case "pages":
		return s.sitemapPages(), nil
	case "news":
		return s.sitemapNews(ctx)
	}
	if month, err := time.ParseInLocation("2006-01", name, s.zone); err == nil {
		return s.sitemapSpan(ctx, month, month.AddDate(0, 1, 0))
	}
	if day, err := time.ParseInLocation(time.DateOnly, name, s.zone); err == nil {
		return s.sitemapSpan(ctx, day, day.AddDate(0, 0, 1))
	}
	return s.sitemapTerms(ctx, name)
}

// sitemapPages are the pages that are always there.
func (s *Site) sitemapPages() (out []sitemapURL) {
	for _, path := range []string{"/", "/archive", "/topics", "/countries", "/series", "/contributors", "/subscribe", "/newsletters", "/feeds"} {
		out = append(out, sitemapURL{Address: s.origin + path})
	}
	return out
}

// sitemapSpan are the articles published from a moment until before another. There is no page for a span without any.
func (s *Site) sitemapSpan(ctx context.Context, from, until time.Time) ([]sitemapURL, error) {
	var out []sitemapURL
	err := s.eachArticle(ctx, library.Filter{From: from, Until: until}, func(a library.Summary) {
		changed := a.Published
		if a.Updated.After(changed) {
			changed = a.Updated
		}
		out = append(out, sitemapURL{Address: s.origin + "/articles/" + a.Slug, Changed: changed.UTC().Format(time.RFC3339)})
	})
	if err == nil && len(out) == 0 {
		return nil, errNoPage
	}
	return out, err
}

// sitemapLimit is the most that the protocol allows in one sitemap.
const sitemapLimit = 50_000

func (s *Site) eachArticle(ctx context.Context, f library.Filter, each func(library.Summary)) error {
	const step = 1000
	var at library.Cursor
	for n := 0; n < sitemapLimit; n += step {
		l, err := s.Library.List(ctx, f, at, step)
		if err != nil {
			return err
		}
		for _, a := range l.Items {
			each(a)
		}
		if at = l.Older; at.IsZero() {
			break
		}
	}
	return nil
}

func (s *Site) sitemapNews(ctx context.Context) ([]sitemapURL, error) {
	l, err := s.Library.List(ctx, library.Filter{From: s.Now().Add(-newsAge)}, library.Cursor{}, newsLength)
	if err != nil {
		return nil, err
	}
	language, _, _ := strings.Cut(s.Config.Publication.Language, "-")
	by := sitemapPublication{s.Config.Publication.Name, language}
	var out []sitemapURL
	for _, a := range l.Items {
		out = append(out, sitemapURL{Address: s.origin + "/articles/" + a.Slug,
			News: &sitemapNews{by, a.Published.UTC().Format(time.RFC3339), a.Title}})
	}
	return out, nil
}

// sitemapTerms are the pages of a kind of term: "topics", "contributors-2".
func (s *Site) sitemapTerms(ctx context.Context, name string) ([]sitemapURL, error) {
	m := termSitemap.FindStringSubmatch(name)
	for _, l := range listings {
		if m == nil || "/"+m[1] != l.path {
			continue
		}
		terms, err := s.termsOf(ctx, l.kind)
		if err != nil {
			return nil, fmt.Errorf("sitemap %s: %w", name, err)
		}
		n, _ := strconv.Atoi(m[2])
		from := max(n-1, 0) * sitemapLength
		if from >= len(terms) {
			return nil, errNoPage
		}
		var out []sitemapURL
		for _, t := range terms[from:min(from+sitemapLength, len(terms))] {
			out = append(out, sitemapURL{Address: s.origin + l.path + "/" + t.Slug})
		}
		return out, nil
	}
	return nil, errNoPage
}
