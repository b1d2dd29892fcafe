package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/gatefold/gatefold/internal/fault"
)

// A Node is a piece of a document: a block, something within a line, or text. Its form is ProseMirror's JSON.
type Node struct {
	Type    string `json:"type"`
	Attrs   Attrs  `json:"attrs,omitzero"`
	Content []Node `json:"content,omitempty"`
	Text    string `json:"text,omitempty"`
	Marks   []Mark `json:"marks,omitempty"`
}

// A Mark says how text is set, or where it leads.
type Mark struct {
	Type  string `json:"type"`
	Attrs Attrs  `json:"attrs,omitzero"`
}

// Attrs are what nodes and marks may have, each its own of these; the zero value of each is its default.
type Attrs struct {
	Level       int    `json:"level,omitempty"`    // of a heading, 2 to 4
	Order       int    `json:"order,omitempty"`    // where an ordered list begins, 0 for 1
	Tight       bool   `json:"tight,omitempty"`    // the items of a list are lines, not paragraphs
	Lang        string `json:"lang,omitempty"`     // BCP 47
	Href        string `json:"href,omitempty"`     // http, https, mailto or a path
	HrefLang    string `json:"hreflang,omitempty"` // BCP 47
	Src         string `json:"src,omitempty"`      // a path of this site's media
	Alt         string `json:"alt,omitempty"`      // what a picture shows, in words
	Width       int    `json:"width,omitempty"`    // pixels
	Height      int    `json:"height,omitempty"`   // pixels
	Colspan     int    `json:"colspan,omitempty"`  // 0 for 1
	Rowspan     int    `json:"rowspan,omitempty"`  // 0 for 1
	Align       string `json:"align,omitempty"`    // "right", "center" or ""
	Scope       string `json:"scope,omitempty"`    // of a head: row, col, rowgroup, colgroup or ""
	Title       string `json:"title,omitempty"`    // of a card
	Description string `json:"description,omitempty"`
	Site        string `json:"site,omitempty"`
	Colwidth    any    `json:"colwidth,omitempty"` // the browser's editor sends null; nothing else passes
}

// A Document is a text. The zero value is not one: see Empty.
type Document struct{ root Node }

// Limits of a document.
const (
	MaxBytes = 8 << 20 // of its JSON
	maxDepth = 40      // nodes in nodes
	maxNodes = 200_000
)

// Empty is a document with nothing in it.
func Empty() Document { return Document{Node{Type: "doc", Content: []Node{{Type: "paragraph"}}}} }

// Parse reads a document that somebody sent. It returns an Invalid fault that names what is wrong.
func Parse(b []byte) (Document, error) {
	if len(b) > MaxBytes {
		return Document{}, fault.Field("document", "expected at most %d bytes, got %d", MaxBytes, len(b))
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	var root Node
	if err := dec.Decode(&root); err != nil {
		return Document{}, fault.Field("document", "expected a document, got JSON that is none: %s", reason(err))
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Document{}, fault.Field("document", "expected one document and nothing after it")
	}
	if root.Type != "doc" {
		return Document{}, fault.Field("document", "expected a node of type doc, got %.40q", root.Type)
	}
	c := checker{}
	if err := c.node(&root, 1); err != nil {
		return Document{}, err
	}
	return Document{root}, nil
}

// reason is what a decoder says, without the words of its package.
func reason(err error) string {
	return strings.TrimPrefix(err.Error(), "json: ")
}

// JSON is the document as Parse reads it.
func (d Document) JSON() []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(d.root) // strings and numbers: nothing that cannot be written
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
