package web

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// A document is a page as a browser reads it.
type document struct{ root *html.Node }

// document reads a page that was answered with 200.
func (a answer) document(t testing.TB) document {
	t.Helper()
	if a.status != 200 {
		t.Fatalf("status %d:\n%s", a.status, a.body)
	}
	root, err := html.Parse(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	return document{root}
}

// all returns the elements that a path of descendants leads to: "ol.story-list h2 a", "a[rel=next]".
func (d document) all(path string) []*html.Node {
	found := []*html.Node{d.root}
	for step := range strings.FieldsSeq(path) {
		var next []*html.Node
		for _, from := range found {
			for n := range from.Descendants() {
				if n.Type == html.ElementNode && matchesStep(n, step) && !slices.Contains(next, n) {
					next = append(next, n)
				}
			}
		}
		found = next
	}
	return found
}

// matchesStep reports whether an element is a "tag", "tag.class", ".class" or "tag[name=value]".
func matchesStep(n *html.Node, step string) bool {
	if at := strings.IndexByte(step, '['); at >= 0 {
		name, value, _ := strings.Cut(strings.TrimSuffix(step[at+1:], "]"), "=")
		if attribute(n, name) != value {
			return false
		}
		step = step[:at]
	}
	tag, class, _ := strings.Cut(step, ".")
	return (tag == "" || n.Data == tag) && (class == "" || slices.Contains(strings.Fields(attribute(n, "class")), class))
}

// words is the text of an element, with single spaces.
func words(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// texts are the words of every element a path leads to.
func (d document) texts(path string) (out []string) {
	for _, n := range d.all(path) {
		out = append(out, words(n))
	}
	return out
}

// links are the addresses of every link a path leads to.
func (d document) links(path string) (out []string) {
	for _, n := range d.all(path) {
		out = append(out, attribute(n, "href"))
	}
	return out
}

// link is the address of the only link a path leads to, "" without one.
func (d document) link(t testing.TB, path string) string {
	t.Helper()
	all := d.links(path)
	if len(all) > 1 {
		t.Fatalf("%d links at %q", len(all), path)
	}
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

// same fails the test when a list is not the one wanted.
func same(t testing.TB, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}
