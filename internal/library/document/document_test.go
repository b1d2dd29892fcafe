package document

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/library/prose"
)

// one is a text with everything a text can have, as an editor would write it in HTML.
const one = `<p>One <em>two</em> <strong>three <em>four</em></strong>, H<sub>2</sub>O, 10<sup>6</sup>, <code>a &lt; b</code>, ` +
	`<a href="https://a.example/?b=c&amp;d=e">a <strong>link</strong></a>.<sup id="fnref:1"><a href="#fn:1" class="footnote-ref" role="doc-noteref">1</a></sup></p>
<!-- cut -->
<h2>Head</h2>
<p lang="fr">Un<br>deux.<sup id="fnref:2"><a href="#fn:2" class="footnote-ref" role="doc-noteref">2</a></sup></p>
<ul><li>One<ul><li>Two</li></ul></li><li>Three</li></ul>
<ol start="3"><li><p>Three</p><p>And more.</p></li><li><p>Four</p></li></ol>
<blockquote><p>Said.</p><h3>So</h3></blockquote>
<aside class="pullquote"><p>Pulled.</p></aside>
<pre><code>x := 1

y
</code></pre>
<table><caption>What <em>is</em></caption><thead><tr><th scope="col">A</th><th align="right">B</th></tr></thead><tbody><tr><td colspan="2"><p>C</p><ul><li>D</li></ul></td></tr></tbody></table>
<table><thead><tr><th>A</th><th align="right">B</th></tr></thead><tbody><tr><td>C</td><td align="right">D</td></tr></tbody></table>
<figure><img src="/media/640/ab.jpg" alt="A &quot;b&quot;" width="10" height="20"><figcaption>What it <em>shows</em>. <span class="credit">Her Name</span></figcaption></figure>
<aside class="card"><p><a href="https://b.example/">A page</a></p><p>Of which it says this.</p><p><em>b.example</em></p></aside>
<hr>
<p>End.</p>
<div class="footnotes" role="doc-endnotes"><hr><ol><li id="fn:1"><p>First <em>note</em>.` + "\u00a0" + `<a href="#fnref:1" class="footnote-backref" role="doc-backlink">↩︎</a></p></li>` +
	`<li id="fn:2"><p>Second.` + "\u00a0" + `<a href="#fnref:2" class="footnote-backref" role="doc-backlink">↩︎</a></p></li></ol></div>`

func read(t testing.TB, source string, f prose.Format) Document {
	t.Helper()
	d, err := FromSource(source, f)
	if err != nil {
		t.Fatalf("read %q: %v", source, err)
	}
	return d
}

func TestReadsAndWritesTheSame(t *testing.T) {
	d := read(t, one, prose.HTML)
	if have := d.HTML(); have != one {
		t.Errorf("the HTML came out as\n%s\nwant\n%s", have, one)
	}
	again, err := Parse(d.JSON())
	if err != nil || string(again.JSON()) != string(d.JSON()) {
		t.Errorf("its JSON is not read as it was written: %v", err)
	}
	md := d.Markdown()
	if have := read(t, md, prose.Markdown); string(have.JSON()) != string(d.JSON()) {
		t.Errorf("by way of Markdown\n%s\nit is\n%s\nwant\n%s", md, have.JSON(), d.JSON())
	}
	for _, want := range []string{"One *two* <strong>three *four*</strong>", "## Head", "> Said.", "- One\n  - Two\n- Three", "3. Three\n\n   And more.",
		"| A | B |\n|---|---:|\n| C | D |", "<!-- cut -->"} {
		if !strings.Contains(md, want) {
			t.Errorf("%q is not in the Markdown\n%s", want, md)
		}
	}
}

