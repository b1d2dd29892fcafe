package web

import (
	"cmp"
	"context"
	"net/http"

	"github.com/gatefold/gatefold/internal/library"
)

// indexPage leads to every term of a kind.
type indexPage struct {
	Frame
	Kind   library.TermKind
	Count  int
	Groups []indexGroup // of words: countries by region, names by letter
	Terms  []indexTerm  // with a line about each
	Map    *worldMap    // of countries
}

// An indexGroup is a run of words under a heading.
type indexGroup struct {
	ID            string // of the heading, to jump to
	Heading, Path string
	Words         []word
}

// An indexTerm is a term with what is said of it.
type indexTerm struct {
	word
	Portrait *library.Image
	Text     string
	Count    string
}

// fewPeople is how many contributors are introduced one by one. More of them are names under letters.
const fewPeople = 60

// People reports that the terms are contributors.
func (p indexPage) People() bool { return p.Kind == library.Byline }

// Standfirst is the line under the heading.
func (p indexPage) Standfirst() string {
	return p.Site.texts.T("index."+string(p.Kind), p.Count, p.Site.number(p.Count))
}

// Letters reports that the groups are letters of the alphabet: there is then a row of them to jump by.
func (p indexPage) Letters() bool { return p.Kind == library.Byline && len(p.Groups) > 1 }

// index shows the index of a kind of term.
func (s *Site) index(kind library.TermKind) func(w http.ResponseWriter, r *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		return s.shared(w, r, "index "+string(kind), func(ctx context.Context) ([]byte, error) {
			return s.renderIndex(ctx, kind)
		})
	}
}

// regions leads to where the regions are listed: with their countries.
func (s *Site) regions(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, pathOf(library.Country), http.StatusMovedPermanently)
	return nil
}

func (s *Site) renderIndex(ctx context.Context, kind library.TermKind) ([]byte, error) {
	terms, err := s.termsOf(ctx, kind)
	if err != nil {
		return nil, err
	}
	p := indexPage{Kind: kind, Count: len(terms)}
	if p.Frame, err = s.frame(ctx, s.texts.T("kinds."+string(kind)), pathOf(kind)); err != nil {
		return nil, err
	}
	p.Here, p.Card = pathOf(kind), &Card{Type: "website"}
	p.Lead = s.texts.T("index.lead", p.Title, p.Publication())
	switch kind {
	case library.Country:
		p.Groups, err = s.countriesByRegion(ctx, terms)
		p.Map = s.worldMap(terms)
	case library.Byline:
		if p.Terms, err = s.introduced(ctx, terms); len(p.Terms) == 0 {
			p.Groups = byLetter(terms)
		}
	case library.Topic:
		p.Groups = []indexGroup{{Words: wordsOf(terms)}}
	default:
		p.Terms = s.described(kind, terms)
	}
	if err != nil {
		return nil, err
	}
	return s.screens.index.Render(p)
}

// countriesByRegion groups countries under their regions, those without one at the end.
func (s *Site) countriesByRegion(ctx context.Context, countries []library.TermCount) ([]indexGroup, error) {
	regions, err := s.termsOf(ctx, library.Region)
	if err != nil {
		return nil, err
	}
	var out []indexGroup
	known := map[int64]bool{}
	for _, r := range regions {
		known[r.ID] = true
		if words := wordsOf(under(countries, r.ID)); len(words) > 0 {
			out = append(out, indexGroup{Heading: r.Name, Path: termPath(library.Region, r.Slug), Words: words})
		}
	}
	var others []library.TermCount
	for _, c := range countries {
		if !known[c.Parent] {
			others = append(others, c)
		}
	}
	if len(others) > 0 {
		out = append(out, indexGroup{Heading: s.texts.T("index.elsewhere"), Words: wordsOf(others)})
	}
	return out, nil
}

// byLetter groups names, which come in order, by their first letter.
func byLetter(terms []library.TermCount) (out []indexGroup) {
	for _, t := range terms {
		letter := initial(t.Name)
		if len(out) == 0 || out[len(out)-1].Heading != letter {
			out = append(out, indexGroup{ID: "letter-" + letter, Heading: letter})
		}
		g := &out[len(out)-1]
		g.Words = append(g.Words, wordOf(t))
	}
	return out
}

func wordsOf(terms []library.TermCount) []word {
	out := make([]word, len(terms))
	for i, t := range terms {
		out[i] = wordOf(t)
	}
	return out
}

// introduced are contributors with their portraits and who they are, none when there are too many.
func (s *Site) introduced(ctx context.Context, terms []library.TermCount) ([]indexTerm, error) {
	if len(terms) > fewPeople {
		return nil, nil
	}
	out := s.described(library.Byline, terms)
	for i, t := range terms {
		c, err := s.Library.ContributorBySlug(ctx, t.Slug)
		if err != nil {
			return nil, err
		}
		out[i].Portrait, out[i].Text = c.Portrait, cmp.Or(c.Line, c.Description)
	}
	return out, nil
}

// described are terms with their descriptions.
func (s *Site) described(kind library.TermKind, terms []library.TermCount) []indexTerm {
	unit := "count.articles"
	if kind == library.Series {
		unit = "count.parts"
	}
	out := make([]indexTerm, len(terms))
	for i, t := range terms {
		out[i] = indexTerm{word: wordOf(t), Text: t.Description, Count: s.texts.T(unit, t.Articles, s.number(t.Articles))}
	}
	return out
}
