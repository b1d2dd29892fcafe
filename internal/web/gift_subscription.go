package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/gifts"
	"github.com/gatefold/gatefold/internal/page"
)

// presentRoutes are where a subscription is given and redeemed. They are there only where gifts are sold.
func (s *Site) presentRoutes() []Route {
	if s.Gifts == nil {
		return nil
	}
	return []Route{
		{"GET /gift", s.presentForm},
		{"POST /gift", s.buyPresent},
		{"GET /gift/card/{token}", s.presentCard},
		{"GET /redeem", s.redeemForm},
		{"POST /redeem", s.redeem},
	}
}

// presentScreens are their templates.
type presentScreens struct {
	present *page.Screen[presentPage]
	gift    *page.Screen[presentCardPage]
	redeem  *page.Screen[redeemPage]
}

func newPresentScreens(k *page.Kit, err *error) (s presentScreens) {
	load(k, err, &s.present, "gift.html")
	load(k, err, &s.gift, "gift_card.html")
	load(k, err, &s.redeem, "redeem.html")
	return s
}

// presentPage sells a subscription for somebody else.
type presentPage struct {
	Frame
	Lengths    []present
	Currency   string
	Currencies []string // others
	Draft      gifts.Draft
	Address    string // of who is signed in, ""
	Typed      string
	Field      string // the form field that is wrong
	Fault      string
	Left       bool // came back from the checkout without paying
	First      string
	Last       string // the days it can be sent on
}

// present is one length of a gift.
type present struct {
	Months int
	Sum    string
}

// Is reports whether a length is the one chosen.
func (p presentPage) Is(months int) bool { return months == p.Draft.Months }

// Wrong reports whether a field is the wrong one.
func (p presentPage) Wrong(field string) bool { return field == p.Field }

func (s *Site) presentForm(w http.ResponseWriter, r *http.Request) error {
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	return s.showPresent(w, r, http.StatusOK, v, presentPage{Currency: q.Get("currency"), Left: q.Has("left"), Draft: gifts.Draft{Months: 12}})
}

func (s *Site) showPresent(w http.ResponseWriter, r *http.Request, status int, v visit, p presentPage) (err error) {
	catalog := s.Till.Catalog()
	all := catalog.Currencies()
	if !slices.Contains(all, p.Currency) {
		p.Currency = all[0]
	}
	p.Currencies = slices.DeleteFunc(all, func(code string) bool { return code == p.Currency })
	for _, months := range gifts.Months {
		if price, err := catalog.GiftPrice(months, p.Currency); err == nil {
			p.Lengths = append(p.Lengths, present{months, s.sum(price.Amount)})
		}
	}
	if v.signedIn {
		p.Address = v.session.Reader.Address
		if p.Draft.Signed == "" {
			p.Draft.Signed = v.session.Reader.Name
		}
	}
	now := s.Now().In(s.zone)
	p.First, p.Last = now.Format(time.DateOnly), now.AddDate(1, 0, 0).Format(time.DateOnly)
	if p.Frame, err = s.frame(r.Context(), s.texts.T("present.heading"), "/gift"); err != nil {
		return err
	}
	p.Lead, p.Card = s.texts.T("present.lead", p.Publication()), &Card{Type: "website"}
	b, err := s.screens.present.Render(p)
	if err != nil {
		return err
	}
	s.send(w, r, status, v, b)
	return nil
}

