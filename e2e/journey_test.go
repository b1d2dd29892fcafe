//go:build e2e

package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestStory is the whole story of a visitor who becomes a subscriber.
func TestStory(t *testing.T) {
	d := startDemo(t)
	p := open(t, desktop)
	all := stories(t, "metered")
	anna := "anna@example.org"

	first := p.picksFromFront(d, all)
	p.meetsTheWall(first)
	p.leavesAddress(first, anna)
	p.confirmsByCode(d.code(t, anna))
	if p.address().Path != first.path() {
		t.Errorf("after the code: at %s, want %s", p.address(), first.path())
	}
	p.readsWhole(first)

	rest := others(all, first)
	for i, left := range []string{"Two left.", "One left.", "None left."} {
		p.unlocks(d, rest[i], left)
	}
	p.isUsedUp(d, rest[3])

	d.gatefold(t, "reader", "grant", anna, "--dir", d.dir, "--until", "2099-12-31", "--reason", "e2e")
	p.comesOpen(d, rest[3])
	p.leavesNothingBehind(d, stories(t, "subscriber")[0], anna)
}

// TestStoryWithoutScripts is how it begins for those who run no scripts.
func TestStoryWithoutScripts(t *testing.T) {
	d := startDemo(t)
	p := open(t, phone.withoutScripts())
	all := stories(t, "metered")
	bela := "bela@example.org"

	first := p.picksFromFront(d, all)
	p.meetsTheWall(first)
	p.leavesAddress(first, bela)
	p.confirmsByCode(d.code(t, bela))
	p.readsWhole(first)
	p.unlocks(d, others(all, first)[0], "Two left.")
}

// TestConfirmByLink follows the link of the mail on another device. Opening it, as scanners of mail do, signs nobody in.
func TestConfirmByLink(t *testing.T) {
	d := startDemo(t)
	all := stories(t, "metered")
	clara := "clara@example.org"
	p := open(t, phone)
	p.visit(d.url + all[0].path())
	p.leavesAddress(all[0], clara)

	link := d.link(t, clara)
	for range 2 {
		scanner := open(t, desktop)
		scanner.visit(link)
		scanner.visit(d.url + "/account")
		if path := scanner.address().Path; path != "/sign-in" {
			t.Fatalf("opening the link alone leads from the account to %s", path)
		}
	}
	other := open(t, desktop)
	other.visit(link)
	other.sound()
	other.follow(`form[action="/confirm"] button`)
	other.visit(d.url + "/account")
	if !strings.Contains(other.text("main"), clara) {
		t.Errorf("after the button, the account reads:\n%s", other.text("main"))
	}
	if status := other.visit(link); status != http.StatusGone {
		t.Errorf("the used link: status %d", status)
	}
	other.unlocks(d, all[1], "Two left.")
}

// TestPrintedLinks opens what the demonstration prints when it starts.
func TestPrintedLinks(t *testing.T) {
	d := startDemo(t)
	p := open(t, desktop)
	var links []string
	for word := range strings.FieldsSeq(d.out.String()) {
		if strings.HasPrefix(word, d.url) {
			links = append(links, word)
		}
	}
	if len(links) != 7 {
		t.Fatalf("%d links were printed, want front page, article, newsletters, outbox, sign-in and two of the newsroom:\n%s", len(links), d.out)
	}
	for _, link := range links[:4] {
		if status := p.visit(link); status != http.StatusOK {
			t.Errorf("%s: status %d", link, status)
		}
	}
	p.visit(links[1])
	if p.count(`section.wall form[action="/keep-reading"]`) != 1 {
		t.Errorf("%s is not behind the wall", links[1])
	}
	for _, link := range links[5:] {
		if status := p.visit(link); status != http.StatusOK || p.address().Path == "/newsroom/sign-in" {
			t.Errorf("%s: status %d at %s", link, status, p.address())
		}
	}
	p.visit(links[4])
	p.follow(`form[action="/confirm"] button`)
	if p.count(".wall") != 0 || p.count(".ad") != 0 {
		t.Errorf("the sample subscriber meets a wall or an advertisement at %s", p.address())
	}
}

func others(all []story, but story) []story {
	var rest []story
	for _, s := range all {
		if s != but {
			rest = append(rest, s)
		}
	}
	return rest
}

// picksFromFront opens the front page and follows its link to the first of the stories that it shows.
func (p *page) picksFromFront(d *demo, all []story) story {
	p.t.Helper()
	p.visit(d.url + "/")
	p.sound()
	for _, s := range all {
		link := `main .headline a[href="` + s.path() + `"]`
		if p.count(link) > 0 {
			if status := p.follow(link); status != http.StatusOK || p.address().Path != s.path() {
				p.t.Fatalf("the front page's link leads to %s, status %d", p.address(), status)
			}
			return s
		}
	}
	p.t.Fatal("the front page shows no article behind the wall")
	return story{}
}

