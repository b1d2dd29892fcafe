// Package internal_test holds the house to its plan.
package internal_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// floors is the table of ARCHITECTURE.md: a package imports only from lower floors, never up, never sideways. What
// stands in a folder of a package lives on its floor. Packages that are planned have their place already.
var floors = [][]string{
	0: {"fault", "subnet"},
	1: {"storage", "mail", "page", "config", "fetch"},
	2: {"access", "insights", "media", "jobs", "outbox", "mailing"},
	3: {"library", "readers", "ads", "follows", "bounces"},
	4: {"newsletters", "billing", "institutions", "search", "staff", "board", "desk"},
	5: {"transfer", "demo", "doctor", "gifts", "groups"},
	6: {"web", "newsroom", "api"},
	7: {"app"},
	8: {"cli"},
	9: {"cmd"}, // cmd/gatefold
}

// forTests are packages that nothing but a test may import.
var forTests = map[string]bool{"storage/storagetest": true, "mail/mailtest": true}

const module = "github.com/gatefold/gatefold/"

// An imported is one import of one file, both as paths from the module's root.
type imported struct {
	file, pkg string
	line      int
}

func TestFloors(t *testing.T) {
	files, imports := sources(t, "..")
	if files < 50 || len(imports) < 50 {
		t.Fatalf("%d files with %d imports of this module: the test looks in the wrong place", files, len(imports))
	}
	for _, i := range imports {
		if fault := wrong(i); fault != "" {
			t.Errorf("%s:%d imports %s: %s", i.file, i.line, i.pkg, fault)
		}
	}
}

// sources reads the imports of every file that is no test, through os, so that the test's cached result is dropped
// when one of them changes. Every folder with such a file has to be in the table.
func sources(t *testing.T, root string) (files int, imports []imported) {
	t.Helper()
	for _, top := range []string{"internal", "cmd"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && d.Name() == "testdata":
				return filepath.SkipDir
			case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
				return nil
			}
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			found, err := importsOf(filepath.ToSlash(strings.TrimPrefix(name, root+string(filepath.Separator))), text)
			files, imports = files+1, append(imports, found...)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files, imports
}

func importsOf(file string, text []byte) ([]imported, error) {
	if _, err := floorOf(path.Dir(file)); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, file, text, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	var out []imported
	for _, spec := range f.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		if inside, ours := strings.CutPrefix(p, module); ours {
			out = append(out, imported{file, inside, set.Position(spec.Pos()).Line})
		}
	}
	return out, nil
}

// wrong says what is wrong with an import, "" when nothing is.
func wrong(i imported) string {
	from, err := floorOf(path.Dir(i.file))
	if err != nil {
		return err.Error()
	}
	to, err := floorOf(i.pkg)
	switch {
	case err != nil:
		return err.Error()
	case forTests[strings.TrimPrefix(i.pkg, "internal/")]:
		return "that package is for tests"
	case house(path.Dir(i.file)) == house(i.pkg): // a package and its folders
		return ""
	case to > from:
		return fmt.Sprintf("up, from floor %d to %d", from, to)
	case to == from:
		return fmt.Sprintf("sideways, on floor %d", from)
	}
	return ""
}

// house is the package of the table that a folder belongs to: "storage" of "internal/storage/storagetest".
func house(dir string) string {
	dir = strings.TrimPrefix(dir, "internal/")
	first, _, _ := strings.Cut(dir, "/")
	return first
}

func floorOf(dir string) (int, error) {
	for n, floor := range floors {
		for _, p := range floor {
			if p == house(dir) {
				return n, nil
			}
		}
	}
	return 0, fmt.Errorf("package %s is on no floor of the table", house(dir))
}

func TestFloorsAreHeld(t *testing.T) {
	for _, c := range []struct{ file, pkg, want string }{
		{"internal/web/article.go", "internal/library", ""},
		{"internal/web/article.go", "internal/newsroom", "sideways, on floor 6"},
		{"internal/access/gate.go", "internal/library", "up, from floor 2 to 3"},
		{"internal/library/read.go", "internal/library/words", ""},
		{"internal/storage/storagetest/x.go", "internal/storage", ""},
		{"internal/storage/x.go", "internal/page/x", "sideways, on floor 1"},
		{"internal/app/x.go", "internal/storage/storagetest", "that package is for tests"},
		{"internal/app/x.go", "internal/util", "package util is on no floor of the table"},
		{"internal/util/x.go", "internal/fault", "package util is on no floor of the table"},
		{"cmd/gatefold/main.go", "internal/cli", ""},
		{"internal/cli/x.go", "cmd/gatefold", "up, from floor 8 to 9"},
	} {
		if have := wrong(imported{c.file, c.pkg, 1}); have != c.want {
			t.Errorf("%s imports %s: %q, want %q", c.file, c.pkg, have, c.want)
		}
	}
	if _, err := importsOf("internal/util/util.go", []byte("package util")); err == nil || !strings.Contains(err.Error(), "internal/util/util.go") {
		t.Errorf("a file of a package that is not in the table: %v", err)
	}
	text := "package web\nimport (\n\t\"fmt\"\n\tx \"" + module + "internal/fault\"\n)"
	if have, err := importsOf("internal/web/x.go", []byte(text)); err != nil || len(have) != 1 || have[0] != (imported{"internal/web/x.go", "internal/fault", 4}) {
		t.Errorf("read %v, %v", have, err)
	}
}
