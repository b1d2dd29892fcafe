package document

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestBothHalves: the browser's editor has the nodes, marks and attributes that this package has, and no others.
func TestBothHalves(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "newsroom", "editor", "src", "schema.js"))
	if err != nil {
		t.Fatal(err)
	}
	script := string(b)
	from := strings.Index(script, "new Schema({")
	nodes, rest, ok := strings.Cut(script[from:], "\n  marks: {")
	if from < 0 || !ok {
		t.Fatal("the script's schema is not where it was")
	}
	names := func(s string) (out []string) {
		for _, m := range regexp.MustCompile(`(?m)^    ([a-z_]+): (?:\{|cell\()`).FindAllStringSubmatch(s, -1) {
			out = append(out, m[1])
		}
		slices.Sort(out)
		return out
	}
	if have, want := names(nodes), slices.Sorted(maps.Keys(schema)); !slices.Equal(have, want) {
		t.Errorf("the script's nodes are\n%v\nwant\n%v", have, want)
	}
	var want []string
	for _, m := range marks {
		want = append(want, m.name)
	}
	slices.Sort(want)
	if have := names(rest[:strings.Index(rest, "\n  },")]); !slices.Equal(have, want) {
		t.Errorf("the script's marks are %v, want %v", have, want)
	}
	for name, s := range schema {
		for _, attr := range s.attrs {
			if !regexp.MustCompile(`\b` + attr + `: \{`).MatchString(script) {
				t.Errorf("the script's schema knows no attribute %s, as %s has", attr, name)
			}
		}
	}
}
