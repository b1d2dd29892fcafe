package bounces

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/mail/bounce"
	"github.com/gatefold/gatefold/internal/mailing"
	"github.com/gatefold/gatefold/internal/storage"
)

var (
	unknown = bounce.Record{Kind: bounce.UserUnknown, Hard: true, Status: "5.1.1", ReplyCode: "550", Diagnostic: "550 5.1.1 no such user"}
	full    = bounce.Record{Kind: bounce.MailboxFull, Status: "5.2.2", Diagnostic: "552 5.2.2 over quota"}
	blocked = bounce.Record{Kind: bounce.Blocked, Status: "5.7.1", Diagnostic: "550 5.7.1 r1@example.org: your IP is on our block list"}
	spammed = bounce.Record{Kind: bounce.Complaint, Diagnostic: "feedback: abuse"}
	arrived = bounce.Record{Kind: bounce.Delivered}
)

// What one event of each kind does to its reader.
func TestOneEvent(t *testing.T) {
	for _, tc := range []struct {
		name   string
		record bounce.Record
		want   string
		marked string
	}{
		{"user unknown", unknown, "all", "7 1 no such user"},
		{"host unknown", bounce.Record{Kind: bounce.HostUnknown, Hard: true}, "all", "7 1 no such user"},
		{"host unknown for now", bounce.Record{Kind: bounce.HostUnknown}, "", "7 1 no such user"},
		{"complaint about a letter", spammed, "letters", ""},
		{"mailbox full", full, "", "7 1 mailbox full"},
		{"temporary", bounce.Record{Kind: bounce.Temporary}, "", "7 1 busy"},
		{"blocked", blocked, "", "7 1 policy"},
		{"spam", bounce.Record{Kind: bounce.Spam}, "", "7 1 policy"},
		{"auth", bounce.Record{Kind: bounce.Auth}, "", "7 1 policy"},
		{"filtered", bounce.Record{Kind: bounce.Filtered}, "", "7 1 content"},
		{"too big", bounce.Record{Kind: bounce.TooBig}, "", ""},
		{"delayed", bounce.Record{Kind: bounce.Temporary, Delayed: true}, "", ""},
		{"delivered", arrived, "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			run(t, func(t *testing.T, k *kit) {
				e := Event{Source: "ses", ID: "1", Token: "t1", Record: tc.record}
				if o := k.take(e); o.Suppressed != (tc.want != "") || !o.Attributed {
					t.Errorf("outcome %+v", o)
				}
				if got := k.suppressed("r1@example.org"); got != tc.want {
					t.Errorf("suppressed %q, want %q", got, tc.want)
				}
				if got := strings.Join(k.marked, ","); got != tc.marked {
					t.Errorf("the ledger was told %q, want %q", got, tc.marked)
				}
				if k.suppressed("r2@example.org") != "" {
					t.Error("another reader gets no mail")
				}
				before := len(k.marked) + len(k.mails()) + len(k.counts)
				if o := k.take(e); !o.Repeated || len(k.marked)+len(k.mails())+len(k.counts) != before {
					t.Errorf("the same again: %+v", o)
				}
			})
		})
	}
}

func TestAttribution(t *testing.T) {
	for _, tc := range []struct {
		name  string
		event Event
		want  string // whose mail ends
	}{
		{"the token before all else", Event{Token: "t1", MessageID: "t2@journal.example", Recipient: "r3@example.org"}, "r1@example.org"},
		{"the Message-ID before the recipient", Event{MessageID: "t2@journal.example", Recipient: "r3@example.org"}, "r2@example.org"},
		{"the recipient", Event{MessageID: "other@journal.example", Recipient: "R3+x@Example.org"}, "r3@example.org"},
		{"a recipient who is no reader", Event{Recipient: "stranger@example.net"}, "stranger@example.net"},
		{"nobody", Event{Token: "x", MessageID: "y", Recipient: "not an address"}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			run(t, func(t *testing.T, k *kit) {
				tc.event.Source, tc.event.ID, tc.event.Record = "ses", "1", unknown
				if o := k.take(tc.event); o.Attributed != (tc.want != "") {
					t.Errorf("outcome %+v", o)
				}
				for _, address := range []string{"r1@example.org", "r2@example.org", "r3@example.org", "stranger@example.net"} {
					if got := k.suppressed(address) == "all"; got != (address == tc.want) {
						t.Errorf("%s: %v", address, got)
					}
				}
			})
		})
	}
}

