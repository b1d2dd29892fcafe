package prose

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func compose120(t testing.TB, source string, format Format) Text {
	t.Helper()
	c, err := Compose(source, format, 120)
	if err != nil {
		t.Fatalf("compose %q: %v", source, err)
	}
	return c
}

func TestSanitizeKeeps(t *testing.T) {
	for _, same := range []string{
		`<p>Plain, “quoted”, 'single' &amp; "double" — done.</p>`,
		`<h2>One</h2><p>Text.</p><h3>Two</h3><p>More.</p>`,
		`<ul><li>One</li><li>Two</li></ul>`,
		`<ol start="3"><li>Three</li></ol>`,
		`<blockquote><p>Said.</p></blockquote>`,
		`<p>A <a href="/articles/x">link</a>, <em>so</em> <strong>it</strong> is<sup>2</sup><sub>3</sub>.</p>`,
		`<aside class="pullquote"><p>Pulled.</p></aside>`,
		`<figure><img src="/media/ab/cd.jpg" alt="A" width="10" height="20" loading="lazy" decoding="async">` +
			`<figcaption>Caption.</figcaption></figure>`,
		"<pre>\n\ntwo</pre>",
		`<p>One<br>two</p><hr><p>Three <code>x &lt; y</code>.</p>`,
		`<p lang="fr">Français.</p>`,
	} {
		if got := compose120(t, same, HTML).Body; got != same {
			t.Errorf("compose changed\n%s\nto\n%s", same, got)
		}
	}
}

func TestSanitizeMends(t *testing.T) {
	frame := func(s string) string {
		return `<div class="table" tabindex="0" role="region" aria-label="Table">` + s + `</div>`
	}
	for _, tt := range []struct{ name, in, want string }{
		{"script", `<p>A<script>alert(1)</script>.</p>`, `<p>A.</p>`},
		{"style", `<style>p{}</style><p style="color:red">A.</p>`, `<p>A.</p>`},
		{"iframe", `<iframe src="https://x.example/"></iframe><p>A.</p>`, `<p>A.</p>`},
		{"handler", `<p onclick="x()">A <a href="/y" onmouseover="x()">b</a>.</p>`, `<p>A <a href="/y">b</a>.</p>`},
		{"javascript", `<p><a href="javascript:x()">A</a> <a href=" JaVa&#10;Script:x()">B</a>.</p>`, `<p>A B.</p>`},
		{"data", `<p><a href="data:text/html,x">A</a>.</p>`, `<p>A.</p>`},
		{"foreign picture", `<p>A.</p><img src="https://x.example/1.gif" alt="spy"><img src="//x/1.gif">`, `<p>A.</p>`},
		{"path", `<p>A.</p><img src="/media/../account"><img src="/media//x">`, `<p>A.</p>`},
		{"foreign link", `<p><a href="https://x.example/?a=1&amp;b=2" rel="x" target="_blank">A</a>.</p>`,
			`<p><a href="https://x.example/?a=1&amp;b=2" rel="noopener">A</a>.</p>`},
		{"comment", `<p>A<!-- secret -->.</p>`, `<p>A.</p>`},
		{"form", `<form action="/x"><input name="a"><button>A.</button></form>`, `<p>A.</p>`},
		{"svg", `<svg><script>x</script><a href="javascript:x">A.</a></svg>`, `<p>A.</p>`},
		{"h1", `<h1>One</h1><p>A.</p><h4>Two</h4><p>B.</p><h2>Three</h2>`, `<h2>One</h2><p>A.</p><h3>Two</h3><p>B.</p><h3>Three</h3>`},
		{"h3 first", `<h3>One</h3><h3>Two</h3><h5>Three</h5>`, `<h2>One</h2><h2>Two</h2><h3>Three</h3>`},
		{"deep", `<h1>1</h1><h2>2</h2><h3>3</h3><h4>4</h4>`, `<h2>1</h2><h3>2</h3><h4>3</h4><h4>4</h4>`},
		{"i and b", `<p><i>A</i> <b>B</b>.</p>`, `<p><em>A</em> <strong>B</strong>.</p>`},
		{"loose", `One <em>two</em>. <p>Three.</p> Four.`, `<p>One <em>two</em>. </p><p>Three.</p><p> Four.</p>`},
		{"div", `<div class="x"><p>A.</p></div><div>B.</div>`, `<p>A.</p><p>B.</p>`},
		{"empty", `<p></p><p> <br></p><p>A.</p>`, `<p>A.</p>`},
		{"unclosed", `<p>A <em>b`, `<p>A <em>b</em></p>`},
		{"table", `<table><tr><th align="right">A</th></tr><tr><td align="left" width="5">B</td></tr></table>`,
			frame(`<table><tbody><tr><th class="right">A</th></tr><tr><td>B</td></tr></tbody></table>`)},
		{"ids", `<p id="main">A<sup id="fnref:1">1</sup><sup id="fnref:1">1</sup>.</p>`,
			`<p>A<sup id="fnref:1">1</sup><sup>1</sup>.</p>`},
		{"class", `<p class="wall">A.</p><aside class="pullquote hidden">B.</aside>`, `<p>A.</p><aside>B.</aside>`},
		{"cut", `<p>One.</p><!-- cut --><p>Two <!--cut-->three.</p>`, `<p>One.</p><p>Two three.</p>`},
		{"cut in a value", `<p><a href="/x" title="<!-- cut -->">A</a>.</p>`, `<p><a href="/x">"&gt;A</a>.</p>`},
	} {
		got := compose120(t, tt.in, HTML).Body
		if got != tt.want {
			t.Errorf("%s: %s\nbecame %s\nwant   %s", tt.name, tt.in, got, tt.want)
		}
		if again := compose120(t, got, HTML).Body; again != got {
			t.Errorf("%s: a second time changed\n%s\nto\n%s", tt.name, got, again)
		}
	}
}

