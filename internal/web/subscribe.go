package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/library"
)

// subscribePage says what All-Access is, what it costs and how to have it: at the till or, where there is none, by
// writing to us.
type subscribePage struct {
	Frame
	From   string // slug of the article that led here, "" without
	Paid   bool   // who asks has All-Access
	Saving *saving
	Sale   *sale // nil without a till
}

// Month and Year are the prices in the publication's words.
func (p subscribePage) Month() string { return p.Site.priceOf(billing.Monthly) }

// Year is the price of a year.
func (p subscribePage) Year() string { return p.Site.priceOf(billing.Yearly) }

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
	if s.Till != nil && !v.paid {
		return s.showSale(w, r, http.StatusOK, v, from, s.saleFor(r, v))
	}
	if from == "" && !v.paid {
		return s.sharedFor(v, w, r, "subscribe", func(ctx context.Context) ([]byte, error) { return s.renderSubscribe(ctx, subscribePage{}) })
	}
	b, err := s.renderSubscribe(r.Context(), subscribePage{From: from, Paid: v.paid})
	if err != nil {
		return err
	}
	s.send(w, r, http.StatusOK, v, b)
	return nil
}

// cameFrom is the slug of the article named by ?article=, "" when there is none of that name.
func (s *Site) cameFrom(r *http.Request) (string, error) {
	return s.slugOf(r.Context(), r.URL.Query().Get("article"))
}

// slugOf is the slug that an article has now, "" when there is none of that name.
func (s *Site) slugOf(ctx context.Context, slug string) (string, error) {
	if slug == "" {
		return "", nil
	}
	h, err := s.head(ctx, slug)
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

func (s *Site) renderSubscribe(ctx context.Context, p subscribePage) (_ []byte, err error) {
	if p.Frame, err = s.frame(ctx, s.texts.T("door.subscribe"), "/subscribe"); err != nil {
		return nil, err
	}
	p.Lead, p.Card = s.texts.T("subscribe.lead", p.Publication()), &Card{Type: "website"}
	if save, ok := savingOf(p.Month(), p.Year()); ok && p.Sale == nil {
		p.Saving = &save
	}
	return s.screens.subscribe.Render(p)
}
