package transfer

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/klauspost/compress/gzip" // reads at twice the speed of compress/gzip
)

// A Source is one file of an import. It is read twice.
type Source struct {
	Name string                        // as reports show it
	Dir  string                        // the folder pictures are named from; "" for none
	Size int64                         // in bytes, as stored
	Open func() (io.ReadCloser, error) // the bytes, plain or gzip
}

// Files returns the files of the paths as sources. It refuses what is missing or is not a regular file.
func Files(paths []string) ([]Source, error) {
	var out []Source
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			return nil, err
		}
		if !info.Mode().IsRegular() {
			return nil, fmt.Errorf("%s: not a regular file; an import reads its files twice, so write it to one first", p)
		}
		out = append(out, Source{Name: p, Dir: filepath.Dir(p), Size: info.Size(),
			Open: func() (io.ReadCloser, error) { return os.Open(p) }})
	}
	return out, nil
}

// lineLimit is the length of the longest line an import reads: 16 MB.
const lineLimit = 16 << 20

// errTooLong is returned in place of a line over lineLimit. The next line can be read.
var errTooLong = fmt.Errorf("the line is longer than %d MB", lineLimit>>20)

// A lineReader reads the lines of a source, plain or gzip as its first bytes say.
type lineReader struct {
	file io.Closer
	r    *bufio.Reader
	n    int // number of the line read last
	buf  []byte
	err  error // met in the middle of a line; returned after it
}

// open starts to read a source and counts its bytes, as stored, into read.
func open(s Source, read *atomic.Int64) (*lineReader, error) {
	f, err := s.Open()
	if err != nil {
		return nil, err
	}
	r := bufio.NewReaderSize(counter{f, read}, 64<<10)
	if magic, err := r.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b { // RFC 1952, 2.3.1
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", s.Name, err), f.Close())
		}
		r = bufio.NewReaderSize(z, 256<<10)
	}
	return &lineReader{file: f, r: r}, nil
}

func (l *lineReader) close() error { return l.file.Close() }

// next returns the next line, without its end, valid until the call after, and io.EOF after the last. It returns
// errTooLong for a line it passes over; any other error ends the source.
func (l *lineReader) next() ([]byte, error) {
	if l.err != nil {
		return nil, l.err
	}
	l.n++
	l.buf = l.buf[:0]
	long := false
	for {
		part, err := l.r.ReadSlice('\n')
		if !long && len(l.buf)+len(part) > lineLimit+1 {
			long, l.buf = true, nil
		}
		if !long && (err != nil || len(l.buf) > 0) {
			l.buf = append(l.buf, part...)
			part = l.buf
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil:
			l.err = err
			if !errors.Is(err, io.EOF) || len(part) == 0 && !long {
				return nil, err
			}
		}
		if long {
			return nil, errTooLong
		}
		if l.n == 1 {
			part = bytes.TrimPrefix(part, []byte("\ufeff"))
		}
		return bytes.TrimRight(part, "\r\n"), nil
	}
}

// counter counts the bytes read through it.
type counter struct {
	io.Reader
	n *atomic.Int64
}

func (c counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n.Add(int64(n))
	return n, err
}
