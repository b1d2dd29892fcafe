package page

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// member decompresses exactly one gzip member with the standard library, which checks the CRC and the length; nothing
// may follow it.
func member(t failer, b []byte) []byte {
	t.Helper()
	in := bytes.NewReader(b)
	z, err := gzip.NewReader(in)
	if err != nil {
		t.Fatalf("header: %v", err)
	}
	z.Multistream(false)
	out, err := io.ReadAll(z)
	if err != nil {
		t.Fatalf("after %d bytes: %v", len(out), err)
	}
	if in.Len() != 0 {
		t.Fatalf("%d bytes after the end", in.Len())
	}
	return out
}

// anyText draws a text of a page: nothing, something short, what is like other pages, or a lot that does not compress.
func anyText(t *rapid.T, label string) string {
	switch rapid.IntRange(0, 4).Draw(t, label+" kind") {
	case 0:
		return ""
	case 1:
		return strings.Repeat("<p>The same sentence, over and over.</p>\n", rapid.IntRange(1, 3000).Draw(t, label+" lines"))
	case 2: // around the most that one stored block holds, and more
		n := rapid.IntRange(storedLimit-2, 3*storedLimit).Draw(t, label+" length")
		unit := rapid.StringN(1, 40, 100).Draw(t, label)
		return strings.Repeat(unit, n/len(unit)+1)[:n]
	}
	return rapid.String().Draw(t, label)
}

func TestPersonalPageIsThePageWithItsHolesFilled(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[a-z-]{1,32}`)
		fills, defaults := map[string]string{}, map[string]string{}
		var rendered, shared, personal strings.Builder
		var holes []string
		text := func() {
			s := strings.NewReplacer("\x02", "", "\x03", "").Replace(anyText(t, "text"))
			for _, b := range []*strings.Builder{&rendered, &shared, &personal} {
				b.WriteString(s)
			}
		}
		text()
		for range rapid.IntRange(0, 6).Draw(t, "holes") {
			hole := name.Draw(t, "hole")
			if _, again := fills[hole]; !again {
				fills[hole], defaults[hole] = anyText(t, "fill"), rapid.String().Draw(t, "default")
			}
			holes = append(holes, hole)
			rendered.WriteString(Hole(hole))
			shared.WriteString(defaults[hole])
			personal.WriteString(fills[hole])
			text() // may be nothing: two holes side by side, or one at the end
		}
		s := NewShared("text/html", []byte(rendered.String()), defaults)
		if !slices.Equal(s.Holes(), holes) {
			t.Fatalf("holes %q, want %q", s.Holes(), holes)
		}
		if string(s.Bytes()) != shared.String() || string(member(t, s.Gzip())) != shared.String() {
			t.Fatalf("the shared page is not the page with its defaults")
		}
		if len(holes) == 0 {
			return
		}
		before := []byte("what was in the buffer")
		b := s.AppendPersonal(slices.Clone(before), func(hole string) string { return fills[hole] })
		if !bytes.HasPrefix(b, before) {
			t.Fatalf("what was in the buffer is gone")
		}
		if have := member(t, b[len(before):]); string(have) != personal.String() {
			t.Fatalf("%d bytes of a page of %d", len(have), personal.Len())
		}
	})
}

func TestHolesByHand(t *testing.T) {
	long := strings.Repeat("0123456789", 20_000) // four stored blocks
	for _, c := range []struct{ name, rendered, want string }{
		{"one", "a" + Hole("x") + "b", "a[x]b"},
		{"at both ends", Hole("x") + "a" + Hole("y"), "[x]a[y]"},
		{"side by side", "a" + Hole("x") + Hole("y") + Hole("x") + "b", "a[x][y][x]b"},
		{"nothing else", Hole("x"), "[x]"},
		{"long", "a" + Hole("long") + "b" + Hole("long"), "a" + long + "b" + long},
		{"empty", "a" + Hole("nothing") + "b", "ab"},
		{"what was typed to look like one", "\x02x\x03" + Hole("x"), "\x02x\x03[x]"},
		{"what only looks like holes", "\x02X\x03 \x02\x03 \x02a \x03" + Hole("x") + "\x02" + strings.Repeat("y", 33) + "\x03",
			"\x02X\x03 \x02\x03 \x02a \x03[x]\x02" + strings.Repeat("y", 33) + "\x03"},
	} {
		s := NewShared("text/html", []byte(c.rendered), nil)
		b := s.AppendPersonal(nil, func(hole string) string {
			switch hole {
			case "long":
				return long
			case "nothing":
				return ""
			}
			return "[" + hole + "]"
		})
		if have := string(member(t, b)); have != c.want {
			t.Errorf("%s: %.80q, want %.80q", c.name, have, c.want)
		}
	}
}

func TestImprovedPageIsTheSamePage(t *testing.T) {
	text := strings.Repeat("An article of some length, with words that come again and again. ", 300)
	s := NewShared("text/html", []byte(text+Hole("name")+text), map[string]string{"name": "nobody"})
	quick, tag := len(s.Gzip()), s.gzip.Load().etag[0]
	s.Improve()
	if string(s.Bytes()) != text+"nobody"+text {
		t.Error("another page")
	}
	if len(s.Gzip()) > quick {
		t.Errorf("%d bytes became %d", quick, len(s.Gzip()))
	}
	if s.gzip.Load().etag[0] != tag {
		t.Error("the ETag changed without the content")
	}
	if have := member(t, s.AppendPersonal(nil, func(string) string { return "Ada" })); string(have) != text+"Ada"+text {
		t.Error("another personal page")
	}
}

func TestTagsTellContentsApart(t *testing.T) {
	tag := func(text, fill string) string {
		return NewShared("text/html", []byte(text), map[string]string{"x": fill}).tag
	}
	if tag("a"+Hole("x"), "b") != tag("ab", "") {
		t.Error("the same bytes have two tags")
	}
	if tag("teaser", "") == tag("teaser and all the rest", "") || tag("a"+Hole("x"), "b") == tag("a"+Hole("x"), "c") {
		t.Error("two contents share a tag")
	}
}

func TestCombinedChecksum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.SliceOf(rapid.Byte()).Draw(t, "a"), rapid.SliceOfN(rapid.Byte(), 0, 5000).Draw(t, "b")
		want := crc32.ChecksumIEEE(append(slices.Clone(a), b...))
		if have := combine(crc32.ChecksumIEEE(a), crc32.ChecksumIEEE(b), shiftFor(len(b))); have != want {
			t.Fatalf("%08x, want %08x", have, want)
		}
	})
}

func TestAPersonalPageIsFilledAtOnceByMany(t *testing.T) {
	s := NewShared("text/html", []byte("Dear "+Hole("name")+"!"), nil)
	t.Run("many", func(t *testing.T) {
		for i := range 8 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				for n := range 200 {
					who := fmt.Sprint(i, "-", n)
					if n == 100 {
						s.Improve()
					}
					if have := member(t, s.AppendPersonal(nil, func(string) string { return who })); string(have) != "Dear "+who+"!" {
						t.Fatalf("%q", have)
					}
				}
			})
		}
	})
}

func BenchmarkAppendPersonal(b *testing.B) {
	text := strings.Repeat("An article of some length, with words that come again and again. ", 300)
	s := NewShared("text/html", []byte(text+Hole("name")+text+Hole("left")+text), nil)
	var buf []byte
	for b.Loop() {
		buf = s.AppendPersonal(buf[:0], func(string) string { return "Ada Lovelace" })
	}
}
