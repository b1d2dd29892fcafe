//go:build e2e

package e2e

import (
	"strings"
	"testing"
	"time"
)

// A visitor subscribes from the wall in under a minute, reads, looks after the subscription and leaves it, without
// writing to anybody; and each state of the payment has a page that says so.
func TestTill(t *testing.T) {
	d := startDemo(t)
	for _, s := range []screen{phone, desktop.inDark()} {
		t.Run(s.String(), func(t *testing.T) {
			p, address := open(t, s), "buyer-"+s.String()+"@example.org"
			began := time.Now()
			p.visit(d.url + "/subscribe")
			p.shoot("till-1-prices")
			p.fill("#buyer", address)
			p.follow(".buy button[name=plan]")
			p.shoot("till-2-checkout")
			checkout := p.address().String()
			p.follow("button[value=decline]")
			p.says("declined")
			p.shoot("till-3-declined")
			p.follow("button[value=pay]")
			p.says("Everything is open to you")
			p.shoot("till-4-paid")
			if took := time.Since(began); took > time.Minute {
				t.Errorf("subscribing took %v", took)
			}
			p.manages(d, address, checkout)
		})
	}
}

// says fails unless the page says something.
func (p *page) says(text string) {
	p.t.Helper()
	if got := p.text("main"); !strings.Contains(got, text) {
		p.t.Fatalf("the page does not say %q:\n%s", text, got)
	}
}

// manages signs in by the welcome mail, and does to a subscription what can be done.
func (p *page) manages(d *demo, address, checkout string) {
	p.t.Helper()
	p.visit(d.url + "/sign-in?return_to=/account")
	p.fill("#email", address)
	p.follow("form[action='/sign-in'] button")
	p.visit(d.mails(p.t, address)[0].Links[0])
	if p.count("form[action='/confirm'] button") > 0 {
		p.follow("form[action='/confirm'] button")
	}
	p.visit(d.url + "/account")
	p.says("Everything is open to you")
	p.shoot("till-5-account")
	p.follow("a[href='/account/subscription/cancel']")
	p.shoot("till-6-cancel")
	p.follow("form[action='/account/subscription/pause'] button")
	p.says("Your subscription is paused")
	p.shoot("till-7-paused")
	p.follow("form[action='/account/subscription/resume'] button")
	p.says("Your subscription goes on")
	p.follow("a[href='/account/subscription/cancel']")
	p.follow("form[action='/account/subscription/cancel'] button")
	p.says("Nothing more will be charged")
	p.shoot("till-8-canceled")
	p.follow("form[action='/account/subscription/resume'] button")
	p.follow("form[action='/account/subscription/plan'] button")
	p.says("Your plan has been changed")
	p.shoot("till-9-switched")
	p.visit(checkout)
	p.follow("button[value=card-fails]")
	p.follow("button[value=renew]")
	p.visit(d.url + "/")
	if p.count("a.due") != 1 {
		p.t.Error("the front page does not say that a payment is due")
	}
	p.shoot("till-10-late")
	p.visit(checkout)
	p.follow("button[value=card-good]")
	p.visit(d.url + "/account")
	p.follow("a[href='/account/subscription/withdraw']")
	p.shoot("till-11-withdraw")
	p.follow("form[action='/account/subscription/withdraw'] button")
	p.says("your money is on its way back")
	p.shoot("till-12-withdrawn")
}
