package internal_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var branch = regexp.MustCompile(`(?m)^[├└]── ([a-z]+) +(\d) `)

// The trees that a stranger looks at first are those of the house: ARCHITECTURE.md shows each package with its floor,
// README.md names each.
func TestTreesShowEveryPackage(t *testing.T) {
	have := map[string]int{}
	for _, d := range must(os.ReadDir("."))(t) {
		if d.IsDir() {
			floor, err := floorOf(d.Name())
			if err != nil {
				t.Fatal(err)
			}
			have[d.Name()] = floor
		}
	}
	shown := map[string]int{}
	for _, line := range branch.FindAllStringSubmatch(string(must(os.ReadFile("../ARCHITECTURE.md"))(t)), -1) {
		shown[line[1]], _ = strconv.Atoi(line[2])
	}
	if !maps.Equal(have, shown) {
		t.Errorf("ARCHITECTURE.md shows\n%v\nthe packages with their floors are\n%v", shown, have)
	}
	_, tree, _ := strings.Cut(string(must(os.ReadFile("../README.md"))(t)), "## The tree")
	tree, _, _ = strings.Cut(tree, "## ")
	words := strings.Fields(tree)
	for _, name := range slices.Sorted(maps.Keys(have)) {
		if !slices.Contains(words, name) {
			t.Errorf("the tree of README.md does not name %s", name)
		}
	}
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
