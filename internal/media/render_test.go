package media

import (
	"context"
	"errors"
	"image"
	"image/color"
	"math"
	"testing"

	"golang.org/x/image/draw"
)

// Scaling in bands gives what scaling at once gives, but for the rounding between the two directions.
func TestResizeInBandsIsSeamless(t *testing.T) {
	src := image.NewRGBA(image.Rect(0, 0, 331, 257))
	for y := range 257 {
		for x := range 331 {
			src.SetRGBA(x, y, color.RGBA{wave(x, 9), wave(y, 7), wave(x+2*y, 23), 255})
		}
	}
	size := image.Pt(150, 117)
	whole := image.NewRGBA(image.Rectangle{Max: size})
	draw.CatmullRom.Scale(whole, whole.Bounds(), src, src.Bounds(), draw.Src, nil)
	got, err := resize(context.Background(), src, size)
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole.Pix {
		if d := int(whole.Pix[i]) - int(got.Pix[i]); d < -3 || d > 3 {
			t.Fatalf("pixel %d,%d differs: %d, at once %d", i/4%size.X, i/4/size.X, got.Pix[i], whole.Pix[i])
		}
	}
}

// wave is a smooth row of values with a period.
func wave(x, period int) uint8 { return uint8(128 + 100*math.Sin(float64(x)/float64(period))) }

func TestResizeKeepsFlatColor(t *testing.T) {
	got, err := resize(context.Background(), flat(500, 333, color.NRGBA{17, 99, 201, 255}), image.Pt(97, 64))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(got.Pix); i += 4 {
		if [4]byte(got.Pix[i:]) != [4]byte{17, 99, 201, 255} {
			t.Fatalf("pixel %d is %v", i/4, got.Pix[i:i+4])
		}
	}
}

func TestResizeStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := resize(ctx, corners(50, 50), image.Pt(10, 10)); !errors.Is(err, context.Canceled) {
		t.Errorf("resize = %v", err)
	}
}

func TestScaled(t *testing.T) {
	for _, c := range [][4]int{{1201, 1920, 2400, 961}, {1, 320, 30000, 1}, {3, 1, 2, 2}, {100, 50, 100, 50}} {
		if got := scaled(c[0], c[1], c[2]); got != c[3] {
			t.Errorf("scaled(%d, %d, %d) = %d, want %d", c[0], c[1], c[2], got, c[3])
		}
	}
}
