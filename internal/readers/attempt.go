package readers

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/gatefold/gatefold/internal/page"
	"github.com/gatefold/gatefold/internal/storage"
)

// The purposes of an attempt: to sign in, or to move to another address.
const (
	signIn = "sign-in"
	move   = "move"
)

// codeTries is how often a code may be tried (S-04).
const codeTries = 5

// attempt is one mail with a link, and a code when it is to sign in.
type attempt struct {
	token   string // as in the link; only its digest is stored
	plain   string // the code; only its keyed digest is stored
	purpose string
	reader  int64
	visitor string // digest of the visitor who asked, and who alone may use the code
	address string // where the mail goes
	mailbox string // its canonical key
	goal    string // the path to go to afterwards
	consent string // what is agreed to with the confirmation, "" for nothing
	wording string
	network string
	created time.Time
	expires time.Time
	silent  bool // the mail was withheld: neither link nor code works
}

func (r *Readers) newAttempt(purpose, address, key string, a Ask) attempt {
	now := r.now()
	t := attempt{token: newToken(), purpose: purpose, address: address, mailbox: key, goal: page.LocalPath(a.ReturnTo),
		network: networkOf(a.From), created: now, expires: now.Add(linkLife)}
	if a.Consent != nil {
		t.consent, t.wording = a.Consent.Subject, a.Consent.Wording
	}
	if purpose == signIn {
		t.plain = newCode()
	}
	return t
}

// insert writes the attempt and, unless it is silent, ends the older ones of its reader and purpose.
func (r *Readers) insert(ctx context.Context, tx *storage.DB, t attempt) error {
	silent := 0
	if t.silent {
		silent = 1
	}
	now := storage.Micros(t.created)
	_, err := tx.Exec(ctx, `UPDATE attempts SET ended = $1
		WHERE reader = $2 AND purpose = $3 AND ended = 0 AND used = 0 AND silent = 0 AND $4 = 0`, now, t.reader, t.purpose, silent)
	if err != nil {
		return err
	}
	d, _ := digestOf(t.token)
	code := ""
	if t.plain != "" {
		code = r.codeDigest(d, t.plain)
	}
	_, err = tx.Exec(ctx, `INSERT INTO attempts (token, purpose, reader, visitor, address, mailbox, code, goal, consent,
			wording, network, created, expires, silent)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		d.String(), t.purpose, t.reader, t.visitor, t.address, t.mailbox, code, t.goal, t.consent,
		t.wording, t.network, now, storage.Micros(t.expires), silent)
	return err
}

// LinkState is what a link of a mail is good for.
type LinkState int

// The states of a link.
const (
	Gone   LinkState = iota // used, replaced, too old, or never given out
	Usable                  // pressing the button does what the mail says
	Late                    // too old to sign in: the button confirms the address and sends a fresh mail
)

// Link is what the page of a link may show to whoever holds the link.
type Link struct {
	State   LinkState
	Moves   bool   // the link changes the address of an account
	Address string // the address the mail went to
}

// OpenLink tells what a link is good for. It changes nothing: mail scanners follow links.
func (r *Readers) OpenLink(ctx context.Context, token string) (Link, error) {
	id, ok := digestOf(token)
	if !ok {
		return Link{}, nil
	}
	t, state, err := r.lookup(ctx, r.db, id)
	if err != nil || state == Gone {
		return Link{}, err
	}
	return Link{State: state, Moves: t.purpose == move, Address: t.address}, nil
}

// lookup reads an attempt by the digest of its token, and tells what its link is good for.
func (r *Readers) lookup(ctx context.Context, tx *storage.DB, id digest) (t attempt, s LinkState, err error) {
	var created, expires, used, ended, silent, banned int64
	err = tx.QueryRow(ctx, `SELECT a.purpose, a.reader, a.visitor, a.address, a.mailbox, a.goal, a.consent, a.wording, a.network,
			a.created, a.expires, a.used, a.ended, a.silent, r.banned
		FROM attempts a JOIN readers r ON r.id = a.reader WHERE a.token = $1`, id.String()).Scan(
		&t.purpose, &t.reader, &t.visitor, &t.address, &t.mailbox, &t.goal, &t.consent, &t.wording, &t.network,
		&created, &expires, &used, &ended, &silent, &banned)
	if errors.Is(err, sql.ErrNoRows) {
		return attempt{}, Gone, nil
	}
	if err != nil {
		return attempt{}, Gone, fmt.Errorf("look up a link: %w", err)
	}
	t.created, t.expires = storage.Time(created), storage.Time(expires)
	now := r.now()
	switch {
	case used > 0 || silent > 0 || banned > 0:
		return t, Gone, nil
	case ended == 0 && now.Before(t.expires):
		return t, Usable, nil
	case t.purpose == signIn && now.Before(t.created.Add(confirmLife)):
		return t, Late, nil
	}
	return t, Gone, nil
}
