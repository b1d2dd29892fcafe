package newsroom

import (
	"bytes"
	"context"
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/fetch"
)

// Pages fetches pages of other sites: *fetch.Client, which guards against addresses that are not public (S-12).
type Pages interface {
	Get(ctx context.Context, address string) (fetch.Page, error)
}

// A card says of a page elsewhere what it says of itself. It is static: readers' browsers ask that site for nothing.
type card struct {
	Href        string `json:"href"`
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	Site        string `json:"site,omitempty"`
}

// cardLimit is how long a title or description of a card may be, in characters.
const cardLimit = 300

// cardOf fetches a page and reads its card. It returns Invalid for an address that cannot be read.
func cardOf(ctx context.Context, pages Pages, address string) (card, error) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return card{}, fault.Field("url", "expected the address of a page that begins with https://")
	}
	p, err := pages.Get(ctx, u.String())
	if err != nil {
		return card{}, fault.Wrap(fault.Invalid, err, "That page cannot be read from here. A plain link will do.")
	}
	c := readCard(p)
	c.Href = u.String()
	if c.Site == "" {
		c.Site = strings.TrimPrefix(u.Hostname(), "www.")
	}
	if c.Title == "" {
		c.Title = c.Href
	}
	return c, nil
}

// readCard reads the title and the description of a page: those for sharing (Open Graph) before its own.
func readCard(p fetch.Page) card {
	body, err := charset.NewReader(bytes.NewReader(p.Body), p.Type)
	if err != nil || !strings.HasPrefix(p.Type, "text/html") {
		return card{}
	}
	found := map[string]string{}
	z := html.NewTokenizer(body)
	for {
		switch z.Next() {
		case html.ErrorToken:
			return card{Title: first(found["og:title"], found["title"]), Description: first(found["og:description"], found["description"]),
				Site: first(found["og:site_name"])}
		case html.StartTagToken, html.SelfClosingTagToken:
			switch t := z.Token(); t.DataAtom {
			case atom.Title:
				if z.Next() == html.TextToken && found["title"] == "" {
					found["title"] = z.Token().Data
				}
			case atom.Meta:
				name, content := "", ""
				for _, a := range t.Attr {
					switch a.Key {
					case "property", "name":
						name = strings.ToLower(a.Val)
					case "content":
						content = a.Val
					}
				}
				if found[name] == "" {
					found[name] = content
				}
			}
		}
	}
}

// first is the first of some words that are any, in one line and not too long.
func first(all ...string) string {
	for _, s := range all {
		s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ")
		if utf8.RuneCountInString(s) > cardLimit {
			s = string([]rune(s)[:cardLimit-1]) + "…"
		}
		if s != "" {
			return s
		}
	}
	return ""
}
