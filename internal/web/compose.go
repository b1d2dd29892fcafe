package web

import (
	"cmp"
	"context"
	"html/template"
	"regexp"
	"slices"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/library"
)

// How the front page is made up. It knows no section by itself: a section of briefings, of columns or of long pieces
// is told by its address or by the kind of what it holds, and every other one is a shelf. No article stands in two
// places, but for the most read.
const (
	desks      = 12 // sections that are looked at: those with the most articles
	deskDepth  = 12 // newest articles of each
	depth      = 40 // newest articles of all
	briefs     = 8
	columnists = 4
	shelves    = 6
	onShelf    = 3 // headlines under a story
	ranked     = 5
	wordsInRow = 7 // countries of a region

	leadDays     = 5              // a lead with a photograph is at most so much older than the newest article
	longCounts   = 36 * time.Hour // a long piece, or one for subscribers, counts as so much newer than it is
	rankingDays  = 7
	fewestBriefs = 3
	fewestRanked = 3
)

// A role is the part a section plays on the front page.
type role int

const (
	plainRole role = iota
	briefRole
	columnRole
	longRole
)

// roles of sections by their address, and of articles by their kind.
var (
	roleOfSection = map[string]role{"briefings": briefRole, "columns": columnRole, "in-depth": longRole}
	roleOfKind    = map[string]role{"briefing": briefRole, "column": columnRole, "analysis": longRole}
)

// A desk is a section with its newest articles.
type desk struct {
	section library.Term
	items   []library.Summary
	role    role
}

// roleOf tells a section by its address, else by the kind that more than half of its newest articles are of.
func roleOf(d desk) role {
	if r, ok := roleOfSection[d.section.Slug]; ok {
		return r
	}
	count := map[role]int{}
	for _, a := range d.items {
		count[roleOfKind[a.Kind]]++
	}
	for r, n := range count {
		if r != plainRole && n*2 > len(d.items) {
			return r
		}
	}
	return plainRole
}

// A makeup is a front page being made up.
type makeup struct {
	latest []library.Summary
	desks  []desk // the one with the newest article first
	used   map[int64]bool
}

// take returns up to n articles that have no place yet and gives them one.
func (m *makeup) take(from []library.Summary, n int, fits func(library.Summary) bool) (out []library.Summary) {
	for _, a := range from {
		if len(out) < n && !m.used[a.ID] && (fits == nil || fits(a)) {
			m.used[a.ID] = true
			out = append(out, a)
		}
	}
	return out
}

// free is how many of the articles have no place yet.
func (m *makeup) free(items []library.Summary) (n int) {
	for _, a := range items {
		if !m.used[a.ID] {
			n++
		}
	}
	return n
}

// desk is the first section of a role.
func (m *makeup) desk(r role) *desk {
	for i := range m.desks {
		if m.desks[i].role == r {
			return &m.desks[i]
		}
	}
	return nil
}

func hasPhotograph(a library.Summary) bool { return a.Hero != nil }

// compose makes up the front page.
func (s *Site) compose(ctx context.Context, p *frontPage) error {
	m, err := s.gather(ctx)
	if err != nil || len(m.latest) == 0 {
		return err
	}
	m.top(p)
	m.brief(p)
	for _, fill := range []func(context.Context, *makeup, *frontPage) error{s.opening, s.columns, s.mostRead, s.regionIndex} {
		if err := fill(ctx, m, p); err != nil {
			return err
		}
	}
	m.feature(p)
	m.shelve(p)
	return nil
}

// gather reads the newest articles of all and of each section.
func (s *Site) gather(ctx context.Context) (*makeup, error) {
	m := &makeup{used: map[int64]bool{}}
	all, err := s.Library.List(ctx, library.Filter{}, library.Cursor{}, depth)
	if err != nil {
		return nil, err
	}
	m.latest = all.Items
	sections, err := s.termsOf(ctx, library.Section)
	if err != nil {
		return nil, err
	}
	for _, t := range most(sections, desks) {
		l, err := s.Library.List(ctx, library.Filter{Kind: t.Kind, Term: t.ID}, library.Cursor{}, deskDepth)
		if err != nil {
			return nil, err
		}
		if len(l.Items) > 0 {
			d := desk{section: t.Term, items: l.Items}
			d.role = roleOf(d)
			m.desks = append(m.desks, d)
		}
	}
	slices.SortStableFunc(m.desks, func(a, b desk) int { return b.items[0].Published.Compare(a.items[0].Published) })
	return m, nil
}

// top places the lead and the two stories beside it: the newest, where long pieces and those for subscribers count as
// a day and a half newer. The lead has a photograph if any article of the last days has one. Briefings, which have their
// own band, come after everything else.
func (m *makeup) top(p *frontPage) {
	pool := m.candidates()
	newest := m.latest[0].Published
	recent := func(a library.Summary) bool {
		return hasPhotograph(a) && a.Published.After(newest.AddDate(0, 0, -leadDays))
	}
	lead := m.take(pool, 1, recent)
	if len(lead) == 0 {
		lead = m.take(pool, 1, nil)
	}
	p.Main = &lead[0]
	p.Seconds = m.take(pool, 2, nil)
}