// TestBecomes holds what is brought into one form.
func TestBecomes(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"space", "<p>One\n\t two </p>", "<p>One two</p>"},
		{"loose words", "One <em>two</em><p>Three</p>", "<p>One <em>two</em></p>\n<p>Three</p>"},
		{"a picture in a line", `<p>One <img src="/media/a.jpg" alt="x"> two</p>`, `<p>One</p>` + "\n" + `<figure><img src="/media/a.jpg" alt="x"></figure>` + "\n<p>two</p>"},
		{"a cut in a line", "<p>One.<!-- cut --> Two.</p>", "<p>One.<!-- cut --> Two.</p>"},
		{"a cut in a line of its own", "<p><!-- cut --></p><p>Two.</p>", "<!-- cut -->\n<p>Two.</p>"},
		{"a list in a list", "<ul><ul><li>One</li></ul></ul>", "<ul><li><ul><li>One</li></ul></li></ul>"},
		{"a note in two paragraphs", `<p>A<sup id="fnref:1"><a href="#fn:1" class="footnote-ref" role="doc-noteref">1</a></sup></p><div class="footnotes" role="doc-endnotes"><ol><li id="fn:1"><p>B</p><p>C</p></li></ol></div>`,
			`<p>A<sup id="fnref:1"><a href="#fn:1" class="footnote-ref" role="doc-noteref">1</a></sup></p>` + "\n" +
				`<div class="footnotes" role="doc-endnotes"><hr><ol><li id="fn:1"><p>B<br>C` + "\u00a0" + `<a href="#fnref:1" class="footnote-backref" role="doc-backlink">↩︎</a></p></li></ol></div>`},
		{"a note that is not there", `<p>A<sup><a href="#fn:9" class="footnote-ref">9</a></sup></p>`, `<p>A<a href="#fn:9"><sup>9</sup></a></p>`},
		{"a figure of a table", `<figure><table><tr><td>A</td></tr></table><figcaption>B</figcaption></figure>`, "<table><tbody><tr><td>A</td></tr></tbody></table>\n<p>B</p>"},
		{"a table of heads", "<table><tr><th>A</th></tr></table>", "<table><tbody><tr><th>A</th></tr></tbody></table>"},
		{"headings", "<h3>A</h3><h6>B</h6><h1>C</h1>", "<h2>A</h2>\n<h3>B</h3>\n<h2>C</h2>"},
		{"script", "<p>A<script>b</script></p><iframe src=x></iframe>", "<p>A</p>"},
	} {
		if have := read(t, tt.in, prose.HTML).HTML(); have != tt.want {
			t.Errorf("%s: %s became\n%s\nwant\n%s", tt.name, tt.in, have, tt.want)
		}
	}
}

// TestOneNoteCalledTwice: two footnotes that say the same are one.
func TestOneNoteCalledTwice(t *testing.T) {
	source := "One.[^a] Two.[^b] Three.[^a]\n\n[^a]: First.\n[^b]: Second.\n"
	d := read(t, source, prose.Markdown)
	if md := d.Markdown(); md != "One.[^1] Two.[^2] Three.[^1]\n\n[^1]: First.\n\n[^2]: Second.\n" {
		t.Errorf("the notes became %q", md)
	}
	want, err := prose.Compose(source, prose.Markdown, 120)
	if err != nil {
		t.Fatal(err)
	}
	have, err := prose.Compose(d.HTML(), prose.HTML, 120)
	if err != nil {
		t.Fatal(err)
	}
	flat := func(s string) string { return strings.ReplaceAll(strings.ReplaceAll(s, "\n", ""), "<hr />", "<hr>") }
	if flat(have.Body) != flat(want.Body) {
		t.Errorf("the notes became\n%s\nwant\n%s", have.Body, want.Body)
	}
}

