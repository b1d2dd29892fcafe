package prose

import (
	"strings"
	"testing"
)

func TestMarkdownElements(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"paragraphs", "One\ntwo.\n\nThree.", "<p>One\ntwo.</p>\n<p>Three.</p>\n"},
		{"emphasis", "*a* **b** `c`", "<p><em>a</em> <strong>b</strong> <code>c</code></p>\n"},
		{"quotation marks", `"It's 'so'," he said.`, "<p>“It’s ‘so’,” he said.</p>\n"},
		{"dashes", "1990--2000 --- so...", "<p>1990–2000 — so…</p>\n"},
		{"headings", "# A\n\n### B", "<h2>A</h2>\n<h3>B</h3>\n"},
		{"own link", "[a](/articles/b)", `<p><a href="/articles/b">a</a></p>` + "\n"},
		{"foreign link", "[a](https://b.example/?c=d&e)", `<p><a href="https://b.example/?c=d&amp;e" rel="noopener">a</a></p>` + "\n"},
		{"mail", "<post@a.example>", `<p><a href="mailto:post@a.example">post@a.example</a></p>` + "\n"},
		{"bad link", "[a](javascript:b)", "<p>a</p>\n"},
		{"picture of ours", "![a](/media/b.jpg)", `<p><img src="/media/b.jpg" alt="a" loading="lazy" decoding="async"></p>` + "\n"},
		{"picture of others", "Text ![a](https://b.example/c.jpg)", "<p>Text </p>\n"},
		{"quotation", "> a\n> b", "<blockquote>\n<p>a\nb</p>\n</blockquote>\n"},
		{"list from three", "3. a\n4. b", "<ol start=\"3\">\n<li>a</li>\n<li>b</li>\n</ol>\n"},
		{"code", "```go\na < b\n```", "<pre><code>a &lt; b\n</code></pre>\n"},
		{"line", "a\n\n---\n\nb", "<p>a</p>\n<hr>\n<p>b</p>\n"},
		{"pull quote", "<aside class=\"pullquote\">\n\na *b*\n\n</aside>", "<aside class=\"pullquote\">\n<p>a <em>b</em></p>\n</aside>\n"},
		{"script", "a<script>b</script>\n\n<style>c</style>", "<p>a</p>\n\n"},
		{"cut", "a b.\n\n<!-- cut -->\n\nc d.", "<p>a b.</p>\n\n<p>c d.</p>\n"},
	} {
		if got := compose120(t, tt.in, Markdown).Body; strings.TrimRight(got, "\n") != strings.TrimRight(tt.want, "\n") {
			t.Errorf("%s: %q became\n%q, want\n%q", tt.name, tt.in, got, tt.want)
		}
	}
}

// TestFootnotes: a note that is called twice leads back to both places, and its ids are unique.
func TestFootnotes(t *testing.T) {
	c := compose120(t, "One.[^a] Two.[^a] Three.[^b]\n\n"+words(50)+"\n\n[^a]: First *note*.\n[^b]: Second.\n", Markdown)
	for _, want := range []string{`id="fnref:1"`, `id="fnref1:1"`, `id="fnref:2"`, `<li id="fn:1">`, `<li id="fn:2">`, `href="#fnref:1"`,
		`href="#fnref1:1"`, `First <em>note</em>.`} {
		if n := strings.Count(c.Body, want); n != 1 {
			t.Errorf("%s stands %d times in\n%s", want, n, c.Body)
		}
	}
	if c.Teaser != "<p>One. Two. Three.</p>" {
		t.Errorf("teaser %q", c.Teaser)
	}
}

// TestMarkdownCut: the mark works in Markdown between blocks and within one.
func TestMarkdownCut(t *testing.T) {
	for in, want := range map[string]string{
		"One. Two.\n\n<!-- cut -->\n\nThree. " + words(50):      "<p>One. Two.</p>",
		"One. Two.<!--cut--> Three. " + words(50):               "<p>One. Two.</p>",
		"One.\n\n- Two.\n- Three.\n\n<!-- cut -->\n\nFour.":     "<p>One.</p>\n<ul>\n<li>Two.</li>\n<li>Three.</li></ul>",
		"`<!-- cut -->` is how one cuts. Two. " + words(50):     "<p><code>&lt;!-- cut --&gt;</code> is how one cuts. Two.</p>",
		"## Head\n\n<!-- cut -->\n\nOne. " + words(50):          "",
		"One. Two. " + words(200) + "\n\n<!-- cut -->\n":        "<p>One. Two.</p>",
		"One.\n\n| a |\n|---|\n| b |\n\n<!-- cut -->\n\nTwo.\n": "<p>One.</p>",
	} {
		if got := compose120(t, in, Markdown).Teaser; got != want {
			t.Errorf("the teaser of %q is\n%q, want\n%q", in, got, want)
		}
	}
}
