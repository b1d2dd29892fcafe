package readers

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

func TestSessionLifetimes(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		idle := k.enter(anna, Device{})
		k.pass(90*24*time.Hour - time.Second)
		if !k.signedIn(idle.Session) {
			t.Fatal("ended a second early")
		}
		for range 3 { // used now and then
			k.pass(89 * 24 * time.Hour)
			if !k.signedIn(idle.Session) {
				t.Fatal("a session in use ended")
			}
		}
		k.pass(90 * 24 * time.Hour)
		if k.signedIn(idle.Session) {
			t.Error("an unused session lives on")
		}
		old := k.enter(anna, Device{})
		for range 5 {
			k.pass(80*24*time.Hour - time.Minute)
			if !k.signedIn(old.Session) {
				t.Fatal("ended early")
			}
		}
		k.pass(6 * time.Minute)
		if k.signedIn(old.Session) {
			t.Error("a session lives for ever")
		}
	})
}

// The last visit is written at most once in ten minutes.
func TestSeen(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		e := k.enter(anna, Device{})
		entered := k.now()
		seen := func() time.Duration {
			list, err := k.Sessions(t.Context(), e.Reader.ID)
			if err != nil || len(list) != 1 {
				t.Fatal(list, err)
			}
			return list[0].Seen.Sub(entered)
		}
		for _, step := range []struct{ pass, want time.Duration }{
			{9 * time.Minute, 0}, {time.Minute, 10 * time.Minute}, {9 * time.Minute, 10 * time.Minute}, {2 * time.Minute, 21 * time.Minute},
		} {
			k.pass(step.pass)
			if !k.signedIn(e.Session) {
				t.Fatal("signed out")
			}
			if got := seen(); got != step.want {
				t.Errorf("%v after sign-in, last seen %v, want %v", k.now().Sub(entered), got, step.want)
			}
		}
	})
}

// The sixth device ends the one unused longest.
func TestDeviceLimit(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		var tokens []string
		for i := range 5 {
			k.pass(24 * time.Hour)
			tokens = append(tokens, k.enter(anna, Device{Agent: fmt.Sprintf("Firefox/%d", i)}).Session)
		}
		k.pass(time.Hour)
		if !k.signedIn(tokens[0]) { // the first is used: now the second is the one unused longest
			t.Fatal("signed out below the limit")
		}
		k.pass(24 * time.Hour)
		tokens = append(tokens, k.enter(anna, Device{}).Session)
		var in []bool
		for _, token := range tokens {
			in = append(in, k.signedIn(token))
		}
		if want := []bool{true, false, true, true, true, true}; !slices.Equal(in, want) {
			t.Errorf("signed in %v, want %v", in, want)
		}
	})
}

// Sign-ins at once stay within the limit, too.
func TestDeviceLimitAtOnce(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		r, err := k.Add(t.Context(), anna)
		if err != nil {
			t.Fatal(err)
		}
		var tokens []string
		for range 20 {
			link, err := k.SignInLink(t.Context(), r.ID, "", time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			tokens = append(tokens, link[len(link)-tokenLength:])
		}
		// The newest ended the older ones; here all are wanted.
		if _, err := execSQL(k, `UPDATE attempts SET ended = 0`); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for _, token := range tokens {
			wg.Go(func() {
				if _, err := k.UseLink(t.Context(), token, Device{}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := k.count("sessions"); n != 5 {
			t.Errorf("%d sessions", n)
		}
	})
}

// What ends sessions ends them at the next request on this node, though they were just believed, and on another node
// once the change log says so.
func TestEndings(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		for _, end := range []struct {
			name string
			keep bool // the second session stays
			do   func(e, other Entry) error
		}{
			{"sign out", true, func(e, _ Entry) error { return k.SignOut(ctx, e.Session) }},
			{"end one", true, func(e, _ Entry) error {
				s, err := k.Session(ctx, e.Session)
				if err != nil {
					return err
				}
				id, err := ParseSessionID(s.ID.String())
				if err != nil {
					return err
				}
				return k.EndSession(ctx, e.Reader.ID, id)
			}},
			{"end others", true, func(_, other Entry) error {
				s, err := k.Session(ctx, other.Session)
				if err != nil {
					return err
				}
				return k.EndOthers(ctx, other.Reader.ID, s.ID)
			}},
			{"ban", false, func(e, _ Entry) error { return k.Ban(ctx, e.Reader.ID, "test", "") }},
			{"staff", false, func(e, _ Entry) error { return k.SetStaff(ctx, e.Reader.ID, true, "test") }},
			{"delete", false, func(e, _ Entry) error { return k.Delete(ctx, e.Reader.ID, "test") }},
		} {
			address := fmt.Sprintf("%d@example.org", len(end.name))
			e, other := k.enter(address, Device{}), k.enter(address, Device{})
			if !k.signedIn(e.Session) || !k.signedIn(other.Session) {
				t.Fatal("not signed in")
			}
			changes := k.count("changes")
			if err := end.do(e, other); err != nil {
				t.Errorf("%s: %v", end.name, err)
			}
			if k.signedIn(e.Session) || k.signedIn(other.Session) != end.keep {
				t.Errorf("%s: signed in %v and %v", end.name, k.signedIn(e.Session), k.signedIn(other.Session))
			}
			if k.count("changes") != changes+1 {
				t.Errorf("%s: %d lines in the change log", end.name, k.count("changes")-changes)
			}
		}
	})
}

func TestOtherNode(t *testing.T) {
	for name, url := range map[string]func(testing.TB) string{"SQLite": storagetest.SQLite, "PostgreSQL": storagetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			at := url(t)
			a, b := open(t, storagetest.Open(t, at), Options{}), open(t, storagetest.Open(t, at), Options{})
			e := a.enter(anna, Device{})
			b.pass(a.now().Sub(b.now()))
			if !b.signedIn(e.Session) {
				t.Fatal("not signed in on the other node")
			}
			if err := a.SignOut(t.Context(), e.Session); err != nil {
				t.Fatal(err)
			}
			b.pass(believedFor)
			if b.signedIn(e.Session) {
				t.Error("believed for more than a minute")
			}
			again := a.enter(anna, Device{})
			b.pass(a.now().Sub(b.now()))
			if !b.signedIn(again.Session) {
				t.Fatal("not signed in on the other node")
			}
			if err := a.SignOut(t.Context(), again.Session); err != nil {
				t.Fatal(err)
			}
			b.Forget(again.Reader.ID) // as the change log tells it
			if b.signedIn(again.Session) {
				t.Error("signed in after the change log")
			}
		})
	}
}

