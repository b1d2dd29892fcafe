package web

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// What tests read in a page.

// attribute is the value of an element's attribute, "" when it has none.
func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// text is all that is written in an element, on one line.
func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// find returns the first element of a page that satisfies a condition, nil when there is none.
func (a answer) find(t testing.TB, is func(n *html.Node) bool) *html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && is(n) {
			return n
		}
	}
	return nil
}

// field finds a control of the form that is sent to a path.
func (a answer) field(t testing.TB, action, name string) *html.Node {
	t.Helper()
	n := a.find(t, func(n *html.Node) bool {
		if attribute(n, "name") != name {
			return false
		}
		for up := range n.Ancestors() {
			if up.Data == "form" {
				return attribute(up, "action") == action && attribute(up, "method") == "post"
			}
		}
		return false
	})
	if n == nil {
		t.Fatalf("no field %s in a form to %s:\n%s", name, action, a.body)
	}
	return n
}

// refused checks that a form came back with what was typed in a field, which is marked as wrong, and returns the
// message that describes it.
func (a answer) refused(t testing.TB, action, name, typed string) (message string) {
	t.Helper()
	a.mustHave(t, http.StatusUnprocessableEntity)
	n := a.field(t, action, name)
	if attribute(n, "value") != typed {
		t.Errorf("the field holds %q, want %q", attribute(n, "value"), typed)
	}
	by := attribute(n, "aria-describedby")
	m := a.find(t, func(n *html.Node) bool { return by != "" && attribute(n, "id") == by })
	if attribute(n, "aria-invalid") != "true" || m == nil || attribute(m, "class") != "fault" || text(m) == "" {
		t.Fatalf("the field %s is not marked and described as wrong:\n%s", name, a.body)
	}
	return text(m)
}

// endsDevice finds the form that ends the session of a device by its words.
func endsDevice(words string) func(*html.Node) bool {
	return func(n *html.Node) bool {
		return n.Data == "form" && strings.HasSuffix(attribute(n, "action"), "/end") && strings.HasPrefix(text(n.Parent), words)
	}
}

func isElement(name string) func(*html.Node) bool {
	return func(n *html.Node) bool { return n.Data == name }
}

// linkUnder finds a link in the text of a page that begins with something.
func linkUnder(prefix string) func(*html.Node) bool {
	return func(n *html.Node) bool {
		for up := range n.Ancestors() {
			if up.Data == "main" {
				return n.Data == "a" && strings.HasPrefix(attribute(n, "href"), prefix)
			}
		}
		return false
	}
}
