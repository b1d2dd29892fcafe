package newsletters

import (
	"context"
	"fmt"
	"html/template"
	"slices"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/ads"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/library/prose"
)

// A View is an edition as somebody may read it: what was decided against is not in it.
type View struct {
	Newsletter Newsletter
	Edition    Edition
	Subject    string
	Preheader  string
	Date       time.Time // in the publication's time zone
	Parts      []Part
	Shut       bool // of what the editors wrote, the openings alone
}

// A Part is a block of a view.
type Part struct {
	Kind    Kind
	Heading string
	Text    template.HTML // sanitized
	Stories []Story
	Ad      *ads.Ad
}

// A Story is an article in a view.
type Story struct {
	library.Summary
	Line string        // what is said of it: the editor's line, where the edition is for the reader, else the standfirst
	Body template.HTML // sanitized: all of the text when Full, else its opening; "" in a list of headlines
	Full bool
}

// Admit decides what a view may hold of an article. Of what an editor wrote, the edition stands for an article of its
// own, with the newsletter's level.
type Admit func(ctx context.Context, a access.Article) (access.Decision, error)

// material is an edition with the articles it speaks of, before it is cut for anybody.
type material struct {
	newsletter Newsletter
	edition    Edition
	document   Document
	articles   map[string]library.Article // by slug; those that readers can see
	ad         *ads.Ad                    // for a sponsor's block without words of its own; nil for none
}

// gather reads an edition's document and the articles it names. An article that was withdrawn is left out.
func (l *Newsletters) gather(ctx context.Context, e Edition) (material, error) {
	n, err := l.byID(ctx, l.db, e.Newsletter)
	if err != nil {
		return material{}, err
	}
	m := material{newsletter: n, edition: e, articles: map[string]library.Article{}}
	if m.document, err = Parse(e.Source); err != nil {
		return m, err
	}
	if m.sponsored() {
		if m.ad, err = l.adOf(ctx, n, e); err != nil {
			return m, err
		}
	}
	for _, b := range m.document.Blocks {
		for _, item := range b.Items {
			a, err := l.article(ctx, item.Slug)
			if fault.Is(err, fault.NotFound) {
				continue
			}
			if err != nil {
				return m, fmt.Errorf("article %s: %w", item.Slug, err)
			}
			m.articles[item.Slug] = a
		}
	}
	return m, nil
}

// read returns the ids of the articles whose texts stand in the edition, to be read in the mail.
func (m material) read() (ids []int64) {
	for _, b := range m.document.Blocks {
		for _, item := range b.Items {
			if a, ok := m.articles[item.Slug]; ok && b.Kind == Articles && !slices.Contains(ids, a.ID) {
				ids = append(ids, a.ID)
			}
		}
	}
	return ids
}

// article finds an article by a slug it has or had.
func (l *Newsletters) article(ctx context.Context, slug string) (library.Article, error) {
	a, err := l.Library.BySlug(ctx, slug)
	if moved := (*library.Moved)(nil); asMoved(err, &moved) {
		a, err = l.Library.BySlug(ctx, moved.Slug)
	}
	return a, err
}

// facts is what the wall needs to know of the words that stand in an edition alone. Its id is negative: no article has it.
func (m material) facts() access.Article {
	at := m.edition.Started
	if at.IsZero() {
		at = m.edition.Created
	}
	return access.Article{ID: -m.edition.ID, Level: m.newsletter.Level(), Kind: "edition", Published: at}
}

// View returns an edition as Admit lets somebody see it.
func (l *Newsletters) View(ctx context.Context, e Edition, admit Admit) (View, error) {
	m, err := l.gather(ctx, e)
	if err != nil {
		return View{}, fmt.Errorf("view edition %d: %w", e.ID, err)
	}
	v, err := l.cut(ctx, m, cutting{admit: admit})
	if err != nil {
		return View{}, fmt.Errorf("view edition %d: %w", e.ID, err)
	}
	return v, nil
}

// cutting is how an edition is cut.
type cutting struct {
	admit  Admit
	wanted func(a library.Article) bool // which articles of an Articles block; nil is all
	short  int                          // how many texts, from the last on, are cut to their openings for want of room
}

