package web

import (
	"context"
	"errors"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/ads"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/page"
)

// errNoPage is what an address that leads nowhere answers.
var errNoPage = fault.New(fault.NotFound, "There is no such page.")

// A head is what must be known of an article before it is decided who may read it.
type head struct {
	facts access.Article
	slug  string
}

// A variant is a form of an article's page that many share. It is made of the decision alone.
type variant struct {
	full     bool
	gated    bool // not open to everyone at this moment
	wall     access.Wall
	ads      bool
	signedIn bool
	left     int // of the free articles, where the wall speaks of them
}

func variantOf(d access.Decision, v visit) variant {
	k := variant{full: d.Full(), gated: d.Level != access.Open, wall: d.Wall, ads: d.Ads, signedIn: v.signedIn}
	if d.Wall == access.ReadThisOne {
		k.left = d.Left
	}
	return k
}

// public reports whether a page of this form may be kept by anyone's cache: what everybody would get.
func (k variant) public() bool { return !k.signedIn && (!k.full || !k.gated) }

const articleKey = "article "

// articleOf returns the article that the page kept under a key shows, if it shows one.
func articleOf(key string) (id int64, ok bool) {
	rest, ok := strings.CutPrefix(key, articleKey)
	if !ok {
		return 0, false
	}
	number, _, _ := strings.Cut(rest, " ")
	id, err := strconv.ParseInt(number, 10, 64)
	return id, err == nil
}

// key names the page of an article in this form. It is made in every request, so without fmt.
func (k variant) key(id int64, period string) string {
	b := make([]byte, 0, 64)
	b = append(b, articleKey...)
	b = strconv.AppendInt(b, id, 10)
	for _, is := range []bool{k.full, k.gated, k.ads, k.signedIn} {
		b = append(b, ' ')
		b = strconv.AppendBool(b, is)
	}
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(k.wall), 10)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(k.left), 10)
	b = append(b, ' ')
	return string(append(b, period...))
}

// article shows an article: whole, or its teaser and the wall.
func (s *Site) article(w http.ResponseWriter, r *http.Request) error {
	h, err := s.head(r.Context(), r.PathValue("slug"))
	if err == nil && r.URL.RawPath != "" { // the address in other letters ("%2d"): one article, one address (W-20)
		err = &library.Moved{Slug: h.slug}
	}
	if err != nil {
		return s.moved(w, r, err)
	}
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	d, err := s.admit(r, v, h.facts)
	if err != nil {
		return err
	}
	k := variantOf(d, v)
	p, err := s.articlePage(r.Context(), h, k, d)
	if err != nil {
		return s.moved(w, r, err) // its slug may have changed since
	}
	if r.Method == http.MethodGet && !prefetched(r) {
		s.Insights.Viewed(h.facts.ID)
	}
	w.Header()["X-Robots-Tag"] = robotsFor(k)
	if v.anonymous() && k.public() {
		page.ServeShared(w, r, p)
		return nil
	}
	notice, err := s.notice(r.Context(), v, d, h.slug)
	if err != nil {
		return err
	}
	s.own(w, r, v, p, func(hole string) string {
		switch {
		case hole == "notice":
			return notice
		case hole == "meter" && d.Grant == access.ByMeteredUnlock:
			return s.meterLine(d)
		case hole == "give":
			return s.giveButton(v, d, h.slug)
		}
		return s.personal(hole, v)
	})
	return nil
}

var (
	robotsGated = []string{"noarchive, nocache, max-image-preview:large"}
	robotsOpen  = []string{"max-image-preview:large"}
)

func robotsFor(k variant) []string {
	if k.gated {
		return robotsGated
	}
	return robotsOpen
}

// admit asks the gate. Where a publication spends free articles by opening them, a plain GET by a person spends here;
// a browser that only prepares for a visit does not (W-29).
func (s *Site) admit(r *http.Request, v visit, a access.Article) (access.Decision, error) {
	d, err := s.Gate.Admit(r.Context(), v.person, a)
	if err != nil || d.Wall != access.ReadThisOne || !s.Gate.Policy().Automatic || r.Method != http.MethodGet || prefetched(r) {
		return d, err
	}
	return s.Gate.Unlock(r.Context(), v.person, a)
}

// prefetched reports that a browser fetches ahead of a visit that may never come.
func prefetched(r *http.Request) bool {
	return r.Header.Get("Sec-Purpose") != "" || r.Header.Get("Purpose") == "prefetch" || r.Header.Get("X-Moz") == "prefetch"
}

// unlock spends one of the reader's free articles on this one, then shows it.
func (s *Site) unlock(w http.ResponseWriter, r *http.Request) error {
	h, err := s.head(r.Context(), r.PathValue("slug"))
	if err != nil {
		return s.moved(w, r, err)
	}
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	if _, err := s.Gate.Unlock(r.Context(), v.person, h.facts); err != nil {
		return err
	}
	return to(w, r, "/articles/"+h.slug)
}

