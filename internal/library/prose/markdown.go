package prose

import (
	"errors"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
)

// markdown turns CommonMark with footnotes, tables and typographic quotes into HTML. HTML in it passes, as the result
// is sanitized like any other.
var markdown = sync.OnceValue(func() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithExtensions(
			extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)),
			extension.NewFootnote(extension.WithFootnoteBacklinkHTML("↩︎")),
			extension.Typographer,
		),
		goldmark.WithRendererOptions(html.WithUnsafe()),
	)
})

// tangleLimit bounds the time that Markdown takes, to about a second. Marks of emphasis and brackets are matched
// with each other within a block, and n of them that never match cost n² steps.
const tangleLimit = 200_000_000

var errTangled = errors.New("too many marks of emphasis and brackets in one paragraph")

// tangle is how many steps a text can cost: the sum, over what stands between blank lines, of the square of its marks.
func tangle(source string) (steps int) {
	marks := 0
	for line := range strings.Lines(source) {
		if strings.TrimSpace(line) == "" {
			steps, marks = steps+marks*marks, 0
			continue
		}
		for i := range len(line) {
			if strings.IndexByte("*_[]", line[i]) >= 0 {
				marks++
			}
		}
	}
	return steps + marks*marks
}

// fromMarkdown converts Markdown to HTML that is not sanitized yet.
func fromMarkdown(source string) (string, error) {
	if tangle(source) > tangleLimit {
		return "", errTangled
	}
	var b strings.Builder
	if err := markdown().Convert([]byte(source), &b); err != nil {
		return "", err
	}
	return b.String(), nil
}
