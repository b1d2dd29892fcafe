package index

import "math"

// A Field is a part of an article whose words count apart.
type Field int

// The fields.
const (
	Title Field = iota
	Standfirst
	Names    // of what it is filed under: contributors, topics, countries
	Headings // its words stand in Body too, and have their positions there
	Body
	Fields // how many there are
)

// A Document is an article as it is indexed.
type Document struct {
	ID        int64
	Version   int64
	Published int64  // microseconds since 1970
	Level     string // as it is filed, "" for the default
	Kind      string
	Section   int64   // its term, 0 for none
	Terms     []int64 // all it is filed under
	Text      [Fields]string
	Teaser    string // the opening of Body that everyone may read
	Public    bool   // everyone may read Body now: its words may be used for corrections
}

// The length of a field is kept in a byte: exactly up to 32 words, then in steps of a sixteenth of a doubling.
const (
	exactLengths = 32
	lengthSteps  = 16
)

func packLength(n int) uint8 {
	if n < exactLengths {
		return uint8(n)
	}
	return uint8(min(255, exactLengths+math.Round(lengthSteps*math.Log2(float64(n)/exactLengths))))
}

// Length is the number of words that a byte of Table.Lengths stands for.
func Length(packed uint8) float64 {
	if packed < exactLengths {
		return float64(packed)
	}
	return exactLengths * math.Exp2(float64(packed-exactLengths)/lengthSteps)
}
