package mailing

import (
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

func TestWarmUpPlan(t *testing.T) {
	from := time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)
	w := WarmUp{From: from, Plan: []int{10, 20}}
	for _, tc := range []struct {
		after   time.Duration
		mails   int
		limited bool
	}{{-48 * time.Hour, 10, true}, {0, 10, true}, {8*time.Hour + 59*time.Minute, 10, true}, {9 * time.Hour, 20, true}, {33 * time.Hour, 0, false}} {
		if n, limited := w.allows(from.Add(tc.after)); n != tc.mails || limited != tc.limited {
			t.Errorf("after %s: %d, %v", tc.after, n, limited)
		}
	}
	if _, limited := (WarmUp{Plan: UsualPlan}).allows(from); limited {
		t.Error("a plan that never began limits")
	}
	for i := 1; i < len(UsualPlan); i++ {
		if UsualPlan[i] <= UsualPlan[i-1] {
			t.Errorf("day %d of the usual plan brings no more", i+1)
		}
	}
}

// No more leave on a day than the plan allows; the rest leaves on the next, and a mailing that takes exactly what the day
// allows is finished that day.
func TestWarmUp(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		c := &offset{}
		m := open(t, db, Options{Now: c.now, WarmUp: WarmUp{From: time.Now(), Plan: []int{30, 50, 100}}})
		s, ctx := &server{}, t.Context()
		start(t, m, newEdition(t), s)
		useless := time.Now().Add(96 * time.Hour)
		first, err := m.Start(ctx, Mailing{Edition: 1, UselessAfter: useless}, readersTo(30))
		if err != nil {
			t.Fatal(err)
		}
		if got := until(t, m, first, Status.Done); got.Sent != 30 {
			t.Errorf("%+v", got)
		}
		second, err := m.Start(ctx, Mailing{Edition: 2, UselessAfter: useless}, readersTo(60))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * m.options.Poll)
		if got, err := m.Status(ctx, second); err != nil || got.Sent != 0 || got.State != Running {
			t.Errorf("the day is used up: %+v, %v", got, err)
		}
		c.by.Store(int64(day))
		m.Wake()
		until(t, m, second, func(s Status) bool { return s.Sent == 50 })
		time.Sleep(3 * m.options.Poll)
		if got, err := m.Status(ctx, second); err != nil || got.Sent != 50 || got.Queued != 10 {
			t.Errorf("the second day: %+v, %v", got, err)
		}
		c.by.Store(int64(2 * day))
		m.Wake()
		if got := until(t, m, second, Status.Done); got.Sent != 60 {
			t.Errorf("the third day: %+v", got)
		}
	})
}