// Who moved to another address after the mail was sent, or is deleted, is not meant by what comes back.
func TestMovedAndGone(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		k.moved[1], k.gone[2] = k.clock.Add(-time.Minute), true
		k.moved[3] = k.clock.Add(-2 * time.Hour) // before the mail
		for i := range 3 {
			k.take(Event{Source: "ses", ID: fmt.Sprint(i), Token: fmt.Sprintf("t%d", i+1), Record: unknown})
		}
		if k.suppressed("r1@example.org") != "" || k.suppressed("r2@example.org") != "" || k.suppressed("r3@example.org") != "all" {
			t.Error("the wrong mailbox is suppressed")
		}
	})
}

// A complaint about mail that is no letter ends all mail: a stranger typed the address, or the sign-in mail is unwanted.
func TestComplaintAboutOtherMail(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		k.take(Event{Source: "ses", ID: "1", Recipient: "r1@example.org", Record: spammed})
		if got := k.suppressed("r1@example.org"); got != "all" {
			t.Errorf("suppressed %q", got)
		}
		k.take(Event{Source: "ses", ID: "2", Token: "t2", Record: spammed})
		k.take(Event{Source: "ses", ID: "3", Token: "t2", Record: unknown}) // the wider one takes over
		s, err := k.Bounces.Find(t.Context(), "r2@example.org")
		if err != nil || s.Scope != All || s.Reason != "user unknown" {
			t.Errorf("%+v, %v", s, err)
		}
		k.take(Event{Source: "ses", ID: "4", Token: "t2", Record: spammed}) // and stays
		if s, _ := k.Bounces.Find(t.Context(), "r2@example.org"); s.Scope != All || s.Reason != "user unknown" {
			t.Errorf("%+v", s)
		}
	})
}

func TestSoft(t *testing.T) {
	const day = 24 * time.Hour
	for _, tc := range []struct {
		name string
		days []int                // on which a mail failed
		also func(k *kit, at int) // before each
		want int                  // the index of the failure that ends the mail, -1 for none
	}{
		{"five over fourteen days", []int{0, 3, 6, 9, 14}, nil, 4},
		{"one more over thirteen", []int{0, 3, 6, 9, 12, 13}, nil, -1},
		{"every day", []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, nil, 14},
		{"four over a month", []int{0, 10, 20, 30}, nil, -1},
		{"a success between", []int{0, 3, 6, 9, 14}, func(k *kit, at int) {
			if at == 3 {
				k.take(Event{Source: "ses", ID: "ok", Token: "t1", Record: arrived})
			}
		}, -1},
		{"a letter that arrived between", []int{0, 3, 6, 9, 14}, func(k *kit, at int) {
			if at == 2 {
				k.last = k.clock.Add(-time.Hour)
			}
		}, -1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			run(t, func(t *testing.T, k *kit) {
				start, ended := k.clock, -1
				for i, d := range tc.days {
					k.clock = start.Add(time.Duration(d) * day)
					if tc.also != nil {
						tc.also(k, i)
					}
					k.wait(time.Minute)
					if o := k.take(Event{Source: "ses", ID: fmt.Sprint(i), Token: "t1", Record: full}); o.Suppressed && ended < 0 {
						ended = i
					}
				}
				if ended != tc.want || (k.suppressed("r1@example.org") == "all") != (tc.want >= 0) {
					t.Errorf("ended at %d, want %d", ended, tc.want)
				}
			})
		})
	}
}