func TestRefuses(t *testing.T) {
	deep := strings.Repeat(`{"type":"blockquote","content":[`, 60) + `{"type":"paragraph"}` + strings.Repeat(`]}`, 60)
	doc := func(content string) string { return `{"type":"doc","content":[` + content + `]}` }
	p := func(inline string) string { return doc(`{"type":"paragraph","content":[` + inline + `]}`) }
	for _, tt := range []struct{ in, want string }{
		{`{`, "JSON that is none"},
		{`[]`, "JSON that is none"},
		{doc(`{"type":"paragraph"}`) + "{}", "nothing after it"},
		{`{"type":"paragraph"}`, "of type doc"},
		{doc(``), "lacks its paragraph"},
		{doc(`{"type":"script"}`), `no "script" there`},
		{doc(`{"type":"text","text":"x"}`), `no "text" there`},
		{doc(`{"type":"paragraph","onclick":"x"}`), "onclick"},
		{doc(`{"type":"paragraph","attrs":{"style":"x"}}`), "style"},
		{doc(`{"type":"paragraph","attrs":{"level":2}}`), "paragraph has no attribute level"},
		{doc(`{"type":"heading","attrs":{"level":1}}`), "level 2, 3 or 4"},
		{doc(`{"type":"paragraph","text":"x"}`), "no words of its own"},
		{p(`{"type":"text","text":""}`), "holds no words"},
		{p(`{"type":"text","text":"x","marks":[{"type":"blink"}]}`), `no text has a mark "blink"`},
		{p(`{"type":"text","text":"x","marks":[{"type":"em"},{"type":"em"}]}`), "stands twice"},
		{p(`{"type":"text","text":"x","marks":[{"type":"link","attrs":{"href":"javascript:x"}}]}`), "none of http"},
		{p(`{"type":"text","text":"x","marks":[{"type":"link","attrs":{"href":"https://a:b@c.example/"}}]}`), "none of http"},
		{p(`{"type":"text","text":"x","marks":[{"type":"link"}]}`), "leads nowhere"},
		{p(`{"type":"footnote","content":[{"type":"footnote"}]}`), `no "footnote" there`},
		{doc(`{"type":"bullet_list","content":[{"type":"list_item","content":[{"type":"cut"}]}]}`), "begins with a paragraph"},
		{doc(`{"type":"figure","attrs":{"src":"https://a.example/b.jpg"},"content":[{"type":"caption"},{"type":"credit"}]}`), "this site's media"},
		{doc(`{"type":"figure","attrs":{"src":"/media/../account"},"content":[{"type":"caption"},{"type":"credit"}]}`), "this site's media"},
		{doc(`{"type":"figure","attrs":{"src":"/media/a.jpg"},"content":[{"type":"caption"}]}`), "lacks its credit"},
		{doc(`{"type":"card","attrs":{"title":"x"}}`), "leads nowhere"},
		{doc(`{"type":"code_block","content":[{"type":"text","text":"x","marks":[{"type":"em"}]}]}`), "without marks"},
		{doc(`{"type":"table_block","content":[{"type":"table_caption"},{"type":"table","content":[{"type":"table_row","content":[{"type":"table_cell","attrs":{"colwidth":[1]},"content":[{"type":"paragraph"}]}]}]}]}`), "no widths"},
		{doc(deep), "within each other"},
		{`{"type":"doc","content":[` + strings.Repeat(`{"type":"cut"},`, maxNodes) + `{"type":"cut"}]}`, "at most 200000 nodes"},
		{`"` + strings.Repeat("x", MaxBytes) + `"`, "at most 8388608 bytes"},
	} {
		_, err := Parse([]byte(tt.in))
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.200s: %v, want an Invalid fault with %q", tt.in, err, tt.want)
		}
	}
}

// draw makes any document that Parse lets through.
func draw(t *rapid.T) Document {
	g := generator{t}
	d := Document{Node{Type: "doc", Content: g.blocks(0)}}
	parsed, err := Parse(d.JSON())
	if err != nil {
		t.Fatalf("drew %s: %v", d.JSON(), err)
	}
	return parsed
}

type generator struct{ t *rapid.T }

func (g generator) pick(label string, n int) int { return rapid.IntRange(0, n-1).Draw(g.t, label) }

