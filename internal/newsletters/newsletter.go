package newsletters

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
)

// A Newsletter is a letter that comes again and again.
type Newsletter struct {
	ID          int64
	Slug        string
	Name        string
	Description string // one or two sentences, for the page of newsletters
	Sender      string // the name in front of the sender's address; "" is the publication's
	Language    string // BCP 47; "" is the publication's
	Audience    Audience
	Rule        Rule // what else must hold of who has it
	Schedule    Schedule
	Blocks      []Kind // what a draft is made of, in order
	Tracking    Tracking
	Unattended  bool // what was drafted goes out at its time; else it waits for an editor
	Archived    bool // editions that were sent can be read on the site
	Instant     bool // readers may choose each article as it is published instead
	Stopped     bool // no schedule drafts it
	Position    int  // on the page of newsletters
	Since       time.Time
}

// An Audience is the standing that one needs for a newsletter.
type Audience string

// The audiences. Everyone and Registered have the same readers, as an address has to be confirmed; they differ in who
// reads the archive.
const (
	Everyone    Audience = "everyone"
	Registered  Audience = "registered"
	Subscribers Audience = "subscribers"
)

// Level is how far the words of an edition are open: what an editor wrote for the audience stands behind the same wall
// as an article of this level.
func (n Newsletter) Level() access.Level {
	switch n.Audience {
	case Everyone:
		return access.Open
	case Registered:
		return access.Registered
	}
	return access.Subscriber
}

// Tracking says what is counted of an edition's links.
type Tracking string

// The ways of tracking. Off leaves links as they are; ByReader keeps who clicked, of readers who agreed.
const (
	Off       Tracking = "off"
	Aggregate Tracking = "aggregate"
	ByReader  Tracking = "individual"
)

// Consent is the subject of the consent to have a newsletter.
func (n Newsletter) Consent() string {
	if n.Slug == freeSlug {
		return readers.Newsletter
	}
	return readers.Newsletter + ":" + n.Slug
}

// freeSlug is the newsletter that the wall offers.
const freeSlug = "free"

const newsletterColumns = `id, slug, name, description, sender, language, audience, rule, schedule, blocks, tracking,
	unattended, archived, instant, stopped, position, since`

func (n *Newsletter) scan(row interface{ Scan(...any) error }) error {
	var rule, schedule, blocks string
	var unattended, archived, instant, stopped int
	var since int64
	err := row.Scan(&n.ID, &n.Slug, &n.Name, &n.Description, &n.Sender, &n.Language, &n.Audience, &rule, &schedule, &blocks,
		&n.Tracking, &unattended, &archived, &instant, &stopped, &n.Position, &since)
	if err != nil {
		return err
	}
	if n.Rule, err = ParseRule(rule); err != nil {
		return err
	}
	if n.Schedule, err = ParseSchedule(schedule); err != nil {
		return err
	}
	if n.Blocks, err = parseKinds(blocks); err != nil {
		return err
	}
	n.Unattended, n.Archived, n.Instant, n.Stopped = unattended == 1, archived == 1, instant == 1, stopped == 1
	n.Since = storage.Time(since)
	return nil
}

// All returns the newsletters in the order of their positions.
func (l *Newsletters) All(ctx context.Context) ([]Newsletter, error) {
	rows, err := l.db.Query(ctx, `SELECT `+newsletterColumns+` FROM newsletters ORDER BY position, id`)
	if err != nil {
		return nil, fmt.Errorf("newsletters: %w", err)
	}
	defer rows.Close()
	all := []Newsletter{}
	for rows.Next() {
		var n Newsletter
		if err := n.scan(rows); err != nil {
			return nil, fmt.Errorf("newsletters: %w", err)
		}
		all = append(all, n)
	}
	return all, rows.Err()
}

// BySlug returns a newsletter, or NotFound.
func (l *Newsletters) BySlug(ctx context.Context, slug string) (Newsletter, error) {
	var n Newsletter
	if !slugForm.MatchString(slug) {
		return n, errNoNewsletter
	}
	err := n.scan(l.db.QueryRow(ctx, `SELECT `+newsletterColumns+` FROM newsletters WHERE slug = $1`, slug))
	return n, storage.NotFound(err, "%s", errNoNewsletter.Text)
}

func (l *Newsletters) byID(ctx context.Context, db *storage.DB, id int64) (n Newsletter, err error) {
	err = n.scan(db.QueryRow(ctx, `SELECT `+newsletterColumns+` FROM newsletters WHERE id = $1`, id))
	return n, storage.NotFound(err, "%s", errNoNewsletter.Text)
}

var (
	errNoNewsletter = fault.New(fault.NotFound, "There is no newsletter of this name.")
	slugForm        = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
)

// Save makes a newsletter, or changes the one of its slug. Invalid names what is wrong with it.
func (l *Newsletters) Save(ctx context.Context, n Newsletter) error {
	if err := n.check(); err != nil {
		return err
	}
	err := l.db.Write(ctx, func(tx *storage.DB) error {
		if err := l.put(ctx, tx, n); err != nil {
			return err
		}
		return tx.Changed(ctx, changeKind, 0)
	})
	if err != nil {
		return fmt.Errorf("save newsletter %s: %w", n.Slug, err)
	}
	return nil
}

