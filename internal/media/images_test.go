package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"io/fs"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// shelf is a Store in memory that counts and can be made to fail.
type shelf struct {
	mu    sync.Mutex
	files map[string][]byte
	kept  int
	room  int // Keep fails when it is used up
}

func newShelf() *shelf { return &shelf{files: map[string][]byte{}, room: 1 << 20} }

var errFull = errors.New("no room")

func (s *shelf) Keep(_ context.Context, key string, content []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.room--; s.room < 0 {
		return errFull
	}
	s.kept++
	s.files[key] = content
	return nil
}

func (s *shelf) Open(_ context.Context, key string) (io.ReadSeekCloser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.files[key]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return struct {
		io.ReadSeeker
		io.Closer
	}{bytes.NewReader(b), io.NopCloser(nil)}, nil
}

// onBoth runs f with pictures on a shelf, on both databases.
func onBoth(t *testing.T, f func(t *testing.T, m *Images, s *shelf)) {
	t.Helper()
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		s := newShelf()
		f(t, New(db, s), s)
	})
}

func put(t *testing.T, m *Images, upload []byte) Image {
	t.Helper()
	i, err := m.Put(context.Background(), bytes.NewReader(upload))
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// opened decodes a rendition and returns its bytes too.
func opened(t *testing.T, m *Images, name string, width int) (image.Image, []byte) {
	t.Helper()
	f, err := m.Open(context.Background(), name, width)
	if err != nil {
		t.Fatalf("open %s %d: %v", name, width, err)
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	p, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("%s %d is not a JPEG file: %v", name, width, err)
	}
	return p, b
}

// rendered is what Put makes of an upload.
func rendered(upload []byte) ([]rendition, error) {
	return New(nil, nil).render(context.Background(), upload)
}

func TestPutKeepsEveryRendition(t *testing.T) {
	onBoth(t, func(t *testing.T, m *Images, _ *shelf) {
		i := put(t, m, asJPEG(t, corners(2400, 1201)))
		if want := (Image{i.Name, 1920, 961}); i != want {
			t.Fatalf("Put = %+v, want %+v", i, want)
		}
		if found, err := m.Find(context.Background(), i.Name); err != nil || found != i {
			t.Fatalf("Find = %+v, %v, want %+v", found, err, i)
		}
		for _, w := range i.Variants() {
			p, _ := opened(t, m, i.Name, w)
			size := p.Bounds().Size()
			if want := image.Pt(w, scaled(961, w, 1920)); size != want {
				t.Errorf("rendition %d is %v, want %v", w, size, want)
			}
			for q, c := range quarters {
				if x, y := (1+2*(q%2))*size.X/4, (1+2*(q/2))*size.Y/4; !near(p, x, y, c) {
					t.Errorf("rendition %d at %d,%d is %v, want %v", w, x, y, p.At(x, y), c)
				}
			}
		}
	})
}

func TestPutAgainChangesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, m *Images, s *shelf) {
		upload := asPNG(t, corners(400, 300))
		first := put(t, m, upload)
		kept := s.kept
		if again := put(t, m, upload); again != first || s.kept != kept {
			t.Errorf("again: %+v and %d files, first: %+v and %d files", again, s.kept, first, kept)
		}
		clear(s.files) // the folder is lost, the database is not
		if healed := put(t, m, upload); healed != first || len(s.files) != 2 {
			t.Errorf("healed: %+v and files %d", healed, len(s.files))
		}
	})
}

func TestPutOfOnePictureByMany(t *testing.T) {
	onBoth(t, func(t *testing.T, m *Images, _ *shelf) {
		upload := asJPEG(t, corners(300, 200))
		var wg sync.WaitGroup
		names := make([]string, 12)
		for n := range names {
			wg.Go(func() {
				i, err := m.Put(context.Background(), bytes.NewReader(upload))
				if err != nil {
					t.Error(err)
				}
				names[n] = i.Name
			})
		}
		wg.Wait()
		for _, n := range names {
			if n != nameOf(upload) {
				t.Errorf("a name is %q", n)
			}
		}
	})
}

