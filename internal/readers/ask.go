package readers

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/outbox"
	"github.com/gatefold/gatefold/internal/storage"
)

// Ask is a form that asks for a mail to sign in with.
type Ask struct {
	Address      string       // as typed
	Visitor      string       // the token of the visitor's cookie, "" when there is none
	ArticleTitle string       // what is read at the wall; "" elsewhere
	Letters      string       // the newsletter that is asked for; "" elsewhere
	ReturnTo     string       // the path to go to after signing in
	Consent      *Consent     // Subject and Wording of what was agreed to, nil for nothing; it counts once confirmed
	From         netip.Prefix // the client's network
}

// Answer is the same for every address: it tells what was typed, not what is known.
type Answer struct {
	Visitor    string // the token of the visitor, to be set as a cookie; new when the one in Ask was not known
	Address    string // where the mail goes, if it goes
	Mailbox    string // stands for the mailbox and hides it: what courtesies are counted by
	Disposable bool   // the address is at a throw-away mail service: no courtesy (W-27)
}

// How long things of a mail hold.
const (
	linkLife    = 10 * time.Minute    // link and code (S-04)
	confirmLife = 7 * 24 * time.Hour  // an old link still confirms the address
	moveLife    = time.Hour           // the link that changes an address
	visitorLife = 90 * 24 * time.Hour // since the visitor was last seen
)

// KeepReading asks at the wall. The errors are Invalid for what is no address, and TooMany for a network that asks too
// often; nothing else tells one address from another.
func (r *Readers) KeepReading(ctx context.Context, a Ask) (Answer, error) {
	return r.ask(ctx, a, "keep-reading", r.options.KeepReadingPerHour)
}

// SignIn asks at the sign-in form. It answers like KeepReading.
func (r *Readers) SignIn(ctx context.Context, a Ask) (Answer, error) {
	return r.ask(ctx, a, "sign-in", r.options.SignInPerHour)
}

// ask makes the reader when there is none, and sends the mail when one may be sent. Whatever is known of the address,
// it runs the same statements in the same order (S-06); a mail that may not go is written and withheld.
//
// A mail is withheld when the reader is banned, the mailbox suppressed, or its last mail less than ten minutes old or
// the third of the day (S-07); a mail whose link or code was used is not counted. The attempt is then silent: it ends no older one, and neither its link, which nobody
// has, nor its code works. So the mail that did go out stays good: its link in any browser, its code in the browser
// that asked for it. The code is not opened to the browser that asks now. If it were, anybody could join an attempt
// under way and use up its five tries, or guess on it.
func (r *Readers) ask(ctx context.Context, a Ask, form string, perHour int) (Answer, error) {
	typed, key, err := Canonical(a.Address)
	if err != nil {
		return Answer{}, err
	}
	t := r.newAttempt(signIn, typed, key, a)
	mail, err := r.letters.signIn(typed, r.link(t.token), t.plain, a)
	if err != nil {
		return Answer{}, fmt.Errorf("%s: %w", form, err)
	}
	answer := Answer{Address: typed, Mailbox: r.mailboxDigest(key), Disposable: r.disposable(typed)}
	fresh, now, wait := newToken(), t.created, time.Duration(0)
	err = r.db.Write(ctx, func(tx *storage.DB) (err error) {
		wait, err = r.countAsk(ctx, tx, t.network, form, perHour, now)
		if err != nil || wait > 0 {
			return err
		}
		answer.Visitor, err = r.meet(ctx, tx, a.Visitor, fresh, now)
		if err != nil {
			return err
		}
		t.visitor = VisitorID(answer.Visitor)
		return r.send(ctx, tx, &t, mail, now)
	})
	switch {
	case err != nil:
		return Answer{}, fmt.Errorf("%s: %w", form, err)
	case wait > 0:
		return Answer{}, tooMany(wait)
	}
	r.out.Wake()
	return answer, nil
}

