package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/groups"
	"github.com/gatefold/gatefold/internal/page"
)

// groupRoutes are where seats are bought, given out and taken.
func (s *Site) groupRoutes() []Route {
	routes := []Route{
		{"GET /account/groups/{id}", s.groupForm},
		{"POST /account/groups/{id}", s.changeGroup},
		{"GET /join/{token}", s.invitation},
		{"POST /join/{token}", s.acceptInvitation},
	}
	if s.Till != nil {
		routes = append(routes, Route{"GET /groups", s.groupSale}, Route{"POST /groups", s.buyGroup})
	}
	return routes
}

// groupScreens are their templates.
type groupScreens struct {
	group      *page.Screen[groupPage]
	groupSale  *page.Screen[groupSalePage]
	invitation *page.Screen[invitationPage]
}

func newGroupScreens(k *page.Kit, err *error) (s groupScreens) {
	load(k, err, &s.group, "group.html")
	load(k, err, &s.groupSale, "group_sale.html")
	load(k, err, &s.invitation, "invitation.html")
	return s
}

// groupSalePage sells seats.
type groupSalePage struct {
	Frame
	Offers     []offer // of one seat
	Currency   string
	Currencies []string
	SignedIn   bool
	Name       string
	Seats      string
	Plan       string
	Field      string
	Fault      string
	Left       bool
	Most       int
}

func (s *Site) groupSale(w http.ResponseWriter, r *http.Request) error {
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	return s.showGroupSale(w, r, http.StatusOK, v, groupSalePage{Currency: q.Get("currency"), Left: q.Has("left"), Seats: "5"})
}

func (s *Site) showGroupSale(w http.ResponseWriter, r *http.Request, status int, v visit, p groupSalePage) (err error) {
	catalog := s.Till.Catalog()
	all := catalog.Currencies()
	if !slices.Contains(all, p.Currency) {
		p.Currency = all[0]
	}
	p.Currencies = slices.DeleteFunc(all, func(code string) bool { return code == p.Currency })
	for _, plan := range catalog.Plans {
		if price, ok := plan.Price(p.Currency); ok && !plan.Closed && plan.ForAll() {
			p.Offers = append(p.Offers, offer{Plan: plan, Sum: s.sum(price.Amount), Saving: s.savingOfYear(catalog.Plans, price)})
		}
	}
	if p.Plan == "" && len(p.Offers) > 0 {
		p.Plan = p.Offers[len(p.Offers)-1].Slug
	}
	p.SignedIn, p.Most = v.signedIn, groups.MostSeats
	if p.Frame, err = s.frame(r.Context(), s.texts.T("group.sale.heading"), "/groups"); err != nil {
		return err
	}
	p.Lead, p.Card = s.texts.T("group.sale.text"), &Card{Type: "website"}
	b, err := s.screens.groupSale.Render(p)
	if err != nil {
		return err
	}
	s.send(w, r, status, v, b)
	return nil
}

// buyGroup takes the form and sends the browser to where the seats are paid.
func (s *Site) buyGroup(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return errForm(err)
	}
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	if !v.signedIn {
		return to(w, r, "/sign-in?return_to=/groups")
	}
	if err := s.countCheckout(w, r, v, ""); err != nil {
		return err
	}
	form := r.PostForm
	p := groupSalePage{Name: form.Get("name"), Seats: form.Get("seats"), Plan: form.Get("plan"), Currency: form.Get("currency")}
	started, err := s.beginGroup(r.Context(), v, p)
	if err == nil {
		http.Redirect(w, r, started.URL, http.StatusSeeOther)
		return nil
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
	return s.showGroupSale(w, r, page.Status(err), v, p)
}

