package bounces

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/mailing"
	"github.com/gatefold/gatefold/internal/outbox"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// kit is an installation: readers 1 to 99 are r<id>@example.org, their tokens t<id>, all of mailing 7.
type kit struct {
	*Bounces
	t      *testing.T
	db     *storage.DB
	out    *outbox.Outbox
	mu     sync.Mutex
	clock  time.Time
	domain map[int64]string // readers elsewhere than at example.org
	moved  map[int64]time.Time
	gone   map[int64]bool
	last   time.Time // what LastSent says
	marked []string
	paused []string
	deeds  []string
	counts []string
}

func open(t *testing.T, db *storage.DB) *kit {
	t.Helper()
	out, err := outbox.New(t.Context(), db, outbox.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	k := &kit{t: t, db: db, out: out, clock: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		domain: map[int64]string{}, moved: map[int64]time.Time{}, gone: map[int64]bool{}}
	k.Bounces, err = New(t.Context(), db, out, Options{Contact: "desk@journal.example", Site: "The Journal", Canonical: canonical,
		Record: func(_ context.Context, _ *storage.DB, d Deed) error {
			k.deeds = append(k.deeds, d.Who+" "+d.What)
			return nil
		}, Count: func(source, kind string) { k.counts = append(k.counts, source+" "+kind) },
		Now: func() time.Time { k.mu.Lock(); defer k.mu.Unlock(); return k.clock }, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	k.Attach(k, k)
	return k
}

func run(t *testing.T, f func(t *testing.T, k *kit)) {
	t.Helper()
	storagetest.Run(t, func(t *testing.T, db *storage.DB) { f(t, open(t, db)) })
}

func canonical(address string) (typed, key string, err error) {
	local, domain, ok := strings.Cut(strings.ToLower(address), "@")
	if !ok || local == "" || domain == "" {
		return "", "", fault.New(fault.Invalid, "No address.")
	}
	local, _, _ = strings.Cut(local, "+")
	return address, local + "@" + domain, nil
}

func (k *kit) wait(d time.Duration) { k.mu.Lock(); k.clock = k.clock.Add(d); k.mu.Unlock() }

func (k *kit) Delivery(_ context.Context, token string) (mailing.Delivery, error) {
	var id int64
	if n, _ := fmt.Sscanf(token, "t%d", &id); n != 1 || id < 1 || id > 99 {
		return mailing.Delivery{}, fault.New(fault.NotFound, "No such mail.")
	}
	return mailing.Delivery{Mailing: 7, Reader: id, At: k.clock.Add(-time.Hour)}, nil
}

func (k *kit) Bounced(_ context.Context, m, reader int64, kind mailing.Kind, _ string) error {
	k.marked = append(k.marked, fmt.Sprint(m, " ", reader, " ", kind))
	return nil
}

func (k *kit) LastSent(context.Context, int64, time.Time) (time.Time, error) { return k.last, nil }

func (k *kit) PauseDomain(_ context.Context, domain string, until time.Time, reason string) error {
	k.paused = append(k.paused, fmt.Sprint(domain, " ", until.Sub(k.clock), " ", reason))
	return nil
}

func (k *kit) Person(_ context.Context, id int64) (Person, error) {
	if id < 1 || id > 99 || k.gone[id] {
		return Person{}, fault.New(fault.NotFound, "No such reader.")
	}
	domain := k.domain[id]
	if domain == "" {
		domain = "example.org"
	}
	address := fmt.Sprintf("r%d@%s", id, domain)
	return Person{ID: id, Address: address, Key: address, Since: k.moved[id]}, nil
}

func (k *kit) Find(ctx context.Context, address string) (Person, error) {
	_, key, _ := canonical(address)
	var id int64
	if n, _ := fmt.Sscanf(key, "r%d@", &id); n != 1 {
		return Person{}, fault.New(fault.NotFound, "No such reader.")
	}
	p, err := k.Person(ctx, id)
	if err != nil || p.Key != key {
		return Person{}, fault.New(fault.NotFound, "No such reader.")
	}
	return p, nil
}

// suppressed tells what mail an address does not get: "all", "letters" or "".
func (k *kit) suppressed(address string) string {
	k.t.Helper()
	_, key, _ := canonical(address)
	var all bool
	err := k.db.Write(k.t.Context(), func(tx *storage.DB) (err error) {
		all, err = k.Suppressed(k.t.Context(), tx, key)
		return err
	})
	if err != nil {
		k.t.Fatal(err)
	}
	some, err := k.SuppressedAmong(k.t.Context(), []string{"nobody@example.org", key})
	switch {
	case err != nil || some["nobody@example.org"]:
		k.t.Fatalf("%v, %v", some, err)
	case all != (all && some[key]):
		k.t.Fatal("a mailbox without mail gets letters")
	case all:
		return "all"
	case some[key]:
		return "letters"
	}
	return ""
}

func (k *kit) take(e Event) Outcome {
	k.t.Helper()
	o, err := k.Take(k.t.Context(), e)
	if err != nil {
		k.t.Fatal(err)
	}
	return o
}

func (k *kit) mails() []outbox.Entry {
	k.t.Helper()
	list, err := k.out.List(k.t.Context(), 100, "")
	if err != nil {
		k.t.Fatal(err)
	}
	return list
}
