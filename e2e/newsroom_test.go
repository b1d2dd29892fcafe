//go:build e2e

package e2e

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// named is the journal under a name in place of a number: passkeys belong to names.
func (d *demo) named() string { return strings.Replace(d.url, "127.0.0.1", "localhost", 1) }

// startNewsroom serves a demonstration journal under a name.
func startNewsroom(t *testing.T) *demo {
	d := startDemo(t, "--set", "publication.url=http://localhost:0")
	return d
}

var roomLink = regexp.MustCompile(`(?m)^\s+(The newsroom, as an editor|and as its owner)\s+(\S+)$`)

// joinLink is the link that the start printed, for an editor or the owner.
func (d *demo) joinLink(t *testing.T, as string) string {
	t.Helper()
	for _, m := range roomLink.FindAllStringSubmatch(d.out.String(), -1) {
		if strings.Contains(m[1], as) {
			return m[2]
		}
	}
	t.Fatalf("the start printed no link for the %s:\n%s", as, d.out)
	return ""
}

// hasPasskeys gives a browser a device that makes passkeys, and a finger that it knows.
func (p *page) hasPasskeys() {
	p.t.Helper()
	p.do("plug in an authenticator", chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		if _, err := cdp.Call(ctx, target, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, target, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{
			Options: &webauthn.VirtualAuthenticatorOptions{Protocol: webauthn.AuthenticatorProtocolCtap2,
				Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true, HasUserVerification: true,
				AutomaticPresenceSimulation: true, IsUserVerified: true}})
		return err
	}))
}

// sees waits until an element is there, or what it says.
func (p *page) sees(css string) {
	p.t.Helper()
	p.do("wait for "+css, chromedp.WaitVisible(chromedp.CSS(css)))
}

// joins uses an invitation.
func (p *page) joins(link, name string) {
	p.t.Helper()
	if status := p.visit(link); status != http.StatusOK {
		p.t.Fatalf("the invitation: status %d", status)
	}
	p.fill("#name", name)
	if status := p.follow("main form .button"); status != http.StatusOK {
		p.t.Fatalf("join: status %d at %s", status, p.address())
	}
}

// TestNewsroom is the story of an owner with a passkey, an editor who was invited, and an article that is taken back,
// scheduled and published.
func TestNewsroom(t *testing.T) {
	d := startNewsroom(t)
	base := d.named()
	owner := open(t, desktop)
	owner.hasPasskeys()
	owner.joins(d.joinLink(t, "owner"), "Ada Owner")
	owner.makesAPasskey(base)
	owner.signsInWithIt(base)

	owner.visit(base + "/newsroom/people")
	owner.fill("#email", "cleo@example.org")
	owner.do("choose a role", chromedp.Click(chromedp.CSS("input[value=editor]")))
	owner.follow("form[action='/newsroom/people/invite'] .button")
	if have := owner.text("main"); !strings.Contains(have, "on its way") || !strings.Contains(have, "cleo@example.org") {
		t.Fatalf("after the invitation:\n%s", have)
	}
	mails := d.mails(t, "cleo@example.org")
	if len(mails) != 1 || len(mails[0].Links) != 1 {
		t.Fatalf("mails to the editor: %+v", mails)
	}
	editor := open(t, phone)
	editor.joins(mails[0].Links[0], "Cleo Editor")
	editor.publishes(d, base)
	if status := editor.visit(base + "/newsroom/audit"); status != http.StatusForbidden {
		t.Errorf("the audit log as an editor: status %d", status)
	}
	owner.visit(base + "/newsroom/audit")
	if have := owner.text("main"); !strings.Contains(have, "Cleo Editor") || !strings.Contains(have, "unpublish") {
		t.Errorf("the audit log lacks what the editor did:\n%s", have)
	}
}

// makesAPasskey sets one up.
func (p *page) makesAPasskey(base string) {
	p.t.Helper()
	p.visit(base + "/newsroom/security")
	p.do("make a passkey", chromedp.Click(chromedp.CSS("button[data-passkey]")))
	p.sees(".state")
	if have := p.text("main"); !strings.Contains(have, "The passkey is set up") {
		p.t.Fatalf("after making a passkey:\n%s", have)
	}
}

