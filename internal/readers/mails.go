package readers

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"regexp"
	"strings"
	texttemplate "text/template"
	"unicode/utf8"

	"github.com/gatefold/gatefold/internal/outbox"
)

// Publication is whom the mails are from.
type Publication struct {
	Name       string // as in the masthead
	Origin     string // links begin with it: scheme, host and port
	Language   string // BCP 47; "" means "en"
	Contact    string // where people may write to; "" for nowhere
	Accent     string // color of the button: # and six hexadecimal digits; "" means the house's
	AccentDark string // the same on dark paper; "" means the house's, or that of the text beside an accent of one's own
}

// The house's accent on light and dark paper, and the ink on dark.
const (
	houseAccent     = "#8f1d21"
	houseAccentDark = "#f0907f"
	inkOnDark       = "#e8e3d8"
)

var hexColor = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

//go:embed mails
var mailFiles embed.FS

// letters writes the mails of this package. Each has a file of HTML and one of text in mails/, set in a common frame.
type letters struct {
	publication Publication
	html        *htmltemplate.Template
	text        *texttemplate.Template
}

// letter is what the templates see.
type letter struct {
	Name, Origin, Contact string
	Language              string
	Accent, AccentDark    htmltemplate.CSS
	Subject               string
	Preheader             string // what mail programs show beside the subject
	Address               string // whom the mail goes to
	Article               string // title of what is read at the wall, or ""
	Letters               string // the newsletter that was asked for, or ""
	Link, Button, Code    string
	NewAddress            string
	Heading, Aside        string   // of a Notice
	Lines                 []string // likewise
}

func newLetters(p Publication) (*letters, error) {
	if p.Accent == "" {
		p.Accent, p.AccentDark = houseAccent, houseAccentDark
	}
	otherwise(&p.AccentDark, inkOnDark)
	otherwise(&p.Language, "en")
	p.Origin = strings.TrimSuffix(p.Origin, "/")
	switch {
	case p.Name == "" || strings.ContainsFunc(p.Name, hidden):
		return nil, errors.New("publication name: expected one line of text")
	case !strings.HasPrefix(p.Origin, "https://") && !strings.HasPrefix(p.Origin, "http://"):
		return nil, errors.New("publication origin: expected https://host")
	case !hexColor.MatchString(p.Accent) || !hexColor.MatchString(p.AccentDark):
		return nil, errors.New("publication accent: expected a color such as #8f1d21")
	}
	html, err := htmltemplate.ParseFS(mailFiles, "mails/*.html")
	if err != nil {
		return nil, err
	}
	text, err := texttemplate.ParseFS(mailFiles, "mails/*.txt")
	if err != nil {
		return nil, err
	}
	return &letters{publication: p, html: html, text: text}, nil
}

// signIn is the mail with a link and a code. It is the same for every address; an article is named when it was asked
// for at the wall, a newsletter when it was asked for by its form.
func (l *letters) signIn(to, link, code string, a Ask) (outbox.Mail, error) {
	d := letter{Address: to, Link: link, Code: code, Article: oneLine(a.ArticleTitle), Letters: oneLine(a.Letters), Subject: "Sign in to " + l.publication.Name,
		Button: "Sign in", Preheader: "Your code is " + code + ". It works for ten minutes."}
	switch {
	case d.Article != "":
		d.Subject, d.Button = "Confirm your address to keep reading", "Confirm and read on"
	case d.Letters != "":
		d.Subject, d.Button = "Confirm that you want our letters", "Confirm, and have them sent"
	}
	m, err := l.write("sign-in", d)
	m.UselessAfter = linkLife
	return m, err
}

// move is the mail to an address that an account is to move to.
func (l *letters) move(to, link string) (outbox.Mail, error) {
	m, err := l.write("new-address", letter{Address: to, Link: link, Subject: "Confirm your new address", Button: "Use this address",
		Preheader: "One press, and your account at " + l.publication.Name + " has this address."})
	m.UselessAfter = moveLife
	return m, err
}

// notice is the mail to the address that an account is to leave.
func (l *letters) notice(to, newAddress string) (outbox.Mail, error) {
	return l.write("old-address", letter{Address: to, NewAddress: newAddress, Subject: "Your address is about to change",
		Preheader: "Somebody who is signed in to your account asked for this."})
}

// goodbye is the last mail to a reader.
func (l *letters) goodbye(to string) (outbox.Mail, error) {
	return l.write("goodbye", letter{Address: to, Subject: "Your account is deleted",
		Preheader: "We have deleted what we kept about you."})
}

// write fills both templates of a mail, whose kind is their name.
func (l *letters) write(kind string, d letter) (outbox.Mail, error) {
	p := l.publication
	d.Name, d.Origin, d.Contact, d.Language = p.Name, p.Origin, p.Contact, p.Language
	d.Accent, d.AccentDark = htmltemplate.CSS(p.Accent), htmltemplate.CSS(p.AccentDark) // checked in newLetters
	var html, text bytes.Buffer
	if err := l.html.ExecuteTemplate(&html, kind+".html", d); err != nil {
		return outbox.Mail{}, fmt.Errorf("write %s mail: %w", kind, err)
	}
	if err := l.text.ExecuteTemplate(&text, kind+".txt", d); err != nil {
		return outbox.Mail{}, fmt.Errorf("write %s mail: %w", kind, err)
	}
	m := outbox.Mail{To: d.Address, Subject: d.Subject, Text: fill(text.String()), HTML: html.String(), Kind: kind}
	if d.Link != "" {
		m.Links = []string{d.Link}
	}
	return m, nil
}

// oneLine draws white space together and drops what does not show, so that a title cannot pass for the mail's own
// words on a line of their own.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if hidden(r) {
			return -1
		}
		return r
	}, strings.Join(strings.Fields(s), " "))
}

// textWidth is how wide the text of a mail is set, in characters, so that it stays readable when it is quoted.
const textWidth = 72

// fill breaks long lines between words. A word longer than a line, as a link, stays whole.
func fill(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		width := 0
		for i, word := range strings.Split(strings.TrimSuffix(line, "\n"), " ") {
			n := utf8.RuneCountInString(word)
			switch {
			case i == 0:
			case width+1+n > textWidth:
				b.WriteByte('\n')
				width = 0
			default:
				b.WriteByte(' ')
				width++
			}
			b.WriteString(word)
			width += n
		}
		b.WriteByte('\n')
	}
	return b.String()
}