// A picture with a file missing has no row, so that nobody is ever told of it.
func TestPutThatFailsLeavesNoPicture(t *testing.T) {
	onBoth(t, func(t *testing.T, m *Images, s *shelf) {
		ctx := context.Background()
		upload := asJPEG(t, corners(800, 600))
		s.room = 2
		if _, err := m.Put(ctx, bytes.NewReader(upload)); !errors.Is(err, errFull) {
			t.Fatalf("Put into a full store = %v", err)
		}
		if _, err := m.Find(ctx, nameOf(upload)); !fault.Is(err, fault.NotFound) {
			t.Fatalf("Find = %v, want NotFound", err)
		}
		s.room = 10
		i := put(t, m, upload)
		for _, w := range i.Variants() {
			opened(t, m, i.Name, w)
		}
	})
}

func TestFormats(t *testing.T) {
	blue := color.NRGBA{10, 40, 200, 255}
	half := image.NewNRGBA64(image.Rect(0, 0, 60, 40))
	gray := image.NewGray16(image.Rect(5, 5, 65, 45)) // a picture need not begin at 0,0
	for i := range gray.Pix {
		gray.Pix[i] = 0x80
	}
	for name, c := range map[string]struct {
		upload []byte
		want   color.RGBA
	}{
		"JPEG":               {asJPEG(t, flat(60, 40, blue)), color.RGBA{10, 40, 200, 255}},
		"PNG":                {asPNG(t, flat(60, 40, blue)), color.RGBA{10, 40, 200, 255}},
		"GIF":                {asGIF(t, flat(60, 40, color.NRGBA{0, 0, 255, 255})), color.RGBA{0, 0, 255, 255}},
		"WebP":               {asWebP(60, 40, blue), color.RGBA{10, 40, 200, 255}},
		"PNG of 16 bits":     {asPNG(t, gray), color.RGBA{0x80, 0x80, 0x80, 255}},
		"a transparent PNG":  {asPNG(t, half), paper},
		"a transparent WebP": {asWebP(60, 40, color.NRGBA{200, 0, 0, 0}), paper},
		"half transparent":   {asPNG(t, flat(60, 40, color.NRGBA{0, 0, 0, 128})), color.RGBA{0x7e, 0x7e, 0x7c, 255}},
	} {
		t.Run(name, func(t *testing.T) {
			rs, err := rendered(c.upload)
			if err != nil {
				t.Fatal(err)
			}
			p, err := jpeg.Decode(bytes.NewReader(rs[0].jpeg))
			if err != nil || p.Bounds().Size() != image.Pt(60, 40) {
				t.Fatalf("%v, %v", p.Bounds(), err)
			}
			if !near(p, 30, 20, c.want) {
				t.Errorf("the color is %v, want %v", p.At(30, 20), c.want)
			}
		})
	}
}

func flat(w, h int, c color.NRGBA) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

// endless is a reader that never ends.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) { e.read += len(p); return len(p), nil }

func TestHostileUploadsAreRefusedBeforeTheyCostAnything(t *testing.T) {
	whole := asJPEG(t, corners(200, 200))
	vp8x := chunk("VP8X", []byte{0, 0, 0, 0, 0xff, 0xff, 0, 0xff, 0x2f, 0})
	for name, c := range map[string]struct {
		upload []byte
		says   string
	}{
		"nothing":            {nil, "not a JPEG"},
		"HTML":               {[]byte("<html><script>alert(1)</script>"), "not a JPEG"},
		"SVG":                {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), "not a JPEG"},
		"a RIFF sound":       {[]byte("RIFF\x24\x00\x00\x00WAVEfmt "), "not a JPEG"},
		"GIF magic only":     {[]byte("GIF89a"), "damaged"},
		"JPEG magic only":    {[]byte("\xff\xd8\xff"), "damaged"},
		"a cut JPEG":         {whole[:len(whole)/2], "damaged"},
		"a cut PNG":          {asPNG(t, corners(90, 90))[:200], "damaged"},
		"a PNG of 20,000²":   {pngClaiming(20000, 20000, 8), "20000 by 20000"},
		"a deep PNG of 36 M": {pngClaiming(6000, 6000, 16), "more than 50 megapixels"},
		"a PNG strip":        {pngClaiming(1<<31-1, 1, 8), "a side may have 30000"},
		"a PNG of 0":         {pngClaiming(0, 10, 8), "damaged"},
		"a GIF of 65,535²":   {[]byte("GIF89a\xff\xff\xff\xff\x00\x00\x00"), "65535 by 65535"},
		"a JPEG of 65,000²":  {[]byte("\xff\xd8\xff\xc0\x00\x11\x08\xfd\xe8\xfd\xe8\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01\xff\xda\x00\x0c"), "65000 by 65000"},
		"a WebP of 65,536":   {webpFile(vp8x), "65536 by"},
		"a WebP that lies":   {webpFile(chunk("VP8X", []byte{0, 0, 0, 0, 9, 0, 0, 9, 0, 0}), asWebP(16000, 16000, color.NRGBA{A: 255})[12:]), "damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := rendered(c.upload)
			runtime.ReadMemStats(&after)
			if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want Invalid that says %q", err, c.says)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 4<<20 {
				t.Errorf("%d KB were allocated", used>>10)
			}
		})
	}
}

