package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	netmail "net/mail"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gatefold/gatefold/internal/mail"
	"github.com/gatefold/gatefold/internal/mailing"
	"github.com/gatefold/gatefold/internal/outbox"
	"github.com/gatefold/gatefold/internal/storage"
)

// The sender and the bare client run in processes of their own, so that memory and processor time are theirs alone.
// They are this program, started again with a task in its environment.
const taskEnv = "GATEFOLD_BENCH_LETTERS"

// task is what a child is to do.
type task struct {
	Role       string // "send" or "bare"
	Sink       string // mail.NewSMTP's URL
	Database   string
	Recipients int64
	Places     int
	DKIM       string // "" , "rsa" or "ed25519"
	SignIns    bool   // sign-in mails leave through the outbox meanwhile
}

// told is what a child says when it is done.
type told struct {
	Enqueue  float64 // seconds
	Send     float64
	Resident float64 // MB at the most
	Mail     int     // bytes of one mail
}

// child does a task and prints what it has to tell.
func child(ctx context.Context, raw string) error {
	var t task
	if err := json.Unmarshal([]byte(raw), &t); err != nil {
		return err
	}
	run := sendLetters
	if t.Role == "bare" {
		run = sendBare
	}
	result, err := run(ctx, t)
	if err != nil {
		return err
	}
	if result.Resident, err = residentMost(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}

// residentMost reads how much memory this process had at the most, in MB (proc(5), VmHWM).
func residentMost() (float64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 64)
			return kb / 1000, err
		}
	}
	return 0, errors.New("no VmHWM in /proc/self/status")
}