func (s *Site) beginGroup(ctx context.Context, v visit, p groupSalePage) (billing.Started, error) {
	plan, ok := s.Till.Catalog().Plan(p.Plan)
	price, sold := plan.Price(p.Currency)
	if !ok || !sold || plan.Closed || !plan.ForAll() {
		return billing.Started{}, fault.Field("plan", "This is not sold any more. Please choose again.")
	}
	seats, _ := strconv.Atoi(p.Seats) // 0 is refused
	id, err := s.Groups.Make(ctx, groups.Wish{Name: p.Name, Seats: seats, Owner: v.person.Reader, Price: price.Amount.Amount})
	if err != nil {
		return billing.Started{}, err
	}
	price.Amount.Amount *= int64(seats)
	return s.Till.Buy(ctx, billing.Buyer{Reader: v.person.Reader}, billing.Purchase{For: groups.For(id), Price: price, Left: "/groups?left=1",
		Name: plan.Name + ", " + s.texts.T("group.seats", seats)})
}

// groupPage is where a group is looked after.
type groupPage struct {
	Frame
	Group    groups.Group
	Seats    []groups.Seat
	Domains  []string
	Own      string // the domain of the reader's own address, when the group is not open to it
	Report   groups.Report
	Owner    bool
	Contract *billing.Contract // what the owner pays, nil when nothing
	Price    string            // of all seats a period
	Receipts []receipt
	Runs     bool
	Done     string
	Form     string // the form that was wrong
	Typed    string
	Fault    string
}

// Wrong returns what is wrong with a form, "" for nothing.
func (p groupPage) Wrong(form string) string {
	if p.Form == form {
		return p.Fault
	}
	return ""
}

// Full reports that no seat is free.
func (p groupPage) Full() bool { return len(p.Seats) >= p.Group.Seats }

// LastDay is the last day on which the seats open articles.
func (p groupPage) LastDay() time.Time { return p.Group.Until.Add(-time.Microsecond) }

// Leaving reports that the contract ends with its period.
func (p groupPage) Leaving() bool { return p.Contract != nil && p.Contract.Record.Leaves }

// Ended reports that the contract has ended.
func (p groupPage) Ended() bool { return p.Contract != nil && !p.Contract.Record.Ended.IsZero() }

// Yearly reports that it is paid by the year.
func (p groupPage) Yearly() bool {
	return p.Contract != nil && p.Contract.Record.Every == billing.Yearly
}

// groupOf is the group in the address of a request, for one of its managers alone.
func (s *Site) groupOf(r *http.Request, v visit) (groups.Group, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return groups.Group{}, errNoPage
	}
	g, err := s.Groups.Group(r.Context(), id)
	if err != nil {
		return g, err
	}
	ok, err := s.Groups.Manages(r.Context(), g, v.person.Reader)
	if err == nil && !ok {
		err = errNoPage
	}
	return g, err
}

func (s *Site) groupForm(w http.ResponseWriter, r *http.Request) error {
	return s.signedIn(w, r, func(v visit) error {
		g, err := s.groupOf(r, v)
		if err != nil {
			return err
		}
		done := ""
		if key := r.URL.Query().Get("done"); slices.Contains(groupDone, key) {
			done = "group.done." + key
		}
		return s.showGroup(w, r, http.StatusOK, v, groupPage{Group: g, Done: done})
	})
}

// groupDone are what a change may report after its redirect.
var groupDone = []string{"invite", "remove", "move", "manager", "no-manager", "domain", "no-domain", "seats", "cancel", "resume"}

func (s *Site) showGroup(w http.ResponseWriter, r *http.Request, status int, v visit, p groupPage) (err error) {
	ctx, g := r.Context(), p.Group
	p.Owner, p.Runs = g.Owner == v.person.Reader, g.Runs(s.Now())
	if p.Seats, err = s.Groups.Seats(ctx, g.ID); err != nil {
		return err
	}
	if p.Domains, err = s.Groups.Domains(ctx, g.ID); err != nil {
		return err
	}
	if own := groups.DomainOf(v.session.Reader.Address); !slices.Contains(p.Domains, own) {
		p.Own = own
	}
	if p.Report, err = s.Groups.Report(ctx, g); err != nil {
		return err
	}
	if err := s.fillGroupContract(ctx, &p); err != nil {
		return err
	}
	if p.Frame, err = s.frame(ctx, g.Name, r.URL.Path); err != nil {
		return err
	}
	p.NoIndex, p.Canonical = true, ""
	b, err := s.screens.group.Render(p)
	if err != nil {
		return err
	}
	s.send(w, r, status, v, b)
	return nil
}

