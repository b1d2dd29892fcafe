package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash/maphash"
	"html/template"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/page"
)

// W-00, the canary sweep: gated articles hold words that exist nowhere else. Everybody who may not read them asks for
// everything the site answers, in every way, and none of the words may come back, in any disguise. See sweep_test.go
// for who asks for what.

// letters returns n random small letters.
func letters(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	for i := range b {
		b[i] = 'a' + b[i]%26
	}
	return string(b)
}

// A planted article holds canaries: the root that all of a run share, two letters that name the article, six of its own.
type planted struct {
	slug   string
	level  access.Level
	hidden bool // a draft, or scheduled: to be seen by nobody
	mark   string
	words  []string // its canaries
	after  string   // the word after the first of them
	root   string
}

// canary makes another word of the article.
func (p *planted) canary() string {
	w := p.root + p.mark + letters(6)
	p.words = append(p.words, w)
	return w
}

// filler is n words in sentences of ten.
func filler(n int) string {
	return strings.Repeat("Ships waited outside of the old port for three days. ", n/10)
}

// asHTML has a canary in every kind of element that a text can have, after the editor's cut.
func (p *planted) asHTML() string {
	c := p.canary
	p.after = "begins"
	return `<p>The opening is for everyone.</p><!-- cut --><p>` + c() + ` begins, <em>` + c() + `</em> goes on.</p><h2>` + c() + `</h2>` +
		`<figure><img src="/media/640/` + c() + `.jpg" alt="` + c() + `"><figcaption>` + c() + `</figcaption></figure>` +
		`<aside class="pullquote"><p>` + c() + `</p></aside><blockquote><p>` + c() + `</p></blockquote>` +
		`<table><caption>` + c() + `</caption><thead><tr><th>` + c() + `</th></tr></thead><tbody><tr><td>` + c() + `</td></tr></tbody></table>` +
		`<ul><li>` + c() + `</li></ul><ol><li>` + c() + `</li></ol><pre><code>` + c() + `</code></pre>` +
		`<p><a href="https://example.org/` + c() + `">` + c() + `</a></p><p>` + c() + ` ends.</p>`
}

// asMarkdown is the same in Markdown. The opening refers to a footnote, whose text comes after it.
func (p *planted) asMarkdown() string {
	c := p.canary
	p.after = "begins"
	return "The opening is for everyone.[^1]\n\n<!-- cut -->\n\n" + c() + " begins, *" + c() + "* goes on.\n\n## " + c() + "\n\n" +
		"![" + c() + "](/media/640/" + c() + ".jpg)\n\n> " + c() + "\n\n| " + c() + " | b |\n|---|---|\n| " + c() + " | d |\n\n" +
		"- " + c() + "\n\n    " + c() + "\n\n```\n" + c() + "\n```\n\n[" + c() + "](https://example.org/" + c() + ") ends.\n\n[^1]: " + c() + "\n"
}

// The openings that no editor marked: long paragraphs, one paragraph, two sentences, one.
func (p *planted) asLong() string {
	p.after = "Ships"
	return "<p>" + filler(130) + "</p><p>" + p.canary() + " " + filler(40) + "</p><p>" + p.canary() + "</p>"
}
func (p *planted) asBlock() string {
	p.after = "Ships"
	return "<p>" + filler(200) + p.canary() + " " + filler(100) + "</p>"
}
func (p *planted) asPair() string {
	p.after = "came"
	return "<p>The harbour was closed at noon. Then " + p.canary() + " came.</p>"
}
func (p *planted) asOne() string {
	p.after = "came"
	return "<p>At noon " + p.canary() + " came.</p>"
}

// A canarySite is a site in which canaries are planted.
type canarySite struct {
	*testSite
	root    string
	planted []*planted
	clean   map[uint64]bool // bodies that were looked through
	seed    maphash.Seed
	hides   []string // the root, in its disguises
}