// buyPresent takes the form and sends the browser to where it is paid.
func (s *Site) buyPresent(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return errForm(err)
	}
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	if trapped(r) {
		return to(w, r, "/gift")
	}
	form := r.PostForm
	months, _ := strconv.Atoi(form.Get("months")) // 0 is refused
	p := presentPage{Currency: form.Get("currency"), Typed: form.Get("email"), Draft: gifts.Draft{Months: months, Signed: form.Get("signed"),
		Note: form.Get("note"), Receiver: form.Get("receiver"), Day: form.Get("day")}}
	if err := s.countCheckout(w, r, v, p.Typed); err != nil {
		return err
	}
	err = s.stamps.unstamped(r, s.Config.Limits.UnseenFormsPerMinute)
	if err == nil {
		var started billing.Started
		if started, err = s.beginPresent(r.Context(), v, p); err == nil {
			http.Redirect(w, r, started.URL, http.StatusSeeOther)
			return nil
		}
	}
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Conflict:
		p.Fault = s.texts.Fault(err)
	case fault.Unavailable:
		s.Log.Warn("no checkout can be begun", "error", err)
		p.Fault = s.texts.T("till.away")
	default:
		return err
	}
	if wrong := (*fault.Error)(nil); errors.As(err, &wrong) {
		p.Field = wrong.Field
	}
	return s.showPresent(w, r, page.Status(err), v, p)
}

func (s *Site) beginPresent(ctx context.Context, v visit, p presentPage) (billing.Started, error) {
	price, err := s.Till.Catalog().GiftPrice(p.Draft.Months, p.Currency)
	if err == nil && !slices.Contains(gifts.Months, p.Draft.Months) {
		err = errNoPage
	}
	if err != nil {
		return billing.Started{}, err
	}
	id, err := s.Gifts.Draft(ctx, p.Draft)
	if err != nil {
		return billing.Started{}, err
	}
	return s.Till.Buy(ctx, billing.Buyer{Reader: v.person.Reader, Address: p.Typed},
		gifts.Purchase(id, p.Draft.Months, price, s.presentName(p.Draft.Months)))
}

// presentName is what a gift of some months is called.
func (s *Site) presentName(months int) string {
	if months == 12 {
		return s.texts.T("present.name-year")
	}
	return s.texts.T("present.name", months)
}

// presentBought is where the buyer of a gift goes on when it is paid.
func (s *Site) presentBought(ctx context.Context, what string) (string, error) {
	g, err := s.Gifts.ByPurchase(ctx, what)
	return "/gift/card/" + s.Gifts.CardToken(g.ID), err
}

// presentCardPage is the card to print or to send on, for the giver alone.
type presentCardPage struct {
	Frame
	Gift gifts.Gift
	Code string
	Link string // the address that redeems it
	Mail string // an address that opens a letter with it
}

// Where is the address of the page that redeems it, as people type it.
func (p presentCardPage) Where() string {
	_, host, _ := strings.Cut(p.Site.origin, "://")
	return host + "/redeem"
}

// State is what has become of the gift, in one word.
func (p presentCardPage) State() string { return presentState(p.Gift) }

func presentState(g gifts.Gift) string {
	switch {
	case !g.Revoked.IsZero():
		return "revoked"
	case g.Redeemed():
		return "redeemed"
	case g.Receiver == "":
		return "card"
	case g.Delivered.IsZero():
		return "waits"
	}
	return "sent"
}

