package newsroom

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestScriptWords: every text that the editor's script asks for is in the catalogue and is given to it, and none is given in vain.
func TestScriptWords(t *testing.T) {
	files, err := filepath.Glob("editor/src/*.js")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d scripts, %v", len(files), err)
	}
	asked := map[string]bool{}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		calls := regexp.MustCompile(`\bt\("([a-z-]+)"`)
		if filepath.Base(name) == "tools.js" {
			calls = regexp.MustCompile(`(?:\bt\(|[\[ ]\[)"([a-z-]+)"`)
		}
		if filepath.Base(name) == "panels.js" {
			calls = regexp.MustCompile(`\b(?:t|button)\("([a-z-]+)"`)
		}
		for _, m := range calls.FindAllStringSubmatch(string(b), -1) {
			asked[m[1]] = true
		}
	}
	for _, state := range []string{"saving", "saved", "unsaved", "offline", "signed-out"} { // said by their names
		asked[state] = true
	}
	for key := range asked {
		if !slices.Contains(scriptWords, key) {
			t.Errorf("the script asks for %q, which it is not given", key)
		}
	}
	b, err := os.ReadFile("texts/en.toml")
	if err != nil {
		t.Fatal(err)
	}
	_, texts, ok := strings.Cut(string(b), "[write.js]")
	if !ok {
		t.Fatal("the texts have no [write.js]")
	}
	for _, key := range scriptWords {
		if !asked[key] {
			t.Errorf("the script is given %q, and does not ask for it", key)
		}
		if !regexp.MustCompile(`(?m)^` + key + ` = "`).MatchString(texts) {
			t.Errorf("no text has the key write.js.%s", key)
		}
	}
}
