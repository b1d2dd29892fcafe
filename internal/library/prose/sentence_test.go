package prose

import (
	"slices"
	"testing"
)

func TestSentenceEnds(t *testing.T) {
	for _, want := range [][]string{
		{"One."},
		{"One", ""},
		{"One. ", "Two! ", "Three? ", "Four"},
		{"He asked “Why?” and left. ", "Nobody knew."},
		{"“It is over.” ", "They left."},
		{"The U.S. Congress met with Mr. Smith, J. F. Kennedy and Dr. No. Later they left."}, // "No." is in doubt
		{"Washington, D.C. is warm. ", "Moscow is not."},
		{"It cost $3.5 million. ", "Cheap."},
		{"See Sec. 5 of Vol. II, pp. 3–5, etc. and so on. ", "Then rest."},
		{"It ended in 1961. ", "The next year began."},
		{"2. The treaty was signed. ", "3. It was broken."},
		{"They waited… and waited. ", "In vain."},
		{"They waited… ", "In vain."},
		{"Is it so?! ", "Yes."},
		{"(He left.) ", "She stayed."},
		{"彼は言った。", "彼女は去った。"},
		{"The end.\n\tThe beginning.", ""},
		{"No stop: here; at all"},
		{"Gen. Marshall met Adm. King on Aug. 3. ", "They agreed."},
		{"Trailing space.  \n"},
		{"e.g. this and i.e. that. ", "Done."},
	} {
		text := ""
		var ends []int
		for _, s := range want {
			text += s
			if s != "" {
				ends = append(ends, len(text))
			}
		}
		got := sentenceEnds(text)
		if text == "The end.\n\tThe beginning." {
			ends = []int{8, len(text)}
		}
		trimmed := make([]int, len(ends))
		for i, e := range ends {
			for e > 0 && (text[e-1] == ' ' || text[e-1] == '\n' || text[e-1] == '\t') {
				e--
			}
			trimmed[i] = e
		}
		if !slices.Equal(got, trimmed) {
			t.Errorf("sentenceEnds(%q) = %v, want %v", text, got, trimmed)
		}
	}
	if got := sentenceEnds("  "); len(got) != 0 {
		t.Errorf("sentences in nothing: %v", got)
	}
	if got := sentenceEnds("One. . ."); len(got) != 1 || got[0] != 8 {
		t.Errorf("stray stops: %v", got)
	}
}

func TestCountWords(t *testing.T) {
	for s, want := range map[string]int{"": 0, " — ": 0, "one": 1, "one — two, three.": 3, "3.5 % of U.S. GDP": 4, "a\u00a0b": 2} {
		if got := countWords(s); got != want {
			t.Errorf("countWords(%q) = %d, want %d", s, got, want)
		}
	}
}