func TestMarkdown(t *testing.T) {
	got := compose120(t, "One \"two\" -- three...[^1]\n\n## Four\n\n| a | b |\n|---|--:|\n| c | 1 |\n\n"+
		"<aside class=\"pullquote\">Five</aside>\n\n- six\n- <script>seven</script>\n\n[^1]: Note.\n", Markdown).Body
	for _, want := range []string{
		`<p>One “two” – three…<sup id="fnref:1"><a class="footnote-ref" href="#fn:1" role="doc-noteref">1</a></sup></p>`,
		`<h2>Four</h2>`, `<div class="table" tabindex="0" role="region" aria-label="Table"><table>`,
		`<th class="right">b</th>`, `<td class="right">1</td>`, `<aside class="pullquote">Five</aside>`, `<li>six</li>`,
		`<div class="footnotes" role="doc-endnotes">`, `<li id="fn:1">`, `role="doc-backlink">↩︎</a>`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nis missing in\n%s", want, got)
		}
	}
	if strings.Contains(got, "script") || strings.Contains(got, "seven") {
		t.Errorf("a script came through:\n%s", got)
	}
}

func TestComposeRefuses(t *testing.T) {
	deep := strings.Repeat("<blockquote>", 600) + "x"
	if _, err := Compose(deep, HTML, 120); err == nil {
		t.Error("600 nested quotes were taken")
	}
}

// allowed is checked against the output by its own list, not by policy.
var allowed = map[string]string{
	"p": "lang", "h2": "", "h3": "", "h4": "", "ul": "", "ol": "start", "li": "id", "blockquote": "lang", "pre": "",
	"table": "", "thead": "", "tbody": "", "tfoot": "", "tr": "", "th": "class scope colspan rowspan",
	"td": "class colspan rowspan", "caption": "", "figure": "", "figcaption": "",
	"img": "src alt width height loading decoding", "a": "href rel class role lang hreflang", "em": "lang", "strong": "",
	"sup": "id", "sub": "", "code": "", "hr": "", "br": "", "aside": "class", "div": "class role tabindex aria-label",
}

var safeHref = regexp.MustCompile(`^(?i)(https?:|mailto:|[^:]*$|[^:]*[/?#])`)

func checkSafe(t *testing.T, in, out string) {
	t.Helper()
	root, err := parse(out)
	if err != nil {
		t.Fatalf("%q became %q, which cannot be read: %v", in, out, err)
	}
	for n := range root.Descendants() {
		if n.Type == html.TextNode {
			continue
		}
		attrs, ok := allowed[n.Data]
		if n.Type != html.ElementNode || !ok {
			t.Fatalf("%q became %q with a %q", in, out, n.Data)
		}
		for _, a := range n.Attr {
			if !slices.Contains(strings.Fields(attrs), a.Key) {
				t.Fatalf("%q became %q with %s=%q", in, out, a.Key, a.Val)
			}
			if a.Key == "href" && !safeHref.MatchString(a.Val) || a.Key == "src" && !strings.HasPrefix(a.Val, "/media/") {
				t.Fatalf("%q became %q with %s=%q", in, out, a.Key, a.Val)
			}
		}
	}
}

func FuzzSanitize(f *testing.F) {
	for _, s := range []string{
		`<p>A <a href="javascript:alert(1)">b</a><img src=x onerror=alert(1)><svg><style><img src="</style><script>x</script>">`,
		`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`,
		`<noscript><p title="</noscript><img src=x onerror=alert(1)>">`, `<a href="https://x/?a=&#34;><script>">x</a>`,
		`<table><a><table></a></table><td>x`, `<h1>a<h6>b<h3>c`, `<span class="cut"></span><div class="footnotes">x</div>`,
		`<img src="/media/a.jpg" alt='"><script>'><pre>` + "\n\n x", `<p><!-- cut --><p>One. Two.`, "a\r\nb&#13;c\x00d&nbsp;<",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		c, err := Compose(in, HTML, 20)
		if err != nil {
			return
		}
		checkSafe(t, in, c.Body)
		checkSafe(t, in, c.Teaser)
	})
}

func FuzzMarkdown(f *testing.F) {
	f.Add("# a\n\n[b](javascript:c)[^1]\n\n[^1]: <script>\n\n| a |\n|--:|\n| <iframe> |")
	f.Add("![x](/media/a.jpg) <img src=x onerror=y>\n\n<!-- cut -->\n\n> q")
	f.Fuzz(func(t *testing.T, in string) {
		c, err := Compose(in, Markdown, 20)
		if err != nil {
			return
		}
		checkSafe(t, in, c.Body)
		checkSafe(t, in, c.Teaser)
	})
}
