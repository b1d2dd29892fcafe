package web

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
)

// What readers are told of an error stands in the catalogue, where a publication and a translator find it.
func TestFaultsStandInTheCatalogue(t *testing.T) {
	b, err := Files.ReadFile("texts/en.toml")
	if err != nil {
		t.Fatal(err)
	}
	var catalogue struct{ Said map[string]string }
	if err := toml.Unmarshal(b, &catalogue); err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, dir := range []string{"../readers", "../access", "../page", "../follows", "../gifts", "../groups"} {
		for _, text := range faultsOf(t, dir) {
			if found++; catalogue.Said[text] == "" {
				t.Errorf("[said] of texts/en.toml lacks\n%q = %q", text, text)
			}
		}
	}
	if found < 15 {
		t.Errorf("%d texts were found: the test looks in the wrong place", found)
	}
}

// faultsOf are the sentences that the faults of a package say. What begins with a small letter tells an operator of a
// setting or a flag.
func faultsOf(t *testing.T, dir string) (out []string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{"New": 1, "Field": 1, "Wrap": 2, "Limited": 1} // which argument is the sentence
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			f, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			i, makes := at[f.Sel.Name]
			if of, ok := f.X.(*ast.Ident); !ok || of.Name != "fault" || !makes || len(call.Args) <= i {
				return true
			}
			if literal, ok := call.Args[i].(*ast.BasicLit); ok {
				text, err := strconv.Unquote(literal.Value)
				if err == nil && strings.ToLower(text[:1]) != text[:1] {
					out = append(out, text)
				}
			}
			return true
		})
	}
	slices.Sort(out)
	return slices.Compact(out)
}
