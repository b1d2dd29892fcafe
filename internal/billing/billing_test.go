package billing

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

var _ access.Entitlements = (*Billing)(nil)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// desk is a Billing with a clock that tests set.
type desk struct {
	*Billing
	now time.Time
}

func run(t *testing.T, f func(t *testing.T, d *desk)) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		d := &desk{now: noon}
		d.Billing = New(db, func() time.Time { return d.now })
		f(t, d)
	})
}

func (d *desk) grant(t *testing.T, reader int64, until time.Time, reason string) {
	t.Helper()
	if err := d.Grant(t.Context(), reader, AllAccess, until, reason); err != nil {
		t.Fatal(err)
	}
}

func (d *desk) active(t *testing.T, reader int64, at time.Time) access.Entitlement {
	t.Helper()
	e, err := d.Active(t.Context(), reader, at)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func (d *desk) all(t *testing.T, reader int64) []Subscription {
	t.Helper()
	all, err := d.Subscriptions(t.Context(), reader)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestGrantRunsUntilItsEndExclusive(t *testing.T) {
	run(t, func(t *testing.T, d *desk) {
		until := noon.AddDate(0, 1, 0)
		d.grant(t, 1, until, " a colleague ")
		entitled := access.Entitlement{Grant: access.BySubscription, Plan: "all-access", Until: until}
		for _, c := range []struct {
			name   string
			reader int64
			at     time.Time
			want   access.Entitlement
		}{
			{"before it was given", 1, noon.Add(-time.Microsecond), access.Entitlement{}},
			{"at once", 1, noon, entitled},
			{"to its last moment", 1, until.Add(-time.Microsecond), entitled},
			{"not at its end", 1, until, access.Entitlement{}},
			{"another reader", 2, noon, access.Entitlement{}},
		} {
			if have := d.active(t, c.reader, c.at); have != c.want {
				t.Errorf("%s: %+v, want %+v", c.name, have, c.want)
			}
		}
		s := d.all(t, 1)
		if len(s) != 1 || s[0].Reason != "a colleague" || s[0].Source != Complimentary || !s[0].Starts.Equal(noon) {
			t.Errorf("stored %+v", s)
		}
	})
}

func TestGrantAgainMovesTheEnd(t *testing.T) {
	for _, c := range []struct {
		name  string
		until time.Time
	}{
		{"later", noon.AddDate(1, 0, 0)},
		{"earlier", noon.AddDate(0, 0, 3)},
	} {
		t.Run(c.name, func(t *testing.T) {
			run(t, func(t *testing.T, d *desk) {
				d.grant(t, 1, noon.AddDate(0, 1, 0), "a month")
				d.now = noon.Add(time.Hour)
				d.grant(t, 1, c.until, "something else")
				s := d.all(t, 1)
				if len(s) != 1 || !s[0].Ends.Equal(c.until) || !s[0].Starts.Equal(noon) || s[0].Reason != "something else" {
					t.Errorf("stored %+v", s)
				}
				if have := d.active(t, 1, d.now); !have.Until.Equal(c.until) {
					t.Errorf("active %+v", have)
				}
			})
		})
	}
}

func TestGrantAfterTheEndIsAnotherSubscription(t *testing.T) {
	run(t, func(t *testing.T, d *desk) {
		first, second := noon.AddDate(0, 1, 0), noon.AddDate(0, 3, 0)
		d.grant(t, 1, first, "the first")
		d.now = first.AddDate(0, 1, 0)
		d.grant(t, 1, second, "the second")
		s := d.all(t, 1)
		if len(s) != 2 || s[0].Reason != "the second" || s[1].Reason != "the first" || !s[1].Ends.Equal(first) {
			t.Fatalf("stored %+v", s)
		}
		between := first.AddDate(0, 0, 10)
		if have := d.active(t, 1, between); have.Grant != access.None {
			t.Errorf("entitled in between: %+v", have)
		}
		if s[0].Runs(between) || s[1].Runs(between) || !s[0].Runs(d.now) || !s[1].Runs(noon) {
			t.Error("Runs disagrees with Active")
		}
	})
}

func TestGrantsAtOnceMakeOneSubscription(t *testing.T) {
	run(t, func(t *testing.T, d *desk) {
		var wg sync.WaitGroup
		for n := range 20 {
			wg.Go(func() {
				if err := d.Grant(t.Context(), 1, AllAccess, noon.AddDate(0, 0, n+1), "at once"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if s := d.all(t, 1); len(s) != 1 {
			t.Errorf("%d subscriptions, want 1", len(s))
		}
	})
}

func TestGrantRefuses(t *testing.T) {
	run(t, func(t *testing.T, d *desk) {
		later := noon.AddDate(0, 1, 0)
		for _, c := range []struct {
			name, plan, reason string
			until              time.Time
			field              string
		}{
			{"an unknown plan", "all-acces", "", later, "plan"},
			{"no plan", "", "", later, "plan"},
			{"no end", AllAccess, "", time.Time{}, "until"},
			{"an end that is now", AllAccess, "", noon, "until"},
			{"an end in the past", AllAccess, "", noon.Add(-time.Second), "until"},
			{"an endless reason", AllAccess, strings.Repeat("ä", reasonLimit+1), later, "reason"},
		} {
			err := d.Grant(t.Context(), 1, c.plan, c.until, c.reason)
			fe, ok := err.(*fault.Error)
			if !ok || fe.Kind != fault.Invalid || fe.Field != c.field {
				t.Errorf("%s: %v, want Invalid on %s", c.name, err, c.field)
			}
			if ok && c.field == "plan" && !(strings.Contains(fe.Text, `"`+c.plan+`"`) && strings.Contains(fe.Text, AllAccess)) {
				t.Errorf("%s: %q names neither what was asked for nor what there is", c.name, fe.Text)
			}
		}
		if s := d.all(t, 1); len(s) != 0 {
			t.Errorf("stored %+v", s)
		}
	})
}

// Of several subscriptions that run, the one ending last counts, and Revoke ends them all.
func TestSeveralSubscriptions(t *testing.T) {
	run(t, func(t *testing.T, d *desk) {
		long, short := noon.AddDate(1, 0, 0), noon.AddDate(0, 1, 0)
		d.grant(t, 1, short, "given")
		d.put(t, 1, "paid", noon.AddDate(0, 0, -1), long)
		d.put(t, 1, "paid earlier", noon.AddDate(-1, 0, 0), noon)
		d.grant(t, 2, long, "another reader's")
		if have := d.active(t, 1, noon); !have.Until.Equal(long) {
			t.Errorf("active until %s, want %s", have.Until, long)
		}
		d.now = noon.Add(time.Minute)
		if n, err := d.Revoke(t.Context(), 1, "asked for it"); n != 2 || err != nil {
			t.Errorf("revoked %d, %v; want 2", n, err)
		}
		if have := d.active(t, 1, d.now); have.Grant != access.None {
			t.Errorf("after Revoke: %+v", have)
		}
		if have := d.active(t, 1, noon); have.Grant != access.BySubscription {
			t.Error("what was, is forgotten")
		}
		if have := d.active(t, 2, d.now); !have.Until.Equal(long) {
			t.Errorf("another reader's became %+v", have)
		}
		if n, err := d.Revoke(t.Context(), 1, "again"); n != 0 || err != nil {
			t.Errorf("revoked %d, %v; want 0", n, err)
		}
		d.grant(t, 1, short, "and given back")
		if have := d.active(t, 1, d.now); !have.Until.Equal(short) {
			t.Errorf("granted after Revoke: %+v", have)
		}
	})
}

// put stores a subscription of a source that is yet to come.
func (d *desk) put(t *testing.T, reader int64, source string, starts, ends time.Time) {
	t.Helper()
	err := d.db.Write(t.Context(), func(tx *storage.DB) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO subscriptions (reader, plan, source, starts, ends, reason)
			VALUES ($1, $2, $3, $4, $5, '')`, reader, AllAccess, source, storage.Micros(starts), storage.Micros(ends))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestChangesAreToldAndRecorded(t *testing.T) {
	run(t, func(t *testing.T, d *desk) {
		ctx := context.Background()
		revoke := func(reason string) {
			if _, err := d.Revoke(ctx, 12, reason); err != nil {
				t.Fatal(err)
			}
		}
		revoke("there is nothing")
		d.grant(t, 12, noon.AddDate(0, 1, 0), "jury of the prize")
		d.grant(t, 12, noon.AddDate(0, 2, 0), "")
		revoke("left the jury")
		events, err := readers.Audit(ctx, d.db, "reader 12", 10)
		if err != nil {
			t.Fatal(err)
		}
		want := []readers.Event{
			{What: "revoke", Before: "complimentary all-access until 2027-01-23T12:00:00Z", After: "no subscription: left the jury"},
			{What: "grant", Before: "complimentary all-access until 2026-12-23T12:00:00Z",
				After: "complimentary all-access until 2027-01-23T12:00:00Z"},
			{What: "grant", Before: "no subscription",
				After: "complimentary all-access until 2026-12-23T12:00:00Z: jury of the prize"},
		}
		if len(events) != len(want) {
			t.Fatalf("%d events, want %d: %+v", len(events), len(want), events)
		}
		for n, e := range events {
			e.ID, want[n].At, want[n].Who, want[n].Subject = 0, noon, operator, "reader 12"
			if e != want[n] {
				t.Errorf("event %d: %+v\nwant %+v", n, e, want[n])
			}
		}
		changes := storagetest.Log(t, d.db)
		if len(changes) != 3 {
			t.Fatalf("%d changes, want 3", len(changes))
		}
		for _, c := range changes {
			if c.Kind != "reader" || c.Subject != 12 {
				t.Errorf("change %+v", c)
			}
		}
	})
}

func TestAClosedDatabaseEntitlesNobody(t *testing.T) {
	db := storagetest.Open(t, storagetest.SQLite(t))
	b := New(db, nil)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if e, err := b.Active(gone, 1, noon); err == nil || e != (access.Entitlement{}) {
		t.Errorf("%+v, %v", e, err)
	}
	if err := b.Grant(gone, 1, AllAccess, time.Now().Add(time.Hour), ""); err == nil {
		t.Error("Grant was answered as done")
	}
	if _, err := b.Revoke(gone, 1, ""); err == nil {
		t.Error("Revoke was answered as done")
	}
	if _, err := b.Subscriptions(gone, 1); err == nil {
		t.Error("Subscriptions were told")
	}
}
