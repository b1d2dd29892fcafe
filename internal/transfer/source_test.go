package transfer

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// zipped is a text in gzip.
func zipped(t testing.TB, s string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// source is a file with a content.
func source(name, content string) Source {
	return Source{Name: name, Size: int64(len(content)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }}
}

// readLines reads a source to its end; a line is "number:text", an error the last line.
func readLines(t *testing.T, s Source) (out []string) {
	t.Helper()
	var n atomic.Int64
	r, err := open(s, &n)
	if err != nil {
		return []string{err.Error()}
	}
	for {
		line, err := r.next()
		switch {
		case errors.Is(err, io.EOF):
			return out
		case errors.Is(err, errTooLong):
			out = append(out, fmt.Sprintf("%d:too long", r.n))
		case err != nil:
			return append(out, err.Error())
		default:
			out = append(out, fmt.Sprintf("%d:%.20s", r.n, line))
		}
	}
}

func TestLines(t *testing.T) {
	long := strings.Repeat("x", lineLimit)
	for _, tt := range []struct {
		name, in string
		want     []string
	}{
		{"empty", "", nil},
		{"plain", "a\nb\n", []string{"1:a", "2:b"}},
		{"no end", "a\nb", []string{"1:a", "2:b"}},
		{"CRLF and blank lines", "a\r\n\r\n\nb\r\n", []string{"1:a", "2:", "3:", "4:b"}},
		{"byte order mark", "\ufeffa\n\ufeffb", []string{"1:a", "2:\ufeffb"}},
		{"gzip", zipped(t, "a\nb\n"), []string{"1:a", "2:b"}},
		{"gzip of two members", zipped(t, "a\n") + zipped(t, "b\n"), []string{"1:a", "2:b"}},
		{"gzip of nothing", zipped(t, ""), nil},
		{"one byte", "\x1f", []string{"1:\x1f"}},
		{"bad gzip", "\x1f\x8bxxxxxxxxxxx", []string{"bad gzip: gzip: invalid header"}},
		{"gzip cut short", zipped(t, strings.Repeat("abcdefgh\n", 3))[:25], []string{"1:abcdefgh", "unexpected EOF"}},
		{"the longest line", long + "\nb", []string{"1:xxxxxxxxxxxxxxxxxxxx", "2:b"}},
		{"too long", "a\n" + long + "x\nb\n", []string{"1:a", "2:too long", "3:b"}},
		{"too long, without an end", "a\n" + long + long, []string{"1:a", "2:too long"}},
		{"too long, zipped", zipped(t, long+"xx\n"+long+long+"\nb"), []string{"1:too long", "2:too long", "3:b"}},
	} {
		got := readLines(t, source(tt.name, tt.in))
		if tt.name == "gzip cut short" { // how much comes out before the cut is the decompressor's affair
			got = got[max(0, len(got)-1):]
			tt.want = tt.want[1:]
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestBytesAreCountedAsStored(t *testing.T) {
	content := zipped(t, strings.Repeat("abc\n", 10_000))
	var n atomic.Int64
	r, err := open(source("a", content), &n)
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = r.next()
	}
	if n.Load() != int64(len(content)) {
		t.Errorf("%d bytes counted, %d read", n.Load(), len(content))
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a.jsonl")
	if err := os.WriteFile(file, []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := Files([]string{file})
	if err != nil || len(in) != 1 || in[0].Size != 3 || in[0].Dir != dir || in[0].Name != file {
		t.Errorf("files %+v, %v", in, err)
	}
	if got := readLines(t, in[0]); !slices.Equal(got, []string{"1:{}"}) {
		t.Errorf("read %q", got)
	}
	if _, err := Files([]string{file, filepath.Join(dir, "missing")}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	if _, err := Files([]string{dir}); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a folder: %v", err)
	}
}
