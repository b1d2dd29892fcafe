package ads

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/insights"
	"github.com/gatefold/gatefold/internal/storage"
)

// A Report is what became of a campaign.
type Report struct {
	Campaign  Campaign
	Creatives []Creative
	Lines     []insights.AdCount // by day, place and creative
}

// A Total is a sum of counts under a name: a day, a place, a creative.
type Total struct {
	Name          string
	Seen, Clicked int64
}

// Rate is clicks in a hundred views, to a tenth: "1.5"; "" where nothing was in view, as in letters.
func (t Total) Rate() string {
	if t.Seen == 0 {
		return ""
	}
	return strconv.FormatFloat(100*float64(t.Clicked)/float64(t.Seen), 'f', 1, 64)
}

// Total is the sum of everything.
func (r Report) Total() Total {
	all := r.by(func(insights.AdCount) string { return "" })
	if len(all) == 0 {
		return Total{}
	}
	return all[0]
}

// Days are the sums by day, the first day first.
func (r Report) Days() []Total { return r.by(func(c insights.AdCount) string { return c.Day }) }

// Places are the sums by place.
func (r Report) Places() []Total { return r.by(func(c insights.AdCount) string { return c.Place }) }

// ByCreative are the sums by creative, which are named by their words.
func (r Report) ByCreative() []Total {
	return r.by(func(c insights.AdCount) string { return r.nameOf(c.Creative) })
}

// nameOf is what a creative is called in a report.
func (r Report) nameOf(creative int64) string {
	for _, c := range r.Creatives {
		if c.ID == creative {
			return strconv.FormatInt(c.ID, 10) + " " + cmp.Or(c.Headline, c.Alt, c.Text, "tag")
		}
	}
	return strconv.FormatInt(creative, 10)
}

func (r Report) by(name func(insights.AdCount) string) []Total {
	sums := map[string]Total{}
	for _, c := range r.Lines {
		t := sums[name(c)]
		sums[name(c)] = Total{name(c), t.Seen + c.Seen, t.Clicked + c.Clicked}
	}
	var out []Total
	for _, t := range sums {
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b Total) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Report returns the report of a campaign, or NotFound.
func (a *Ads) Report(ctx context.Context, slug string) (Report, error) {
	c, err := a.Campaign(ctx, slug)
	if err != nil {
		return Report{}, err
	}
	r := Report{Campaign: c}
	if r.Creatives, err = a.Creatives(ctx, c.ID); err != nil {
		return Report{}, err
	}
	for _, k := range r.Creatives {
		lines, err := a.Insights.AdCounts(ctx, k.ID)
		if err != nil {
			return Report{}, err
		}
		r.Lines = append(r.Lines, lines...)
	}
	slices.SortFunc(r.Lines, func(a, b insights.AdCount) int {
		return cmp.Or(strings.Compare(a.Day, b.Day), strings.Compare(a.Place, b.Place), cmp.Compare(a.Creative, b.Creative))
	})
	return r, nil
}

// OpenReport makes the address of a campaign's report anew and returns its token, which is kept as a hash: the address
// there was before leads nowhere from now on.
func (a *Ads) OpenReport(ctx context.Context, slug string) (token string, err error) {
	token = strings.ToLower(rand.Text())
	return token, a.setReport(ctx, slug, hashOf(token))
}

// CloseReport takes the address away.
func (a *Ads) CloseReport(ctx context.Context, slug string) error { return a.setReport(ctx, slug, "") }

func (a *Ads) setReport(ctx context.Context, slug, hash string) error {
	return a.change(ctx, "report of campaign "+slug, func(tx *storage.DB) error {
		n, err := tx.Exec(ctx, `UPDATE ad_campaigns SET report = $1 WHERE slug = $2`, hash, slug)
		if err == nil && n == 0 {
			return fault.New(fault.NotFound, "there is no campaign %q", slug)
		}
		return err
	})
}

func hashOf(token string) string {
	sum := sha256.Sum256([]byte("report " + token))
	return hex.EncodeToString(sum[:])
}

// ReportBehind returns the report that a token opens, or NotFound.
func (a *Ads) ReportBehind(ctx context.Context, token string) (Report, error) {
	var slug string
	err := a.db.QueryRow(ctx, `SELECT slug FROM ad_campaigns WHERE report = $1`, hashOf(token)).Scan(&slug)
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.New(fault.NotFound, "There is no report at this address. Whoever sent it to you can send a new one.")
	}
	if err != nil {
		return Report{}, err
	}
	return a.Report(ctx, slug)
}

// Shared reports whether the campaign's report has an address.
func (c Campaign) Shared() bool { return c.report != "" }

// WriteCSV writes the report, a line for each day, place and creative (RFC 4180). No cell begins with what spreadsheets
// take for a formula: a creative's words come after its number.
func (r Report) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	rows := [][]string{{"day", "place", "creative", "in view", "clicks"}}
	for _, c := range r.Lines {
		rows = append(rows, []string{c.Day, c.Place, r.nameOf(c.Creative), strconv.FormatInt(c.Seen, 10), strconv.FormatInt(c.Clicked, 10)})
	}
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("write report of %s: %w", r.Campaign.Slug, err)
	}
	return nil
}