// cut makes the view. It asks for a decision on every text that goes into it.
func (l *Newsletters) cut(ctx context.Context, m material, c cutting) (View, error) {
	at := m.edition.Started
	if at.IsZero() {
		at = l.now()
	}
	v := View{Newsletter: m.newsletter, Edition: m.edition, Subject: m.document.Subject, Preheader: m.document.Preheader,
		Date: at.In(l.Publication.Zone)}
	own, err := c.admit(ctx, m.facts())
	if err != nil {
		return View{}, err
	}
	v.Shut = !own.Full()
	for _, b := range m.document.Blocks {
		p, err := l.part(ctx, m, b, c, own)
		if err != nil {
			return View{}, err
		}
		if p.Text != "" || len(p.Stories) > 0 || p.Ad != nil {
			v.Parts = append(v.Parts, p)
		}
	}
	v.shorten(c.short, m)
	return v, nil
}

// openingWords is how long the opening of an editor's text is, where the rest is not for the reader.
const openingWords = 40

func (l *Newsletters) part(ctx context.Context, m material, b Block, c cutting, own access.Decision) (p Part, err error) {
	p = Part{Kind: b.Kind, Heading: b.Heading}
	switch {
	case b.Kind == Sponsor && !own.Ads:
		return p, nil
	case b.Kind == Sponsor && b.Text == "":
		p.Ad = m.ad
		return p, nil
	case !b.Kind.ofArticles():
		text, err := prose.Compose(b.Text, prose.Markdown, openingWords)
		if err != nil {
			return p, err
		}
		if p.Text = template.HTML(text.Body); !own.Full() && b.Kind != Sponsor {
			p.Text = template.HTML(text.Teaser)
		}
		return p, nil
	}
	for _, item := range b.Items {
		a, ok := m.articles[item.Slug]
		if !ok || b.Kind == Articles && c.wanted != nil && !c.wanted(a) {
			continue
		}
		if !own.Full() {
			item.Line = "" // the editor's words, as those of a take
		}
		s, err := l.story(ctx, a, item, b.Kind, c.admit)
		if err != nil {
			return p, err
		}
		p.Stories = append(p.Stories, s)
	}
	return p, nil
}

func (l *Newsletters) story(ctx context.Context, a library.Article, item Item, k Kind, admit Admit) (Story, error) {
	s := Story{Summary: summary(a), Line: item.Line}
	if s.Line == "" {
		s.Line = a.Standfirst
	}
	if k != Articles {
		return s, nil
	}
	s.Body = a.Teaser
	d, err := admit(ctx, a.Facts())
	if err != nil || !d.Full() {
		return s, err
	}
	s.Full = true
	s.Body, err = l.Library.Body(ctx, d)
	return s, err
}

// summary is what a list shows of an article.
func summary(a library.Article) library.Summary {
	s := library.Summary{ID: a.ID, Slug: a.Slug, Kind: a.Kind, Title: a.Title, Standfirst: a.Standfirst, Level: a.Level,
		Section: a.Section, Published: a.Published, Updated: a.Updated, Hero: a.Hero, Words: a.Words, Version: a.Version}
	for _, c := range a.Byline {
		s.Byline = append(s.Byline, c.Name)
	}
	return s
}

// shorten cuts the last n texts that stand in full to their openings.
func (v *View) shorten(n int, m material) {
	for i := len(v.Parts) - 1; i >= 0; i-- {
		for j := len(v.Parts[i].Stories) - 1; j >= 0 && n > 0; j-- {
			if s := &v.Parts[i].Stories[j]; s.Full {
				s.Full, s.Body = false, m.articles[s.Slug].Teaser
				n--
			}
		}
	}
}

// fulls counts the texts that stand in full.
func (v View) fulls() (n int) {
	for _, p := range v.Parts {
		for _, s := range p.Stories {
			if s.Full {
				n++
			}
		}
	}
	return n
}

// Empty reports that nothing is left in the view.
func (v View) Empty() bool { return len(v.Parts) == 0 }
