package stripe_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v85/webhook"
)

// J is an object of JSON.
type J = map[string]any

// fake plays as much of Stripe as the provider uses: what is true there, and what it tells of it. It charges and ends
// when the time has come, and answers in the form of the API's version that the library names.
type fake struct {
	*httptest.Server
	now func() time.Time

	mu       sync.Mutex
	n        int
	down     bool
	asked    []string // methods and paths
	forms    []url.Values
	prices   map[string]J // by lookup key
	called   []string     // the names of products, in the order they were made
	coupons  map[string]int64
	sessions map[string]*session
	subs     map[string]*sub
	once     map[string]*sub // one payment each: its only invoice
	events   []string        // bodies, in the order in which things happened
}

type session struct {
	id, mode, status, customer, price, subscription, method string
	form                                                    url.Values
}

type sub struct {
	id, customer, price, method, status string
	created, start, end, trialEnd       int64
	canceledAtEnd, cardFails            bool
	endedAt                             int64
	metadata                            map[string]string
	invoices                            []*invoice
	byFailure                           bool
}

type invoice struct {
	id, status, plan            string
	created, paidAt, start, end int64
	amount                      int64
	refunds                     []J
	dispute                     J
}

func newFake(t *testing.T, now func() time.Time) *fake {
	f := &fake{now: now, prices: map[string]J{}, coupons: map[string]int64{}, sessions: map[string]*session{}, subs: map[string]*sub{}, once: map[string]*sub{}}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *fake) next(prefix string) string {
	f.n++
	return fmt.Sprintf("%s_%d", prefix, f.n)
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := r.ParseForm(); err != nil {
		panic(err)
	}
	f.asked, f.forms = append(f.asked, r.Method+" "+r.URL.Path), append(f.forms, r.Form)
	if f.down {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	for _, s := range f.subs {
		f.advance(s)
	}
	status, answer := f.answer(r.Method, strings.Split(strings.TrimPrefix(r.URL.Path, "/v1/"), "/"), r.Form)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer)
}

func failed(status int, kind, code string) (int, any) {
	return status, J{"error": J{"type": kind, "code": code, "message": code}}
}

func list(data []any) (int, any) { return 200, J{"object": "list", "data": data, "has_more": false} }

func (f *fake) answer(method string, path []string, form url.Values) (int, any) {
	switch what := path[0]; {
	case what == "prices" && method == "GET":
		if p, ok := f.prices[form.Get("lookup_keys[0]")]; ok {
			return list([]any{p})
		}
		return list(nil)
	case what == "prices":
		return f.makePrice(form)
	case what == "coupons":
		id := form.Get("id")
		if _, ok := f.coupons[id]; ok {
			return failed(400, "invalid_request_error", "resource_already_exists")
		}
		f.coupons[id], _ = strconv.ParseInt(form.Get("amount_off"), 10, 64)
		return 200, J{"id": id, "object": "coupon"}
	case what == "checkout":
		return f.checkout(method, path, form)
	case what == "subscriptions":
		return f.subscription(method, path[1], form)
	case what == "invoices" && method == "GET":
		return f.listInvoices(form)
	case what == "invoices":
		return f.payInvoice(path[1])
	case what == "charges":
		return f.listCharges(form)
	case what == "disputes":
		return f.listDisputes(form)
	case what == "payment_intents":
		s := f.once[path[1]]
		if s == nil {
			return failed(404, "invalid_request_error", "resource_missing")
		}
		c := chargeJSON(s, s.invoices[0])
		c["receipt_url"] = "https://pay.stripe.com/receipts/" + path[1]
		return 200, J{"id": path[1], "object": "payment_intent", "status": "succeeded", "amount": s.invoices[0].amount, "amount_received": s.invoices[0].amount,
			"currency": "eur", "created": s.created, "customer": s.customer, "metadata": s.metadata, "latest_charge": c}
	case what == "refunds":
		return f.makeRefund(form)
	}
	return failed(404, "invalid_request_error", "unknown")
}

func (f *fake) makePrice(form url.Values) (int, any) {
	if form.Get("product") != "" && !slices.Contains(f.asked[:len(f.asked)-1], "made "+form.Get("product")) {
		return failed(400, "invalid_request_error", "resource_missing")
	}
	if id := form.Get("product_data[id]"); id != "" {
		f.called = append(f.called, form.Get("product_data[name]"))
		f.asked = append(f.asked, "made "+id)
	}
	cents, _ := strconv.ParseInt(form.Get("unit_amount"), 10, 64)
	p := J{"id": form.Get("lookup_key"), "object": "price", "currency": form.Get("currency"), "unit_amount": cents,
		"recurring": J{"interval": form.Get("recurring[interval]")}, "metadata": J{"gatefold_plan": form.Get("metadata[gatefold_plan]")}}
	f.prices[form.Get("lookup_key")] = p
	return 200, p
}

