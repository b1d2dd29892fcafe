package newsletters

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/storage"
)

// How much a draft holds, and how far it looks ahead.
const (
	latestMost    = 8
	articlesMost  = 12
	importantMost = 5
	radarDays     = 3
	comingDays    = 8
	coversMost    = 31 * 24 * time.Hour
)

// errNothing says that there is nothing to make an edition of.
var errNothing = fault.New(fault.Conflict, "There is nothing to tell since the last edition.")

// Compose drafts an edition by hand, of what came since the last one. Conflict when that is nothing.
func (l *Newsletters) Compose(ctx context.Context, n Newsletter) (Edition, error) {
	now := l.now()
	return l.draft(ctx, n, "by hand "+now.Format(time.RFC3339Nano), time.Time{}, now)
}

// Write makes a draft of a document that was written elsewhere.
func (l *Newsletters) Write(ctx context.Context, n Newsletter, d Document) (Edition, error) {
	now := l.now()
	since, err := l.since(ctx, n, now)
	if err != nil {
		return Edition{}, err
	}
	return l.keep(ctx, Edition{Newsletter: n.ID, Slot: "by hand " + now.Format(time.RFC3339Nano), State: Draft, Edited: true,
		Covers: since, Covered: now, Created: now}, d)
}

// draft writes a draft for a slot. It returns NotFound when the slot is taken: another node was faster.
func (l *Newsletters) draft(ctx context.Context, n Newsletter, slot string, due, until time.Time) (Edition, error) {
	e := Edition{Newsletter: n.ID, Slot: slot, State: Draft, Covered: until, Due: due, Created: l.now()}
	var err error
	if e.Covers, err = l.since(ctx, n, until); err != nil {
		return e, err
	}
	d, err := l.compose(ctx, n, e.Covers, until)
	if err != nil {
		return e, err
	}
	return l.keep(ctx, e, d)
}

// keep writes an edition with its document.
func (l *Newsletters) keep(ctx context.Context, e Edition, d Document) (Edition, error) {
	e.Subject, e.Source = d.Subject, d.String()
	var id int64
	err := l.db.Write(ctx, func(tx *storage.DB) (err error) {
		id, err = e.insert(ctx, tx)
		return err
	})
	switch {
	case err != nil:
		return e, fmt.Errorf("draft an edition: %w", err)
	case id == 0:
		return e, errNoEdition
	}
	return l.Edition(ctx, id)
}

// redraft drafts an untouched edition again, with what came in since.
func (l *Newsletters) redraft(ctx context.Context, n Newsletter, e Edition) error {
	now := l.now()
	d, err := l.compose(ctx, n, e.Covers, now)
	if err != nil {
		return err
	}
	return l.move(ctx, e.ID, "draft", func(tx *storage.DB, _ Edition) (int64, error) {
		return tx.Exec(ctx, `UPDATE editions SET source = $1, subject = $2, covered = $3, version = version + 1
			WHERE id = $4 AND version = $5 AND state = 'draft' AND edited = 0`, d.String(), d.Subject, storage.Micros(now), e.ID, e.Version)
	})
}

// since returns where the articles of a new edition begin: where those of the last one ended that was sent or is about
// to be; for the first one, at the time of the schedule before, or a week back.
func (l *Newsletters) since(ctx context.Context, n Newsletter, until time.Time) (time.Time, error) {
	var covered int64
	err := l.db.QueryRow(ctx, `SELECT COALESCE(MAX(covered), 0) FROM editions WHERE newsletter = $1 AND instant = 0
		AND state IN ('approved', 'held', 'sending', 'sent')`, n.ID).Scan(&covered)
	if err != nil {
		return time.Time{}, fmt.Errorf("draft an edition: %w", err)
	}
	since := storage.Time(covered)
	if since.IsZero() {
		since = until.AddDate(0, 0, -7)
		if last, ok := n.Schedule.Last(until.Add(-time.Minute), l.Publication.Zone); ok {
			if before, ok := n.Schedule.Last(last.Add(-time.Minute), l.Publication.Zone); ok {
				since = before
			}
		}
	}
	if oldest := until.Add(-coversMost); since.Before(oldest) {
		since = oldest
	}
	return since, nil
}

// compose makes the document of an edition from what came from a time until another. It is errNothing when no article
// and no link did: words about the days to come make no edition alone.
func (l *Newsletters) compose(ctx context.Context, n Newsletter, since, until time.Time) (Document, error) {
	fresh, err := l.Library.List(ctx, library.Filter{From: since, Until: until}, library.Cursor{}, articlesMost)
	if err != nil {
		return Document{}, fmt.Errorf("compose: %w", err)
	}
	links, err := l.Links(ctx, since, until)
	if err != nil {
		return Document{}, err
	}
	if !slices.Contains(n.Blocks, Roundup) {
		links = nil
	}
	if len(fresh.Items) == 0 && len(links) == 0 {
		return Document{}, errNothing
	}
	c := composing{l: l, ctx: ctx, since: since, until: until, fresh: fresh.Items, links: links}
	d := Document{}
	for _, k := range n.Blocks {
		b, err := c.block(k)
		if err != nil {
			return Document{}, fmt.Errorf("compose: %w", err)
		}
		d.Blocks = append(d.Blocks, b)
	}
	d.Subject, d.Preheader = c.subject(n)
	return d, nil
}

