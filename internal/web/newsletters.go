package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/newsletters"
	"github.com/gatefold/gatefold/internal/page"
	"github.com/gatefold/gatefold/internal/readers"
)

// letterRoutes are the newsletters: their pages and archive, and what the links of their mails lead to. None of them
// asks anybody to sign in first (W-24). A path with {token} stays out of the log.
func (s *Site) letterRoutes() []Route {
	return []Route{
		{"GET /newsletters", s.newsletters},
		{"POST /newsletters", s.joinNewsletter},
		{"GET /newsletters/{slug}", s.newsletter},
		{"GET /newsletters/{slug}/{number}", s.edition},
		{"GET /preferences/{token}", s.preferences},
		{"POST /preferences/{token}", s.prefer},
		{"GET /unsubscribe/{token}", s.leaving},
		{leaveRoute, s.leaveNewsletter},
		{"GET /l/{token}", s.click},
	}
}

// leaveRoute takes the button of a mail program, which is another site to a browser and knows no cookie (RFC 8058).
const leaveRoute = "POST /unsubscribe/{token}"

// letterScreens are their templates.
type letterScreens struct {
	newsletters *page.Screen[newslettersPage]
	newsletter  *page.Screen[newsletterPage]
	edition     *page.Screen[editionPage]
	preferences *page.Screen[preferencesPage]
	leaving     *page.Screen[leavingPage]
}

func newLetterScreens(k *page.Kit, err *error) (s letterScreens) {
	load(k, err, &s.newsletters, "newsletters.html")
	load(k, err, &s.newsletter, "newsletter.html")
	load(k, err, &s.edition, "edition.html")
	load(k, err, &s.preferences, "preferences.html")
	load(k, err, &s.leaving, "unsubscribe.html")
	return s
}

// newslettersPage lists the newsletters and takes an address for the free one. The address is on no list before its
// mail is confirmed.
type newslettersPage struct {
	Frame
	List   []newsletters.Newsletter
	Signup signup
}

// signup is a form that puts an address on the list of one newsletter.
type signup struct {
	Slug     string
	SignedIn bool   // the address is known: there is a button alone
	Typed    string // into the form before
	Fault    string // what was wrong with it
	Letter   string // edition that led to the form, "" where its address says so
}

// Schedule says in words when a newsletter comes.
func (p newslettersPage) Schedule(n newsletters.Newsletter) string { return p.Site.scheduleWords(n) }

// ForSubscribers reports that a newsletter comes with All-Access.
func (p newslettersPage) ForSubscribers(n newsletters.Newsletter) bool {
	return n.Audience == newsletters.Subscribers
}

// scheduleWords says when a newsletter comes: "Monday to Friday, 06:00", "Saturday, 08:00".
func (s *Site) scheduleWords(n newsletters.Newsletter) string {
	text := n.Schedule.String()
	switch text {
	case "on publication":
		return s.texts.T("newsletters.when.publication")
	case "by hand":
		return s.texts.T("newsletters.when.irregular")
	}
	days, clock, _ := strings.Cut(text, " ")
	if key := "newsletters.when." + days; s.texts.Has(key) {
		return s.texts.T("newsletters.when.at", s.texts.T(key), clock)
	}
	var names []string
	for _, d := range strings.Split(days, ",") {
		names = append(names, s.texts.T("newsletters.day."+d))
	}
	return s.texts.T("newsletters.when.at", strings.Join(names, ", "), clock)
}

func (s *Site) newsletters(w http.ResponseWriter, r *http.Request) error {
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	return s.showNewsletters(w, r, http.StatusOK, v, newslettersPage{})
}

func (s *Site) showNewsletters(w http.ResponseWriter, r *http.Request, status int, v visit, p newslettersPage) (err error) {
	if p.Frame, err = s.frame(r.Context(), s.texts.T("nav.newsletters"), "/newsletters"); err != nil {
		return err
	}
	if p.List, err = s.Newsletters.All(r.Context()); err != nil {
		return err
	}
	p.Lead = s.texts.T("newsletters.text")
	b, err := s.screens.newsletters.Render(p)
	if err != nil {
		return err
	}
	s.send(w, r, status, v, b)
	return nil
}

// newsletterPage is one newsletter: what it is, how to have it, and its editions.
type newsletterPage struct {
	Frame
	Newsletter newsletters.Newsletter
	Signup     signup
	May        bool // who asks has the standing for it
	Has        bool
	Token      string // to the page of preferences, for who has it
	Editions   []newsletters.Edition
	Older      string
}

// Schedule says in words when it comes.
func (p newsletterPage) Schedule() string { return p.Site.scheduleWords(p.Newsletter) }

// Paid reports that it comes with All-Access.
func (p newsletterPage) Paid() bool { return p.Newsletter.Audience == newsletters.Subscribers }

// editionsOnPage is how many editions a page of an archive lists.
const editionsOnPage = 30

