package newsletters

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/ads"
	"github.com/gatefold/gatefold/internal/mail"
	"github.com/gatefold/gatefold/internal/media"
	"github.com/gatefold/gatefold/internal/page"
)

//go:embed paper/letter.html texts/*.toml
var files embed.FS

// paper is what letters are written on: the template, and the words in the publication's language.
type paper struct {
	publication Publication
	html        *template.Template
	texts       *page.Texts
}

// The house's accent on light and dark paper, and the ink on dark.
const (
	houseAccent     = "#8f1d21"
	houseAccentDark = "#f0907f"
	inkOnDark       = "#e8e3d8"
)

func newPaper(p Publication) (*paper, error) {
	if p.Accent == "" || p.Accent == houseAccent {
		p.Accent, p.AccentDark = houseAccent, houseAccentDark
	}
	if p.AccentDark == "" {
		p.AccentDark = inkOnDark
	}
	texts, err := page.LoadTexts(p.Language, files)
	if err != nil {
		return nil, err
	}
	html, err := template.New("letter.html").Funcs(template.FuncMap{"t": texts.T, "on": on, "mso": mso}).ParseFS(files, "paper/letter.html")
	if err != nil {
		return nil, err
	}
	return &paper{publication: p, html: html, texts: texts}, nil
}

// mso is what Word's engine alone reads. It stands in a comment, and templates drop those that stand in them.
func mso(source string) template.HTML {
	return template.HTML("<!--[if mso]>" + source + "<![endif]-->")
}

// shortDay writes a day without its year: "24 November".
func (p *paper) shortDay(at time.Time) string {
	return p.texts.T("date.short", at.Day(), p.texts.Month(int(at.Month())))
}

// The holes of a letter: what differs from copy to copy.
const (
	holeUnsubscribe = "unsubscribe" // token to leave this newsletter
	holePreferences = "preferences" // token to change what one has
	holeClick       = "click"       // when the mail left, and who reads it where that is agreed to
)

// letterPage is what the template sees.
type letterPage struct {
	View
	Publication
	Dateline      string
	Direction     string
	AccentInk     template.CSS
	AccentOnDark  template.CSS
	Online        string // address of the edition on the site, "" when it has none
	Blocks        []letterBlock
	Trap          string // a link that no person sees
	Unsubscribe   string
	Preferences   string
	CSS           styles
	Reason, Seat  string
	ContactMailto template.URL
}

type letterBlock struct {
	Kind    Kind
	Heading string
	Text    template.HTML
	Stories []letterStory
	Ad      *letterAd
	First   bool
}

type letterStory struct {
	Title, Label, Line, Byline string
	URL                        string
	Body                       template.HTML
	Button                     string // "" for none
	Picture                    *letterPicture
	First                      bool // of its block, without a heading's room above
}

type letterPicture struct {
	Src, Alt, Caption string
	Width, Height     int
}

type letterAd struct {
	Headline, Text, URL, Label string
	Sponsor                    string
	Picture                    *letterPicture
}

// adWidth is how wide a picture of an advertisement stands in a letter, in pixels.
const adWidth = 500

func letterAdOf(ad ads.Ad, k *links) *letterAd {
	out := &letterAd{Headline: ad.Headline, Text: ad.Text, URL: k.to(ad.URL), Label: ad.Label, Sponsor: ad.Sponsor}
	if i := ad.Picture; i != nil {
		width := min(adWidth, i.Width)
		out.Picture = &letterPicture{Src: k.own(i.Path(i.Fit(2 * width))), Alt: ad.Alt, Width: width, Height: width * i.Height / i.Width}
	}
	return out
}

// onPage is a block or a story with the page it stands on.
type onPage struct {
	Page  letterPage
	Block letterBlock
	Story letterStory
}

func on(p letterPage, what any) onPage {
	o := onPage{Page: p}
	switch what := what.(type) {
	case letterBlock:
		o.Block = what
	case letterStory:
		o.Story = what
	}
	return o
}

// Lang is the language of the letter.
func (p letterPage) Lang() string {
	if p.Newsletter.Language != "" {
		return p.Newsletter.Language
	}
	return p.Language
}

// Cell is the style of a cell that goes over the width of the paper, with room above and below, in pixels.
func (p letterPage) Cell(above, below int) template.CSS {
	side := "left"
	if p.Direction == "rtl" {
		side = "right"
	}
	return template.CSS(fmt.Sprintf("padding:%dpx 32px %dpx;text-align:%s;", above, below, side)) + p.CSS.Serif
}

