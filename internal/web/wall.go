package web

import (
	"context"
	"html/template"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/readers"
)

// wallPart is what stands after a teaser.
type wallPart struct {
	Kind       access.Wall
	Slug       string
	SignedIn   bool
	Level      access.Level
	Free       int
	Left       int
	Month      string // the name of the month the count is of, "" when the period is no month
	Ends, Next string // the last day of the period, and the first of the next
	ConsentBox bool
	Month1     string // price of a month, in the publication's words
	Year1      string
	Holds      []string // what All-Access holds
	Typed      string   // what was typed into the form before
	Fault      string   // what was wrong with it, "" for nothing
	Consented  bool     // the box was ticked before
	Letter     string   // edition that led here, where the address does not say so; "" without
}

// Stands reports whether there is a wall at all.
func (w wallPart) Stands() bool { return w.Kind != access.NoWall }

// KeepReading, ReadThisOne, Subscribe and SlowDown tell the walls apart in templates.
func (w wallPart) KeepReading() bool { return w.Kind == access.KeepReading }

// ReadThisOne is the wall with the button that spends a free article.
func (w wallPart) ReadThisOne() bool { return w.Kind == access.ReadThisOne }

// SlowDown is the wall of an account that is read faster than a person reads.
func (w wallPart) SlowDown() bool { return w.Kind == access.SlowDown }

// UsedUp reports that the reader could read the article if free ones were left.
func (w wallPart) UsedUp() bool {
	return w.Kind == access.Subscribe && w.SignedIn && w.Level == access.Metered && w.Free > 0
}

// RegisterOnly reports that confirming an address is all it takes, now and for ever.
func (w wallPart) RegisterOnly() bool { return w.Level == access.Registered }

func (s *Site) wall(a library.Article, k variant, d access.Decision) wallPart {
	now := s.Now().In(s.zone)
	c := s.Config
	w := wallPart{Kind: d.Wall, Slug: a.Slug, SignedIn: k.signedIn, Level: d.Level, Free: c.Wall.FreeArticles, Left: d.Left,
		ConsentBox: c.Wall.ConsentBox, Month1: s.priceOf(billing.Monthly), Year1: s.priceOf(billing.Yearly), Holds: c.Subscribe.AllAccessLines}
	if p := s.Gate.Policy(); !p.Rolling {
		first := time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, s.zone)
		last := first.AddDate(0, 0, -1)
		w.Month = s.texts.Month(int(now.Month()))
		w.Next = s.texts.T("date.short", first.Day(), s.texts.Month(int(first.Month())))
		w.Ends = s.texts.T("date.short", last.Day(), s.texts.Month(int(last.Month())))
	}
	return w
}

// noticePart tells a browser that a mail waits to be answered.
type noticePart struct {
	readers.Pending
	Text string
	Back string // the article it stands on
}

// notice is what stands before the text while the browser's address waits to be confirmed, "" when none does.
func (s *Site) notice(ctx context.Context, v visit, d access.Decision, slug string) (string, error) {
	given := d.Grant == access.ByGift
	if v.signedIn && given {
		return s.givenNotice(v, slug)
	}
	if v.signedIn || v.visitor == "" {
		return "", nil
	}
	p, err := s.Readers.Pending(ctx, v.visitor)
	if err == nil && !p.Waiting && given {
		return s.givenNotice(v, slug)
	}
	if err != nil || !p.Waiting {
		return "", err
	}
	text := s.texts.T(s.noticeKey(p, d), s.Gate.Policy().Free, p.Address)
	b, err := s.screens.notice.Render(noticePart{Pending: p, Text: text, Back: "/articles/" + slug})
	return string(b), err
}

// noticeKey chooses the text that promises what answering the mail gives, and no more.
func (s *Site) noticeKey(p readers.Pending, d access.Decision) string {
	policy := s.Gate.Policy()
	switch {
	case !p.Live:
		return "notice.old"
	case d.Wall == access.KeepReading && (policy.Free > 0 || d.Level == access.Registered):
		return "notice.read-on"
	case !d.Full() || policy.Free == 0:
		return "notice.plain"
	case policy.Rolling:
		return "notice.free-rolling"
	}
	return "notice.free"
}

// meterLine: "This is one of your three free articles in November. Two left."
func (s *Site) meterLine(d access.Decision) string {
	month := s.texts.Month(int(s.Now().In(s.zone).Month()))
	text := s.texts.T("meter.this", d.Free, month)
	if s.Gate.Policy().Rolling {
		text = s.texts.T("meter.this-rolling", d.Free)
	}
	switch d.Left {
	case 0:
		text += " " + s.texts.T("meter.none-left")
	default:
		text += " " + s.texts.T("meter.left", d.Left)
	}
	return `<p class="notice meter">` + template.HTMLEscapeString(text) + `</p>`
}
