package index

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"hash"
	"hash/crc32"
	"os"
)

// Format is the version of the files. Others are not read.
const Format = 1

// blockTerms is how many words of the dictionary stand in one block, whose first is kept in memory.
const blockTerms = 64

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A footer ends a segment; its length and checksum follow it, four bytes each.
type footer struct {
	Format   int
	Docs     int
	Words    [Fields]int64 // of all articles
	Sections [sections]section
}

// The sections of a segment, in order.
const (
	listsSection = iota
	dictionarySection
	blocksSection
	tableSection
	vocabularySection
	sections
)

type section struct {
	At, Size int64
	CRC      uint32
}

// A segmentWriter writes a segment: the lists of its words, in the order of the words, then finish.
type segmentWriter struct {
	file   *os.File
	out    *bufio.Writer
	sum    hash.Hash32
	at     int64
	footer footer

	dictionary []byte
	blocks     []byte
	terms      int
	last       string

	list      []byte // of the word that is written
	positions []byte
	df        int
	lastDoc   uint32
}

func newSegmentWriter(name string) (*segmentWriter, error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return nil, err
	}
	return &segmentWriter{file: f, out: bufio.NewWriterSize(f, 1<<18), sum: crc32.New(castagnoli)}, nil
}

// add notes that the word that is written stands in an article. The articles come in order.
func (w *segmentWriter) add(doc uint32, mask uint8, tf *[Fields]uint32, positions []byte) {
	gap := uint64(doc-w.lastDoc) << 1
	w.lastDoc = doc
	w.df++
	w.positions = append(w.positions, positions...)
	if mask == onlyBody && tf[Body] == 1 {
		w.list = binary.AppendUvarint(w.list, gap|1)
		return
	}
	w.list = append(binary.AppendUvarint(w.list, gap), mask)
	for f := range Fields {
		if mask&(1<<f) != 0 {
			w.list = binary.AppendUvarint(w.list, uint64(tf[f]))
		}
	}
}

// end ends the list of a word. The words come in order.
func (w *segmentWriter) end(term string) error {
	if w.df == 0 {
		return nil
	}
	shared := 0
	if w.terms%blockTerms == 0 {
		w.blocks = append(binary.AppendUvarint(w.blocks, uint64(len(term))), term...)
		w.blocks = binary.AppendUvarint(w.blocks, uint64(len(w.dictionary)))
		w.blocks = binary.AppendUvarint(w.blocks, uint64(w.at))
	} else {
		shared = prefix(w.last, term)
	}
	d := binary.AppendUvarint(w.dictionary, uint64(shared))
	d = append(binary.AppendUvarint(d, uint64(len(term)-shared)), term[shared:]...)
	d = binary.AppendUvarint(d, uint64(w.df))
	d = binary.AppendUvarint(d, uint64(len(w.list)))
	w.dictionary = binary.AppendUvarint(d, uint64(len(w.positions)))
	w.last, w.terms = term, w.terms+1
	for _, part := range [][]byte{w.list, w.positions} {
		if err := w.write(part); err != nil {
			return err
		}
	}
	w.list, w.positions, w.df, w.lastDoc = w.list[:0], w.positions[:0], 0, 0
	return nil
}

func prefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func (w *segmentWriter) write(b []byte) error {
	_, _ = w.sum.Write(b) // a hash takes everything
	w.at += int64(len(b))
	_, err := w.out.Write(b)
	return err
}

// finish writes what follows the lists, and returns when the file is on the disk.
func (w *segmentWriter) finish(t *Table, vocabulary []byte, words [Fields]int64) error {
	w.footer.Format, w.footer.Docs, w.footer.Words = Format, t.Len(), words
	w.footer.Sections[listsSection] = section{0, w.at, w.sum.Sum32()}
	table, err := t.encode()
	if err != nil {
		return err
	}
	for i, part := range [][]byte{w.dictionary, w.blocks, table, vocabulary} {
		w.footer.Sections[dictionarySection+i] = section{w.at, int64(len(part)), crc32.Checksum(part, castagnoli)}
		if err := w.write(part); err != nil {
			return err
		}
	}
	text, err := json.Marshal(w.footer)
	if err != nil {
		return err
	}
	tail := binary.LittleEndian.AppendUint32(text, uint32(len(text)))
	if err := w.write(binary.LittleEndian.AppendUint32(tail, crc32.Checksum(text, castagnoli))); err != nil {
		return err
	}
	if err := w.out.Flush(); err != nil {
		return err
	}
	if err := w.file.Sync(); err != nil {
		return err
	}
	return w.file.Close()
}

// abort gives the file up.
func (w *segmentWriter) abort() {
	_ = w.file.Close()
	_ = os.Remove(w.file.Name())
}