func (g generator) blocks(depth int) []Node {
	out := make([]Node, 1+g.pick("blocks", 4))
	for i := range out {
		out[i] = g.block(depth)
	}
	return out
}

func (g generator) block(depth int) Node {
	kinds := 14
	if depth > 2 {
		kinds = 8
	}
	lang := rapid.SampledFrom([]string{"", "", "", "fr", "de-CH"})
	switch g.pick("kind", kinds) {
	case 0, 1, 2:
		return Node{Type: "paragraph", Attrs: Attrs{Lang: lang.Draw(g.t, "lang")}, Content: g.line(true)}
	case 3:
		return Node{Type: "heading", Attrs: Attrs{Level: 2 + g.pick("level", 3)}, Content: g.line(true)}
	case 4:
		return Node{Type: "horizontal_rule"}
	case 5:
		return Node{Type: "cut"}
	case 6:
		if s := g.text(); s != "" {
			return Node{Type: "code_block", Content: []Node{{Type: "text", Text: s + rapid.SampledFrom([]string{"", "\n", "\n\n```\n", "  x\n"}).Draw(g.t, "end")}}}
		}
		return Node{Type: "code_block"}
	case 7:
		return Node{Type: "card", Attrs: Attrs{Href: g.href(), Title: g.text(), Description: g.text(), Site: g.text()}}
	case 8, 9:
		return Node{Type: "bullet_list", Attrs: Attrs{Tight: g.pick("tight", 2) == 0}, Content: g.items(depth)}
	case 10:
		return Node{Type: "ordered_list", Attrs: Attrs{Tight: g.pick("tight", 2) == 0, Order: g.pick("order", 12)}, Content: g.items(depth)}
	case 11:
		return Node{Type: "blockquote", Attrs: Attrs{Lang: lang.Draw(g.t, "lang")}, Content: g.blocks(depth + 1)}
	case 12:
		return g.table(depth)
	}
	if g.pick("aside", 2) == 0 {
		return Node{Type: "pullquote", Content: []Node{{Type: "paragraph", Content: g.line(true)}}}
	}
	return Node{Type: "figure", Attrs: Attrs{Src: "/media/640/a.jpg", Alt: g.text(), Width: g.pick("width", 3)},
		Content: []Node{{Type: "caption", Content: g.line(true)}, {Type: "credit", Content: g.plain()}}}
}

func (g generator) items(depth int) []Node {
	out := make([]Node, 1+g.pick("items", 3))
	for i := range out {
		out[i] = Node{Type: "list_item", Content: []Node{{Type: "paragraph", Content: g.line(true)}}}
		if g.pick("more", 3) == 0 {
			out[i].Content = append(out[i].Content, g.blocks(depth+1)...)
		}
	}
	return out
}

func (g generator) table(depth int) Node {
	columns, heads := 1+g.pick("columns", 3), g.pick("heads", 3)
	table := Node{Type: "table"}
	aligns := make([]string, columns)
	for i := range aligns {
		aligns[i] = rapid.SampledFrom([]string{"", "right", "center"}).Draw(g.t, "align")
	}
	for r := range 1 + g.pick("rows", 3) {
		row := Node{Type: "table_row"}
		for c := range columns {
			cell := Node{Type: "table_cell", Attrs: Attrs{Align: aligns[c]}, Content: []Node{{Type: "paragraph", Content: g.line(true)}}}
			if r < heads {
				cell.Type = "table_header"
			}
			if g.pick("odd", 8) == 0 {
				cell.Attrs.Colspan, cell.Attrs.Rowspan = g.pick("colspan", 3), g.pick("rowspan", 3)
				cell.Content = g.blocks(depth + 2)
			}
			row.Content = append(row.Content, cell)
		}
		table.Content = append(table.Content, row)
	}
	caption := Node{Type: "table_caption"}
	if g.pick("caption", 3) == 0 {
		caption.Content = g.line(true)
	}
	return Node{Type: "table_block", Content: []Node{caption, table}}
}

