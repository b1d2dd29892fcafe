package document

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gatefold/gatefold/internal/fault"
)

// A spec is what a type of node may hold.
type spec struct {
	children []string // types, in order of precedence; nil for a leaf
	rule     rule
	attrs    []string // names of its attributes
}

// A rule says how many children there are.
type rule int

const (
	leaf rule = iota
	any0      // any number of the children named
	some      // one at least
	each      // exactly the children named, in that order
)

var (
	blocks = []string{"paragraph", "heading", "bullet_list", "ordered_list", "blockquote", "pullquote", "code_block",
		"table_block", "figure", "card", "horizontal_rule", "cut"}
	inline = []string{"text", "hard_break", "footnote", "cut_mark"}
)

// schema is what documents are made of. The browser's half of it is in the editor's schema.js; a test holds the two
// together.
var schema = map[string]spec{
	"doc":             {blocks, some, nil},
	"paragraph":       {inline, any0, []string{"lang"}},
	"heading":         {inline, any0, []string{"level"}},
	"bullet_list":     {[]string{"list_item"}, some, []string{"tight"}},
	"ordered_list":    {[]string{"list_item"}, some, []string{"tight", "order"}},
	"list_item":       {blocks, some, nil}, // a paragraph first
	"blockquote":      {blocks, some, []string{"lang"}},
	"pullquote":       {[]string{"paragraph"}, some, nil},
	"code_block":      {[]string{"text"}, any0, nil},
	"table_block":     {[]string{"table_caption", "table"}, each, nil},
	"table_caption":   {inline, any0, nil},
	"table":           {[]string{"table_row"}, some, nil},
	"table_row":       {[]string{"table_cell", "table_header"}, any0, nil},
	"table_cell":      {blocks, some, []string{"colspan", "rowspan", "align", "colwidth"}},
	"table_header":    {blocks, some, []string{"colspan", "rowspan", "align", "scope", "colwidth"}},
	"figure":          {[]string{"caption", "credit"}, each, []string{"src", "alt", "width", "height"}},
	"caption":         {inline, any0, nil},
	"credit":          {[]string{"text"}, any0, nil},
	"card":            {nil, leaf, []string{"href", "title", "description", "site"}},
	"horizontal_rule": {nil, leaf, nil},
	"cut":             {nil, leaf, nil},
	"cut_mark":        {nil, leaf, nil},
	"hard_break":      {nil, leaf, nil},
	"footnote":        {[]string{"text", "hard_break"}, any0, nil},
	"text":            {nil, leaf, nil},
}

// marks are the marks from the outermost inwards, with their attributes.
var marks = []struct {
	name  string
	attrs []string
}{
	{"link", []string{"href", "hreflang", "lang"}}, {"strong", nil}, {"em", []string{"lang"}}, {"sup", nil}, {"sub", nil},
	{"code", nil},
}

func markRank(name string) int {
	for i, m := range marks {
		if m.name == name {
			return i
		}
	}
	return -1
}

// isInline reports whether a type of node stands in a line.
func isInline(name string) bool { return slices.Contains(inline, name) }

// isTextblock reports whether a type of node holds lines.
func isTextblock(name string) bool {
	s := schema[name]
	return name != "footnote" && len(s.children) > 0 && s.children[0] == "text"
}

type checker struct{ nodes int }

func (c *checker) node(n *Node, depth int) error {
	s, ok := schema[n.Type]
	if c.nodes++; c.nodes > maxNodes {
		return fault.Field("document", "expected at most %d nodes", maxNodes)
	}
	switch {
	case !ok:
		return fault.Field("document", "no text holds a node of type %.40q", n.Type)
	case depth > maxDepth:
		return fault.Field("document", "expected at most %d nodes within each other", maxDepth)
	case n.Type != "text" && n.Text != "":
		return fault.Field("document", "a node of type %s has no words of its own", n.Type)
	case n.Type == "text" && n.Text == "":
		return fault.Field("document", "a node of type text holds no words")
	case len(n.Marks) > 0 && !isInline(n.Type):
		return fault.Field("document", "a node of type %s takes no marks", n.Type)
	}
	if err := n.Attrs.check(n.Type, s.attrs); err != nil {
		return err
	}
	if err := checkMarks(n.Marks); err != nil {
		return err
	}
	if err := s.fits(n); err != nil {
		return err
	}
	for i := range n.Content {
		if err := c.node(&n.Content[i], depth+1); err != nil {
			return err
		}
	}
	return nil
}

