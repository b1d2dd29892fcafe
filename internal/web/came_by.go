package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gatefold/gatefold/internal/newsletters"
)

// letterKey names the edition that somebody came by, in addresses and in forms.
const letterKey = "letter"

// A person who follows a link of a letter to the site has the edition's number in the address, and so in the Referer of
// what they ask for from there: an edition's registrations and subscriptions are counted without a cookie. letterBehind
// reads it from a form, the address or the Referer, in this order; "" for none. What it says is anybody's word: nothing
// but counting may depend on it.
func letterBehind(r *http.Request) string {
	said := []string{r.PostForm.Get(letterKey), r.URL.Query().Get(letterKey)}
	if u, err := url.Parse(r.Referer()); err == nil && u.Host == r.Host {
		said = append(said, u.Query().Get(letterKey))
	}
	for _, letter := range said {
		if n, err := strconv.ParseUint(letter, 10, 32); err == nil && n > 0 {
			return strconv.FormatUint(n, 10)
		}
	}
	return ""
}

// withLetter notes the edition that somebody came by in the path they go on to, unless the path names one.
func withLetter(path, letter string) string {
	_, query, asks := strings.Cut(path, "?")
	if values, err := url.ParseQuery(query); letter == "" || err != nil || values.Has(letterKey) {
		return path
	}
	if asks {
		return path + "&" + letterKey + "=" + letter
	}
	return path + "?" + letterKey + "=" + letter
}

// cameBy counts a registration of somebody who came by a letter. What fails is logged: nobody is kept from reading by it.
func (s *Site) cameBy(ctx context.Context, path string) {
	u, err := url.Parse(path)
	if err != nil {
		return
	}
	edition, err := strconv.ParseInt(u.Query().Get(letterKey), 10, 64)
	if err != nil {
		return
	}
	if err := s.Newsletters.Led(ctx, edition, newsletters.Joined); err != nil {
		s.Log.Warn("a registration by a letter is not counted", "error", err)
	}
}
