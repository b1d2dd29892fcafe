// Command worldmap makes world.txt, the map that the index of countries shows, of the Natural Earth borders that the
// npm package world-atlas holds as TopoJSON:
//
//	npm pack world-atlas && tar xzf world-atlas-*.tgz
//	go run ./internal/web/worldmap package/countries-50m.json > internal/web/world.txt
//
// A line of its output is a country: the names it is known by, parted by semicolons, the first as maps write it; then
// the middle of it; then its outline as the data of an SVG path, empty where that is too small to be seen. Numbers are
// units of a picture that is 2,000 wide, in the Equal Earth projection (Šavrič, Patterson, Jenny 2018), which shows
// every country at its true size.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
)

// How the map is drawn, in units of its picture.
const (
	width     = 2000
	south     = -56.5  // degrees: what lies farther south is left out
	edge      = -168.9 // degrees: where the picture begins and ends, in the Bering Strait
	tolerance = 0.9    // how far a simplified border may stray
	smallest  = 14.    // square units: what is smaller is not drawn, but for the largest part of a country,
	speck     = 26.    // which is a speck when it is smaller than this
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("expected the path of countries-50m.json")
	}
	b, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	out := bufio.NewWriter(os.Stdout)
	if err := draw(out, b); err != nil {
		log.Fatal(err)
	}
	if err := out.Flush(); err != nil {
		log.Fatal(err)
	}
}

// A topology is as much of TopoJSON (github.com/topojson/topojson-specification) as the file has.
type topology struct {
	Transform struct{ Scale, Translate [2]float64 }
	Arcs      [][][2]float64
	Objects   struct {
		Countries struct{ Geometries []geometry }
	}
}

type geometry struct {
	Type       string
	Arcs       json.RawMessage
	Properties struct{ Name string }
}

// polygons are the rings of a country, the outer one of each polygon first. A ring is a list of arcs, ~i for an arc that
// runs backward.
func (g geometry) polygons() (out [][][]int, err error) {
	switch g.Type {
	case "Polygon":
		out = make([][][]int, 1)
		err = json.Unmarshal(g.Arcs, &out[0])
	case "MultiPolygon":
		err = json.Unmarshal(g.Arcs, &out)
	default:
		err = fmt.Errorf("geometry of type %s", g.Type)
	}
	return out, err
}

type point struct{ x, y float64 }

func draw(w io.Writer, file []byte) error {
	var t topology
	if err := json.Unmarshal(file, &t); err != nil {
		return err
	}
	arcs := make([][]point, len(t.Arcs))
	for i, a := range t.Arcs {
		arcs[i] = simplify(t.decode(a))
	}
	var lines []string
	for _, g := range t.Objects.Countries.Geometries {
		polygons, err := g.polygons()
		if err != nil {
			return fmt.Errorf("%s: %w", g.Properties.Name, err)
		}
		if line := outline(g.Properties.Name, polygons, arcs); line != "" {
			lines = append(lines, line)
		}
	}
	slices.Sort(lines)
	_, err := io.WriteString(w, strings.Join(lines, "\n")+"\n")
	return err
}

// decode turns the steps of a quantized arc into points of the picture.
func (t topology) decode(arc [][2]float64) []point {
	out := make([]point, len(arc))
	var x, y float64
	for i, step := range arc {
		x, y = x+step[0], y+step[1]
		out[i] = project(x*t.Transform.Scale[0]+t.Transform.Translate[0], y*t.Transform.Scale[1]+t.Transform.Translate[1])
	}
	return out
}

// project places a longitude and a latitude, in degrees, in the picture.
func project(longitude, latitude float64) point {
	if longitude < edge {
		longitude += 360
	}
	x, y := equalEarth((longitude-edge-180)*math.Pi/180, max(latitude, south)*math.Pi/180)
	half, _ := equalEarth(math.Pi, 0)
	_, top := equalEarth(0, math.Pi/2)
	scale := width / (2 * half)
	return point{(x + half) * scale, (top - y) * scale}
}

func equalEarth(longitude, latitude float64) (x, y float64) {
	const a1, a2, a3, a4 = 1.340264, -0.081106, 0.000893, 0.003796
	m := math.Sqrt(3) / 2
	p := math.Asin(m * math.Sin(latitude))
	p2 := p * p
	p6 := p2 * p2 * p2
	return longitude * math.Cos(p) / (m * (a1 + 3*a2*p2 + p6*(7*a3+9*a4*p2))), p * (a1 + a2*p2 + p6*(a3+a4*p2))
}

