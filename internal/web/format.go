package web

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/media"
)

// when writes the day of a time in the publication's zone.
func (s *Site) when(at time.Time) string { return s.texts.Day(at.In(s.zone)) }

// clock writes the time of day: "06:30".
func (s *Site) clock(at time.Time) string { return at.In(s.zone).Format("15:04") }

// number writes a count as the language does: "28,282".
func (s *Site) number(n int) string {
	digits := strconv.Itoa(n)
	var b strings.Builder
	for i, c := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(s.texts.T("number.thousands"))
		}
		b.WriteRune(c)
	}
	return b.String()
}

// levelTag is the word beside an article that not everyone may read, "" for the rest.
func (s *Site) levelTag(l access.Level) string {
	if l == access.Subscriber {
		return s.texts.T("level.subscriber")
	}
	return ""
}

// src is the address of a picture at about a width.
func (s *Site) src(i *library.Image, width int) string {
	m := pictureOf(i)
	return m.Path(m.Fit(width))
}

// srcset lists the sizes of a picture (HTML, 4.8.4.2.1).
func (s *Site) srcset(i *library.Image) template.Srcset {
	return template.Srcset(pictureOf(i).SrcSet())
}

func pictureOf(i *library.Image) media.Image {
	return media.Image{Name: i.File, Width: i.Width, Height: i.Height}
}

// AccentCSS is the part of the stylesheet that the publication sets: its accent, and one that reads well on the dark
// paper, mixed with it from the same colour.
func AccentCSS(accent string) string {
	return fmt.Sprintf(":root{--accent:%s;--accent-dark:%s}\n", accent, OnDark(accent))
}

// OnDark mixes a colour with the dark scheme's ink until it has a contrast of 4.5 on the dark paper (WCAG 2.2,
// 1.4.3).
func OnDark(accent string) string {
	const paper, ink = "#151412", "#ffe9e2"
	from, to := rgb(accent), rgb(ink)
	for step := 0; step <= 20; step++ {
		var c [3]float64
		for i := range c {
			c[i] = from[i] + (to[i]-from[i])*float64(step)/20
		}
		if contrast(c, rgb(paper)) >= 6.5 {
			return fmt.Sprintf("#%02x%02x%02x", int(c[0]), int(c[1]), int(c[2]))
		}
	}
	return ink
}
