package newsletters

import (
	"html/template"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/mail"
)

// everything is a text with all that an article may hold.
const everything = `<p>Ships wait outside the port, and the first to know why were the people who had priced it shut.</p><!-- cut -->
<h2>What they knew</h2><p>Then they <a href="https://example.org/x">sail</a>. <em>So</em> it <strong>is</strong> told.</p>
<blockquote><p>Nobody insures a rumor.</p><p>Not twice.</p></blockquote><aside class="pull"><p>The price of doubt is paid in advance.</p></aside>
<ul><li>One tanker.</li><li>Two grain ships.</li></ul><ol start="3"><li>Third.</li><li>Fourth, with rather more words in it.</li></ol><hr>
<figure><img src="/media/ab/cd.jpg" alt="A strait" width="800" height="400"><figcaption>The strait at noon.</figcaption></figure>
<h3>Days at sea</h3><table><caption>Days</caption><thead><tr><th>Route</th><th>Days</th></tr></thead><tbody><tr><td>Strait</td><td>4</td></tr></tbody></table>
<h4>And code</h4><pre><code>x = 1</code></pre><p>H<sub>2</sub>O, x<sup>2</sup>.</p>`

// looked is a letter in a language with every kind of block and text.
func looked(t *testing.T, language string) string {
	d := once(t)
	d.publish("the-bank", access.Open, d.clock().Add(-time.Minute), func(a *library.Draft) { a.BodyHTML = everything })
	anna := d.reader("anna@example.org")
	d.change("free", "language="+language)
	must(t, d.SetLanguage(t.Context(), anna, language))
	d.have(anna, "free", Choice{})
	e := d.sampled("free")
	must(t, d.Edit(t.Context(), e.ID, e.Version, sample+"\n## The whole of it {articles}\n\n- /articles/the-bank\n- /articles/metered-one\n"))
	parts := unfold(t, d.letterOf(d.send(d.edition(e.ID)), anna))
	if dir := os.Getenv("GATEFOLD_LETTERS"); dir != "" { // to look at
		must(t, os.WriteFile(dir+"/whole-"+language+".html", []byte(parts["text/html"]), 0o600))
		must(t, os.WriteFile(dir+"/whole-"+language+".txt", []byte(parts["text/plain"]), 0o600))
	}
	return parts["text/html"]
}

// Word's engine gives room to cells alone, knows nothing of figures and asides, and shows what is hidden unless it is
// told in its own words.
func TestLettersAreSafeInWord(t *testing.T) {
	source := looked(t, "en")
	doc, err := html.Parse(strings.NewReader(source))
	must(t, err)
	cells := []atom.Atom{atom.Td, atom.Th}
	seen := map[atom.Atom]int{}
	for n := range doc.Descendants() {
		seen[n.DataAtom]++
		style := attr(n, "style")
		for property := range strings.SplitSeq(style, ";") {
			name, value, _ := strings.Cut(property, ":")
			plain := strings.Trim(value, "0px ") == ""
			switch {
			case strings.HasPrefix(name, "padding") && !plain && !slices.Contains(cells, n.DataAtom) && n.DataAtom != atom.Caption:
				t.Errorf("<%s> asks for %s:%s, which Word does not give", n.Data, name, value)
			case strings.HasPrefix(name, "margin") && !plain && n.DataAtom == atom.Div:
				t.Errorf("<div> asks for %s:%s", name, value)
			case strings.HasPrefix(name, "border") && name != "border" && name != "border-collapse" && !slices.Contains(cells, n.DataAtom):
				t.Errorf("<%s> asks for %s", n.Data, name)
			}
		}
		if strings.Contains(style, "font-size:0") {
			t.Errorf("<%s> has a size below one, which filters take for hidden words (SpamAssassin: WORD_INVIS)", n.Data)
		}
		if strings.Contains(style, "display:none") && !strings.Contains(attr(n, "class"), "hide") {
			t.Errorf("<%s> is hidden, and Word shows it", n.Data)
		}
		if n.DataAtom == atom.Img && (attr(n, "width") == "" || attr(n, "alt") == "") {
			t.Error("a picture has no width or no words")
		}
	}
	for _, unknown := range []atom.Atom{atom.Aside, atom.Figure, atom.Figcaption, atom.Blockquote, atom.Hr} {
		if seen[unknown] > 0 {
			t.Errorf("<%s> stands in the letter", unknown)
		}
	}
	for _, known := range []atom.Atom{atom.Table, atom.Ul, atom.Ol, atom.Pre, atom.Img, atom.H2, atom.H3, atom.H4, atom.Caption} {
		if seen[known] == 0 {
			t.Errorf("there is no <%s>", known)
		}
	}
	for _, want := range []string{"<!--[if mso]><table", ".hide { mso-hide: all; }", "The strait at noon.", "Nobody insures a rumor.", `<ol class="ink"`, `start="3"`} {
		if !strings.Contains(source, want) {
			t.Errorf("the letter has no %q", want)
		}
	}
	if len(source) > mail.MostHTML {
		t.Errorf("%d bytes", len(source))
	}
}

