package outbox

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/mail"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)} }

// sink is a Sender that keeps what it is given and answers as told.
type sink struct {
	mu      sync.Mutex
	letters []Letter
	answer  func(ctx context.Context, l Letter) error
}

func (s *sink) Send(ctx context.Context, l Letter) error {
	s.mu.Lock()
	s.letters = append(s.letters, l)
	s.mu.Unlock()
	if s.answer == nil {
		return nil
	}
	return s.answer(ctx, l)
}

func (s *sink) got() []Letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Letter(nil), s.letters...)
}

// refusal is what a mail server says that will not have a mail, now or ever.
func refusal(temporary bool) error {
	return &mail.ReplyError{Command: "RCPT", Code: 550, Temporary: temporary}
}

func open(t *testing.T, db *storage.DB, o Options) *Outbox {
	t.Helper()
	if o.Poll == 0 {
		o.Poll = 10 * time.Millisecond
	}
	o.Log = slog.New(slog.DiscardHandler)
	out, err := New(t.Context(), db, o)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func put(t *testing.T, o *Outbox, db *storage.DB, m Mail) {
	t.Helper()
	err := db.Write(t.Context(), func(tx *storage.DB) error { return o.Put(t.Context(), tx, m) })
	if err != nil {
		t.Fatal(err)
	}
	o.Wake()
}

func letter(to string) Mail {
	return Mail{To: to, Subject: "Sign in", Text: "a link", HTML: "<p>a link</p>", Kind: "sign-in", Links: []string{"https://j.example/confirm?token=x"}}
}

// start runs a worker and returns what stops it and waits.
func start(t *testing.T, o *Outbox, s Sender, places int) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := o.Run(ctx, s, places); err != nil {
			t.Error(err)
		}
	}()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return stop
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("never: %s", what)
}

func entry(t *testing.T, o *Outbox) Entry {
	t.Helper()
	es, err := o.List(t.Context(), 10, "")
	if err != nil || len(es) != 1 {
		t.Fatalf("outbox holds %d mails, %v, want 1", len(es), err)
	}
	return es[0]
}

func settled(t *testing.T, o *Outbox) func() bool {
	return func() bool { return !entry(t, o).Settled.IsZero() }
}

func TestSends(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		o, s := open(t, db, Options{Domain: "j.example", Poll: time.Hour}), &sink{}
		start(t, o, s, 2)
		time.Sleep(20 * time.Millisecond) // the worker rests, and its poll is an hour away: Wake must do it
		put(t, o, db, letter("anna@example.org"))
		eventually(t, "sent", settled(t, o))

		l := s.got()[0]
		if l.To != "anna@example.org" || l.Subject != "Sign in" || l.Text != "a link" || l.HTML != "<p>a link</p>" {
			t.Errorf("letter %+v", l)
		}
		if local, domain, _ := strings.Cut(l.MessageID, "@"); len(local) != 24 || domain != "j.example" {
			t.Errorf("Message-ID %q", l.MessageID)
		}
		e := entry(t, o)
		if e.State != Sent || e.Tries != 1 || e.Text != "" || e.HTML != "" || len(e.Links) != 0 {
			t.Errorf("a sent mail keeps its secrets: %+v", e)
		}
	})
}

func TestKeep(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		o := open(t, db, Options{Keep: true})
		start(t, o, &sink{}, 1)
		put(t, o, db, letter("anna@example.org"))
		eventually(t, "sent", settled(t, o))
		if e := entry(t, o); e.Text != "a link" || e.HTML == "" || len(e.Links) != 1 {
			t.Errorf("a kept mail lost something: %+v", e)
		}
	})
}

