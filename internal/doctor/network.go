package doctor

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"time"
)

// relay asks whether the mail server is reached, with TLS where it has to be, and lets us in.
func (d *Doctor) relay(ctx context.Context) Finding {
	if d.o.Relay == "" || d.o.Call == nil {
		return Finding{State: Wrong, Finding: "No mail server is set.", Remedy: "Set mail.smtp_url, or mail.ses_region."}
	}
	if err := d.o.Call(ctx); err != nil {
		return Finding{State: Wrong, Finding: "The mail server is not reached: " + err.Error() + ".",
			Remedy: "See that mail.smtp_url is right, and that its certificate is valid for the host; or that the key of mail.ses_key_id may send."}
	}
	return Finding{State: Right, Finding: "The mail server " + d.o.Relay + " is reached and lets us in."}
}

// How far a clock may be off.
const (
	clockNote  = 5 * time.Second
	clockWrong = 2 * time.Minute // webhooks are believed within five minutes
)

// clock compares this machine's time with another's.
func (d *Doctor) clock(ctx context.Context) Finding {
	before := d.o.Now()
	there, err := d.o.Time(ctx)
	if err != nil {
		return Finding{State: Note, Finding: "The time could not be compared with that of " + TimeServer + ".", Remedy: "See that the clock of this machine is kept right."}
	}
	after := d.o.Now()
	off := before.Add(after.Sub(before) / 2).Sub(there)
	f := Finding{State: Right, Finding: fmt.Sprintf("The clock is off by %s.", off.Abs().Round(time.Millisecond))}
	switch {
	case off.Abs() >= clockWrong:
		f.State, f.Remedy = Wrong, "Have the clock of this machine kept right (NTP): signatures and sign-in links depend on it."
	case off.Abs() >= clockNote:
		f.State, f.Remedy = Note, "Have the clock of this machine kept right (NTP)."
	}
	return f
}

// TimeServer is asked for the time.
const TimeServer = "pool.ntp.org:123"

// askTime asks a server once (SNTP: RFC 4330, section 5).
func askTime(ctx context.Context, dial func(ctx context.Context, network, address string) (net.Conn, error), server string) (time.Time, error) {
	c, err := dial(ctx, "udp", server)
	if err != nil {
		return time.Time{}, err
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	packet := make([]byte, 48)
	packet[0] = 4<<3 | 3 // version 4, a client
	if _, err := c.Write(packet); err != nil {
		return time.Time{}, err
	}
	n, err := c.Read(packet)
	if err != nil {
		return time.Time{}, err
	}
	if n < 48 || packet[0]&7 != 4 || packet[1] == 0 || packet[1] > 15 {
		return time.Time{}, errors.New("no time in the answer")
	}
	const since1900 = 2208988800
	seconds, fraction := binary.BigEndian.Uint32(packet[40:]), binary.BigEndian.Uint32(packet[44:])
	return time.Unix(int64(seconds)-since1900, int64(uint64(fraction)*1e9>>32)), nil
}

// bounces asks the mail servers of the bounce domain whether they are ours, as whoever sends mail back would.
func (d *Doctor) bounces(ctx context.Context) Finding {
	switch {
	case d.o.Bounces != "" && d.o.Listens:
	case d.o.Hooks:
		return Finding{State: Right, Finding: "A provider tells of mail that came back."}
	default:
		return Finding{State: Wrong, Finding: "Nobody hears of mail that comes back.",
			Remedy: "Set bounces.domain and bounces.listen, or the secret of your provider's webhook."}
	}
	hosts, f := d.servers(ctx, d.o.Bounces)
	if f != nil {
		return *f
	}
	var last error
	for _, host := range hosts {
		if last = d.knock(ctx, host); last == nil {
			return Finding{State: Right, Finding: host + " takes mail to " + d.o.Bounces + " and hands it to this installation."}
		}
	}
	var refused *textproto.Error
	if errors.As(last, &refused) {
		return Finding{State: Wrong, Finding: fmt.Sprintf("The mail server of %s is not this installation's: it answers %d to its addresses.", d.o.Bounces, refused.Code),
			Remedy: "See that the server runs, and that the MX record of " + d.o.Bounces + " leads to bounces.listen."}
	}
	return Finding{State: Unseen, Finding: "The mail server of " + d.o.Bounces + " is not reached from here: " + last.Error() + ".",
		Remedy: "See that the server runs and that port 25 is open, also outward. Where your provider closes it outward, override this check."}
}

// knock offers a mail server a mail that ours alone takes, and leaves before it is sent.
func (d *Doctor) knock(ctx context.Context, host string) error {
	raw, err := d.o.Dial(ctx, "tcp", net.JoinHostPort(host, "25"))
	if err != nil {
		return err
	}
	defer func() { _ = raw.Close() }()
	if until, ok := ctx.Deadline(); ok {
		_ = raw.SetDeadline(until)
	}
	c := textproto.NewConn(raw)
	if _, _, err := c.ReadResponse(220); err != nil {
		return err
	}
	for _, line := range []string{"EHLO " + d.o.Sender, "MAIL FROM:<>", "RCPT TO:<" + d.o.Probe() + "@" + d.o.Bounces + ">"} {
		if err := c.PrintfLine("%s", line); err != nil {
			return err
		}
		if _, _, err := c.ReadResponse(250); err != nil {
			return err
		}
	}
	_ = c.PrintfLine("QUIT")
	return nil
}