func (f *fake) checkout(method string, path []string, form url.Values) (int, any) {
	switch {
	case method == "POST":
		s := &session{id: f.next("cs"), mode: form.Get("mode"), status: "open", customer: form.Get("customer"), form: form, price: form.Get("line_items[0][price]")}
		f.sessions[s.id] = s
		return 200, f.sessionJSON(s)
	case len(path) == 3:
		if s := f.sessions[path[2]]; s != nil {
			return 200, f.sessionJSON(s)
		}
		return failed(404, "invalid_request_error", "resource_missing")
	}
	var all []any
	for _, s := range f.sessions {
		if s.customer == form.Get("customer") && s.status == form.Get("status") {
			all = append(all, f.sessionJSON(s))
		}
	}
	return list(all)
}

func (f *fake) sessionJSON(s *session) J {
	paid := "unpaid"
	if s.status == "complete" {
		paid = "paid"
	}
	out := J{"id": s.id, "object": "checkout.session", "mode": s.mode, "status": s.status, "payment_status": paid, "url": "https://checkout.stripe.com/" + s.id,
		"metadata": J{"gatefold_card_for": s.form.Get("metadata[gatefold_card_for]")}}
	if s.mode == "payment" && s.subscription != "" {
		out["payment_intent"] = s.subscription
	} else if s.subscription != "" {
		out["subscription"] = s.subscription
	}
	if s.method != "" {
		out["setup_intent"] = J{"id": "seti_1", "payment_method": s.method}
	}
	return out
}

func (f *fake) subscription(method, id string, form url.Values) (int, any) {
	s := f.subs[id]
	if s == nil || method != "GET" && s.endedAt != 0 {
		return failed(404, "invalid_request_error", "resource_missing")
	}
	switch method {
	case "DELETE":
		f.end(s, f.now().Unix(), false)
	case "POST":
		if status, answer := f.update(s, form); status != 200 {
			return status, answer
		}
	}
	return 200, f.subJSON(s)
}

func (f *fake) update(s *sub, form url.Values) (int, any) {
	if price := form.Get("items[0][price]"); price != "" {
		if form.Get("proration_behavior") == "none" {
			s.price = price
		} else if s.cardFails {
			return failed(402, "card_error", "card_declined")
		} else {
			f.move(s, price, form.Get("metadata[gatefold_plan]"))
		}
	}
	for key := range form {
		if name, ok := strings.CutPrefix(key, "metadata["); ok {
			s.metadata[strings.TrimSuffix(name, "]")] = form.Get(key)
		}
	}
	if v := form.Get("cancel_at_period_end"); v != "" {
		s.canceledAtEnd = v == "true"
	}
	if m := form.Get("default_payment_method"); m != "" {
		s.method, s.cardFails = m, false
	}
	switch to := form.Get("trial_end"); to {
	case "":
	case "now":
		s.trialEnd, s.end = f.now().Unix(), f.now().Unix()
		f.advance(s)
	default:
		s.trialEnd, _ = strconv.ParseInt(to, 10, 64)
		s.status, s.start, s.end = "trialing", f.now().Unix(), s.trialEnd
		f.bill(s, 0, s.start, s.end)
	}
	f.tell("customer.subscription.updated", f.subJSON(s))
	return 200, nil
}

// move changes the price at once, with what is left of the period set against it.
func (f *fake) move(s *sub, price, plan string) {
	now := f.now().Unix()
	last := s.invoices[len(s.invoices)-1]
	credit := last.amount * (last.end - now) / (last.end - last.start)
	s.price, s.metadata["gatefold_plan"], s.status, s.start = price, plan, "active", now
	s.end = f.after(s, now)
	f.bill(s, f.cents(s)-credit, s.start, s.end)
}

func (f *fake) cents(s *sub) int64 { return f.prices[s.price]["unit_amount"].(int64) }

func (f *fake) after(s *sub, at int64) int64 {
	t := time.Unix(at, 0).UTC()
	if f.prices[s.price]["recurring"].(J)["interval"] == "year" {
		return t.AddDate(1, 0, 0).Unix()
	}
	return t.AddDate(0, 1, 0).Unix()
}

// bill makes an invoice and tries to have it paid.
func (f *fake) bill(s *sub, cents, start, end int64) {
	i := &invoice{id: f.next("in"), status: "open", plan: s.metadata["gatefold_plan"], created: f.now().Unix(), start: start, end: end, amount: cents}
	s.invoices = append(s.invoices, i)
	if s.cardFails && cents > 0 {
		s.status = "past_due"
		f.tell("invoice.payment_failed", f.invoiceJSON(s, i))
		return
	}
	f.paid(s, i)
}

