package newsletters

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/mail"
	"github.com/gatefold/gatefold/internal/mailing"
	"github.com/gatefold/gatefold/internal/outbox"
	"github.com/gatefold/gatefold/internal/storage"
)

// Compile implements mailing.Letters: one copy for each class.
func (l *Newsletters) Compile(ctx context.Context, m mailing.Mailing) (mailing.Compiled, error) {
	l.forget(m.Edition) // it is asked again after trouble, and for readers who joined since
	p, err := l.prepare(ctx, m.Edition)
	if err != nil {
		return mailing.Compiled{}, err
	}
	var out mailing.Compiled
	for class := range classes {
		c, err := l.copy(ctx, p, class, access.Opened{}, nil)
		if err != nil {
			return mailing.Compiled{}, err
		}
		out.Copies = append(out.Copies, c)
	}
	return out, nil
}

// Recipients implements mailing.Letters: what is true now of the readers whose mails leave.
func (l *Newsletters) Recipients(ctx context.Context, m mailing.Mailing, ids []int64) ([]mailing.Recipient, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	p, err := l.prepare(ctx, m.Edition)
	if err != nil {
		return nil, err
	}
	members, err := l.members(ctx, p.newsletter, p.edition.Instant, ids)
	if err != nil {
		return nil, err
	}
	measured, err := l.measured(ctx, p.newsletter, ids)
	if err != nil {
		return nil, err
	}
	opened, err := l.Gate.OpenedAmong(ctx, ids, p.read())
	if err != nil {
		return nil, err
	}
	suppressed, err := l.suppressed(ctx, members)
	if err != nil {
		return nil, err
	}
	// Clicks tell how old the mail is that they come from: by the second in which a batch of mails left.
	seconds := max(0, int64(l.now().Sub(p.edition.Started)/time.Second))
	left := strconv.FormatInt(seconds, 36) + "." + l.seal(sent, p.edition.ID, seconds)
	out := make([]mailing.Recipient, 0, len(ids))
	for _, id := range ids {
		who := members[id]
		switch {
		case who == nil:
			out = append(out, mailing.Recipient{Reader: id, Skip: "unsubscribed"})
			continue
		case suppressed[who.Key]:
			out = append(out, mailing.Recipient{Reader: id, Skip: "suppressed"})
			continue
		case who.why != "":
			out = append(out, mailing.Recipient{Reader: id, Skip: who.why})
			continue
		}
		r, err := l.recipient(ctx, p, who, opened[id])
		if err != nil {
			return nil, err
		}
		r.Values = map[string]string{holeUnsubscribe: l.token(leave, id, p.newsletter.ID, p.edition.ID), holePreferences: l.token(choose, id),
			holeClick: left}
		if measured[id] {
			r.Values[holeClick] += "." + l.token(click, id, p.edition.ID)
		}
		out = append(out, r)
	}
	return out, nil
}

// recipient chooses the copy of a member: by class, by what they opened of it with their free articles, and by what they
// follow where they chose that.
func (l *Newsletters) recipient(ctx context.Context, p *prepared, who *member, opened access.Opened) (mailing.Recipient, error) {
	r := mailing.Recipient{Reader: who.ID, Address: who.Address, Name: who.Name, Copy: classOf(who.standing)}
	if r.Copy == classPaid {
		opened = access.Opened{} // they read everything
	}
	var wanted []string
	if who.choice.followed {
		if wanted = p.wanted(who); len(wanted) == 0 {
			return mailing.Recipient{Reader: who.ID, Skip: "nothing followed"}, nil
		}
	}
	if wanted == nil && len(opened.Articles()) == 0 {
		return r, nil
	}
	var err error
	r.Letter, err = l.copy(ctx, p, r.Copy, opened, wanted)
	return r, err
}

// wanted returns the articles of the edition that a member follows, in alphabetical order of their slugs.
func (p *prepared) wanted(who *member) (slugs []string) {
	for _, b := range p.document.Blocks {
		for _, item := range b.Items {
			a, ok := p.articles[item.Slug]
			if b.Kind == Articles && ok && who.wants(p.terms[item.Slug]) && !slices.Contains(slugs, a.Slug) {
				slugs = append(slugs, a.Slug)
			}
		}
	}
	slices.Sort(slugs)
	return slugs
}

// measured returns who of some readers agreed that their clicks are kept by name, where the newsletter asks for that.
func (l *Newsletters) measured(ctx context.Context, n Newsletter, ids []int64) (map[int64]bool, error) {
	out := map[int64]bool{}
	if n.Tracking != ByReader {
		return out, nil
	}
	agreed, err := l.Readers.AgreedAmong(ctx, MeasureConsent, ids)
	for id := range agreed {
		out[id] = true
	}
	return out, err
}

func (l *Newsletters) suppressed(ctx context.Context, members map[int64]*member) (map[string]bool, error) {
	if l.Suppressed == nil || len(members) == 0 {
		return nil, nil
	}
	keys := make([]string, 0, len(members))
	for _, m := range members {
		keys = append(keys, m.Key)
	}
	return l.Suppressed.SuppressedAmong(ctx, keys)
}

// How long a copy is of use after sending began.
const (
	usefulDay  = 20 * time.Hour
	usefulWeek = 3 * 24 * time.Hour
)

// useful is how long a copy of the newsletter is worth having late.
func (n Newsletter) useful() time.Duration {
	count := 0
	for _, on := range n.Schedule.days {
		if on {
			count++
		}
	}
	if count > 2 || n.Schedule.publication {
		return usefulDay
	}
	return usefulWeek
}

