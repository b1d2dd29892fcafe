package app

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/doctor"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
)

// names answers what the doctor asks the network.
type names interface {
	doctor.Resolver
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

// openDoctor makes the doctor of this publication.
func (s *Services) openDoctor(n names) error {
	c := s.Config
	keys, err := s.keys()
	if err != nil {
		return err
	}
	address := c.Sender().Address
	o := doctor.Options{Sender: address[strings.LastIndexByte(address, '@')+1:], Bounces: c.Bounces.Domain, Listens: c.Bounces.Listen != "",
		Hooks: len(c.Bounces.SESTopics) > 0 || c.Bounces.MailgunKey != "" || c.Bounces.PostmarkPassword != "" || c.Bounces.SendGridKey != "",
		Keys:  keys, Probe: s.Bounces.Probe, Record: recordExamined, Now: s.now}
	if n != nil {
		o.Names, o.Dial = n, n.DialContext
	}
	if c.MailLeaves() {
		o.Relay = relayHost(c)
		o.Call = func(ctx context.Context) error {
			server, err := openServer(c, 1)
			if err != nil {
				return err
			}
			return errors.Join(server.Check(ctx), server.Close())
		}
	}
	s.Doctor = doctor.New(s.DB, o)
	return nil
}

// relayHost is the host that mail leaves through.
func relayHost(c config.Config) string {
	address := c.Mail.SMTPURL.Reveal()
	if c.Mail.SESRegion != "" {
		address = cmp.Or(c.Mail.SESEndpoint, "https://email."+c.Mail.SESRegion+".amazonaws.com")
	}
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

func recordExamined(ctx context.Context, tx *storage.DB, who, what, subject, after string) error {
	return readers.Record(ctx, tx, readers.Event{At: time.Now(), Who: who, What: what, Subject: subject, After: after})
}

// ready is what keeps letters from going out to all: the doctor's word, for a publication on the public internet. The
// demonstration, and one that is tried out over plain HTTP, have nobody to harm.
func (s *Services) ready(demo bool) func(context.Context) error {
	if demo || s.Config.Origin().Scheme != "https" {
		return nil
	}
	return s.Doctor.Ready
}

// examineEvery is how often a node looks whether an examination is due.
const examineEvery = time.Hour

// examine has the doctor look once a day. One node's examination serves all.
func (a *App) examine(ctx context.Context) {
	if a.ready(a.options.Demo) == nil {
		return
	}
	tick := time.NewTicker(examineEvery)
	defer tick.Stop()
	for {
		a.examineDue(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (a *App) examineDue(ctx context.Context) {
	due, err := a.Doctor.Due(ctx)
	if err == nil && due {
		var found []doctor.Finding
		found, err = a.Doctor.Examine(ctx)
		for _, f := range found {
			if f.Stops() {
				a.Log.Warn("the doctor keeps letters from going out", "check", f.Name, "finding", f.Finding, "remedy", f.Remedy)
			}
		}
	}
	if err != nil && ctx.Err() == nil {
		a.Log.Error("doctor", "error", err)
	}
}
