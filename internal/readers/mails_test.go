package readers

import (
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/gatefold/gatefold/internal/outbox"
)

func allLetters(t *testing.T, p Publication, article string) map[string]outbox.Mail {
	t.Helper()
	l, err := newLetters(p)
	if err != nil {
		t.Fatal(err)
	}
	const link = "https://meridian.example/confirm?token=TOKEN"
	mails := map[string]outbox.Mail{}
	keep := func(name string) func(m outbox.Mail, err error) {
		return func(m outbox.Mail, err error) {
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			mails[name] = m
		}
	}
	keep("wall")(l.signIn(anna, link, "042137", Ask{ArticleTitle: article}))
	keep("sign-in")(l.signIn(anna, link, "042137", Ask{}))
	keep("letters")(l.signIn(anna, link, "042137", Ask{Letters: "The Daily Review"}))
	keep("move")(l.move(anna, link))
	keep("notice")(l.notice(anna, "new@example.org"))
	keep("goodbye")(l.goodbye(anna))
	return mails
}

func TestLetters(t *testing.T) {
	digits := regexp.MustCompile(`\b\d{6}\b`)
	for name, m := range allLetters(t, review, "Tides & Treaties") {
		linked := name != "notice" && name != "goodbye"
		if m.To != anna || m.Subject == "" || strings.ContainsAny(m.Subject, "\r\n") || (len(m.Links) == 1) != linked {
			t.Errorf("%s: %q to %q, links %q", name, m.Subject, m.To, m.Links)
		}
		for form, body := range map[string]string{"text": m.Text, "HTML": m.HTML} {
			if !strings.Contains(body, "The Meridian Review") || !strings.Contains(body, "post@meridian.example") {
				t.Errorf("%s, %s: does not say whom it is from", name, form)
			}
			if strings.Contains(body, "/confirm?token=TOKEN") != linked {
				t.Errorf("%s, %s: the link", name, form)
			}
			codes := digits.FindAllString(body, -1)
			if coded := strings.Contains(m.Kind, "sign-in"); coded != (len(codes) > 0) {
				t.Errorf("%s, %s: codes %q", name, form, codes)
			}
			for _, c := range codes {
				if c != "042137" {
					t.Errorf("%s, %s: %s looks like a code", name, form, c)
				}
			}
			if strings.Contains(body, "ZgotmplZ") || strings.Contains(body, "<no value>") || strings.Contains(body, "!") && form == "text" {
				t.Errorf("%s, %s:\n%s", name, form, body)
			}
		}
		for line := range strings.Lines(m.Text) {
			if n := len([]rune(strings.TrimRight(line, "\n"))); n > textWidth && !strings.Contains(line, "http") {
				t.Errorf("%s: a line of %d characters: %s", name, n, line)
			}
		}
		checkHTML(t, name, m.HTML)
	}
	mails := allLetters(t, review, "Tides & Treaties")
	if !strings.Contains(mails["wall"].Text, "“Tides & Treaties”") || !strings.Contains(mails["wall"].HTML, "Tides &amp; Treaties") {
		t.Error("the mail of the wall does not name the article")
	}
	if !strings.Contains(mails["notice"].Text, "new@example.org") {
		t.Error("the notice does not name the new address")
	}
}

// checkHTML parses a mail and looks for what it must and must not have.
func checkHTML(t *testing.T, name, text string) {
	t.Helper()
	if len(text) > 20_000 {
		t.Errorf("%s: %d bytes of HTML", name, len(text))
	}
	doc, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	tags := map[string]int{}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		tags[n.Data]++
		for _, a := range n.Attr {
			switch {
			case n.Data == "html" && a.Key == "lang" && a.Val != "en":
				t.Errorf("%s: lang %q", name, a.Val)
			case a.Key == "href" && !strings.HasPrefix(a.Val, "https://meridian.example") && !strings.HasPrefix(a.Val, "mailto:post@"):
				t.Errorf("%s: a link to %q", name, a.Val)
			case a.Key == "src", strings.HasPrefix(a.Key, "on"):
				t.Errorf("%s: <%s %s>", name, n.Data, a.Key)
			case n.Data == "table" && a.Key == "role" && a.Val != "presentation":
				t.Errorf("%s: a table that is read as one", name)
			}
		}
	}
	if tags["html"] != 1 || tags["h1"] != 1 || tags["title"] != 1 || tags["table"] < 2 || tags["script"]+tags["img"]+tags["link"] != 0 {
		t.Errorf("%s: %v", name, tags)
	}
}

// What comes from outside stays words in both forms.
func TestLettersEscape(t *testing.T) {
	title := "</p><script>alert(1)</script>\r\n\r\nOr send money to:\u202e https://evil.example"
	m := allLetters(t, review, title)["wall"]
	if strings.Contains(m.HTML, "<script") {
		t.Error("a title became HTML")
	}
	if strings.Contains(m.Text, "\n\nOr send money") || strings.Contains(m.Text, "\u202e") || strings.Contains(m.Text, "\r") {
		t.Errorf("a title became a paragraph:\n%s", m.Text)
	}
	p := review
	p.Name = `Tom & Jerry's <i>"Review"</i>`
	for name, m := range allLetters(t, p, "") {
		if strings.Contains(m.HTML, "<i>") {
			t.Errorf("%s: a name became HTML", name)
		}
	}
}

func TestAccents(t *testing.T) {
	m := allLetters(t, review, "")["sign-in"]
	if strings.Count(m.HTML, houseAccent) < 2 || !strings.Contains(m.HTML, houseAccentDark) {
		t.Error("the house's accent is missing")
	}
	p := review
	p.Accent = "#005a9c"
	if m := allLetters(t, p, "")["sign-in"]; strings.Contains(m.HTML, houseAccent) || !strings.Contains(m.HTML, "#005a9c") {
		t.Error("the publication's accent is missing")
	}
}

func TestNewLettersRefuses(t *testing.T) {
	for name, change := range map[string]func(*Publication){
		"no name":       func(p *Publication) { p.Name = "" },
		"two lines":     func(p *Publication) { p.Name = "The\r\nBcc: x@example.org" },
		"no origin":     func(p *Publication) { p.Origin = "" },
		"script origin": func(p *Publication) { p.Origin = "javascript:alert(1)" },
		"accent":        func(p *Publication) { p.Accent = "red;} body{display:none" },
	} {
		p := review
		change(&p)
		if _, err := newLetters(p); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestFill(t *testing.T) {
	long := strings.Repeat("x", 90)
	for in, want := range map[string]string{
		"":                             "",
		"one\n\ntwo\n":                 "one\n\ntwo\n",
		"    042137":                   "    042137\n",
		"-- \nName\n":                  "-- \nName\n",
		long + " and " + long + "\n":   long + "\nand\n" + long + "\n",
		strings.Repeat("ä ", 36) + "ä": strings.Repeat("ä ", 35) + "ä\nä\n",
	} {
		if got := fill(in); got != want {
			t.Errorf("fill(%q) = %q, want %q", in, got, want)
		}
	}
}
