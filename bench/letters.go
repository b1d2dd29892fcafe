package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gatefold/gatefold/internal/mail/mailtest"
)

const (
	lettersSent = 100_000
	lettersMost = 1_000_000
	places      = 64 // connections to the sink, of the sender and of the bare client
)

// mailroom is the sink and what it saw.
type mailroom struct {
	sink  *mailtest.Sink
	taken atomic.Int64

	mu      sync.Mutex
	arrived []time.Duration // of sign-in mails, after they were asked for
}

func openMailroom() (*mailroom, error) {
	p := &mailroom{}
	var err error
	p.sink, err = mailtest.Serve("127.0.0.1:0", mailtest.Options{Taken: p.take})
	return p, err
}

func (p *mailroom) take(m mailtest.Mail) {
	p.taken.Add(1)
	asked, signIn := strings.CutPrefix(m.To, signInPrefix)
	if !signIn {
		return
	}
	asked, _, _ = strings.Cut(asked, "@")
	if nanos, err := strconv.ParseInt(asked, 10, 64); err == nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.arrived = append(p.arrived, time.Since(time.Unix(0, nanos)))
	}
}

// done is a child's work as seen from here.
type done struct {
	told
	cpu  time.Duration // of the child, for one mail
	rate float64       // mails a second
}

// work has a child do a task.
func work(ctx context.Context, t task) (done, error) {
	raw, err := json.Marshal(t)
	if err != nil {
		return done{}, err
	}
	self, err := os.Executable()
	if err != nil {
		return done{}, err
	}
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), taskEnv+"="+string(raw))
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	if err := cmd.Run(); err != nil {
		return done{}, fmt.Errorf("%s letters: %w", t.Role, err)
	}
	var d done
	if err := json.Unmarshal(out.Bytes(), &d.told); err != nil {
		return done{}, err
	}
	d.cpu = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()) / time.Duration(t.Recipients)
	d.rate = float64(t.Recipients) / d.Send
	return d, nil
}

// measureLetters sends one edition to a hundred thousand readers on both databases, each beside a bare client that
// sends as many mails of the same size to the same sink.
func measureLetters(ctx context.Context, s *stage) ([]row, error) {
	p, err := openMailroom()
	if err != nil {
		return nil, err
	}
	defer func() { _ = p.sink.Close() }()
	var rows []row
	databases, drop, err := s.letterDatabases(ctx)
	if err != nil {
		return nil, err
	}
	defer drop()
	for _, db := range databases {
		more, err := p.duel(ctx, db.name, db.url)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", db.name, err)
		}
		rows = append(rows, more...)
	}
	signed, err := p.signed(ctx, s.dir)
	if err != nil {
		return nil, err
	}
	return append(append(rows, p.signIns()...), signed...), nil
}

// duel sends through the ledger and without, in turns.
func (p *mailroom) duel(ctx context.Context, name, database string) ([]row, error) {
	bare := task{Role: "bare", Sink: p.sink.URL(), Recipients: lettersSent, Places: places}
	first, err := work(ctx, bare)
	if err != nil {
		return nil, err
	}
	ours, err := work(ctx, task{Role: "send", Sink: p.sink.URL(), Database: database, Recipients: lettersSent, Places: places, SignIns: true})
	if err != nil {
		return nil, err
	}
	second, err := work(ctx, bare)
	if err != nil {
		return nil, err
	}
	theirs := (first.rate + second.rate) / 2
	detail := fmt.Sprintf("%s mails of %s KB over %d connections: %s CPU a mail; bare client %s/s, %s CPU", figure(lettersSent),
		figure(float64(ours.Mail)/1e3), places, ours.cpu, figure(theirs), (first.cpu+second.cpu)/2)
	return []row{
		{what: "letters, " + name, value: ours.rate, unit: "/s", bar: 8000, detail: detail},
		{what: "letters, " + name + " / bare client", value: ours.rate / theirs, bar: 0.5},
		{what: "letters, enqueue, " + name, value: ours.Enqueue, unit: " s", bar: 3, atMost: true},
		{what: "letters, resident, " + name, value: ours.Resident, unit: " MB", bar: 100, atMost: true},
	}, nil
}

// signIns tells how long sign-in mails took while letters were sent.
func (p *mailroom) signIns() []row {
	p.mu.Lock()
	defer p.mu.Unlock()
	slices.Sort(p.arrived)
	if len(p.arrived) == 0 {
		return []row{{what: "sign-in mails during letters: none arrived", value: 99, unit: " s", bar: 2, atMost: true}}
	}
	return []row{{what: "sign-in mail during letters, slowest", value: p.arrived[len(p.arrived)-1].Seconds(), unit: " s", bar: 2, atMost: true,
		detail: fmt.Sprintf("%d mails, median %s", len(p.arrived), percentile(p.arrived, 0.5).Round(time.Millisecond))}}
}

// signed sends fewer letters with signatures of our own: what they cost is the signature.
func (p *mailroom) signed(ctx context.Context, dir string) ([]row, error) {
	const recipients = 5_000
	var rows []row
	for _, kind := range []string{"ed25519", "rsa"} {
		d, err := work(ctx, task{Role: "send", Sink: p.sink.URL(), Database: filepath.Join(dir, "letters-"+kind+".db"),
			Recipients: recipients, Places: places, DKIM: kind})
		if err != nil {
			return nil, err
		}
		rows = append(rows, row{what: "letters signed here, " + kind, value: d.rate, unit: "/s", bar: 0,
			detail: fmt.Sprintf("%s mails, %s CPU a mail", figure(recipients), d.cpu)})
	}
	return rows, nil
}

// measureMillion sends to a million readers and looks at the memory.
func measureMillion(ctx context.Context, s *stage) ([]row, error) {
	p, err := openMailroom()
	if err != nil {
		return nil, err
	}
	defer func() { _ = p.sink.Close() }()
	d, err := work(ctx, task{Role: "send", Sink: p.sink.URL(), Database: filepath.Join(s.dir, "million.db"), Recipients: lettersMost, Places: places})
	if err != nil {
		return nil, err
	}
	return []row{{what: "letters to 1,000,000, resident", value: d.Resident, unit: " MB", bar: 100, atMost: true,
		detail: fmt.Sprintf("%s/s, %s CPU a mail; enqueued in %.1f s", figure(d.rate), d.cpu, d.Enqueue)}}, nil
}
