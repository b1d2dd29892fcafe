package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatefold/gatefold/internal/app"
)

// newsletterLink is the link basket.
func (p Process) newsletterLink() *cobra.Command {
	var title string
	add := &cobra.Command{Use: "add URL LINE", Short: "Put a link into the basket, with a line on why it matters", Args: takes("URL", "LINE")}
	add.Flags().StringVar(&title, "title", "", "`TEXT` of the link; the host without")
	add = p.readerCommand(add, func(ctx context.Context, j *app.Services, args []string) error {
		id, err := j.Newsletters.AddLink(ctx, args[0], title, args[1])
		return p.told(err, "Link %d is in the basket.\n", id)
	})
	list := p.readerCommand(&cobra.Command{Use: "list", Short: "List the links of the last week", Args: takes()},
		func(ctx context.Context, j *app.Services, _ []string) error {
			links, err := j.Newsletters.Links(ctx, time.Now().AddDate(0, 0, -7), time.Now().Add(time.Minute))
			for _, k := range links {
				fmt.Fprintf(p.Stdout, "%d\t%s\t%s\t%s\n", k.ID, k.URL, k.Title, k.Line)
			}
			return err
		})
	return group("link", "The link basket of the news roundup", add, list, p.removeByNumber("link", func(ctx context.Context, j *app.Services, id int64) error {
		return j.Newsletters.RemoveLink(ctx, id)
	}))
}

// newsletterEvent is the calendar.
func (p Process) newsletterEvent() *cobra.Command {
	add := p.readerCommand(&cobra.Command{Use: "add DATE TEXT…", Short: "Write a line into the calendar", Args: takes("DATE", "TEXT…")},
		func(ctx context.Context, j *app.Services, args []string) error {
			id, err := j.Newsletters.AddEvent(ctx, args[0], strings.Join(args[1:], " "))
			return p.told(err, "Event %d is in the calendar.\n", id)
		})
	list := p.readerCommand(&cobra.Command{Use: "list", Short: "List what is to come", Args: takes()},
		func(ctx context.Context, j *app.Services, _ []string) error {
			events, err := j.Newsletters.Events(ctx, time.Now().In(j.Config.Location()).Format(time.DateOnly), "9999-12-31")
			for _, e := range events {
				fmt.Fprintf(p.Stdout, "%d\t%s\t%s\n", e.ID, e.Day, e.Text)
			}
			return err
		})
	return group("event", "The calendar of what is on the radar", add, list, p.removeByNumber("event", func(ctx context.Context, j *app.Services, id int64) error {
		return j.Newsletters.RemoveEvent(ctx, id)
	}))
}

func (p Process) removeByNumber(what string, remove func(ctx context.Context, j *app.Services, id int64) error) *cobra.Command {
	c := &cobra.Command{Use: "remove NUMBER", Short: "Take a line out again", Args: takes("NUMBER")}
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		id, err := strconv.ParseInt(args[0], 10, 64)
		if err != nil {
			return misuse(c, "expected the number of a %s, got %q", what, args[0])
		}
		return p.told(remove(ctx, j, id), "The %s is gone.\n", what)
	})
}

// newsletterStar marks articles for the week's most important.
func (p Process) newsletterStar() *cobra.Command {
	var off bool
	c := &cobra.Command{Use: "star ARTICLE", Short: "Mark an article as one of the week's most important", Args: takes("ARTICLE")}
	c.Flags().BoolVar(&off, "off", false, "take the mark away")
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		a, err := j.Library.BySlug(ctx, strings.TrimPrefix(args[0], "/articles/"))
		if err != nil {
			return fmt.Errorf("article %s: %w", args[0], err)
		}
		if err := j.Newsletters.Star(ctx, a.ID, !off); err != nil {
			return err
		}
		if off {
			return p.told(nil, "%s is not marked any more.\n", a.Title)
		}
		return p.told(nil, "%s is marked as important.\n", a.Title)
	})
}
