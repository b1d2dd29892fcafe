package transfer

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestDocumentation reads docs/import.md: its examples are right lines, and its table has every key there is.
func TestDocumentation(t *testing.T) {
	b, err := os.ReadFile("../../docs/import.md")
	if err != nil {
		t.Fatal(err)
	}
	doc := string(b)
	examples := regexp.MustCompile("(?s)```json\n(.*?)```").FindAllStringSubmatch(doc, -1)
	if len(examples) < 2 {
		t.Errorf("%d examples", len(examples))
	}
	for _, e := range examples {
		if r, err := parseRecord([]byte(e[1])); err != nil || len(r.unknown) > 0 {
			t.Errorf("%s\nis refused: %v; unknown keys %q", e[1], err, r.unknown)
		}
	}
	told := map[string]bool{}
	for row := range strings.Lines(doc) {
		if cells := strings.Split(row, "|"); len(cells) == 5 {
			for _, key := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(cells[1], -1) {
				told[key[1]] = true
				if setters[key[1]] == nil {
					t.Errorf("the table tells of a key %s, which there is not", key[1])
				}
			}
		}
	}
	for key := range setters {
		if !told[key] {
			t.Errorf("the table does not tell of the key %s", key)
		}
	}
}
