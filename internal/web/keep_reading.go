package web

import (
	"net/http"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/readers"
)

// keepReading takes an address at the wall. The mail goes out, or not, and the browser gets the article, or not, but
// the answer is the same for every address (S-06): back to the article, where the decision is made anew.
func (s *Site) keepReading(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return errForm(err)
	}
	h, err := s.head(r.Context(), r.PostForm.Get("article"))
	if err != nil {
		return s.moved(w, r, err)
	}
	back := "/articles/" + h.slug
	if trapped(r) {
		return to(w, r, back)
	}
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	if v.signedIn { // the courtesy is for strangers: a reader has free articles of their own
		return to(w, r, back)
	}
	if err := s.stamps.unstamped(r, s.Config.Limits.UnseenFormsPerMinute); err != nil {
		return s.keepReadingAgain(w, r, v, h, err)
	}
	answer, err := s.askAtWall(w, r, v, h)
	if fault.Is(err, fault.Invalid) {
		return s.keepReadingAgain(w, r, v, h, err)
	}
	if err != nil {
		return err
	}
	s.cookies.know(w, answer.Visitor)
	return to(w, r, back)
}

// askAtWall sends the mail and gives the courtesy, each within its limits.
func (s *Site) askAtWall(w http.ResponseWriter, r *http.Request, v visit, h *head) (readers.Answer, error) {
	a, err := s.Library.BySlug(r.Context(), h.slug)
	if err != nil {
		return readers.Answer{}, err
	}
	from := network(w, r)
	answer, err := s.Readers.KeepReading(r.Context(), readers.Ask{Address: r.PostForm.Get("email"), Visitor: v.visitor,
		ArticleTitle: a.Title, ReturnTo: withLetter("/articles/"+h.slug, letterBehind(r)), Consent: s.consent(r), From: from})
	if err != nil || answer.Disposable || s.Gate.Policy().Level(h.facts, s.Now()) != access.Metered {
		return answer, err
	}
	_, err = s.Gate.Courtesy(r.Context(), access.CourtesyRequest{Visitor: readers.VisitorID(answer.Visitor),
		Address: answer.Mailbox, Network: from.String(), Article: h.facts.ID})
	return answer, err
}

// consent is what a form's box agrees to, nil when it was left alone.
func (s *Site) consent(r *http.Request) *readers.Consent {
	if r.PostForm.Get("newsletter") != "on" {
		return nil
	}
	wording := s.texts.T("wall.keep.consent")
	if !s.Config.Wall.ConsentBox {
		wording = s.texts.T("wall.keep.consent-words")
	}
	return &readers.Consent{Subject: readers.Newsletter, Wording: wording}
}

// trapped reports that the field people do not see was filled in. The answer is then the usual one, and nothing is done.
func trapped(r *http.Request) bool { return r.PostForm.Get("website") != "" }

func errForm(err error) error {
	return fault.Wrap(fault.Invalid, err, "The form could not be read. Go back and send it again.")
}

// keepReadingPage is the form by itself, with what was wrong.
type keepReadingPage struct {
	Frame
	Title string // of the article
	Wall  wallPart
}

func (s *Site) keepReadingAgain(w http.ResponseWriter, r *http.Request, v visit, h *head, wrong error) error {
	a, err := s.Library.BySlug(r.Context(), h.slug)
	if err != nil {
		return err
	}
	d, err := s.Gate.Admit(r.Context(), v.person, h.facts)
	if err != nil {
		return err
	}
	p := keepReadingPage{Title: a.Title, Wall: s.wall(a, variantOf(d, v), d)}
	p.Wall.Typed, p.Wall.Fault, p.Wall.Consented = r.PostForm.Get("email"), s.texts.Fault(wrong), r.PostForm.Get("newsletter") == "on"
	p.Wall.Letter = letterBehind(r)
	if p.Frame, err = s.frame(r.Context(), s.texts.T("wall.keep.heading"), "/keep-reading"); err != nil {
		return err
	}
	p.NoIndex = true
	b, err := s.screens.keepReading.Render(p)
	if err != nil {
		return err
	}
	s.send(w, r, http.StatusUnprocessableEntity, v, b)
	return nil
}
