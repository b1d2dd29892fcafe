package media

import (
	"slices"
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/fault"
)

func TestVariantsAreNeverWiderThanThePicture(t *testing.T) {
	for _, c := range []struct {
		width int
		want  []int
	}{
		{1, []int{1}},
		{320, []int{320}},
		{321, []int{320, 321}},
		{1200, []int{320, 640, 800, 1200}},
		{1920, []int{320, 640, 800, 1280, 1920}},
	} {
		if got := (Image{Width: c.width}).Variants(); !slices.Equal(got, c.want) {
			t.Errorf("a picture %d wide: %v, want %v", c.width, got, c.want)
		}
	}
}

func TestFit(t *testing.T) {
	i := Image{Width: 1200}
	for want, got := range map[int]int{0: 320, 320: 320, 321: 640, 641: 800, 801: 1200, 1200: 1200, 5000: 1200} {
		if w := i.Fit(want); w != got {
			t.Errorf("Fit(%d) = %d, want %d", want, w, got)
		}
	}
}

func TestSrcSet(t *testing.T) {
	name := nameOf([]byte("x"))
	i := Image{Name: name, Width: 700, Height: 300}
	want := "/media/320/" + name + " 320w, /media/640/" + name + " 640w, /media/700/" + name + " 700w"
	if got := i.SrcSet(); got != want {
		t.Errorf("SrcSet() = %q, want %q", got, want)
	}
}

func TestNames(t *testing.T) {
	good := nameOf([]byte("picture"))
	if err := checkName(good); err != nil || good == nameOf([]byte("another")) {
		t.Errorf("name %q: %v", good, err)
	}
	for _, bad := range []string{
		"", ".jpg", "../../../../../../../../etc/passwd", strings.ToUpper(good), good + "/", "/" + good, good + "\x00",
		strings.Replace(good, ".jpg", ".png", 1), strings.Repeat("0", 31) + ".jpg", strings.Repeat("0", 33) + ".jpg",
		strings.Repeat(".", 32) + ".jpg", "..%2f" + good[5:], strings.Repeat("g", 32) + ".jpg", "0/" + good[2:], good + "\n",
	} {
		if err := checkName(bad); !fault.Is(err, fault.NotFound) {
			t.Errorf("checkName(%q) = %v, want NotFound", bad, err)
		}
	}
}
