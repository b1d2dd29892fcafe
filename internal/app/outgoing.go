package app

import (
	"context"
	"errors"
	netmail "net/mail"

	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/mail"
	"github.com/gatefold/gatefold/internal/outbox"
)

// openServer opens what mail leaves by, for so many mails at once: Amazon SES or a mail server.
func openServer(c config.Config, places int) (mail.Server, error) {
	if c.Mail.SESRegion != "" {
		return mail.NewSES(mail.SESOptions{Region: c.Mail.SESRegion, KeyID: c.Mail.SESKeyID, Secret: c.Mail.SESSecret.Reveal(),
			Endpoint: c.Mail.SESEndpoint, Connections: places})
	}
	return mail.NewSMTP(c.Mail.SMTPURL.Reveal(), c.MailHello(), places)
}

// postman takes letters of the outbox to the mail server. It implements outbox.Sender.
type postman struct {
	server  mail.Server
	from    netmail.Address
	replyTo netmail.Address
}

func newPostman(c config.Config) (*postman, error) {
	s, err := openServer(c, c.Mail.Concurrency)
	if err != nil {
		return nil, err
	}
	return &postman{server: s, from: c.Sender(), replyTo: c.ReplyTo()}, nil
}

// Send hands a letter to the server. The message is the same at every try, its id and date among it, so that a server
// or a mail program can tell a repeated delivery.
func (p *postman) Send(ctx context.Context, l outbox.Letter) error {
	message, err := mail.Message{
		ID: l.MessageID, Date: l.Created.UTC(), From: p.from, ReplyTo: p.replyTo, To: netmail.Address{Address: l.To},
		Subject: l.Subject, Text: l.Text, HTML: l.HTML,
	}.Bytes()
	if err != nil {
		return err
	}
	return p.server.Send(ctx, p.from.Address, l.To, message)
}

// Close says goodbye to the server.
func (p *postman) Close() error { return p.server.Close() }

// nobody is the sender of a publication without a mail server: letters wait until they are of no use any more.
type nobody struct{}

var errNoServer = errors.New("no mail server is configured (mail.smtp_url or mail.ses_region)")

// Send implements outbox.Sender.
func (nobody) Send(context.Context, outbox.Letter) error { return errNoServer }