// meetsTheWall checks that the page has the article's opening and a form, and nothing of what comes after.
func (p *page) meetsTheWall(s story) {
	p.t.Helper()
	p.sound()
	if p.count(`section.wall form[action="/keep-reading"]`) != 1 {
		p.t.Errorf("%s has no form to keep reading", s.path())
	}
	if len(p.text(".prose")) < 200 {
		p.t.Errorf("%s opens with %q", s.path(), p.text(".prose"))
	}
	if strings.Contains(p.html(), s.ending) {
		p.t.Errorf("%s holds %q before it is open", s.path(), s.ending)
	}
}

// leavesAddress fills in the form at the wall: the text is there at once, with a notice to confirm.
func (p *page) leavesAddress(s story, address string) {
	p.t.Helper()
	p.fill("#wall-email", address)
	if status := p.follow(`form[action="/keep-reading"] button`); status != http.StatusOK {
		p.t.Errorf("after the form: status %d", status)
	}
	p.sound()
	p.readsWhole(s)
	if notice := p.text("aside.courtesy"); !strings.Contains(notice, address) {
		p.t.Errorf("the notice does not name the address: %q", notice)
	}
}

func (p *page) confirmsByCode(code string) {
	p.t.Helper()
	p.fill("#code", code)
	p.follow(`aside.courtesy form[action="/confirm"] button`)
	p.sound()
	if p.count("aside.courtesy") != 0 || p.count(`nav.doors a[href="/account"]`) != 1 {
		p.t.Errorf("after the code the page still asks: %s", p.text("body"))
	}
}

func (p *page) readsWhole(s story) {
	p.t.Helper()
	if p.count(".wall") != 0 || !strings.Contains(p.html(), s.ending) {
		p.t.Errorf("%s is not shown whole", s.path())
	}
}

// unlocks spends a free article. The line under the headline says what is left.
func (p *page) unlocks(d *demo, s story, left string) {
	p.t.Helper()
	p.visit(d.url + s.path())
	if strings.Contains(p.html(), s.ending) {
		p.t.Errorf("%s holds %q before it is chosen", s.path(), s.ending)
	}
	p.follow(`section.wall form[action$="/unlock"] button`)
	p.sound()
	p.readsWhole(s)
	if line := p.text(".meter"); !strings.HasPrefix(line, "This is one of your three free articles in ") || !strings.HasSuffix(line, left) {
		p.t.Errorf("the meter says %q, want %q", line, left)
	}
}

// isUsedUp meets the wall of a reader whose free articles are spent.
func (p *page) isUsedUp(d *demo, s story) {
	p.t.Helper()
	p.visit(d.url + s.path())
	p.sound()
	if heading := p.text(".wall h2"); !strings.HasPrefix(heading, "You have read your three free articles in ") {
		p.t.Errorf("the fourth article's wall is headed %q", heading)
	}
	if p.count(`.wall form[action$="/unlock"]`) != 0 || strings.Contains(p.html(), s.ending) {
		p.t.Errorf("%s can be read or unlocked a fourth time", s.path())
	}
}

// comesOpen waits until the running server knows of a subscription that another process gave.
func (p *page) comesOpen(d *demo, s story) {
	p.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(200 * time.Millisecond) {
		p.visit(d.url + s.path())
		if p.count(".wall") == 0 {
			break
		}
		if time.Now().After(deadline) {
			p.t.Fatal("the wall still stands ten seconds after the grant")
		}
	}
	p.sound()
	p.readsWhole(s)
	if html := p.html(); p.count(".ad, .meter") != 0 || strings.Contains(html, "Advertisement") || strings.Contains(html, `class="ad`) {
		p.t.Error("a subscriber's page has an advertising slot or a meter")
	}
}

// leavesNothingBehind signs out after reading, and goes back: nothing private may come up again.
func (p *page) leavesNothingBehind(d *demo, s story, address string) {
	p.t.Helper()
	p.visit(d.url + s.path())
	p.readsWhole(s)
	p.visit(d.url + "/account")
	p.follow(`form[action="/sign-out"] button`)
	for range 3 {
		p.do("go back", chromedp.NavigateBack())
		html := p.html()
		if strings.Contains(html, address) || strings.Contains(html, s.ending) || p.count(`nav.doors a[href="/account"]`) != 0 {
			p.t.Errorf("after signing out, Back shows %s to the next person", p.address())
		}
	}
}