func (f *fake) paid(s *sub, i *invoice) {
	i.status, i.paidAt = "paid", f.now().Unix()
	if s.status == "past_due" {
		s.status = "active"
	}
	f.tell("invoice.paid", f.invoiceJSON(s, i))
}

// advance does what the calendar brings.
func (f *fake) advance(s *sub) {
	for s.endedAt == 0 && f.now().Unix() >= s.end && s.status != "past_due" {
		if s.canceledAtEnd {
			f.end(s, s.end, false)
			return
		}
		s.status = "active"
		s.start, s.end = s.end, f.after(s, s.end)
		f.bill(s, f.cents(s), s.start, s.end)
		f.tell("customer.subscription.updated", f.subJSON(s))
	}
}

func (f *fake) end(s *sub, at int64, byFailure bool) {
	s.endedAt, s.status, s.byFailure = at, "canceled", byFailure
	f.tell("customer.subscription.deleted", f.subJSON(s))
}

func (f *fake) subJSON(s *sub) J {
	reason := any(nil)
	if s.byFailure {
		reason = "payment_failed"
	}
	return J{"id": s.id, "object": "subscription", "status": s.status, "created": s.created, "currency": "eur", "ended_at": s.endedAt,
		"cancel_at_period_end": s.canceledAtEnd, "trial_end": s.trialEnd, "metadata": s.metadata, "cancellation_details": J{"reason": reason},
		"customer": J{"id": s.customer}, "default_payment_method": J{"id": s.method, "type": "card",
			"card": J{"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2031, "fingerprint": "finger-" + s.method}},
		"items": J{"object": "list", "data": []any{J{"id": "si_" + s.id, "price": f.prices[s.price], "quantity": 1, "current_period_start": s.start, "current_period_end": s.end}}}}
}

func (f *fake) invoiceJSON(s *sub, i *invoice) J {
	out := J{"id": i.id, "object": "invoice", "status": i.status, "created": i.created, "currency": "eur", "amount_paid": 0, "hosted_invoice_url": "https://invoice.stripe.com/" + i.id,
		"status_transitions": J{"finalized_at": i.created, "paid_at": i.paidAt}, "next_payment_attempt": i.created + 3*86400,
		"parent": J{"type": "subscription_details", "subscription_details": J{"subscription": s.id, "metadata": J{"gatefold_plan": i.plan}}},
		"lines":  J{"data": []any{J{"amount": i.amount, "period": J{"start": i.start, "end": i.end}}}}, "payments": J{"data": []any{}}}
	if i.status == "paid" && i.amount > 0 {
		out["amount_paid"] = i.amount
		out["payments"] = J{"data": []any{J{"id": "inpay_" + i.id, "status": "paid", "amount_paid": i.amount, "currency": "eur",
			"status_transitions": J{"paid_at": i.paidAt}, "payment": J{"type": "payment_intent", "payment_intent": "pi_" + i.id}}}}
	}
	return out
}

func (f *fake) listInvoices(form url.Values) (int, any) {
	s := f.subs[form.Get("subscription")]
	var all []any
	for _, i := range slices.Backward(s.invoices) {
		if want := form.Get("status"); want == "" || want == i.status {
			all = append(all, f.invoiceJSON(s, i))
		}
	}
	return list(all)
}

func (f *fake) payInvoice(id string) (int, any) {
	for _, s := range f.subs {
		for _, i := range s.invoices {
			if i.id != id {
				continue
			}
			if s.cardFails {
				return failed(402, "card_error", "card_declined")
			}
			f.paid(s, i)
			return 200, f.invoiceJSON(s, i)
		}
	}
	return failed(404, "invalid_request_error", "resource_missing")
}

func chargeJSON(s *sub, i *invoice) J {
	refunds := []any{}
	for _, r := range i.refunds {
		refunds = append(refunds, r)
	}
	return J{"id": "ch_" + i.id, "object": "charge", "amount": i.amount, "currency": "eur", "customer": s.customer, "created": i.paidAt,
		"payment_intent": "pi_" + i.id, "status": "succeeded", "disputed": i.dispute != nil, "refunds": J{"object": "list", "data": refunds}}
}

func (f *fake) listCharges(form url.Values) (int, any) {
	var all []any
	for _, s := range f.subs {
		for _, i := range s.invoices {
			if s.customer == form.Get("customer") && i.status == "paid" && i.amount > 0 {
				all = append(all, chargeJSON(s, i))
			}
		}
	}
	return list(all)
}

// all are the subscriptions, and what was paid once.
func (f *fake) all() (list []*sub) {
	for _, s := range f.subs {
		list = append(list, s)
	}
	for _, s := range f.once {
		list = append(list, s)
	}
	return list
}

func (f *fake) listDisputes(form url.Values) (int, any) {
	for _, s := range f.all() {
		for _, i := range s.invoices {
			if "ch_"+i.id == form.Get("charge") && i.dispute != nil {
				return list([]any{i.dispute})
			}
		}
	}
	return list(nil)
}

func (f *fake) makeRefund(form url.Values) (int, any) {
	for _, s := range f.all() {
		for _, i := range s.invoices {
			if "pi_"+i.id != form.Get("payment_intent") {
				continue
			}
			if len(i.refunds) > 0 {
				return failed(400, "invalid_request_error", "charge_already_refunded")
			}
			return 200, f.refund(s, i)
		}
	}
	return failed(404, "invalid_request_error", "resource_missing")
}

func (f *fake) refund(s *sub, i *invoice) J {
	r := J{"id": "re_" + i.id, "object": "refund", "amount": i.amount, "currency": "eur", "created": f.now().Unix(), "status": "succeeded",
		"payment_intent": "pi_" + i.id}
	i.refunds = append(i.refunds, r)
	f.tell("refund.created", r)
	f.tell("charge.refunded", chargeJSON(s, i))
	return r
}

// tell keeps an event for whoever delivers it.
func (f *fake) tell(kind string, object J) {
	body, err := json.Marshal(J{"id": f.next("evt"), "object": "event", "type": kind, "created": f.now().Unix(), "data": J{"object": object}})
	if err != nil {
		panic(err)
	}
	f.events = append(f.events, string(body))
}

// told takes the events that have come since it was called last.
func (f *fake) told() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := f.events
	f.events = nil
	return out
}

// pay is the buyer, who pays an open session.
func (f *fake) pay(id string) *sub {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, now := f.sessions[id], f.now().Unix()
	if s.customer == "" {
		s.customer = f.next("cus")
	}
	c := &sub{id: f.next("sub"), customer: s.customer, price: s.price, method: f.next("pm"), status: "active", created: now, start: now,
		metadata: map[string]string{"gatefold_plan": s.form.Get("subscription_data[metadata][gatefold_plan]")}}
	s.status = "complete"
	if s.mode == "payment" {
		cents, _ := strconv.ParseInt(s.form.Get("line_items[0][price_data][unit_amount]"), 10, 64)
		i := &invoice{id: f.next("in"), status: "paid", created: now, paidAt: now, amount: cents}
		c.invoices, c.metadata["gatefold_plan"] = []*invoice{i}, s.form.Get("payment_intent_data[metadata][gatefold_plan]")
		s.subscription = "pi_" + i.id
		f.once[s.subscription] = c
		return c
	}
	f.subs[c.id], s.subscription = c, c.id
	f.tell("customer.subscription.created", f.subJSON(c))
	if days, _ := strconv.Atoi(s.form.Get("subscription_data[trial_period_days]")); days > 0 {
		c.status, c.trialEnd = "trialing", now+int64(days)*86400
		c.end = c.trialEnd
		f.bill(c, 0, now, c.end)
	} else {
		c.end = f.after(c, now)
		f.bill(c, f.cents(c)-f.coupons[s.form.Get("discounts[0][coupon]")], now, c.end)
	}
	f.tell("checkout.session.completed", f.sessionJSON(s))
	return c
}

// giveCard is the reader, who gives another card in a session that was opened for it.
func (f *fake) giveCard(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.sessions[id]
	s.status, s.method = "complete", f.next("pm")
	f.tell("checkout.session.completed", f.sessionJSON(s))
}

// at has something happen at Stripe, after what the calendar has brought.
func (f *fake) at(s *sub, do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.advance(s)
	do()
}

func (f *fake) dispute(s *sub, i *invoice) {
	i.dispute = J{"id": "dp_" + i.id, "object": "dispute", "amount": i.amount, "currency": "eur", "created": f.now().Unix(), "status": "needs_response",
		"charge": "ch_" + i.id, "payment_intent": "pi_" + i.id, "balance_transactions": []any{}}
	f.tell("charge.dispute.created", i.dispute)
}

func (f *fake) winDispute(_ *sub, i *invoice) {
	i.dispute["status"] = "won"
	i.dispute["balance_transactions"] = []any{J{"id": "txn_1", "amount": -i.amount, "created": f.now().Unix() - 100}, J{"id": "txn_2", "amount": i.amount, "created": f.now().Unix()}}
	f.tell("charge.dispute.closed", i.dispute)
}

// signed is the header that Stripe would send with a body at a time.
func signed(body string, at time.Time, secret string) http.Header {
	mac := webhook.ComputeSignature(at, []byte(body), secret)
	return http.Header{"Stripe-Signature": {fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(mac))}}
}