func newCanarySite(t *testing.T) *canarySite {
	t.Helper()
	s := &canarySite{root: letters(12), clean: map[uint64]bool{}, seed: maphash.MakeSeed()}
	s.hides = disguises(s.root)
	s.testSite = newTestSite(t, func(c *config.Config) {
		c.Ads.FrameURL = frameURL
		c.Wall.Rules = []config.Rule{{Section: "vault", Level: "subscriber"}}
		c.Till.Provider = "test"
	})
	for _, level := range []access.Level{access.Registered, access.Metered, access.Subscriber} {
		for name, form := range map[string]func(*planted) string{"html": (*planted).asHTML, "long": (*planted).asLong,
			"block": (*planted).asBlock, "pair": (*planted).asPair, "one": (*planted).asOne} {
			p := s.plant(string(level)+"-canary-"+name, level)
			s.publish(p, library.Draft{BodyHTML: form(p)})
		}
		p := s.plant(string(level)+"-canary-markdown", level)
		s.publish(p, library.Draft{BodyMarkdown: p.asMarkdown()})
	}
	// The policy holds over what the article says of itself.
	vault := s.plant("vault-canary", access.Subscriber)
	s.publish(vault, library.Draft{Level: access.Open, Section: "Vault", BodyHTML: vault.asHTML()})
	s.hide("draft-canary", library.Drafted, testStart.AddDate(0, 0, -1))
	s.hide("scheduled-canary", library.Published, testStart.AddDate(0, 1, 0))
	return s
}

func (s *canarySite) plant(slug string, level access.Level) *planted {
	n := len(s.planted)
	p := &planted{slug: slug, level: level, root: s.root, mark: string([]byte{'a' + byte(n/26), 'a' + byte(n%26)})}
	s.planted = append(s.planted, p)
	return p
}

// publish saves a planted article; what d leaves empty is as anywhere. Its corrections hold canaries too.
func (s *canarySite) publish(p *planted, d library.Draft) {
	s.t.Helper()
	all := draftOf(p.slug, p.level, testStart.AddDate(0, 0, -2))
	all.BodyHTML, all.BodyMarkdown = d.BodyHTML, d.BodyMarkdown
	if d.Level != "" {
		all.Level = d.Level
	}
	if d.Section != "" {
		all.Section = d.Section
	}
	all.Corrections = []library.Correction{{At: testStart.AddDate(0, 0, -1), Text: "It was " + p.canary() + "."}}
	s.save(all)
}

// hide saves an article that nobody may see, with a canary in everything it says.
func (s *canarySite) hide(slug string, state library.State, published time.Time) {
	s.t.Helper()
	p := s.plant(slug, access.Open)
	p.hidden = true
	c := p.canary
	s.save(library.Draft{Slug: slug, State: state, Level: access.Open, Published: published, Title: c(), Standfirst: c(), Section: c(),
		Byline: []string{c()}, Topics: []string{c()}, Countries: []string{c()}, Series: c(), Part: 1, Origin: c(), Licence: c(),
		Hero:     &library.Image{File: s.photo.Name, Alt: c(), Caption: c(), Credit: c(), Width: 640, Height: 400},
		BodyHTML: "<p>" + c() + " and more.</p><!-- cut -->" + p.asHTML()})
}

// disguises returns forms in which a program might carry a word past those who look for it.
func disguises(word string) (out []string) {
	var percent, decimal, hexadecimal, escaped, rot strings.Builder
	for _, b := range []byte(word) {
		fmt.Fprintf(&percent, "%%%02x", b)
		fmt.Fprintf(&decimal, "&#%d;", b)
		fmt.Fprintf(&hexadecimal, "&#x%x;", b)
		fmt.Fprintf(&escaped, `\u%04x`, b)
		rot.WriteByte('a' + (b-'a'+13)%26)
	}
	backward := []byte(word)
	slices.Reverse(backward)
	out = []string{percent.String(), decimal.String(), hexadecimal.String(), escaped.String(), rot.String(), string(backward),
		hex.EncodeToString([]byte(word))}
	for shift := range 3 { // in which of the three places of a base64 group it begins
		for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			s := e.EncodeToString(append(make([]byte, shift), word...))
			out = append(out, s[(shift*8+5)/6:(shift+len(word))*8/6])
		}
	}
	return out
}

// seen returns the planted articles whose canaries stand in a text, and whether one stands there in disguise.
func (s *canarySite) seen(text []byte) (plain []*planted, disguised bool) {
	low := bytes.ToLower(text)
	for rest := low; ; {
		i := bytes.Index(rest, []byte(s.root))
		if i < 0 {
			break
		}
		rest = rest[i+len(s.root):]
		for _, p := range s.planted {
			if bytes.HasPrefix(rest, []byte(p.mark)) && !slices.Contains(plain, p) {
				plain = append(plain, p)
			}
		}
	}
	for _, h := range s.hides {
		disguised = disguised || bytes.Contains(text, []byte(h)) || bytes.Contains(low, []byte(h))
	}
	return plain, disguised
}

