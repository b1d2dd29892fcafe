// Package prose makes of the text of an article, as an editor or an import hands it in, what the site sets: sanitized
// HTML in one form, and a teaser of it.
//
// Promises:
//   - Nothing is left in a text that could run, load or look like something else: the elements and attributes of prose
//     pass, everything else is taken out (S-11). Composing what was composed changes nothing.
//   - A teaser is an opening of the text. It ends on a whole sentence, is never all of it, and has no pictures, tables,
//     pull quotes or notes in it, which belong to what is withheld.
package prose

import (
	"golang.org/x/net/html"

	"github.com/gatefold/gatefold/internal/fault"
)

// A Format is a way of writing a text.
type Format string

// The formats.
const (
	HTML     Format = "html"
	Markdown Format = "markdown" // CommonMark with tables and footnotes; HTML in it is treated as in HTML
)

// A Text is what is made of a text.
type Text struct {
	Body   string // HTML, safe to show as it is
	Teaser string // the opening of Body, up to the editor's mark <!-- cut --> or a number of words; may be empty
	Words  int    // of Body
}

// Compose makes the Text of a source. The teaser is about teaserWords long when the source has no mark. It returns
// Invalid for a source that cannot be read, as one that nests too deep.
func Compose(source string, f Format, teaserWords int) (Text, error) {
	root, err := shaped(source, f)
	if err != nil {
		return Text{}, err
	}
	var t Text
	if t.Teaser, err = cutTeaser(root, teaserWords); err != nil {
		return Text{}, err
	}
	for _, n := range elements(root) {
		if isCut(n) {
			n.Parent.RemoveChild(n)
		}
	}
	for n := range root.Descendants() {
		if n.Type == html.TextNode {
			t.Words += countWords(n.Data)
		}
	}
	t.Body, err = render(root)
	return t, err
}

// Shape makes of a source what Compose makes of it, with the editor's mark still in it, as <span class="cut"></span>.
func Shape(source string, f Format) (string, error) {
	root, err := shaped(source, f)
	if err != nil {
		return "", err
	}
	return render(root)
}

func shaped(source string, f Format) (*html.Node, error) {
	if f == Markdown {
		var err error
		if source, err = fromMarkdown(source); err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "The text is not Markdown that can be read.")
		}
	}
	root, err := parse(sanitize(source))
	if err != nil {
		return nil, err
	}
	shape(root)
	return root, nil
}