// signsInWithIt signs out and in again with the passkey, which leads to where the person wanted to go.
func (p *page) signsInWithIt(base string) {
	p.t.Helper()
	p.follow(".room-me button")
	p.visit(base + "/newsroom/people")
	if p.address().Path != "/newsroom/sign-in" {
		p.t.Fatalf("signed out, at %s", p.address())
	}
	p.sound()
	p.do("sign in with the passkey", chromedp.Click(chromedp.CSS("button[data-passkey]")))
	p.sees(".room-me")
	if p.address().Path != "/newsroom/people" {
		p.t.Fatalf("signed in, at %s", p.address())
	}
}

// publishes takes an article of the journal back, schedules it and publishes it, and looks each time what readers see.
func (p *page) publishes(d *demo, base string) {
	p.t.Helper()
	story := stories(p.t, "open")[0]
	p.visit(base + "/newsroom?state=published")
	title := p.text("h1")
	_ = title
	p.visit(base + story.path())
	headline := p.text("h1")
	p.visit(base + "/newsroom")
	p.fill("#q", headline)
	p.follow(".filters .button")
	p.follow(".pieces th a")
	sheet := p.address().String()
	p.do("open the disclosure", chromedp.Click(chromedp.CSS("details summary")))
	p.follow("form[action$='/unpublish'] .button")
	reader := open(p.t, desktop)
	if status := reader.visit(base + story.path()); status != http.StatusNotFound {
		p.t.Errorf("taken back, a reader gets status %d", status)
	}
	ask[bool](p, `(document.querySelector("#at").value = "2031-05-06T07:08", true)`)
	p.follow("form[action$='/publish'] [value=then]")
	if have := p.text("main"); !strings.Contains(have, "It will appear by itself") || !strings.Contains(have, "6 May 2031, 07:08") {
		p.t.Errorf("scheduled:\n%s", have)
	}
	p.visit(base + "/newsroom/calendar?from=2031-05-05")
	if have := p.text(".days"); !strings.Contains(have, headline) {
		p.t.Errorf("the calendar lacks what is scheduled:\n%s", have)
	}
	if status := reader.visit(base + story.path()); status != http.StatusNotFound {
		p.t.Errorf("scheduled, a reader gets status %d", status)
	}
	p.visit(sheet)
	p.follow("form[action$='/publish'] [value=now]")
	if status := reader.visit(base + story.path()); status != http.StatusOK {
		p.t.Errorf("published, a reader gets status %d", status)
	}
	reader.visit(base + "/")
	if have := reader.text("main"); !strings.Contains(have, headline) {
		p.t.Errorf("the front page lacks what was just published")
	}
}

// TestNewsroomScreens looks at every screen of the newsroom on phone and desktop, in light and dark.
func TestNewsroomScreens(t *testing.T) {
	d := startNewsroom(t)
	base := d.named()
	p := open(t, phone)
	p.visit(d.joinLink(t, "owner"))
	p.sound()
	p.shoot("newsroom-join")
	p.joins(d.joinLink(t, "owner"), "Ada Owner")
	p.visit(base + "/newsroom?state=published")
	p.follow(".pieces th a")
	piece := p.address().Path
	documents := map[string]string{}
	for name, path := range map[string]string{
		"desk": "/newsroom", "desk-empty": "/newsroom?state=idea", "board": "/newsroom/board", "calendar": "/newsroom/calendar",
		"piece": piece, "people": "/newsroom/people", "security": "/newsroom/security", "audit": "/newsroom/audit",
		"missing": "/newsroom/nothing",
	} {
		for _, s := range []screen{phone, phone.inDark(), desktop, desktop.inDark()} {
			p.turn(s)
			p.visit(base + path)
			p.sound()
			p.shoot("newsroom-" + name)
		}
		p.turn(narrow)
		p.visit(base + path)
		p.fits()
		documents[name] = p.source()
	}
	validHTML(t, documents)
}
