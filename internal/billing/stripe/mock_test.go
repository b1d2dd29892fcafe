package stripe_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/billing/stripe"
)

// mockProgram is where stripe-mock is, "" when it is not here.
func mockProgram() string {
	if path, err := exec.LookPath("stripe-mock"); err == nil {
		return path
	}
	out, err := exec.Command("go", "env", "GOPATH").Output()
	if err != nil {
		return ""
	}
	path := filepath.Join(strings.TrimSpace(string(out)), "bin", "stripe-mock")
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

// startMock starts stripe-mock, which checks each request against Stripe's own description of the API.
func startMock(t *testing.T) (address string) {
	t.Helper()
	program := mockProgram()
	if program == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("stripe-mock is not here: scripts/need stripe-mock installs it")
		}
		t.Skip("stripe-mock is not here: scripts/need stripe-mock installs it")
	}
	plain, secure := freePort(t), freePort(t)
	cmd := exec.Command(program, "-http-addr", plain, "-https-addr", secure)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		if c, err := net.Dial("tcp", plain); err == nil {
			_ = c.Close()
			return "http://" + plain
		}
		<-time.After(20 * time.Millisecond)
	}
	t.Fatal("stripe-mock does not answer")
	return ""
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// refusals keeps what stripe-mock has refused: it says with 400 what does not fit the description.
type refusals struct{ asked, list []string }

func (r *refusals) RoundTrip(q *http.Request) (*http.Response, error) {
	r.asked = append(r.asked, q.Method+" "+q.URL.Path)
	a, err := http.DefaultTransport.RoundTrip(q)
	if err == nil && a.StatusCode >= 400 {
		r.list = append(r.list, fmt.Sprintf("%s %s: %s", q.Method, q.URL.Path, a.Status))
	}
	return a, err
}

// Every call is made against Stripe's own description of its API. What comes back are its examples: that they can be
// read is all that is asked of them.
func TestCallsAreAsStripeDescribesThem(t *testing.T) {
	seen := &refusals{}
	p, err := stripe.New(stripe.Options{Key: "sk_test_123", SigningSecret: secret, Origin: "https://review.example", API: startMock(t),
		Tax: true, PromotionCodes: true, Client: &http.Client{Transport: seen}})
	check(t, err)
	ctx := t.Context()
	price := billing.Price{Plan: "month", Every: billing.Monthly, Amount: eur(900)}
	first, coupon := eur(100), billing.Coupon{Code: "half", PercentOff: 50, Periods: 3}
	order := billing.Order{Key: "key", Address: "a@example.org", Name: "The Review, by the month", Paid: "https://review.example/paid", Left: "https://review.example/left"}
	for _, o := range []billing.Offer{{Price: price}, {Price: price, TrialDays: 14}, {Price: price, First: &first}, {Price: price, Coupon: &coupon}} {
		order.Offer = o
		order.Key += "x"
		if _, _, err := p.Begin(ctx, order); err != nil {
			t.Errorf("begin %+v: %v", o, err)
		}
	}
	order.Once, order.Key = true, "once"
	if _, _, err := p.Begin(ctx, order); err != nil {
		t.Errorf("begin once: %v", err)
	}
	order.Once, order.Customer, order.Key = false, "cus_123", "another"
	_, _, err = p.Begin(ctx, order)
	calls := map[string]error{"begin as a customer": err}
	_, calls["completed"] = p.Completed(ctx, "cs_123")
	_, calls["fetch"] = p.Fetch(ctx, "sub_123")
	_, calls["fetch once"] = p.Fetch(ctx, "pi_123")
	calls["cancel"] = p.Cancel(ctx, "sub_123", billing.AtPeriodEnd)
	calls["cancel at once"] = p.Cancel(ctx, "sub_123", billing.AtOnce)
	calls["resume"] = p.Resume(ctx, "sub_123")
	calls["pause"] = p.Pause(ctx, "sub_123", time.Now().AddDate(0, 2, 0))
	calls["switch"] = p.Switch(ctx, "sub_123", billing.Price{Plan: "year", Every: billing.Yearly, Amount: eur(9000)}, billing.AtOnce)
	calls["switch later"] = p.Switch(ctx, "sub_123", billing.Price{Plan: "month", Every: billing.Monthly, Amount: eur(1100)}, billing.AtPeriodEnd)
	calls["refund"] = p.Refund(ctx, "sub_123", "pi_123")
	calls["refund a charge"] = p.Refund(ctx, "sub_123", "ch_123")
	_, calls["card page"] = p.CardPage(ctx, "sub_123", "/card/1.x?done=1")
	calls["card changed"] = p.CardChanged(ctx, "sub_123")
	_, calls["portal"] = p.Portal(ctx, "cus_123", "/account")
	calls["what the examples do not lead to"] = p.EveryOther(ctx)
	for name, err := range calls {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, _ = p.Receipt(ctx, "sub_123", "pi_123") // the example has none
	for _, call := range []string{"POST /v1/checkout/sessions", "GET /v1/checkout/sessions", "GET /v1/checkout/sessions/cs_123", "POST /v1/prices",
		"POST /v1/coupons", "GET /v1/subscriptions/sub_123", "POST /v1/subscriptions/sub_123", "DELETE /v1/subscriptions/sub_123", "GET /v1/invoices",
		"GET /v1/charges", "GET /v1/disputes", "POST /v1/refunds", "GET /v1/billing_portal/configurations", "POST /v1/billing_portal/sessions"} {
		if !slices.Contains(seen.asked, call) {
			t.Errorf("%s is not tried", call)
		}
	}
	if !slices.ContainsFunc(seen.asked, func(c string) bool { return strings.HasPrefix(c, "POST /v1/invoices/") && strings.HasSuffix(c, "/pay") }) {
		t.Error("no invoice is paid")
	}
	for _, refused := range seen.list {
		t.Error("refused:", refused)
	}
}