// composing is one draft in the making.
type composing struct {
	l            *Newsletters
	ctx          context.Context
	since, until time.Time
	fresh        []library.Summary
	links        []Link
	important    []library.Summary
}

func (c *composing) block(k Kind) (b Block, err error) {
	b = Block{Kind: k, Heading: headings[k]}
	switch k {
	case Latest:
		b.Items = itemsOf(c.fresh, latestMost)
	case Articles:
		b.Items = itemsOf(c.fresh, articlesMost)
	case Important:
		c.important, err = c.l.important(c.ctx, c.since, c.until)
		b.Items = itemsOf(c.important, importantMost)
	case Roundup:
		b.Text = roundupText(c.links)
	case Radar:
		b.Text, err = c.ahead(0, radarDays)
	case ToCome:
		b.Text, err = c.ahead(1, comingDays)
	}
	return b, err
}

func itemsOf(list []library.Summary, n int) (items []Item) {
	for _, a := range list[:min(n, len(list))] {
		items = append(items, Item{Slug: a.Slug})
	}
	return items
}

// important returns the articles of a time that editors marked, else those read most, else the newest.
func (l *Newsletters) important(ctx context.Context, since, until time.Time) ([]library.Summary, error) {
	ids, err := l.starred(ctx, since.AddDate(0, 0, -1))
	if err == nil && len(ids) == 0 && l.Insights != nil {
		ids, err = l.Insights.MostRead(ctx, since, 50)
	}
	if err != nil {
		return nil, err
	}
	list, err := l.Library.Summaries(ctx, ids)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(a library.Summary) bool { return a.Published.Before(since) || !a.Published.Before(until) })
	if len(list) > 0 {
		return list, nil
	}
	newest, err := l.Library.List(ctx, library.Filter{From: since, Until: until}, library.Cursor{}, importantMost)
	return newest.Items, err
}

// roundupText is the links of the basket as a list in Markdown.
func roundupText(links []Link) string {
	var b strings.Builder
	for _, k := range links {
		title := k.Title
		if title == "" {
			if u, err := url.Parse(k.URL); err == nil {
				title = strings.TrimPrefix(u.Hostname(), "www.")
			}
		}
		line := ""
		if k.Line != "" {
			line = " – " + markdownText(k.Line)
		}
		fmt.Fprintf(&b, "- [%s](<%s>)%s\n", markdownText(title), k.URL, line)
	}
	return strings.TrimRight(b.String(), "\n")
}

// ahead is the calendar of the days that begin in from days, as a list in Markdown. Articles that are planned stand
// behind it as a comment, which no reader sees: that they will appear is for an editor to tell.
func (c *composing) ahead(from, days int) (string, error) {
	today := c.until.In(c.l.Publication.Zone)
	day := func(n int) string { return today.AddDate(0, 0, n).Format(time.DateOnly) }
	events, err := c.l.Events(c.ctx, day(from), day(from+days))
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, e := range events {
		at, err := time.Parse(time.DateOnly, e.Day)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "- **%s** %s\n", c.l.paper.shortDay(at), markdownText(e.Text))
	}
	planned, err := c.l.Library.Planned(c.ctx, today.AddDate(0, 0, from+days), 10)
	if err != nil {
		return "", err
	}
	for _, a := range planned {
		fmt.Fprintf(&b, "\n<!-- planned for %s: %s -->", a.Published.In(c.l.Publication.Zone).Format("2006-01-02 15:04"),
			strings.ReplaceAll(oneLine(a.Title), "--", "–"))
	}
	return strings.Trim(b.String(), "\n"), nil
}

// subject names an edition after its first article, and says beside it what else there is.
func (c *composing) subject(n Newsletter) (subject, preheader string) {
	lead := c.fresh
	if len(c.important) > 0 {
		lead = c.important
	}
	if len(lead) == 0 {
		return n.Name + ", " + c.l.paper.shortDay(c.until.In(c.l.Publication.Zone)), ""
	}
	var also []string
	for _, a := range lead[1:min(3, len(lead))] {
		also = append(also, a.Title)
	}
	if len(also) == 0 {
		also = []string{lead[0].Standfirst}
	}
	return shorten(oneLine(lead[0].Title), 150), shorten(oneLine(strings.Join(also, " · ")), 200)
}
