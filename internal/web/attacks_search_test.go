package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/access"
)

// searches are the ways in which the sweep searches: for what everyone may find, and for what the planted articles hold.
func (s *canarySite) searches(path string) []target {
	out := paths(path, path+"?q=ships", path+"?q=opening+everyone&sort=newest", path+"?section=vault&country=portugal",
		path+"?q=port&from=2020&to=2026", path+"?q=%22ships+waited%22", path+"?q=ship*", path+"?q=ships+-noon", path+"?q=%00%ff%22(")
	for _, slug := range every {
		out = append(out, target{path: path + "?q=" + url.QueryEscape("title of "+slug)})
	}
	return out
}

// found is what a client finds, and everything the answer says about it but the query.
type foundBy struct {
	Total  int
	Meant  string `json:"did_you_mean"`
	Hits   []struct{ Title, URL, Snippet, Marked string }
	Facets map[string][]struct {
		Slug  string
		Count int
	}
}

func (s *testSite) finds(c *testClient, query string) (f foundBy) {
	s.t.Helper()
	a := c.Get("/search.json?limit=100&q=" + url.QueryEscape(query))
	if err := json.Unmarshal([]byte(a.body), &f); err != nil {
		s.t.Fatalf("%v:\n%s", err, a.body)
	}
	return f
}

// slugs are those of the articles that were found.
func (f foundBy) slugs() (out []string) {
	for _, h := range f.Hits {
		out = append(out, h.URL[strings.LastIndexByte(h.URL, '/')+1:])
	}
	return out
}

// standsOpen reports whether somebody of a standing may read a planted article: what they unlocked is not counted, as
// search goes by standing.
func standsOpen(standing access.Standing, p *planted) bool {
	switch {
	case p.hidden:
		return false
	case standing >= access.Paid:
		return true
	}
	return standing == access.Reader && p.level == access.Registered
}

// A searcher is somebody who searches.
type searcher struct {
	name     string
	client   *testClient
	standing access.Standing
}

func (s *canarySite) searchers(t *testing.T) (out []searcher) {
	t.Helper()
	for _, who := range append(s.strangers(t, 0), s.entitled(t)...) {
		out = append(out, searcher{who.name, who.client, s.standing(who)})
	}
	return out
}

// standing is what somebody has who may read every article of a level; one that was given or chosen makes none.
func (s *canarySite) standing(who *principal) access.Standing {
	shut := func(level access.Level) bool {
		return slices.ContainsFunc(s.planted, func(p *planted) bool { return !p.hidden && p.level == level && !who.may(p) })
	}
	switch {
	case !shut(access.Subscriber):
		return access.Paid
	case !shut(access.Registered):
		return access.Reader
	}
	return access.Visitor
}

// W-22: a phrase, a prefix or an exclusion never tells what stands in a text that one may not read, nor does a number, a
// suggestion or a correction. While titles alone are searched there is nothing to tell.
func TestW22SearchIsNoOracle(t *testing.T) {
	s := newCanarySite(t)
	s.noOracle(t, false)
}

// noOracle asks as everybody for everything that was planted. With an index, those who may read it find it.
func (s *canarySite) noOracle(t *testing.T, indexed bool) {
	t.Helper()
	for _, who := range s.searchers(t) {
		everyone := s.finds(who.client, "opening").Total
		for _, p := range s.planted {
			word := p.words[0]
			f, may := s.finds(who.client, word), standsOpen(who.standing, p)
			switch {
			case p.hidden && (f.Total != 0 || len(f.Hits) != 0):
				t.Errorf("%s: a word of %s finds %q", who.name, p.slug, f.slugs())
			case !p.hidden && indexed && !slices.Equal(f.slugs(), []string{p.slug}):
				t.Errorf("%s: the word of %s finds %q", who.name, p.slug, f.slugs())
			}
			for _, h := range f.Hits {
				if strings.Contains(h.Snippet+h.Marked+h.Title, word) && !may {
					t.Errorf("%s: the snippet of %s holds its canary", who.name, p.slug)
				}
			}
			if !p.hidden {
				s.probe(who, p, may, indexed, everyone)
			}
		}
	}
}

// probe asks what an oracle would be asked about one article.
func (s *canarySite) probe(who searcher, p *planted, may, indexed bool, everyone int) {
	s.t.Helper()
	word := p.words[0]
	for what, query := range map[string]string{"a phrase": p.phrase(), "a prefix": word[:len(word)-2] + "*"} {
		f := s.finds(who.client, query)
		if got := slices.Contains(f.slugs(), p.slug); got != (may && indexed) || f.Total != len(f.Hits) || !may && f.Total != 0 {
			s.t.Errorf("%s: %s of %s finds %d: %q", who.name, what, p.slug, f.Total, f.slugs())
		}
		for name, counts := range f.Facets {
			if !may && len(counts) != 0 {
				s.t.Errorf("%s: %s of %s is counted under %s: %v", who.name, what, p.slug, name, counts)
			}
		}
	}
	if n := s.finds(who.client, "opening -"+p.phrase()).Total; !may && n != everyone {
		s.t.Errorf("%s: without a phrase of %s there are %d, with it %d", who.name, p.slug, n, everyone)
	}
	if meant := s.finds(who.client, word[:len(word)-1]+"0").Meant; strings.Contains(meant, s.root) {
		s.t.Errorf("%s: %q was meant", who.name, meant)
	}
	for _, path := range []string{"/search/suggest?q=" + word[:len(word)-2], "/search/feed.json?q=" + url.QueryEscape(p.phrase())} {
		if a := who.client.Get(path); a.status != http.StatusOK || strings.Contains(a.body, p.slug) {
			s.t.Errorf("%s: %s finds %s:\n%s", who.name, path, p.slug, a.body)
		}
	}
}

// phrase is a canary with a word that stands beside it.
func (p *planted) phrase() string {
	return fmt.Sprintf(`"%s %s"`, p.words[0], p.after)
}

// The boxes and pages that search makes for everyone hold nothing that is not for everyone.
func TestW22BesideArticles(t *testing.T) {
	s := newCanarySite(t)
	anonymous := &principal{"anonymous", s.client(t), nothing}
	for _, p := range s.planted {
		a, body := s.raw(anonymous.client, http.MethodGet, "/articles/"+p.slug, nil)
		s.look(anonymous, p.slug, a, body)
	}
	for _, path := range []string{"/countries", "/topics/trade", "/countries/portugal", "/contributors/ines-marvell", "/search"} {
		a, body := s.raw(anonymous.client, http.MethodGet, path, nil)
		s.look(anonymous, path, a, body)
	}
}