// What is put in a transaction that fails is never sent.
func TestPutWithTransaction(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		o := open(t, db, Options{})
		undone := errors.New("undone")
		err := db.Write(t.Context(), func(tx *storage.DB) error {
			return errors.Join(o.Put(t.Context(), tx, letter("anna@example.org")), undone)
		})
		if !errors.Is(err, undone) {
			t.Fatal(err)
		}
		if es, err := o.List(t.Context(), 10, ""); err != nil || len(es) != 0 {
			t.Fatalf("%d mails, %v", len(es), err)
		}
	})
}

func TestPutRefuses(t *testing.T) {
	db := storagetest.Open(t, storagetest.SQLite(t))
	o := open(t, db, Options{})
	for name, m := range map[string]Mail{
		"line break in recipient": {To: "a@example.org\r\nBcc: b@example.org", Subject: "s", Text: "t"},
		"line break in subject":   {To: "a@example.org", Subject: "s\nBcc: b@example.org", Text: "t"},
		"two recipients":          {To: "a@example.org, b@example.org", Subject: "s", Text: "t"},
		"no address":              {To: "anna", Subject: "s", Text: "t"},
		"no text":                 {To: "a@example.org", Subject: "s"},
	} {
		err := db.Write(t.Context(), func(tx *storage.DB) error { return o.Put(t.Context(), tx, m) })
		if err == nil {
			t.Errorf("%s: taken", name)
		} else if strings.Contains(err.Error(), "example.org") {
			t.Errorf("%s: the error repeats the address: %v", name, err)
		}
	}
}

func TestLastingRefusal(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		o := open(t, db, Options{})
		s := &sink{answer: func(context.Context, Letter) error { return refusal(false) }}
		start(t, o, s, 1)
		put(t, o, db, letter("nobody@example.org"))
		eventually(t, "failed", settled(t, o))
		if e := entry(t, o); e.State != Failed || e.Error != "refused RCPT: 550" || e.Text != "" {
			t.Errorf("%+v", e)
		}
		if n := len(s.got()); n != 1 {
			t.Errorf("tried %d times", n)
		}
	})
}

// Trouble that may pass is tried again after 1, 5, 15, 60 minutes, under one Message-ID, until the mail is of no use.
func TestTriesAgain(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		c := newClock()
		o := open(t, db, Options{Now: c.Now})
		s := &sink{answer: func(context.Context, Letter) error { return refusal(true) }}
		start(t, o, s, 1)
		m := letter("anna@example.org")
		m.UselessAfter = 2 * time.Hour
		put(t, o, db, m)
		for i, minutes := range []time.Duration{1, 5, 15, 60} {
			var e Entry
			eventually(t, "deferred", func() bool { e = entry(t, o); return e.Tries == i+1 && e.State == Queued })
			pause := e.Next.Sub(c.Now())
			if lo, hi := minutes*time.Minute*4/5, minutes*time.Minute*6/5; pause < lo || pause > hi {
				t.Errorf("pause %d is %v, want %v ± a fifth", i+1, pause, minutes*time.Minute)
			}
			c.add(pause - time.Second)
			time.Sleep(30 * time.Millisecond)
			if n := len(s.got()); n != i+1 {
				t.Fatalf("tried a second early: %d tries", n)
			}
			c.add(time.Second)
		}
		eventually(t, "given up", settled(t, o))
		if e := entry(t, o); e.State != Failed || !strings.HasPrefix(e.Error, "expired: ") {
			t.Errorf("%+v", e)
		}
		for _, l := range s.got() {
			if l.MessageID != s.got()[0].MessageID {
				t.Errorf("Message-IDs %q and %q", l.MessageID, s.got()[0].MessageID)
			}
		}
	})
}

// A mail that lay too long, as when the program was off, is not sent.
func TestUseless(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		c := newClock()
		o, s := open(t, db, Options{Now: c.Now}), &sink{}
		m := letter("anna@example.org")
		m.UselessAfter = 10 * time.Minute
		put(t, o, db, m)
		c.add(10 * time.Minute)
		start(t, o, s, 1)
		eventually(t, "given up", settled(t, o))
		if e := entry(t, o); e.State != Failed || len(s.got()) != 0 {
			t.Errorf("%+v, sent %d", e, len(s.got()))
		}
	})
}

