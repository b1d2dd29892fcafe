package newsletters

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/mail"
	netmail "net/mail"
)

// letterOf is the mail that a reader of an edition gets, as it goes over the wire.
func (d *desk) letterOf(e Edition, reader int64) string {
	d.t.Helper()
	compiled, err := d.Compile(d.t.Context(), d.mailing(e))
	must(d.t, err)
	r := d.recipients(e, reader)[reader]
	if r.Skip != "" {
		d.t.Fatalf("reader %d has no mail: %s", reader, r.Skip)
	}
	letter := r.Letter
	if letter == nil {
		letter = compiled.Copies[r.Copy]
	}
	b, err := letter.Append(nil, mail.Personal{ID: "id@meridian.example", Date: monday, To: netmail.Address{Name: r.Name, Address: r.Address}, Values: r.Values})
	must(d.t, err)
	return string(b)
}

// Full texts go to those who may read them when the mail leaves, and nobody else's copy holds a word of them.
func TestCopiesAreCut(t *testing.T) {
	run(t, func(t *testing.T, d *desk) {
		d.today()
		anna, ben := d.reader("anna@example.org"), d.subscriber("ben@example.org")
		d.have(anna, "today", Choice{})
		d.have(ben, "today", Choice{})
		e := d.send(d.composed("today"))
		for _, c := range []struct {
			reader int64
			full   map[access.Level]bool
		}{
			{anna, map[access.Level]bool{access.Open: true, access.Registered: true}},
			{ben, map[access.Level]bool{access.Open: true, access.Registered: true, access.Metered: true, access.Subscriber: true}},
		} {
			parts := unfold(t, d.letterOf(e, c.reader))
			for _, level := range []access.Level{access.Open, access.Registered, access.Metered, access.Subscriber} {
				slug := string(level) + "-one"
				for kind, text := range parts {
					if !strings.Contains(text, "Title of "+slug) || !strings.Contains(text, "The opening of "+slug) {
						t.Errorf("reader %d, %s: %s is not in it", c.reader, kind, slug)
					}
					if has := strings.Contains(text, "The rest of "+slug); has != c.full[level] {
						t.Errorf("reader %d, %s: the rest of %s is in it: %v", c.reader, kind, slug, has)
					}
				}
			}
		}
		// What Anna opens with one of her free articles stands in full in her copy, and in nobody else's.
		opens, err := d.Library.BySlug(t.Context(), "metered-one")
		must(t, err)
		shut, err := d.Library.BySlug(t.Context(), "subscriber-one")
		must(t, err)
		carl := d.reader("carl@example.org")
		d.have(carl, "today", Choice{})
		for _, a := range []library.Article{opens, shut} {
			_, err := d.Gate.Unlock(t.Context(), access.Person{Reader: anna}, a.Facts())
			must(t, err)
		}
		for _, c := range []struct {
			reader int64
			want   bool
		}{{anna, true}, {carl, false}} {
			text := unfold(t, d.letterOf(e, c.reader))["text/plain"]
			if strings.Contains(text, "The rest of metered-one.") != c.want || strings.Contains(text, "The rest of subscriber-one.") {
				t.Errorf("reader %d has what Anna opened: %v; or what nobody may open", c.reader, !c.want)
			}
		}
		p, err := d.Preview(t.Context(), e, anna)
		if must(t, err); !strings.Contains(p.Text, "The rest of metered-one.") {
			t.Error("the preview of Anna's copy is cut")
		}
		d.pass(8 * 24 * time.Hour) // December: what was opened in November is shut again
		if text := unfold(t, d.letterOf(e, anna))["text/plain"]; strings.Contains(text, "The rest of metered-one.") {
			t.Error("last month's article stands in full")
		}
		// What is true when the mail leaves counts.
		if _, err := d.plans.Revoke(t.Context(), ben, "test"); err != nil {
			t.Fatal(err)
		}
		if text := d.letterOf(e, ben); strings.Contains(text, "The rest of subscriber-one") {
			t.Error("a lapsed subscriber got the text")
		}
	})
}

// unfold returns the parts of a mail, decoded, by their type.
func unfold(t testing.TB, message string) map[string]string {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(message))
	must(t, err)
	return partsOf(t, m)
}

const sample = `---
subject: Insurers were told first
preheader: Who pays when the strait closes, and what the Bosphorus teaches
---

## Our take {take}

The strait **reopened** at noon, and the first to know were the people who had priced it shut. *That is worth a pause.*
See [the ruling](https://court.example/ruling) and [the chart](https://chart.example/strait?a=1&b=2).

> Nobody insures a rumor.

1. First the tankers.
2. Then the grain.

| Route | Days |
|---|---|
| Strait | 4 |
| Cape | 19 |

## Latest from us {latest}

- /articles/metered-one
- /articles/subscriber-one | Two courts, one cargo, and a clause from 1906

## News roundup {roundup}

- [Port authority: pilots return](<https://port.example/pilots>) Two days earlier than insurers assumed.
- [Grain futures fall](https://exchange.example/wheat) The price of doubt, in one line.

## On our radar {radar}

- **24 November** The court of appeal hears the case of the tanker.

## From our sponsor {sponsor}
`

func (d *desk) sampled(slug string) Edition {
	d.t.Helper()
	d.today()
	e := d.composed(slug)
	must(d.t, d.Edit(d.t.Context(), e.ID, e.Version, sample))
	return d.edition(e.ID)
}

