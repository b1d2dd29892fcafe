package newsletters

import (
	"bytes"
	"context"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/ads"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/readers"
)

// A weekday's letter is drafted ahead of its time, drafted anew at it, and sent once, however often anybody looks.
func TestTheScheduleSendsOnce(t *testing.T) {
	run(t, func(t *testing.T, d *desk) {
		anna := d.reader("anna@example.org")
		d.have(anna, "today", Choice{})
		d.publish("early", access.Open, monday.Add(time.Hour))
		d.set(time.Date(2026, 11, 24, 4, 30, 0, 0, time.UTC))
		d.tick()
		list := d.editionsOf("today")
		if len(list) != 1 || list[0].State != Draft || !strings.Contains(list[0].Source, "/articles/early") {
			t.Fatalf("drafted ahead: %+v", list)
		}
		d.publish("late", access.Open, d.clock().Add(time.Minute))
		d.set(time.Date(2026, 11, 24, 6, 0, 3, 0, time.UTC))
		for range 3 {
			d.tick()
		}
		list = d.editionsOf("today")
		if len(list) != 1 || list[0].State != Sending || list[0].Number != 1 || !strings.Contains(list[0].Source, "/articles/late") {
			t.Fatalf("at its time: %+v", list)
		}
		if s, err := d.Status(t.Context(), list[0].ID); err != nil || s.Total != 1 {
			t.Errorf("mailing %+v, %v", s, err)
		}
	})
}

// A stop over the time of a letter: what is a little late is sent, what is stale is not, and a day without anything to
// tell sends nothing.
func TestMissedTimes(t *testing.T) {
	for _, c := range []struct {
		name string
		at   time.Time
		news bool
		want int
	}{
		{"an hour late", time.Date(2026, 11, 24, 7, 0, 0, 0, time.UTC), true, 1},
		{"a morning late", time.Date(2026, 11, 24, 13, 0, 0, 0, time.UTC), true, 0},
		{"nothing to tell", time.Date(2026, 11, 24, 6, 0, 1, 0, time.UTC), false, 0},
		{"days late, and only the last", time.Date(2026, 11, 27, 6, 30, 0, 0, time.UTC), true, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := once(t)
			if c.news {
				d.publish("one", access.Open, c.at.Add(-3*time.Hour))
			}
			d.set(c.at)
			d.tick()
			d.tick()
			if list := d.editionsOf("today"); len(list) != c.want {
				t.Errorf("%d editions: %+v", len(list), list)
			}
		})
	}
}

// What waits for an editor is not sent by itself, and an edition that was edited is sent as it was edited.
func TestHoldAndApprove(t *testing.T) {
	d := once(t)
	d.change("free", "schedule=weekdays 06:00")
	d.publish("one", access.Open, monday.Add(time.Hour))
	d.set(time.Date(2026, 11, 24, 6, 1, 0, 0, time.UTC))
	d.tick()
	e := d.editionsOf("free")[0]
	if e.State != Draft {
		t.Fatalf("it went out by itself: %s", e.State)
	}
	must(t, d.Edit(t.Context(), e.ID, e.Version, sample))
	if err := d.Edit(t.Context(), e.ID, e.Version, sample); !fault.Is(err, fault.Conflict) {
		t.Errorf("overwritten: %v", err)
	}
	must(t, d.Approve(t.Context(), e.ID))
	d.tick()
	if e = d.edition(e.ID); e.State != Sending || e.Subject != "Insurers were told first" {
		t.Errorf("%+v", e)
	}
	if err := d.Send(t.Context(), e.ID); !fault.Is(err, fault.Conflict) {
		t.Errorf("sent twice: %v", err)
	}
}

// Each article by itself goes to who chose that, the daily letter to the others.
func TestAsPublished(t *testing.T) {
	d := once(t)
	anna, ben := d.reader("anna@example.org"), d.reader("ben@example.org")
	d.have(anna, "today", Choice{Pace: AsPublished})
	d.have(ben, "today", Choice{})
	d.pass(time.Hour)
	d.publish("one", access.Open, d.clock().Add(-time.Minute))
	d.tick()
	d.tick()
	list := d.editionsOf("today")
	if len(list) != 1 || !list[0].Instant || list[0].State != Sending || list[0].Number != 0 {
		t.Fatalf("%+v", list)
	}
	got := d.recipients(list[0], anna, ben)
	if got[anna].Skip != "" || got[ben].Skip != "another pace" {
		t.Errorf("%+v", got)
	}
}

