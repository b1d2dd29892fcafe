package web

import (
	"fmt"
	"html"
	"html/template"
	"regexp"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/library"
)

// tag is the word beside a story that not everyone may read today, "" for the rest. The publication's rules have their
// say in it, as at the wall.
func (s *Site) tag(a interface{ Facts() access.Article }) string {
	return s.levelTag(s.Gate.Policy().Level(a.Facts(), s.Now()))
}

// names writes the names of a byline: "Ruth Adeyemi", "Ruth Adeyemi and Jonas Rydel", "A, B and C".
func (s *Site) names(all []string) string {
	if len(all) == 0 {
		return ""
	}
	line := all[0]
	for i, name := range all[1:] {
		if i == len(all)-2 {
			line = s.texts.T("list.last", line, name)
		} else {
			line = s.texts.T("list.next", line, name)
		}
	}
	return line
}

// moment writes when something appeared, as shortly as is clear at a time: "09:40", "Sun", "30 Oct", "Oct 2019".
func (s *Site) moment(at, now time.Time) string {
	at, now = at.In(s.zone), now.In(s.zone)
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, s.zone)
	switch month := s.texts.T(fmt.Sprint("month-short.", int(at.Month()))); {
	case !at.Before(midnight):
		return s.clock(at)
	case !at.Before(midnight.AddDate(0, 0, -6)):
		return s.texts.T(fmt.Sprint("weekday-short.", int(at.Weekday())))
	case at.Year() == now.Year():
		return s.texts.T("date.short", at.Day(), month)
	default:
		return s.texts.T("date.month", month, at.Year())
	}
}

// shortDay writes a day, without its year in the year it is.
func (s *Site) shortDay(at, now time.Time) string {
	at = at.In(s.zone)
	if at.Year() == now.In(s.zone).Year() {
		return s.texts.T("date.short", at.Day(), s.texts.Month(int(at.Month())))
	}
	return s.texts.Day(at)
}

// A picture is the photograph of a story in one of the places below.
type picture struct {
	Slug  string
	Hero  *library.Image
	Width int    // for browsers that take no choice
	Sizes string // how wide it is shown (HTML, 4.8.4.2.1)
	Eager bool
}

// places are where photographs of stories stand, with the widths they are shown at: look/40-story.css and after.
var places = map[string]picture{
	"lead":    {Width: 1280, Sizes: "(min-width: 79rem) 42rem, (min-width: 62rem) 55vw, calc(100vw - 2.5rem)", Eager: true},
	"second":  {Width: 320, Sizes: "(min-width: 79rem) 10rem, (min-width: 62rem) 13vw, 34vw"},
	"feature": {Width: 1280, Sizes: "(min-width: 79rem) 49rem, (min-width: 62rem) 64vw, calc(100vw - 2.5rem)"},
	"shelf":   {Width: 640, Sizes: "(min-width: 79rem) 23rem, (min-width: 62rem) 30vw, calc(100vw - 2.5rem)"},
	"list":    {Width: 320, Sizes: "(min-width: 40rem) 11rem, 6.5rem"},
}

// photograph sets the photograph of a story into a place.
func (s *Site) photograph(a library.Summary, place string) (picture, error) {
	p, ok := places[place]
	if !ok {
		return p, fmt.Errorf("no place for photographs is named %q", place)
	}
	p.Slug, p.Hero = a.Slug, a.Hero
	return p, nil
}

// Standfirst is what stands under the headline: nothing where it only says what the text begins with, as where an
// import cut it out of the text.
func (p articlePage) Standfirst() string {
	if repeats(p.Article.Standfirst, p.Text()) {
		return ""
	}
	return p.Article.Standfirst
}

// repeats reports whether a standfirst is the beginning of a text, whole or broken off ("The treaty was…").
func repeats(standfirst string, text template.HTML) bool {
	start := strings.TrimRight(unspaced(standfirst), ".…")
	return start != "" && strings.HasPrefix(unspaced(html.UnescapeString(markup.ReplaceAllLiteralString(string(text), ""))), start)
}

var markup = regexp.MustCompile(`<[^>]*>`)

// unspaced is a text without its white space, which says nothing about what is the same.
func unspaced(text string) string { return strings.Join(strings.Fields(text), "") }