// candidates for the top of the page, the best first.
func (m *makeup) candidates() []library.Summary {
	weight := map[int64]time.Time{}
	var pool, briefings []library.Summary
	add := func(a library.Summary, r role) {
		if _, known := weight[a.ID]; known {
			return
		}
		at := a.Published
		if r == longRole || a.Level == access.Subscriber {
			at = at.Add(longCounts)
		}
		weight[a.ID] = at
		if r == briefRole {
			briefings = append(briefings, a)
		} else {
			pool = append(pool, a)
		}
	}
	for _, d := range m.desks {
		for _, a := range d.items {
			add(a, d.role)
		}
	}
	for _, a := range m.latest {
		add(a, plainRole)
	}
	byWeight := func(a, b library.Summary) int {
		return cmp.Or(weight[b.ID].Compare(weight[a.ID]), cmp.Compare(b.ID, a.ID))
	}
	slices.SortFunc(pool, byWeight)
	slices.SortFunc(briefings, byWeight)
	return append(pool, briefings...)
}

// brief places the briefings; without a section of them, what is newest.
func (m *makeup) brief(p *frontPage) {
	b := band{}
	from := m.latest
	if d := m.desk(briefRole); d != nil {
		b.Section, from = d.section, d.items
	}
	if m.free(from) >= fewestBriefs {
		b.Items = m.take(from, briefs, nil)
		p.Brief = &b
	}
}

// opening is the beginning of the lead's text, which everyone may read, in the place of a photograph.
func (s *Site) opening(ctx context.Context, _ *makeup, p *frontPage) error {
	if p.Main.Hero != nil {
		return nil
	}
	teasers, err := s.Library.Teasers(ctx, []int64{p.Main.ID})
	p.Opening = template.HTML(heading.ReplaceAllLiteralString(string(teasers[p.Main.ID]), ""))
	if repeats(p.Main.Standfirst, p.Opening) {
		lead := *p.Main
		lead.Standfirst, p.Main = "", &lead
	}
	return err
}

// heading is one in an article's text, as the library sets it: the front page has its own.
var heading = regexp.MustCompile(`(?s)<h[2-4][^>]*>.*?</h[2-4]>`)

// columns places the newest columns with those who write them.
func (s *Site) columns(ctx context.Context, m *makeup, p *frontPage) error {
	d := m.desk(columnRole)
	if d == nil || m.free(d.items) < 2 {
		return nil
	}
	c := columns{Section: d.section}
	for _, a := range m.take(d.items, columnists, nil) {
		whole, err := s.Library.BySlug(ctx, a.Slug)
		if err != nil {
			return err
		}
		one := columnist{Summary: a}
		if len(whole.Byline) > 0 {
			one.By = whole.Byline[0]
		}
		c.Items = append(c.Items, one)
	}
	p.Columns = &c
	return nil
}

// feature places a long piece under a large photograph.
func (m *makeup) feature(p *frontPage) {
	d := m.desk(longRole)
	if d == nil {
		return
	}
	top := m.take(d.items, 1, hasPhotograph)
	if len(top) == 0 {
		return
	}
	p.Feature = &shelf{Section: d.section, Top: top[0], More: m.take(d.items, onShelf, nil)}
}

// shelve places every other section, and those of a role that found too little for their own place.
func (m *makeup) shelve(p *frontPage) {
	for _, d := range m.desks {
		placed := p.Brief != nil && p.Brief.Section.ID == d.section.ID || p.Columns != nil && p.Columns.Section.ID == d.section.ID ||
			p.Feature != nil && p.Feature.Section.ID == d.section.ID
		if placed || len(p.Shelves) == shelves {
			continue
		}
		top := m.take(d.items[:min(len(d.items), onShelf+1)], 1, hasPhotograph)
		if len(top) == 0 {
			top = m.take(d.items, 1, nil)
		}
		if len(top) > 0 {
			p.Shelves = append(p.Shelves, shelf{Section: d.section, Top: top[0], More: m.take(d.items, onShelf, nil)})
		}
	}
}

// mostRead ranks what was opened most in the last week.
func (s *Site) mostRead(ctx context.Context, _ *makeup, p *frontPage) error {
	ids, err := s.Insights.MostRead(ctx, s.Now().AddDate(0, 0, -rankingDays), ranked)
	if err != nil {
		return err
	}
	read, err := s.Library.Summaries(ctx, ids)
	if err == nil && len(read) >= fewestRanked {
		p.MostRead = read
	}
	return err
}

// regionIndex lists the regions with the countries that are written about most.
func (s *Site) regionIndex(ctx context.Context, _ *makeup, p *frontPage) error {
	countries, err := s.termsOf(ctx, library.Country)
	if err != nil {
		return err
	}
	all, err := s.countriesByRegion(ctx, countries)
	if err != nil {
		return err
	}
	for _, g := range all {
		if g.Path == "" { // countries whose region is not known
			continue
		}
		slices.SortStableFunc(g.Words, func(a, b word) int { return cmp.Compare(b.Articles, a.Articles) })
		g.Words = g.Words[:min(wordsInRow, len(g.Words))]
		slices.SortFunc(g.Words, func(a, b word) int { return cmp.Compare(sortKey(a.Name), sortKey(b.Name)) })
		for i := range g.Words {
			g.Words[i].Articles = 0 // no numbers here
		}
		p.Regions = append(p.Regions, g)
	}
	return nil
}