// Who chose to have only what they follow gets those articles, or none.
func TestOnlyWhatIsFollowed(t *testing.T) {
	d := once(t)
	d.today()
	anna, ben := d.reader("anna@example.org"), d.reader("ben@example.org")
	must(t, d.Follows.Follow(t.Context(), anna, "topic", "trade"))
	for _, r := range []int64{anna, ben} {
		d.have(r, "today", Choice{Followed: true})
	}
	e := d.send(d.composed("today"))
	got := d.recipients(e, anna, ben)
	if got[anna].Letter == nil || got[ben].Skip != "nothing followed" {
		t.Errorf("%+v", got)
	}
	if text := d.letterOf(e, anna); strings.Contains(text, "The rest of metered") || !strings.Contains(text, "Title of metered-one") {
		t.Error("the copy of her own is cut wrong")
	}
}

// Nobody gets a mail who left, lost the standing, was banned or never asked.
func TestRecipientsAreChecked(t *testing.T) {
	run(t, func(t *testing.T, d *desk) {
		d.today()
		stays, leaves, lapses, never := d.subscriber("a@example.org"), d.subscriber("b@example.org"), d.subscriber("c@example.org"), d.reader("d@example.org")
		for _, r := range []int64{stays, leaves, lapses} {
			d.have(r, "daily-review", Choice{})
		}
		if err := d.Subscribe(t.Context(), never, Choice{Newsletter: d.newsletter("daily-review")}, "x", home); !fault.Is(err, fault.Denied) {
			t.Errorf("a reader has what is for subscribers: %v", err)
		}
		e := d.send(d.composed("daily-review"))
		if _, err := d.Leave(t.Context(), d.token(leave, leaves, e.Newsletter, e.ID)); err != nil {
			t.Fatal(err)
		}
		if _, err := d.plans.Revoke(t.Context(), lapses, "test"); err != nil {
			t.Fatal(err)
		}
		got := d.recipients(e, stays, leaves, lapses, never)
		for reader, want := range map[int64]string{stays: "", leaves: "unsubscribed", lapses: "no subscriber", never: "unsubscribed"} {
			if got[reader].Skip != want {
				t.Errorf("reader %d: %q, want %q", reader, got[reader].Skip, want)
			}
		}
		must(t, d.Readers.Delete(t.Context(), stays, "test"))
		if got := d.recipients(e, stays)[stays]; got.Skip != "unsubscribed" {
			t.Errorf("one who is gone: %+v", got)
		}
	})
}

// Clicks of people are counted; those of machines are told apart.
func TestClicksAreJudged(t *testing.T) {
	run(t, func(t *testing.T, d *desk) {
		e := d.send(d.sampled("free"))
		if _, err := d.Compile(t.Context(), d.mailing(e)); err != nil {
			t.Fatal(err)
		}
		follow := func(link, client string, machine bool) {
			t.Helper()
			if _, _, err := d.Follow(t.Context(), Click{Token: d.linkTo(e.ID, link, 0), Client: ads.Client{Program: client}, Machine: machine}); err != nil {
				t.Fatal(err)
			}
		}
		follow("1", "too early", false)
		d.pass(time.Minute)
		follow("3", "visitor", false) // to an article of ours
		follow("1", "visitor", false)
		follow("1", "person", false)
		follow("1", "person", false)
		follow("2", "person", false)
		follow("1", "head", true)
		follow("0", "trapped", false)
		follow("1", "trapped", false)
		for _, link := range []string{"1", "2", "3", "4", "5"} {
			follow(link, "hurries", false)
		}
		must(t, d.FlushClicks(t.Context(), false))
		d.pass(time.Minute)
		must(t, d.FlushClicks(t.Context(), false))
		r, err := d.Report(t.Context(), e.ID)
		must(t, err)
		for _, l := range r.Links {
			if strings.Contains(l.URL, "ruling") && (l.People != 2 || l.Machines != 4) || strings.Contains(l.URL, "chart") && (l.People != 1 || l.Machines != 1) {
				t.Errorf("%+v", l)
			}
		}
		if r.Results[Visited] != 1 {
			t.Errorf("visits %d: who went to others' pages alone is none", r.Results[Visited])
		}
	})
}

