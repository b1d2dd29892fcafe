package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/groups"
	"github.com/gatefold/gatefold/internal/page"
	"github.com/gatefold/gatefold/internal/readers"
)

// tillRoutes are where a subscription is bought and looked after. They are there only where something is sold.
func (s *Site) tillRoutes() []Route {
	if s.Till == nil {
		return nil
	}
	routes := []Route{
		{"POST /subscribe", s.beginCheckout},
		{"GET /subscribe/return/{token}", s.returned},
		{"GET /card/{token}", s.cardForm},
		{"POST /card/{token}", s.changeCard},
		{"GET /still/{token}", s.stillForm},
		{"POST /still/{token}", s.stillThere},
		{"GET /account/subscription/cancel", s.cancelForm},
		{"POST /account/subscription/cancel", s.change("cancel", "", s.cancelSubscription)},
		{"POST /account/subscription/resume", s.change("resume", "", s.resumeSubscription)},
		{"POST /account/subscription/pause", s.change("pause", "", s.pauseSubscription)},
		{"POST /account/subscription/plan", s.change("plan", "", s.switchPlan)},
		{"GET /account/subscription/withdraw", s.withdrawForm},
		{"GET /account/receipt/{entry}", s.receipt},
		{"POST /account/subscription/portal", s.portal},
		{"POST /account/subscription/withdraw", s.change("withdraw", "", s.withdraw)},
	}
	if s.Rehearsal != nil {
		routes = append(routes, Route{"GET /test-checkout/{ref}", s.testCheckout}, Route{"POST /test-checkout/{ref}", s.testCheckoutDo})
	}
	return routes
}

// tillScreens are their templates.
type tillScreens struct {
	checkout *page.Screen[checkoutPage]
	card     *page.Screen[cardPage]
	still    *page.Screen[stillPage]
	leave    *page.Screen[leavePage]
	test     *page.Screen[testPage]
}

func newTillScreens(k *page.Kit, err *error) (s tillScreens) {
	load(k, err, &s.checkout, "checkout.html")
	load(k, err, &s.card, "card.html")
	load(k, err, &s.still, "still.html")
	load(k, err, &s.leave, "leave.html")
	load(k, err, &s.test, "test_checkout.html")
	return s
}

// priceOf is what a period costs, in words: of the first plan that is sold in the first currency, or as configured where
// there is no till.
func (s *Site) priceOf(every billing.Period) string {
	if s.Till == nil {
		if every == billing.Yearly {
			return s.Config.Subscribe.PriceYear
		}
		return s.Config.Subscribe.PriceMonth
	}
	for _, p := range s.Till.Catalog().Plans {
		if p.Every == every && !p.Closed && p.ForAll() {
			return s.sum(p.Prices[0])
		}
	}
	return ""
}

// sum writes an amount in the publication's language.
func (s *Site) sum(m billing.Money) string { return m.Format(s.Config.Publication.Language) }

// sale is the form of the subscription page.
type sale struct {
	Offers     []offer
	Country    string    // that the buyer says to live in, "" for none that has prices of its own
	Countries  []country // that have
	Currency   string
	Currencies []string // others that something is sold in
	Article    string   // slug of the article that led here, ""
	Letter     string   // number of the edition that led here, ""
	Address    string   // of who is signed in, ""
	Typed      string
	Coupon     string
	Field      string // the form field that is wrong
	Fault      string
	Left       bool // came back from the checkout without paying
}

// offer is one plan on the page.
type offer struct {
	billing.Plan
	Sum     string
	First   string // what the first period costs newcomers, ""
	Saving  *saving
	Country string // whose price it is, in words; "" for everyone's
}

// Yearly reports that a plan is paid by the year.
func (o offer) Yearly() bool { return o.Every == billing.Yearly }

// saleFor is the form as an address asks for it.
func (s *Site) saleFor(r *http.Request, v visit) sale {
	q := r.URL.Query()
	f := sale{Country: q.Get("country"), Currency: q.Get("currency"), Coupon: q.Get("coupon"), Left: q.Has("left"), Letter: letterIn(r)}
	if v.signedIn {
		f.Address = v.session.Reader.Address
	}
	return f
}

// letterIn is the number of the edition in the address of a request or of the page before it, "" for none.
func letterIn(r *http.Request) string {
	if n, err := numberOf(r.URL.Query().Get("letter")); err == nil && n > 0 {
		return r.URL.Query().Get("letter")
	}
	return letterBehind(r)
}

