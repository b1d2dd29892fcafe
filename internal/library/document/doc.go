// Package document is the text of an article as an editor works on it: a tree that a browser's editor (ProseMirror)
// and this package read and write as the same JSON, and that gives HTML and Markdown.
//
// Promises:
//   - Parse takes JSON of anybody: what is not of this schema is refused and named, and depth, size and number of nodes
//     have limits. A document that came through holds nothing that package prose would take out.
//   - HTML and Markdown lose nothing: read again they give the same document, in its normal form (see Normal).
//   - FromSource reads every article that the library holds, imported ones too. What it brings into one form is what
//     nobody sees: space between words, rows of headings in the body of a table, a footnote in several paragraphs, which
//     becomes one with line breaks.
package document