func (l *Newsletters) put(ctx context.Context, tx *storage.DB, n Newsletter) error {
	_, err := tx.Exec(ctx, `INSERT INTO newsletters (slug, name, description, sender, language, audience, rule, schedule, blocks,
			tracking, unattended, archived, instant, stopped, position, since)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
		ON CONFLICT (slug) DO UPDATE SET name = excluded.name, description = excluded.description, sender = excluded.sender,
			language = excluded.language, audience = excluded.audience, rule = excluded.rule,
			blocks = excluded.blocks, tracking = excluded.tracking, unattended = excluded.unattended,
			archived = excluded.archived, instant = excluded.instant, position = excluded.position,
			since = CASE WHEN newsletters.schedule <> excluded.schedule OR newsletters.stopped > excluded.stopped
				THEN excluded.since ELSE newsletters.since END,
			schedule = excluded.schedule, stopped = excluded.stopped`,
		n.Slug, n.Name, n.Description, n.Sender, n.Language, n.Audience, n.Rule.String(), n.Schedule.String(), kindWords(n.Blocks),
		n.Tracking, flag(n.Unattended), flag(n.Archived), flag(n.Instant), flag(n.Stopped), n.Position, storage.Micros(l.now()))
	return err
}

func flag(is bool) int {
	if is {
		return 1
	}
	return 0
}

// check returns what is wrong with a newsletter.
func (n Newsletter) check() error {
	switch {
	case !slugForm.MatchString(n.Slug) || len(n.Slug) > 60:
		return fault.Field("slug", "expected small letters, digits and hyphens, got %q", n.Slug)
	case strings.TrimSpace(n.Name) == "" || strings.ContainsFunc(n.Name+n.Sender, func(r rune) bool { return r < ' ' }):
		return fault.Field("name", "a name is needed, in one line")
	case !slices.Contains([]Audience{Everyone, Registered, Subscribers}, n.Audience):
		return fault.Field("audience", "expected everyone, registered or subscribers, got %q", n.Audience)
	case !slices.Contains([]Tracking{Off, Aggregate, ByReader}, n.Tracking):
		return fault.Field("tracking", "expected off, aggregate or individual, got %q", n.Tracking)
	case n.Language != "" && !languageForm.MatchString(n.Language):
		return fault.Field("language", "expected a language such as de or pt-BR, or none for the publication's, got %q", n.Language)
	case len(n.Blocks) == 0:
		return fault.Field("blocks", "expected at least one of %s", kindWords(kinds))
	}
	return nil
}

// Set changes one setting of a newsletter by its name, as "schedule" or "unattended". Invalid names what is wrong.
func (n *Newsletter) Set(name, value string) (err error) {
	texts := map[string]*string{"name": &n.Name, "description": &n.Description, "sender": &n.Sender, "language": &n.Language,
		"audience": (*string)(&n.Audience), "tracking": (*string)(&n.Tracking)}
	switches := map[string]*bool{"unattended": &n.Unattended, "archived": &n.Archived, "instant": &n.Instant, "stopped": &n.Stopped}
	switch {
	case texts[name] != nil:
		*texts[name] = strings.TrimSpace(value)
	case switches[name] != nil:
		if value != "on" && value != "off" {
			return fault.Field(name, "expected on or off, got %q", value)
		}
		*switches[name] = value == "on"
	case name == "rule":
		n.Rule, err = ParseRule(value)
	case name == "schedule":
		n.Schedule, err = ParseSchedule(value)
	case name == "blocks":
		n.Blocks, err = parseKinds(value)
	case name == "position":
		_, err = fmt.Sscan(value, &n.Position)
		if err != nil {
			err = fault.Field(name, "expected a number, got %q", value)
		}
	default:
		return fault.Field(name, "a newsletter has no such setting; there are %s", strings.Join(Settings(), ", "))
	}
	return cmp.Or(err, n.check())
}

// Settings are the names that Set takes.
func Settings() []string {
	return []string{"name", "description", "sender", "language", "audience", "rule", "schedule", "blocks", "tracking",
		"unattended", "archived", "instant", "stopped", "position"}
}

// Value returns a setting as Set reads it.
func (n Newsletter) Value(name string) string {
	onOff := func(is bool) string {
		if is {
			return "on"
		}
		return "off"
	}
	return map[string]string{"name": n.Name, "description": n.Description, "sender": n.Sender, "language": n.Language,
		"audience": string(n.Audience), "rule": n.Rule.String(), "schedule": n.Schedule.String(), "blocks": kindWords(n.Blocks),
		"tracking": string(n.Tracking), "unattended": onOff(n.Unattended), "archived": onOff(n.Archived),
		"instant": onOff(n.Instant), "stopped": onOff(n.Stopped), "position": fmt.Sprint(n.Position)}[name]
}