// fits returns what is wrong with the children of a node.
func (s spec) fits(n *Node) error {
	for i, child := range n.Content {
		if !slices.Contains(s.children, child.Type) || s.rule == each && (i >= len(s.children) || s.children[i] != child.Type) {
			return fault.Field("document", "a node of type %s holds no %.40q there", n.Type, child.Type)
		}
		if len(child.Marks) > 0 && (n.Type == "code_block" || n.Type == "credit") {
			return fault.Field("document", "a node of type %s holds text without marks", n.Type)
		}
	}
	switch {
	case s.rule == some && len(n.Content) == 0, s.rule == each && len(n.Content) != len(s.children):
		return fault.Field("document", "a node of type %s lacks its %s", n.Type, s.children[min(len(n.Content), len(s.children)-1)])
	case n.Type == "list_item" && n.Content[0].Type != "paragraph":
		return fault.Field("document", "a list_item begins with a paragraph, not with a %.40q", n.Content[0].Type)
	}
	return nil
}

func checkMarks(all []Mark) error {
	for i, m := range all {
		rank := markRank(m.Type)
		if rank < 0 {
			return fault.Field("document", "no text has a mark %.40q", m.Type)
		}
		for _, other := range all[:i] {
			if other.Type == m.Type {
				return fault.Field("document", "the mark %s stands twice on one text", m.Type)
			}
		}
		if m.Type == "link" && m.Attrs.Href == "" {
			return fault.Field("document", "a link leads nowhere")
		}
		if err := m.Attrs.check(m.Type, marks[rank].attrs); err != nil {
			return err
		}
	}
	return nil
}

var (
	langForm  = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
	mediaForm = regexp.MustCompile(`^/media(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$`)
)

// check returns what is wrong with the attributes of a node or mark that has those of some names.
func (a *Attrs) check(of string, names []string) error {
	own := func(name string, unset bool) bool { return unset || slices.Contains(names, name) }
	for name, unset := range map[string]bool{"level": a.Level == 0, "order": a.Order == 0, "tight": !a.Tight, "lang": a.Lang == "",
		"href": a.Href == "", "hreflang": a.HrefLang == "", "src": a.Src == "", "alt": a.Alt == "", "width": a.Width == 0,
		"height": a.Height == 0, "colspan": a.Colspan == 0, "rowspan": a.Rowspan == 0, "align": a.Align == "",
		"scope": a.Scope == "", "title": a.Title == "", "description": a.Description == "", "site": a.Site == "",
		"colwidth": a.Colwidth == nil} {
		if !own(name, unset) {
			return fault.Field("document", "%s has no attribute %s", of, name)
		}
	}
	within := func(n, low, high int) bool { return n >= low && n <= high }
	switch {
	case of == "heading" && !within(a.Level, 2, 4):
		return fault.Field("document", "a heading has level 2, 3 or 4, not %d", a.Level)
	case !within(a.Order, 0, 99_999), !within(a.Width, 0, 99_999), !within(a.Height, 0, 99_999), !within(a.Colspan, 0, 1000),
		!within(a.Rowspan, 0, 1000):
		return fault.Field("document", "%s has a number that is too small or too large", of)
	case a.Lang != "" && !langForm.MatchString(a.Lang), a.HrefLang != "" && !langForm.MatchString(a.HrefLang):
		return fault.Field("document", "%s names a language in a form that is none", of)
	case !slices.Contains([]string{"", "right", "center"}, a.Align):
		return fault.Field("document", "%s is aligned neither right nor center", of)
	case !slices.Contains([]string{"", "row", "col", "rowgroup", "colgroup"}, a.Scope):
		return fault.Field("document", "%s has a scope that is none", of)
	case of == "figure" && !mediaForm.MatchString(a.Src):
		return fault.Field("document", "a picture is one of this site's media, not %.80q", a.Src)
	case of == "card" && a.Href == "":
		return fault.Field("document", "a card leads nowhere")
	case a.Colwidth != nil:
		return fault.Field("document", "columns have no widths here")
	}
	return a.checkHref(of)
}

func (a *Attrs) checkHref(of string) error {
	if a.Href == "" {
		return nil
	}
	if _, ok := address(a.Href); !ok {
		return fault.Field("document", "%s leads to an address that is none of http, https, mailto or this site: %.80q", of, a.Href)
	}
	return nil
}

// address brings an address into the form that it has in HTML. It reports false for one that a text must not hold.
func address(s string) (string, bool) {
	var b strings.Builder
	for _, c := range []byte(strings.TrimSpace(s)) {
		if c <= ' ' || c >= utf8.RuneSelf || c == 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			const digits = "0123456789ABCDEF"
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
			continue
		}
		b.WriteByte(c)
	}
	u, err := url.Parse(b.String())
	if err != nil || u.User != nil {
		return "", false
	}
	switch u.Scheme {
	case "http", "https":
		return u.String(), u.Host != ""
	case "", "mailto":
		return u.String(), u.String() != ""
	}
	return "", false
}