// A withheld mail costs a row and is seen nowhere.
func TestWithheld(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		o, s := open(t, db, Options{}), &sink{}
		m := letter("banned@example.org")
		m.Withheld = true
		put(t, o, db, m)
		put(t, o, db, letter("anna@example.org"))
		start(t, o, s, 1)
		eventually(t, "sent", settled(t, o))
		time.Sleep(30 * time.Millisecond)
		if got := s.got(); len(got) != 1 || got[0].To != "anna@example.org" {
			t.Errorf("sent %+v", got)
		}
		var kept string
		err := db.QueryRow(t.Context(), `SELECT body_text || body_html || links FROM outbox WHERE state = 'withheld'`).Scan(&kept)
		if err != nil || kept != "[]" {
			t.Errorf("the row keeps %q, %v", kept, err)
		}
	})
}

func TestPanickingSender(t *testing.T) {
	db := storagetest.Open(t, storagetest.SQLite(t))
	o := open(t, db, Options{})
	start(t, o, &sink{answer: func(context.Context, Letter) error { panic("boom") }}, 1)
	put(t, o, db, letter("anna@example.org"))
	eventually(t, "deferred", func() bool { e := entry(t, o); return e.State == Queued && strings.Contains(e.Error, "boom") })
}

func TestListForgetErase(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		ctx, c := t.Context(), newClock()
		o := open(t, db, Options{Now: c.Now})
		stop := start(t, o, &sink{}, 1)
		put(t, o, db, letter("anna@example.org"))
		put(t, o, db, letter("ben@example.org"))
		eventually(t, "both sent", func() bool {
			es, _ := o.List(ctx, 10, "")
			return es[0].State == Sent && es[1].State == Sent
		})
		stop()
		c.add(time.Hour)
		put(t, o, db, letter("ben@example.org"))

		to := func(n int, recipient string) (tos []string) {
			es, err := o.List(ctx, n, recipient)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range es {
				tos = append(tos, e.To)
			}
			return tos
		}
		if got := strings.Join(to(2, ""), " "); got != "ben@example.org ben@example.org" {
			t.Errorf("the newest two: %s", got)
		}
		if got := strings.Join(to(9, "anna@example.org"), " "); got != "anna@example.org" {
			t.Errorf("to Anna: %s", got)
		}
		if err := o.Forget(ctx, c.Now().Add(-time.Minute)); err != nil {
			t.Fatal(err)
		}
		if e := entry(t, o); e.State != Queued {
			t.Errorf("forgot mail that was not sent: %+v", e)
		}
		err := db.Write(ctx, func(tx *storage.DB) error { return o.Erase(ctx, tx, "ben@example.org") })
		if err != nil || len(to(9, "")) != 0 {
			t.Errorf("erase left %v, %v", to(9, ""), err)
		}
	})
}

func TestBacklog(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		ctx, c := t.Context(), newClock()
		o := open(t, db, Options{Now: c.Now})
		expect := func(n int, oldest time.Duration) {
			t.Helper()
			if gotN, gotOldest, err := o.Backlog(ctx); gotN != n || gotOldest != oldest || err != nil {
				t.Errorf("backlog is %d, %s, %v; want %d, %s", gotN, gotOldest, err, n, oldest)
			}
		}
		expect(0, 0)
		put(t, o, db, letter("anna@example.org"))
		c.add(time.Minute)
		put(t, o, db, letter("ben@example.org"))
		held := letter("carl@example.org")
		held.Withheld = true
		put(t, o, db, held)
		c.add(time.Minute)
		expect(2, 2*time.Minute)
		start(t, o, &sink{}, 1)
		eventually(t, "both sent", func() bool { n, _, err := o.Backlog(ctx); return n == 0 && err == nil })
	})
}
