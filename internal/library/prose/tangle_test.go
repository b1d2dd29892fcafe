package prose

import (
	"strings"
	"testing"
)

// Marks that never match each other take quadratic time in a block: a text with too many is refused, one that people write is not.
func TestMarkdownThatTangles(t *testing.T) {
	for _, unit := range []string{"*a_ ", "**a_ ", "[a]("} {
		if _, err := Shape(strings.Repeat(unit, 40_000), Markdown); err == nil {
			t.Errorf("40000 times %q is taken", unit)
		}
	}
	if _, err := Shape(strings.Repeat("It's *so* and **so**, said [he](https://example.org/).\n\n", 2000), Markdown); err != nil {
		t.Errorf("a long text: %v", err)
	}
}
