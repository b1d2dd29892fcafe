package prose

import (
	"regexp"
	"sync"

	"github.com/microcosm-cc/bluemonday"
)

// policy is what may stand in the text of an article (S-11): the elements of prose and no attribute that could carry
// style, script or a request to another site. Addresses other than http, https, mailto and paths are dropped with
// their attribute. Pictures come from this site's media only.
var policy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "table", "thead",
		"tbody", "tfoot", "tr", "th", "td", "caption", "figure", "figcaption", "em", "strong", "i", "b", "sup", "sub",
		"code", "hr", "br")
	p.AllowURLSchemes("http", "https", "mailto")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("hreflang", "lang").Matching(regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)).
		OnElements("a", "p", "em", "blockquote")
	p.AllowAttrs("src").Matching(regexp.MustCompile(`^/media(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$`)).OnElements("img")
	p.AllowAttrs("alt").OnElements("img")
	p.AllowAttrs("width", "height").Matching(number).OnElements("img")
	p.AllowAttrs("colspan", "rowspan").Matching(number).OnElements("th", "td")
	p.AllowAttrs("scope").Matching(regexp.MustCompile(`^(row|col|rowgroup|colgroup)$`)).OnElements("th")
	p.AllowAttrs("align").Matching(regexp.MustCompile(`^(left|right|center)$`)).OnElements("th", "td")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^(right|center)$`)).OnElements("th", "td")
	p.AllowAttrs("start").Matching(number).OnElements("ol")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^(pullquote|card)$`)).OnElements("aside")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^(cut|credit)$`)).OnElements("span")
	allowFootnotes(p)
	return p
})

var number = regexp.MustCompile(`^[1-9][0-9]{0,4}$`)

// allowFootnotes admits what goldmark makes of footnotes.
func allowFootnotes(p *bluemonday.Policy) {
	id := regexp.MustCompile(`^fn(ref[0-9]*)?:[0-9]{1,4}$`)
	p.AllowAttrs("id").Matching(id).OnElements("sup", "li")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^footnote-(ref|backref)$`)).OnElements("a")
	p.AllowAttrs("role").Matching(regexp.MustCompile(`^doc-(noteref|backlink)$`)).OnElements("a")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^footnotes$`)).OnElements("div")
	p.AllowAttrs("role").Matching(regexp.MustCompile(`^doc-endnotes$`)).OnElements("div")
}

// cutMark is where an editor ends the teaser.
var cutMark = regexp.MustCompile(`<!--\s*cut\s*-->`)

// sanitize returns untrusted HTML with nothing left in it that policy does not name. The editor's cut mark, a comment,
// comes through as an empty <span class="cut">, which split takes out.
func sanitize(s string) string {
	return policy().Sanitize(cutMark.ReplaceAllLiteralString(s, `<span class="cut"></span>`))
}
