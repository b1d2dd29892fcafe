package index

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"sort"
)

// A Segment is an opened file of the index. It is safe for concurrent use.
type Segment struct {
	Name string // of its file
	*Table
	Vocabulary Vocabulary
	Words      [Fields]int64 // of all its articles
	Bytes      int64         // of the file

	file   *os.File
	footer footer
	blocks []block
}

// A block is a stretch of the dictionary.
type block struct {
	term  string
	at    int64 // in the dictionary
	lists int64 // where the list of its first word begins
}

// tailSize is the length and the checksum of the footer.
const tailSize = 8

// openSegment reads everything of a segment but its lists, and checks what it reads.
func openSegment(name string) (s *Segment, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			err = fmt.Errorf("open %s: %w", name, err)
		}
	}()
	s = &Segment{Name: name, file: f}
	if err := s.readFooter(); err != nil {
		return nil, err
	}
	var parts [sections][]byte
	for i := blocksSection; i < sections; i++ {
		if parts[i], err = s.readSection(i); err != nil {
			return nil, err
		}
	}
	if s.blocks, err = decodeBlocks(parts[blocksSection]); err != nil {
		return nil, err
	}
	if s.Table, err = decodeTable(parts[tableSection]); err != nil {
		return nil, err
	}
	if s.Vocabulary, err = decodeVocabulary(parts[vocabularySection]); err != nil {
		return nil, err
	}
	if s.Len() != s.footer.Docs {
		return nil, ErrDamaged
	}
	s.Words = s.footer.Words
	return s, nil
}

func (s *Segment) readFooter() error {
	info, err := s.file.Stat()
	if err != nil {
		return err
	}
	s.Bytes = info.Size()
	tail := make([]byte, tailSize)
	if s.Bytes < tailSize {
		return ErrDamaged
	}
	if _, err := s.file.ReadAt(tail, s.Bytes-tailSize); err != nil {
		return err
	}
	size, sum := int64(binary.LittleEndian.Uint32(tail)), binary.LittleEndian.Uint32(tail[4:])
	if size > s.Bytes-tailSize || size > 1<<16 {
		return ErrDamaged
	}
	text := make([]byte, size)
	if _, err := s.file.ReadAt(text, s.Bytes-tailSize-size); err != nil {
		return err
	}
	if crc32.Checksum(text, castagnoli) != sum || json.Unmarshal(text, &s.footer) != nil || s.footer.Format != Format {
		return ErrDamaged
	}
	at := int64(0)
	for _, part := range s.footer.Sections {
		if part.At != at || part.Size < 0 || part.Size > s.Bytes {
			return ErrDamaged
		}
		at += part.Size
	}
	if at+size+tailSize != s.Bytes {
		return ErrDamaged
	}
	return nil
}

func (s *Segment) readSection(i int) ([]byte, error) {
	part := s.footer.Sections[i]
	b := make([]byte, part.Size)
	if _, err := s.file.ReadAt(b, part.At); err != nil {
		return nil, err
	}
	if crc32.Checksum(b, castagnoli) != part.CRC {
		return nil, ErrDamaged
	}
	return b, nil
}

// Verify reads the lists and the dictionary and compares their checksums.
func (s *Segment) Verify() error {
	for _, part := range s.footer.Sections[:blocksSection] {
		sum := crc32.New(castagnoli)
		if _, err := io.Copy(sum, io.NewSectionReader(s.file, part.At, part.Size)); err != nil {
			return err
		}
		if sum.Sum32() != part.CRC {
			return fmt.Errorf("verify %s: %w", s.Name, ErrDamaged)
		}
	}
	return nil
}

func (s *Segment) close() error { return s.file.Close() }

func decodeBlocks(b []byte) ([]block, error) {
	var out []block
	for len(b) > 0 {
		size, used := binary.Uvarint(b)
		if used <= 0 || size > uint64(len(b)-used) {
			return nil, ErrDamaged
		}
		t := block{term: string(b[used : used+int(size)])}
		b = b[used+int(size):]
		for _, to := range []*int64{&t.at, &t.lists} {
			v, used := binary.Uvarint(b)
			if used <= 0 {
				return nil, ErrDamaged
			}
			*to, b = int64(v), b[used:]
		}
		out = append(out, t)
	}
	return out, nil
}

