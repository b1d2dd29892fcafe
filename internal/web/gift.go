package web

import (
	"context"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/page"
	"github.com/gatefold/gatefold/internal/readers"
)

// giftRoutes are where a subscriber gives an article away, and where whoever has the link reads it (W-32).
func (s *Site) giftRoutes() []Route {
	return []Route{
		{"POST /articles/{slug}/give", s.give},
		{"GET /given/{token}", s.given},
		{"POST /given/{token}", s.openGiven},
		{"POST /account/gifts/take-back", s.change("", "", s.takeBack)},
	}
}

// giftScreens are their templates.
type giftScreens struct {
	give     *page.Screen[givePage]
	given    *page.Screen[givenPage]
	givenTop *page.Screen[givenPart]
}

func newGiftScreens(k *page.Kit, err *error) (s giftScreens) {
	load(k, err, &s.give, "give.html")
	load(k, err, &s.given, "given.html")
	if *err == nil {
		s.givenTop, *err = page.NewPart[givenPart](k, "given_notice.html", "given-notice")
	}
	return s
}

// giveButton is what stands under an article for a reader who may give it away, "" for others.
func (s *Site) giveButton(v visit, d access.Decision, slug string) string {
	if !v.signedIn || !s.Gate.Gives(d) {
		return ""
	}
	return `<form class="give" action="/articles/` + slug + `/give" method="post"><p class="actions"><button class="button quiet">` +
		template.HTMLEscapeString(s.texts.T("give.button")) + `</button> <span class="hint">` +
		template.HTMLEscapeString(s.texts.T("give.hint")) + `</span></p></form>`
}

// givePage shows a link, this once, to the reader who gives an article away.
type givePage struct {
	Frame
	Article library.Article
	Link    string // the whole address
	Mail    string // an address that opens a letter with it (RFC 6068)
	Ends    time.Time
	Devices int
	Left    int
}

// LastDay is the last day on which the link is good to its end.
func (p givePage) LastDay() time.Time { return p.Ends.AddDate(0, 0, -1) }

func (s *Site) give(w http.ResponseWriter, r *http.Request) error {
	h, err := s.head(r.Context(), r.PathValue("slug"))
	if err != nil {
		return s.moved(w, r, err)
	}
	return s.signedIn(w, r, func(v visit) error {
		l, err := s.Gate.Give(r.Context(), v.person, h.facts)
		if err != nil {
			return err
		}
		p := givePage{Link: s.origin + "/given/" + l.Token, Ends: l.Ends, Devices: s.Gate.Policy().GiftDevices, Left: l.Left}
		if p.Article, err = s.Library.BySlug(r.Context(), h.slug); err != nil {
			return err
		}
		p.Mail = "mailto:?subject=" + percent(p.Article.Title) + "&body=" +
			percent(s.texts.T("give.letter", p.Article.Title, s.Config.Publication.Name)+"\r\n\r\n"+p.Link)
		if p.Frame, err = s.frame(r.Context(), s.texts.T("give.heading"), r.URL.Path); err != nil {
			return err
		}
		p.NoIndex, p.Canonical = true, ""
		b, err := s.screens.give.Render(p)
		if err != nil {
			return err
		}
		s.send(w, r, http.StatusOK, v, b)
		return nil
	})
}

// givenPage is what a link to a given article leads to: a button, so that programs which follow links open nothing and
// use no device up (S-08).
type givenPage struct {
	Frame
	Article library.Article
	Token   string
	Free    bool // another device may open it
	Gone    bool // it opens nothing: there is no Article
}

func (s *Site) given(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	id, free, err := s.Gate.GiftLink(ctx, r.PathValue("token"))
	if fault.Is(err, fault.NotFound) {
		return s.showGiven(w, r, http.StatusNotFound, v, givenPage{Gone: true})
	}
	if err != nil {
		return err
	}
	p := givenPage{Token: r.PathValue("token"), Free: free}
	if p.Article, err = s.articleByID(ctx, id); err != nil {
		return err
	}
	d, err := s.Gate.Admit(ctx, v.person, p.Article.Facts())
	if err != nil {
		return err
	}
	if d.Full() {
		return to(w, r, "/articles/"+p.Article.Slug)
	}
	return s.showGiven(w, r, http.StatusOK, v, p)
}