// The sponsor's box has room around it: it never touches what stands above.
func TestTheSponsorStandsApart(t *testing.T) {
	source := looked(t, "en")
	above, _, found := strings.Cut(source, `class="tint"`)
	if !found || !strings.HasSuffix(above, `<td class="cell" style="padding:30px 32px 4px;text-align:left;font-family:&#39;Iowan Old Style&#39;,Charter,&#39;Source Serif 4&#39;,Georgia,serif;"><table role="presentation" style="width:100%;border-collapse:collapse;"><tr><td `) {
		t.Errorf("above the sponsor stands …%s", above[max(0, len(above)-300):])
	}
}

// A letter in a language that is written from right to left is set that way.
func TestRightToLeft(t *testing.T) {
	source := looked(t, "ar")
	for _, want := range []string{`<html lang="ar" dir="rtl">`, `<table role="presentation" dir="rtl"`, "padding:0 18px 0 0;border-right:2px", "margin:0 24px 16px 0"} {
		if !strings.Contains(source, want) {
			t.Errorf("the letter has no %q", want)
		}
	}
	if strings.Contains(source, "text-align:left") {
		t.Error("something is set to the left")
	}
}

// The accent is that of the publication on both papers.
func TestAccent(t *testing.T) {
	for _, c := range []struct{ light, dark, wantLight, wantDark string }{
		{"", "", houseAccent, houseAccentDark}, {houseAccent, "", houseAccent, houseAccentDark},
		{"#123456", "#abcdef", "#123456", "#abcdef"}, {"#123456", "", "#123456", inkOnDark},
	} {
		p, err := newPaper(Publication{Name: "x", Language: "en", Accent: c.light, AccentDark: c.dark})
		must(t, err)
		if p.publication.Accent != c.wantLight || p.publication.AccentDark != c.wantDark {
			t.Errorf("%+v: %s on light, %s on dark", c, p.publication.Accent, p.publication.AccentDark)
		}
	}
}

// What was refused by the sanitizer cannot come in by the letter: it writes what it knows and nothing else.
func TestMailHTMLWritesWhatItKnows(t *testing.T) {
	k := (&Newsletters{Deps: Deps{Publication: review}}).newLinks(Edition{ID: 1}, Off)
	for in, want := range map[string]string{
		`<script>x</script><p onclick="x">A</p>`:                      "A</p>",
		`<p><a href="javascript:x">A</a></p>`:                         "A</p>",
		`<p><a href="/articles/x">A</a></p>`:                          `href="https://meridian.example/articles/x"`,
		`<p><img src="https://spy.example/x.gif" alt="">A</p>`:        ">A</p>",
		`<div class="table"><table><tr><td>A</td></tr></table></div>`: "A</td>",
		`<p>1 &lt; 2 &amp; "3"</p>`:                                   "1 &lt; 2 &amp; &#34;3&#34;",
	} {
		out := string(mailHTML(template.HTML(in), k, "ltr"))
		if !strings.Contains(out, want) {
			t.Errorf("%s is written %s, want %s", in, out, want)
		}
		for _, never := range []string{"<script", "onclick", "javascript:", "spy.example"} {
			if strings.Contains(out, never) {
				t.Errorf("%s is written %s", in, out)
			}
		}
	}
}
