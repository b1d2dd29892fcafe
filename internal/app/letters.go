package app

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"

	"github.com/gatefold/gatefold/internal/mail"
	"github.com/gatefold/gatefold/internal/mailing"
	"github.com/gatefold/gatefold/internal/newsletters"
	"github.com/gatefold/gatefold/internal/outbox"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/web"
)

// openLetters opens what letters to many need: the ledger of their sending, and the newsletters themselves.
func (s *Services) openLetters(ctx context.Context, demo bool) (err error) {
	c := s.Config
	sign, err := s.signer()
	if err != nil {
		return err
	}
	s.Mailings, err = mailing.New(ctx, s.DB, mailing.Options{Domain: c.Origin().Hostname(), Bounces: c.Bounces.Domain, Refusals: s.Bounces, Signer: sign,
		Places: c.Mail.Concurrency, Drain: c.Server.ShutdownGrace, Now: s.now, Log: s.Log})
	if err != nil {
		return err
	}
	s.Bounces.Attach(s.Mailings, people{s.Readers})
	s.Newsletters, err = newsletters.New(ctx, s.DB, newsletters.Deps{
		Publication: newsletters.Publication{Name: c.Publication.Name, Tagline: c.Publication.Tagline, Origin: c.Publication.URL,
			Language: c.Publication.Language, Contact: c.Contact(), Postal: c.Publication.Postal, Accent: c.Publication.Accent,
			AccentDark: web.OnDark(c.Publication.Accent),
			From:       c.Sender(), ReplyTo: c.ReplyTo(), MailDomain: c.Bounces.Domain, Zone: c.Location()},
		Library: s.Library, Gate: s.Gate, Plans: s.Plans, Readers: s.Readers, Follows: s.Follows, Insights: s.Insights, Ads: s.Ads,
		Outbox: s.Outbox, Mailings: s.Mailings, Suppressed: s.Bounces, Ready: s.ready(demo), Now: s.now, Log: s.Log})
	if err != nil {
		return err
	}
	s.Readers.Attach([]readers.Exporter{s.Newsletters, s.Bounces}, []readers.Eraser{s.Newsletters, s.Bounces})
	return nil
}

// sendLetters works on the mailings that are under way. The demonstration without a mail server puts the letters where
// they can be looked at; a publication without one keeps them until there is.
func (a *App) sendLetters(ctx context.Context) {
	var s mailing.Sender
	switch c := a.Config; {
	case c.MailLeaves():
		client, err := openServer(c, c.Mail.Concurrency)
		if err != nil {
			a.Log.Error("letters are not sent", "error", err)
			return
		}
		defer func() { _ = client.Close() }()
		s = client
	case a.options.Demo:
		s = tray{a.Outbox, a.DB}
	default:
		return
	}
	_ = a.Mailings.Run(ctx, a.Newsletters, s) // its error is always nil
}

// tray is a mail server that puts every letter into the outbox, where the demonstration shows it.
type tray struct {
	outbox *outbox.Outbox
	db     *storage.DB
}

// Deliver implements mailing.Sender.
func (t tray) Deliver(ctx context.Context, p mail.Parcel) error {
	m, err := opened(p.Message)
	if err != nil {
		return err
	}
	m.To, m.Kind = p.To, "newsletter"
	if p.Before != nil {
		if err := p.Before(ctx); err != nil {
			return err
		}
	}
	return t.db.Write(ctx, func(tx *storage.DB) error { return t.outbox.Put(ctx, tx, m) })
}

// opened takes the words out of a letter as it goes over the wire.
func opened(message []byte) (m outbox.Mail, err error) {
	read, err := netmail.ReadMessage(bytes.NewReader(message))
	if err != nil {
		return m, fmt.Errorf("open a letter: %w", err)
	}
	if m.Subject, err = new(mime.WordDecoder).DecodeHeader(read.Header.Get("Subject")); err != nil {
		return m, fmt.Errorf("open a letter: %w", err)
	}
	_, params, err := mime.ParseMediaType(read.Header.Get("Content-Type"))
	if err != nil {
		return m, fmt.Errorf("open a letter: %w", err)
	}
	parts := multipart.NewReader(read.Body, params["boundary"])
	for _, into := range []*string{&m.Text, &m.HTML} { // in this order, as mail.CompileLetter writes them
		part, err := parts.NextRawPart()
		if err != nil {
			return m, fmt.Errorf("open a letter: %w", err)
		}
		b, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			return m, fmt.Errorf("open a letter: %w", err)
		}
		*into = string(b)
	}
	return m, nil
}
