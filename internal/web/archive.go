package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gatefold/gatefold/internal/library"
)

// archivePage is everything that was published: all of it, a year or a month.
type archivePage struct {
	Frame
	Heading string
	Count   int       // of articles in all
	Since   int       // the year of the first; 0 on the page of a year or a month
	Rows    []timeRow // years by month, and decades by year; or the months of the year the page is about
	List    storyList
	Side    []wordList // other ways to what is here
	First   bool       // of its pages
	Newer   *word
	Older   *word // the times next to this one; nil where there is none
}

// A timeRow is a year with its months, or a decade with its years.
type timeRow struct {
	Name, Path string
	Words      []word
}

// Standfirst is the line under the heading.
func (p archivePage) Standfirst() string {
	if p.Since == 0 {
		return p.Site.texts.T("count.articles", p.Count, p.Site.number(p.Count))
	}
	return p.Site.texts.T("archive.all", p.Count, p.Site.number(p.Count), p.Since)
}

// A period is what a page of the archive is about: everything, a year (month 0) or a month.
type period struct{ year, month int }

// path is the address of a period.
func (d period) path() string {
	p := "/archive"
	if d.year > 0 {
		p += "/" + strconv.Itoa(d.year)
	}
	if d.month > 0 {
		p += "/" + strconv.Itoa(d.month)
	}
	return p
}

// filter is the period as the library asks for it, in the publication's zone.
func (d period) filter(zone *time.Location) library.Filter {
	switch {
	case d.year == 0:
		return library.Filter{}
	case d.month == 0:
		from := time.Date(d.year, 1, 1, 0, 0, 0, 0, zone)
		return library.Filter{From: from, Until: from.AddDate(1, 0, 0)}
	}
	from := time.Date(d.year, time.Month(d.month), 1, 0, 0, 0, 0, zone)
	return library.Filter{From: from, Until: from.AddDate(0, 1, 0)}
}

// numeral reads a year or a month of an address: plain digits without a leading zero, from 1 to a limit. There is one
// address for each.
func numeral(text string, limit int) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 1 && n <= limit && strconv.Itoa(n) == text
}

func (s *Site) archive(w http.ResponseWriter, r *http.Request) error {
	return s.showArchive(w, r, period{})
}

func (s *Site) archiveYear(w http.ResponseWriter, r *http.Request) error {
	year, ok := numeral(r.PathValue("year"), 9999)
	if !ok {
		return errNoPage
	}
	return s.showArchive(w, r, period{year: year})
}

func (s *Site) archiveMonth(w http.ResponseWriter, r *http.Request) error {
	year, okYear := numeral(r.PathValue("year"), 9999)
	month, okMonth := numeral(r.PathValue("month"), 12)
	if !okYear || !okMonth {
		return errNoPage
	}
	return s.showArchive(w, r, period{year, month})
}

func (s *Site) showArchive(w http.ResponseWriter, r *http.Request, d period) error {
	at, err := placeOf(r.URL.Query())
	if err != nil {
		return err
	}
	return s.shared(w, r, at.key(d.path()), func(ctx context.Context) ([]byte, error) {
		return s.renderArchive(ctx, d, at)
	})
}

func (s *Site) renderArchive(ctx context.Context, d period, at place) ([]byte, error) {
	years, err := s.monthsOf(ctx)
	if err != nil {
		return nil, err
	}
	p := archivePage{First: at.first(), Heading: s.nameOf(d)}
	switch {
	case d.year == 0:
		p.Rows, p.Count = s.years(years), total(years)
		if len(years) > 0 {
			p.Since = years[len(years)-1].Year
		}
	default:
		if p.Count = countIn(years, d); p.Count == 0 {
			return nil, errNoPage // a time in which nothing was published has no page
		}
		p.Rows = []timeRow{s.monthsRow(yearOf(years, d.year), d)}
		p.Newer, p.Older = s.near(years, d)
	}
	if p.List, err = s.list(ctx, d.filter(s.zone), at, d.path()); err != nil {
		return nil, err
	}
	p.List.Under = d.year == 0 && p.First
	if p.Side, err = s.besideArchive(ctx, years, d, p.First); err != nil {
		return nil, err
	}
	if p.Frame, err = s.listingFrame(ctx, p.Heading, d.path(), at); err != nil {
		return nil, err
	}
	p.Here, p.Feeds = "/archive", nil
	p.Lead = s.texts.T("archive.lead", p.Heading, p.Publication())
	return s.screens.archive.Render(p)
}