// Only what an edition led to is counted for it, once, and whoever leaves by an old mail leaves that one.
func TestLeavingIsCountedOnceForItsEdition(t *testing.T) {
	run(t, func(t *testing.T, d *desk) {
		anna := d.reader("anna@example.org")
		d.have(anna, "free", Choice{})
		first := d.send(d.sampled("free"))
		d.pass(time.Hour)
		d.publish("later", access.Open, d.clock().Add(-time.Minute))
		second := d.send(d.composed("free"))
		token := d.token(leave, anna, first.Newsletter, first.ID)
		var group sync.WaitGroup
		for range 5 {
			group.Go(func() {
				if n, err := d.Leave(context.Background(), token); err != nil || n.Slug != "free" {
					t.Errorf("%s, %v", n.Slug, err)
				}
			})
		}
		group.Wait()
		for e, want := range map[int64]int{first.ID: 1, second.ID: 0} {
			if r, err := d.Report(t.Context(), e); err != nil || r.Results[Left] != want {
				t.Errorf("edition %d: %+v, %v, want %d", e, r.Results, err, want)
			}
		}
	})
}

// What an edition led to stands in its report, and nothing for an edition that was not sent.
func TestResults(t *testing.T) {
	run(t, func(t *testing.T, d *desk) {
		e := d.send(d.sampled("free"))
		d.publish("later", access.Open, d.clock().Add(-time.Minute))
		draft := d.composed("today")
		for _, led := range []struct {
			edition int64
			result  Result
		}{{e.ID, Joined}, {e.ID, Joined}, {e.ID, Subscribed}, {draft.ID, Subscribed}, {999, Subscribed}} {
			must(t, d.Led(t.Context(), led.edition, led.result))
		}
		r, err := d.Report(t.Context(), e.ID)
		must(t, err)
		if want := map[Result]int{Joined: 2, Subscribed: 1}; !maps.Equal(r.Results, want) {
			t.Errorf("%v, want %v", r.Results, want)
		}
		must(t, d.Approve(t.Context(), draft.ID))
		must(t, d.Send(t.Context(), draft.ID))
		if r, err := d.Report(t.Context(), draft.ID); err != nil || len(r.Results) != 0 {
			t.Errorf("counted before it was sent: %v, %v", r.Results, err)
		}
	})
}

// An edition whose time comes while letters may not go out is held: said once, asked for again at a quiet pace, and
// sent when they may.
func TestHeldUntilLettersMayGoOut(t *testing.T) {
	run(t, func(t *testing.T, d *desk) {
		refusal, asked := error(fault.New(fault.Denied, "The doctor keeps letters from going out. spf: none.")), 0
		d.Ready = func(context.Context) error { asked++; return refusal }
		var said bytes.Buffer
		d.Log = slog.New(slog.NewTextHandler(&said, nil))
		d.publish("one", access.Open, monday.Add(time.Hour))
		d.set(time.Date(2026, 11, 24, 6, 0, 1, 0, time.UTC))
		for range 100 { // eight minutes
			d.tick()
			d.pass(tickEvery)
		}
		e := d.editionsOf("today")[0]
		if e.State != Held || !strings.Contains(e.Note, "spf: none") || e.Number != 0 {
			t.Fatalf("%+v", e)
		}
		if asked != 2 || strings.Count(said.String(), "\n") != 1 {
			t.Errorf("asked %d times, said %q", asked, said.String())
		}
		if err := d.Send(t.Context(), e.ID); !fault.Is(err, fault.Denied) {
			t.Errorf("sent by hand: %v", err)
		}
		refusal = nil
		d.pass(holdPause)
		d.tick()
		if e = d.edition(e.ID); e.State != Sending || e.Note != "" || e.Number != 1 {
			t.Errorf("once they may: %+v", e)
		}
	})
}