// fillGroupContract shows an owner what the group pays, and its receipts.
func (s *Site) fillGroupContract(ctx context.Context, p *groupPage) error {
	if !p.Owner || !p.Group.Bought() || s.Till == nil {
		return nil
	}
	c, err := s.Till.Bought(ctx, groups.For(p.Group.ID))
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	p.Contract, p.Price = &c, s.sum(c.Record.Price)
	lines, err := s.Till.Ledger(ctx, c.ID)
	for _, l := range slices.Backward(lines) {
		p.Receipts = append(p.Receipts, receipt{Entry: l, Sum: s.sum(l.Amount)})
	}
	return err
}

func (s *Site) changeGroup(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return errForm(err)
	}
	return s.signedIn(w, r, func(v visit) error {
		do := r.PostForm.Get("do")
		id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
		if err != nil {
			return errNoPage
		}
		defer s.Gate.Forget(v.person.Reader)
		switch do { // what readers do for themselves
		case "join":
			return s.joined(w, r, "joined", s.Groups.Join(r.Context(), id, v.person.Reader))
		case "leave":
			return s.joined(w, r, "left", s.Groups.Leave(r.Context(), id, v.person.Reader))
		}
		g, err := s.groupOf(r, v)
		if err != nil {
			return err
		}
		err = s.actOnGroup(r, v, g, do)
		if k := fault.KindOf(err); err != nil && (k == fault.Invalid || k == fault.Conflict || k == fault.Denied || k == fault.TooMany) {
			wrong := (*fault.Error)(nil)
			errors.As(err, &wrong)
			return s.showGroup(w, r, page.Status(err), v, groupPage{Group: g, Form: cmp.Or(wrong.Field, do), Fault: s.texts.Fault(err),
				Typed: cmp.Or(r.PostForm.Get("address"), r.PostForm.Get("seats"))})
		}
		if err != nil {
			return err
		}
		return to(w, r, "/account/groups/"+r.PathValue("id")+"?done="+do)
	})
}

// joined leads back to the account, which says what happened.
func (s *Site) joined(w http.ResponseWriter, r *http.Request, done string, err error) error {
	if fault.Is(err, fault.Conflict) {
		return to(w, r, "/account?done=group-full#groups")
	}
	if err != nil {
		return err
	}
	return to(w, r, "/account?done="+done+"#groups")
}

func (s *Site) actOnGroup(r *http.Request, v visit, g groups.Group, do string) error {
	ctx, form, me := r.Context(), r.PostForm, v.person.Reader
	slot, _ := strconv.Atoi(form.Get("seat")) // nobody has seat 0
	switch do {
	case "invite":
		return s.Groups.Invite(ctx, g.ID, me, form.Get("address"))
	case "remove":
		return s.Groups.Remove(ctx, g.ID, me, slot)
	case "move":
		return s.Groups.Move(ctx, g.ID, me, slot, form.Get("address"))
	case "manager", "no-manager":
		return s.Groups.Promote(ctx, g.ID, me, slot, do == "manager")
	case "domain", "no-domain":
		return s.Groups.SetDomain(ctx, g.ID, me, form.Get("domain"), do == "domain")
	case "seats", "cancel", "resume":
		return s.changeGroupContract(ctx, g, me, do, form.Get("seats"))
	}
	return errNoPage
}