// Send begins to send an approved edition, now, whatever its time. It returns when every reader has a row of the
// mailing: from then on nobody is lost. Conflict when it is not approved; Denied says why letters may not go out.
func (l *Newsletters) Send(ctx context.Context, id int64) error {
	if l.Ready != nil {
		if err := l.Ready(ctx); err != nil {
			return fmt.Errorf("send edition %d: %w", id, err)
		}
	}
	now := l.now()
	err := l.move(ctx, id, "send", func(tx *storage.DB, e Edition) (int64, error) {
		if e.Instant {
			return tx.Exec(ctx, `UPDATE editions SET state = 'sending', started = $1, note = ''
				WHERE id = $2 AND state IN ('approved', 'held')`, storage.Micros(now), id)
		}
		return tx.Exec(ctx, `UPDATE editions SET state = 'sending', started = $1, note = '',
			number = (SELECT COALESCE(MAX(number), 0) + 1 FROM editions e WHERE e.newsletter = editions.newsletter)
			WHERE id = $2 AND state IN ('approved', 'held')`, storage.Micros(now), id)
	})
	if err != nil {
		return err
	}
	return l.launch(ctx, id)
}

// launch writes the rows of an edition's mailing. Called again, it goes on where it was.
func (l *Newsletters) launch(ctx context.Context, id int64) error {
	e, err := l.Edition(ctx, id)
	if err != nil {
		return err
	}
	n, err := l.byID(ctx, l.db, e.Newsletter)
	if err != nil {
		return err
	}
	if err := l.giveAd(ctx, n, e); err != nil {
		return err
	}
	run, err := l.Mailings.Start(ctx, mailing.Mailing{Edition: id, Newsletter: n.Slug, UselessAfter: e.Started.Add(n.useful())},
		l.next(n, e.Instant))
	if err != nil {
		return fmt.Errorf("send edition %d: %w", id, err)
	}
	return l.db.Write(ctx, func(tx *storage.DB) error {
		_, err := tx.Exec(ctx, `UPDATE editions SET mailing = $1 WHERE id = $2`, run, id)
		return err
	})
}

// under returns the mailing of an edition. Conflict when it has none.
func (l *Newsletters) under(ctx context.Context, id int64) (Edition, error) {
	e, err := l.Edition(ctx, id)
	if err == nil && e.Mailing == 0 {
		err = fault.New(fault.Conflict, "Edition %d is %s: nothing of it was sent.", id, e.State)
	}
	return e, err
}

// Pause stops the sending of an edition after the mails in flight.
func (l *Newsletters) Pause(ctx context.Context, id int64) error {
	e, err := l.under(ctx, id)
	if err != nil {
		return err
	}
	return l.Mailings.Pause(ctx, e.Mailing)
}

// Resume goes on with the sending of an edition.
func (l *Newsletters) Resume(ctx context.Context, id int64) error {
	e, err := l.under(ctx, id)
	if err != nil {
		return err
	}
	return l.Mailings.Resume(ctx, e.Mailing)
}

// Resend sends an edition to those who joined since it was sent, and returns how many they are.
func (l *Newsletters) Resend(ctx context.Context, id int64) (int, error) {
	if l.Ready != nil {
		if err := l.Ready(ctx); err != nil {
			return 0, fmt.Errorf("send edition %d: %w", id, err)
		}
	}
	e, err := l.under(ctx, id)
	if err != nil {
		return 0, err
	}
	n, err := l.byID(ctx, l.db, e.Newsletter)
	if err != nil {
		return 0, err
	}
	added, err := l.Mailings.Add(ctx, e.Mailing, l.now().Add(n.useful()), l.next(n, e.Instant))
	if err != nil || added == 0 {
		return 0, err
	}
	return added, l.db.Write(ctx, func(tx *storage.DB) error {
		_, err := tx.Exec(ctx, `UPDATE editions SET state = 'sending' WHERE id = $1 AND state = 'sent'`, id)
		return err
	})
}

// Status says where the sending of an edition stands. Conflict when it has not begun.
func (l *Newsletters) Status(ctx context.Context, id int64) (mailing.Status, error) {
	e, err := l.under(ctx, id)
	if err != nil {
		return mailing.Status{}, err
	}
	return l.Mailings.Status(ctx, e.Mailing)
}

// Test sends a copy of an edition to one address, through the outbox: as the reader of the address would get it, or as
// a subscriber where nobody has it.
func (l *Newsletters) Test(ctx context.Context, id int64, address string) error {
	e, err := l.Edition(ctx, id)
	if err != nil {
		return err
	}
	var reader int64
	switch who, err := l.Readers.Find(ctx, address); {
	case err == nil:
		reader = who.ID
	case !fault.Is(err, fault.NotFound):
		return err
	}
	p, err := l.Preview(ctx, e, reader)
	if err != nil {
		return err
	}
	to, err := mail.Mailbox(address)
	if err != nil {
		return fault.Field("email", "Enter an email address such as name@example.org.")
	}
	err = l.db.Write(ctx, func(tx *storage.DB) error {
		return l.Outbox.Put(ctx, tx, outbox.Mail{To: to, Subject: "[Test] " + p.Subject, Text: p.Text, HTML: p.HTML, Kind: "newsletter-test"})
	})
	if err == nil {
		l.Outbox.Wake()
	}
	return err
}