func (s *Site) newsletter(w http.ResponseWriter, r *http.Request) error {
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	n, err := s.Newsletters.BySlug(r.Context(), r.PathValue("slug"))
	if err != nil {
		return err
	}
	return s.showNewsletter(w, r, http.StatusOK, v, newsletterPage{Newsletter: n})
}

func (s *Site) showNewsletter(w http.ResponseWriter, r *http.Request, status int, v visit, p newsletterPage) (err error) {
	n, path := p.Newsletter, "/newsletters/"+p.Newsletter.Slug
	if p.Frame, err = s.frame(r.Context(), n.Name, path); err != nil {
		return err
	}
	p.Lead, p.Signup.Slug, p.Signup.SignedIn = n.Description, n.Slug, v.signedIn
	before, err := numberOf(r.URL.Query().Get("before"))
	if err != nil {
		return err
	}
	list, err := s.Newsletters.Archive(r.Context(), n, before, editionsOnPage+1)
	if err != nil {
		return err
	}
	if len(list) > editionsOnPage {
		list = list[:editionsOnPage]
		p.Older = path + "?before=" + strconv.Itoa(list[editionsOnPage-1].Number)
	}
	p.Editions, p.May = list, n.Audience != newsletters.Subscribers || v.paid
	if v.signedIn {
		if err := s.fillHas(r.Context(), v, &p); err != nil {
			return err
		}
	}
	b, err := s.screens.newsletter.Render(p)
	if err != nil {
		return err
	}
	s.send(w, r, status, v, b)
	return nil
}

func (s *Site) fillHas(ctx context.Context, v visit, p *newsletterPage) error {
	choices, err := s.Newsletters.Choices(ctx, v.person.Reader)
	for _, c := range choices {
		p.Has = p.Has || c.Has && c.Newsletter.ID == p.Newsletter.ID
	}
	p.Token = s.Newsletters.PreferencesToken(v.person.Reader)
	return err
}

// numberOf reads the number of an edition; "" is 0. Anything else is no page.
func numberOf(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 1<<30 || strconv.Itoa(n) != text {
		return 0, errNoPage
	}
	return n, nil
}

// joinNewsletter puts a signed-in reader on a list, and asks everybody else to confirm their address first.
func (s *Site) joinNewsletter(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return errForm(err)
	}
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	slug, typed := r.PostForm.Get("newsletter"), r.PostForm.Get("email")
	n, err := s.Newsletters.BySlug(r.Context(), orFree(slug))
	if err != nil {
		return err
	}
	if trapped(r) {
		return s.showInbox(w, r, http.StatusOK, v, inboxPage{Address: typed, ReturnTo: "/", Letters: n.Name})
	}
	wording := s.texts.T("newsletters.consent")
	if v.signedIn && !r.PostForm.Has("email") {
		err := s.Newsletters.Subscribe(r.Context(), v.person.Reader, newsletters.Choice{Newsletter: n}, wording, network(w, r))
		if err != nil {
			return err
		}
		return to(w, r, "/newsletters/"+n.Slug)
	}
	if n.Audience == newsletters.Subscribers {
		return to(w, r, "/newsletters/"+n.Slug) // its page says how to have it
	}
	if err := s.stamps.unstamped(r, s.Config.Limits.UnseenFormsPerMinute); err != nil {
		return s.joinAgain(w, r, v, n, slug != "", signup{Typed: typed, Fault: s.texts.Fault(err)})
	}
	answer, err := s.Readers.KeepReading(r.Context(), readers.Ask{Address: typed, Visitor: v.visitor,
		ReturnTo: withLetter("/account?done=newsletter", letterBehind(r)), From: network(w, r),
		Letters: n.Name, Consent: &readers.Consent{Subject: n.Consent(), Wording: wording}})
	if fault.Is(err, fault.Invalid) {
		return s.joinAgain(w, r, v, n, slug != "", signup{Typed: typed, Fault: s.texts.Fault(err)})
	}
	if err != nil {
		return err
	}
	s.cookies.know(w, answer.Visitor)
	return s.showInbox(w, r, http.StatusOK, v, inboxPage{Address: answer.Address, ReturnTo: "/", Letters: n.Name})
}

// orFree is the newsletter a form without a name is for: the one that the wall offers.
func orFree(slug string) string {
	if slug == "" {
		return "free"
	}
	return slug
}

// joinAgain shows a refused form where it stood, or on the page of all newsletters when it stood below something else.
func (s *Site) joinAgain(w http.ResponseWriter, r *http.Request, v visit, n newsletters.Newsletter, own bool, f signup) error {
	f.Letter = letterBehind(r)
	if own {
		return s.showNewsletter(w, r, http.StatusUnprocessableEntity, v, newsletterPage{Newsletter: n, Signup: f})
	}
	return s.showNewsletters(w, r, http.StatusUnprocessableEntity, v, newslettersPage{Signup: f})
}

// admitFor asks the wall for who looks at an edition.
func (s *Site) admitFor(who access.Person) newsletters.Admit {
	return func(ctx context.Context, a access.Article) (access.Decision, error) { return s.Gate.Admit(ctx, who, a) }
}