// changeGroupContract changes what a group pays: its owner alone may.
func (s *Site) changeGroupContract(ctx context.Context, g groups.Group, me int64, do, number string) error {
	if g.Owner != me || !g.Bought() || s.Till == nil {
		return errNoPage
	}
	c, err := s.Till.Bought(ctx, groups.For(g.ID))
	if err != nil {
		return err
	}
	switch do {
	case "cancel":
		return s.Till.CancelBought(ctx, c)
	case "resume":
		return s.Till.ResumeBought(ctx, c)
	}
	seats, _ := strconv.Atoi(number) // 0 is refused
	taken, err := s.Groups.Seats(ctx, g.ID)
	switch {
	case err != nil:
		return err
	case seats < 1 || seats > groups.MostSeats:
		return fault.Field("seats", "A group has from one to %d seats.", groups.MostSeats)
	case seats < len(taken):
		return fault.Field("seats", "%d seats are taken. Free some of them first.", len(taken))
	}
	price := billing.Price{Plan: c.Record.Plan, Every: c.Record.Every, Amount: c.Record.Price}
	price.Amount.Amount = g.Price * int64(seats)
	return s.Till.Reprice(ctx, c, price)
}

// invitationPage has one button: programs that follow the links of mails press none.
type invitationPage struct {
	Frame
	Group    groups.Group
	Token    string
	SignedIn bool
	Address  string
	Fault    string
}

func (s *Site) invitation(w http.ResponseWriter, r *http.Request) error {
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	return s.showInvitation(w, r, http.StatusOK, v, "")
}

func (s *Site) showInvitation(w http.ResponseWriter, r *http.Request, status int, v visit, wrong string) error {
	p := invitationPage{Token: r.PathValue("token"), SignedIn: v.signedIn, Fault: wrong}
	var err error
	if p.Group, err = s.Groups.Invitation(r.Context(), p.Token); fault.Is(err, fault.NotFound) {
		p.Fault, status = s.texts.Fault(err), http.StatusNotFound
	} else if err != nil {
		return err
	}
	if v.signedIn {
		p.Address = v.session.Reader.Address
	}
	if p.Frame, err = s.frame(r.Context(), s.texts.T("group.join.heading"), r.URL.Path); err != nil {
		return err
	}
	p.NoIndex, p.Canonical = true, ""
	b, err := s.screens.invitation.Render(p)
	if err != nil {
		return err
	}
	s.send(w, r, status, v, b)
	return nil
}

func (s *Site) acceptInvitation(w http.ResponseWriter, r *http.Request) error {
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	if !v.signedIn {
		return to(w, r, "/join/"+r.PathValue("token"))
	}
	_, err = s.Groups.Accept(r.Context(), r.PathValue("token"), v.person.Reader)
	s.Gate.Forget(v.person.Reader)
	if k := fault.KindOf(err); k == fault.Conflict || k == fault.NotFound {
		return s.showInvitation(w, r, page.Status(err), v, s.texts.Fault(err))
	}
	if err != nil {
		return err
	}
	return to(w, r, "/account?done=joined#groups")
}

// membership is a group as a reader's account shows it.
type membership struct {
	groups.Group
	Manages bool
	Sits    bool
	Open    bool // they may join
}

// LastDay is the last day on which the seats open articles.
func (m membership) LastDay() time.Time { return m.Until.Add(-time.Microsecond) }

func (s *Site) groupsOf(ctx context.Context, reader int64) (out []membership, err error) {
	list, err := s.Groups.Of(ctx, reader)
	if err != nil {
		return nil, err
	}
	for _, g := range list {
		m := membership{Group: g}
		if m.Manages, err = s.Groups.Manages(ctx, g, reader); err != nil {
			return nil, err
		}
		seats, err := s.Groups.Seats(ctx, g.ID)
		if err != nil {
			return nil, err
		}
		m.Sits = slices.ContainsFunc(seats, func(x groups.Seat) bool { return x.Reader == reader })
		out = append(out, m)
	}
	open, err := s.Groups.Open(ctx, reader)
	for _, g := range open {
		if !slices.ContainsFunc(out, func(m membership) bool { return m.ID == g.ID }) {
			out = append(out, membership{Group: g, Open: true})
		}
	}
	return out, err
}
