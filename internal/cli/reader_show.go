package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/app"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/readers"
)

func (p Process) showReader() *cobra.Command {
	var slug string
	c := &cobra.Command{
		Use:   "show EMAIL",
		Short: "Tell a reader's standing, sessions, articles of this period, and why they may read something",
		Args:  takes("EMAIL"),
	}
	c.Flags().StringVar(&slug, "article", "", "tell whether and why they could read the article of this `SLUG`")
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		r, err := findReader(ctx, j, args[0])
		if err != nil {
			return err
		}
		s := sheet{w: p.Stdout, zone: j.Config.Location()}
		for _, part := range []func(context.Context, *app.Services, *sheet, readers.Reader) error{
			showAccount, showSubscriptions, showUnlocks, showSessions, showConsents,
		} {
			if err := part(ctx, j, &s, r); err != nil {
				return err
			}
		}
		if slug == "" {
			return nil
		}
		return showArticle(ctx, j, &s, r, slug)
	})
}

// A sheet is lines of a word and what there is to say under it.
type sheet struct {
	w    io.Writer
	zone *time.Location
}

func (s *sheet) line(word, format string, args ...any) {
	fmt.Fprintf(s.w, "%-15s %s\n", word, fmt.Sprintf(format, args...))
}

func (s *sheet) time(at time.Time) string { return at.In(s.zone).Format("2006-01-02 15:04") }

func person(r readers.Reader) access.Person { return access.Person{Reader: r.ID, Staff: r.Staff} }

func showAccount(ctx context.Context, j *app.Services, s *sheet, r readers.Reader) error {
	standing, e, err := j.Gate.Standing(ctx, person(r))
	if err != nil {
		return err
	}
	s.line("Reader", "%d, %s", r.ID, r.Address)
	if r.Name != "" {
		s.line("Name", "%s", r.Name)
	}
	text := standing.String()
	if e.Plan != "" {
		text += ": " + e.Plan + " until " + moment(e.Until, s.zone)
	}
	switch {
	case r.Banned:
		text += " (banned: cannot sign in)"
	case r.Confirmed.IsZero():
		text += " (from the first sign-in on: the address is not confirmed)"
	}
	s.line("Standing", "%s", text)
	s.line("Known since", "%s", s.time(r.Created))
	if !r.Confirmed.IsZero() {
		s.line("Confirmed", "%s", s.time(r.Confirmed))
	}
	return nil
}

func showSubscriptions(ctx context.Context, j *app.Services, s *sheet, r readers.Reader) error {
	all, err := j.Plans.Subscriptions(ctx, r.ID)
	for _, sub := range all {
		text := fmt.Sprintf("%s, %s, from %s until %s", sub.Plan, sub.Source, s.time(sub.Starts), moment(sub.Ends, s.zone))
		if sub.Reason != "" {
			text += ": " + sub.Reason
		}
		s.line("Subscription", "%s", text)
	}
	return err
}

func showUnlocks(ctx context.Context, j *app.Services, s *sheet, r readers.Reader) error {
	spent, err := j.Gate.Unlocks(ctx, r.ID)
	if err != nil {
		return err
	}
	policy := j.Gate.Policy()
	period := "this month"
	if policy.Rolling {
		period = "in 30 days"
	}
	s.line("Free articles", "%d of %d used %s", len(spent), policy.Free, period)
	ids := make([]int64, len(spent))
	for i, u := range spent {
		ids[i] = u.Article
	}
	articles, err := j.Library.Summaries(ctx, ids)
	if err != nil {
		return err
	}
	titles := map[int64]library.Summary{}
	for _, a := range articles {
		titles[a.ID] = a
	}
	for _, u := range spent {
		if a, ok := titles[u.Article]; ok {
			s.line("", "%s  %s (%s)", s.time(u.At), a.Title, a.Slug)
			continue
		}
		if u.Article > 0 {
			s.line("", "%s  article %d, which is not shown now", s.time(u.At), u.Article)
			continue
		}
		s.line("", "%s  chosen under an account that was deleted", s.time(u.At))
	}
	return nil
}

func showSessions(ctx context.Context, j *app.Services, s *sheet, r readers.Reader) error {
	all, err := j.Readers.Sessions(ctx, r.ID)
	if err != nil {
		return err
	}
	s.line("Sessions", "%d of %d devices", len(all), j.Config.Wall.SessionDevices)
	for _, d := range all {
		s.line("", "%s, since %s, last seen %s", d.Agent, s.time(d.Created), s.time(d.Seen))
	}
	return nil
}

func showConsents(ctx context.Context, j *app.Services, s *sheet, r readers.Reader) error {
	all, err := j.Readers.Consents(ctx, r.ID)
	for _, c := range all {
		text := "given " + s.time(c.Given)
		if !c.Withdrawn.IsZero() {
			text += ", withdrawn " + s.time(c.Withdrawn)
		}
		s.line("Consent", "%s, %s", c.Subject, text)
	}
	return err
}

func showArticle(ctx context.Context, j *app.Services, s *sheet, r readers.Reader, slug string) error {
	a, err := j.Library.BySlug(ctx, strings.Trim(strings.TrimPrefix(slug, "/articles/"), "/"))
	var moved *library.Moved
	if errors.As(err, &moved) {
		a, err = j.Library.BySlug(ctx, moved.Slug)
	}
	if err != nil {
		return fmt.Errorf("article %s: %w", slug, err)
	}
	x, err := j.Gate.Explain(ctx, person(r), a.Facts())
	if err != nil {
		return err
	}
	s.line("Article", "%s (%s), level %s", a.Title, a.Slug, x.Decision.Level)
	s.line("Is shown", "%s. %s", shown(x), x.Text)
	if x.Decision.Level == access.Open {
		return nil
	}
	if r.Banned || r.Confirmed.IsZero() {
		visitor, err := j.Gate.Explain(ctx, access.Person{}, a.Facts())
		if err != nil {
			return err
		}
		why := "the address is not confirmed, which signing in does; until then they are shown what every visitor is"
		if r.Banned {
			why = "the reader is banned and cannot sign in, and is shown what every visitor is"
		}
		s.line("But", "%s: %s.", why, shown(visitor))
	}
	if p := j.Gate.Policy(); x.Standing == access.Paid && (p.HourlyArticles > 0 || p.DailyArticles > 0) {
		s.line("Unless", "they opened %s: then a mail is to be answered first. Each node counts for itself, and its log says so: %q.",
			pace(p), "account reads faster than its cap")
	}
	return nil
}

// shown says how much of an article somebody gets to see.
func shown(x access.Explanation) string {
	if x.Decision.Full() {
		return "the whole text"
	}
	return "the opening only"
}

// pace tells the cap of a publication on reading.
func pace(p access.Policy) string {
	var caps []string
	if p.HourlyArticles > 0 {
		caps = append(caps, fmt.Sprintf("%d articles in an hour", p.HourlyArticles))
	}
	if p.DailyArticles > 0 {
		caps = append(caps, fmt.Sprintf("%d in a day", p.DailyArticles))
	}
	return strings.Join(caps, " or ")
}