func TestLetter(t *testing.T) {
	d := once(t)
	anna := d.reader("anna@example.org")
	d.have(anna, "free", Choice{})
	e := d.send(d.sampled("free"))
	message := d.letterOf(e, anna)
	m, err := netmail.ReadMessage(strings.NewReader(message))
	must(t, err)
	for name, want := range map[string]string{
		"Subject": "Insurers were told first", "From": "The Meridian Review <letters@meridian.example>",
		"List-Id":               `"The free newsletter" <free.meridian.example>`,
		"List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
		"Feedback-Id":           "1:free:newsletter:meridian-example",
		"List-Archive":          "<https://meridian.example/newsletters/free>",
	} {
		if have := m.Header.Get(name); have != want {
			t.Errorf("%s: %q, want %q", name, have, want)
		}
	}
	token := d.token(leave, anna, e.Newsletter, e.ID)
	if have := m.Header.Get("List-Unsubscribe"); have != "<https://meridian.example/unsubscribe/"+token+">, <mailto:unsubscribe+"+token+
		"@bounces.meridian.example?subject=unsubscribe>" {
		t.Errorf("List-Unsubscribe: %q", have)
	}
	parts := partsOf(t, m)
	html, text := parts["text/html"], parts["text/plain"]
	for _, want := range []string{`lang="en" dir="ltr"`, "Insurers were told first</title>", "Who pays when the strait closes", "Our take",
		"reopened</strong>", "Nobody insures a rumor.", "Title of metered-one", "Standfirst of metered-one.", "Two courts, one cargo",
		"By Ines Marvell and Chidera Obanwu", "Port authority: pilots return", "24 November", "Read without advertisements.",
		"https://meridian.example/newsletters/free/1", "/unsubscribe/" + token, "/preferences/", "12 Harbour Street, Trieste",
		"https://meridian.example/l/1."} {
		if !strings.Contains(html, want) {
			t.Errorf("the HTML has no %q", want)
		}
	}
	for _, want := range []string{"THE MERIDIAN REVIEW", "Our take\n========", "reopened", "> Nobody insures a rumor.", "1. First the tankers.",
		"Route    Days\nStrait   4\nCape     19\n", "Title of metered-one", "Two courts, one cargo", "- Port authority: pilots return – Two days earlier", "Leave this newsletter: https://meridian.example/unsubscribe/" + token} {
		if !strings.Contains(text, want) {
			t.Errorf("the text has no %q", want)
		}
	}
	for kind, part := range parts {
		for _, never := range []string{"gf0hole", "port.example/pilots\"", "The rest of", "planned for", "<script", "ZgotmplZ", "anna@example.org"} {
			if strings.Contains(part, never) {
				t.Errorf("%s holds %q", kind, never)
			}
		}
	}
	for line := range strings.SplitSeq(text, "\n") {
		if len([]rune(line)) > textWidth && !strings.Contains(line, "https://") {
			t.Errorf("a line of %d characters: %q", len(line), line)
		}
	}
	if dir := os.Getenv("GATEFOLD_LETTERS"); dir != "" { // to look at
		must(t, os.WriteFile(dir+"/letter.eml", []byte(message), 0o600))
		must(t, os.WriteFile(dir+"/letter.html", []byte(html), 0o600))
		must(t, os.WriteFile(dir+"/letter.txt", []byte(text), 0o600))
	}
}

// Subscribers are shown no advertising.
func TestNoSponsorForSubscribers(t *testing.T) {
	d := once(t)
	ben := d.subscriber("ben@example.org")
	d.have(ben, "free", Choice{})
	e := d.send(d.sampled("free"))
	if text := d.letterOf(e, ben); strings.Contains(text, "Read without advertisements") {
		t.Error("a subscriber is shown advertising")
	}
}

// What would be cut off by mail programs is made to fit: texts give way to their openings, the last first.
func TestLongLettersAreMadeToFit(t *testing.T) {
	d := once(t)
	for i := range 4 {
		d.publish(string(rune('a'+i))+"-long", access.Open, d.clock().Add(-time.Duration(i+1)*time.Minute), func(a *library.Draft) {
			a.BodyHTML = "<p>The opening of it.</p><!-- cut -->" + strings.Repeat("<p>"+strings.Repeat("Ships wait. ", 40)+"</p>", 50) + "<p>The last word of " + a.Slug + ".</p>"
		})
	}
	ben := d.subscriber("ben@example.org")
	d.have(ben, "today", Choice{})
	html := unfold(t, d.letterOf(d.send(d.composed("today")), ben))["text/html"]
	if len(html) > mail.MostHTML {
		t.Errorf("%d bytes", len(html))
	}
	if !strings.Contains(html, "The last word of a-long.") || strings.Contains(html, "The last word of d-long.") || !strings.Contains(html, "Read on") {
		t.Error("the first text is to stand in full, the last not")
	}
}

// An edition that cannot fit is refused before it is approved.
func TestTooLongIsRefused(t *testing.T) {
	d := once(t)
	d.today()
	e := d.composed("free")
	must(t, d.Edit(t.Context(), e.ID, e.Version, "---\nsubject: x\n---\n## {take}\n\n"+strings.Repeat("Ships wait. ", 8000)))
	if err := d.Approve(t.Context(), e.ID); err == nil || !strings.Contains(err.Error(), "shorten it") {
		t.Errorf("approved: %v", err)
	}
}