// head finds an article by exactly its slug.
func (s *Site) head(ctx context.Context, slug string) (*head, error) {
	if h, ok := s.heads.Get(slug); ok {
		return h, nil
	}
	generation := s.heads.Generation()
	until, err := s.freshUntil(ctx)
	if err != nil {
		return nil, err
	}
	a, err := s.Library.BySlug(ctx, slug)
	if err != nil {
		return nil, err
	}
	h := &head{facts: a.Facts(), slug: a.Slug}
	s.heads.Put(slug, h, 200+len(slug), until, generation)
	return h, nil
}

// moved sends the browser from a slug the article had once to the one it has now; other errors pass.
func (s *Site) moved(w http.ResponseWriter, r *http.Request, err error) error {
	var m *library.Moved
	if !errors.As(err, &m) {
		return err
	}
	path := "/articles/" + m.Slug
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return to(w, r, path)
	}
	http.Redirect(w, r, path, http.StatusMovedPermanently)
	return nil
}

// articlePage is the page of an article as everything on it depends on the variant alone.
type articlePage struct {
	Frame
	Article library.Article
	Body    template.HTML // set only when the decision is Full
	Gated   bool
	Wall    wallPart
	Offers  bool // the free newsletter, to who is not signed in, where no wall asks for an address already
	More    []library.Summary
}

// Text is what stands in the page: the whole text when it may, else the teaser.
func (p articlePage) Text() template.HTML {
	if p.Wall.Stands() {
		return p.Article.Teaser
	}
	return p.Body
}

// Pieces is the whole text, cut where advertising stands in it.
func (p articlePage) Pieces() []piece { return pieces(p.Body, p.AdsAt(string(ads.InArticle))) }

// ByAuthor is the contributor the box after the text is about.
func (p articlePage) ByAuthor() *library.Contributor {
	for i := range p.Article.Byline {
		if p.Article.Byline[i].Biography != "" {
			return &p.Article.Byline[i]
		}
	}
	return nil
}

// moreFrom is how many articles stand below one.
const moreFrom = 5

func (s *Site) articlePage(ctx context.Context, h *head, k variant, d access.Decision) (*page.Shared, error) {
	period := ""
	if k.wall == access.ReadThisOne || k.wall == access.Subscribe {
		period = s.Gate.Policy().Period(s.Now()) // the wall names the month
	}
	return s.kept(ctx, k.key(h.facts.ID, period), "text/html; charset=utf-8", func(ctx context.Context) ([]byte, error) {
		return s.renderArticle(ctx, h, k, d)
	})
}

func (s *Site) renderArticle(ctx context.Context, h *head, k variant, d access.Decision) ([]byte, error) {
	a, err := s.Library.BySlug(ctx, h.slug)
	if err != nil {
		return nil, err
	}
	p := articlePage{Article: a, Gated: k.gated, Wall: s.wall(a, k, d)}
	p.Offers = !k.signedIn && !p.Wall.Stands()
	if p.Frame, err = s.frame(ctx, a.Title, "/articles/"+a.Slug); err != nil {
		return nil, err
	}
	if d.Full() {
		if p.Body, err = s.Library.Body(ctx, d); err != nil {
			return nil, err
		}
	}
	if p.More, err = s.related(ctx, a.ID, moreFrom); err != nil {
		return nil, err
	}
	if k.ads {
		if err := p.advertise(ctx, aboutArticle(a)); err != nil {
			return nil, err
		}
	}
	s.dress(&p, k)
	return s.screens.article.Render(p)
}

// dress fills what search engines, feeds and previews are told. Nothing of it comes from the body.
func (s *Site) dress(p *articlePage, k variant) {
	a := p.Article
	p.Class, p.Lead = "reading", a.Standfirst
	if p.Lead == "" {
		p.Lead = a.Title
	}
	if a.Section.Slug != "" {
		p.Here = "/sections/" + a.Section.Slug
	}
	if a.Canonical != "" {
		p.Canonical = a.Canonical
	}
	p.Card = s.card(a)
	p.Data = newsArticle(s, a, k.gated)
}

// Byline joins the names of the contributors for a line of text.
func bylineOf(a library.Article) string {
	names := make([]string, len(a.Byline))
	for i, c := range a.Byline {
		names[i] = c.Name
	}
	return strings.Join(names, ", ")
}

// card is what a shared link to the article shows: its photograph, or a card that is drawn for it.
func (s *Site) card(a library.Article) *Card {
	c := &Card{Type: "article", Published: a.Published, Section: a.Section.Name}
	if a.Hero != nil {
		c.Image, c.Alt, c.Width, c.Height = s.origin+s.src(a.Hero, 1280), a.Hero.Alt, a.Hero.Width, a.Hero.Height
		return c
	}
	c.Image, c.Alt, c.Width, c.Height = s.origin+"/cards/"+a.Slug+".png", a.Title, 1200, 630
	return c
}

// updatedOn reports whether an article was changed on another day than it was published.
func updatedOn(a library.Article, zone *time.Location) bool {
	const day = "2006-01-02"
	return !a.Updated.IsZero() && a.Updated.In(zone).Format(day) > a.Published.In(zone).Format(day)
}

// Revised is the time to show as the article's update, nil when it has none to show.
func (p articlePage) Revised() *time.Time {
	if !updatedOn(p.Article, p.Site.zone) {
		return nil
	}
	return &p.Article.Updated
}