// An Entry is a word of the dictionary.
type Entry struct {
	Term      string
	Docs      int // articles it stands in, replaced ones among them
	at        int64
	list, pos int64 // sizes
}

// A dictionary goes through the words of a segment from some block on.
type dictionary struct {
	Entry
	b    []byte
	next int64 // where the lists of the next word begin
	err  error
}

// Next goes to the next word.
func (d *dictionary) Next() bool {
	if len(d.b) == 0 || d.err != nil {
		return false
	}
	shared, ok1 := d.uvarint()
	size, ok2 := d.uvarint()
	if !ok1 || !ok2 || shared > uint64(len(d.Term)) || size > uint64(len(d.b)) {
		return d.damage()
	}
	d.Term = d.Term[:shared] + string(d.b[:size])
	d.b = d.b[size:]
	docs, ok1 := d.uvarint()
	list, ok2 := d.uvarint()
	pos, ok3 := d.uvarint()
	if !ok1 || !ok2 || !ok3 || docs > 1<<31 || list > 1<<40 || pos > 1<<40 {
		return d.damage()
	}
	d.Docs, d.list, d.pos, d.at = int(docs), int64(list), int64(pos), d.next
	d.next += d.list + d.pos
	return true
}

func (d *dictionary) damage() bool {
	d.err = ErrDamaged
	return false
}

func (d *dictionary) uvarint() (uint64, bool) {
	v, n := binary.Uvarint(d.b)
	d.b = d.b[max(n, 0):]
	return v, n > 0
}

// dictionary reads the blocks from one to before another.
func (s *Segment) dictionary(from, to int) (*dictionary, error) {
	if from >= to || from >= len(s.blocks) {
		return &dictionary{}, nil
	}
	part := s.footer.Sections[dictionarySection]
	end := part.Size
	if to < len(s.blocks) {
		end = s.blocks[to].at
	}
	at := s.blocks[from].at
	if at > end || end > part.Size {
		return nil, ErrDamaged
	}
	b := make([]byte, end-at)
	if _, err := s.file.ReadAt(b, part.At+at); err != nil {
		return nil, err
	}
	return &dictionary{b: b, next: s.blocks[from].lists}, nil
}

// Lookup finds a word.
func (s *Segment) Lookup(term string) (Entry, bool, error) {
	i := sort.Search(len(s.blocks), func(i int) bool { return s.blocks[i].term > term }) - 1
	if i < 0 {
		return Entry{}, false, nil
	}
	d, err := s.dictionary(i, i+1)
	if err != nil {
		return Entry{}, false, err
	}
	for d.Next() {
		if d.Term >= term {
			return d.Entry, d.Term == term, nil
		}
	}
	return Entry{}, false, d.err
}

// Prefixed returns the words that begin with some letters, up to limit.
func (s *Segment) Prefixed(start string, limit int) ([]Entry, error) {
	from := max(0, sort.Search(len(s.blocks), func(i int) bool { return s.blocks[i].term > start })-1)
	var out []Entry
	for i := from; i < len(s.blocks); i++ {
		d, err := s.dictionary(i, i+1)
		if err != nil {
			return nil, err
		}
		for d.Next() {
			switch {
			case d.Term < start:
			case len(d.Term) < len(start) || d.Term[:len(start)] != start || len(out) == limit:
				return out, nil
			default:
				out = append(out, d.Entry)
			}
		}
		if d.err != nil {
			return nil, d.err
		}
	}
	return out, nil
}

// Postings reads the list of a word, with its positions if they are wanted. The caller releases it.
func (s *Segment) Postings(e Entry, positions bool) (*Postings, error) {
	size := e.list
	if positions {
		size += e.pos
	}
	part := s.footer.Sections[listsSection]
	if e.at < 0 || e.at+size > part.Size {
		return nil, ErrDamaged
	}
	buf := buffer(int(size))
	if _, err := s.file.ReadAt(*buf, part.At+e.at); err != nil {
		buffers.Put(buf)
		return nil, err
	}
	return &Postings{data: (*buf)[:e.list], positions: (*buf)[e.list:], left: e.Docs, limit: uint32(s.Len()), first: true,
		buffer: buf}, nil
}
