package web

import (
	"fmt"
	"testing"

	"github.com/gatefold/gatefold/internal/search"
)

func TestFacets(t *testing.T) {
	s := newTestSite(t)
	f := search.Facets{Countries: []search.FacetCount{{Slug: "portugal", Name: "Portugal", N: 9}}}
	for i := range facetMost + 5 {
		f.Topics = append(f.Topics, search.FacetCount{Slug: fmt.Sprint("t-", i), Name: fmt.Sprint("T ", i), N: 100 - i})
	}
	got := s.facets(read(t, "q=x&topic=t-9&page=2"), f)
	if len(got) != 2 || got[0].Heading != "Topics" || got[1].Heading != "Countries" {
		t.Fatalf("facets %+v", got)
	}
	topics := got[0]
	if len(topics.Words) != facetOpen || len(topics.Words)+len(topics.More) != facetMost {
		t.Errorf("%d words stand open, %d behind", len(topics.Words), len(topics.More))
	}
	if first := topics.Words[0]; first != (word{Name: "T 9", Path: "/search?q=x", Articles: 91, Here: true}) {
		t.Errorf("what it is narrowed to comes first: %+v", first)
	}
	if second := topics.Words[1]; second != (word{Name: "T 0", Path: "/search?q=x&topic=t-0&topic=t-9", Articles: 100}) {
		t.Errorf("then the most frequent: %+v", second)
	}
}

func TestHistogram(t *testing.T) {
	s := newTestSite(t)
	years := func(from, to int) (out []search.YearCount) {
		for y := from; y <= to; y++ {
			out = append(out, search.YearCount{Year: y, N: 1 + (y-from)*10})
		}
		return out
	}
	h := s.drawYears(read(t, "q=x&topic=water"), years(2014, 2019))
	if len(h.Bars) != 6 || h.Width != 60 || h.First != "2014" || h.Last != "2019" || h.All != nil {
		t.Errorf("%+v", h)
	}
	if last := h.Bars[5]; last != (bar{Name: "2019", Path: "/search?q=x&topic=water&from=2019&to=2019", Articles: 51, X: 51, Y: 0, Wide: 8, High: 60}) {
		t.Errorf("the highest bar is %+v", last)
	}
	if first := h.Bars[0]; first.High != leastHigh || first.Y != barsHigh-leastHigh {
		t.Errorf("the lowest bar is %+v", first)
	}
	h = s.drawYears(read(t, "q=x&from=2015&to=2016"), years(2014, 2019))
	here := ""
	for _, b := range h.Bars {
		if b.Here {
			here += b.Name + " "
		}
	}
	if here != "2015 2016 " || h.All == nil || h.All.Path != "/search?q=x" {
		t.Errorf("narrowed to %q, all at %+v", here, h.All)
	}
	h = s.drawYears(read(t, "q=x"), years(1901, 2024))
	if len(h.Bars) != 25 || h.Bars[0].Name != "1900–1904" || h.Bars[24].Name != "2020–2024" || h.Bars[24].Articles != 1191+1201+1211+1221+1231 {
		t.Errorf("%d bars of a long time, from %+v to %+v", len(h.Bars), h.Bars[0], h.Bars[len(h.Bars)-1])
	}
	gap := s.drawYears(read(t, "q=x"), []search.YearCount{{Year: 2010, N: 3}, {Year: 2019, N: 3}})
	if len(gap.Bars) != 2 || gap.Width != 100 || gap.Bars[1].X != 91 {
		t.Errorf("years without articles leave a gap: %+v", gap)
	}
}
