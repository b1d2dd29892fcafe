package main

import (
	"math"
	"strings"
	"testing"
)

// A square of two countries that share a border: arc 0 is the border, 1 and 2 the rest of each.
const square = `{"transform": {"scale": [1, 1], "translate": [0, 0]},
	"arcs": [[[10, 0], [0, 10]], [[10, 10], [-10, 0], [0, -10], [10, 0]], [[10, 0], [10, 0], [0, 10], [-10, 0]]],
	"objects": {"countries": {"geometries": [
		{"type": "Polygon", "arcs": [[0, 1]], "properties": {"name": "eSwatini"}},
		{"type": "MultiPolygon", "arcs": [[[2, -1]]], "properties": {"name": "Eastland"}},
		{"type": "Polygon", "arcs": [[0, 1]], "properties": {"name": "Antarctica"}}]}}}`

func TestDraw(t *testing.T) {
	var b strings.Builder
	if err := draw(&b, []byte(square)); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 2 || !strings.HasPrefix(lines[0], "Eastland\t") || !strings.HasPrefix(lines[1], "Eswatini; Swaziland\t") {
		t.Fatalf("drawn:\n%s", b.String())
	}
	for _, l := range lines {
		if path := strings.Split(l, "\t")[2]; !strings.HasPrefix(path, "M") || !strings.HasSuffix(path, "z") {
			t.Errorf("path %q", path)
		}
	}
	for _, broken := range []string{"{", strings.Replace(square, `"MultiPolygon"`, `"Point"`, 1), strings.Replace(square, "[[0, 1]]", "7", 1)} {
		if err := draw(&b, []byte(broken)); err == nil {
			t.Errorf("drawn without complaint: %.60s", broken)
		}
	}
}

// The projection is that of its authors: the whole width at the equator, and areas true.
func TestProject(t *testing.T) {
	if p := project(edge+180, 0); math.Abs(p.x-width/2) > 1e-9 {
		t.Errorf("the middle is at %v", p)
	}
	if p := project(edge+359.999, 0); math.Abs(p.x-width) > .1 {
		t.Errorf("the right end is at %v", p)
	}
	if p := project(0, 90); p.y != 0 {
		t.Errorf("the pole is at %v", p)
	}
	cell := func(latitude float64) float64 {
		return area([]point{project(10, latitude), project(11, latitude), project(11, latitude+1), project(10, latitude+1)}) /
			(math.Sin((latitude+1)*math.Pi/180) - math.Sin(latitude*math.Pi/180))
	}
	for _, latitude := range []float64{-40, 30, 60, 75} {
		if ratio := cell(latitude) / cell(0); math.Abs(ratio-1) > .01 {
			t.Errorf("at %v degrees areas are %v of what they should be", latitude, ratio)
		}
	}
}

func TestSimplify(t *testing.T) {
	line := []point{{0, 0}, {1, tolerance / 2}, {2, 0}, {3, 2 * tolerance}, {4, 0}}
	got := simplify(line)
	if len(got) != 4 || got[0] != line[0] || got[2] != line[3] || got[3] != line[4] {
		t.Errorf("simplified to %v", got)
	}
	if torn([]point{{1, 0}, {2, 0}, {3, 1}}) || !torn([]point{{1, 0}, {width - 1, 0}, {3, 1}}) {
		t.Error("what is torn is not told from what is not")
	}
	if path := pathOf([]point{{1, 1}, {1.2, 1.2}, {1.3, 1}}); path != "" {
		t.Errorf("a ring without area is drawn as %q", path)
	}
}
