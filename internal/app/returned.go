package app

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/gatefold/gatefold/internal/bounces"
	"github.com/gatefold/gatefold/internal/mail"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
)

// openBounces opens the memory of mail that came back. Readers and letters ask it whom they may write to.
func (s *Services) openBounces(ctx context.Context) (err error) {
	c := s.Config
	s.returned = newReturned()
	s.Bounces, err = bounces.New(ctx, s.DB, s.Outbox, bounces.Options{Contact: c.Contact(), Site: c.Publication.Name,
		Canonical: readers.Canonical, Record: recordDeed,
		Count: func(source, kind string) { s.returned.WithLabelValues(source, kind).Inc() }, Now: s.now, Log: s.Log})
	return err
}

// recordDeed writes what was done about a mailbox into the audit log.
func recordDeed(ctx context.Context, tx *storage.DB, d bounces.Deed) error {
	return readers.Record(ctx, tx, readers.Event{At: d.At, Who: d.Who, What: d.What, Subject: d.Subject, Before: d.Before, After: d.After})
}

// people shows readers as package bounces wants them.
type people struct{ readers *readers.Readers }

// Person implements bounces.People.
func (p people) Person(ctx context.Context, reader int64) (bounces.Person, error) {
	r, err := p.readers.Reader(ctx, reader)
	if err != nil {
		return bounces.Person{}, err
	}
	return p.person(ctx, r)
}

func (p people) person(ctx context.Context, r readers.Reader) (bounces.Person, error) {
	moved, err := p.readers.Moved(ctx, r.ID)
	return bounces.Person{ID: r.ID, Address: r.Address, Key: r.Key, Since: moved}, err
}

// Find implements bounces.People.
func (p people) Find(ctx context.Context, address string) (bounces.Person, error) {
	r, err := p.readers.Find(ctx, address)
	if err != nil {
		return bounces.Person{}, err
	}
	return p.person(ctx, r)
}

// keys are those of mail.dkim_keys.
func (s *Services) keys() (keys []mail.DKIMKey, err error) {
	for _, entry := range s.Config.Mail.DKIMKeys {
		selector, file, _ := strings.Cut(entry, ":")
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("mail.dkim_keys: %w", err)
		}
		k, err := mail.ParseDKIMKey(selector, text)
		if err != nil {
			return nil, fmt.Errorf("mail.dkim_keys: %s: %w", file, err)
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// signer signs letters with the keys; nil when there are none.
func (s *Services) signer() (mail.Signer, error) {
	keys, err := s.keys()
	if err != nil || len(keys) == 0 {
		return nil, err
	}
	address := s.Config.Sender().Address
	return mail.NewDKIM(address[strings.LastIndexByte(address, '@')+1:], keys...)
}

// takeBounces is the mail server of the bounce domain, until ctx ends.
func (a *App) takeBounces(ctx context.Context) {
	c := a.Config
	if c.Bounces.Listen == "" || c.Bounces.Domain == "" {
		return
	}
	var lc net.ListenConfig
	at, err := lc.Listen(ctx, "tcp", c.Bounces.Listen)
	if err != nil {
		a.Log.Error("bounces are not taken", "error", err)
		return
	}
	secure, err := bounces.NewTLS(c.Bounces.TLSCertificate, c.Bounces.TLSKey, c.MailHello(), a.Log)
	if err != nil {
		a.Log.Error("bounces are taken without TLS", "error", err)
	}
	l := bounces.NewListener(a.Bounces, bounces.ListenerOptions{Domain: c.Bounces.Domain, Hello: c.MailHello(), TLS: secure,
		Unsubscribe: func(ctx context.Context, token string) error {
			_, err := a.Newsletters.Leave(ctx, token)
			return err
		}})
	if err := l.Serve(ctx, at); err != nil && ctx.Err() == nil {
		a.Log.Error("bounces are not taken", "error", err)
	}
}
