package prose

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"pgregory.net/rapid"
)

// words returns n words that end in a full stop, starting with a capital.
func words(n int) string { return "Wo" + strings.Repeat(" wo", n-1) + "." }

func TestTeaser(t *testing.T) {
	tail := "<p>" + words(400) + "</p>" // so that the share of the teaser is no concern
	for _, tt := range []struct {
		name  string
		in    string
		limit int
		want  string
	}{
		{"paragraphs that fit", "<p>" + words(50) + "</p><p>" + words(60) + "</p><p>" + words(30) + "</p>" + tail, 120,
			"<p>" + words(50) + "</p><p>" + words(60) + "</p>"},
		{"a long paragraph after a short one is cut at a sentence", "<p>One two.</p><p>" + words(8) + " " + words(200) + "</p>" + tail, 20,
			"<p>One two.</p><p>" + words(8) + "</p>"},
		{"a long paragraph after half of the words is left", "<p>" + words(12) + "</p><p>One two. " + words(200) + "</p>" + tail, 20,
			"<p>" + words(12) + "</p>"},
		{"the first sentence, if it is longer", "<p>" + words(50) + " Two.</p>" + tail, 20, "<p>" + words(50) + "</p>"},
		{"at most forty in a hundred", "<p>" + words(10) + "</p><p>" + words(10) + "</p><p>" + words(10) + "</p>", 120,
			"<p>" + words(10) + "</p>"},
		{"one sentence", "<p>" + words(30) + "</p>", 120, ""},
		{"one sentence and a heading", "<h2>Head</h2><p>" + words(30) + "</p>", 120, ""},
		{"two sentences", "<p>One. Two.</p>", 120, "<p>One.</p>"},
		{"nothing", "", 120, ""},
		{"no words", "<hr><p>—</p>", 120, ""},
		{"no heading at the end", "<p>" + words(10) + "</p><h2>Head</h2><p>" + words(30) + "</p>" + tail, 20, "<p>" + words(10) + "</p>"},
		{"a heading within", "<p>" + words(5) + "</p><h2>Head</h2><p>" + words(10) + "</p>" + tail, 20,
			"<p>" + words(5) + "</p><h2>Head</h2><p>" + words(10) + "</p>"},
		{"no colon at the end", "<p>" + words(10) + "</p><p>He said this to us all:</p><blockquote><p>" + words(60) + "</p></blockquote>" + tail, 20,
			"<p>" + words(10) + "</p>"},
		{"tags are closed", "<blockquote><p>One <em>two <strong>three.</strong> " + words(60) + "</em></p></blockquote>" + tail, 20,
			"<blockquote><p>One <em>two <strong>three.</strong></em></p></blockquote>"},
		{"a list", "<ul><li>One two three.</li><li>Four five six.</li><li>" + words(60) + "</li></ul>" + tail, 8,
			"<ul><li>One two three.</li><li>Four five six.</li></ul>"},
		{"no footnotes", `<p>One.<sup id="fnref:1"><a href="#fn:1" class="footnote-ref">1</a></sup> Two.</p>` + tail +
			`<div class="footnotes"><ol><li id="fn:1">Note.</li></ol></div>`, 5, "<p>One. Two.</p>"},
		{"no pictures, pull quotes, tables", `<figure><img src="/media/a.jpg"><figcaption>Cap.</figcaption></figure><p>One.` +
			`<img src="/media/b.jpg"></p><aside class="pullquote">Pull.</aside><table><tr><td>Cell.</td></tr></table><p>Two.</p>` + tail, 5,
			"<p>One.</p><p>Two.</p>"},
		{"no line at the end", "<p>One.</p><hr><p>" + words(60) + "</p>" + tail, 5, "<p>One.</p>"},
		{"a break", "<p>One<br>two.<br></p>" + tail, 5, "<p>One<br>two.</p>"},
		{"an abbreviation", "<p>The U.S. and Mr. J. Smith met. " + words(60) + "</p>" + tail, 10, "<p>The U.S. and Mr. J. Smith met.</p>"},
		{"a quotation", "<p>“Go.” " + words(60) + "</p>" + tail, 5, "<p>“Go.”</p>"},
		{"the editor's cut", "<p>One. Two.</p><p>Three.</p><!-- cut --><p>Four.</p>" + tail, 3, "<p>One. Two.</p><p>Three.</p>"},
		{"a cut within a paragraph", "<p>One. Two.<!-- cut --> Three.</p>" + tail, 120, "<p>One. Two.</p>"},
		{"a cut within a sentence", "<p>One. Two <!-- cut -->and a half.</p>" + tail, 120, "<p>One.</p>"},
		{"a cut after a heading", "<p>One.</p><h2>Head</h2><!-- cut --><p>Two.</p>", 120, "<p>One.</p>"},
		{"a cut at the beginning", "<!-- cut --><p>One. Two.</p>" + tail, 120, ""},
		{"a cut at the end is none", "<p>One. Two. Three.</p><!-- cut -->", 120, "<p>One.</p>"},
		{"a cut before what is left out is none", `<p>One. Two.</p><!-- cut --><figure><figcaption>Cap.</figcaption></figure>`, 120, "<p>One.</p>"},
		{"the first of two cuts", "<p>One.</p><!-- cut --><p>Two.</p><!-- cut --><p>Three.</p>", 120, "<p>One.</p>"},
		{"loose words", "One. " + words(60), 5, "<p>One.</p>"},
		{"a link at the end", `<p><a href="/x">One. Two</a> three. ` + words(50) + "</p>" + tail, 2, `<p><a href="/x">One.</a></p>`},
	} {
		c, err := Compose(tt.in, HTML, tt.limit)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		} else if c.Teaser != tt.want {
			t.Errorf("%s: the teaser of\n%s\nis   %s\nwant %s", tt.name, tt.in, c.Teaser, tt.want)
		}
	}
}