// nameOf writes a period: "Archive", "2026", "October 2026".
func (s *Site) nameOf(d period) string {
	switch {
	case d.year == 0:
		return s.texts.T("nav.archive")
	case d.month == 0:
		return strconv.Itoa(d.year)
	}
	return s.texts.T("date.month", s.texts.Month(d.month), d.year)
}

// openYears is how many years stand open, month by month; the years before them go by decades once there are more.
const openYears = 10

// years are the rows of the whole archive.
func (s *Site) years(years []library.YearCount) (rows []timeRow) {
	open := min(openYears, len(years))
	if len(years) <= openYears+2 {
		open = len(years)
	}
	for _, y := range years[:open] {
		rows = append(rows, s.monthsRow(y, period{}))
	}
	for _, y := range years[open:] {
		name := s.texts.T("archive.decade", y.Year/10*10)
		if last := len(rows) - 1; last < open || rows[last].Name != name {
			rows = append(rows, timeRow{Name: name})
		}
		r := &rows[len(rows)-1]
		r.Words = append(r.Words, word{Name: strconv.Itoa(y.Year), Path: period{year: y.Year}.path(), Articles: sum(y)})
	}
	return rows
}

// monthsRow is a year with those of its months in which something was published.
func (s *Site) monthsRow(y library.YearCount, here period) timeRow {
	row := timeRow{Name: strconv.Itoa(y.Year), Path: period{year: y.Year}.path()}
	for i, n := range y.Months {
		if d := (period{y.Year, i + 1}); n > 0 {
			row.Words = append(row.Words, word{Name: s.texts.Month(i + 1), Path: d.path(), Articles: n, Here: d == here})
		}
	}
	return row
}

// besideArchive is the side column: the years, or the sections where the years stand above.
func (s *Site) besideArchive(ctx context.Context, years []library.YearCount, d period, first bool) ([]wordList, error) {
	if d.year == 0 && first {
		sections, err := s.termsOf(ctx, library.Section)
		return wordLists(s.siblings(s.texts.T("nav.sections"), pathOf(library.Section), sections, library.Term{})), err
	}
	l := wordList{Heading: s.texts.T("archive.years"), Path: period{}.path()}
	at := slices.IndexFunc(years, func(y library.YearCount) bool { return y.Year == d.year })
	from := max(0, min(at-besideLimit/2, len(years)-besideLimit)) // those around the page's own
	for _, y := range years[from:min(from+besideLimit, len(years))] {
		one := period{year: y.Year}
		l.Words = append(l.Words, word{Name: s.nameOf(one), Path: one.path(), Articles: sum(y), Here: one == d})
	}
	return wordLists(l), nil
}

// near leads to the times after and before one in which something was published.
func (s *Site) near(years []library.YearCount, d period) (newer, older *word) {
	var all []period // the latest first
	for _, y := range years {
		if d.month == 0 {
			all = append(all, period{year: y.Year})
			continue
		}
		for m := 12; m >= 1; m-- {
			if y.Months[m-1] > 0 {
				all = append(all, period{y.Year, m})
			}
		}
	}
	at := slices.Index(all, d)
	to := func(i int) *word {
		if i < 0 || i >= len(all) {
			return nil
		}
		return &word{Name: s.nameOf(all[i]), Path: all[i].path()}
	}
	return to(at - 1), to(at + 1)
}

func yearOf(years []library.YearCount, year int) library.YearCount {
	for _, y := range years {
		if y.Year == year {
			return y
		}
	}
	return library.YearCount{Year: year}
}

// countIn is how many articles a year or a month has.
func countIn(years []library.YearCount, d period) int {
	y := yearOf(years, d.year)
	if d.month == 0 {
		return sum(y)
	}
	return y.Months[d.month-1]
}

func sum(y library.YearCount) (n int) {
	for _, m := range y.Months {
		n += m
	}
	return n
}

func total(years []library.YearCount) (n int) {
	for _, y := range years {
		n += sum(y)
	}
	return n
}
