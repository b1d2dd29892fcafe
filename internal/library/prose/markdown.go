package prose

import (
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

// fromMarkdown converts Markdown to HTML that is not sanitized yet.
func fromMarkdown(source string) (string, error) {
	var b strings.Builder
	if err := markdown().Convert([]byte(source), &b); err != nil {
		return "", err
	}
	return b.String(), nil
}
