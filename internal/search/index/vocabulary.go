package index

import (
	"encoding/binary"
	"iter"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gatefold/gatefold/internal/search/words"
)

// A Vocabulary is the words, as they are written, that everyone may read in the articles of a segment, in order.
type Vocabulary struct {
	Words    []Word
	accented []uint32 // places of those that are written with accents
}

// A Word is one of a vocabulary. Folded is the word without its accents; Docs counts the articles it can be read in.
type Word struct {
	Text, Folded string
	Docs         uint32
}

// correctable reports whether a word may serve as a correction or the end of a beginning: letters, at least two.
func correctable(word string) bool {
	if len(word) < 2 || len(word) > 40 {
		return false
	}
	for i, r := range word {
		if !unicode.IsLetter(r) && !unicode.IsMark(r) || i == 0 && utf8.RuneLen(r) == len(word) {
			return false
		}
	}
	return true
}

type vocabularyWriter struct {
	out  []byte
	last string
}

// add appends a word. The words come in order.
func (v *vocabularyWriter) add(word string, docs uint32) {
	shared := prefix(v.last, word)
	v.out = binary.AppendUvarint(v.out, uint64(shared))
	v.out = append(binary.AppendUvarint(v.out, uint64(len(word)-shared)), word[shared:]...)
	v.out = binary.AppendUvarint(v.out, uint64(docs))
	v.last = word
}

func decodeVocabulary(b []byte) (Vocabulary, error) {
	var v Vocabulary
	last := ""
	for len(b) > 0 {
		var n [2]uint64
		for i := range n {
			var used int
			if n[i], used = binary.Uvarint(b); used <= 0 {
				return v, ErrDamaged
			}
			b = b[used:]
		}
		if n[0] > uint64(len(last)) || n[1] > uint64(len(b)) {
			return v, ErrDamaged
		}
		word := last[:n[0]] + string(b[:n[1]])
		b = b[n[1]:]
		docs, used := binary.Uvarint(b)
		if used <= 0 {
			return v, ErrDamaged
		}
		b = b[used:]
		folded := words.Fold(word)
		if folded != word {
			v.accented = append(v.accented, uint32(len(v.Words)))
		}
		v.Words = append(v.Words, Word{word, folded, uint32(docs)})
		last = word
	}
	return v, nil
}

// Beginning yields the words that begin in some way once their accents are folded, in no order.
func (v *Vocabulary) Beginning(start string) iter.Seq[Word] {
	return func(yield func(Word) bool) {
		for i := sort.Search(len(v.Words), func(i int) bool { return v.Words[i].Text >= start }); i < len(v.Words); i++ {
			w := v.Words[i]
			if !strings.HasPrefix(w.Text, start) {
				break
			}
			if !yield(w) {
				return
			}
		}
		for _, i := range v.accented {
			w := v.Words[i]
			if strings.HasPrefix(w.Folded, start) && !strings.HasPrefix(w.Text, start) && !yield(w) {
				return
			}
		}
	}
}
