// Package newsroom is where staff work: one .go and one .html a screen, styles in look/, texts in texts/.
//
// It is a surface of its own under /newsroom, with its own cookie, policy of content and error page. Every route states
// for whom it is (S-21), and nothing of it is kept by anybody (no-store). It works without scripts; they make it faster.
package newsroom
