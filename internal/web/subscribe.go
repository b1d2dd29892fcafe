package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/library"
)

// subscribePage says what All-Access is, what it costs and how to have it: by writing to us, as there is no till.
type subscribePage struct {
	Frame
	From   string // slug of the article that led here, "" without
	Paid   bool   // who asks has All-Access
	Saving *saving
}

// Month and Year are the prices in the publication's words.
func (p subscribePage) Month() string { return p.Site.Config.Subscribe.PriceMonth }

// Year is the price of a year.
func (p subscribePage) Year() string { return p.Site.Config.Subscribe.PriceYear }

// Holds is what All-Access holds, line by line.
func (p subscribePage) Holds() []string { return p.Site.Config.Subscribe.AllAccessLines }

// Free is how many articles a confirmed reader opens in a period without paying.
func (p subscribePage) Free() int { return p.Site.Config.Wall.FreeArticles }

// Rolling reports that the free articles are of the last thirty days, not of the calendar month.
func (p subscribePage) Rolling() bool { return p.Site.Gate.Policy().Rolling }

// Contact is the address to write to.
func (p subscribePage) Contact() string { return p.Site.Config.SubscribeContact() }

// WriteMonth is the letter that asks for a subscription by the month, ready to be sent.
func (p subscribePage) WriteMonth() string { return p.letter("subscribe.letter-month") }

// WriteYear is the letter that asks for a subscription by the year.
func (p subscribePage) WriteYear() string { return p.letter("subscribe.letter-year") }

// Write is an empty letter.
func (p subscribePage) Write() string { return "mailto:" + p.Contact() }

// letter is an address that opens a letter (RFC 6068). It names the article that led here, so that whoever answers can
// send the reader back to it.
func (p subscribePage) letter(subject string) string {
	t := p.Site.texts
	body := t.T("subscribe.letter")
	if p.From != "" {
		body += "\n\n" + t.T("subscribe.letter-article", p.Site.origin+"/articles/"+p.From)
	}
	return "mailto:" + p.Contact() + "?subject=" + percent(t.T(subject, p.Publication())) +
		"&body=" + percent(strings.ReplaceAll(body, "\n", "\r\n"))
}

// percent escapes a header field of a mailto address, in which a space is no plus (RFC 6068, 2).
func percent(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

// subscribe shows the page. It is the same for everyone but for those who come from an article, and those who have
// All-Access already.
func (s *Site) subscribe(w http.ResponseWriter, r *http.Request) error {
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	from, err := s.cameFrom(r)
	if err != nil {
		return err
	}
	if from == "" && !v.paid {
		return s.sharedFor(v, w, r, "subscribe", func(ctx context.Context) ([]byte, error) { return s.renderSubscribe(ctx, "", false) })
	}
	b, err := s.renderSubscribe(r.Context(), from, v.paid)
	if err != nil {
		return err
	}
	s.send(w, r, http.StatusOK, v, b)
	return nil
}

// cameFrom is the slug of the article named by ?article=, "" when there is none of that name.
func (s *Site) cameFrom(r *http.Request) (string, error) {
	slug := r.URL.Query().Get("article")
	if slug == "" {
		return "", nil
	}
	h, err := s.head(r.Context(), slug)
	if m := (*library.Moved)(nil); errors.As(err, &m) {
		return m.Slug, nil
	}
	if fault.Is(err, fault.NotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return h.slug, nil
}

func (s *Site) renderSubscribe(ctx context.Context, from string, paid bool) ([]byte, error) {
	p := subscribePage{From: from, Paid: paid}
	var err error
	if p.Frame, err = s.frame(ctx, s.texts.T("door.subscribe"), "/subscribe"); err != nil {
		return nil, err
	}
	p.Lead, p.Card = s.texts.T("subscribe.lead", p.Publication()), &Card{Type: "website"}
	if save, ok := savingOf(p.Month(), p.Year()); ok {
		p.Saving = &save
	}
	return s.screens.subscribe.Render(p)
}