// sendLetters sends one edition as a node does.
func sendLetters(ctx context.Context, t task) (told, error) {
	db, err := storage.Open(ctx, t.Database, storage.Options{})
	if err != nil {
		return told{}, err
	}
	defer func() { _ = db.Close() }()
	if err := db.Migrate(ctx); err != nil {
		return told{}, err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	o := mailing.Options{Domain: "journal.example", Bounces: "bounces.journal.example", Places: t.Places, Log: log}
	if t.DKIM != "" {
		if o.Signer, err = benchSigner(t.DKIM); err != nil {
			return told{}, err
		}
	}
	letters, err := newEdition()
	if err != nil {
		return told{}, err
	}
	m, err := mailing.New(ctx, db, o)
	if err != nil {
		return told{}, err
	}
	began := time.Now()
	id, err := m.Start(ctx, mailing.Mailing{Edition: 1, Newsletter: "daily", UselessAfter: began.Add(24 * time.Hour)}, upTo(t.Recipients))
	if err != nil {
		return told{}, err
	}
	result := told{Enqueue: time.Since(began).Seconds()}
	mails, err := mail.NewSMTP(t.Sink, "journal.example", t.Places)
	if err != nil {
		return told{}, err
	}
	defer func() { _ = mails.Close() }()
	ctx, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	if t.SignIns {
		if err := signIns(ctx, &running, db, t.Sink); err != nil {
			return told{}, err
		}
	}
	began = time.Now()
	running.Go(func() { _ = m.Run(ctx, letters, mails) })
	status, err := waitFor(ctx, m, id)
	result.Send = time.Since(began).Seconds()
	result.Mail = letters.size()
	if err == nil && int64(status.Sent) != t.Recipients {
		err = fmt.Errorf("%d of %d mails were sent: %+v", status.Sent, t.Recipients, status)
	}
	return result, err
}

// waitFor waits until a mailing is finished. It asks seldom: counting is not what is measured.
func waitFor(ctx context.Context, m *mailing.Mailings, id int64) (mailing.Status, error) {
	for {
		state, err := m.State(ctx, id)
		if err != nil || state == mailing.Finished {
			s, later := m.Status(ctx, id)
			return s, errors.Join(err, later)
		}
		select {
		case <-ctx.Done():
			return mailing.Status{}, ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// upTo gives the readers 1 to n.
func upTo(n int64) mailing.Next {
	return func(_ context.Context, after int64, most int) ([]int64, error) {
		var list []int64
		for r := after + 1; r <= n && len(list) < most; r++ {
			list = append(list, r)
		}
		return list, nil
	}
}

// signIns sends a sign-in mail twice a second through the outbox. The moment it was asked for stands in its address.
func signIns(ctx context.Context, running *sync.WaitGroup, db *storage.DB, sink string) error {
	o, err := outbox.New(ctx, db, outbox.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	smtp, err := mail.NewSMTP(sink, "journal.example", 2)
	if err != nil {
		return err
	}
	running.Go(func() { _ = o.Run(ctx, letterbox{smtp}, 2); _ = smtp.Close() })
	running.Go(func() {
		for ctx.Err() == nil {
			to := fmt.Sprintf("%s%d@example.org", signInPrefix, time.Now().UnixNano())
			err := db.Write(ctx, func(tx *storage.DB) error {
				return o.Put(ctx, tx, outbox.Mail{To: to, Subject: "Sign in", Text: "Here.", Kind: "sign-in"})
			})
			if err != nil && ctx.Err() == nil {
				fmt.Fprintln(os.Stderr, "sign-in mail:", err)
			}
			o.Wake()
			time.Sleep(500 * time.Millisecond)
		}
	})
	return nil
}

const signInPrefix = "signin-"

// letterbox is what app makes of an SMTP client for the outbox.
type letterbox struct{ smtp *mail.SMTP }

// Send implements outbox.Sender.
func (b letterbox) Send(ctx context.Context, l outbox.Letter) error {
	from := netmail.Address{Address: "post@journal.example"}
	message, err := mail.Message{ID: l.MessageID, Date: l.Created, From: from, To: netmail.Address{Address: l.To},
		Subject: l.Subject, Text: l.Text}.Bytes()
	if err != nil {
		return err
	}
	return b.smtp.Send(ctx, from.Address, l.To, message)
}

// sendBare sends the same bytes to everyone, with the envelope's commands in one flight and nothing else: what this
// machine and sink allow.
func sendBare(ctx context.Context, t task) (told, error) {
	letters, err := newEdition()
	if err != nil {
		return told{}, err
	}
	message, err := letters.copies[0].Append(nil, mail.Personal{ID: "1@journal.example", Date: time.Now(),
		To: netmail.Address{Address: "r1@example.org"}, Values: valuesOf(1)})
	if err != nil {
		return told{}, err
	}
	u, err := url.Parse(t.Sink)
	if err != nil {
		return told{}, err
	}
	began := time.Now()
	errs := make(chan error, t.Places)
	for i := range t.Places {
		n := t.Recipients / int64(t.Places)
		if int64(i) < t.Recipients%int64(t.Places) {
			n++
		}
		go func() { errs <- bare(ctx, u.Host, append(message, ".\r\n"...), n) }()
	}
	for range t.Places {
		if err := <-errs; err != nil {
			return told{}, err
		}
	}
	return told{Send: time.Since(began).Seconds(), Mail: len(message)}, nil
}

// bare sends n mails over one connection.
func bare(ctx context.Context, address string, message []byte, n int64) error {
	c, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	r := bufio.NewReader(c)
	say := func(text []byte, answers int, code string) error {
		if _, err := c.Write(text); err != nil {
			return err
		}
		for range answers {
			line, err := r.ReadSlice('\n')
			for err == nil && len(line) > 3 && line[3] == '-' {
				line, err = r.ReadSlice('\n')
			}
			if err != nil {
				return err
			}
			if got := string(line[:min(3, len(line))]); got[0] != code[0] && got != "354" {
				return fmt.Errorf("it answered %s", line)
			}
		}
		return nil
	}
	if err := say(nil, 1, "220"); err != nil {
		return err
	}
	if err := say([]byte("EHLO bare\r\n"), 1, "250"); err != nil {
		return err
	}
	envelope := []byte("MAIL FROM:<b@journal.example>\r\nRCPT TO:<r1@example.org>\r\nDATA\r\n")
	for range n {
		if err := say(envelope, 3, "250"); err != nil {
			return err
		}
		if err := say(message, 1, "250"); err != nil {
			return err
		}
	}
	_, err = io.WriteString(c, "QUIT\r\n")
	return err
}
