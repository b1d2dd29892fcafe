package prose

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

func TestRankHeadings(t *testing.T) {
	for in, want := range map[string]string{
		"2 2 3 2": "2 2 3 2", "1 2 3": "2 3 4", "3 3 4": "2 2 3", "4 2 4": "2 2 3", "2 4 3 2": "2 3 3 2", "1 6 1 5 6": "2 3 2 3 4",
		"1 2 3 4 5 6": "2 3 4 4 4 4", "6": "2", "2 4 4 4 3": "2 3 3 3 3",
	} {
		var b strings.Builder
		for rank := range strings.FieldsSeq(in) {
			fmt.Fprintf(&b, "<h%s>x</h%s>", rank, rank)
		}
		root, err := parse(b.String())
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // twice is as good as once
			rankHeadings(root)
			var got []string
			for _, n := range elements(root) {
				got = append(got, fmt.Sprint(headingRank(n)))
			}
			if strings.Join(got, " ") != want {
				t.Errorf("headings %s became %s, want %s", in, strings.Join(got, " "), want)
			}
		}
	}
}

// TestRenderIsParsedBack: what render writes reads as the same tree.
func TestRenderIsParsedBack(t *testing.T) {
	for _, s := range []string{
		"<p>a &amp;lt; b &lt; c &gt; d “e” \"f\" 'g'\u00a0h</p>", `<p><a href="/?a=1&amp;b=&quot;2&quot;">x</a></p>`,
		"<pre>\n\nx\n</pre>", "<p>a<br>b</p><hr>", "<p>a&#13;b</p>",
	} {
		root, err := parse(s)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := render(root); err != nil || got != s {
			t.Errorf("%q was written as %q, %v", s, got, err)
		}
	}
}

// TestRenderRefuses: nodes that sanitized text cannot have are not written wrongly but not at all.
func TestRenderRefuses(t *testing.T) {
	for name, n := range map[string]*html.Node{
		"script":  {Type: html.ElementNode, Data: "script", DataAtom: atom.Script},
		"comment": {Type: html.CommentNode, Data: "x"},
		"svg":     {Type: html.ElementNode, Data: "a", DataAtom: atom.A, Namespace: "svg"},
	} {
		root := &html.Node{Type: html.ElementNode, Data: "body"}
		p := &html.Node{Type: html.ElementNode, Data: "p", DataAtom: atom.P}
		root.AppendChild(p)
		p.AppendChild(n)
		if s, err := render(root); err == nil {
			t.Errorf("%s was written as %q", name, s)
		}
	}
}