// A session is its reader's alone to end.
func TestEndForeignSession(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		e, ben := k.enter(anna, Device{}), k.enter("ben@example.org", Device{})
		s, err := k.Session(t.Context(), e.Session)
		if err != nil {
			t.Fatal(err)
		}
		if err := k.EndSession(t.Context(), ben.Reader.ID, s.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("%v", err)
		}
		if !k.signedIn(e.Session) {
			t.Error("ended somebody else's session")
		}
		for _, bad := range []string{"", "x", s.ID.String() + "=", s.ID.String()[:42], s.ID.String()[:42] + "\n",
			s.ID.String() + s.ID.String()} {
			if _, err := ParseSessionID(bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("%q: %v", bad, err)
			}
		}
		// An id as shown in a form opens nothing.
		if k.signedIn(s.ID.String()) {
			t.Error("the id of a session signs in")
		}
	})
}

// A session that was read while it was being ended is not believed afterwards.
func TestCacheRace(t *testing.T) {
	c, now := newCache(), time.Unix(1, 0)
	s := Session{Reader: Reader{ID: 7}}
	mark := c.mark()
	c.forget(7) // between the read and the put
	c.put(digest{1}, s, now, mark)
	if _, ok := c.get(digest{1}, now); ok {
		t.Error("kept what was read before it ended")
	}
	c.put(digest{1}, s, now, c.mark())
	for _, tc := range []struct {
		at   time.Time
		want bool
	}{{now, true}, {now.Add(believedFor - 1), true}, {now.Add(believedFor), false}, {now.Add(-1), false}} {
		if _, ok := c.get(digest{1}, tc.at); ok != tc.want {
			t.Errorf("at %v: %v", tc.at, ok)
		}
	}
	c.put(digest{2}, Session{Reader: Reader{ID: 8}}, now, c.mark())
	c.forget(7)
	if _, ok := c.get(digest{1}, now); ok {
		t.Error("not forgotten")
	}
	if _, ok := c.get(digest{2}, now); !ok {
		t.Error("forgot another reader")
	}
	c.forget(0)
	if _, ok := c.get(digest{2}, now); ok || len(c.byID)+len(c.byReader) != 0 {
		t.Error("not all forgotten")
	}
}

func TestCacheIsBounded(t *testing.T) {
	c, now := newCache(), time.Unix(1, 0)
	id := func(i int) digest { return digest{byte(i), byte(i >> 8), byte(i >> 16)} }
	for i := range cacheLimit * 5 / 2 {
		at := now.Add(time.Duration(i) * time.Millisecond)
		c.put(id(i), Session{Reader: Reader{ID: int64(i)}}, at, c.mark())
		if _, ok := c.get(id(i), at); !ok {
			t.Fatalf("session %d is not kept", i)
		}
	}
	if len(c.byID) > cacheLimit || len(c.byReader) > cacheLimit {
		t.Errorf("%d sessions of %d readers", len(c.byID), len(c.byReader))
	}
}

// A believed session costs no memory: it is looked up in every request.
func TestSessionAllocates(t *testing.T) {
	db := storagetest.Open(t, storagetest.SQLite(t))
	k := open(t, db, Options{})
	e := k.enter(anna, Device{})
	ctx := t.Context()
	if n := testing.AllocsPerRun(200, func() {
		if _, err := k.Session(ctx, e.Session); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestAgentWords(t *testing.T) {
	for in, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                        "Firefox on Windows",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15":                      "Safari on Mac",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1": "Safari on iPhone",
		"Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/126.0 Mobile/15E148 Safari/604.1":           "Chrome on iPad",
		"Mozilla/5.0 (Linux; Android 14; SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0 Mobile Safari/537.36":  "Samsung Internet on Android",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 Edg/126.0":                   "Edge on Windows",
		"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36":                              "Chrome on Chromebook",
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/126.0 Safari/537.36":                               "Chrome on Linux",
		"curl/8.5.0":                "curl",
		"":                          "An unknown device",
		"<script>alert(1)</script>": "An unknown device",
		"Something (Linux; rare)":   "A browser on Linux",
	} {
		if got := AgentWords(in); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func BenchmarkSession(b *testing.B) {
	token := newToken()
	id, _ := digestOf(token)
	r := &Readers{sessions: newCache(), options: Options{Now: time.Now}}
	r.sessions.put(id, Session{}, time.Now().UTC(), r.sessions.mark())
	b.ReportAllocs()
	for b.Loop() {
		r.sessions.get(id, r.now())
	}
}
