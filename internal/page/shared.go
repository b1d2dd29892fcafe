package page

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"hash/crc32"
	"regexp"
	"strconv"
	"sync/atomic"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
)

// A Shared is a page that was rendered once and is served to many. It is kept compressed only: whole, with every hole
// filled by its default, for those who share one copy; and in segments between its holes, for those who get their
// own. It is safe for concurrent use.
type Shared struct {
	Type     string // Content-Type
	segments []segment
	holes    []string // holes[i] follows segments[i]
	gzip     atomic.Pointer[encoded]
	brotli   atomic.Pointer[encoded]
	tag      string // of the content, without quotes and encoding
	size     int    // bytes of memory, about
}

// encoded is a whole body in one encoding with its header values, ready to be sent.
type encoded struct {
	body   []byte
	length []string
	etag   []string
}

// A segment is a piece of a page as part of a DEFLATE stream (RFC 1951): it ends on a byte boundary and refers to
// nothing before itself, so that segments can be joined in one gzip member (RFC 1952).
type segment struct {
	deflated []byte
	length   int
	crc      uint32
	shift    uint32 // moves a checksum past this segment, see combine
}

// Hole returns the text that a template writes where something personal goes. Defaults maps a hole's name to what
// stands there in the shared page.
func Hole(name string) string { return holeMark + name + "\x03" }

// holeMark begins a hole. It differs in every process, so that nothing that was typed or imported can pass for one.
var holeMark = "\x02" + rand.Text()

var holePattern = regexp.MustCompile(holeMark + "([a-z-]{1,32})\x03")

// NewShared compresses a rendered page. defaults fill the holes of the copy that everyone shares.
func NewShared(contentType string, rendered []byte, defaults map[string]string) *Shared {
	s := &Shared{Type: contentType}
	whole := make([]byte, 0, len(rendered))
	at := 0
	for _, m := range holePattern.FindAllSubmatchIndex(rendered, -1) {
		name := string(rendered[m[2]:m[3]])
		s.segments = append(s.segments, newSegment(rendered[at:m[0]]))
		s.holes = append(s.holes, name)
		whole = append(append(whole, rendered[at:m[0]]...), defaults[name]...)
		at = m[1]
	}
	whole = append(whole, rendered[at:]...)
	if len(s.holes) > 0 {
		s.segments = append(s.segments, newSegment(rendered[at:]))
	}
	sum := sha256.Sum256(whole)
	s.tag = base64.RawURLEncoding.EncodeToString(sum[:12])
	s.gzip.Store(s.encode("gz", gzipped(whole, 5)))
	s.size = len(s.gzip.Load().body)*3 + 512
	for _, g := range s.segments {
		s.size += len(g.deflated) + 48
	}
	return s
}

func (s *Shared) encode(suffix string, body []byte) *encoded {
	return &encoded{body: body, length: []string{strconv.Itoa(len(body))}, etag: []string{`"` + s.tag + suffix + `"`}}
}

// Improve compresses the whole page better, with gzip and brotli; it takes tens of milliseconds and is meant for a
// goroutine in the background.
func (s *Shared) Improve() {
	whole := s.Bytes()
	s.gzip.Store(s.encode("gz", gzipped(whole, 9)))
	var b bytes.Buffer
	w := brotli.NewWriterLevel(&b, 9)
	_, _ = w.Write(whole) // a bytes.Buffer does not fail
	_ = w.Close()
	s.brotli.Store(s.encode("br", b.Bytes()))
}

// Bytes returns the whole page, uncompressed, as everyone shares it.
func (s *Shared) Bytes() []byte { return gunzipped(s.gzip.Load().body) }

// Gzip returns the whole page, compressed, as everyone shares it.
func (s *Shared) Gzip() []byte { return s.gzip.Load().body }

// Holes returns the names of the page's holes in their order; a name may come twice.
func (s *Shared) Holes() []string { return s.holes }

func newSegment(text []byte) segment {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, 6) // the level is valid
	_, _ = w.Write(text)
	_ = w.Flush()
	return segment{deflated: bytes.Clone(b.Bytes()), length: len(text), crc: crc32.ChecksumIEEE(text), shift: shiftFor(len(text))}
}

var gzipHeader = []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}

// storedLimit is the most that one stored block of DEFLATE holds.
const storedLimit = 65535

// AppendPersonal appends the page as one gzip member to dst, each hole filled by fill: the segments as they were
// compressed, the personal parts between them as stored blocks, the checksum combined.
func (s *Shared) AppendPersonal(dst []byte, fill func(hole string) string) []byte {
	dst = append(dst, gzipHeader...)
	var crc uint32
	total := 0
	for i, g := range s.segments {
		dst = append(dst, g.deflated...)
		crc = combine(crc, g.crc, g.shift)
		total += g.length
		if i == len(s.holes) {
			break
		}
		text := fill(s.holes[i])
		crc = crc32.Update(crc, crc32.IEEETable, []byte(text))
		total += len(text)
		for len(text) > 0 {
			n := min(len(text), storedLimit)
			dst = append(dst, 0, byte(n), byte(n>>8), ^byte(n), ^byte(n>>8))
			dst = append(dst, text[:n]...)
			text = text[n:]
		}
	}
	dst = append(dst, 1, 0, 0, 0xff, 0xff) // an empty last block
	return append(dst, byte(crc), byte(crc>>8), byte(crc>>16), byte(crc>>24),
		byte(total), byte(total>>8), byte(total>>16), byte(total>>24))
}

func gzipped(b []byte, level int) []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, level) // the levels used are valid
	_, _ = w.Write(b)
	_ = w.Close()
	return bytes.Clone(out.Bytes())
}

func gunzipped(b []byte) []byte {
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		panic("page: a page kept in memory is damaged: " + err.Error())
	}
	var out bytes.Buffer
	if _, err := out.ReadFrom(r); err != nil {
		panic("page: a page kept in memory is damaged: " + err.Error())
	}
	return out.Bytes()
}

// Size is about how much memory the page takes, in bytes, once it is compressed in every way.
func (s *Shared) Size() int { return s.size }