// showSale shows the page with what is sold.
func (s *Site) showSale(w http.ResponseWriter, r *http.Request, status int, v visit, from string, f sale) error {
	catalog := s.Till.Catalog()
	var lives []string
	if f.Countries = s.countriesOf(catalog, f.Country); slices.ContainsFunc(f.Countries, func(c country) bool { return c.Chosen }) {
		lives = []string{f.Country}
	} else {
		f.Country = ""
	}
	all := catalog.CurrenciesIn(lives)
	if !slices.Contains(all, f.Currency) {
		f.Currency = all[0]
	}
	f.Article = from
	for _, code := range all {
		if code != f.Currency {
			f.Currencies = append(f.Currencies, code)
		}
	}
	sold := catalog.SoldIn(lives, f.Currency)
	for _, p := range sold {
		price, _ := p.Price(f.Currency)
		o := offer{Plan: p, Sum: s.sum(price.Amount)}
		for _, first := range p.First {
			if first.Currency == f.Currency {
				o.First = s.sum(first)
			}
		}
		if len(p.Countries) > 0 {
			o.Country = s.countryName(f.Country)
		}
		o.Saving = s.savingOfYear(sold, price)
		f.Offers = append(f.Offers, o)
	}
	b, err := s.renderSubscribe(r.Context(), subscribePage{From: from, Sale: &f})
	if err != nil {
		return err
	}
	s.send(w, r, status, v, b)
	return nil
}

// savingOfYear is what a price by the year is less than twelve of the first plan by the month, of those on one page.
func (s *Site) savingOfYear(plans []billing.Plan, year billing.Price) *saving {
	if year.Every != billing.Yearly {
		return nil
	}
	own, _ := billing.Catalog{Plans: plans}.Plan(year.Plan)
	concession := len(own.Domains) > 0 // which is compared with its like
	for _, p := range plans {
		month, ok := p.Price(year.Amount.Currency)
		if !ok || p.Closed || p.Every != billing.Monthly || (len(p.Domains) > 0) != concession || len(own.Countries) == 0 && len(p.Countries) > 0 {
			continue
		}
		less := 12*month.Amount.Amount - year.Amount.Amount
		if less <= 0 {
			return nil
		}
		out := saving{Amount: s.sum(billing.Money{Amount: less, Currency: year.Amount.Currency})}
		if less%month.Amount.Amount == 0 {
			out.Months = int(less / month.Amount.Amount)
		}
		return &out
	}
	return nil
}

// beginCheckout takes the form and sends the browser to where it is paid.
func (s *Site) beginCheckout(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return errForm(err)
	}
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	form := r.PostForm
	from, err := s.slugOf(r.Context(), form.Get("article"))
	if err != nil {
		return err
	}
	if trapped(r) {
		return to(w, r, "/subscribe")
	}
	f := sale{Country: form.Get("country"), Currency: form.Get("currency"), Coupon: form.Get("coupon"), Typed: form.Get("email"), Letter: form.Get("letter")}
	if v.signedIn {
		f.Address = v.session.Reader.Address
	}
	if err := s.stamps.unstamped(r, s.Config.Limits.UnseenFormsPerMinute); err != nil {
		f.Fault = s.texts.Fault(err)
		return s.showSale(w, r, page.Status(err), v, from, f)
	}
	if err := s.countCheckout(w, r, v, f.Typed); err != nil {
		return err
	}
	b := billing.Buyer{Reader: v.person.Reader, Address: f.Typed, Campaign: campaignOf(from, f.Letter)}
	if from != "" {
		b.Back = "/articles/" + from
	}
	started, err := s.Till.Begin(r.Context(), b, billing.Wish{Plan: form.Get("plan"), Country: f.Country, Currency: f.Currency, Coupon: f.Coupon})
	if err != nil {
		return s.saleAgain(w, r, v, from, f, err)
	}
	s.cookies.set(w, s.cookies.pass, started.Pass, passAge)
	http.Redirect(w, r, started.URL, http.StatusSeeOther)
	return nil
}

// countCheckout refuses a network or an address that begins too many checkouts: each is a row here and a session at the
// provider (S-15). A network has many readers behind it at times, an address has one.
func (s *Site) countCheckout(w http.ResponseWriter, r *http.Request, v visit, typed string) error {
	now, most := s.Now(), s.Config.Limits.CheckoutsPerMinute
	wait := s.turnstile.pass("checkout "+network(w, r).String(), most, now)
	if v.signedIn {
		typed = v.session.Reader.Address
	}
	if _, mailbox, err := readers.Canonical(typed); wait == 0 && err == nil {
		wait = s.turnstile.pass("checkout of "+mailbox, most/2, now)
	}
	if wait > 0 {
		return fault.Limited(wait, "%s", s.texts.T("till.too-many"))
	}
	return nil
}