// send finds or makes the reader of an attempt, decides whether its mail may go, and writes both.
func (r *Readers) send(ctx context.Context, tx *storage.DB, t *attempt, mail outbox.Mail, now time.Time) error {
	book, err := r.openMailbook(ctx, tx, r.mailboxDigest(t.mailbox), now)
	if err != nil {
		return err
	}
	if err := r.readmit(ctx, tx, t.mailbox, t.address, now); err != nil {
		return err
	}
	var banned, confirmed int64
	var own string
	err = tx.QueryRow(ctx, `INSERT INTO readers (mailbox, address, created) VALUES ($1, $2, $3)
		ON CONFLICT (mailbox) DO UPDATE SET mailbox = excluded.mailbox RETURNING id, banned, confirmed, address`,
		t.mailbox, t.address, storage.Micros(now)).Scan(&t.reader, &banned, &confirmed, &own)
	if err != nil {
		return err
	}
	// Mail goes to the spelling that was typed, but not where another spelling may be another person's mailbox: they
	// would sign in as this reader.
	if confirmed > 0 && !plusIsTag(t.address) {
		t.address, mail.To = own, own
	}
	suppressed, err := r.suppressed(ctx, tx, t.mailbox)
	if err != nil {
		return err
	}
	if err := book.forgive(ctx, tx, t.reader, now); err != nil {
		return err
	}
	t.silent = banned > 0 || suppressed || !book.room(now, mailGap, r.options.MailsPerDay)
	if err := r.insert(ctx, tx, *t); err != nil {
		return err
	}
	mail.Withheld = t.silent
	if err := r.out.Put(ctx, tx, mail); err != nil {
		return err
	}
	return book.close(ctx, tx, now, !t.silent)
}

func (r *Readers) suppressed(ctx context.Context, tx *storage.DB, key string) (bool, error) {
	if r.options.Suppressed == nil {
		return false, nil
	}
	return r.options.Suppressed.Suppressed(ctx, tx, key)
}

// Meet notes that a browser was here and returns the token for its cookie: the one it has when this publication gave it
// out, else a fresh one.
func (r *Readers) Meet(ctx context.Context, token string) (known string, err error) {
	fresh, now := newToken(), r.now()
	err = r.db.Write(ctx, func(tx *storage.DB) error {
		known, err = r.meet(ctx, tx, token, fresh, now)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("meet a visitor: %w", err)
	}
	return known, nil
}

// meet notes that a visitor was here and returns its token. A token this publication never gave out is not taken over:
// the visitor gets the fresh one.
func (r *Readers) meet(ctx context.Context, tx *storage.DB, token, fresh string, now time.Time) (string, error) {
	n, err := tx.Exec(ctx, `UPDATE visitors SET seen = $1 WHERE id = $2`, storage.Micros(now), VisitorID(token))
	if err != nil || n == 1 {
		return token, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO visitors (id, created, seen) VALUES ($1, $2, $2)`, VisitorID(fresh), storage.Micros(now))
	return fresh, err
}

// link is the address of the page with the button.
func (r *Readers) link(token string) string {
	return strings.TrimSuffix(r.options.Publication.Origin, "/") + "/confirm?token=" + token
}

// SignInLink returns a link that signs a reader in, once, and that no mail carries: for the first lines a
// demonstration prints. It ends the reader's older links and holds for as long as it is told, a day at most; what is
// shown to anybody else should hold ten minutes (S-04). NotFound when there is no such reader.
func (r *Readers) SignInLink(ctx context.Context, reader int64, returnTo string, valid time.Duration) (string, error) {
	known, err := r.Reader(ctx, reader)
	if err != nil {
		return "", fmt.Errorf("sign-in link: %w", err)
	}
	t := r.newAttempt(signIn, known.Address, known.Key, Ask{ReturnTo: returnTo})
	t.reader, t.plain, t.expires = reader, "", t.created.Add(min(valid, 24*time.Hour))
	err = r.db.Write(ctx, func(tx *storage.DB) error { return r.insert(ctx, tx, t) })
	if err != nil {
		return "", fmt.Errorf("sign-in link of reader %d: %w", reader, err)
	}
	return r.link(t.token), nil
}
