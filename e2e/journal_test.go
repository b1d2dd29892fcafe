//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// story is an article of the demonstration journal, as its source has it.
type story struct {
	slug, level, section, published string
	ending                          string // words of its last paragraph: nobody sees them before the wall opens
}

func (s story) path() string { return "/articles/" + s.slug }

var (
	headLine = regexp.MustCompile(`(?m)^(slug|level|section|published) = "(.*)"$`)
	plainRun = regexp.MustCompile(`[A-Za-z ,]{30,}`)
)

// stories returns the published articles of a level, in the order of their files.
func stories(t *testing.T, level string) []story {
	t.Helper()
	files, err := filepath.Glob("../internal/demo/articles/*.md")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	var found []story
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if s := readStory(string(text)); s.level == level && !strings.HasPrefix(s.published, "+") {
			found = append(found, s)
		}
	}
	if len(found) < 2 {
		t.Fatalf("the demonstration journal has %d articles of level %s", len(found), level)
	}
	return found
}

func readStory(text string) story {
	_, text, _ = strings.Cut(text, "+++\n")
	head, body, _ := strings.Cut(text, "\n+++\n")
	fields := map[string]string{}
	for _, m := range headLine.FindAllStringSubmatch(head, -1) {
		fields[m[1]] = m[2]
	}
	runs := plainRun.FindAllString(body, -1)
	return story{slug: fields["slug"], level: fields["level"], section: fields["section"], published: fields["published"],
		ending: strings.TrimSpace(runs[len(runs)-1])}
}
