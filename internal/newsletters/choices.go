package newsletters

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
)

// A Choice is what a reader has of a newsletter.
type Choice struct {
	Newsletter Newsletter
	Has        bool
	May        bool // has the standing for it
	Foreign    bool // comes in another language than the one they have letters in: it is not sent to them
	Pace       Pace
	Followed   bool // only what they follow, of the articles in it
}

// A Pace says how a reader has the articles of a newsletter that lets them choose.
type Pace string

// The paces.
const (
	Daily       Pace = "daily"     // together, by the schedule
	AsPublished Pace = "published" // each by itself, as it appears
)

// Choices returns every newsletter and what a reader has of it.
func (l *Newsletters) Choices(ctx context.Context, reader int64) ([]Choice, error) {
	all, err := l.All(ctx)
	if err != nil {
		return nil, err
	}
	consents, err := l.Readers.Consents(ctx, reader)
	if err != nil {
		return nil, err
	}
	plans, err := l.Plans.ActiveAmong(ctx, []int64{reader}, l.now())
	if err != nil {
		return nil, err
	}
	who, err := l.Readers.Reader(ctx, reader)
	if err != nil {
		return nil, err
	}
	language, err := l.Language(ctx, reader)
	if err != nil {
		return nil, err
	}
	var list []Choice
	for _, n := range all {
		c := Choice{Newsletter: n, Pace: Daily, May: n.Audience != Subscribers || who.Staff || plans[reader].Grant != access.None}
		c.Foreign = n.Language != "" && n.Language != language
		c.Has = slices.ContainsFunc(consents, func(k readers.Consent) bool { return k.Subject == n.Consent() && k.Withdrawn.IsZero() })
		made, err := l.choicesAmong(ctx, n.ID, []int64{reader})
		if err != nil {
			return nil, err
		}
		if m, ok := made[reader]; ok {
			c.Pace, c.Followed = m.pace, m.followed
		}
		list = append(list, c)
	}
	return list, nil
}

// chosen is a row of what a reader chose.
type chosen struct {
	pace     Pace
	followed bool
}

// choicesRows is how many readers one statement asks for.
const choicesRows = 50

// choicesAmong returns what some readers chose of a newsletter; who chose nothing has all of it, by the schedule.
func (l *Newsletters) choicesAmong(ctx context.Context, newsletter int64, ids []int64) (map[int64]chosen, error) {
	out := map[int64]chosen{}
	for part := range slices.Chunk(ids, choicesRows) {
		args := make([]any, 1, choicesRows+1)
		args[0] = newsletter
		for i := range choicesRows { // the last is repeated where there are fewer
			args = append(args, part[min(i, len(part)-1)])
		}
		if err := l.readChoices(ctx, out, args); err != nil {
			return nil, fmt.Errorf("choices of %d readers: %w", len(ids), err)
		}
	}
	return out, nil
}

func (l *Newsletters) readChoices(ctx context.Context, out map[int64]chosen, args []any) error {
	rows, err := l.db.Query(ctx, `SELECT reader, pace, followed FROM newsletter_choices WHERE newsletter = $1 AND reader IN ($2, $3, $4,
		$5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31,
		$32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48, $49, $50, $51)`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var reader int64
		var followed int
		var c chosen
		if err := rows.Scan(&reader, &c.pace, &followed); err != nil {
			return err
		}
		c.followed = followed == 1
		out[reader] = c
	}
	return rows.Err()
}

// Subscribe puts a reader on the list of a newsletter, or changes how they have it. wording is what they agreed to, in
// their own language, and from the network they did it from. Their address has to be confirmed before anything is sent.
// Denied when they have not the standing; Invalid for a pace there is not.
func (l *Newsletters) Subscribe(ctx context.Context, reader int64, c Choice, wording string, from netip.Prefix) error {
	n := c.Newsletter
	if c.Pace == "" {
		c.Pace = Daily
	}
	if c.Pace != Daily && (c.Pace != AsPublished || !n.Instant) {
		return fault.Field("pace", "%s does not come that way.", n.Name)
	}
	if err := l.may(ctx, n, reader); err != nil {
		return err
	}
	if err := l.Readers.Consent(ctx, reader, n.Consent(), wording, from); err != nil {
		return err
	}
	err := l.db.Write(ctx, func(tx *storage.DB) error {
		_, err := tx.Exec(ctx, `INSERT INTO newsletter_choices (reader, newsletter, pace, followed) SELECT id, $2, $3, $4 FROM readers
			WHERE id = $1 ON CONFLICT (reader, newsletter) DO UPDATE SET pace = excluded.pace, followed = excluded.followed`,
			reader, n.ID, string(c.Pace), flag(c.Followed))
		return err
	})
	if err != nil {
		return fmt.Errorf("subscribe reader %d to %s: %w", reader, n.Slug, err)
	}
	return nil
}

// may is Denied when a reader has not the standing for a newsletter.
func (l *Newsletters) may(ctx context.Context, n Newsletter, reader int64) error {
	who, err := l.Readers.Reader(ctx, reader)
	if err != nil || n.Audience != Subscribers || who.Staff {
		return err
	}
	plans, err := l.Plans.ActiveAmong(ctx, []int64{reader}, l.now())
	if err == nil && plans[reader].Grant == access.None {
		err = fault.New(fault.Denied, "%s is for subscribers.", n.Name)
	}
	return err
}

// Unsubscribe takes a reader off the list of a newsletter, at once.
func (l *Newsletters) Unsubscribe(ctx context.Context, reader int64, n Newsletter) error {
	return l.Readers.Withdraw(ctx, reader, n.Consent())
}

// Leave does what a token to leave says, with nothing else asked: for the button of a mail program (RFC 8058), for that
// of the page, and for a mail to the address in List-Unsubscribe. It says which newsletter was left. Once is as good as
// twice, and counts once, for the edition that the token came with; NotFound for what is no such token.
func (l *Newsletters) Leave(ctx context.Context, token string) (Newsletter, error) {
	reader, of, ok := l.read(leave, token, 2)
	if !ok {
		return Newsletter{}, errToken
	}
	n, err := l.byID(ctx, l.db, of[0])
	if err != nil {
		return n, err
	}
	held, err := l.Readers.End(ctx, reader, n.Consent())
	if err != nil {
		return n, fmt.Errorf("leave %s: %w", n.Slug, err)
	}
	if !held { // they had left before, or are gone
		return n, nil
	}
	return n, l.Led(ctx, of[1], Left)
}

// Leaving says what a token to leave would do, and changes nothing. NotFound for what is no such token.
func (l *Newsletters) Leaving(ctx context.Context, token string) (n Newsletter, reader int64, err error) {
	reader, of, ok := l.read(leave, token, 2)
	if !ok {
		return n, 0, errToken
	}
	n, err = l.byID(ctx, l.db, of[0])
	return n, reader, err
}

// Chooser returns the reader whose preferences a token opens. It opens nothing else. NotFound for what is no such
// token, or when the reader is gone.
func (l *Newsletters) Chooser(ctx context.Context, token string) (readers.Reader, error) {
	reader, _, ok := l.read(choose, token, 0)
	if !ok {
		return readers.Reader{}, errToken
	}
	return l.Readers.Reader(ctx, reader)
}

// PreferencesToken is the token of a reader's page of preferences, as it stands in every mail to them.
func (l *Newsletters) PreferencesToken(reader int64) string { return l.token(choose, reader) }