// simplify leaves out the points of a border that stray less than the tolerance (Douglas, Peucker 1973). Its ends
// stay: where borders meet, they go on meeting.
func simplify(line []point) []point {
	if len(line) < 3 {
		return line
	}
	first, last := line[0], line[len(line)-1]
	far, at := 0., 0
	for i, p := range line[1 : len(line)-1] {
		if d := distance(p, first, last); d > far {
			far, at = d, i+1
		}
	}
	if far <= tolerance {
		return []point{first, last}
	}
	return append(simplify(line[:at+1]), simplify(line[at:])[1:]...)
}

// distance is that of a point from the line between two others.
func distance(p, a, b point) float64 {
	dx, dy := b.x-a.x, b.y-a.y
	if dx == 0 && dy == 0 {
		return math.Hypot(p.x-a.x, p.y-a.y)
	}
	return math.Abs(dy*(p.x-a.x)-dx*(p.y-a.y)) / math.Hypot(dx, dy)
}

// outline is the line of a country, "" for one that is not on the map.
func outline(name string, polygons [][][]int, arcs [][]point) string {
	names, ok := known[name]
	if !ok {
		names = name
	}
	if names == "" {
		return ""
	}
	var rings [][]point
	var whole float64 // the area of all of them
	for _, p := range polygons {
		for _, r := range p {
			ring := joined(r, arcs)
			if torn(ring) {
				continue
			}
			rings = append(rings, ring)
			whole += area(ring)
		}
	}
	slices.SortStableFunc(rings, func(a, b []point) int { return cmp.Compare(area(b), area(a)) })
	middle := middleOf(rings[0])
	var path strings.Builder
	for i, r := range rings {
		if whole >= speck && (i == 0 || area(r) >= smallest) {
			path.WriteString(pathOf(r))
		}
	}
	return fmt.Sprintf("%s\t%d %d\t%s", names, round(middle.x), round(middle.y), path.String())
}

func joined(ring []int, arcs [][]point) (out []point) {
	for _, i := range ring {
		arc := arcs[max(i, ^i)]
		if i < 0 {
			arc = slices.Clone(arc)
			slices.Reverse(arc)
		}
		if len(out) > 0 {
			arc = arc[1:] // where the arc before ended
		}
		out = append(out, arc...)
	}
	return out
}

// torn reports that a ring has parts at both edges of the picture, as one island of the Bering Strait has.
func torn(ring []point) bool {
	for i, p := range ring {
		if math.Abs(p.x-ring[(i+1)%len(ring)].x) > width/2 {
			return true
		}
	}
	return false
}

// area of a ring in square units.
func area(ring []point) (sum float64) {
	for i, p := range ring {
		q := ring[(i+1)%len(ring)]
		sum += p.x*q.y - q.x*p.y
	}
	return math.Abs(sum) / 2
}

// middleOf is the middle of the box around a ring.
func middleOf(ring []point) point {
	low, high := ring[0], ring[0]
	for _, p := range ring {
		low = point{min(low.x, p.x), min(low.y, p.y)}
		high = point{max(high.x, p.x), max(high.y, p.y)}
	}
	return point{(low.x + high.x) / 2, (low.y + high.y) / 2}
}

func round(v float64) int { return int(math.Round(v)) }

// pathOf writes a ring as a path of whole steps, "" for one that leaves no area.
func pathOf(ring []point) string {
	var b []byte
	x, y, steps := 0, 0, 0
	for i, p := range ring {
		px, py := round(p.x), round(p.y)
		switch {
		case i == 0:
			b = fmt.Appendf(b, "M%d %dl", px, py)
		case px == x && py == y:
			continue
		default:
			b = step(step(b, px-x), py-y)
			steps++
		}
		x, y = px, py
	}
	if steps < 3 {
		return ""
	}
	return string(b) + "z"
}

// step adds a number to a path. A minus sign parts it from the number before (SVG 2, 9.3.9).
func step(b []byte, n int) []byte {
	if last := b[len(b)-1]; n >= 0 && last != 'l' {
		b = append(b, ' ')
	}
	return strconv.AppendInt(b, int64(n), 10)
}