// plainWords is the words of shaped HTML, without what is left out of teasers, with single spaces.
func plainWords(t testing.TB, s string) string {
	t.Helper()
	root, err := parse(s)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		if isBlock(n) || n.Data == "br" {
			b.WriteByte(' ')
		}
		for c := range n.ChildNodes() {
			if !isLeftOut(c) {
				walk(c)
			}
		}
		if isBlock(n) {
			b.WriteByte(' ')
		}
	}
	walk(root)
	return strings.Join(strings.Fields(b.String()), " ")
}

// checkTeaser checks what holds for every teaser.
func checkTeaser(t testing.TB, in string, c Text) {
	t.Helper()
	if c.Teaser == "" {
		return
	}
	body, teaser := plainWords(t, c.Body), plainWords(t, c.Teaser)
	if !strings.HasPrefix(body, teaser) {
		t.Fatalf("the teaser of %q\n%q\nis not the opening of\n%q", in, teaser, body)
	}
	if !hasWord(body[len(teaser):]) {
		t.Fatalf("the teaser of %q\n%q\nleaves nothing to read", in, teaser)
	}
	if !hasWord(teaser) {
		t.Fatalf("the teaser of %q has markup and no words: %q", in, c.Teaser)
	}
}

func FuzzTeaser(f *testing.F) {
	f.Add("<p>One. Two <em>three.</em></p><!-- cut --><h2>Four</h2><ul><li>Five.<li>Six", 10)
	f.Add("One<br>two. <b>Three<sup id=fnref:1><a class=footnote-ref>1</a></sup>.</b> Four<table><td>x</table>", 1)
	f.Add("<blockquote>One.<p>Two.</blockquote> Three… Four.<!-- cut -->\n<aside>Five</aside>Six", 3)
	f.Add("<p>Mr. A. B. said: “No.” 1. Two.\u00a0Three.</p>", 4)
	f.Fuzz(func(t *testing.T, in string, limit int) {
		c, err := Compose(in, HTML, limit)
		if err != nil {
			return
		}
		checkTeaser(t, in, c)
	})
}

// TestTeaserProperties writes articles of random paragraphs and looks at their teasers.
func TestTeaserProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		sentences := 0
		for i := range rapid.IntRange(1, 12).Draw(t, "blocks") {
			if rapid.IntRange(0, 5).Draw(t, "heading") == 0 {
				fmt.Fprintf(&b, "<h2>Heading %d</h2>", i)
			}
			b.WriteString("<p>")
			for range rapid.IntRange(1, 9).Draw(t, "sentences") {
				sentences++
				n := rapid.IntRange(1, 40).Draw(t, "words")
				open, shut := "", ""
				if rapid.Bool().Draw(t, "tagged") {
					open, shut = "<em>", "</em>"
				}
				fmt.Fprintf(&b, "%sS%d%s w%d%s. ", open, sentences, strings.Repeat(" word", n-1), n, shut)
			}
			b.WriteString("</p>")
		}
		limit := rapid.IntRange(20, 300).Draw(t, "limit")
		c, err := Compose(b.String(), HTML, limit)
		if err != nil {
			t.Fatal(err)
		}
		if (c.Teaser == "") != (sentences == 1) {
			t.Fatalf("the teaser of %d sentences is %q", sentences, c.Teaser)
		}
		root, _ := parse(c.Body)
		all := read(root)
		root, _ = parse(c.Teaser)
		open := read(root)
		if n := len(open.blocks); n > 0 {
			last := open.blocks[n-1]
			if last.heading || !strings.HasSuffix(strings.TrimSpace(last.text), ".") {
				t.Fatalf("the teaser ends in %q", last.text)
			}
			one := n == 1 && len(sentenceEnds(last.text)) == 1 || n == 2 && open.blocks[0].heading && len(sentenceEnds(last.text)) == 1
			if !one && (open.words > limit || open.words*100 > all.words*teaserShare) {
				t.Fatalf("the teaser has %d words of %d, the limit is %d", open.words, all.words, limit)
			}
		}
		if c.Teaser != "" && !strings.HasPrefix(readingText(all), readingText(open)) {
			t.Fatalf("%q does not begin with %q", readingText(all), readingText(open))
		}
	})
}

func readingText(p *reading) string {
	var b strings.Builder
	for _, bl := range p.blocks {
		b.WriteString(bl.text + " ")
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