// raw sends a request and returns the response with its body as it came and decompressed.
func (s *canarySite) raw(c *testClient, method, path string, body io.Reader, header ...string) (answer, []byte) {
	s.t.Helper()
	r, err := http.NewRequest(method, s.url+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "identity") // or the transport would decompress by itself
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	a, err := c.do(r)
	if err != nil {
		s.t.Fatalf("%s %s %q: %v", method, path, header, err)
	}
	return a, unpacked(s.t, a)
}

// unpacked is the body of an answer without its content coding.
func unpacked(t testing.TB, a answer) []byte {
	t.Helper()
	var r io.Reader = strings.NewReader(a.body)
	switch {
	case a.body == "":
		return nil
	case a.header.Get("Content-Encoding") == "br":
		r = brotli.NewReader(r)
	case a.header.Get("Content-Encoding") == "gzip":
		z, err := gzip.NewReader(r)
		if err != nil {
			t.Fatalf("a body said to be gzip: %v", err)
		}
		r = z
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("decompress: %v", err)
	}
	return b
}

// look fails the test when an answer holds a canary that who may not, or in a place that others share.
func (s *canarySite) look(who *principal, what string, a answer, body []byte) []*planted {
	s.t.Helper()
	if id := maphash.Bytes(s.seed, body); !s.clean[id] {
		plain, disguised := s.seen(body)
		if len(plain) > 0 || disguised {
			s.judge(who, what, a, plain, disguised)
			return plain
		}
		s.clean[id] = true
	}
	var head bytes.Buffer
	_ = a.header.Write(&head) // a bytes.Buffer does not fail
	if plain, disguised := s.seen(head.Bytes()); len(plain) > 0 || disguised {
		s.t.Errorf("%s, %s: a canary in the headers:\n%s", who.name, what, head.String())
	}
	return nil
}

func (s *canarySite) judge(who *principal, what string, a answer, plain []*planted, disguised bool) {
	s.t.Helper()
	for _, p := range plain {
		if !who.may(p) {
			s.t.Errorf("%s, %s: status %d with a canary of %s", who.name, what, a.status, p.slug)
		}
	}
	if disguised {
		s.t.Errorf("%s, %s: status %d with a canary in disguise", who.name, what, a.status)
	}
	if cc := a.header.Get("Cache-Control"); !strings.Contains(cc, "private") || !strings.Contains(cc, "no-store") {
		s.t.Errorf("%s, %s: a canary may be kept by caches: Cache-Control %q", who.name, what, cc)
	}
	if tag := a.header.Get("Etag"); tag != "" {
		s.t.Errorf("%s, %s: a canary under the tag %s", who.name, what, tag)
	}
}

// fullTag is the tag that the whole text of an article would go out under, were it ever shared: what someone who once
// read it might send in If-None-Match.
func (s *testSite) fullTag(slug string) string {
	s.t.Helper()
	ctx := context.Background()
	h, err := s.head(ctx, slug)
	if err != nil {
		s.t.Fatal(err)
	}
	d, err := s.Gate.Admit(ctx, access.Person{Staff: true}, h.facts)
	if err != nil || !d.Full() {
		s.t.Fatalf("staff may read %s: %v, %v", slug, d.Full(), err)
	}
	p, err := s.articlePage(ctx, h, variantOf(d, visit{}), d)
	if err != nil {
		s.t.Fatal(err)
	}
	w := httptest.NewRecorder()
	page.ServeShared(w, httptest.NewRequest(http.MethodGet, "/", nil), p)
	return w.Header().Get("Etag")
}

// The sweep itself is checked: it finds a canary in every disguise, and the whole text of each planted article holds
// every canary that was planted there.
func TestW00CanariesAreFound(t *testing.T) {
	s := newCanarySite(t)
	word := s.planted[0].canary()
	for _, text := range append(disguises(word), word, strings.ToUpper(word), template.URLQueryEscaper(word)) {
		plain, disguised := s.seen([]byte("before " + text + " after"))
		if len(plain) == 0 && !disguised {
			t.Errorf("a canary went unseen as %q", text)
		}
	}
	for shift := range 3 {
		text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + word + " and on"))
		if _, disguised := s.seen([]byte(text)); !disguised {
			t.Errorf("a canary went unseen as %q", text)
		}
	}
	if plain, disguised := s.seen([]byte(strings.Repeat(letters(100)+" ", 100))); len(plain) > 0 || disguised {
		t.Error("a canary was seen where there is none")
	}
}
