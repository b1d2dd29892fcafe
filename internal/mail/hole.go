package mail

import "strings"

// Hole returns the text that stands for a personal value in the HTML, the text or a header of a LetterSource. It is
// made of ASCII letters, digits and dots, so that neither templates nor rewriters of URLs change it. A name is made of
// small letters and digits.
func Hole(name string) string { return holeBegin + name + holeEnd }

const (
	holeBegin = "gf0hole."
	holeEnd   = ".gf0"
)

// eachHole walks through a text: static is called for what stands between holes, hole for the name of each.
func eachHole(text string, static, hole func(string)) error {
	for {
		before, rest, found := strings.Cut(text, holeBegin)
		if before != "" {
			static(before)
		}
		if !found {
			return nil
		}
		name, after, whole := strings.Cut(rest, holeEnd)
		if !whole || name == "" || strings.ContainsFunc(name, func(r rune) bool { return !('a' <= r && r <= 'z' || '0' <= r && r <= '9') }) {
			return invalid("letter", "a hole has no end, or its name is not made of small letters and digits")
		}
		hole(name)
		text = after
	}
}