func (s *Site) showGiven(w http.ResponseWriter, r *http.Request, status int, v visit, p givenPage) (err error) {
	title := p.Article.Title
	if p.Gone {
		title = s.texts.T("given.gone")
	}
	if p.Frame, err = s.frame(r.Context(), title, r.URL.Path); err != nil {
		return err
	}
	p.NoIndex, p.Canonical = true, ""
	if !p.Gone {
		p.Lead, p.Card = p.Article.Standfirst, s.card(p.Article)
	}
	b, err := s.screens.given.Render(p)
	if err != nil {
		return err
	}
	s.send(w, r, status, v, b)
	return nil
}

// articleByID returns an article that readers can see, or what an address that leads nowhere answers.
func (s *Site) articleByID(ctx context.Context, id int64) (library.Article, error) {
	list, err := s.Library.Summaries(ctx, []int64{id})
	if err != nil {
		return library.Article{}, err
	}
	if len(list) == 0 {
		return library.Article{}, errNoPage
	}
	return s.Library.BySlug(ctx, list[0].Slug)
}

// openGiven gives the browser the article, and shows it.
func (s *Site) openGiven(w http.ResponseWriter, r *http.Request) error {
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	if _, _, err := s.Gate.GiftLink(r.Context(), r.PathValue("token")); err != nil { // before a browser is remembered for it
		return s.given(w, r)
	}
	visitor, err := s.Readers.Meet(r.Context(), v.visitor)
	if err != nil {
		return err
	}
	id, err := s.Gate.OpenGift(r.Context(), r.PathValue("token"), readers.VisitorID(visitor))
	if fault.Is(err, fault.Conflict) { // the page says it
		return to(w, r, "/given/"+r.PathValue("token"))
	}
	if err != nil {
		return err
	}
	a, err := s.articleByID(r.Context(), id)
	if err != nil {
		return err
	}
	s.cookies.know(w, visitor)
	return to(w, r, "/articles/"+a.Slug)
}

// givenPart stands over the text of an article that was given, and asks its reader to become one of ours.
type givenPart struct {
	Slug       string
	SignedIn   bool
	Free       int
	ConsentBox bool
}

func (s *Site) givenNotice(v visit, slug string) (string, error) {
	b, err := s.screens.givenTop.Render(givenPart{Slug: slug, SignedIn: v.signedIn, Free: s.Gate.Policy().Free, ConsentBox: s.Config.Wall.ConsentBox})
	return string(b), err
}

// gave is an article that a reader gave away, as their account shows it.
type gave struct {
	library.Summary
	access.Gift
}

// LastDay is the last day on which its link is good to its end.
func (g gave) LastDay() time.Time { return g.Ends.AddDate(0, 0, -1) }

// givenBy returns what a reader gave away lately and how much they can give this month.
func (s *Site) givenBy(ctx context.Context, reader int64) ([]gave, int, error) {
	gifts, left, err := s.Gate.Gifts(ctx, reader)
	if err != nil {
		return nil, 0, err
	}
	ids := make([]int64, len(gifts))
	for i, g := range gifts {
		ids[i] = g.Article
	}
	list, err := s.Library.Summaries(ctx, ids)
	var out []gave
	for _, g := range gifts {
		for _, a := range list {
			if a.ID == g.Article {
				out = append(out, gave{a, g})
			}
		}
	}
	return out, left, err
}

func (s *Site) takeBack(_ http.ResponseWriter, r *http.Request, v visit) (string, error) {
	id, err := strconv.ParseInt(r.PostForm.Get("article"), 10, 64)
	if err != nil {
		return "", errNoPage
	}
	return "taken-back", s.Gate.TakeBack(r.Context(), v.person.Reader, r.PostForm.Get("period"), id)
}