func TestPutReadsNoFurtherThanTheLimit(t *testing.T) {
	onBoth(t, func(t *testing.T, m *Images, s *shelf) {
		e := new(endless)
		if _, err := m.Put(context.Background(), e); !fault.Is(err, fault.Invalid) {
			t.Errorf("Put of an endless upload = %v", err)
		}
		if e.read > 2*MaxBytes || len(s.files) != 0 {
			t.Errorf("%d bytes were read, %d files kept", e.read, len(s.files))
		}
	})
}

func TestPutStopsWhenTheClientIsGone(t *testing.T) {
	onBoth(t, func(t *testing.T, m *Images, s *shelf) {
		if err := m.room.Acquire(context.Background(), MaxPixels); err != nil { // other pictures are being decoded
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error)
		go func() {
			_, err := m.Put(ctx, bytes.NewReader(asJPEG(t, corners(100, 100))))
			done <- err
		}()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) || len(s.files) != 0 {
			t.Errorf("Put = %v with %d files", err, len(s.files))
		}
	})
}

func TestOpenGivesOnlyWhatPutMade(t *testing.T) {
	onBoth(t, func(t *testing.T, m *Images, s *shelf) {
		i := put(t, m, asJPEG(t, corners(500, 100)))
		s.files["aa/secret-320.jpg"] = []byte("secret")
		for _, c := range []struct {
			name  string
			width int
		}{
			{i.Name, 0}, {i.Name, -320}, {i.Name, 640}, {i.Name, 321}, {i.Name, 1 << 40},
			{"aa/secret", 320}, {"../" + i.Name, 320}, {nameOf([]byte("other")), 320}, {"", 320},
		} {
			if _, err := m.Open(context.Background(), c.name, c.width); !fault.Is(err, fault.NotFound) {
				t.Errorf("Open(%q, %d) = %v, want NotFound", c.name, c.width, err)
			}
		}
	})
}

func FuzzRender(f *testing.F) {
	small := corners(24, 16)
	for _, seed := range [][]byte{asJPEG(f, small), asPNG(f, small), asGIF(f, small), asWebP(24, 16, color.NRGBA{1, 2, 3, 200}),
		withExif(asJPEG(f, small), exifData(bigEndian, 6)), pngClaiming(7000, 7000, 8), webpFile()} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, upload []byte) {
		if format, ok := recognize(upload); ok {
			c, err := format.header(bytes.NewReader(upload))
			if err == nil && c.Width*c.Height > 1<<18 && checkSize(c) == nil {
				return // sound and large: slow, and not what is looked for
			}
		}
		rs, err := rendered(upload)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("an upload was not refused as Invalid: %v", err)
			}
			return
		}
		for n, r := range rs {
			c, err := jpeg.DecodeConfig(bytes.NewReader(r.jpeg))
			if err != nil || fmt.Sprint(c.Width, c.Height) != fmt.Sprint(r.width, r.height) || r.width > 1920 {
				t.Errorf("rendition %d: %+v, %v, said to be %d by %d", n, c, err, r.width, r.height)
			}
		}
	})
}
