package media

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"strings"
	"sync"
	"testing"
)

var cards = map[string]Card{
	"short":    {Publication: "The Meridian Review", Section: "Essays", Title: "Somewhere to sit", Byline: "Efua Abakah-Mills"},
	"long":     {Publication: "The Meridian Review", Section: "In-Depth", Title: strings.Repeat("a headline nobody ever cut ", 30), Byline: strings.Repeat("Beatriz Oyarzún Peel, ", 9)},
	"one word": {Publication: "R", Title: strings.Repeat("Donaudampfschiffahrtsgesellschaft", 6)},
	"Cyrillic": {Publication: "Вестник Европы", Section: "Эссе", Title: "Как читать атлас", Byline: "Анна Иванова"},
	"Chinese":  {Publication: "国际评论", Title: "如何阅读地图集", Byline: "李"},
	"empty":    {},
	"controls": {Publication: "The\x00 Review", Title: "A\u200bB\nC\u202e", Accent: color.RGBA{0, 90, 60, 255}},
}

func drawn(t *testing.T, c Card) (image.Image, []byte) {
	t.Helper()
	b, err := c.PNG()
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return m, b
}

func TestCards(t *testing.T) {
	for name, c := range cards {
		t.Run(name, func(t *testing.T) {
			m, b := drawn(t, c)
			if m.Bounds() != image.Rect(0, 0, CardWidth, CardHeight) {
				t.Errorf("the size is %v", m.Bounds())
			}
			if len(b) > 80<<10 {
				t.Errorf("the file has %d KB", len(b)>>10)
			}
			if inked(m, image.Rect(0, 0, cardMargin-4, CardHeight)) || inked(m, image.Rect(CardWidth-cardMargin+4, 0, CardWidth, CardHeight)) ||
				inked(m, image.Rect(0, bylineY+20, CardWidth, CardHeight)) {
				t.Error("there is ink in the margin")
			}
			if inked(m, image.Rect(0, titleBottom+6, CardWidth, bylineRule)) {
				t.Error("the headline runs into the byline")
			}
			if _, again := drawn(t, c); !bytes.Equal(b, again) {
				t.Error("the same card gave other bytes")
			}
		})
	}
}

// inked reports whether anything but paper is in a part of a picture.
func inked(m image.Image, r image.Rectangle) bool {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if color.RGBAModel.Convert(m.At(x, y)) != paper {
				return true
			}
		}
	}
	return false
}

func TestCardsShowWhatTheySay(t *testing.T) {
	middle := image.Rect(0, mastheadY+20, CardWidth, bylineRule)
	name := image.Rect(0, mastheadRule+5, CardWidth, mastheadY+20)
	byline := image.Rect(0, bylineRule+2, CardWidth, CardHeight)
	for of, want := range map[string][3]bool{
		"short": {true, true, true}, "Cyrillic": {true, true, true},
		"empty":   {false, false, false},
		"Chinese": {false, false, false}, // no boxes in place of letters
	} {
		m, _ := drawn(t, cards[of])
		if got := [3]bool{inked(m, name), inked(m, middle), inked(m, byline)}; got != want {
			t.Errorf("%s: name, headline and byline drawn: %v, want %v", of, got, want)
		}
	}
	green, _ := drawn(t, Card{Section: "Essays", Accent: color.RGBA{0, 90, 60, 255}})
	plain, _ := drawn(t, Card{Section: "Essays"})
	if !holds(green, color.RGBA{0, 90, 60, 255}) || !holds(plain, accent) || holds(plain, color.RGBA{0, 90, 60, 255}) {
		t.Error("the section is not in the accent of the publication")
	}
}

func holds(m image.Image, c color.RGBA) bool {
	for y := range m.Bounds().Dy() {
		for x := range m.Bounds().Dx() {
			if color.RGBAModel.Convert(m.At(x, y)) == c {
				return true
			}
		}
	}
	return false
}

func TestCardsAreDrawnSideBySide(t *testing.T) {
	_, want := drawn(t, cards["short"])
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if b, err := cards["short"].PNG(); err != nil || !bytes.Equal(b, want) {
				t.Errorf("a card drawn beside others differs: %v", err)
			}
		})
	}
	wg.Wait()
}

func TestWrapIsEvenAndWithinTheMeasure(t *testing.T) {
	s, err := newStyle(semibold, 60, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"Hunger", "Hunger"},
		{"How to read an atlas", "How to read an atlas"},
		{"The convention that is read at the Bosphorus today", "The convention that is read|at the Bosphorus today"}, // not "today" alone
	} {
		lines := s.wrap(c.text, cardMeasure)
		if got := strings.Join(lines, "|"); got != c.want {
			t.Errorf("wrap(%q) = %q, want %q", c.text, got, c.want)
		}
		if len(lines) != len(s.fill(c.text, cardMeasure)) {
			t.Errorf("%q takes more lines than it needs", c.text)
		}
	}
}

func TestClip(t *testing.T) {
	s, err := newStyle(regular, 30, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		line    string
		measure int
		want    string
	}{
		{"Ines Marvell", 400, "Ines Marvell"},
		{"Ines Marvell, Daniel Ashgrove and Losa Faleafine", 400, "Ines Marvell, Daniel…"},
		{"Ines Marvell, Daniel", 200, "Ines Marvell…"},
		{"Incomprehensibilities", 120, "Incom…"},
	} {
		got := s.clip(c.line, c.measure)
		if got != c.want || s.width(got) > c.measure {
			t.Errorf("clip(%q, %d) = %q, %d wide, want %q", c.line, c.measure, got, s.width(got), c.want)
		}
	}
}

func BenchmarkCard(b *testing.B) {
	for b.Loop() {
		if _, err := cards["short"].PNG(); err != nil {
			b.Fatal(err)
		}
	}
}
