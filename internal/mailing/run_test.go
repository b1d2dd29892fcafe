package mailing

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	netmail "net/mail"
	"sync"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/mail"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// readersTo gives the readers 1 to n.
func readersTo(n int64) Next {
	return func(_ context.Context, after int64, most int) ([]int64, error) {
		var list []int64
		for r := after + 1; r <= n && len(list) < most; r++ {
			list = append(list, r)
		}
		return list, nil
	}
}

// edition is a newsletter of one copy to readers whose addresses are r<id>@example.org.
type edition struct {
	letter *mail.Letter
	change func(*Recipient)
}

func newEdition(t testing.TB) *edition {
	t.Helper()
	e, err := compileEdition()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func compileEdition() (*edition, error) {
	letter, err := mail.CompileLetter(mail.LetterSource{
		From: netmail.Address{Name: "Gatefold", Address: "letters@journal.example"}, Subject: "Today",
		Text: "Read.\n\nLeave: https://journal.example/u/" + mail.Hole("leave") + "\n",
		HTML: "<p>Read.</p><p><a href=\"https://journal.example/u/" + mail.Hole("leave") + "\">Leave</a></p>",
		Headers: []mail.Header{{Name: "List-Unsubscribe", Value: "<https://journal.example/u/" + mail.Hole("leave") + ">"},
			{Name: "List-Unsubscribe-Post", Value: "List-Unsubscribe=One-Click"}},
	})
	return &edition{letter: letter}, err
}

func (e *edition) Compile(context.Context, Mailing) (Compiled, error) {
	return Compiled{Copies: []*mail.Letter{e.letter}}, nil
}

func (e *edition) Recipients(_ context.Context, _ Mailing, readers []int64) ([]Recipient, error) {
	list := make([]Recipient, 0, len(readers))
	for _, r := range readers {
		to := Recipient{Reader: r, Address: fmt.Sprintf("r%d@example.org", r), Values: map[string]string{"leave": fmt.Sprint("token", r)}}
		if e.change != nil {
			e.change(&to)
		}
		list = append(list, to)
	}
	return list, nil
}

// server takes mails, or says what answer says.
type server struct {
	mu     sync.Mutex
	took   map[string]int
	answer func(p mail.Parcel) error
}

func (s *server) Deliver(ctx context.Context, p mail.Parcel) error {
	if s.answer != nil {
		if err := s.answer(p); err != nil {
			return err
		}
	}
	if err := p.Before(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.took == nil {
		s.took = map[string]int{}
	}
	s.took[p.To]++
	return nil
}

func open(t testing.TB, db *storage.DB, o Options) *Mailings {
	t.Helper()
	o.Log = slog.New(slog.DiscardHandler)
	o.Poll = cmp.Or(o.Poll, 20*time.Millisecond)
	m, err := New(context.Background(), db, o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// start runs a worker until stop is called.
func start(t testing.TB, m *Mailings, l Letters, s Sender) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { _ = m.Run(ctx, l, s) })
	stop = func() { cancel(); done.Wait() }
	t.Cleanup(stop)
	return stop
}

// begin starts a mailing to the readers 1 to n.
func begin(t testing.TB, m *Mailings, n int64) int64 {
	t.Helper()
	id, err := m.Start(context.Background(), Mailing{Edition: 7, Newsletter: "daily", UselessAfter: time.Now().Add(time.Hour)}, readersTo(n))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// until waits for a status, as long as something moves.
func until(t testing.TB, m *Mailings, id int64, ok func(Status) bool) Status {
	t.Helper()
	var before [5]int
	for deadline := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		s, err := m.Status(context.Background(), id)
		if err != nil {
			t.Fatal(err)
		}
		if ok(s) {
			return s
		}
		if now := [...]int{s.Sent, s.Queued, s.Leased, s.Deferred, s.Unknown}; now != before {
			before, deadline = now, time.Now().Add(30*time.Second)
		}
		if time.Now().After(deadline) {
			t.Fatalf("it stays at %+v", s)
		}
	}
}

func TestEveryReaderHasOneMail(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		m, s := open(t, db, Options{}), &server{}
		start(t, m, newEdition(t), s)
		const n = 1203
		got := until(t, m, begin(t, m, n), Status.Done)
		if got.State != Finished || got.Sent != n || got.Total != n || got.Finished.IsZero() {
			t.Errorf("status %+v", got)
		}
		for r := range n {
			if to := fmt.Sprintf("r%d@example.org", r+1); s.took[to] != 1 {
				t.Errorf("%s had %d mails", to, s.took[to])
			}
		}
	})
}