func (s *Site) presentCard(w http.ResponseWriter, r *http.Request) error {
	g, err := s.Gifts.Card(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	if g.Paid.IsZero() {
		return errNoPage
	}
	p := presentCardPage{Gift: g, Code: s.Gifts.Code(g)}
	p.Link = s.origin + "/redeem?code=" + p.Code
	p.Mail = "mailto:" + percent(g.Receiver) + "?subject=" + percent(s.presentName(g.Months)) + "&body=" +
		percent(s.texts.T("present.card.letter", s.Config.Publication.Name)+"\r\n\r\n"+p.Link)
	if p.Frame, err = s.frame(r.Context(), s.texts.T("present.card.heading"), r.URL.Path); err != nil {
		return err
	}
	p.NoIndex, p.Canonical, p.Class = true, "", "card-page"
	b, err := s.screens.gift.Render(p)
	if err != nil {
		return err
	}
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	s.send(w, r, http.StatusOK, v, b)
	return nil
}

// redeemPage takes a code, then shows what it holds, then gives it to who is signed in.
type redeemPage struct {
	Frame
	Code     string
	Gift     *gifts.Gift // of the code, nil for none
	SignedIn bool
	Address  string
	Fault    string
	Done     bool
	Back     string // the path that leads here again
}

// LastDay is the last day on which the gift is read to its end.
func (p redeemPage) LastDay() time.Time { return p.Gift.Ends.Add(-time.Microsecond) }

// redeemsPerMinute is how often one network may try a code in a minute, by each node.
const redeemsPerMinute = 10

// countRedeem refuses a network that tries too many codes.
func (s *Site) countRedeem(w http.ResponseWriter, r *http.Request) error {
	if wait := s.turnstile.pass("redeem "+network(w, r).String(), redeemsPerMinute, s.Now()); wait > 0 {
		return fault.Limited(wait, "Too many codes were tried from your network. Please try again in a minute.")
	}
	return nil
}

func (s *Site) redeemForm(w http.ResponseWriter, r *http.Request) error {
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	p := redeemPage{Code: r.URL.Query().Get("code")}
	if p.Code == "" {
		return s.showRedeem(w, r, http.StatusOK, v, p)
	}
	if err := s.countRedeem(w, r); err != nil {
		return err
	}
	g, err := s.Gifts.Find(r.Context(), p.Code)
	switch {
	case fault.Is(err, fault.Invalid):
		p.Fault = s.texts.Fault(err)
		return s.showRedeem(w, r, http.StatusUnprocessableEntity, v, p)
	case err != nil:
		return err
	case g.Redeemed() && (!v.signedIn || g.Reader != v.person.Reader):
		p.Fault = s.texts.T("redeem.had")
		return s.showRedeem(w, r, http.StatusUnprocessableEntity, v, p)
	}
	p.Gift, p.Done = &g, g.Redeemed()
	return s.showRedeem(w, r, http.StatusOK, v, p)
}

func (s *Site) showRedeem(w http.ResponseWriter, r *http.Request, status int, v visit, p redeemPage) (err error) {
	if p.SignedIn = v.signedIn; p.SignedIn {
		p.Address = v.session.Reader.Address
	}
	p.Back = "/redeem?" + url.Values{"code": {p.Code}}.Encode()
	if p.Frame, err = s.frame(r.Context(), s.texts.T("redeem.heading"), "/redeem"); err != nil {
		return err
	}
	p.NoIndex, p.Canonical = true, ""
	b, err := s.screens.redeem.Render(p)
	if err != nil {
		return err
	}
	s.send(w, r, status, v, b)
	return nil
}

func (s *Site) redeem(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return errForm(err)
	}
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	p := redeemPage{Code: r.PostForm.Get("code")}
	back := "/redeem?" + url.Values{"code": {p.Code}}.Encode()
	if !v.signedIn {
		return to(w, r, back)
	}
	if err := s.countRedeem(w, r); err != nil {
		return err
	}
	_, err = s.Gifts.Redeem(r.Context(), p.Code, v.person.Reader)
	s.Gate.Forget(v.person.Reader)
	if k := fault.KindOf(err); k == fault.Invalid || k == fault.Conflict || k == fault.NotFound {
		p.Fault = s.texts.Fault(err)
		return s.showRedeem(w, r, page.Status(err), v, p)
	}
	if err != nil {
		return err
	}
	return to(w, r, back)
}

// presented is a subscription that a reader gave, as their account shows it.
type presented struct {
	gifts.Gift
	State string
	Card  string // token of the card
}

func (s *Site) presentsOf(ctx context.Context, reader int64) (out []presented, err error) {
	if s.Gifts == nil {
		return nil, nil
	}
	list, err := s.Gifts.Given(ctx, reader)
	for _, g := range list {
		out = append(out, presented{g, presentState(g), s.Gifts.CardToken(g.ID)})
	}
	return out, err
}