// However many policy blocks there are, no reader is suppressed; the newsroom hears once a day; mail to the domain waits
// when several readers are refused, longer each time.
func TestPolicy(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		n := 0
		refuse := func(reader int) Outcome {
			n++
			return k.take(Event{Source: "ses", ID: fmt.Sprint(n), Token: fmt.Sprintf("t%d", reader), Record: blocked})
		}
		for range 30 {
			refuse(1) // one reader, whatever they send us, holds nothing up
		}
		if len(k.paused) != 0 || len(k.mails()) != 1 {
			t.Fatalf("paused %v, %d alerts", k.paused, len(k.mails()))
		}
		m := k.mails()[0]
		if m.To != "desk@journal.example" || m.Subject != "example.org refuses our mail: blocked" || !strings.Contains(m.Text, "block list") ||
			strings.Contains(m.Text, "r1@example.org") || !strings.Contains(m.Text, "gatefold doctor") {
			t.Errorf("alert %+v", m)
		}
		refuse(2)
		if o := refuse(3); o.Paused.Sub(k.clock) != time.Hour || o.Alerted {
			t.Errorf("the third reader: %+v", o)
		}
		if o := refuse(4); !o.Paused.IsZero() {
			t.Errorf("while it waits: %+v", o)
		}
		for _, want := range []time.Duration{2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 16 * time.Hour, 24 * time.Hour, 24 * time.Hour} {
			k.wait(25 * time.Hour)
			refuse(1)
			refuse(2)
			if o := refuse(3); o.Paused.Sub(k.clock) != want {
				t.Errorf("paused for %v, want %v", o.Paused.Sub(k.clock), want)
			}
		}
		if got := len(k.mails()); got != 7 {
			t.Errorf("%d alerts in 7 days", got)
		}
		for i := range 4 {
			if k.suppressed(fmt.Sprintf("r%d@example.org", i+1)) != "" {
				t.Errorf("reader %d gets no mail", i+1)
			}
		}
		if strings.Contains(strings.Join(k.paused, " "), "r1@") {
			t.Errorf("the pause names a reader: %v", k.paused)
		}
	})
}

func TestAlertsAreBounded(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		for i := range 30 {
			k.domain[int64(i+1)] = fmt.Sprintf("d%d.example", i)
			k.take(Event{Source: "ses", ID: fmt.Sprint(i), Token: fmt.Sprintf("t%d", i+1), Record: blocked})
		}
		if got := len(k.mails()); got != alertsMost {
			t.Errorf("%d alerts", got)
		}
	})
}

func TestRefused(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		refusal := func(reader int64, kind mailing.Kind, code int, enhanced, text string) {
			k.Refused(t.Context(), mailing.Refusal{Delivery: mailing.Delivery{Mailing: 7, Reader: reader}, Address: fmt.Sprintf("r%d@example.org", reader),
				Kind: kind, Code: code, Enhanced: enhanced, Text: text, At: k.clock})
		}
		refusal(1, mailing.NoSuchUser, 550, "5.1.1", "no such user")
		refusal(2, mailing.Policy, 554, "5.7.1", "blocked")
		refusal(3, mailing.Full, 552, "5.2.2", "mailbox full")
		refusal(4, mailing.Network, 0, "", "connection reset")
		refusal(5, mailing.Policy, 550, "5.7.1", "user unknown") // a policy in other words
		for i, want := range []string{"all", "", "", "", ""} {
			if got := k.suppressed(fmt.Sprintf("r%d@example.org", i+1)); got != want {
				t.Errorf("reader %d: %q, want %q", i+1, got, want)
			}
		}
		if len(k.marked) != 0 {
			t.Errorf("the ledger was told what it knew: %v", k.marked)
		}
		if got := strings.Join(k.counts, ","); got != "relay user unknown,relay blocked,relay mailbox full,relay blocked" {
			t.Error(got)
		}
	})
}

func TestTakeRefuses(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		for _, e := range []Event{{ID: "1"}, {Source: "ses"}} {
			if _, err := k.Take(t.Context(), e); err == nil {
				t.Errorf("%+v was taken", e)
			}
		}
		long := Event{Source: "ses", ID: strings.Repeat("x", 5000), Token: "t1", Record: unknown, At: k.clock.Add(99 * time.Hour)}
		if o := k.take(long); o.Repeated {
			t.Error("a long id is not new")
		}
		if o := k.take(long); !o.Repeated {
			t.Error("a long id is not known again")
		}
		var at int64
		if err := k.db.QueryRow(t.Context(), `SELECT at FROM bounces`).Scan(&at); err != nil || storage.Time(at).After(k.clock) {
			t.Errorf("kept as of %v, %v", storage.Time(at), err)
		}
		k.wait(keepBounces + time.Hour)
		if err := k.Cleanup(t.Context()); err != nil {
			t.Fatal(err)
		}
		if h, err := k.History(t.Context(), "r1@example.org", 9); err != nil || len(h) != 0 || k.suppressed("r1@example.org") != "all" {
			t.Errorf("after cleaning up: %v, %v", h, err)
		}
	})
}