var words = []string{"word", "Two words", "a", " ", "*", "**", "_", "1.", "12)", "#", "##", "-", "--", "---", "+", ">", "<b>", "&amp;", "&", `"so"`,
	"it's", "...", "[x](y)", "![x](y)", "[^1]", "[a]: b", "`", "```", "\\", "|", "~~", "é", "日本", "\u00a0", "=", ":", "http://a.example", "<!-- cut -->",
	"\n", "\t", "  ", "!", "^", "x*y", "end.", "(", ")", "{", "§"}

func (g generator) text() string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 4).Draw(g.t, "words"), "")
}

func (g generator) href() string {
	return rapid.SampledFrom([]string{"https://a.example/", "http://b.example/c?d=e&f=g#h", "/articles/x", "mailto:a@b.example", "#x", "https://ä.example/ü?ö",
		"https://a.example/(b)<c>", "/a b", "https://a.example/%20?a=%3Cb"}).Draw(g.t, "href")
}

func (g generator) plain() []Node {
	if s := g.text(); s != "" {
		return []Node{{Type: "text", Text: s}}
	}
	return nil
}

func (g generator) line(notes bool) []Node {
	var out []Node
	for range g.pick("pieces", 5) {
		var all []Mark
		for _, m := range marks {
			if g.pick(m.name, 5) == 0 {
				mark := Mark{Type: m.name}
				if m.name == "link" {
					mark.Attrs.Href = g.href()
				}
				if m.name == "em" && g.pick("em lang", 4) == 0 {
					mark.Attrs.Lang = "la"
				}
				all = append(all, mark)
			}
		}
		switch k := g.pick("piece", 12); {
		case k == 0:
			out = append(out, Node{Type: "hard_break"})
		case k == 1 && notes:
			out = append(out, Node{Type: "footnote", Content: g.line(false), Marks: all})
		case k == 2 && notes:
			out = append(out, Node{Type: "cut_mark"})
		default:
			if s := g.text(); s != "" {
				out = append(out, Node{Type: "text", Text: s, Marks: all})
			}
		}
	}
	if !notes {
		for i := range out {
			if out[i].Type != "text" && out[i].Type != "hard_break" {
				out[i] = Node{Type: "hard_break"}
			}
		}
	}
	return out
}

// TestNothingIsLost: any document is read again from its HTML and from its Markdown as it was.
func TestNothingIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		want := string(d.Normal().JSON())
		if again := string(d.Normal().Normal().JSON()); again != want {
			t.Fatalf("the normal form is not one:\n%s\n%s", want, again)
		}
		for _, way := range []struct {
			format prose.Format
			text   string
		}{{prose.HTML, d.HTML()}, {prose.Markdown, d.Markdown()}} {
			have, err := FromSource(way.text, way.format)
			if err != nil {
				t.Fatal(err)
			}
			if string(have.JSON()) != want {
				t.Fatalf("by way of %s\n%s\nit is\n%s\nwant\n%s", way.format, way.text, have.JSON(), want)
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	d, err := FromSource(one, prose.HTML)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(d.JSON())
	f.Add([]byte(`{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"\u0000x","marks":[{"type":"em"}]}]}]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		d, err := Parse(in)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		if !json.Valid(d.JSON()) {
			t.Fatal("wrote JSON that is none")
		}
		html := d.HTML()
		shaped, err := prose.Shape(html, prose.HTML)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(strings.ToLower(shaped), "<script") || strings.Contains(shaped, "javascript:") && !strings.Contains(string(in), "javascript:") {
			t.Fatalf("passed %s", shaped)
		}
		have, err := FromSource(html, prose.HTML)
		if err != nil || string(have.JSON()) != string(d.Normal().JSON()) {
			t.Fatalf("by way of HTML\n%s\nit is\n%s\nwant\n%s (%v)", html, have.JSON(), d.Normal().JSON(), err)
		}
	})
}