// What is held can be taken back by an editor, and goes stale like anything else.
func TestHeldIsNotForever(t *testing.T) {
	d := once(t)
	d.Ready = func(context.Context) error { return fault.New(fault.Denied, "spf: none.") }
	d.publish("one", access.Open, monday.Add(time.Hour))
	d.set(time.Date(2026, 11, 24, 6, 0, 1, 0, time.UTC))
	d.tick()
	e := d.editionsOf("today")[0]
	must(t, d.Reopen(t.Context(), e.ID))
	d.tick()
	if e = d.edition(e.ID); e.State != Draft || e.Note != "" {
		t.Errorf("taken back: %+v", e)
	}
	must(t, d.Approve(t.Context(), e.ID))
	must(t, d.Schedule(t.Context(), e.ID, d.clock().Add(holdPause)))
	d.pass(holdPause)
	d.tick()
	if e = d.edition(e.ID); e.State != Held {
		t.Fatalf("at another time: %+v", e)
	}
	d.pass(lateMost + time.Minute)
	d.Ready = nil
	d.tick()
	if e = d.edition(e.ID); e.State != Draft || !strings.Contains(e.Note, "Its time passed") || !strings.Contains(e.Note, "spf: none.") {
		t.Errorf("too late: %+v", e)
	}
	must(t, d.Approve(t.Context(), e.ID))
	if err := d.Schedule(t.Context(), e.ID, d.clock().Add(-time.Minute)); !fault.Is(err, fault.Invalid) {
		t.Errorf("a time that is past: %v", err)
	}
	must(t, d.Schedule(t.Context(), e.ID, d.clock().Add(time.Hour)))
	d.tick()
	if e = d.edition(e.ID); e.State != Approved {
		t.Fatalf("before its new time: %+v", e)
	}
	d.pass(time.Hour)
	d.tick()
	if e = d.edition(e.ID); e.State != Sending {
		t.Errorf("at its new time: %+v", e)
	}
}

// A token does what it is for, whatever the case of its letters, and nothing when it was changed.
func TestTokens(t *testing.T) {
	d := once(t)
	token := d.token(leave, 12, 3, 700)
	if r, of, ok := d.read(leave, strings.ToUpper(token), 2); !ok || r != 12 || !slices.Equal(of, []int64{3, 700}) {
		t.Errorf("%d, %d, %v", r, of, ok)
	}
	for _, bad := range []string{"", "x", token[1:], token + "0", strings.Repeat("0", 200), d.token(choose, 12, 3, 700), d.token(leave, 12, 3),
		d.token(leave, 12, 3, 700, 1), "é" + token} {
		if _, _, ok := d.read(leave, bad, 2); ok {
			t.Errorf("%q is taken", bad)
		}
	}
}

// What is kept of a reader goes with them.
func TestErase(t *testing.T) {
	run(t, func(t *testing.T, d *desk) {
		anna := d.reader("anna@example.org")
		d.have(anna, "today", Choice{Followed: true})
		must(t, d.SetLanguage(t.Context(), anna, "de"))
		if e, err := d.Readers.Export(t.Context(), anna); err != nil || len(e.Parts) != 1 || len(e.Parts[0].Data.([]exported)) != 2 {
			t.Errorf("%+v, %v", e.Parts, err)
		}
		must(t, d.Readers.Delete(t.Context(), anna, readers.Subject(anna)))
		if _, part, err := d.ExportReader(t.Context(), anna); err != nil || len(part.([]exported)) != 0 {
			t.Errorf("kept: %+v, %v", part, err)
		}
	})
}

// SpamAssassin, where it is installed, finds nothing to say against a letter, with its network tests off.
func TestSpamAssassin(t *testing.T) {
	program, err := exec.LookPath("spamassassin")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("spamassassin is not installed: scripts/need spamassassin")
		}
		t.Skip("letters are not scored here: Debian's spamassassin is not installed")
	}
	d := once(t)
	anna := d.reader("anna@example.org")
	d.have(anna, "free", Choice{})
	message := d.letterOf(d.send(d.sampled("free")), anna)
	c := exec.CommandContext(t.Context(), program, "-L", "-t")
	c.Stdin = strings.NewReader(message)
	out, err := c.Output()
	must(t, err)
	_, score, found := strings.Cut(string(out), "X-Spam-Status: ")
	if !found || !strings.HasPrefix(score, "No, ") {
		t.Fatalf("the verdict:\n%s", out)
	}
	_, score, _ = strings.Cut(score, "score=")
	if points, err := strconv.ParseFloat(strings.Fields(score)[0], 64); err != nil || points > 1.0 {
		t.Errorf("it scores %v, %v, want 1.0 at most:\n%s", points, err, out)
	}
}
