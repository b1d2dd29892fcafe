package newsletters

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"github.com/gatefold/gatefold/internal/mail"
)

// links gives every address of an edition a number, in the order of their first mention, and returns what stands for it
// in the letter. All copies of an edition share one, so that a number means one address in each of them.
type links struct {
	origin  string
	edition int64
	tracked bool
	seal    func(p purpose, of ...int64) string
	numbers map[string]int
	urls    []string // by number; 0 is the trap
}

func (l *Newsletters) newLinks(e Edition, t Tracking) *links {
	return &links{origin: l.Publication.Origin, edition: e.ID, tracked: t != Off, seal: l.seal, numbers: map[string]int{}, urls: []string{""}}
}

// own is an address of the site that is not counted: to leave, to change, to view online, of a picture.
func (k *links) own(path string) string { return k.origin + path }

// to is the address that leads to another: itself, or the redirect that counts. Of an address that is none of the web,
// mailto or the site's, nothing is left.
func (k *links) to(address string) string {
	switch {
	case strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//"):
		address = k.origin + address
	case strings.HasPrefix(address, "mailto:"):
		return address
	}
	if !webAddress(address) {
		return ""
	}
	if !k.tracked {
		return address
	}
	n := k.numbers[address]
	if n == 0 {
		k.urls = append(k.urls, address)
		n = len(k.urls) - 1
		k.numbers[address] = n
	}
	return k.redirect(n)
}

// trap is a link that no person sees: who follows it is a machine. "" where nothing is counted.
func (k *links) trap() string {
	if !k.tracked {
		return ""
	}
	return k.redirect(0)
}

// redirect is the address of a link: the edition and the number in base 36 and their seal, so that links cannot be
// counted through by who has no copy, and what is told of the copy.
func (k *links) redirect(n int) string {
	return fmt.Sprintf("%s/l/%s.%s.%s.%s", k.origin, strconv.FormatInt(k.edition, 36), strconv.FormatInt(int64(n), 36),
		k.seal(lead, k.edition, int64(n)), mail.Hole(holeClick))
}

// styles are the inline styles of the letter, as mail programs want them.
type styles struct {
	Serif, Sans                       template.CSS
	Heading, Title, Text, Small, Line template.CSS
}

// houseStyles set the letter like the journal: ink on paper, one column, hairlines.
var houseStyles = styles{
	Serif:   `font-family:'Iowan Old Style',Charter,'Source Serif 4',Georgia,serif;`,
	Sans:    `font-family:system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;`,
	Heading: `margin:0;font-size:13px;line-height:18px;font-weight:600;letter-spacing:0.06em;`,
	Title:   `margin:0 0 6px;font-size:22px;line-height:27px;font-weight:600;`,
	Text:    `margin:0 0 16px;font-size:18px;line-height:28px;`,
	Small:   `margin:0;font-size:13px;line-height:20px;`,
	Line:    `margin:0;font-size:17px;line-height:25px;`,
}