// Host is the address of the site as people say it.
func (p letterPage) Host() string {
	_, host, _ := strings.Cut(p.Origin, "://")
	return host
}

// rightToLeft are the languages written that way.
var rightToLeft = map[string]bool{"ar": true, "fa": true, "he": true, "ur": true, "yi": true, "ps": true, "sd": true, "ug": true, "dv": true}

// page puts a view on paper. Every address goes through link, which may lead it past the counting of clicks.
func (p *paper) page(v View, k *links) letterPage {
	q := letterPage{View: v, Publication: p.publication, Direction: "ltr", CSS: houseStyles,
		AccentInk: template.CSS(p.publication.Accent), AccentOnDark: template.CSS(p.publication.AccentDark), // checked in config
		Unsubscribe: k.own("/unsubscribe/" + mail.Hole(holeUnsubscribe)),
		Preferences: k.own("/preferences/" + mail.Hole(holePreferences)),
		Reason:      p.texts.T("letter.reason", v.Newsletter.Name), Seat: oneLine(p.publication.Postal)}
	if base, _, _ := strings.Cut(q.Lang(), "-"); rightToLeft[base] {
		q.Direction = "rtl"
	}
	q.Dateline = p.texts.Weekday(v.Date)
	if v.Newsletter.Archived && !v.Edition.Instant {
		q.Online = k.own("/newsletters/" + v.Newsletter.Slug)
		if v.Edition.Number > 0 {
			q.Online += "/" + strconv.Itoa(v.Edition.Number)
		}
	}
	if p.publication.Contact != "" {
		q.ContactMailto = template.URL("mailto:" + p.publication.Contact)
	}
	for i, part := range v.Parts {
		b := p.block(part, k, q.Direction)
		b.First = i == 0
		q.Blocks = append(q.Blocks, b)
	}
	q.Trap = k.trap()
	return q
}

func (p *paper) block(part Part, k *links, direction string) letterBlock {
	b := letterBlock{Kind: part.Kind, Heading: part.Heading, Text: mailHTML(part.Text, k, direction)}
	if part.Ad != nil {
		b.Ad = letterAdOf(*part.Ad, k)
	}
	for i, s := range part.Stories {
		set := p.story(s, part.Kind, i == 0, k)
		set.Body = mailHTML(s.Body, k, direction)
		b.Stories = append(b.Stories, set)
	}
	return b
}

func (p *paper) story(s Story, kind Kind, first bool, k *links) letterStory {
	out := letterStory{Title: s.Title, Label: s.Section.Name, Line: s.Line, URL: k.to("/articles/" + s.Slug), First: first}
	if len(s.Byline) > 0 {
		out.Byline = p.texts.T("letter.by", p.names(s.Byline))
	}
	if s.Level == access.Subscriber && !s.Full {
		out.Byline = strings.TrimPrefix(out.Byline+" · "+p.texts.T("letter.subscribers"), " · ")
	}
	if kind == Articles && !s.Full {
		out.Button = p.texts.T("letter.read-on")
	}
	if h := s.Hero; h != nil && h.Width > 0 && h.Height > 0 && (kind == Articles || kind == Important && first || kind == Latest && first) {
		i := media.Image{Name: h.File, Width: h.Width, Height: h.Height}
		width := min(pictureWidth, h.Width)
		out.Picture = &letterPicture{Src: k.own(i.Path(i.Fit(2 * width))), Alt: h.Alt, Caption: joinNonEmpty(" ", h.Caption, h.Credit),
			Width: width, Height: (h.Height*width + h.Width/2) / h.Width}
	}
	return out
}

// pictureWidth is how wide a picture is set: the paper without its margins.
const pictureWidth = 536

// names writes a byline: "Ines Marvell and Chidera Obanwu".
func (p *paper) names(list []string) string {
	if n := len(list) - 1; n > 0 {
		return p.texts.T("letter.and", strings.Join(list[:n], ", "), list[n])
	}
	return list[0]
}

func joinNonEmpty(sep string, parts ...string) string {
	var kept []string
	for _, s := range parts {
		if s != "" {
			kept = append(kept, s)
		}
	}
	return strings.Join(kept, sep)
}

// write returns both parts of a letter.
func (p *paper) write(v View, k *links) (html, text string, err error) {
	q := p.page(v, k)
	var b bytes.Buffer
	if err := p.html.Execute(&b, q); err != nil {
		return "", "", fmt.Errorf("write the letter: %w", err)
	}
	return b.String(), p.plain(q, v, k), nil
}