// campaignOf names what led to a subscription: the letter rather than the article it led to.
func campaignOf(article, letter string) string {
	if n, err := numberOf(letter); err == nil && n > 0 {
		return "letter:" + letter
	}
	if article != "" {
		return "article:" + article
	}
	return ""
}

// saleAgain shows the form with what was wrong. A till that does not answer says so kindly: nothing was charged.
func (s *Site) saleAgain(w http.ResponseWriter, r *http.Request, v visit, from string, f sale, err error) error {
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Conflict:
		f.Fault = s.texts.Fault(err)
	case fault.Unavailable:
		s.Log.Warn("no checkout can be begun", "error", err)
		f.Fault = s.texts.T("till.away")
	default:
		return err
	}
	if wrong := (*fault.Error)(nil); errors.As(err, &wrong) {
		f.Field = wrong.Field
	}
	return s.showSale(w, r, page.Status(err), v, from, f)
}

// checkoutPage tells what has become of a checkout.
type checkoutPage struct {
	Frame
	State   string // "paid", "twice", "had", "over", "waiting"
	Address string // where the mail with the link went; "" for who is signed in
	Back    string
	Again   string // to the prices
	Look    string // to this page
}

// returned is where the buyer comes back to. What the address says is not believed: the provider is asked (W-34).
func (s *Site) returned(w http.ResponseWriter, r *http.Request) error {
	o, err := s.Till.Return(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	if id := groups.Number(o.For); o.Paid && id > 0 {
		return to(w, r, "/account/groups/"+strconv.FormatInt(id, 10))
	}
	if o.Paid && o.For != "" && s.Gifts != nil {
		next, err := s.presentBought(r.Context(), o.For)
		if err != nil {
			return err
		}
		return to(w, r, next)
	}
	p := checkoutPage{Address: o.Address, Back: o.Back, Look: r.URL.Path}
	switch {
	case o.Paid:
		p.State = "paid"
		s.Gate.Forget(o.Contract.Reader)
	case o.Refused != "":
		p.State = string(o.Refused)
	case o.Over:
		p.State = "over"
	default:
		p.State = "waiting"
		w.Header()["Refresh"] = []string{"5"}
	}
	v, err := s.visit(r) // now, as it may have begun to read
	if err != nil {
		return err
	}
	if v.signedIn {
		p.Address = ""
	}
	p.Again = "/subscribe"
	if slug, ok := strings.CutPrefix(o.Back, "/articles/"); ok {
		p.Again += "?" + url.Values{"article": {slug}}.Encode()
	}
	if p.Frame, err = s.frame(r.Context(), s.texts.T("till."+p.State), r.URL.Path); err != nil {
		return err
	}
	p.NoIndex, p.Canonical = true, ""
	b, err := s.screens.checkout.Render(p)
	if err != nil {
		return err
	}
	s.send(w, r, http.StatusOK, v, b)
	return nil
}

// cardPage has one button, which leads to where a card is changed: a program that follows the links of mails presses
// none.
type cardPage struct {
	Frame
	Token string
	Done  bool
}

func (s *Site) cardForm(w http.ResponseWriter, r *http.Request) (err error) {
	p := cardPage{Token: r.PathValue("token"), Done: r.URL.Query().Has("done")}
	if p.Done {
		err = s.Till.CardChanged(r.Context(), p.Token)
	} else {
		_, err = s.Till.CardOf(r.Context(), p.Token)
	}
	if err != nil {
		return err
	}
	if p.Frame, err = s.frame(r.Context(), s.texts.T("till.card"), r.URL.Path); err != nil {
		return err
	}
	p.NoIndex, p.Canonical = true, ""
	b, err := s.screens.card.Render(p)
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

func (s *Site) changeCard(w http.ResponseWriter, r *http.Request) error {
	address, err := s.Till.CardPage(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}

// stillPage asks once a year whether a reader still has the address that a price is for.
type stillPage struct {
	Frame
	Token string
	Done  bool
}

func (s *Site) stillForm(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.Till.Still(r.Context(), r.PathValue("token")); err != nil {
		return err
	}
	return s.showStill(w, r, stillPage{Token: r.PathValue("token")})
}

func (s *Site) stillThere(w http.ResponseWriter, r *http.Request) error {
	if err := s.Till.StillThere(r.Context(), r.PathValue("token")); err != nil {
		return err
	}
	return s.showStill(w, r, stillPage{Done: true})
}

func (s *Site) showStill(w http.ResponseWriter, r *http.Request, p stillPage) (err error) {
	if p.Frame, err = s.frame(r.Context(), s.texts.T("till.still"), r.URL.Path); err != nil {
		return err
	}
	p.NoIndex, p.Canonical = true, ""
	b, err := s.screens.still.Render(p)
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
