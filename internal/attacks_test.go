package internal_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	testName = regexp.MustCompile(`\bTest[A-Z]\w+`)
	testFunc = regexp.MustCompile(`(?m)^func (Test\w+)\(`)
)

// docs/attacks.md says of each attack which test it is: the tests are there.
func TestAttacksAreTests(t *testing.T) {
	have := map[string]bool{}
	for _, top := range []string{".", "../e2e"} {
		err := filepath.WalkDir(top, func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && d.Name() == "node_modules":
				return filepath.SkipDir
			case !strings.HasSuffix(name, "_test.go"):
				return nil
			}
			for _, m := range testFunc.FindAllSubmatch(must(os.ReadFile(name))(t), -1) {
				have[string(m[1])] = true
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	named := testName.FindAllString(string(must(os.ReadFile("../docs/attacks.md"))(t)), -1)
	if len(named) < 60 {
		t.Fatalf("%d tests are named: the page is not read", len(named))
	}
	for _, name := range named {
		if !have[name] {
			t.Errorf("docs/attacks.md names %s, which no test is", name)
		}
	}
}
